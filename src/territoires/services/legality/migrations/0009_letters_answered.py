import django.db.models.deletion
import territoires.kernel.ids
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def come_by_the_channel_of_their_act(apps, schema):
    transmissions = apps.get_model('t_legality', 'Transmission').objects.filter(pk=OuterRef('transmission_id'))
    letters = apps.get_model('t_legality', 'StateLetter').objects
    letters.update(channel=Subquery(transmissions.values('channel')[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
        ('identity', '0004_person_certificates'),
        ('t_legality', '0008_preceding'),
    ]

    operations = [
        migrations.CreateModel(
            name='LetterReply',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=3)),
                ('state', models.CharField(choices=[('to_confirm', 'To be confirmed'), ('confirmed', 'Leaving'), ('sent', 'Sent'), ('acknowledged', 'Received at the prefecture'), ('refused', 'Refused'), ('abandoned', 'Given up')], default='to_confirm', max_length=12)),
                ('piece_type', models.CharField(blank=True, max_length=5)),
                ('prepared_by', models.UUIDField(null=True)),
                ('prepared_at', models.DateTimeField()),
                ('confirmed_by', models.UUIDField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('certificate', models.CharField(blank=True, max_length=64)),
                ('sent_at', models.DateTimeField(null=True)),
                ('received_on', models.DateField(null=True)),
                ('anomaly_detail', models.CharField(blank=True, max_length=1000)),
            ],
            options={
                'ordering': ['prepared_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ReplyFile',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='envelope',
            name='envelope_concerns',
        ),
        migrations.AddField(
            model_name='stateletter',
            name='channel',
            field=models.CharField(choices=[('actes-ministry', 'Direct to the ministry'), ('actes-s2low', 'Through an approved third party (S2LOW)')], default='', max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='stateletter',
            name='number',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='stateletter',
            name='settled_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='envelope',
            name='kind',
            field=models.CharField(choices=[('1-1', 'Act'), ('2-2', 'Simple Reply'), ('3-2', 'Receipt Of Request'), ('3-3', 'Pieces Refused'), ('3-4', 'Pieces Sent'), ('4-2', 'Receipt Of Observations'), ('4-3', 'Observations Rejected'), ('4-4', 'Observations Answered'), ('6-1', 'Cancellation'), ('7-1', 'Classification')], max_length=3),
        ),
        migrations.AddField(
            model_name='letterreply',
            name='answer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document'),
        ),
        migrations.AddField(
            model_name='letterreply',
            name='letter',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='t_legality.stateletter'),
        ),
        migrations.AddField(
            model_name='envelope',
            name='reply',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='envelope', to='t_legality.letterreply'),
        ),
        migrations.AddConstraint(
            model_name='envelope',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', '7-1'), ('reply', None), ('transmission', None)), models.Q(('kind__in', ['1-1', '6-1']), ('reply', None), ('transmission__isnull', False)), models.Q(('kind__in', ('2-2', '3-2', '3-3', '3-4', '4-2', '4-3', '4-4')), ('reply__isnull', False), ('transmission__isnull', False)), _connector='OR'), name='envelope_concerns'),
        ),
        migrations.AddField(
            model_name='replyfile',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document'),
        ),
        migrations.AddField(
            model_name='replyfile',
            name='reply',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='t_legality.letterreply'),
        ),
        migrations.AddConstraint(
            model_name='letterreply',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('to_confirm', 'confirmed', 'sent', 'acknowledged')), models.Q(('kind__in', ['3-2', '4-2']), _negated=True)), fields=('letter',), name='reply_one_live'),
        ),
        migrations.AddConstraint(
            model_name='letterreply',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['3-2', '4-2'])), fields=('letter', 'kind'), name='receipt_once'),
        ),
        migrations.AddConstraint(
            model_name='letterreply',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('2-2', '3-2', '3-3', '3-4', '4-2', '4-3', '4-4'))), name='reply_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='letterreply',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['to_confirm', 'confirmed', 'sent', 'acknowledged', 'refused', 'abandoned'])), name='reply_state_known'),
        ),
        migrations.AddConstraint(
            model_name='letterreply',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('confirmed', 'sent', 'acknowledged', 'refused')), _negated=True), ('kind__in', ['3-2', '4-2']), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('certificate', ''), _negated=True)), _connector='OR'), name='reply_confirmed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='replyfile',
            constraint=models.UniqueConstraint(fields=('reply', 'position'), name='reply_file_once'),
        ),
        migrations.RunPython(come_by_the_channel_of_their_act, migrations.RunPython.noop),
    ]
