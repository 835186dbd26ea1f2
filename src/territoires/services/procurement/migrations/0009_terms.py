from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import territoires.kernel.ids

# What bidders rely on is frozen with the lots and criteria.
FREEZE = """
DROP TRIGGER frozen_words ON t_procurement_lot;
CREATE TRIGGER frozen_words BEFORE UPDATE ON t_procurement_lot
    FOR EACH ROW WHEN ((OLD.consultation_id, OLD.number, OLD.title, OLD.cpv, OLD.estimated_value, OLD.is_small,
            OLD.additional_cpvs, OLD.nuts, OLD.reserved_for)
        IS DISTINCT FROM (NEW.consultation_id, NEW.number, NEW.title, NEW.cpv, NEW.estimated_value, NEW.is_small,
            NEW.additional_cpvs, NEW.nuts, NEW.reserved_for))
    EXECUTE FUNCTION procurement_frozen();
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
"""
THAW = """
DROP TRIGGER frozen_terms ON t_procurement_consultation;
DROP FUNCTION procurement_terms_frozen();
DROP TRIGGER frozen ON t_procurement_subcriterion;
DROP FUNCTION procurement_part_frozen();
DROP TRIGGER frozen ON t_procurement_askedpiece;
DROP TRIGGER frozen ON t_procurement_selectioncriterion;
DROP TRIGGER frozen ON t_procurement_contractoption;
DROP TRIGGER frozen_words ON t_procurement_lot;
CREATE TRIGGER frozen_words BEFORE UPDATE ON t_procurement_lot
    FOR EACH ROW WHEN ((OLD.consultation_id, OLD.number, OLD.title, OLD.cpv, OLD.estimated_value, OLD.is_small)
        IS DISTINCT FROM (NEW.consultation_id, NEW.number, NEW.title, NEW.cpv, NEW.estimated_value, NEW.is_small))
    EXECUTE FUNCTION procurement_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
        ('identity', '0004_person_certificates'),
        ('t_procurement', '0008_continuity'),
    ]

    operations = [
        migrations.CreateModel(
            name='AskedPiece',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('asked_from', models.CharField(choices=[('candidate', 'every candidate, with the candidature'), ('tenderer', 'every tenderer, with the bid'), ('winner', 'only who is about to be chosen')], max_length=9)),
                ('code', models.CharField(blank=True, max_length=30)),
                ('name', models.CharField(max_length=300)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='ContractOption',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
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
            },
        ),
        migrations.CreateModel(
            name='DocumentTemplate',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=10)),
                ('sha256', models.CharField(max_length=64)),
                ('kept_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SelectionCriterion',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('sui-act', 'right to exercise the trade'), ('ef-stan', 'economic and financial standing'), ('tp-abil', 'technical and professional ability')], max_length=7)),
                ('text', models.CharField(max_length=1000)),
                ('level', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='SubCriterion',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('weight', models.DecimalField(decimal_places=2, max_digits=5)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.AddField(
            model_name='consultation',
            name='additional_cpvs',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='consultation',
            name='fewest_candidates',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='consultation',
            name='group_agreement',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='consultation',
            name='most_candidates',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='consultation',
            name='prize',
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name='consultation',
            name='purchasing_form',
            field=models.CharField(blank=True, choices=[('', 'for yourself alone'), ('group', 'for a purchasing group (groupement de commandes) that you coordinate'), ('central', "as a central purchasing body (centrale d'achat)")], max_length=7),
        ),
        migrations.AddField(
            model_name='consultation',
            name='reserved_for',
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name='consultation',
            name='submitted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='consultation',
            name='variant_conditions',
            field=models.CharField(blank=True, max_length=6000),
        ),
        migrations.AddField(
            model_name='lot',
            name='additional_cpvs',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='lot',
            name='nuts',
            field=models.CharField(blank=True, max_length=5),
        ),
        migrations.AddField(
            model_name='lot',
            name='reserved_for',
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name='participant',
            name='name',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='piece',
            name='made_as',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='piece',
            name='made_from',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name='listing',
            name='status',
            field=models.CharField(choices=[('open', 'open'), ('suspended', 'suspended'), ('closed', 'closed'), ('ended', 'ended without a contract')], default='open', max_length=9),
        ),
        migrations.AddConstraint(
            model_name='piece',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('made_as', ''), _negated=True), ('retired_in', None)), fields=('consultation', 'made_as'), name='piece_made_once'),
        ),
        migrations.AddField(
            model_name='askedpiece',
            name='consultation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='asked_pieces', to='t_procurement.consultation'),
        ),
        migrations.AddField(
            model_name='contractoption',
            name='consultation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='options', to='t_procurement.consultation'),
        ),
        migrations.AddField(
            model_name='documenttemplate',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document'),
        ),
        migrations.AddField(
            model_name='documenttemplate',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation'),
        ),
        migrations.AddField(
            model_name='documenttemplate',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person'),
        ),
        migrations.AddField(
            model_name='selectioncriterion',
            name='consultation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='selection', to='t_procurement.consultation'),
        ),
        migrations.AddField(
            model_name='subcriterion',
            name='criterion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='t_procurement.criterion'),
        ),
        migrations.AddConstraint(
            model_name='askedpiece',
            constraint=models.UniqueConstraint(fields=('consultation', 'position'), name='asked_piece_position_once'),
        ),
        migrations.AddConstraint(
            model_name='askedpiece',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='asked_piece_named'),
        ),
        migrations.AddConstraint(
            model_name='contractoption',
            constraint=models.UniqueConstraint(fields=('consultation', 'position'), name='option_position_once'),
        ),
        migrations.AddConstraint(
            model_name='contractoption',
            constraint=models.CheckConstraint(condition=models.Q(('times__gte', 1), models.Q(('name', ''), _negated=True)), name='option_named'),
        ),
        migrations.AddConstraint(
            model_name='contractoption',
            constraint=models.CheckConstraint(condition=models.Q(('value', None), ('value__gte', 0), _connector='OR'), name='option_value_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='documenttemplate',
            constraint=models.UniqueConstraint(fields=('organisation', 'code'), name='document_template_once'),
        ),
        migrations.AddConstraint(
            model_name='selectioncriterion',
            constraint=models.UniqueConstraint(fields=('consultation', 'position'), name='selection_position_once'),
        ),
        migrations.AddConstraint(
            model_name='selectioncriterion',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='selection_said'),
        ),
        migrations.AddConstraint(
            model_name='subcriterion',
            constraint=models.UniqueConstraint(fields=('criterion', 'position'), name='part_position_once'),
        ),
        migrations.AddConstraint(
            model_name='subcriterion',
            constraint=models.CheckConstraint(condition=models.Q(('weight__gt', 0), ('weight__lte', 100), models.Q(('name', ''), _negated=True)), name='part_weighs'),
        ),
        migrations.RunSQL(FREEZE, THAW),
    ]
