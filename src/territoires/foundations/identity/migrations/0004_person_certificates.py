"""Certificates that persons enrol, and the body whose certificates serve another."""

import django.db.models.deletion
import territoires.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0003_mandate_scope_and_document'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonCertificate',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('fingerprint', models.CharField(max_length=64)),
                ('der', models.BinaryField()),
                ('siren', models.CharField(max_length=9)),
                ('valid_until', models.DateTimeField()),
                ('enrolled_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('announced_days', models.PositiveSmallIntegerField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='organisation',
            name='attached_to',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attached', to='identity.organisation'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('attached_to', None), models.Q(('attached_to', models.F('id')), _negated=True), _connector='OR'), name='organisation_attachment'),
        ),
        migrations.AddField(
            model_name='personcertificate',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='identity.person'),
        ),
        migrations.AddIndex(
            model_name='personcertificate',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['valid_until'], name='person_certificate_expiry'),
        ),
        migrations.AddConstraint(
            model_name='personcertificate',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('fingerprint',), name='person_certificate_once'),
        ),
        migrations.AddConstraint(
            model_name='personcertificate',
            constraint=models.CheckConstraint(condition=models.Q(('fingerprint__regex', '^[0-9a-f]{64}$')), name='person_certificate_fingerprint'),
        ),
        migrations.AddConstraint(
            model_name='personcertificate',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('enrolled_at')), _connector='OR'), name='person_certificate_ends'),
        ),
    ]
