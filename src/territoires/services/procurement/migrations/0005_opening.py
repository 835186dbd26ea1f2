from __future__ import annotations

import django.db.models.deletion
import territoires.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('documents', '0001_initial'),
        ('identity', '0004_person_certificates'),
        ('t_procurement', '0004_bids'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustodianKey',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('suite', models.PositiveSmallIntegerField()),
                ('public_key', models.BinaryField()),
                ('for_recovery', models.BooleanField(default=False)),
                ('imported_at', models.DateTimeField()),
                ('drawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('drawn_at', None)), fields=['imported_at', 'id'], name='custodian_stock')],
                'constraints': [models.UniqueConstraint(fields=('public_key',), name='custodian_key_once'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='custodian_named')],
            },
        ),
        migrations.CreateModel(
            name='HolderKey',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('role', models.CharField(choices=[('officer', 'opening officer'), ('custodian', 'custodian')], max_length=9)),
                ('name', models.CharField(max_length=200)),
                ('suite', models.PositiveSmallIntegerField()),
                ('public_key', models.BinaryField()),
                ('accepted_at', models.DateTimeField()),
                ('tried_at', models.DateTimeField(null=True)),
                ('left_at', models.DateTimeField(null=True)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holders', to='t_procurement.consultation')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'ordering': ['-role', 'accepted_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='KeySlot',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('passkey', 'passkey'), ('recovery', 'recovery words on paper'), ('passphrase', 'pass-phrase')], max_length=10)),
                ('document', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='t_procurement.holderkey')),
            ],
            options={
                'ordering': ['made_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='OpeningOrder',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('envelope', models.CharField(choices=[('candidature', 'candidature'), ('tender', 'tender')], max_length=11)),
                ('state', models.CharField(choices=[('asked', 'Being prepared'), ('ready', 'Waiting for the officers'), ('opening', 'Being opened'), ('opened', 'Opened'), ('lost', 'Interrupted'), ('cancelled', 'Given up')], default='asked', max_length=9)),
                ('asked_at', models.DateTimeField()),
                ('session', models.BinaryField(null=True)),
                ('document', models.BinaryField(null=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('ready_at', models.DateTimeField(null=True)),
                ('time_refusal', models.CharField(blank=True, max_length=500)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_reason', models.CharField(blank=True, max_length=2000)),
                ('antivirus', models.CharField(blank=True, max_length=100)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='t_procurement.consultation')),
            ],
            options={
                'ordering': ['asked_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='OpenedFile',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('envelope', models.CharField(choices=[('candidature', 'candidature'), ('tender', 'tender')], max_length=11)),
                ('position', models.PositiveIntegerField()),
                ('name', models.CharField(blank=True, max_length=255)),
                ('media_type', models.CharField(blank=True, max_length=255)),
                ('size', models.BigIntegerField(default=0)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('verdict', models.CharField(choices=[('clear', 'opened'), ('unreadable', 'unreadable'), ('infected', 'infected')], max_length=10)),
                ('fault', models.CharField(blank=True, max_length=500)),
                ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opened_files', to='t_procurement.deposit')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.lot')),
                ('sealed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.sealedfile')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='t_procurement.openingorder')),
            ],
            options={
                'ordering': ['deposit', 'position'],
            },
        ),
        migrations.CreateModel(
            name='OpenedBlock',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('master', models.BinaryField(null=True)),
                ('fault', models.CharField(blank=True, max_length=500)),
                ('block', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.sealedblock')),
                ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opened_blocks', to='t_procurement.deposit')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to='t_procurement.openingorder')),
            ],
        ),
        migrations.CreateModel(
            name='Minutes',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('language', models.CharField(max_length=2)),
                ('sha256', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='minutes', to='t_procurement.openingorder')),
            ],
        ),
        migrations.CreateModel(
            name='HolderRelease',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('document', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('token', models.BinaryField(null=True)),
                ('received_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=500)),
                ('brought_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('holder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.holderkey')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='releases', to='t_procurement.openingorder')),
            ],
            options={
                'ordering': ['received_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ExcludedDeposit',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=12)),
                ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.deposit')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='excluded', to='t_procurement.openingorder')),
            ],
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('version', models.PositiveSmallIntegerField()),
                ('document', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('deadline_at', models.DateTimeField()),
                ('made_at', models.DateTimeField()),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='t_procurement.consultation')),
            ],
            options={
                'ordering': ['round', 'version'],
            },
        ),
        migrations.AddField(
            model_name='openingorder',
            name='policy',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.policyversion'),
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('capacity', models.CharField(blank=True, max_length=200)),
                ('noted_at', models.DateTimeField()),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presences', to='t_procurement.openingorder')),
            ],
            options={
                'ordering': ['noted_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Quorum',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('threshold', models.PositiveSmallIntegerField()),
                ('chosen_at', models.DateTimeField()),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quorums', to='t_procurement.consultation')),
            ],
        ),
        migrations.CreateModel(
            name='RepairAttempt',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('note', models.CharField(max_length=2000)),
                ('succeeded', models.BooleanField()),
                ('attempted_at', models.DateTimeField()),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='repairs', to='t_procurement.openedfile')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'ordering': ['attempted_at'],
            },
        ),
        migrations.CreateModel(
            name='SafetyCopy',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('bidder_name', models.CharField(max_length=200)),
                ('medium', models.CharField(max_length=200)),
                ('arrived_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('kept', 'kept closed'), ('opened', 'opened'), ('destroyed', 'destroyed unopened')], default='kept', max_length=9)),
                ('ground', models.CharField(blank=True, max_length=40)),
                ('reason', models.CharField(blank=True, max_length=2000)),
                ('settled_at', models.DateTimeField(null=True)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='safety_copies', to='t_procurement.consultation')),
                ('deposit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='safety_copies', to='t_procurement.deposit')),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'ordering': ['arrived_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SafetyCopyFile',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('copy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='t_procurement.safetycopy')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
            ],
        ),
        migrations.CreateModel(
            name='TimeKey',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('suite', models.PositiveSmallIntegerField()),
                ('asked_at', models.DateTimeField()),
                ('public_key', models.BinaryField(null=True)),
                ('made_at', models.DateTimeField(null=True)),
                ('backup', models.BinaryField(null=True)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='time_keys', to='t_procurement.consultation')),
                ('recovery', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.custodiankey')),
            ],
        ),
        migrations.AddConstraint(
            model_name='holderkey',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('consultation', 'round', 'person'), name='holder_once'),
        ),
        migrations.AddConstraint(
            model_name='holderkey',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None), ('role', 'custodian')), fields=('consultation', 'round'), name='holder_one_custodian'),
        ),
        migrations.AddConstraint(
            model_name='holderkey',
            constraint=models.UniqueConstraint(fields=('public_key',), name='holder_key_once'),
        ),
        migrations.AddConstraint(
            model_name='holderkey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('role', 'officer')), models.Q(('person', None), ('role', 'custodian')), _connector='OR'), name='holder_officer_is_a_person'),
        ),
        migrations.AddConstraint(
            model_name='holderkey',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='holder_named'),
        ),
        migrations.AddIndex(
            model_name='openedfile',
            index=models.Index(fields=['deposit', 'lot', 'envelope'], name='opened_of_deposit'),
        ),
        migrations.AddConstraint(
            model_name='openedfile',
            constraint=models.UniqueConstraint(fields=('order', 'sealed'), name='opened_file_once'),
        ),
        migrations.AddConstraint(
            model_name='openedfile',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['clear', 'unreadable', 'infected'])), name='opened_verdict_known'),
        ),
        migrations.AddConstraint(
            model_name='openedfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document__isnull', False), ('fault', ''), ('verdict', 'clear')), models.Q(models.Q(('verdict', 'clear'), _negated=True), ('document', None), models.Q(('fault', ''), _negated=True)), _connector='OR'), name='opened_clear_has_its_bytes'),
        ),
        migrations.AddConstraint(
            model_name='openedblock',
            constraint=models.UniqueConstraint(fields=('order', 'block'), name='opened_block_once'),
        ),
        migrations.AddConstraint(
            model_name='openedblock',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('master', None), models.Q(('fault', ''), _negated=True)), models.Q(('fault', ''), ('master__isnull', False)), _connector='OR'), name='opened_block_or_fault'),
        ),
        migrations.AddConstraint(
            model_name='minutes',
            constraint=models.UniqueConstraint(fields=('order', 'language'), name='minutes_once'),
        ),
        migrations.AddConstraint(
            model_name='holderrelease',
            constraint=models.UniqueConstraint(condition=models.Q(('fault', '')), fields=('order', 'holder'), name='release_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='holderrelease',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('holder', None), ('token__isnull', False)), models.Q(('holder__isnull', False), ('token', None)), _connector='OR'), name='release_time_is_stamped'),
        ),
        migrations.AddConstraint(
            model_name='excludeddeposit',
            constraint=models.UniqueConstraint(fields=('order', 'deposit'), name='excluded_once'),
        ),
        migrations.AddConstraint(
            model_name='excludeddeposit',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ('late', 'superseded', 'withdrawn', 'not-admitted'))), name='excluded_reason_known'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(fields=('consultation', 'round', 'version'), name='policy_version_once'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(fields=('sha256',), name='policy_hash_once'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='policy_hash_form'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(('round__gte', 1), ('version__gte', 1)), name='policy_numbered'),
        ),
        migrations.AddConstraint(
            model_name='openingorder',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'ready', 'opening', 'opened', 'lost', 'cancelled'])), name='opening_state_known'),
        ),
        migrations.AddConstraint(
            model_name='openingorder',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('asked', 'ready', 'opening'))), fields=('consultation', 'round', 'envelope'), name='opening_one_under_way'),
        ),
        migrations.AddConstraint(
            model_name='openingorder',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'cancelled']), models.Q(('document__isnull', False), ('session__isnull', False), ('sha256__regex', '^[0-9a-f]{64}$')), _connector='OR'), name='opening_order_written'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(fields=('order', 'name'), name='presence_once'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='presence_named'),
        ),
        migrations.AddConstraint(
            model_name='quorum',
            constraint=models.UniqueConstraint(fields=('consultation', 'round'), name='quorum_once'),
        ),
        migrations.AddConstraint(
            model_name='quorum',
            constraint=models.CheckConstraint(condition=models.Q(('threshold__gte', 2), ('threshold__lte', 12)), name='quorum_bounds'),
        ),
        migrations.AddConstraint(
            model_name='repairattempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document__isnull', False), ('succeeded', True)), models.Q(('document', None), ('succeeded', False)), _connector='OR'), name='repair_success_has_a_file'),
        ),
        migrations.AddConstraint(
            model_name='safetycopy',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['kept', 'opened', 'destroyed'])), name='copy_state_known'),
        ),
        migrations.AddConstraint(
            model_name='safetycopy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'opened'), _negated=True), models.Q(models.Q(('ground', ''), _negated=True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='copy_opened_with_its_case'),
        ),
        migrations.AddConstraint(
            model_name='safetycopy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bidder_name', ''), _negated=True), models.Q(('medium', ''), _negated=True)), name='copy_described'),
        ),
        migrations.AddConstraint(
            model_name='safetycopyfile',
            constraint=models.UniqueConstraint(fields=('copy', 'document'), name='copy_file_once'),
        ),
        migrations.AddIndex(
            model_name='timekey',
            index=models.Index(condition=models.Q(('made_at', None)), fields=['asked_at'], name='time_key_asked'),
        ),
        migrations.AddConstraint(
            model_name='timekey',
            constraint=models.UniqueConstraint(fields=('consultation', 'round'), name='time_key_once'),
        ),
        migrations.AddConstraint(
            model_name='timekey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('made_at', None), ('public_key', None)), models.Q(('made_at__isnull', False), ('public_key__isnull', False)), _connector='OR'), name='time_key_made'),
        ),
    ]
