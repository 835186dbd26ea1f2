import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
        ('identity', '0004_person_certificates'),
        ('t_legality', '0009_letters_answered'),
    ]

    operations = [
        migrations.AddField(
            model_name='sitting',
            name='minutes_adopted_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='sitting',
            name='minutes_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='sitting',
            name='minutes_file',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document'),
        ),
        migrations.AddConstraint(
            model_name='sitting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('minutes_adopted_on', None), ('minutes_at', None), ('minutes_file', None)), models.Q(('minutes_adopted_on__gte', models.F('held_on')), ('minutes_at__isnull', False), ('minutes_file__isnull', False)), _connector='OR'), name='sitting_minutes_whole'),
        ),
    ]
