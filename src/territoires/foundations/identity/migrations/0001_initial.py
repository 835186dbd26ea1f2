import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import territoires.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reference', models.CharField(max_length=14, unique=True)),
                ('siren', models.CharField(max_length=9)),
                ('siret', models.CharField(blank=True, max_length=14)),
                ('name', models.CharField(max_length=200)),
                ('name_folded', models.CharField(editable=False, max_length=200)),
                ('kind', models.CharField(choices=[('commune', 'commune'), ('epci', 'grouping of communes (EPCI)'), ('department', 'department'), ('region', 'region'), ('school', 'school'), ('hospital', 'hospital'), ('care_home', 'retirement home'), ('association', 'association'), ('enterprise', 'enterprise'), ('operator', 'operator of the platform'), ('other', 'other public body')], max_length=20)),
                ('legal_category', models.CharField(blank=True, max_length=4)),
                ('insee_code', models.CharField(blank=True, max_length=5)),
                ('department', models.CharField(blank=True, max_length=3)),
                ('region', models.CharField(blank=True, max_length=2)),
                ('postal_codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=5), blank=True, default=list, size=None)),
                ('population', models.PositiveIntegerField(null=True)),
                ('population_vintage', models.CharField(blank=True, max_length=40)),
                ('official_email', models.EmailField(blank=True, max_length=254)),
                ('college', models.CharField(blank=True, max_length=40)),
                ('member_since', models.DateField(null=True)),
                ('member_until', models.DateField(null=True)),
                ('closed_on', models.DateField(null=True)),
                ('successor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='identity.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='GroupingMember',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('since_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('grouping', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grouping_members', to='identity.organisation')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grouping_places', to='identity.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='OrganisationName',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('until_on', models.DateField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='identity.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('given_names', models.CharField(max_length=120)),
                ('usual_name', models.CharField(max_length=120)),
                ('name_folded', models.CharField(editable=False, max_length=250)),
                ('language', models.CharField(default='fr', max_length=2)),
                ('is_demonstration', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['name_folded'], name='person_by_name')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('job_title', models.CharField(blank=True, max_length=120)),
                ('verification', models.CharField(choices=[('organization_dirigeant', 'legal representative, found in the registers'), ('official_contact_email', 'address of the national directory'), ('code_sent_to_official_contact_email', 'code sent to the official address'), ('domain', 'e-mail domain of the organisation'), ('proof_received', 'document checked by a person'), ('invited_by_administrator', 'invited by an administrator'), ('imported', 'named in the file of the operator'), ('no_validation_means_available', 'accepted, not verified')], default='invited_by_administrator', max_length=60)),
                ('is_external', models.BooleanField(default=False)),
                ('since_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='identity.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='identity.person')),
            ],
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(max_length=40)),
                ('since_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('instrument', models.CharField(max_length=200)),
                ('instrument_digest', models.CharField(blank=True, max_length=64)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('principal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates_given', to='identity.organisation')),
                ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('representative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='identity.person')),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('given_names', models.CharField(max_length=120)),
                ('usual_name', models.CharField(max_length=120)),
                ('job_title', models.CharField(blank=True, max_length=120)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('roles_scope', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('roles_until_on', models.DateField(null=True)),
                ('verification', models.CharField(choices=[('organization_dirigeant', 'legal representative, found in the registers'), ('official_contact_email', 'address of the national directory'), ('code_sent_to_official_contact_email', 'code sent to the official address'), ('domain', 'e-mail domain of the organisation'), ('proof_received', 'document checked by a person'), ('invited_by_administrator', 'invited by an administrator'), ('imported', 'named in the file of the operator'), ('no_validation_means_available', 'accepted, not verified')], default='invited_by_administrator', max_length=60)),
                ('language', models.CharField(default='fr', max_length=2)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='identity.organisation')),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('label', models.CharField(max_length=120)),
                ('prefix', models.CharField(max_length=12, unique=True)),
                ('salt', models.BinaryField(max_length=16)),
                ('digest', models.BinaryField(max_length=32)),
                ('permissions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='identity.organisation')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='identity.person')),
            ],
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('is_active', models.BooleanField(default=True)),
                ('suspended_at', models.DateTimeField(null=True)),
                ('is_demonstration', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('person', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='account', to='identity.person')),
            ],
        ),
        migrations.CreateModel(
            name='RoleAssignment',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(max_length=40)),
                ('scope', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('since_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('instrument', models.CharField(blank=True, max_length=200)),
                ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='identity.membership')),
            ],
        ),
        migrations.CreateModel(
            name='ServiceActivation',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('service', models.CharField(max_length=40)),
                ('since_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='activations', to='identity.organisation')),
            ],
        ),
        migrations.AddIndex(
            model_name='organisation',
            index=models.Index(fields=['kind', 'name_folded'], name='organisation_by_name'),
        ),
        migrations.AddIndex(
            model_name='organisation',
            index=models.Index(fields=['insee_code'], name='organisation_by_insee'),
        ),
        migrations.AddIndex(
            model_name='organisation',
            index=models.Index(fields=['siren'], name='organisation_by_siren'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('siren__regex', '^[0-9]{9}$')), name='organisation_siren_form'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('siret', ''), ('siret__regex', '^[0-9]{14}$'), _connector='OR'), name='organisation_siret_form'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('reference', models.F('siren')), ('reference', models.F('siret')), _connector='OR'), name='organisation_reference'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('member_until', None), ('member_until__gte', models.F('member_since')), _connector='OR'), name='organisation_membership'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('successor', None), ('closed_on__isnull', False), _connector='OR'), name='organisation_succession'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'operator')), fields=('kind',), name='organisation_one_operator'),
        ),
        migrations.AddConstraint(
            model_name='groupingmember',
            constraint=models.UniqueConstraint(condition=models.Q(('until_on', None)), fields=('grouping', 'member'), name='grouping_member_once'),
        ),
        migrations.AddConstraint(
            model_name='groupingmember',
            constraint=models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('since_on')), _connector='OR'), name='grouping_member_dates'),
        ),
        migrations.AddConstraint(
            model_name='organisationname',
            constraint=models.UniqueConstraint(fields=('organisation', 'until_on'), name='organisation_name_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(condition=models.Q(('until_on', None)), fields=('person', 'organisation'), name='membership_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', django.db.models.expressions.CombinedExpression(models.F('since_on'), '-', models.Value(datetime.timedelta(days=1)))), _connector='OR'), name='membership_dates'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', django.db.models.expressions.CombinedExpression(models.F('since_on'), '-', models.Value(datetime.timedelta(days=1)))), _connector='OR'), name='mandate_dates'),
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('instrument', ''), _negated=True), name='mandate_instrument'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), models.F('organisation'), condition=models.Q(('accepted_at', None), ('cancelled_at', None)), name='invitation_open_once'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='invitation_ends'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('roles', []), _negated=True), name='invitation_roles'),
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='api_key_ends'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='account_email_once'),
        ),
        migrations.AddConstraint(
            model_name='roleassignment',
            constraint=models.UniqueConstraint(condition=models.Q(('until_on', None)), fields=('membership', 'role'), name='role_once'),
        ),
        migrations.AddConstraint(
            model_name='roleassignment',
            constraint=models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', django.db.models.expressions.CombinedExpression(models.F('since_on'), '-', models.Value(datetime.timedelta(days=1)))), _connector='OR'), name='role_dates'),
        ),
        migrations.AddConstraint(
            model_name='serviceactivation',
            constraint=models.UniqueConstraint(condition=models.Q(('until_at', None)), fields=('organisation', 'service'), name='activation_once'),
        ),
    ]
