from __future__ import annotations

import django.db.models.deletion
import territoires.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
        ('identity', '0004_person_certificates'),
        ('t_procurement', '0006_award'),
    ]

    operations = [
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
            name='OpenImport',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('taken', models.PositiveIntegerField()),
                ('refused', models.PositiveIntegerField()),
                ('repairs', models.JSONField(default=list)),
                ('imported_at', models.DateTimeField()),
                ('content', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
            ],
            options={
                'ordering': ['-imported_at'],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('notices-ted', 'Official Journal of the European Union (TED)'), ('notices-boamp', 'BOAMP')], max_length=20)),
                ('subtype', models.CharField(max_length=3)),
                ('state', models.CharField(choices=[('draft', 'To complete'), ('ready', 'Ready to send'), ('ordered', 'Leaving'), ('sent', 'Sent'), ('acknowledged', 'Acknowledged'), ('published', 'Published'), ('rejected', 'Refused'), ('stopped', 'Stopped')], default='draft', max_length=12)),
                ('version', models.PositiveIntegerField(default=1)),
                ('identifier', models.UUIDField(unique=True)),
                ('edition', models.PositiveSmallIntegerField(default=1)),
                ('change_reason', models.CharField(blank=True, max_length=20)),
                ('change_text', models.CharField(blank=True, max_length=2000)),
                ('justification', models.CharField(blank=True, max_length=20)),
                ('contract', models.UUIDField(null=True)),
                ('answers', models.JSONField(default=dict)),
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
                ('changes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changed_by', to='t_procurement.notice')),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='t_procurement.consultation')),
                ('content', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
            ],
            options={
                'ordering': ['prepared_at', 'id'],
                'indexes': [models.Index(models.F('channel'), models.F('state'), name='notice_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'ready', 'ordered', 'sent', 'acknowledged', 'published', 'rejected', 'stopped'])), name='notice_state_known'), models.CheckConstraint(condition=models.Q(('channel__in', ['notices-ted', 'notices-boamp'])), name='notice_channel_known'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'ready', 'stopped']), models.Q(('content__isnull', False), ('ordered_at__isnull', False), models.Q(('sha256', ''), _negated=True)), _connector='OR'), name='notice_ordered_with_its_bytes'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('published_on__isnull', False), _connector='OR'), name='notice_published_on_a_day')],
            },
        ),
        migrations.CreateModel(
            name='OpenFile',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('revision', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('ordered', 'leaving'), ('published', 'on the portal'), ('rejected', 'refused by the portal')], default='ordered', max_length=12)),
                ('sha256', models.CharField(max_length=64)),
                ('records', models.PositiveIntegerField()),
                ('ordered_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=1000)),
                ('content', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
            ],
            options={
                'ordering': ['-revision'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'revision'), name='open_file_revision_once')],
            },
        ),
        migrations.CreateModel(
            name='OpenRecord',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('contract', models.UUIDField(null=True, unique=True)),
                ('kind', models.CharField(choices=[('marche', 'contract'), ('contrat-concession', 'concession')], max_length=20)),
                ('identifier', models.CharField(max_length=16)),
                ('content', models.JSONField()),
                ('source', models.CharField(choices=[('platform', 'a contract of this platform'), ('entered', 'entered by hand'), ('imported', 'taken over from a file')], max_length=8)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('written_at', models.DateTimeField()),
                ('consultation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='t_procurement.consultation')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
            ],
            options={
                'ordering': ['identifier'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'identifier'), name='open_record_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['marche', 'contrat-concession'])), name='open_record_kind_known'), models.CheckConstraint(condition=models.Q(('identifier', ''), _negated=True), name='open_record_named')],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.UUIDField(default=territoires.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(unique=True)),
                ('ocid', models.CharField(max_length=80)),
                ('tag', models.CharField(max_length=30)),
                ('dated_at', models.DateTimeField()),
                ('content', models.JSONField()),
                ('cause', models.UUIDField(null=True)),
                ('consultation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='t_procurement.consultation')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
            ],
            options={
                'ordering': ['number'],
                'indexes': [models.Index(models.F('ocid'), models.F('number'), name='release_of_process')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cause__isnull', False)), fields=('cause', 'tag'), name='release_once_a_fact')],
            },
        ),
    ]
