from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('t_procurement', '0012_two_stages'),
    ]

    operations = [
        migrations.AddField(
            model_name='subcontract',
            name='duration_months',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='subcontract',
            name='price_variation',
            field=models.CharField(blank=True, choices=[('firm', 'firm: it does not change'), ('adjusted', 'adjusted once, when the work begins'), ('revised', 'revised as the work goes on')], default='', max_length=8),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name='subcontract',
            constraint=models.CheckConstraint(condition=models.Q(('price_variation__in', ['', 'firm', 'adjusted', 'revised'])), name='subcontract_variation_known'),
        ),
    ]
