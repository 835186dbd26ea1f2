import django.db.models.deletion
from django.db import migrations, models

import territoires.kernel.ids


class Migration(migrations.Migration):

    dependencies = [
        ('t_procurement', '0016_destruction'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeclinedRelease',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=2000)),
                ('declined_at', models.DateTimeField()),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='declined', to='t_procurement.openingorder')),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.holderkey')),
            ],
            options={
                'ordering': ['declined_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('order', 'holder'), name='declined_once'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='declined_with_reason'),
                ],
            },
        ),
    ]
