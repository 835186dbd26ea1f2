import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
import territoires.kernel.ids
from django.db import migrations, models

# What bidders rely on is frozen with the lots and criteria; what was published does not move back.
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
    FOR EACH ROW WHEN ((OLD.consultation_id, OLD.number, OLD.title, OLD.cpv, OLD.estimated_value, OLD.is_small,
            OLD.additional_cpvs, OLD.nuts, OLD.reserved_for)
        IS DISTINCT FROM (NEW.consultation_id, NEW.number, NEW.title, NEW.cpv, NEW.estimated_value, NEW.is_small,
            NEW.additional_cpvs, NEW.nuts, NEW.reserved_for))
    EXECUTE FUNCTION procurement_frozen();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON t_procurement_criterion
    FOR EACH ROW EXECUTE FUNCTION procurement_frozen();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON t_procurement_contractoption
    FOR EACH ROW EXECUTE FUNCTION procurement_frozen();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON t_procurement_selectioncriterion
    FOR EACH ROW EXECUTE FUNCTION procurement_frozen();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON t_procurement_askedpiece
    FOR EACH ROW EXECUTE FUNCTION procurement_frozen();

CREATE FUNCTION procurement_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    criterion uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.criterion_id ELSE OLD.criterion_id END;
BEGIN
    PERFORM 1 FROM t_procurement_criterion AS c JOIN t_procurement_consultation AS n ON n.id = c.consultation_id
        WHERE c.id = criterion AND n.published_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'the parts of criteria are frozen once the consultation is published'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON t_procurement_subcriterion
    FOR EACH ROW EXECUTE FUNCTION procurement_part_frozen();

CREATE FUNCTION procurement_terms_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'variants, reservations and the number of candidates are frozen once the consultation is published'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER frozen_terms BEFORE UPDATE ON t_procurement_consultation
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL
        AND (OLD.allows_variants, OLD.variant_conditions, OLD.reserved_for, OLD.fewest_candidates,
            OLD.most_candidates, OLD.prize, OLD.purchasing_form, OLD.group_agreement)
        IS DISTINCT FROM (NEW.allows_variants, NEW.variant_conditions, NEW.reserved_for, NEW.fewest_candidates,
            NEW.most_candidates, NEW.prize, NEW.purchasing_form, NEW.group_agreement))
    EXECUTE FUNCTION procurement_terms_frozen();

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
"""
THAW = """
DROP TRIGGER public ON t_procurement_consultation;
DROP FUNCTION procurement_public();
DROP TRIGGER frozen_terms ON t_procurement_consultation;
DROP FUNCTION procurement_terms_frozen();
DROP TRIGGER frozen ON t_procurement_subcriterion;
DROP FUNCTION procurement_part_frozen();
DROP TRIGGER frozen ON t_procurement_askedpiece;
DROP TRIGGER frozen ON t_procurement_selectioncriterion;
DROP TRIGGER frozen ON t_procurement_contractoption;
DROP TRIGGER frozen ON t_procurement_criterion;
DROP TRIGGER frozen_words ON t_procurement_lot;
DROP TRIGGER frozen ON t_procurement_lot;
DROP FUNCTION procurement_frozen();
"""

# A row of what was announced to all, and of what proves who was told, is never rewritten.
# Notes stay: a corrected one is the next version.
KEEP = """
CREATE FUNCTION procurement_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this register is only added to' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON t_procurement_amendment
    FOR EACH ROW EXECUTE FUNCTION procurement_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON t_procurement_withdrawal
    FOR EACH ROW EXECUTE FUNCTION procurement_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON t_procurement_score
    FOR EACH ROW EXECUTE FUNCTION procurement_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON t_procurement_finalscore
    FOR EACH ROW EXECUTE FUNCTION procurement_kept();
"""
LET_GO = """
DROP TRIGGER kept ON t_procurement_finalscore;
DROP TRIGGER kept ON t_procurement_score;
DROP TRIGGER kept ON t_procurement_withdrawal;
DROP TRIGGER kept ON t_procurement_amendment;
DROP FUNCTION procurement_kept();
"""

# The upload log proves what arrived, and when: PostgreSQL itself refuses to change it.
KEEP_UPLOADS = """
CREATE FUNCTION t_procurement_chunkevent_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the upload log is never changed'; END $$;
CREATE TRIGGER chunkevent_kept BEFORE UPDATE OR DELETE ON t_procurement_chunkevent
    FOR EACH ROW EXECUTE FUNCTION t_procurement_chunkevent_kept();
"""
LET_GO_UPLOADS = """
DROP TRIGGER chunkevent_kept ON t_procurement_chunkevent;
DROP FUNCTION t_procurement_chunkevent_kept();
"""

# A log that its keeper could mend would prove nothing.
KEEP_PROBES = """
CREATE FUNCTION t_procurement_probe_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the availability log is neither changed nor removed'; END $$;
CREATE TRIGGER t_procurement_probe_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON t_procurement_probe
FOR EACH STATEMENT EXECUTE FUNCTION t_procurement_probe_keep()
"""
LET_GO_PROBES = """
DROP TRIGGER t_procurement_probe_kept ON t_procurement_probe;
DROP FUNCTION t_procurement_probe_keep()
"""


class CreateTogether(migrations.SeparateDatabaseAndState):
    """Creates models with one rendering of the state, in place of one a model with all that is tied to it.

    There are many, and each leads to the organisations and so to all others: rendered one by one, they take two
    thirds of the time of migrating from nothing, and the database hardly works.
    """

    def __init__(self, *models):
        super().__init__(state_operations=models)

    def state_forwards(self, app_label, state):
        # Rendered models are kept up to date at each step; without them, they are rendered at the next use.
        state.__dict__.pop('apps', None)
        super().state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for model in self.state_operations:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for model in reversed(self.state_operations):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return f'Create {len(self.state_operations)} models'


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('documents', '0001_initial'),
        ('identity', '0001_initial'),
    ]

    operations = [
        CreateTogether(
            migrations.CreateModel(
                name='Consultation',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('state', models.CharField(choices=[('draft', 'In preparation'), ('validated', 'Validated'), ('scheduled', 'Scheduled'), ('published', 'Open'), ('suspended', 'Suspended'), ('closed', 'Closed'), ('opening', 'Being opened'), ('analysis', 'Under analysis'), ('negotiating', 'Round under way'), ('round_closed', 'Round closed'), ('round_opening', 'Round being opened'), ('decided', 'Awarded'), ('standstill', 'Standstill'), ('signed', 'Signed'), ('transmitted', 'Transmitted to the State'), ('acknowledged', 'Received by the State'), ('notified', 'Notified'), ('award_published', 'Award published'), ('execution', 'Being carried out'), ('ended', 'Ended'), ('archived', 'Archived'), ('discarded', 'Discarded'), ('withdrawn', 'Withdrawn'), ('abandoned', 'Declared without follow-up'), ('unsuccessful', 'Unsuccessful')], default='draft', max_length=16)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('copied_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='t_procurement.consultation')),
                    ('validators', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                    ('reference', models.CharField(blank=True, max_length=32)),
                    ('title', models.CharField(max_length=300)),
                    ('description', models.CharField(blank=True, max_length=6000)),
                    ('words_folded', models.TextField(blank=True, editable=False)),
                    ('main_procurement_category', models.CharField(blank=True, max_length=8)),
                    ('regime', models.CharField(choices=[('authority', 'as a public authority'), ('utility', 'as a network operator (water, energy, transport)')], default='authority', max_length=9)),
                    ('is_social_service', models.BooleanField(default=False)),
                    ('estimated_value', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('family', models.CharField(blank=True, max_length=120)),
                    ('family_folded', models.CharField(blank=True, editable=False, max_length=120)),
                    ('committed_elsewhere', models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                    ('cpv', models.CharField(blank=True, max_length=8)),
                    ('additional_cpvs', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), blank=True, default=list, size=None)),
                    ('nuts', models.CharField(blank=True, max_length=5)),
                    ('purchasing_form', models.CharField(blank=True, choices=[('', 'for yourself alone'), ('group', 'for a purchasing group (groupement de commandes) that you coordinate'), ('central', "as a central purchasing body (centrale d'achat)")], max_length=7)),
                    ('group_agreement', models.CharField(blank=True, max_length=300)),
                    ('procedure', models.CharField(blank=True, max_length=12)),
                    ('procedure_ground', models.CharField(blank=True, max_length=2000)),
                    ('is_negotiated', models.BooleanField(default=False)),
                    ('technique', models.CharField(blank=True, choices=[('', 'one ordinary contract'), ('framework', 'a framework agreement, with orders or further contracts')], max_length=9)),
                    ('framework_maximum', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('division_reason', models.CharField(blank=True, max_length=2000)),
                    ('duration_months', models.PositiveSmallIntegerField(null=True)),
                    ('validity_days', models.PositiveSmallIntegerField(null=True)),
                    ('allows_variants', models.BooleanField(default=False)),
                    ('variant_conditions', models.CharField(blank=True, max_length=6000)),
                    ('reserved_for', models.CharField(blank=True, max_length=12)),
                    ('fewest_candidates', models.PositiveSmallIntegerField(null=True)),
                    ('most_candidates', models.PositiveSmallIntegerField(null=True)),
                    ('prize', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('environmental_clause', models.CharField(blank=True, max_length=6000)),
                    ('social_clause', models.CharField(blank=True, max_length=6000)),
                    ('minimum_turnover', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('signature_time', models.CharField(choices=[('award', 'the chosen enterprise signs at the award'), ('deposit', 'each enterprise signs its bid')], default='award', max_length=7)),
                    ('contact_email', models.EmailField(blank=True, max_length=254)),
                    ('review_body', models.CharField(blank=True, max_length=200)),
                    ('is_urgent', models.BooleanField(default=False)),
                    ('urgency_reason', models.CharField(blank=True, max_length=2000)),
                    ('has_prior_notice', models.BooleanField(default=False)),
                    ('publish_on', models.DateField(null=True)),
                    ('questions_until', models.DateField(null=True)),
                    ('applications_until', models.DateTimeField(null=True)),
                    ('invite_on', models.DateField(null=True)),
                    ('tenders_until', models.DateTimeField(null=True)),
                    ('keeps_standstill', models.BooleanField(default=False)),
                    ('started_at', models.DateTimeField()),
                    ('changed_at', models.DateTimeField()),
                    ('submitted_at', models.DateTimeField(null=True)),
                    ('validated_at', models.DateTimeField(null=True)),
                    ('shows_value', models.BooleanField(default=False)),
                    ('publish_at', models.DateTimeField(null=True)),
                    ('published_at', models.DateTimeField(null=True)),
                    ('publication_version', models.PositiveSmallIntegerField(default=0)),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('end_reason', models.CharField(blank=True, max_length=2000)),
                ],
                options={
                    'indexes': [models.Index(models.F('organisation'), models.OrderBy(models.F('changed_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='consultation_latest'), models.Index(models.F('organisation'), models.F('family_folded'), name='consultation_family'), models.Index(condition=models.Q(('state', 'published')), fields=['tenders_until'], name='consultation_to_close'), models.Index(condition=models.Q(('state', 'scheduled')), fields=['publish_at'], name='consultation_to_publish')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'validated', 'scheduled', 'published', 'suspended', 'closed', 'opening', 'analysis', 'negotiating', 'round_closed', 'round_opening', 'decided', 'standstill', 'signed', 'transmitted', 'acknowledged', 'notified', 'award_published', 'execution', 'ended', 'archived', 'discarded', 'withdrawn', 'abandoned', 'unsuccessful'])), name='consultation_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('publication_version', 0), ('published_at', None), ('state__in', ('draft', 'validated', 'scheduled', 'discarded'))), models.Q(models.Q(('state__in', ('draft', 'validated', 'scheduled', 'discarded')), _negated=True), ('publication_version__gte', 1), ('published_at__isnull', False)), _connector='OR'), name='consultation_public_has_date'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'scheduled'), _negated=True), ('publish_at__isnull', False), _connector='OR'), name='consultation_scheduled_has_time'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='consultation_titled'), models.CheckConstraint(condition=models.Q(('main_procurement_category__in', ['', 'goods', 'services', 'works'])), name='consultation_category_known'), models.CheckConstraint(condition=models.Q(('cpv', ''), ('cpv__regex', '^[0-9]{8}$'), _connector='OR'), name='consultation_cpv_form'), models.CheckConstraint(condition=models.Q(('estimated_value', None), ('estimated_value__gt', 0), _connector='OR'), name='consultation_value_positive'), models.CheckConstraint(condition=models.Q(('committed_elsewhere__gte', 0)), name='consultation_committed_not_negative'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'discarded']), ('validated_at__isnull', False), _connector='OR'), name='consultation_validated_before_all'), models.UniqueConstraint(condition=models.Q(models.Q(('reference', ''), _negated=True), models.Q(('state', 'discarded'), _negated=True)), fields=('organisation', 'reference'), name='consultation_reference_once')],
                },
            ),
            migrations.CreateModel(
                name='Participant',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participants', to='t_procurement.consultation')),
                    ('siret', models.CharField(max_length=14)),
                    ('name', models.CharField(blank=True, max_length=200)),
                ],
                options={
                    'ordering': ['siret'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'siret'), name='participant_once'), models.CheckConstraint(condition=models.Q(('siret__regex', '^[0-9]{14}$')), name='participant_siret_form')],
                },
            ),
            migrations.CreateModel(
                name='Lot',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lots', to='t_procurement.consultation')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('title', models.CharField(max_length=300)),
                    ('cpv', models.CharField(blank=True, max_length=8)),
                    ('estimated_value', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('is_small', models.BooleanField(default=False)),
                    ('additional_cpvs', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), blank=True, default=list, size=None)),
                    ('nuts', models.CharField(blank=True, max_length=5)),
                    ('reserved_for', models.CharField(blank=True, max_length=12)),
                ],
                options={
                    'ordering': ['number'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'number'), name='lot_number_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1), models.Q(('title', ''), _negated=True)), name='lot_numbered_and_titled'), models.CheckConstraint(condition=models.Q(('cpv', ''), ('cpv__regex', '^[0-9]{8}$'), _connector='OR'), name='lot_cpv_form')],
                },
            ),
            migrations.CreateModel(
                name='Criterion',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='t_procurement.consultation')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('lot_number', models.PositiveSmallIntegerField(null=True)),
                    ('kind', models.CharField(max_length=20)),
                    ('name', models.CharField(max_length=200)),
                    ('weight', models.DecimalField(decimal_places=2, max_digits=5)),
                ],
                options={
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'position'), name='criterion_position_once'), models.CheckConstraint(condition=models.Q(('weight__gt', 0), ('weight__lte', 100), models.Q(('name', ''), _negated=True)), name='criterion_weighs')],
                },
            ),
            migrations.CreateModel(
                name='Piece',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='t_procurement.consultation')),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(max_length=64)),
                    ('kind', models.CharField(choices=[('rules', 'Rules of the consultation'), ('contract', 'Draft contract, administrative terms'), ('technical', 'Technical terms, plans'), ('prices', 'Price schedule to fill in'), ('other', 'Other document')], max_length=9)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('since_version', models.PositiveSmallIntegerField(default=1)),
                    ('retired_in', models.PositiveSmallIntegerField(null=True)),
                    ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='t_procurement.piece')),
                    ('made_as', models.CharField(blank=True, max_length=20)),
                    ('made_from', models.CharField(blank=True, max_length=64)),
                ],
                options={
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'sha256'), name='piece_once'), models.CheckConstraint(condition=models.Q(('retired_in', None), ('retired_in__gt', models.F('since_version')), _connector='OR'), name='piece_retired_later'), models.UniqueConstraint(condition=models.Q(models.Q(('made_as', ''), _negated=True), ('retired_in', None)), fields=('consultation', 'made_as'), name='piece_made_once')],
                },
            ),
            migrations.CreateModel(
                name='Override',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='t_procurement.consultation')),
                    ('finding', models.CharField(max_length=200)),
                    ('reason', models.CharField(max_length=2000)),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('given_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['given_at'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'finding'), name='override_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='override_has_reason')],
                },
            ),
            migrations.CreateModel(
                name='Member',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='team', to='t_procurement.consultation')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('role', models.CharField(choices=[('prepare', 'prepares'), ('validate', 'validates'), ('open', 'opens the bids'), ('evaluate', 'evaluates the bids')], max_length=8)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'person', 'role'), name='consultation_member_once')],
                },
            ),
            migrations.CreateModel(
                name='Committee',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('kind', models.CharField(choices=[('cao', 'Tender committee (CAO)'), ('jury', 'Jury'), ('cdsp', 'Public service delegation committee'), ('internal', 'Internal committee (adapted procedure)')], max_length=8)),
                    ('name', models.CharField(max_length=200)),
                    ('instrument', models.CharField(blank=True, max_length=200)),
                    ('created_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['cao', 'jury', 'cdsp', 'internal']), models.Q(('name', ''), _negated=True)), name='committee_kind_known'), models.UniqueConstraint(fields=('organisation', 'name'), name='committee_name_once')],
                },
            ),
            migrations.CreateModel(
                name='CommitteeMember',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('committee', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='t_procurement.committee')),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('name', models.CharField(max_length=200)),
                    ('quality', models.CharField(blank=True, max_length=200)),
                    ('email', models.EmailField(max_length=254)),
                    ('capacity', models.CharField(choices=[('president', 'president'), ('titular', 'full member'), ('substitute', 'substitute'), ('adviser', 'with an advisory voice')], max_length=10)),
                    ('left_at', models.DateTimeField(null=True)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('capacity__in', ['president', 'titular', 'substitute', 'adviser']), models.Q(('name', ''), _negated=True)), name='committee_member_capacity_known'), models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('committee', 'email'), name='committee_member_once'), models.UniqueConstraint(condition=models.Q(('capacity', 'president'), ('left_at', None)), fields=('committee',), name='committee_one_president')],
                },
            ),
            migrations.CreateModel(
                name='CommitteeMeeting',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='t_procurement.committee')),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='t_procurement.consultation')),
                    ('after', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeated', to='t_procurement.committeemeeting')),
                    ('state', models.CharField(choices=[('convened', 'Convened'), ('open', 'In session'), ('no_quorum', 'Without quorum'), ('closed', 'Held'), ('cancelled', 'Cancelled')], default='convened', max_length=9)),
                    ('meets_at', models.DateTimeField()),
                    ('place', models.CharField(max_length=200)),
                    ('agenda', models.CharField(max_length=6000)),
                    ('convened_at', models.DateTimeField()),
                    ('held_at', models.DateTimeField(null=True)),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('remarks', models.CharField(blank=True, max_length=6000)),
                    ('minutes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('minutes_sha256', models.CharField(blank=True, max_length=64)),
                ],
                options={
                    'ordering': ['meets_at'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['convened', 'open', 'no_quorum', 'closed', 'cancelled'])), name='committee_meeting_state_known')],
                },
            ),
            migrations.CreateModel(
                name='Attendance',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to='t_procurement.committeemeeting')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.committeemember')),
                    ('name', models.CharField(max_length=200)),
                    ('quality', models.CharField(blank=True, max_length=200)),
                    ('capacity', models.CharField(choices=[('president', 'president'), ('titular', 'full member'), ('substitute', 'substitute'), ('adviser', 'with an advisory voice')], max_length=10)),
                    ('replaces', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='t_procurement.attendance')),
                    ('notification', models.UUIDField(null=True)),
                    ('is_present', models.BooleanField(default=False)),
                    ('conflict', models.CharField(blank=True, max_length=2000)),
                    ('conflict_declared_at', models.DateTimeField(null=True)),
                ],
                options={
                    'ordering': ['id'],
                    'constraints': [models.UniqueConstraint(fields=('meeting', 'member'), name='attendance_once')],
                },
            ),
            migrations.CreateModel(
                name='NegotiationRound',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='negotiation_rounds', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField()),
                    ('is_final', models.BooleanField(default=False)),
                    ('information', models.CharField(max_length=6000)),
                    ('deadline_at', models.DateTimeField()),
                    ('invited_at', models.DateTimeField(null=True)),
                    ('few_reason', models.CharField(blank=True, max_length=2000)),
                ],
                options={
                    'ordering': ['round'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'round'), name='negotiation_round_once'), models.CheckConstraint(condition=models.Q(('round__gte', 2)), name='negotiation_round_after_first')],
                },
            ),
            migrations.CreateModel(
                name='ScoringMethod',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('criterion', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='method', to='t_procurement.criterion')),
                    ('method', models.CharField(max_length=12)),
                    ('scale', models.PositiveSmallIntegerField(null=True)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('method__in', ['linear', 'difference', 'grid'])), name='scoring_method_known'), models.CheckConstraint(condition=models.Q(('scale', None), models.Q(('scale__gte', 1), ('scale__lte', 100)), _connector='OR'), name='scoring_scale_range')],
                },
            ),
            migrations.CreateModel(
                name='AnalysisReport',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='analysis_reports', to='t_procurement.consultation')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(max_length=64)),
                    ('language', models.CharField(max_length=2)),
                    ('made_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['number'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'number'), name='analysis_report_once')],
                },
            ),
            migrations.CreateModel(
                name='Told',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('about', models.UUIDField()),
                    ('notification', models.UUIDField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('about', 'notification'), name='told_once')],
                },
            ),
            migrations.CreateModel(
                name='KnownAct',
                fields=[
                    ('act', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.UUIDField()),
                    ('number', models.CharField(blank=True, max_length=60)),
                    ('nature', models.CharField(blank=True, max_length=1)),
                    ('matter_code', models.CharField(blank=True, max_length=16)),
                    ('decided_on', models.DateField(null=True)),
                    ('public_on', models.DateField(null=True)),
                    ('received_on', models.DateField(null=True)),
                    ('must_be_received', models.BooleanField(null=True)),
                    ('withdrawn_on', models.DateField(null=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['organisation', '-decided_on'], name='known_act_of_body')],
                },
            ),
            migrations.CreateModel(
                name='BidDraft',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bid_drafts', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField(default=1)),
                    ('bidder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('consortium', models.CharField(blank=True, choices=[('', 'alone'), ('joint', 'in a joint consortium (groupement conjoint): each for its own part'), ('joint_lead_liable', 'in a joint consortium whose lead answers for all the others'), ('several', 'in a consortium of joint and several liability (groupement solidaire)')], max_length=17)),
                    ('started_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'round', 'bidder'), name='bid_draft_once'), models.CheckConstraint(condition=models.Q(models.Q(('bidder', None), ('consultation', None)), models.Q(('bidder__isnull', False), ('consultation__isnull', False)), _connector='OR'), name='bid_draft_of_a_bidder_or_rehearsal'), models.CheckConstraint(condition=models.Q(('round__gte', 1)), name='bid_draft_round')],
                },
            ),
            migrations.CreateModel(
                name='Rehearsal',
                fields=[
                    ('draft', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='rehearsal', serialize=False, to='t_procurement.biddraft')),
                    ('bidder', models.UUIDField()),
                    ('lot', models.UUIDField()),
                    ('secret_sha256', models.CharField(max_length=64)),
                    ('policy', models.BinaryField()),
                    ('deadline_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField(db_index=True)),
                    ('deposit', models.UUIDField(null=True, unique=True)),
                    ('root', models.CharField(blank=True, max_length=64)),
                    ('completed_at', models.DateTimeField(null=True)),
                    ('files', models.PositiveSmallIntegerField(default=0)),
                    ('size', models.PositiveBigIntegerField(default=0)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('completed_at', None), ('deposit', None)), models.Q(('completed_at__isnull', False), ('deposit__isnull', False)), _connector='OR'), name='rehearsal_sealed_whole')],
                },
            ),
            migrations.CreateModel(
                name='ConsortiumMember',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='t_procurement.biddraft')),
                    ('siret', models.CharField(max_length=14)),
                    ('name', models.CharField(max_length=200)),
                    ('part', models.CharField(blank=True, max_length=300)),
                ],
                options={
                    'ordering': ['siret'],
                    'constraints': [models.UniqueConstraint(fields=('draft', 'siret'), name='consortium_member_once'), models.CheckConstraint(condition=models.Q(('siret__regex', '^[0-9]{14}$'), models.Q(('name', ''), _negated=True)), name='consortium_member_named')],
                },
            ),
            migrations.CreateModel(
                name='SealedBlock',
                fields=[
                    ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                    ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='t_procurement.biddraft')),
                    ('lot', models.UUIDField()),
                    ('envelope', models.CharField(max_length=255)),
                    ('policy', models.CharField(max_length=64)),
                    ('document', models.BinaryField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('received_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['received_at'],
                },
            ),
            migrations.CreateModel(
                name='SealedFile',
                fields=[
                    ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                    ('block', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='t_procurement.sealedblock')),
                    ('chunks', models.PositiveIntegerField(null=True)),
                    ('size', models.PositiveBigIntegerField(null=True)),
                    ('root', models.CharField(blank=True, max_length=64)),
                    ('begun_at', models.DateTimeField()),
                    ('sealed_at', models.DateTimeField(null=True)),
                ],
                options={
                    'ordering': ['begun_at'],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('chunks', None), ('sealed_at', None), ('size', None)), models.Q(('chunks__isnull', False), ('sealed_at__isnull', False), ('size__isnull', False)), _connector='OR'), name='sealed_file_whole')],
                },
            ),
            migrations.CreateModel(
                name='StoredChunk',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stored', to='t_procurement.sealedfile')),
                    ('index', models.PositiveIntegerField()),
                    ('nonce', models.BinaryField()),
                    ('leaf', models.CharField(max_length=64)),
                    ('size', models.PositiveIntegerField()),
                    ('received_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['index'],
                    'constraints': [models.UniqueConstraint(fields=('file', 'index'), name='stored_chunk_once')],
                },
            ),
            migrations.CreateModel(
                name='ChunkEvent',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('draft', models.UUIDField()),
                    ('file', models.UUIDField()),
                    ('index', models.BigIntegerField()),
                    ('at', models.DateTimeField()),
                    ('size', models.PositiveIntegerField()),
                    ('leaf', models.CharField(max_length=64)),
                    ('outcome', models.CharField(max_length=60)),
                    ('agent', models.CharField(max_length=200)),
                ],
                options={
                    'ordering': ['id'],
                    'indexes': [models.Index(fields=['draft', 'id'], name='chunk_event_of_draft'), models.Index(fields=['at'], name='chunk_event_at')],
                },
            ),
            migrations.CreateModel(
                name='SealIntent',
                fields=[
                    ('deposit', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                    ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intents', to='t_procurement.biddraft')),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('manifest', models.BinaryField()),
                    ('root', models.CharField(max_length=64)),
                    ('completed_at', models.DateTimeField()),
                    ('outcome', models.CharField(choices=[('waiting', 'received, being checked'), ('sealed', 'deposited'), ('refused', 'refused')], default='waiting', max_length=7)),
                    ('refusal', models.CharField(blank=True, max_length=60)),
                    ('refusal_detail', models.CharField(blank=True, max_length=300)),
                ],
                options={
                    'ordering': ['completed_at'],
                    'indexes': [models.Index(condition=models.Q(('outcome', 'waiting')), fields=['completed_at'], name='seal_intent_waiting')],
                },
            ),
            migrations.CreateModel(
                name='Deposit',
                fields=[
                    ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                    ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deposits', to='t_procurement.biddraft')),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deposits', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField()),
                    ('bidder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('manifest', models.BinaryField()),
                    ('root', models.CharField(max_length=64)),
                    ('policy', models.CharField(max_length=64)),
                    ('completed_at', models.DateTimeField()),
                    ('deadline_at', models.DateTimeField()),
                    ('number', models.PositiveIntegerField()),
                    ('state', models.CharField(choices=[('sealed', 'deposited in time, sealed'), ('late', 'late: kept sealed, not opened'), ('superseded', 'replaced by a later deposit, kept sealed'), ('withdrawn', 'withdrawn by the bidder, kept sealed')], max_length=10)),
                    ('supersedes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followers', to='t_procurement.deposit')),
                    ('withdrawn_at', models.DateTimeField(null=True)),
                    ('is_flagged', models.BooleanField(default=False)),
                ],
                options={
                    'ordering': ['number'],
                    'indexes': [models.Index(fields=['bidder', 'completed_at'], name='deposit_of_bidder')],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'round', 'number'), name='deposit_number_once'), models.UniqueConstraint(fields=('consultation', 'round', 'root'), name='deposit_root_once'), models.CheckConstraint(condition=models.Q(models.Q(('completed_at__gt', models.F('deadline_at')), ('state', 'late')), models.Q(models.Q(('state', 'late'), _negated=True), ('completed_at__lte', models.F('deadline_at'))), _connector='OR'), name='deposit_in_time_or_late'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), ('withdrawn_at__isnull', False)), models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('withdrawn_at', None)), _connector='OR'), name='deposit_withdrawn_dated'), models.CheckConstraint(condition=models.Q(('root__regex', '^[0-9a-f]{64}$'), ('policy__regex', '^[0-9a-f]{64}$')), name='deposit_digests')],
                },
            ),
            migrations.CreateModel(
                name='Candidacy',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidacies', to='t_procurement.consultation')),
                    ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidacies', to='t_procurement.deposit')),
                    ('bidder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('state', models.CharField(choices=[('received', 'To examine'), ('admitted', 'Admitted'), ('rejected', 'Not admitted'), ('unselected', 'Not selected')], default='received', max_length=10)),
                    ('reason', models.CharField(blank=True, max_length=2000)),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'bidder'), name='candidacy_once'), models.CheckConstraint(condition=models.Q(('state__in', ['received', 'admitted', 'rejected', 'unselected'])), name='candidacy_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('rejected', 'unselected')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='candidacy_out_with_reason')],
                },
            ),
            migrations.CreateModel(
                name='CandidacyPiece',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('candidacy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='t_procurement.candidacy')),
                    ('kind', models.CharField(max_length=30)),
                    ('state', models.CharField(max_length=8)),
                    ('note', models.CharField(blank=True, max_length=500)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('candidacy', 'kind'), name='candidacy_piece_once'), models.CheckConstraint(condition=models.Q(('state__in', ['present', 'missing', 'asked', 'mended', 'unneeded'])), name='candidacy_piece_state_known')],
                },
            ),
            migrations.CreateModel(
                name='Bid',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField(default=1)),
                    ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='t_procurement.lot')),
                    ('candidacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='t_procurement.candidacy')),
                    ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='t_procurement.deposit')),
                    ('price', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('state', models.CharField(choices=[('opened', 'To examine'), ('explaining', 'Explanations asked'), ('admissible', 'Admissible'), ('irregular', 'Irregular'), ('unacceptable', 'Unacceptable'), ('inappropriate', 'Inappropriate'), ('abnormally_low', 'Abnormally low')], default='opened', max_length=14)),
                    ('reason', models.CharField(blank=True, max_length=2000)),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('total', models.DecimalField(decimal_places=3, max_digits=7, null=True)),
                    ('rank', models.PositiveSmallIntegerField(null=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['consultation', 'round', 'lot'], name='bid_of_lot')],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'round', 'lot', 'candidacy'), name='bid_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('state__in', ['opened', 'explaining', 'admissible', 'irregular', 'unacceptable', 'inappropriate', 'abnormally_low'])), name='bid_state_known'), models.CheckConstraint(condition=models.Q(('price', None), ('price__gt', 0), _connector='OR'), name='bid_price_positive'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('irregular', 'unacceptable', 'inappropriate', 'abnormally_low')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='bid_eliminated_with_reason')],
                },
            ),
            migrations.CreateModel(
                name='CommitteeDecision',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='t_procurement.committeemeeting')),
                    ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.lot')),
                    ('outcome', models.CharField(max_length=12)),
                    ('bid', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.bid')),
                    ('votes_for', models.PositiveSmallIntegerField()),
                    ('votes_against', models.PositiveSmallIntegerField()),
                    ('abstentions', models.PositiveSmallIntegerField()),
                    ('reason', models.CharField(max_length=2000)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('meeting', 'lot'), name='committee_decision_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('outcome__in', ['awarded', 'unsuccessful', 'opinion'])), name='committee_decision_outcome_known')],
                },
            ),
            migrations.CreateModel(
                name='BidderRequest',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bidder_requests', to='t_procurement.consultation')),
                    ('candidacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='t_procurement.candidacy')),
                    ('bid', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='t_procurement.bid')),
                    ('batch', models.UUIDField()),
                    ('kind', models.CharField(choices=[('candidacy', 'complete the candidature'), ('bid', 'put the bid in order'), ('price', 'explain a price that looks abnormally low'), ('precision', 'say more precisely what the bid means'), ('proofs', 'give the proofs asked of the chosen enterprise')], max_length=9)),
                    ('pieces', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                    ('text', models.CharField(blank=True, max_length=6000)),
                    ('asked_at', models.DateTimeField()),
                    ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('until_at', models.DateTimeField()),
                    ('first_opened_at', models.DateTimeField(null=True)),
                    ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('answer', models.CharField(blank=True, max_length=6000)),
                    ('answered_at', models.DateTimeField(null=True)),
                    ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ],
                options={
                    'ordering': ['-asked_at', 'id'],
                    'indexes': [models.Index(fields=['candidacy', '-asked_at'], name='bidder_request_of')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['candidacy', 'bid', 'price', 'precision', 'proofs'])), name='bidder_request_kind_known'), models.CheckConstraint(condition=models.Q(('until_at__gt', models.F('asked_at'))), name='bidder_request_leaves_time')],
                },
            ),
            migrations.CreateModel(
                name='BidderRequestFile',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='t_procurement.bidderrequest')),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(max_length=64)),
                    ('received_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('request', 'sha256'), name='bidder_request_file_once')],
                },
            ),
            migrations.CreateModel(
                name='Award',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.consultation')),
                    ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.lot')),
                    ('outcome', models.CharField(choices=[('awarded', 'awarded'), ('unsuccessful', 'unsuccessful'), ('abandoned', 'without follow-up')], max_length=12)),
                    ('bid', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.bid')),
                    ('deposit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.deposit')),
                    ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('amount', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('reason', models.CharField(max_length=2000)),
                    ('by_committee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.committeedecision')),
                    ('decided_on', models.DateField()),
                    ('decided_at', models.DateTimeField()),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('withdrawn_at', models.DateTimeField(null=True)),
                    ('withdrawal_reason', models.CharField(blank=True, max_length=2000)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('consultation', 'lot'), name='award_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('bid__isnull', False), ('outcome', 'awarded'), ('supplier__isnull', False)), models.Q(('bid', None), ('outcome__in', ['unsuccessful', 'abandoned']), ('supplier', None)), _connector='OR'), name='award_whole'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='award_reasoned')],
                },
            ),
            migrations.CreateModel(
                name='Letter',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='t_procurement.consultation')),
                    ('candidacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='t_procurement.candidacy')),
                    ('bidder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('kind', models.CharField(choices=[('candidacy', 'candidature not admitted'), ('unselected', 'candidature not selected'), ('bid', 'bid not chosen'), ('chosen', 'bid chosen'), ('closed', 'procedure ended without contract'), ('invitation', 'invitation to submit a bid'), ('reasons', 'reasons given on request')], max_length=10)),
                    ('round', models.PositiveSmallIntegerField(null=True)),
                    ('body', models.JSONField(default=dict)),
                    ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('sent_at', models.DateTimeField()),
                    ('first_opened_at', models.DateTimeField(null=True)),
                    ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ],
                options={
                    'ordering': ['-sent_at', 'id'],
                    'indexes': [models.Index(fields=['bidder', '-sent_at'], name='letter_of_bidder')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['candidacy', 'unselected', 'bid', 'chosen', 'closed', 'invitation', 'reasons'])), name='bidder_letter_kind_known')],
                },
            ),
            migrations.CreateModel(
                name='ReasonsAsked',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reasons_asked', to='t_procurement.consultation')),
                    ('candidacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reasons_asked', to='t_procurement.candidacy')),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('asked_at', models.DateTimeField()),
                    ('answer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.letter')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('answer', None)), fields=('candidacy',), name='reasons_asked_once_open')],
                },
            ),
            migrations.CreateModel(
                name='Contract',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='t_procurement.consultation')),
                    ('award', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='contract', to='t_procurement.award')),
                    ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='t_procurement.lot')),
                    ('state', models.CharField(choices=[('drafted', 'To sign'), ('signing', 'Being signed'), ('signed', 'Signed'), ('sent', 'With the prefecture'), ('received', 'Received by the prefecture'), ('notifying', 'Sent to the holder'), ('notified', 'Notified'), ('execution', 'Being carried out'), ('ended', 'Ended'), ('given_up', 'Not concluded')], default='drafted', max_length=10)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('number', models.CharField(max_length=16)),
                    ('title', models.CharField(max_length=300)),
                    ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                    ('duration_months', models.PositiveSmallIntegerField(null=True)),
                    ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('manner', models.CharField(blank=True, choices=[('hand', 'by hand'), ('electronic', 'electronically'), ('mixed', 'one side by hand, the other electronically')], max_length=10)),
                    ('authority', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.knownact')),
                    ('authority_number', models.CharField(blank=True, max_length=60)),
                    ('authority_kind', models.CharField(blank=True, max_length=12)),
                    ('signed_on', models.DateField(null=True)),
                    ('signatory', models.CharField(blank=True, max_length=300)),
                    ('must_be_received', models.BooleanField(default=False)),
                    ('transmit_until', models.DateField(null=True)),
                    ('transmitted_at', models.DateTimeField(null=True)),
                    ('act', models.UUIDField(null=True)),
                    ('received_on', models.DateField(null=True)),
                    ('sent_to_holder_at', models.DateTimeField(null=True)),
                    ('notified_at', models.DateTimeField(null=True)),
                    ('notified_on', models.DateField(null=True)),
                    ('notified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('notification_proof', models.CharField(blank=True, max_length=12)),
                    ('commitment_number', models.CharField(blank=True, max_length=50)),
                    ('service_code', models.CharField(blank=True, max_length=100)),
                    ('invoicing_siret', models.CharField(blank=True, max_length=14)),
                    ('started_on', models.DateField(null=True)),
                    ('ended_on', models.DateField(null=True)),
                    ('end_kind', models.CharField(blank=True, max_length=12)),
                    ('end_reason', models.CharField(blank=True, max_length=2000)),
                    ('final_amount', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('created_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['number'],
                    'indexes': [models.Index(fields=['organisation', '-created_at'], name='contract_of_body')],
                    'constraints': [models.UniqueConstraint(fields=('organisation', 'number'), name='contract_number_once'), models.CheckConstraint(condition=models.Q(('state__in', ['drafted', 'signing', 'signed', 'sent', 'received', 'notifying', 'notified', 'execution', 'ended', 'given_up'])), name='contract_state_known'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='contract_amount_positive'), models.CheckConstraint(condition=models.Q(('state__in', ['drafted', 'signing', 'given_up']), models.Q(('document__isnull', False), ('signed_on__isnull', False)), _connector='OR'), name='contract_signed_whole'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['notified', 'execution', 'ended']), _negated=True), models.Q(('notified_on__isnull', False), models.Q(('must_be_received', False), ('received_on__isnull', False), _connector='OR')), _connector='OR'), name='contract_in_force_after_both')],
                },
            ),
            migrations.CreateModel(
                name='ContractHolder',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holders', to='t_procurement.contract')),
                    ('siret', models.CharField(max_length=14)),
                    ('name', models.CharField(max_length=200)),
                    ('is_lead', models.BooleanField(default=False)),
                ],
                options={
                    'ordering': ['-is_lead', 'name'],
                    'constraints': [models.UniqueConstraint(fields=('contract', 'siret'), name='contract_holder_once')],
                },
            ),
            migrations.CreateModel(
                name='ContractSignature',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='t_procurement.contract')),
                    ('side', models.CharField(choices=[('buyer', 'the body'), ('holder', 'the enterprise')], max_length=6)),
                    ('means', models.CharField(choices=[('hand', 'by hand'), ('electronic', 'electronically'), ('mixed', 'one side by hand, the other electronically')], max_length=10)),
                    ('signed_on', models.DateField()),
                    ('name', models.CharField(max_length=200)),
                    ('quality', models.CharField(blank=True, max_length=200)),
                    ('certificate', models.CharField(blank=True, max_length=64)),
                    ('issuer', models.CharField(blank=True, max_length=300)),
                    ('recorded_at', models.DateTimeField()),
                    ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('contract', 'side'), name='contract_signature_once'), models.CheckConstraint(condition=models.Q(('side__in', ['buyer', 'holder']), ('means__in', ['hand', 'electronic'])), name='contract_signature_known')],
                },
            ),
            migrations.CreateModel(
                name='ContractPiece',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='t_procurement.contract')),
                    ('kind', models.CharField(max_length=30)),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(max_length=64)),
                    ('position', models.PositiveSmallIntegerField()),
                ],
                options={
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('contract', 'sha256'), name='contract_piece_once')],
                },
            ),
            migrations.CreateModel(
                name='ContractChange',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='t_procurement.contract')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('ground', models.CharField(max_length=16)),
                    ('object', models.CharField(max_length=300)),
                    ('reason', models.CharField(max_length=2000)),
                    ('amount', models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                    ('new_amount', models.DecimalField(decimal_places=2, max_digits=14)),
                    ('months', models.SmallIntegerField(default=0)),
                    ('new_holder_siret', models.CharField(blank=True, max_length=14)),
                    ('new_holder_name', models.CharField(blank=True, max_length=200)),
                    ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('signed_on', models.DateField()),
                    ('must_be_received', models.BooleanField(default=False)),
                    ('transmitted_at', models.DateTimeField(null=True)),
                    ('act', models.UUIDField(null=True)),
                    ('received_on', models.DateField(null=True)),
                    ('sent_to_holder_at', models.DateTimeField(null=True)),
                    ('notified_at', models.DateTimeField(null=True)),
                    ('notified_on', models.DateField(null=True)),
                    ('notified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('recorded_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['number'],
                    'constraints': [models.UniqueConstraint(fields=('contract', 'number'), name='contract_change_once'), models.CheckConstraint(condition=models.Q(('ground__in', ['clause', 'additional', 'unforeseen', 'holder', 'not_substantial', 'low'])), name='contract_change_ground_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='contract_change_reasoned')],
                },
            ),
            migrations.CreateModel(
                name='Subcontract',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subcontracts', to='t_procurement.contract')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('siret', models.CharField(max_length=14)),
                    ('name', models.CharField(max_length=200)),
                    ('services', models.CharField(max_length=6000)),
                    ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                    ('is_paid_directly', models.BooleanField()),
                    ('rank', models.PositiveSmallIntegerField(default=1)),
                    ('state', models.CharField(choices=[('asked', 'to decide'), ('accepted', 'accepted'), ('refused', 'refused')], default='asked', max_length=8)),
                    ('asked_on', models.DateField()),
                    ('decided_on', models.DateField(null=True)),
                    ('reason', models.CharField(blank=True, max_length=2000)),
                    ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('recorded_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['number'],
                    'constraints': [models.UniqueConstraint(fields=('contract', 'number'), name='subcontract_once'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'accepted', 'refused'])), name='subcontract_state_known'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='subcontract_amount_positive')],
                },
            ),
            migrations.CreateModel(
                name='DepositLot',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='t_procurement.deposit')),
                    ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.lot')),
                    ('superseded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.deposit')),
                ],
                options={
                    'ordering': ['lot__number'],
                    'constraints': [models.UniqueConstraint(fields=('deposit', 'lot'), name='deposit_lot_once', nulls_distinct=False)],
                },
            ),
            migrations.CreateModel(
                name='Receipt',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='t_procurement.deposit')),
                    ('kind', models.CharField(choices=[('deposit', 'receipt of a deposit'), ('withdrawal', 'receipt of a withdrawal')], default='deposit', max_length=10)),
                    ('document', models.BinaryField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('made_at', models.DateTimeField()),
                    ('token', models.BinaryField(null=True)),
                    ('token_at', models.DateTimeField(null=True)),
                    ('authority', models.CharField(blank=True, max_length=10)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('token', None)), fields=['made_at'], name='receipt_to_stamp')],
                    'constraints': [models.UniqueConstraint(fields=('deposit', 'kind'), name='deposit_receipt_once'), models.CheckConstraint(condition=models.Q(models.Q(('token', None), ('token_at', None)), models.Q(('token__isnull', False), ('token_at__isnull', False)), _connector='OR'), name='receipt_token_dated')],
                },
            ),
            migrations.CreateModel(
                name='LateDecision',
                fields=[
                    ('deposit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='late_decision', serialize=False, to='t_procurement.deposit')),
                    ('ground', models.CharField(choices=[('platform', 'the fault of the platform is not excluded'), ('judge', 'a judge ordered it')], max_length=8)),
                    ('reason', models.CharField(max_length=2000)),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('decided_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='late_decision_reasoned')],
                },
            ),
            migrations.CreateModel(
                name='Attestation',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('kind', models.CharField(max_length=20)),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(max_length=64)),
                    ('valid_until', models.DateField(null=True)),
                    ('added_at', models.DateTimeField()),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('reminded_on', models.DateField(null=True)),
                ],
                options={
                    'ordering': ['kind', '-added_at'],
                    'indexes': [models.Index(fields=['valid_until'], name='attestation_expiry')],
                    'constraints': [models.UniqueConstraint(fields=('organisation', 'sha256'), name='attestation_once')],
                },
            ),
            migrations.CreateModel(
                name='EnterpriseSheet',
                fields=[
                    ('organisation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='identity.organisation')),
                    ('legal_form', models.CharField(blank=True, max_length=120)),
                    ('address', models.CharField(blank=True, max_length=300)),
                    ('postal_code', models.CharField(blank=True, max_length=10)),
                    ('town', models.CharField(blank=True, max_length=120)),
                    ('email', models.EmailField(blank=True, max_length=254)),
                    ('telephone', models.CharField(blank=True, max_length=30)),
                    ('signatory', models.CharField(blank=True, max_length=200)),
                    ('signatory_title', models.CharField(blank=True, max_length=120)),
                    ('is_small', models.BooleanField(default=False)),
                    ('headcount', models.PositiveIntegerField(null=True)),
                    ('turnover_year', models.PositiveSmallIntegerField(null=True)),
                    ('turnover', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('turnover_before', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('turnover_two_before', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('insurance', models.CharField(blank=True, max_length=300)),
                    ('qualifications', models.CharField(blank=True, max_length=1000)),
                    ('references', models.CharField(blank=True, max_length=3000)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('changed_at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='BuyerProfile',
                fields=[
                    ('organisation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='identity.organisation')),
                    ('legal_type', models.CharField(default='la', max_length=20)),
                    ('activity', models.CharField(default='gen-pub', max_length=20)),
                    ('street', models.CharField(blank=True, max_length=200)),
                    ('postal_code', models.CharField(blank=True, max_length=10)),
                    ('city', models.CharField(blank=True, max_length=100)),
                    ('nuts', models.CharField(blank=True, max_length=5)),
                    ('email', models.EmailField(blank=True, max_length=254)),
                    ('telephone', models.CharField(blank=True, max_length=30)),
                    ('website', models.URLField(blank=True, max_length=300)),
                    ('review_name', models.CharField(blank=True, max_length=200)),
                    ('review_siret', models.CharField(blank=True, max_length=14)),
                    ('review_city', models.CharField(blank=True, max_length=100)),
                    ('review_postal_code', models.CharField(blank=True, max_length=10)),
                    ('review_nuts', models.CharField(blank=True, max_length=5)),
                    ('review_email', models.EmailField(blank=True, max_length=254)),
                    ('review_telephone', models.CharField(blank=True, max_length=30)),
                    ('version', models.PositiveIntegerField(default=1)),
                ],
            ),
            migrations.CreateModel(
                name='Notice',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='t_procurement.consultation')),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('channel', models.CharField(choices=[('notices-ted', 'Official Journal of the European Union (TED)'), ('notices-boamp', 'BOAMP')], max_length=20)),
                    ('subtype', models.CharField(max_length=3)),
                    ('state', models.CharField(choices=[('draft', 'To complete'), ('ready', 'Ready to send'), ('ordered', 'Leaving'), ('sent', 'Sent'), ('acknowledged', 'Acknowledged'), ('published', 'Published'), ('rejected', 'Refused'), ('stopped', 'Stopped')], default='draft', max_length=12)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('identifier', models.UUIDField(unique=True)),
                    ('edition', models.PositiveSmallIntegerField(default=1)),
                    ('changes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changed_by', to='t_procurement.notice')),
                    ('change_reason', models.CharField(blank=True, max_length=20)),
                    ('change_text', models.CharField(blank=True, max_length=2000)),
                    ('justification', models.CharField(blank=True, max_length=20)),
                    ('contract', models.UUIDField(null=True)),
                    ('answers', models.JSONField(default=dict)),
                    ('content', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('findings', models.JSONField(default=list)),
                    ('rules', models.CharField(blank=True, max_length=20)),
                    ('last_on', models.DateField(null=True)),
                    ('prepared_at', models.DateTimeField()),
                    ('ordered_at', models.DateTimeField(null=True)),
                    ('ordered_by', models.UUIDField(null=True)),
                    ('sent_at', models.DateTimeField(null=True)),
                    ('acknowledged_at', models.DateTimeField(null=True)),
                    ('published_on', models.DateField(null=True)),
                    ('publication_number', models.CharField(blank=True, max_length=40)),
                    ('reason', models.CharField(blank=True, max_length=1000)),
                ],
                options={
                    'ordering': ['prepared_at', 'id'],
                    'indexes': [models.Index(models.F('channel'), models.F('state'), name='notice_waiting')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'ready', 'ordered', 'sent', 'acknowledged', 'published', 'rejected', 'stopped'])), name='notice_state_known'), models.CheckConstraint(condition=models.Q(('channel__in', ['notices-ted', 'notices-boamp'])), name='notice_channel_known'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'ready', 'stopped']), models.Q(('content__isnull', False), ('ordered_at__isnull', False), models.Q(('sha256', ''), _negated=True)), _connector='OR'), name='notice_ordered_with_its_bytes'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('published_on__isnull', False), _connector='OR'), name='notice_published_on_a_day')],
                },
            ),
            migrations.CreateModel(
                name='OpenRecord',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('consultation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.consultation')),
                    ('contract', models.UUIDField(null=True, unique=True)),
                    ('kind', models.CharField(choices=[('marche', 'contract'), ('contrat-concession', 'concession')], max_length=20)),
                    ('identifier', models.CharField(max_length=16)),
                    ('content', models.JSONField()),
                    ('source', models.CharField(choices=[('platform', 'a contract of this platform'), ('entered', 'entered by hand'), ('imported', 'taken over from a file')], max_length=8)),
                    ('revision', models.PositiveIntegerField(default=1)),
                    ('written_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['identifier'],
                    'constraints': [models.UniqueConstraint(fields=('organisation', 'identifier'), name='open_record_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['marche', 'contrat-concession'])), name='open_record_kind_known'), models.CheckConstraint(condition=models.Q(('identifier', ''), _negated=True), name='open_record_named')],
                },
            ),
            migrations.CreateModel(
                name='OpenFile',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('revision', models.PositiveIntegerField()),
                    ('state', models.CharField(choices=[('ordered', 'leaving'), ('published', 'on the portal'), ('rejected', 'refused by the portal')], default='ordered', max_length=12)),
                    ('content', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(max_length=64)),
                    ('records', models.PositiveIntegerField()),
                    ('ordered_at', models.DateTimeField()),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('reason', models.CharField(blank=True, max_length=1000)),
                ],
                options={
                    'ordering': ['-revision'],
                    'constraints': [models.UniqueConstraint(fields=('organisation', 'revision'), name='open_file_revision_once')],
                },
            ),
            migrations.CreateModel(
                name='OpenImport',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('content', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('taken', models.PositiveIntegerField()),
                    ('refused', models.PositiveIntegerField()),
                    ('repairs', models.JSONField(default=list)),
                    ('imported_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['-imported_at'],
                },
            ),
            migrations.CreateModel(
                name='Release',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('number', models.BigIntegerField(unique=True)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='t_procurement.consultation')),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('ocid', models.CharField(max_length=80)),
                    ('tag', models.CharField(max_length=30)),
                    ('dated_at', models.DateTimeField()),
                    ('content', models.JSONField()),
                    ('cause', models.UUIDField(null=True)),
                ],
                options={
                    'ordering': ['number'],
                    'indexes': [models.Index(models.F('ocid'), models.F('number'), name='release_of_process')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('cause__isnull', False)), fields=('cause', 'tag'), name='release_once_a_fact')],
                },
            ),
            migrations.CreateModel(
                name='Amendment',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='amendments', to='t_procurement.consultation')),
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
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('made_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['version'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'version'), name='amendment_version_once'), models.CheckConstraint(condition=models.Q(('version__gte', 2)), name='amendment_follows_publication'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('summary', ''), _negated=True)), name='amendment_has_reason'), models.CheckConstraint(condition=models.Q(('tenders_before', None), ('tenders_after__gte', models.F('tenders_before')), _connector='OR'), name='amendment_never_earlier')],
                },
            ),
            migrations.CreateModel(
                name='Correspondent',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='correspondents', to='t_procurement.consultation')),
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
                    'constraints': [models.UniqueConstraint(models.F('consultation'), django.db.models.functions.text.Lower('email'), name='correspondent_once'), models.CheckConstraint(condition=models.Q(models.Q(('email', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='correspondent_reachable')],
                },
            ),
            migrations.CreateModel(
                name='Withdrawal',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='withdrawals', to='t_procurement.consultation')),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('version', models.PositiveSmallIntegerField()),
                    ('correspondent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='t_procurement.correspondent')),
                    ('address_hash', models.CharField(max_length=32)),
                    ('withdrawn_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['withdrawn_at', 'id'],
                    'indexes': [models.Index(fields=['consultation', 'withdrawn_at'], name='withdrawal_register'), models.Index(fields=['consultation', 'address_hash', 'sha256', '-withdrawn_at'], name='withdrawal_again')],
                },
            ),
            migrations.CreateModel(
                name='Question',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='t_procurement.consultation')),
                    ('state', models.CharField(choices=[('open', 'to answer'), ('answered', 'answered'), ('dismissed', 'left without an answer')], default='open', max_length=9)),
                    ('lot_number', models.PositiveSmallIntegerField(null=True)),
                    ('text', models.CharField(max_length=4000)),
                    ('asked_at', models.DateTimeField()),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('asker', models.CharField(blank=True, max_length=200)),
                    ('email', models.EmailField(blank=True, max_length=254)),
                    ('language', models.CharField(default='fr', max_length=2)),
                    ('number', models.PositiveSmallIntegerField(null=True)),
                    ('public_text', models.CharField(blank=True, max_length=4000)),
                    ('answer', models.CharField(blank=True, max_length=6000)),
                    ('answered_at', models.DateTimeField(null=True)),
                    ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('late_reason', models.CharField(blank=True, max_length=2000)),
                ],
                options={
                    'ordering': ['asked_at'],
                    'indexes': [models.Index(fields=['consultation', 'state'], name='question_state')],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'number'), name='question_number_once'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'answered', 'dismissed'])), name='question_state_known'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='question_asks'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), _negated=True), models.Q(models.Q(('public_text', ''), _negated=True), models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), ('number__gte', 1)), _connector='OR'), name='question_answered_whole')],
                },
            ),
            migrations.CreateModel(
                name='Listing',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='listing', to='t_procurement.consultation')),
                    ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('source', models.CharField(blank=True, max_length=40)),
                    ('url', models.URLField(blank=True, max_length=500)),
                    ('status', models.CharField(choices=[('open', 'open'), ('suspended', 'suspended'), ('closed', 'closed'), ('ended', 'ended without a contract')], default='open', max_length=9)),
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
                options={
                    'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words', 'cpv_prefixes', 'places'], name='listing_words'), django.contrib.postgres.indexes.GinIndex(condition=models.Q(('status__in', ['closed', 'ended']), _negated=True), fields=['words', 'cpv_prefixes', 'places'], name='listing_open_words'), models.Index(models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('status__in', ['closed', 'ended']), _negated=True), name='listing_open_latest'), models.Index(condition=models.Q(('status__in', ['closed', 'ended']), _negated=True), fields=['deadline_at', 'id'], name='listing_open_deadline'), models.Index(models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='listing_latest'), models.Index(fields=['deadline_at', 'id'], name='listing_deadline'), models.Index(models.F('organisation'), models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='listing_of_body_latest'), models.Index(fields=['changed_at'], name='listing_changed')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('consultation__isnull', False), ('organisation__isnull', False), ('source', '')), models.Q(('consultation', None), models.Q(('source', ''), _negated=True), models.Q(('url', ''), _negated=True)), _connector='OR'), name='listing_here_or_elsewhere'), models.CheckConstraint(condition=models.Q(('status__in', ['open', 'suspended', 'closed', 'ended'])), name='listing_status_known')],
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
                options={
                    'indexes': [models.Index(condition=models.Q(('confirmed_at__isnull', False), ('stopped_at', None)), fields=['frequency'], name='search_to_look'), models.Index(django.db.models.functions.text.Lower('email'), name='search_of_address')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('email', ''), _negated=True), name='search_has_address'), models.CheckConstraint(condition=models.Q(('frequency__in', ['daily', 'weekly'])), name='search_frequency_known')],
                },
            ),
            migrations.CreateModel(
                name='AlertSent',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('search', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='t_procurement.savedsearch')),
                    ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='t_procurement.listing')),
                    ('version', models.PositiveSmallIntegerField()),
                    ('sent_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('search', 'listing', 'version'), name='alert_once_a_version')],
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
                name='Incident',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('from_at', models.DateTimeField()),
                    ('until_at', models.DateTimeField(null=True)),
                    ('what', models.CharField(max_length=2000)),
                    ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), default=list, size=None)),
                    ('touches_within_hours', models.PositiveSmallIntegerField()),
                    ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('declared_at', models.DateTimeField()),
                    ('version', models.PositiveIntegerField(default=1)),
                ],
                options={
                    'ordering': ['-from_at', '-id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('what', ''), _negated=True), name='incident_told'), models.CheckConstraint(condition=models.Q(('until_at', None), ('until_at__gt', models.F('from_at')), _connector='OR'), name='incident_ends_after_it_began')],
                },
            ),
            migrations.CreateModel(
                name='Touched',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='touched', to='t_procurement.incident')),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='t_procurement.consultation')),
                    ('deadline_at', models.DateTimeField()),
                    ('decision', models.CharField(choices=[('pending', 'to be decided'), ('extended', 'deadline put off'), ('left', 'deadline kept, with a reason')], default='pending', max_length=8)),
                    ('extended_until', models.DateTimeField(null=True)),
                    ('reason', models.CharField(blank=True, max_length=2000)),
                    ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('decided_at', models.DateTimeField(null=True)),
                ],
                options={
                    'ordering': ['deadline_at', 'id'],
                    'constraints': [models.UniqueConstraint(fields=('incident', 'consultation'), name='touched_once'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', 'pending'), ('extended_until', None)), models.Q(('decided_at__isnull', False), ('decision', 'extended'), ('extended_until__gt', models.F('deadline_at'))), models.Q(('decided_at__isnull', False), ('decision', 'left'), ('extended_until', None), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='touched_decided_whole')],
                },
            ),
            migrations.CreateModel(
                name='ImportRun',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('kind', models.CharField(max_length=12)),
                    ('platform', models.CharField(blank=True, max_length=100)),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('state', models.CharField(choices=[('received', 'Being read'), ('checked', 'Read'), ('ordered', 'Being taken over'), ('done', 'Taken over')], default='received', max_length=8)),
                    ('counts', models.JSONField(default=dict)),
                    ('brought_by', models.UUIDField(null=True)),
                    ('brought_at', models.DateTimeField()),
                    ('done_at', models.DateTimeField(null=True)),
                ],
                options={
                    'ordering': ['-brought_at', '-id'],
                    'indexes': [models.Index(models.F('organisation'), models.OrderBy(models.F('brought_at'), descending=True), name='import_run_latest')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['received', 'checked', 'ordered', 'done'])), name='import_run_state_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['accounts', 'alerts', 'attestations', 'contracts', 'packages', 'notices', 'redirects'])), name='import_run_kind_known')],
                },
            ),
            migrations.CreateModel(
                name='ImportLine',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='t_procurement.importrun')),
                    ('number', models.PositiveIntegerField()),
                    ('fate', models.CharField(max_length=8)),
                    ('what', models.CharField(blank=True, max_length=200)),
                    ('faults', models.JSONField(default=list)),
                ],
                options={
                    'ordering': ['number', 'id'],
                    'indexes': [models.Index(fields=['run', 'fate', 'number'], name='import_line_fate')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('fate__in', ['new', 'known', 'changed', 'merged', 'refused'])), name='import_line_fate_known')],
                },
            ),
            migrations.CreateModel(
                name='FormerAccount',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.importrun')),
                    ('siret', models.CharField(max_length=14)),
                    ('name', models.CharField(max_length=200)),
                    ('email', models.EmailField(max_length=254)),
                    ('given_names', models.CharField(max_length=120)),
                    ('usual_name', models.CharField(max_length=120)),
                    ('established', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('invitation', models.UUIDField(null=True)),
                    ('invited_at', models.DateTimeField(null=True)),
                    ('activated_at', models.DateTimeField(null=True)),
                    ('refusal', models.CharField(blank=True, max_length=60)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('invited_at', None), ('refusal', '')), fields=['id'], name='former_account_waiting'), models.Index(fields=['invitation'], name='former_account_invitation'), models.Index(fields=['email'], name='former_account_email')],
                    'constraints': [models.UniqueConstraint(fields=('siret', 'email'), name='former_account_once'), models.CheckConstraint(condition=models.Q(('siret__regex', '^[0-9]{14}$')), name='former_account_siret_form')],
                },
            ),
            migrations.CreateModel(
                name='Package',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.importrun')),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('consultation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='packages', to='t_procurement.consultation')),
                    ('origin', models.CharField(choices=[('made', 'made here, at the end of the procedure'), ('former', 'procedure file of another platform, sealed as it came'), ('brought', 'package brought back')], max_length=7)),
                    ('state', models.CharField(choices=[('reading', 'Being verified'), ('kept', 'Kept'), ('refused', 'Package refused')], default='kept', max_length=8)),
                    ('fault', models.JSONField(default=dict)),
                    ('reference', models.CharField(max_length=64)),
                    ('title', models.CharField(max_length=300)),
                    ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(max_length=64)),
                    ('size', models.PositiveBigIntegerField()),
                    ('ended_on', models.DateField(null=True)),
                    ('keep_until', models.DateField(null=True)),
                    ('keep_article', models.CharField(blank=True, max_length=60)),
                    ('made_at', models.DateTimeField()),
                    ('destroyed_at', models.DateTimeField(null=True)),
                    ('destroyed_reason', models.CharField(blank=True, max_length=2000)),
                ],
                options={
                    'ordering': ['-made_at', '-id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'refused'), _negated=True), fields=('organisation', 'sha256'), name='package_once'), models.CheckConstraint(condition=models.Q(('state__in', ['reading', 'kept', 'refused'])), name='package_state_known'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='package_sha256_form'), models.CheckConstraint(condition=models.Q(('destroyed_at', None), models.Q(('destroyed_reason', ''), _negated=True), _connector='OR'), name='package_destroyed_with_reason')],
                },
            ),
            migrations.CreateModel(
                name='PackageEntry',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('package', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='t_procurement.package')),
                    ('position', models.PositiveIntegerField()),
                    ('path', models.CharField(max_length=1000)),
                    ('size', models.PositiveBigIntegerField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ],
                options={
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('package', 'path'), name='package_entry_path_once'), models.UniqueConstraint(fields=('package', 'position'), name='package_entry_position_once')],
                },
            ),
            migrations.CreateModel(
                name='FormerAddress',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.importrun')),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('address', models.CharField(max_length=1000)),
                    ('address_key', models.CharField(max_length=1000, unique=True)),
                    ('consultation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.consultation')),
                    ('listing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.listing')),
                    ('record', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.openrecord')),
                    ('package', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.package')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('consultation__isnull', False), ('listing', None), ('package', None), ('record', None)), models.Q(('consultation', None), ('listing__isnull', False), ('package', None), ('record', None)), models.Q(('consultation', None), ('listing', None), ('package', None), ('record__isnull', False)), models.Q(('consultation', None), ('listing', None), ('package__isnull', False), ('record', None)), _connector='OR'), name='former_address_leads_to_one')],
                },
            ),
            migrations.CreateModel(
                name='EspdAnswer',
                fields=[
                    ('draft', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='espd', serialize=False, to='t_procurement.biddraft')),
                    ('request', models.BinaryField(default=bytes)),
                    ('answers', models.JSONField(default=dict)),
                    ('is_written', models.BooleanField(default=False)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('changed_at', models.DateTimeField()),
                ],
            ),
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
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holders', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField(default=1)),
                    ('role', models.CharField(choices=[('officer', 'opening officer'), ('custodian', 'custodian')], max_length=9)),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('name', models.CharField(max_length=200)),
                    ('suite', models.PositiveSmallIntegerField()),
                    ('public_key', models.BinaryField()),
                    ('accepted_at', models.DateTimeField()),
                    ('tried_at', models.DateTimeField(null=True)),
                    ('left_at', models.DateTimeField(null=True)),
                ],
                options={
                    'ordering': ['-role', 'accepted_at', 'id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('consultation', 'round', 'person'), name='holder_once'), models.UniqueConstraint(condition=models.Q(('left_at', None), ('role', 'custodian')), fields=('consultation', 'round'), name='holder_one_custodian'), models.UniqueConstraint(fields=('public_key',), name='holder_key_once'), models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('role', 'officer')), models.Q(('person', None), ('role', 'custodian')), _connector='OR'), name='holder_officer_is_a_person'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='holder_named')],
                },
            ),
            migrations.CreateModel(
                name='KeySlot',
                fields=[
                    ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                    ('holder', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='t_procurement.holderkey')),
                    ('kind', models.CharField(choices=[('passkey', 'passkey'), ('recovery', 'recovery words on paper'), ('passphrase', 'pass-phrase')], max_length=10)),
                    ('document', models.BinaryField()),
                    ('made_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['made_at', 'id'],
                },
            ),
            migrations.CreateModel(
                name='Quorum',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quorums', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField(default=1)),
                    ('threshold', models.PositiveSmallIntegerField()),
                    ('chosen_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'round'), name='quorum_once'), models.CheckConstraint(condition=models.Q(('threshold__gte', 2), ('threshold__lte', 12)), name='quorum_bounds')],
                },
            ),
            migrations.CreateModel(
                name='TimeKey',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='time_keys', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField(default=1)),
                    ('suite', models.PositiveSmallIntegerField()),
                    ('asked_at', models.DateTimeField()),
                    ('public_key', models.BinaryField(null=True)),
                    ('made_at', models.DateTimeField(null=True)),
                    ('backup', models.BinaryField(null=True)),
                    ('recovery', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.custodiankey')),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('made_at', None)), fields=['asked_at'], name='time_key_asked')],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'round'), name='time_key_once'), models.CheckConstraint(condition=models.Q(models.Q(('made_at', None), ('public_key', None)), models.Q(('made_at__isnull', False), ('public_key__isnull', False)), _connector='OR'), name='time_key_made')],
                },
            ),
            migrations.CreateModel(
                name='PolicyVersion',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField(default=1)),
                    ('version', models.PositiveSmallIntegerField()),
                    ('document', models.BinaryField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('deadline_at', models.DateTimeField()),
                    ('made_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['round', 'version'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'round', 'version'), name='policy_version_once'), models.UniqueConstraint(fields=('sha256',), name='policy_hash_once'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='policy_hash_form'), models.CheckConstraint(condition=models.Q(('round__gte', 1), ('version__gte', 1)), name='policy_numbered')],
                },
            ),
            migrations.CreateModel(
                name='OpeningOrder',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField(default=1)),
                    ('envelope', models.CharField(choices=[('candidature', 'candidature'), ('tender', 'tender')], max_length=11)),
                    ('state', models.CharField(choices=[('asked', 'Being prepared'), ('ready', 'Waiting for the officers'), ('opening', 'Being opened'), ('opened', 'Opened'), ('lost', 'Interrupted'), ('cancelled', 'Given up')], default='asked', max_length=9)),
                    ('policy', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.policyversion')),
                    ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('asked_at', models.DateTimeField()),
                    ('session', models.BinaryField(null=True)),
                    ('document', models.BinaryField(null=True)),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('ready_at', models.DateTimeField(null=True)),
                    ('time_refusal', models.CharField(blank=True, max_length=500)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('ended_reason', models.CharField(blank=True, max_length=2000)),
                    ('antivirus', models.CharField(blank=True, max_length=100)),
                ],
                options={
                    'ordering': ['asked_at', 'id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'ready', 'opening', 'opened', 'lost', 'cancelled'])), name='opening_state_known'), models.UniqueConstraint(condition=models.Q(('state__in', ('asked', 'ready', 'opening'))), fields=('consultation', 'round', 'envelope'), name='opening_one_under_way'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'cancelled']), models.Q(('document__isnull', False), ('session__isnull', False), ('sha256__regex', '^[0-9a-f]{64}$')), _connector='OR'), name='opening_order_written')],
                },
            ),
            migrations.CreateModel(
                name='ExcludedDeposit',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='excluded', to='t_procurement.openingorder')),
                    ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.deposit')),
                    ('reason', models.CharField(max_length=12)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('order', 'deposit'), name='excluded_once'), models.CheckConstraint(condition=models.Q(('reason__in', ('late', 'superseded', 'withdrawn', 'not-admitted'))), name='excluded_reason_known')],
                },
            ),
            migrations.CreateModel(
                name='Presence',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presences', to='t_procurement.openingorder')),
                    ('name', models.CharField(max_length=200)),
                    ('capacity', models.CharField(blank=True, max_length=200)),
                    ('noted_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['noted_at', 'id'],
                    'constraints': [models.UniqueConstraint(fields=('order', 'name'), name='presence_once'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='presence_named')],
                },
            ),
            migrations.CreateModel(
                name='HolderRelease',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='releases', to='t_procurement.openingorder')),
                    ('holder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.holderkey')),
                    ('brought_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('document', models.BinaryField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('token', models.BinaryField(null=True)),
                    ('received_at', models.DateTimeField()),
                    ('checked_at', models.DateTimeField(null=True)),
                    ('fault', models.CharField(blank=True, max_length=500)),
                ],
                options={
                    'ordering': ['received_at', 'id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('fault', '')), fields=('order', 'holder'), name='release_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('holder', None), ('token__isnull', False)), models.Q(('holder__isnull', False), ('token', None)), _connector='OR'), name='release_time_is_stamped')],
                },
            ),
            migrations.CreateModel(
                name='OpenedBlock',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to='t_procurement.openingorder')),
                    ('block', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.sealedblock')),
                    ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opened_blocks', to='t_procurement.deposit')),
                    ('master', models.BinaryField(null=True)),
                    ('fault', models.CharField(blank=True, max_length=500)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('order', 'block'), name='opened_block_once'), models.CheckConstraint(condition=models.Q(models.Q(('master', None), models.Q(('fault', ''), _negated=True)), models.Q(('fault', ''), ('master__isnull', False)), _connector='OR'), name='opened_block_or_fault')],
                },
            ),
            migrations.CreateModel(
                name='OpenedFile',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='t_procurement.openingorder')),
                    ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opened_files', to='t_procurement.deposit')),
                    ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.lot')),
                    ('envelope', models.CharField(choices=[('candidature', 'candidature'), ('tender', 'tender')], max_length=11)),
                    ('sealed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.sealedfile')),
                    ('position', models.PositiveIntegerField()),
                    ('name', models.CharField(blank=True, max_length=255)),
                    ('media_type', models.CharField(blank=True, max_length=255)),
                    ('size', models.BigIntegerField(default=0)),
                    ('sha256', models.CharField(blank=True, max_length=64)),
                    ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('verdict', models.CharField(choices=[('clear', 'opened'), ('unreadable', 'unreadable'), ('infected', 'infected')], max_length=10)),
                    ('fault', models.CharField(blank=True, max_length=500)),
                ],
                options={
                    'ordering': ['deposit', 'position'],
                    'indexes': [models.Index(fields=['deposit', 'lot', 'envelope'], name='opened_of_deposit')],
                    'constraints': [models.UniqueConstraint(fields=('order', 'sealed'), name='opened_file_once'), models.CheckConstraint(condition=models.Q(('verdict__in', ['clear', 'unreadable', 'infected'])), name='opened_verdict_known'), models.CheckConstraint(condition=models.Q(models.Q(('document__isnull', False), ('fault', ''), ('verdict', 'clear')), models.Q(models.Q(('verdict', 'clear'), _negated=True), ('document', None), models.Q(('fault', ''), _negated=True)), _connector='OR'), name='opened_clear_has_its_bytes')],
                },
            ),
            migrations.CreateModel(
                name='RepairAttempt',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='repairs', to='t_procurement.openedfile')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('note', models.CharField(max_length=2000)),
                    ('succeeded', models.BooleanField()),
                    ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('attempted_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['attempted_at'],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('document__isnull', False), ('succeeded', True)), models.Q(('document', None), ('succeeded', False)), _connector='OR'), name='repair_success_has_a_file')],
                },
            ),
            migrations.CreateModel(
                name='SafetyCopy',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='safety_copies', to='t_procurement.consultation')),
                    ('round', models.PositiveSmallIntegerField(default=1)),
                    ('bidder_name', models.CharField(max_length=200)),
                    ('deposit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='safety_copies', to='t_procurement.deposit')),
                    ('medium', models.CharField(max_length=200)),
                    ('arrived_at', models.DateTimeField()),
                    ('state', models.CharField(choices=[('kept', 'kept closed'), ('opened', 'opened'), ('destroyed', 'destroyed unopened')], default='kept', max_length=9)),
                    ('ground', models.CharField(blank=True, max_length=40)),
                    ('reason', models.CharField(blank=True, max_length=2000)),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ],
                options={
                    'ordering': ['arrived_at', 'id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['kept', 'opened', 'destroyed'])), name='copy_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'opened'), _negated=True), models.Q(models.Q(('ground', ''), _negated=True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='copy_opened_with_its_case'), models.CheckConstraint(condition=models.Q(models.Q(('bidder_name', ''), _negated=True), models.Q(('medium', ''), _negated=True)), name='copy_described')],
                },
            ),
            migrations.CreateModel(
                name='SafetyCopyFile',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('copy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='t_procurement.safetycopy')),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('copy', 'document'), name='copy_file_once')],
                },
            ),
            migrations.CreateModel(
                name='Minutes',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='minutes', to='t_procurement.openingorder')),
                    ('language', models.CharField(max_length=2)),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(max_length=64)),
                    ('made_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('order', 'language'), name='minutes_once')],
                },
            ),
            migrations.CreateModel(
                name='ContractOption',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='options', to='t_procurement.consultation')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('lot_number', models.PositiveSmallIntegerField(null=True)),
                    ('kind', models.CharField(choices=[('renewal', 'renewal'), ('phase', 'optional phase (tranche)'), ('extra', 'extra service (prestation supplémentaire)')], max_length=7)),
                    ('name', models.CharField(max_length=300)),
                    ('value', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ('times', models.PositiveSmallIntegerField(default=1)),
                    ('months', models.PositiveSmallIntegerField(null=True)),
                ],
                options={
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'position'), name='option_position_once'), models.CheckConstraint(condition=models.Q(('times__gte', 1), models.Q(('name', ''), _negated=True)), name='option_named'), models.CheckConstraint(condition=models.Q(('value', None), ('value__gte', 0), _connector='OR'), name='option_value_not_negative')],
                },
            ),
            migrations.CreateModel(
                name='SubCriterion',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='t_procurement.criterion')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('name', models.CharField(max_length=200)),
                    ('weight', models.DecimalField(decimal_places=2, max_digits=5)),
                ],
                options={
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('criterion', 'position'), name='part_position_once'), models.CheckConstraint(condition=models.Q(('weight__gt', 0), ('weight__lte', 100), models.Q(('name', ''), _negated=True)), name='part_weighs')],
                },
            ),
            migrations.CreateModel(
                name='Score',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('bid', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='t_procurement.bid')),
                    ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='t_procurement.criterion')),
                    ('part', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.subcriterion')),
                    ('evaluator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('version', models.PositiveSmallIntegerField()),
                    ('value', models.DecimalField(decimal_places=2, max_digits=6)),
                    ('justification', models.CharField(max_length=6000)),
                    ('given_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['given_at', 'version'],
                    'constraints': [models.UniqueConstraint(fields=('bid', 'criterion', 'part', 'evaluator', 'version'), name='score_version_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('value__gte', 0), models.Q(('justification', ''), _negated=True)), name='score_with_justification')],
                },
            ),
            migrations.CreateModel(
                name='FinalScore',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('bid', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='final_scores', to='t_procurement.bid')),
                    ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.criterion')),
                    ('part', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.subcriterion')),
                    ('version', models.PositiveSmallIntegerField()),
                    ('value', models.DecimalField(decimal_places=2, max_digits=14)),
                    ('points', models.DecimalField(decimal_places=3, max_digits=6)),
                    ('justification', models.CharField(blank=True, max_length=6000)),
                    ('by_formula', models.BooleanField(default=False)),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('given_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['version'],
                    'constraints': [models.UniqueConstraint(fields=('bid', 'criterion', 'part', 'version'), name='final_score_version_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('by_formula', True), models.Q(('justification', ''), _negated=True), _connector='OR'), name='final_score_with_justification')],
                },
            ),
            migrations.CreateModel(
                name='SelectionCriterion',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='selection', to='t_procurement.consultation')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('kind', models.CharField(choices=[('sui-act', 'right to exercise the trade'), ('ef-stan', 'economic and financial standing'), ('tp-abil', 'technical and professional ability')], max_length=7)),
                    ('text', models.CharField(max_length=1000)),
                    ('level', models.CharField(blank=True, max_length=500)),
                ],
                options={
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'position'), name='selection_position_once'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='selection_said')],
                },
            ),
            migrations.CreateModel(
                name='AskedPiece',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='asked_pieces', to='t_procurement.consultation')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('asked_from', models.CharField(choices=[('candidate', 'every candidate, with the candidature'), ('tenderer', 'every tenderer, with the bid'), ('winner', 'only who is about to be chosen')], max_length=9)),
                    ('code', models.CharField(blank=True, max_length=30)),
                    ('name', models.CharField(max_length=300)),
                ],
                options={
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('consultation', 'position'), name='asked_piece_position_once'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='asked_piece_named')],
                },
            ),
            migrations.CreateModel(
                name='DocumentTemplate',
                fields=[
                    ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                    ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                    ('code', models.CharField(max_length=10)),
                    ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                    ('sha256', models.CharField(max_length=64)),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                    ('kept_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('organisation', 'code'), name='document_template_once')],
                },
            ),
        ),
        migrations.RunSQL(FREEZE, THAW),
        migrations.RunSQL(KEEP, LET_GO),
        migrations.RunSQL(KEEP_UPLOADS, LET_GO_UPLOADS),
        migrations.RunSQL(KEEP_PROBES, LET_GO_PROBES),
    ]
