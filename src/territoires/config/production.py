"""What production does not accept: each refusal says what to do."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection

from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Fault, Invalid

from .environment import APPLICATION, OWNER, SEQUENCER

# An object identifier outside 2.999, the arc that ITU-T X.660 reserves for examples.
OWN_POLICY = re.compile(r"(?!2\.999(\.|$))[0-2](\.(0|[1-9]\d*))+")


def check(settings: Any) -> None:
    """Raises Invalid with every fault when the mode is production and something of the demonstration is left."""
    if settings.ENVIRONMENT.is_demonstration:
        return
    faults = [*configuration_faults(settings), *demonstration_faults()]
    if faults:
        raise Invalid(
            "not-fit-for-production",
            "Production does not start: %(count)s things must be put right first.",
            "Each is said below with its remedy; docs/operations/production.md has the whole list.",
            params={"count": len(faults)},
            faults=faults,
        )


def configuration_faults(settings: Any) -> list[Fault]:
    """What the settings alone tell."""
    environment = settings.ENVIRONMENT
    roles = {environment.outside_database(role) for role in (OWNER, APPLICATION, SEQUENCER)}
    rules = [
        (
            bool(settings.DEBUG),
            "debug",
            "Debugging is on: errors would show secrets.",
            "Set DEBUG to False.",
        ),
        (
            environment.host in ("localhost", "127.0.0.1", "[::1]"),
            "host",
            "The public name of the platform is not set.",
            "Set TERRITOIRES_HOST to the name that people type, such as services.example.fr.",
        ),
        (
            not settings.SITE_URL.startswith("https://"),
            "url",
            "The public address is not https.",
            "Set TERRITOIRES_URL to https://<name>; Caddy or HAProxy in front keeps the certificate.",
        ),
        (
            environment.database_url is None,
            "database",
            "The database is the embedded one, without replica or roles with passwords.",
            "Set DATABASE_URL, DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL (PostgreSQL 16 or later).",
        ),
        (
            environment.database_url is not None and len(roles) < 3,
            "database-roles",
            "Owner, application and sequencer enter the database as the same role.",
            "Give each its own role and address: DATABASE_OWNER_URL, DATABASE_URL, DATABASE_SEQUENCER_URL.",
        ),
        (
            settings.EMAIL_BACKEND.endswith(
                ("filebased.EmailBackend", "console.EmailBackend", "dummy.EmailBackend")
            ),
            "mail",
            "Mail is written to a folder and reaches nobody.",
            "Set TERRITOIRES_EMAIL=django.core.mail.backends.smtp.EmailBackend and TERRITOIRES_EMAIL_HOST.",
        ),
        (
            not OWN_POLICY.fullmatch(settings.TIME_STAMPING_POLICY),
            "time-stamping-policy",
            "Time-stamps would name a policy that is nobody's.",
            "Set TERRITOIRES_TSA_POLICY to an OID under your own arc (docs/operations/trust.md).",
        ),
        (
            not settings.SUPPORT_TELEPHONE.strip(),
            "support-telephone",
            "Enterprises in trouble with a deposit would find no number to call.",
            "Set TERRITOIRES_SUPPORT_TELEPHONE, and the hours in TERRITOIRES_SUPPORT_HOURS_FR and _EN.",
        ),
        (
            "simulators" in settings.PARTS,
            "simulators",
            "The simulators of the outside world would run.",
            "Remove simulators from PARTS.",
        ),
    ]
    return [
        Fault(field=code, code=code, message=said, remedy=remedy)
        for wrong, code, said, remedy in rules
        if wrong
    ]


def demonstration_faults() -> list[Fault]:
    """What is in the database and in the keys: certificates and people of the demonstration."""
    faults = []
    if trust.trust_chain().is_demonstration:
        faults.append(
            Fault(
                "certificates",
                "demonstration-certificates",
                "The keys and certificates are those of the demonstration: they prove nothing.",
                "Put your own in the folder keys/trust (docs/operations/trust.md).",
            )
        )
    if _demonstration_accounts():
        faults.append(
            Fault(
                "accounts",
                "demonstration-accounts",
                "Demonstration accounts are in the database: anybody could sign in with one click.",
                "Start from an empty database: a demonstration is never turned into production.",
            )
        )
    return faults


def _demonstration_accounts() -> bool:
    """Demonstration people are marked, and have addresses under ``.example`` (RFC 2606), which no real person can have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('identity_account') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(
            "SELECT EXISTS (SELECT FROM identity_account WHERE is_demonstration OR email ~* '[.@]example$')"
        )
        return bool(cursor.fetchone()[0])
