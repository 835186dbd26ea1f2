import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("t_legality", "0011_signatories_asked")]

    operations = [
        migrations.CreateModel(
            name="SentVersion",
            fields=[
                (
                    "transmission",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="sent_version",
                        serialize=False,
                        to="t_legality.transmission",
                    ),
                ),
                ("act", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("annexes", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("signatories", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
            ],
        ),
    ]
