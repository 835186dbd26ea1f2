import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0004_person_certificates'),
        ('t_legality', '0010_minutes'),
    ]

    operations = [
        migrations.AddField(
            model_name='signatory',
            name='asked',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person'),
        ),
    ]
