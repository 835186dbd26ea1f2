"""Disputes, destructions, and one table of minutes in the place of two."""

import django.db.models.deletion
from django.db import migrations, models

import territoires.kernel.ids

_KEY = {"default": territoires.kernel.ids.new_id, "editable": False, "primary_key": True, "serialize": False}
_PROTECT = django.db.models.deletion.PROTECT

# Foreign keys are checked at once: what is filled here is altered in the same transaction.
_FILL = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE t_procurement_minutes AS m SET consultation_id = o.consultation_id
FROM t_procurement_openingorder AS o WHERE o.id = m.order_id;
INSERT INTO t_procurement_minutes (id, consultation_id, copy_id, language, document_id, sha256, made_at)
SELECT m.id, c.consultation_id, m.copy_id, m.language, m.document_id, m.sha256, m.made_at
FROM t_procurement_copyminutes AS m JOIN t_procurement_safetycopy AS c ON c.id = m.copy_id;
SET CONSTRAINTS ALL DEFERRED"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0001_initial"),
        ("identity", "0001_initial"),
        ("t_procurement", "0015_replaced_holder"),
    ]

    operations = [
        migrations.CreateModel(
            name="Destruction",
            fields=[
                ("id", models.UUIDField(**_KEY)),
                ("kept_until", models.DateField()),
                ("article", models.CharField(max_length=60)),
                ("visa_by", models.CharField(max_length=200)),
                ("visa_reference", models.CharField(max_length=200)),
                ("visa_on", models.DateField()),
                ("ordered_at", models.DateTimeField()),
                ("keys", models.PositiveIntegerField()),
                ("blocks", models.PositiveIntegerField(default=0)),
                ("files", models.PositiveIntegerField(default=0)),
                ("chunks", models.PositiveIntegerField(default=0)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "consultation",
                    models.OneToOneField(
                        on_delete=_PROTECT, related_name="destruction", to="t_procurement.consultation"
                    ),
                ),
                (
                    "ordered_by",
                    models.ForeignKey(on_delete=_PROTECT, related_name="+", to="identity.person"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("visa_by", ""), _negated=True),
                            models.Q(("visa_reference", ""), _negated=True),
                        ),
                        name="destruction_with_visa",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.UUIDField(**_KEY)),
                ("what", models.CharField(max_length=2000)),
                ("noted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=2000)),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=_PROTECT, related_name="disputes", to="t_procurement.consultation"
                    ),
                ),
                ("noted_by", models.ForeignKey(on_delete=_PROTECT, related_name="+", to="identity.person")),
            ],
            options={
                "ordering": ["noted_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("what", ""), _negated=True), name="dispute_described"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), models.Q(("outcome", ""), _negated=True), _connector="OR"
                        ),
                        name="dispute_ended_with_outcome",
                    ),
                ],
            },
        ),
        migrations.AddField("sealedblock", "destroyed_at", models.DateTimeField(null=True)),
        migrations.AddField("timekey", "destroyed_at", models.DateTimeField(null=True)),
        migrations.RemoveConstraint("minutes", "minutes_once"),
        migrations.AlterModelOptions("minutes", {"ordering": ["-language"]}),
        migrations.AlterField(
            "minutes",
            "order",
            models.ForeignKey(
                null=True, on_delete=_PROTECT, related_name="minutes", to="t_procurement.openingorder"
            ),
        ),
        migrations.AddField(
            "minutes",
            "consultation",
            models.ForeignKey(
                null=True, on_delete=_PROTECT, related_name="+", to="t_procurement.consultation"
            ),
        ),
        migrations.AlterField(
            "copyminutes",
            "copy",
            models.ForeignKey(on_delete=_PROTECT, related_name="+", to="t_procurement.safetycopy"),
        ),
        migrations.AddField(
            "minutes",
            "copy",
            models.ForeignKey(
                null=True, on_delete=_PROTECT, related_name="minutes", to="t_procurement.safetycopy"
            ),
        ),
        migrations.AddField(
            "minutes",
            "destruction",
            models.ForeignKey(
                null=True, on_delete=_PROTECT, related_name="minutes", to="t_procurement.destruction"
            ),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "minutes",
            "consultation",
            models.ForeignKey(on_delete=_PROTECT, related_name="+", to="t_procurement.consultation"),
        ),
        migrations.DeleteModel("CopyMinutes"),
        migrations.AddConstraint(
            "minutes",
            models.UniqueConstraint(
                fields=("order", "copy", "destruction", "language"),
                name="minutes_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            "minutes",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("copy", None), ("destruction", None), ("order__isnull", False)),
                    models.Q(("copy__isnull", False), ("destruction", None), ("order", None)),
                    models.Q(("copy", None), ("destruction__isnull", False), ("order", None)),
                    _connector="OR",
                ),
                name="minutes_of_one_thing",
            ),
        ),
    ]
