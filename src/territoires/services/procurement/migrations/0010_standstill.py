from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("t_procurement", "0009_terms")]

    operations = [
        migrations.AddField(
            model_name="consultation",
            name="keeps_standstill",
            field=models.BooleanField(default=False),
        ),
    ]
