from django.db import migrations


class Migration(migrations.Migration):
    """Why each failed job failed. No foreign key: Procrastinate's table is not ours to bind."""

    dependencies = [("registry", "0001_cache")]
    operations = [
        migrations.RunSQL(
            "CREATE TABLE registry_failedjob ("
            " job bigint PRIMARY KEY, reason text NOT NULL, at timestamptz NOT NULL)",
            "DROP TABLE registry_failedjob",
        )
    ]
