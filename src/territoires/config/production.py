"""What production does not accept: each refusal says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from django.db import connection

from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Fault, Invalid

from .environment import APPLICATION, OWNER, SEQUENCER

# An object identifier outside 2.999, the arc that ITU-T X.660 reserves for examples.
OWN_POLICY = re.compile(r"(?!2\.999(\.|$))[0-2](\.(0|[1-9]\d*))+")

# Where simulators listen; a real service of the outside never does.
THIS_MACHINE = re.compile(r"//(localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/\"\s]|$)")


def check(settings: Any) -> None:
    """Raises Invalid with every fault when the mode is production and something of the demonstration is left."""
    if settings.ENVIRONMENT.is_demonstration:
        return
    if faults := all_faults(settings):
        raise Invalid(
            "not-fit-for-production",
            "Production does not start: %(count)s things must be put right first.",
            "Each is said below with its remedy; docs/operations/production.md has the whole list.",
            params={"count": len(faults)},
            faults=faults,
        )


def all_faults(settings: Any) -> list[Fault]:
    """Everything that production does not accept here."""
    return [
        *configuration_faults(settings),
        *demonstration_faults(),
        *key_file_faults(settings),
        *connection_faults(settings),
    ]


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
    if enrolled := _demonstration_enrolments():
        faults.append(
            Fault(
                "enrolled-certificates",
                "demonstration-enrolments",
                "%(count)s certificates of the demonstration are enrolled: whoever has one could act for a body.",
                "Start from an empty database: a demonstration is never turned into production.",
                {"count": enrolled},
            )
        )
    return faults


def key_file_faults(settings: Any) -> Iterator[Fault]:
    """Seals, roots and server certificates of the demonstration among the keys; those of ``trust`` are told apart."""
    keys: Path = settings.ENVIRONMENT.keys
    files = {*keys.glob("**/*.pem"), *keys.glob("**/*.crt")}
    if outside := settings.OUTSIDE_TIME_STAMPING:
        files.add(Path(outside["roots"]))
    for file in sorted(file for file in files if file.is_file() and keys / "trust" not in file.parents):
        if any(map(trust.is_of_demonstration, _certificates_in(file))):
            yield Fault(
                "key-files",
                "demonstration-key-file",
                "%(file)s holds a certificate of the demonstration: what it seals or vouches for proves nothing.",
                "Remove the file, and put there the one that your certification authority issued (docs/operations/trust.md).",
                {"file": str(file)},
            )


def connection_faults(settings: Any) -> Iterator[Fault]:
    """Ways to the outside world that lead to a simulator of this machine."""
    files = {
        "TERRITOIRES_ACTES": settings.ACTES_CONNECTION,
        "TERRITOIRES_S2LOW": settings.S2LOW_CONNECTION,
        "TERRITOIRES_WITNESSES": settings.WITNESSES_CONNECTION,
        **{f"TERRITOIRES_{name.upper()}": path for name, path in settings.NOTICES_CONNECTIONS.items()},
    }
    simulated = [name for name, path in files.items() if "simulators" in path.parts or _leads_here(path)]
    if (outside := settings.OUTSIDE_TIME_STAMPING) and THIS_MACHINE.search(outside["url"]):
        simulated.append("TERRITOIRES_OUTSIDE_TSA")
    for name in simulated:
        yield Fault(
            "connections",
            "simulated-connection",
            "%(name)s leads to a simulator: what is sent there reaches nobody.",
            "Give it the file or the address that the real service gave you; without any, nothing is sent there.",
            {"name": name},
        )


def _leads_here(file: Path) -> bool:
    try:
        return THIS_MACHINE.search(file.read_text(encoding="utf-8")) is not None
    except (OSError, ValueError):
        return (
            False  # nothing is sent by a file that is not there; whoever uses it says when it is unreadable
        )


def _certificates_in(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        return []  # a key alone, or a file that whoever uses it refuses


def _demonstration_enrolments() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('identity_personcertificate') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("SELECT der FROM identity_personcertificate WHERE ended_at IS NULL")
        return sum(trust.is_of_demonstration(x509.load_der_x509_certificate(bytes(der))) for (der,) in cursor)


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
