from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
import territoires.kernel.ids
from django.db import migrations, models


# A log that its keeper could mend would prove nothing.
KEEP = """
CREATE FUNCTION t_procurement_probe_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the availability log is neither changed nor removed'; END $$;
CREATE TRIGGER t_procurement_probe_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON t_procurement_probe
FOR EACH STATEMENT EXECUTE FUNCTION t_procurement_probe_keep()
"""
LET_GO = """
DROP TRIGGER t_procurement_probe_kept ON t_procurement_probe;
DROP FUNCTION t_procurement_probe_keep()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
        ('identity', '0004_person_certificates'),
        ('t_procurement', '0007_notices'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=12)),
                ('platform', models.CharField(blank=True, max_length=100)),
                ('state', models.CharField(choices=[('received', 'Being read'), ('checked', 'Read'), ('ordered', 'Being taken over'), ('done', 'Taken over')], default='received', max_length=8)),
                ('counts', models.JSONField(default=dict)),
                ('brought_by', models.UUIDField(null=True)),
                ('brought_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
            ],
            options={
                'ordering': ['-brought_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ImportLine',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('fate', models.CharField(max_length=8)),
                ('what', models.CharField(blank=True, max_length=200)),
                ('faults', models.JSONField(default=list)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='t_procurement.importrun')),
            ],
            options={
                'ordering': ['number', 'id'],
            },
        ),
        migrations.CreateModel(
            name='FormerAccount',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('siret', models.CharField(max_length=14)),
                ('name', models.CharField(max_length=200)),
                ('email', models.EmailField(max_length=254)),
                ('given_names', models.CharField(max_length=120)),
                ('usual_name', models.CharField(max_length=120)),
                ('invitation', models.UUIDField(null=True)),
                ('invited_at', models.DateTimeField(null=True)),
                ('activated_at', models.DateTimeField(null=True)),
                ('refusal', models.CharField(blank=True, max_length=60)),
                ('established', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.importrun')),
            ],
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(null=True)),
                ('what', models.CharField(max_length=2000)),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), default=list, size=None)),
                ('touches_within_hours', models.PositiveSmallIntegerField()),
                ('declared_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'ordering': ['-from_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Package',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('origin', models.CharField(choices=[('made', 'made here, at the end of the procedure'), ('former', 'procedure file of another platform, sealed as it came'), ('brought', 'package brought back, verified and unpacked')], max_length=7)),
                ('reference', models.CharField(max_length=64)),
                ('title', models.CharField(max_length=300)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveBigIntegerField()),
                ('ended_on', models.DateField(null=True)),
                ('keep_until', models.DateField(null=True)),
                ('keep_article', models.CharField(blank=True, max_length=60)),
                ('made_at', models.DateTimeField()),
                ('destroyed_at', models.DateTimeField(null=True)),
                ('destroyed_reason', models.CharField(blank=True, max_length=2000)),
                ('consultation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='packages', to='t_procurement.consultation')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.importrun')),
            ],
            options={
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='FormerAddress',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('address', models.CharField(max_length=1000)),
                ('address_key', models.CharField(max_length=1000, unique=True)),
                ('consultation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.consultation')),
                ('listing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.listing')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                ('record', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.openrecord')),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.importrun')),
                ('package', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.package')),
            ],
        ),
        migrations.CreateModel(
            name='PackageEntry',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('path', models.CharField(max_length=1000)),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('package', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='t_procurement.package')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Probe',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('minute', models.DateTimeField()),
                ('part', models.CharField(max_length=8)),
                ('outcome', models.CharField(max_length=4)),
                ('latency_ms', models.PositiveIntegerField()),
                ('fault', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'ordering': ['minute', 'part'],
                'constraints': [models.UniqueConstraint(fields=('minute', 'part'), name='probe_once_a_minute'), models.CheckConstraint(condition=models.Q(('part__in', ['web', 'database', 'storage', 'journal']), ('outcome__in', ['up', 'slow', 'down'])), name='probe_known')],
            },
        ),
        migrations.CreateModel(
            name='ProbedDay',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField(unique=True)),
                ('root', models.CharField(max_length=64)),
                ('up', models.PositiveSmallIntegerField()),
                ('slow', models.PositiveSmallIntegerField()),
                ('down', models.PositiveSmallIntegerField()),
                ('silent', models.PositiveSmallIntegerField()),
                ('sealed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-day'],
                'constraints': [models.CheckConstraint(condition=models.Q(('root__regex', '^[0-9a-f]{64}$')), name='probed_day_root_form')],
            },
        ),
        migrations.CreateModel(
            name='Touched',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('deadline_at', models.DateTimeField()),
                ('decision', models.CharField(choices=[('pending', 'to be decided'), ('extended', 'deadline put off'), ('left', 'deadline kept, with a reason')], default='pending', max_length=8)),
                ('extended_until', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=2000)),
                ('decided_at', models.DateTimeField(null=True)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='t_procurement.consultation')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='touched', to='t_procurement.incident')),
            ],
            options={
                'ordering': ['deadline_at', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='importrun',
            index=models.Index(models.F('organisation'), models.OrderBy(models.F('brought_at'), descending=True), name='import_run_latest'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['received', 'checked', 'ordered', 'done'])), name='import_run_state_known'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['accounts', 'alerts', 'attestations', 'contracts', 'packages', 'notices', 'redirects'])), name='import_run_kind_known'),
        ),
        migrations.AddIndex(
            model_name='importline',
            index=models.Index(fields=['run', 'fate', 'number'], name='import_line_fate'),
        ),
        migrations.AddConstraint(
            model_name='importline',
            constraint=models.CheckConstraint(condition=models.Q(('fate__in', ['new', 'known', 'changed', 'merged', 'refused'])), name='import_line_fate_known'),
        ),
        migrations.AddIndex(
            model_name='formeraccount',
            index=models.Index(condition=models.Q(('invited_at', None), ('refusal', '')), fields=['id'], name='former_account_waiting'),
        ),
        migrations.AddIndex(
            model_name='formeraccount',
            index=models.Index(fields=['invitation'], name='former_account_invitation'),
        ),
        migrations.AddIndex(
            model_name='formeraccount',
            index=models.Index(fields=['email'], name='former_account_email'),
        ),
        migrations.AddConstraint(
            model_name='formeraccount',
            constraint=models.UniqueConstraint(fields=('siret', 'email'), name='former_account_once'),
        ),
        migrations.AddConstraint(
            model_name='formeraccount',
            constraint=models.CheckConstraint(condition=models.Q(('siret__regex', '^[0-9]{14}$')), name='former_account_siret_form'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('what', ''), _negated=True), name='incident_told'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('until_at', None), ('until_at__gt', models.F('from_at')), _connector='OR'), name='incident_ends_after_it_began'),
        ),
        migrations.AddConstraint(
            model_name='package',
            constraint=models.UniqueConstraint(fields=('organisation', 'sha256'), name='package_once'),
        ),
        migrations.AddConstraint(
            model_name='package',
            constraint=models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='package_sha256_form'),
        ),
        migrations.AddConstraint(
            model_name='package',
            constraint=models.CheckConstraint(condition=models.Q(('destroyed_at', None), models.Q(('destroyed_reason', ''), _negated=True), _connector='OR'), name='package_destroyed_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='formeraddress',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('consultation__isnull', False), ('listing', None), ('package', None), ('record', None)), models.Q(('consultation', None), ('listing__isnull', False), ('package', None), ('record', None)), models.Q(('consultation', None), ('listing', None), ('package', None), ('record__isnull', False)), models.Q(('consultation', None), ('listing', None), ('package__isnull', False), ('record', None)), _connector='OR'), name='former_address_leads_to_one'),
        ),
        migrations.AddConstraint(
            model_name='packageentry',
            constraint=models.UniqueConstraint(fields=('package', 'path'), name='package_entry_path_once'),
        ),
        migrations.AddConstraint(
            model_name='packageentry',
            constraint=models.UniqueConstraint(fields=('package', 'position'), name='package_entry_position_once'),
        ),
        migrations.AddConstraint(
            model_name='touched',
            constraint=models.UniqueConstraint(fields=('incident', 'consultation'), name='touched_once'),
        ),
        migrations.AddConstraint(
            model_name='touched',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', 'pending'), ('extended_until', None)), models.Q(('decided_at__isnull', False), ('decision', 'extended'), ('extended_until__gt', models.F('deadline_at'))), models.Q(('decided_at__isnull', False), ('decision', 'left'), ('extended_until', None), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='touched_decided_whole'),
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
