import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
        ('identity', '0004_person_certificates'),
        ('t_legality', '0007_index_to_confirm'),
    ]

    operations = [
        migrations.AddField(
            model_name='act',
            name='preceding',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='following', to='t_legality.act'),
        ),
        migrations.AddField(
            model_name='act',
            name='preceding_link',
            field=models.CharField(blank=True, choices=[('modifies', 'It modifies it'), ('repeals', 'It repeals it'), ('completes', 'It completes it')], max_length=10),
        ),
        migrations.AddField(
            model_name='transmission',
            name='preceding',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddConstraint(
            model_name='act',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('preceding', None), ('preceding_link', '')), models.Q(('preceding__isnull', False), ('preceding_link__in', ('modifies', 'repeals', 'completes')), models.Q(('preceding', models.F('id')), _negated=True)), _connector='OR'), name='act_preceding_with_its_link'),
        ),
    ]
