import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("t_procurement", "0012_package_state")]

    operations = [
        migrations.CreateModel(
            name="EspdAnswer",
            fields=[
                (
                    "draft",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="espd",
                        serialize=False,
                        to="t_procurement.biddraft",
                    ),
                ),
                ("request", models.BinaryField(default=bytes)),
                ("answers", models.JSONField(default=dict)),
                ("is_written", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField()),
            ],
        ),
    ]
