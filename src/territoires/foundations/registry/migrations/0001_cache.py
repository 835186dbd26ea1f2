from django.db import migrations


class Migration(migrations.Migration):
    """The table of the shared cache (settings.CACHES), which Django makes by a command and not by a migration."""

    initial = True
    dependencies: list = []
    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE IF NOT EXISTS registry_cache (
                cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
            CREATE INDEX IF NOT EXISTS registry_cache_expires ON registry_cache (expires);
            """,
            "DROP TABLE registry_cache",
        )
    ]
