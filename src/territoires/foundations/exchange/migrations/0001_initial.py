import django.db.models.deletion
import territoires.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('documents', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL('CREATE SEQUENCE exchange_parcel_position', 'DROP SEQUENCE exchange_parcel_position'),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.BigIntegerField(db_default=models.Func(models.Value('exchange_parcel_position'), function='nextval', output_field=models.BigIntegerField()), editable=False)),
                ('channel', models.CharField(max_length=60)),
                ('organisation_id', models.UUIDField()),
                ('key', models.CharField(max_length=200)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('subject_type', models.CharField(max_length=100)),
                ('subject_id', models.UUIDField()),
                ('matter', models.UUIDField(null=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Sending'), ('sent', 'Sent'), ('doubtful', 'Doubtful'), ('refused', 'Refused'), ('cancelled', 'Cancelled')], default='waiting', max_length=9)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('ready_at', models.DateTimeField(help_text='When it might leave at the earliest: its age is counted from here.')),
                ('due_at', models.DateTimeField(help_text='Not before; none means at once.', null=True)),
                ('lease', models.UUIDField(null=True)),
                ('leased_until', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=60)),
                ('detail', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'sending'])), fields=['channel', 'organisation_id', 'position'], name='parcel_queue'), models.Index(condition=models.Q(('state__in', ['waiting', 'sending', 'doubtful'])), fields=['state', 'ready_at'], name='parcel_unsettled')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'key'), name='parcel_key_once'), models.UniqueConstraint(condition=models.Q(('state', 'sending')), fields=('channel', 'organisation_id'), name='parcel_one_on_its_way'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'sent', 'doubtful', 'refused', 'cancelled'])), name='parcel_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'sending'), _negated=True), models.Q(('lease__isnull', False), ('leased_until__isnull', False)), _connector='OR'), name='parcel_sending_under_lease'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', False), ('state__in', ['sent', 'refused', 'cancelled'])), models.Q(('settled_at', None), ('state__in', ['waiting', 'sending', 'doubtful'])), _connector='OR'), name='parcel_settled_at_an_instant')],
            },
        ),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(max_length=60)),
                ('origin', models.CharField(max_length=300)),
                ('name', models.CharField(max_length=200)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('sha256', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('received', 'Received'), ('absorbed', 'Absorbed'), ('quarantined', 'Quarantined'), ('discarded', 'Discarded')], default='received', max_length=11)),
                ('received_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=60)),
                ('sentence', models.TextField(blank=True, help_text='The reason in words: a message id.')),
                ('params', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'received')), fields=['channel', 'id'], name='arrival_unread'), models.Index(condition=models.Q(('state', 'quarantined')), fields=['received_at'], name='arrival_quarantine'), models.Index(fields=['channel', 'origin'], name='arrival_origin')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'sha256', 'name'), name='arrival_once'), models.CheckConstraint(condition=models.Q(('state__in', ['received', 'absorbed', 'quarantined', 'discarded'])), name='arrival_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('state__in', ['received', 'absorbed'])), models.Q(('state__in', ['quarantined', 'discarded']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='arrival_set_aside_with_reason')],
            },
        ),
        migrations.CreateModel(
            name='Collection',
            fields=[
                ('channel', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('succeeded_at', models.DateTimeField(null=True)),
                ('failing_since', models.DateTimeField(null=True)),
                ('sentence', models.TextField(blank=True, help_text='The failure in words: a message id.')),
                ('params', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='Serial',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(max_length=60)),
                ('organisation_id', models.UUIDField()),
                ('day', models.DateField()),
                ('last', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('channel', 'organisation_id', 'day'), name='serial_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='SerialJump',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('by', models.PositiveIntegerField()),
            ],
        ),
    ]
