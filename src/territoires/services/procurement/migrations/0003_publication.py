from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import territoires.kernel.ids

# A row of what was announced to all, and of what proves who was told, is never rewritten.
FREEZE = """
CREATE FUNCTION procurement_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    consultation uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.consultation_id ELSE OLD.consultation_id END;
BEGIN
    PERFORM 1 FROM t_procurement_consultation WHERE id = consultation AND published_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'lots and criteria are frozen once the consultation is published'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE INSERT OR DELETE ON t_procurement_lot
    FOR EACH ROW EXECUTE FUNCTION procurement_frozen();
CREATE TRIGGER frozen_words BEFORE UPDATE ON t_procurement_lot
    FOR EACH ROW WHEN ((OLD.consultation_id, OLD.number, OLD.title, OLD.cpv, OLD.estimated_value, OLD.is_small)
        IS DISTINCT FROM (NEW.consultation_id, NEW.number, NEW.title, NEW.cpv, NEW.estimated_value, NEW.is_small))
    EXECUTE FUNCTION procurement_frozen();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON t_procurement_criterion
    FOR EACH ROW EXECUTE FUNCTION procurement_frozen();

CREATE FUNCTION procurement_public() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.published_at IS DISTINCT FROM OLD.published_at
        OR NEW.tenders_until < OLD.tenders_until OR NEW.applications_until < OLD.applications_until
        OR NEW.publication_version < OLD.publication_version
    THEN
        RAISE EXCEPTION 'what was published does not move back'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER public BEFORE UPDATE ON t_procurement_consultation
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION procurement_public();

CREATE FUNCTION procurement_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this register is only added to' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON t_procurement_amendment
    FOR EACH ROW EXECUTE FUNCTION procurement_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON t_procurement_withdrawal
    FOR EACH ROW EXECUTE FUNCTION procurement_kept();
"""
THAW = """
DROP TRIGGER kept ON t_procurement_withdrawal;
DROP TRIGGER kept ON t_procurement_amendment;
DROP FUNCTION procurement_kept();
DROP TRIGGER public ON t_procurement_consultation;
DROP FUNCTION procurement_public();
DROP TRIGGER frozen ON t_procurement_criterion;
DROP TRIGGER frozen_words ON t_procurement_lot;
DROP TRIGGER frozen ON t_procurement_lot;
DROP FUNCTION procurement_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('t_procurement', '0002_preparation'),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertSent',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveSmallIntegerField()),
                ('sent_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveSmallIntegerField()),
                ('verb', models.CharField(max_length=12)),
                ('summary', models.CharField(max_length=6000)),
                ('reason', models.CharField(max_length=2000)),
                ('is_substantial', models.BooleanField(default=False)),
                ('changes', models.JSONField(default=list)),
                ('applications_before', models.DateTimeField(null=True)),
                ('applications_after', models.DateTimeField(null=True)),
                ('tenders_before', models.DateTimeField(null=True)),
                ('tenders_after', models.DateTimeField(null=True)),
                ('questions_before', models.DateField(null=True)),
                ('questions_after', models.DateField(null=True)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['version'],
            },
        ),
        migrations.CreateModel(
            name='Correspondent',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('email', models.EmailField(max_length=254)),
                ('enterprise', models.CharField(blank=True, max_length=200)),
                ('language', models.CharField(default='fr', max_length=2)),
                ('token', models.CharField(max_length=64)),
                ('left_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['left_at'],
            },
        ),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(blank=True, max_length=40)),
                ('url', models.URLField(blank=True, max_length=500)),
                ('status', models.CharField(choices=[('open', 'open'), ('suspended', 'suspended'), ('closed', 'fermé'), ('ended', 'ended without a contract')], default='open', max_length=9)),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('reference', models.CharField(blank=True, max_length=64)),
                ('title', models.CharField(max_length=300)),
                ('buyer', models.CharField(max_length=200)),
                ('buyer_folded', models.CharField(editable=False, max_length=200)),
                ('words_folded', models.TextField(editable=False)),
                ('words', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('words_folded', config='simple'), '||', django.contrib.postgres.search.SearchVector('words_folded', config='french'), django.contrib.postgres.search.SearchConfig('simple')), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('main_procurement_category', models.CharField(blank=True, max_length=8)),
                ('procedure', models.CharField(blank=True, max_length=12)),
                ('cpv', models.CharField(blank=True, max_length=8)),
                ('cpv_prefixes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), default=list, size=None)),
                ('nuts', models.CharField(blank=True, max_length=5)),
                ('places', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=5), default=list, size=None)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('lot_count', models.PositiveSmallIntegerField(default=0)),
                ('published_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('deadline_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('open', 'to answer'), ('answered', 'answered'), ('dismissed', 'left without an answer')], default='open', max_length=9)),
                ('lot_number', models.PositiveSmallIntegerField(null=True)),
                ('text', models.CharField(max_length=4000)),
                ('asked_at', models.DateTimeField()),
                ('asker', models.CharField(blank=True, max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('language', models.CharField(default='fr', max_length=2)),
                ('number', models.PositiveSmallIntegerField(null=True)),
                ('public_text', models.CharField(blank=True, max_length=4000)),
                ('answer', models.CharField(blank=True, max_length=6000)),
                ('answered_at', models.DateTimeField(null=True)),
                ('late_reason', models.CharField(blank=True, max_length=2000)),
            ],
            options={
                'ordering': ['asked_at'],
            },
        ),
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('label', models.CharField(max_length=200)),
                ('criteria', models.JSONField(default=dict)),
                ('email', models.EmailField(max_length=254)),
                ('language', models.CharField(default='fr', max_length=2)),
                ('frequency', models.CharField(choices=[('daily', 'each day'), ('weekly', 'each Monday')], default='daily', max_length=6)),
                ('confirm_token', models.CharField(max_length=64)),
                ('stop_token', models.CharField(max_length=64)),
                ('saved_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('looked_until', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('version', models.PositiveSmallIntegerField()),
                ('address_hash', models.CharField(max_length=32)),
                ('withdrawn_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['withdrawn_at', 'id'],
            },
        ),
        migrations.AddField(
            model_name='consultation',
            name='closed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='consultation',
            name='end_reason',
            field=models.CharField(blank=True, max_length=2000),
        ),
        migrations.AddField(
            model_name='consultation',
            name='ended_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='consultation',
            name='publication_version',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='consultation',
            name='publish_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='consultation',
            name='published_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='consultation',
            name='shows_value',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='piece',
            name='replaces',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='t_procurement.piece'),
        ),
        migrations.AddField(
            model_name='piece',
            name='retired_in',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='piece',
            name='since_version',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddIndex(
            model_name='consultation',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['tenders_until'], name='consultation_to_close'),
        ),
        migrations.AddIndex(
            model_name='consultation',
            index=models.Index(condition=models.Q(('state', 'scheduled')), fields=['publish_at'], name='consultation_to_publish'),
        ),
        migrations.AddConstraint(
            model_name='consultation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('publication_version', 0), ('published_at', None), ('state__in', ('draft', 'validated', 'scheduled', 'discarded'))), models.Q(models.Q(('state__in', ('draft', 'validated', 'scheduled', 'discarded')), _negated=True), ('publication_version__gte', 1), ('published_at__isnull', False)), _connector='OR'), name='consultation_public_has_date'),
        ),
        migrations.AddConstraint(
            model_name='consultation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'scheduled'), _negated=True), ('publish_at__isnull', False), _connector='OR'), name='consultation_scheduled_has_time'),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.CheckConstraint(condition=models.Q(('retired_in', None), ('retired_in__gt', models.F('since_version')), _connector='OR'), name='piece_retired_later'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='consultation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='amendments', to='t_procurement.consultation'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person'),
        ),
        migrations.AddField(
            model_name='correspondent',
            name='consultation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='correspondents', to='t_procurement.consultation'),
        ),
        migrations.AddField(
            model_name='listing',
            name='consultation',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='listing', to='t_procurement.consultation'),
        ),
        migrations.AddField(
            model_name='listing',
            name='organisation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation'),
        ),
        migrations.AddField(
            model_name='alertsent',
            name='listing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='t_procurement.listing'),
        ),
        migrations.AddField(
            model_name='question',
            name='answered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person'),
        ),
        migrations.AddField(
            model_name='question',
            name='consultation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='t_procurement.consultation'),
        ),
        migrations.AddField(
            model_name='question',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person'),
        ),
        migrations.AddIndex(
            model_name='savedsearch',
            index=models.Index(condition=models.Q(('confirmed_at__isnull', False), ('stopped_at', None)), fields=['frequency'], name='search_to_look'),
        ),
        migrations.AddIndex(
            model_name='savedsearch',
            index=models.Index(django.db.models.functions.text.Lower('email'), name='search_of_address'),
        ),
        migrations.AddConstraint(
            model_name='savedsearch',
            constraint=models.CheckConstraint(condition=models.Q(('email', ''), _negated=True), name='search_has_address'),
        ),
        migrations.AddConstraint(
            model_name='savedsearch',
            constraint=models.CheckConstraint(condition=models.Q(('frequency__in', ['daily', 'weekly'])), name='search_frequency_known'),
        ),
        migrations.AddField(
            model_name='alertsent',
            name='search',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='t_procurement.savedsearch'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='consultation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='withdrawals', to='t_procurement.consultation'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='correspondent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='t_procurement.correspondent'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.UniqueConstraint(fields=('consultation', 'version'), name='amendment_version_once'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 2)), name='amendment_follows_publication'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('summary', ''), _negated=True)), name='amendment_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(('tenders_before', None), ('tenders_after__gte', models.F('tenders_before')), _connector='OR'), name='amendment_never_earlier'),
        ),
        migrations.AddConstraint(
            model_name='correspondent',
            constraint=models.UniqueConstraint(models.F('consultation'), django.db.models.functions.text.Lower('email'), name='correspondent_once'),
        ),
        migrations.AddConstraint(
            model_name='correspondent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('email', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='correspondent_reachable'),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=django.contrib.postgres.indexes.GinIndex(fields=['words', 'cpv_prefixes', 'places'], name='listing_words'),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='listing_latest'),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(fields=['deadline_at', 'id'], name='listing_deadline'),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(models.F('organisation'), models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='listing_of_body_latest'),
        ),
        migrations.AddIndex(
            model_name='listing',
            index=models.Index(fields=['changed_at'], name='listing_changed'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('consultation__isnull', False), ('organisation__isnull', False), ('source', '')), models.Q(('consultation', None), models.Q(('source', ''), _negated=True), models.Q(('url', ''), _negated=True)), _connector='OR'), name='listing_here_or_elsewhere'),
        ),
        migrations.AddConstraint(
            model_name='listing',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'suspended', 'closed', 'ended'])), name='listing_status_known'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(fields=['consultation', 'state'], name='question_state'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('consultation', 'number'), name='question_number_once'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'answered', 'dismissed'])), name='question_state_known'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='question_asks'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), _negated=True), models.Q(models.Q(('public_text', ''), _negated=True), models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), ('number__gte', 1)), _connector='OR'), name='question_answered_whole'),
        ),
        migrations.AddConstraint(
            model_name='alertsent',
            constraint=models.UniqueConstraint(fields=('search', 'listing', 'version'), name='alert_once_a_version'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(fields=['consultation', 'withdrawn_at'], name='withdrawal_register'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(fields=['consultation', 'address_hash', 'sha256', '-withdrawn_at'], name='withdrawal_again'),
        ),
        migrations.RunSQL(FREEZE, THAW),
    ]
