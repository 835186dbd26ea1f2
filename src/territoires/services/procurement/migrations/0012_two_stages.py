from django.db import migrations, models


def _keep_two(apps, schema_editor):
    """Until now every concession had two stages."""
    apps.get_model("t_procurement", "Consultation").objects.filter(procedure="concession").update(is_two_stage=True)


class Migration(migrations.Migration):

    dependencies = [
        ('t_procurement', '0011_safety_copies'),
    ]

    operations = [
        migrations.AddField(
            model_name='consultation',
            name='is_two_stage',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(_keep_two, migrations.RunPython.noop),
    ]
