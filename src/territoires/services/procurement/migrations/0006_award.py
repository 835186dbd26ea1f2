from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
import territoires.kernel.ids
from django.db import migrations, models


# Notes stay: a corrected one is the next version.
KEEP = """
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON t_procurement_score
    FOR EACH ROW EXECUTE FUNCTION procurement_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON t_procurement_finalscore
    FOR EACH ROW EXECUTE FUNCTION procurement_kept();
"""
UNKEEP = """
DROP TRIGGER kept ON t_procurement_finalscore;
DROP TRIGGER kept ON t_procurement_score;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
        ('identity', '0004_person_certificates'),
        ('t_procurement', '0005_opening'),
    ]

    operations = [
        migrations.CreateModel(
            name='Bid',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('price', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('state', models.CharField(choices=[('opened', 'To examine'), ('explaining', 'Explanations asked'), ('admissible', 'Admissible'), ('irregular', 'Irregular'), ('unacceptable', 'Unacceptable'), ('inappropriate', 'Inappropriate'), ('abnormally_low', 'Abnormally low')], default='opened', max_length=14)),
                ('reason', models.CharField(blank=True, max_length=2000)),
                ('decided_at', models.DateTimeField(null=True)),
                ('total', models.DecimalField(decimal_places=3, max_digits=7, null=True)),
                ('rank', models.PositiveSmallIntegerField(null=True)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='t_procurement.consultation')),
                ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='t_procurement.deposit')),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='t_procurement.lot')),
            ],
        ),
        migrations.CreateModel(
            name='Candidacy',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('received', 'To examine'), ('admitted', 'Admitted'), ('rejected', 'Not admitted')], default='received', max_length=8)),
                ('reason', models.CharField(blank=True, max_length=2000)),
                ('decided_at', models.DateTimeField(null=True)),
                ('bidder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidacies', to='t_procurement.consultation')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidacies', to='t_procurement.deposit')),
            ],
        ),
        migrations.CreateModel(
            name='BidderRequest',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('batch', models.UUIDField()),
                ('kind', models.CharField(choices=[('candidacy', 'complete the candidature'), ('bid', 'put the bid in order'), ('price', 'explain a price that looks abnormally low'), ('precision', 'say more precisely what the bid means'), ('proofs', 'give the proofs asked of the chosen enterprise')], max_length=9)),
                ('pieces', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                ('text', models.CharField(blank=True, max_length=6000)),
                ('asked_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('first_opened_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=6000)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('bid', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='t_procurement.bid')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bidder_requests', to='t_procurement.consultation')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('candidacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='t_procurement.candidacy')),
            ],
            options={
                'ordering': ['-asked_at', 'id'],
            },
        ),
        migrations.AddField(
            model_name='bid',
            name='candidacy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='t_procurement.candidacy'),
        ),
        migrations.CreateModel(
            name='CandidacyPiece',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=30)),
                ('state', models.CharField(max_length=8)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('candidacy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='t_procurement.candidacy')),
            ],
        ),
        migrations.CreateModel(
            name='Committee',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('cao', 'Tender committee (CAO)'), ('jury', 'Jury'), ('cdsp', 'Public service delegation committee'), ('internal', 'Internal committee (adapted procedure)')], max_length=8)),
                ('name', models.CharField(max_length=200)),
                ('instrument', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='CommitteeDecision',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('outcome', models.CharField(max_length=12)),
                ('votes_for', models.PositiveSmallIntegerField()),
                ('votes_against', models.PositiveSmallIntegerField()),
                ('abstentions', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(max_length=2000)),
                ('bid', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.bid')),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.lot')),
            ],
        ),
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('outcome', models.CharField(choices=[('awarded', 'awarded'), ('unsuccessful', 'unsuccessful'), ('abandoned', 'without follow-up')], max_length=12)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('reason', models.CharField(max_length=2000)),
                ('decided_on', models.DateField()),
                ('decided_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=2000)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.consultation')),
                ('deposit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.deposit')),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.lot')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                ('bid', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.bid')),
                ('by_committee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='t_procurement.committeedecision')),
            ],
        ),
        migrations.CreateModel(
            name='CommitteeMeeting',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('convened', 'Convened'), ('open', 'In session'), ('no_quorum', 'Without quorum'), ('closed', 'Held'), ('cancelled', 'Cancelled')], default='convened', max_length=9)),
                ('meets_at', models.DateTimeField()),
                ('place', models.CharField(max_length=200)),
                ('agenda', models.CharField(max_length=6000)),
                ('convened_at', models.DateTimeField()),
                ('held_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('remarks', models.CharField(blank=True, max_length=6000)),
                ('minutes_sha256', models.CharField(blank=True, max_length=64)),
                ('after', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeated', to='t_procurement.committeemeeting')),
                ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='t_procurement.committee')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='t_procurement.consultation')),
                ('minutes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
            ],
            options={
                'ordering': ['meets_at'],
            },
        ),
        migrations.AddField(
            model_name='committeedecision',
            name='meeting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='t_procurement.committeemeeting'),
        ),
        migrations.CreateModel(
            name='CommitteeMember',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('quality', models.CharField(blank=True, max_length=200)),
                ('email', models.EmailField(max_length=254)),
                ('capacity', models.CharField(choices=[('president', 'president'), ('titular', 'full member'), ('substitute', 'substitute'), ('adviser', 'with an advisory voice')], max_length=10)),
                ('left_at', models.DateTimeField(null=True)),
                ('committee', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='t_procurement.committee')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('quality', models.CharField(blank=True, max_length=200)),
                ('capacity', models.CharField(choices=[('president', 'president'), ('titular', 'full member'), ('substitute', 'substitute'), ('adviser', 'with an advisory voice')], max_length=10)),
                ('notification', models.UUIDField(null=True)),
                ('is_present', models.BooleanField(default=False)),
                ('conflict', models.CharField(blank=True, max_length=2000)),
                ('conflict_declared_at', models.DateTimeField(null=True)),
                ('replaces', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='t_procurement.attendance')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to='t_procurement.committeemeeting')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.committeemember')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('drafted', 'To sign'), ('signing', 'Being signed'), ('signed', 'Signed'), ('sent', 'With the prefecture'), ('received', 'Received by the prefecture'), ('notifying', 'Sent to the holder'), ('notified', 'Notified'), ('execution', 'Being carried out'), ('ended', 'Ended'), ('given_up', 'Not concluded')], default='drafted', max_length=10)),
                ('version', models.PositiveIntegerField(default=1)),
                ('number', models.CharField(max_length=16)),
                ('title', models.CharField(max_length=300)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('duration_months', models.PositiveSmallIntegerField(null=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('manner', models.CharField(blank=True, choices=[('hand', 'by hand'), ('electronic', 'electronically'), ('mixed', 'one side by hand, the other electronically')], max_length=10)),
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
                ('award', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='contract', to='t_procurement.award')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='t_procurement.consultation')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='t_procurement.lot')),
                ('notified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='ContractChange',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('ground', models.CharField(max_length=16)),
                ('object', models.CharField(max_length=300)),
                ('reason', models.CharField(max_length=2000)),
                ('amount', models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ('new_amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('months', models.SmallIntegerField(default=0)),
                ('new_holder_siret', models.CharField(blank=True, max_length=14)),
                ('new_holder_name', models.CharField(blank=True, max_length=200)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('signed_on', models.DateField()),
                ('must_be_received', models.BooleanField(default=False)),
                ('transmitted_at', models.DateTimeField(null=True)),
                ('act', models.UUIDField(null=True)),
                ('received_on', models.DateField(null=True)),
                ('sent_to_holder_at', models.DateTimeField(null=True)),
                ('notified_at', models.DateTimeField(null=True)),
                ('notified_on', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='t_procurement.contract')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('notified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='ContractHolder',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('siret', models.CharField(max_length=14)),
                ('name', models.CharField(max_length=200)),
                ('is_lead', models.BooleanField(default=False)),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holders', to='t_procurement.contract')),
            ],
            options={
                'ordering': ['-is_lead', 'name'],
            },
        ),
        migrations.CreateModel(
            name='ContractPiece',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=30)),
                ('sha256', models.CharField(max_length=64)),
                ('position', models.PositiveSmallIntegerField()),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='t_procurement.contract')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='ContractSignature',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('side', models.CharField(choices=[('buyer', 'the body'), ('holder', 'the enterprise')], max_length=6)),
                ('means', models.CharField(choices=[('hand', 'by hand'), ('electronic', 'electronically'), ('mixed', 'one side by hand, the other electronically')], max_length=10)),
                ('signed_on', models.DateField()),
                ('name', models.CharField(max_length=200)),
                ('quality', models.CharField(blank=True, max_length=200)),
                ('certificate', models.CharField(blank=True, max_length=64)),
                ('issuer', models.CharField(blank=True, max_length=300)),
                ('recorded_at', models.DateTimeField()),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='t_procurement.contract')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
        ),
        migrations.CreateModel(
            name='FinalScore',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveSmallIntegerField()),
                ('value', models.DecimalField(decimal_places=2, max_digits=14)),
                ('points', models.DecimalField(decimal_places=3, max_digits=6)),
                ('justification', models.CharField(blank=True, max_length=6000)),
                ('by_formula', models.BooleanField(default=False)),
                ('given_at', models.DateTimeField()),
                ('bid', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='final_scores', to='t_procurement.bid')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.criterion')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'ordering': ['version'],
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
        migrations.AddField(
            model_name='contract',
            name='authority',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.knownact'),
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('candidacy', 'candidature not admitted'), ('bid', 'bid not chosen'), ('chosen', 'bid chosen'), ('closed', 'procedure ended without contract'), ('invitation', 'invitation to negotiate'), ('reasons', 'reasons given on request')], max_length=10)),
                ('round', models.PositiveSmallIntegerField(null=True)),
                ('body', models.JSONField(default=dict)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('sent_at', models.DateTimeField()),
                ('first_opened_at', models.DateTimeField(null=True)),
                ('bidder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
                ('candidacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='t_procurement.candidacy')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='t_procurement.consultation')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'ordering': ['-sent_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='NegotiationRound',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('round', models.PositiveSmallIntegerField()),
                ('is_final', models.BooleanField(default=False)),
                ('information', models.CharField(max_length=6000)),
                ('deadline_at', models.DateTimeField()),
                ('invited_at', models.DateTimeField(null=True)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='negotiation_rounds', to='t_procurement.consultation')),
            ],
            options={
                'ordering': ['round'],
            },
        ),
        migrations.CreateModel(
            name='ReasonsAsked',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField()),
                ('answer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.letter')),
                ('candidacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reasons_asked', to='t_procurement.candidacy')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reasons_asked', to='t_procurement.consultation')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveSmallIntegerField()),
                ('value', models.DecimalField(decimal_places=2, max_digits=6)),
                ('justification', models.CharField(max_length=6000)),
                ('given_at', models.DateTimeField()),
                ('bid', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='t_procurement.bid')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='t_procurement.criterion')),
                ('evaluator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'ordering': ['given_at', 'version'],
            },
        ),
        migrations.CreateModel(
            name='ScoringMethod',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('method', models.CharField(max_length=12)),
                ('scale', models.PositiveSmallIntegerField(null=True)),
                ('criterion', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='method', to='t_procurement.criterion')),
            ],
        ),
        migrations.CreateModel(
            name='Subcontract',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
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
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('recorded_at', models.DateTimeField()),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subcontracts', to='t_procurement.contract')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
            ],
            options={
                'ordering': ['number'],
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
            name='AnalysisReport',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('language', models.CharField(max_length=2)),
                ('made_at', models.DateTimeField()),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='analysis_reports', to='t_procurement.consultation')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('consultation', 'number'), name='analysis_report_once')],
            },
        ),
        migrations.CreateModel(
            name='BidderRequestFile',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sha256', models.CharField(max_length=64)),
                ('received_at', models.DateTimeField()),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='t_procurement.bidderrequest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'sha256'), name='bidder_request_file_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='candidacy',
            constraint=models.UniqueConstraint(fields=('consultation', 'bidder'), name='candidacy_once'),
        ),
        migrations.AddConstraint(
            model_name='candidacy',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['received', 'admitted', 'rejected'])), name='candidacy_state_known'),
        ),
        migrations.AddConstraint(
            model_name='candidacy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='candidacy_rejected_with_reason'),
        ),
        migrations.AddIndex(
            model_name='bidderrequest',
            index=models.Index(fields=['candidacy', '-asked_at'], name='bidder_request_of'),
        ),
        migrations.AddConstraint(
            model_name='bidderrequest',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['candidacy', 'bid', 'price', 'precision', 'proofs'])), name='bidder_request_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='bidderrequest',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__gt', models.F('asked_at'))), name='bidder_request_leaves_time'),
        ),
        migrations.AddIndex(
            model_name='bid',
            index=models.Index(fields=['consultation', 'round', 'lot'], name='bid_of_lot'),
        ),
        migrations.AddConstraint(
            model_name='bid',
            constraint=models.UniqueConstraint(fields=('consultation', 'round', 'lot', 'candidacy'), name='bid_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='bid',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['opened', 'explaining', 'admissible', 'irregular', 'unacceptable', 'inappropriate', 'abnormally_low'])), name='bid_state_known'),
        ),
        migrations.AddConstraint(
            model_name='bid',
            constraint=models.CheckConstraint(condition=models.Q(('price', None), ('price__gt', 0), _connector='OR'), name='bid_price_positive'),
        ),
        migrations.AddConstraint(
            model_name='bid',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('irregular', 'unacceptable', 'inappropriate', 'abnormally_low')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='bid_eliminated_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='candidacypiece',
            constraint=models.UniqueConstraint(fields=('candidacy', 'kind'), name='candidacy_piece_once'),
        ),
        migrations.AddConstraint(
            model_name='candidacypiece',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['present', 'missing', 'asked', 'mended', 'unneeded'])), name='candidacy_piece_state_known'),
        ),
        migrations.AddConstraint(
            model_name='committee',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['cao', 'jury', 'cdsp', 'internal']), models.Q(('name', ''), _negated=True)), name='committee_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='committee',
            constraint=models.UniqueConstraint(fields=('organisation', 'name'), name='committee_name_once'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('consultation', 'lot'), name='award_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('bid__isnull', False), ('outcome', 'awarded'), ('supplier__isnull', False)), models.Q(('bid', None), ('outcome__in', ['unsuccessful', 'abandoned']), ('supplier', None)), _connector='OR'), name='award_whole'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='award_reasoned'),
        ),
        migrations.AddConstraint(
            model_name='committeemeeting',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['convened', 'open', 'no_quorum', 'closed', 'cancelled'])), name='committee_meeting_state_known'),
        ),
        migrations.AddConstraint(
            model_name='committeedecision',
            constraint=models.UniqueConstraint(fields=('meeting', 'lot'), name='committee_decision_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='committeedecision',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['awarded', 'unsuccessful', 'opinion'])), name='committee_decision_outcome_known'),
        ),
        migrations.AddConstraint(
            model_name='committeemember',
            constraint=models.CheckConstraint(condition=models.Q(('capacity__in', ['president', 'titular', 'substitute', 'adviser']), models.Q(('name', ''), _negated=True)), name='committee_member_capacity_known'),
        ),
        migrations.AddConstraint(
            model_name='committeemember',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('committee', 'email'), name='committee_member_once'),
        ),
        migrations.AddConstraint(
            model_name='committeemember',
            constraint=models.UniqueConstraint(condition=models.Q(('capacity', 'president'), ('left_at', None)), fields=('committee',), name='committee_one_president'),
        ),
        migrations.AddConstraint(
            model_name='attendance',
            constraint=models.UniqueConstraint(fields=('meeting', 'member'), name='attendance_once'),
        ),
        migrations.AddConstraint(
            model_name='contractchange',
            constraint=models.UniqueConstraint(fields=('contract', 'number'), name='contract_change_once'),
        ),
        migrations.AddConstraint(
            model_name='contractchange',
            constraint=models.CheckConstraint(condition=models.Q(('ground__in', ['clause', 'additional', 'unforeseen', 'holder', 'not_substantial', 'low'])), name='contract_change_ground_known'),
        ),
        migrations.AddConstraint(
            model_name='contractchange',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='contract_change_reasoned'),
        ),
        migrations.AddConstraint(
            model_name='contractholder',
            constraint=models.UniqueConstraint(fields=('contract', 'siret'), name='contract_holder_once'),
        ),
        migrations.AddConstraint(
            model_name='contractpiece',
            constraint=models.UniqueConstraint(fields=('contract', 'sha256'), name='contract_piece_once'),
        ),
        migrations.AddConstraint(
            model_name='contractsignature',
            constraint=models.UniqueConstraint(fields=('contract', 'side'), name='contract_signature_once'),
        ),
        migrations.AddConstraint(
            model_name='contractsignature',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['buyer', 'holder']), ('means__in', ['hand', 'electronic'])), name='contract_signature_known'),
        ),
        migrations.AddConstraint(
            model_name='finalscore',
            constraint=models.UniqueConstraint(fields=('bid', 'criterion', 'version'), name='final_score_version_once'),
        ),
        migrations.AddConstraint(
            model_name='finalscore',
            constraint=models.CheckConstraint(condition=models.Q(('by_formula', True), models.Q(('justification', ''), _negated=True), _connector='OR'), name='final_score_with_justification'),
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(fields=['organisation', '-created_at'], name='contract_of_body'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.UniqueConstraint(fields=('organisation', 'number'), name='contract_number_once'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['drafted', 'signing', 'signed', 'sent', 'received', 'notifying', 'notified', 'execution', 'ended', 'given_up'])), name='contract_state_known'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='contract_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['drafted', 'signing', 'given_up']), models.Q(('document__isnull', False), ('signed_on__isnull', False)), _connector='OR'), name='contract_signed_whole'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['notified', 'execution', 'ended']), _negated=True), models.Q(('notified_on__isnull', False), models.Q(('must_be_received', False), ('received_on__isnull', False), _connector='OR')), _connector='OR'), name='contract_in_force_after_both'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(fields=['bidder', '-sent_at'], name='letter_of_bidder'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['candidacy', 'bid', 'chosen', 'closed', 'invitation', 'reasons'])), name='bidder_letter_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='negotiationround',
            constraint=models.UniqueConstraint(fields=('consultation', 'round'), name='negotiation_round_once'),
        ),
        migrations.AddConstraint(
            model_name='negotiationround',
            constraint=models.CheckConstraint(condition=models.Q(('round__gte', 2)), name='negotiation_round_after_first'),
        ),
        migrations.AddConstraint(
            model_name='reasonsasked',
            constraint=models.UniqueConstraint(condition=models.Q(('answer', None)), fields=('candidacy',), name='reasons_asked_once_open'),
        ),
        migrations.AddConstraint(
            model_name='score',
            constraint=models.UniqueConstraint(fields=('bid', 'criterion', 'evaluator', 'version'), name='score_version_once'),
        ),
        migrations.AddConstraint(
            model_name='score',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0), models.Q(('justification', ''), _negated=True)), name='score_with_justification'),
        ),
        migrations.AddConstraint(
            model_name='scoringmethod',
            constraint=models.CheckConstraint(condition=models.Q(('method__in', ['linear', 'difference', 'grid'])), name='scoring_method_known'),
        ),
        migrations.AddConstraint(
            model_name='scoringmethod',
            constraint=models.CheckConstraint(condition=models.Q(('scale', None), models.Q(('scale__gte', 1), ('scale__lte', 100)), _connector='OR'), name='scoring_scale_range'),
        ),
        migrations.AddConstraint(
            model_name='subcontract',
            constraint=models.UniqueConstraint(fields=('contract', 'number'), name='subcontract_once'),
        ),
        migrations.AddConstraint(
            model_name='subcontract',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'accepted', 'refused'])), name='subcontract_state_known'),
        ),
        migrations.AddConstraint(
            model_name='subcontract',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='subcontract_amount_positive'),
        ),
        migrations.RunSQL(KEEP, UNKEEP),
    ]
