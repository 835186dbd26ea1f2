"""What somebody ends keeps its days, and says at which instant: memberships, roles and mandates alike."""

from django.db import migrations, models
from django.db.models import F, Q

# What had ended on its first day kept its eve as last day: it never lasted.
NEVER_LASTED = """
UPDATE {table} SET until_on = NULL, ended_at = since_on::timestamp AT TIME ZONE 'Europe/Paris'
 WHERE until_on < since_on
"""
TABLES = ("identity_membership", "identity_roleassignment", "identity_mandate")


def dates(model: str, name: str) -> migrations.AddConstraint:
    condition = Q(until_on=None) | Q(until_on__gte=F("since_on"))
    return migrations.AddConstraint(model, models.CheckConstraint(condition=condition, name=name))


def once(model: str, fields: list[str], name: str) -> migrations.AddConstraint:
    in_force = Q(until_on=None, ended_at=None)
    return migrations.AddConstraint(
        model, models.UniqueConstraint(fields=fields, condition=in_force, name=name)
    )


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("membership", "membership_once"),
        migrations.RemoveConstraint("membership", "membership_dates"),
        migrations.RemoveConstraint("roleassignment", "role_once"),
        migrations.RemoveConstraint("roleassignment", "role_dates"),
        migrations.RemoveConstraint("mandate", "mandate_dates"),
        migrations.RenameField("mandate", "revoked_at", "ended_at"),
        migrations.AddField("membership", "ended_at", models.DateTimeField(null=True)),
        migrations.AddField("roleassignment", "ended_at", models.DateTimeField(null=True)),
        *(
            migrations.RunSQL(NEVER_LASTED.format(table=table), migrations.RunSQL.noop)
            for table in TABLES
        ),
        once("membership", ["person", "organisation"], "membership_once"),
        once("roleassignment", ["membership", "role"], "role_once"),
        dates("membership", "membership_dates"),
        dates("roleassignment", "role_dates"),
        dates("mandate", "mandate_dates"),
    ]
