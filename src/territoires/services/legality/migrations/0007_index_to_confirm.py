from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("t_legality", "0006_history")]

    operations = [
        migrations.AddIndex(
            model_name="transmission",
            index=models.Index(
                condition=models.Q(("state", "to_confirm")),
                fields=["organisation", "prepared_at"],
                name="transmission_to_confirm",
            ),
        ),
    ]
