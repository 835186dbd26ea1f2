import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import territoires.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('documents', '0001_initial'),
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
                ('attached_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attached', to='identity.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'name_folded'], name='organisation_by_name'), models.Index(fields=['insee_code'], name='organisation_by_insee'), models.Index(fields=['siren'], name='organisation_by_siren')],
                'constraints': [models.CheckConstraint(condition=models.Q(('siren__regex', '^[0-9]{9}$')), name='organisation_siren_form'), models.CheckConstraint(condition=models.Q(('siret', ''), ('siret__regex', '^[0-9]{14}$'), _connector='OR'), name='organisation_siret_form'), models.CheckConstraint(condition=models.Q(('reference', models.F('siren')), ('reference', models.F('siret')), _connector='OR'), name='organisation_reference'), models.CheckConstraint(condition=models.Q(('member_until', None), ('member_until__gte', models.F('member_since')), _connector='OR'), name='organisation_membership'), models.CheckConstraint(condition=models.Q(('successor', None), ('closed_on__isnull', False), _connector='OR'), name='organisation_succession'), models.CheckConstraint(condition=models.Q(('attached_to', None), models.Q(('attached_to', models.F('id')), _negated=True), _connector='OR'), name='organisation_attachment'), models.UniqueConstraint(condition=models.Q(('kind', 'operator')), fields=('kind',), name='organisation_one_operator')],
            },
        ),
        migrations.CreateModel(
            name='OrganisationName',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='identity.organisation')),
                ('name', models.CharField(max_length=200)),
                ('until_on', models.DateField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'until_on'), name='organisation_name_once')],
            },
        ),
        migrations.CreateModel(
            name='GroupingMember',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('grouping', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grouping_members', to='identity.organisation')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grouping_places', to='identity.organisation')),
                ('since_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('until_on', None)), fields=('grouping', 'member'), name='grouping_member_once'), models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('since_on')), _connector='OR'), name='grouping_member_dates')],
            },
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
            name='Account',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('person', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='account', to='identity.person')),
                ('is_active', models.BooleanField(default=True)),
                ('suspended_at', models.DateTimeField(null=True)),
                ('is_demonstration', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='account_email_once')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='identity.person')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='identity.organisation')),
                ('job_title', models.CharField(blank=True, max_length=120)),
                ('verification', models.CharField(choices=[('organization_dirigeant', 'legal representative, found in the registers'), ('official_contact_email', 'address of the national directory'), ('code_sent_to_official_contact_email', 'code sent to the official address'), ('domain', 'e-mail domain of the organisation'), ('proof_received', 'document checked by a person'), ('invited_by_administrator', 'invited by an administrator'), ('imported', 'named in the file of the operator'), ('no_validation_means_available', 'accepted, not verified')], default='invited_by_administrator', max_length=60)),
                ('is_external', models.BooleanField(default=False)),
                ('since_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None), ('until_on', None)), fields=('person', 'organisation'), name='membership_once'), models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('since_on')), _connector='OR'), name='membership_dates')],
            },
        ),
        migrations.CreateModel(
            name='RoleAssignment',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='identity.membership')),
                ('role', models.CharField(max_length=40)),
                ('scope', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('since_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('instrument', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None), ('until_on', None)), fields=('membership', 'role'), name='role_once'), models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('since_on')), _connector='OR'), name='role_dates')],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('principal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates_given', to='identity.organisation')),
                ('representative', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='identity.person')),
                ('role', models.CharField(max_length=40)),
                ('scope', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('since_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('instrument', models.CharField(max_length=200)),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('ended_at', models.DateTimeField(null=True)),
                ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('since_on')), _connector='OR'), name='mandate_dates'), models.CheckConstraint(condition=models.Q(('instrument', ''), _negated=True), name='mandate_instrument')],
            },
        ),
        migrations.CreateModel(
            name='ServiceActivation',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='activations', to='identity.organisation')),
                ('service', models.CharField(max_length=40)),
                ('since_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('until_at', None)), fields=('organisation', 'service'), name='activation_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='identity.organisation')),
                ('label', models.CharField(max_length=120)),
                ('prefix', models.CharField(max_length=12, unique=True)),
                ('salt', models.BinaryField(max_length=16)),
                ('digest', models.BinaryField(max_length=32)),
                ('permissions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='identity.person')),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('last_used_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='api_key_ends')],
            },
        ),
        migrations.CreateModel(
            name='PersonCertificate',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='identity.person')),
                ('fingerprint', models.CharField(max_length=64)),
                ('der', models.BinaryField()),
                ('siren', models.CharField(max_length=9)),
                ('valid_until', models.DateTimeField()),
                ('enrolled_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('announced_days', models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['valid_until'], name='person_certificate_expiry')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('fingerprint',), name='person_certificate_once'), models.CheckConstraint(condition=models.Q(('fingerprint__regex', '^[0-9a-f]{64}$')), name='person_certificate_fingerprint'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('enrolled_at')), _connector='OR'), name='person_certificate_ends')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='identity.organisation')),
                ('email', models.EmailField(max_length=254)),
                ('given_names', models.CharField(max_length=120)),
                ('usual_name', models.CharField(max_length=120)),
                ('job_title', models.CharField(blank=True, max_length=120)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('roles_scope', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('roles_until_on', models.DateField(null=True)),
                ('verification', models.CharField(choices=[('organization_dirigeant', 'legal representative, found in the registers'), ('official_contact_email', 'address of the national directory'), ('code_sent_to_official_contact_email', 'code sent to the official address'), ('domain', 'e-mail domain of the organisation'), ('proof_received', 'document checked by a person'), ('invited_by_administrator', 'invited by an administrator'), ('imported', 'named in the file of the operator'), ('no_validation_means_available', 'accepted, not verified')], default='invited_by_administrator', max_length=60)),
                ('language', models.CharField(default='fr', max_length=2)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.person')),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), models.F('organisation'), condition=models.Q(('accepted_at', None), ('cancelled_at', None)), name='invitation_open_once'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='invitation_ends'), models.CheckConstraint(condition=models.Q(('roles', []), _negated=True), name='invitation_roles')],
            },
        ),
    ]
