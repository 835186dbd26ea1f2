from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("t_legality", "0012_sent_versions")]

    operations = [
        migrations.AddField(
            model_name="act",
            name="part_of",
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
