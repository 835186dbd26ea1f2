"""A mandate may be limited to some services, and keep the file of its instrument (which tells its digest)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("identity", "0002_ended_at")]

    operations = [
        migrations.AddField(
            "mandate",
            "scope",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=40), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            "mandate",
            "document",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.document",
            ),
        ),
        migrations.RemoveField("mandate", "instrument_digest"),
    ]
