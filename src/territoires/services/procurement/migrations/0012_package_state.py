from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("t_procurement", "0011_two_stages")]

    operations = [
        migrations.AddField(
            "package",
            "state",
            models.CharField(
                choices=[("reading", "Being verified"), ("kept", "Kept"), ("refused", "Package refused")],
                default="kept",
                max_length=8,
            ),
        ),
        migrations.AddField("package", "fault", models.JSONField(default=dict)),
        migrations.AlterField(
            "package",
            "origin",
            models.CharField(
                choices=[
                    ("made", "made here, at the end of the procedure"),
                    ("former", "procedure file of another platform, sealed as it came"),
                    ("brought", "package brought back"),
                ],
                max_length=7,
            ),
        ),
        migrations.RemoveConstraint("package", "package_once"),
        migrations.AddConstraint(
            "package",
            models.UniqueConstraint(
                fields=["organisation", "sha256"], condition=~Q(state="refused"), name="package_once"
            ),
        ),
        migrations.AddConstraint(
            "package",
            models.CheckConstraint(
                condition=Q(state__in=["reading", "kept", "refused"]), name="package_state_known"
            ),
        ),
    ]
