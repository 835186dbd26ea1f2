"""``territoires doctor``: what is wrong with this installation, in words, each with its remedy."""

from __future__ import annotations

import argparse
import os
import shutil
import stat
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import translation

from territoires.foundations.journal import api as journal
from territoires.foundations.packs import api as packs
from territoires.foundations.registry import api as registry
from territoires.foundations.trust import api as trust
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import TerritoiresError

from . import production
from .cli import system_in_words
from .environment import APPLICATION, SEQUENCER
from .preparation import pending_migrations, role_name
from .upkeep import database_running

LOW_DISK_BYTES = 2_000_000_000
OLDEST_SERVER = 160000
CERTIFICATE_NOTICE = timedelta(days=60)
MOST_CLOCK_SKEW = timedelta(seconds=2)
LONGEST_LAG = timedelta(seconds=60)
MOST_WAITING_JOBS = 1000

PUT_LISTS_BACK = "Put it back: git restore data; or give it in the operator's folder (TERRITOIRES_PACKS)."

Findings = Iterator[tuple[str, str]]


def doctor(arguments: Sequence[str]) -> int:
    """Prints each finding with its remedy; the exit status is 1 when there is one."""
    parser = argparse.ArgumentParser(prog="territoires doctor", description="Say what is wrong, in words.")
    parser.parse_args(arguments)
    with translation.override("en"):
        wrong = sum(_told(title, _examined(examine)) for title, examine in OF_THE_MACHINE)
        wrong += _in_the_database()
        for loss, remedy in lacks():
            print(f"- {loss}\n      → {remedy}")
    things = "one thing" if wrong == 1 else f"{wrong} things"
    print("\nAll is well." if not wrong else f"\n{things} to put right.")
    return 1 if wrong else 0


def _in_the_database() -> int:
    """What can be asked only while the database answers; otherwise that alone is told, once."""
    try:
        with database_running():
            connection.ensure_connection()
            return sum(_told(title, _examined(examine)) for title, examine in OF_THE_DATABASE)
    except DatabaseError as error:
        reason = str(error).strip().split("\n", 1)[0]
        finding = (
            f"The database does not answer: {reason}",
            "Start PostgreSQL, or correct DATABASE_URL and its companions.",
        )
    except TerritoiresError as error:
        finding = (error.message % error.params, error.remedy % error.params)
    except OSError as error:
        finding = _refused(error)
    wrong = _told("Database", [finding])
    rest = ", ".join(title.lower() for title, _ in OF_THE_DATABASE[1:])
    print(f"- Not examined without it: {rest}")
    return wrong


def _told(title: str, findings: Iterable[tuple[str, str]]) -> int:
    """Prints what an examination found; answers how much it is."""
    found = list(findings)
    print(f"{'·' if found else '✓'} {title}")
    for said, remedy in found:
        print(f"    {said}\n      → {remedy}")
    return len(found)


def _examined(examine: Callable[[], Findings]) -> Findings:
    """An examination that cannot be made is itself a finding."""
    try:
        yield from examine()
    except DatabaseError as error:
        reason = str(error).strip().split("\n", 1)[0]
        yield f"This could not be examined: {reason}", "Bring the schema up to date: territoires prepare."
    except TerritoiresError as error:
        yield error.message % error.params, error.remedy % error.params
    except OSError as error:
        yield _refused(error)


def _refused(error: OSError) -> tuple[str, str]:
    """What the system refused, and what to do."""
    said, _, remedy = system_in_words(error).partition("\n")
    return said, remedy or "Put it right, then run territoires doctor again."


def disk() -> Findings:
    """Room for the data, and folders that others cannot read."""
    free = shutil.disk_usage(settings.ENVIRONMENT.var).free
    if free < LOW_DISK_BYTES:
        yield (
            f"Only {free // 10**6} MB are free on the disk that holds {settings.ENVIRONMENT.var}.",
            "Free some space, or move VAR to a larger disk.",
        )
    for folder in (settings.ENVIRONMENT.var, settings.ENVIRONMENT.keys, settings.ENVIRONMENT.postgres):
        if folder.exists() and folder.stat().st_mode & 0o077:
            yield f"The folder {folder} is open to others.", f"chmod 700 {folder}"


def keys() -> Findings:
    """Keys that are there and that only we can read; certificates that last."""
    found = [path for path in settings.ENVIRONMENT.keys.glob("**/*") if path.is_file()]
    if not found:
        yield "There are no keys yet.", "Start the platform once: it makes them."
    for path in found:
        if stat.S_IMODE(path.stat().st_mode) & 0o077 and _is_secret(path):
            yield f"The key {path.name} can be read by others.", f"chmod 600 {path}"
        yield from _certificates(path)


def revocation() -> Findings:
    """Revocation lists that bundles carry: readable, and still the last ones."""
    lists = trust.revocation_lists()
    for one in trust.split_lists(lists) if lists else ():
        found = x509.load_pem_x509_crl(one)
        if found.next_update_utc is not None and found.next_update_utc < system_clock():
            yield (
                f"The revocation list of {found.issuer.rfc4514_string()} should have been replaced on"
                f" {found.next_update_utc:%Y-%m-%d}.",
                "Fetch the new one into keys/trust/crls.pem (docs/operations/trust.md).",
            )


def database() -> Findings:
    """Version, schema and the three roles."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        if cursor.fetchone()[0] < OLDEST_SERVER:
            yield "PostgreSQL is older than 16.", "Upgrade it to 16 or later."
        if pending := pending_migrations():
            yield (
                f"The schema is behind: {len(pending)} migrations wait, the first is {pending[0]}.",
                "territoires prepare",
            )
        for role in (APPLICATION, SEQUENCER):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role_name(role)])
            if cursor.fetchone() is None:
                yield f"The database role {role_name(role)} is missing.", "territoires prepare"


def clock() -> Findings:
    """The clock of the machine beside the one of the database and, where the network answers, another's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        yield from _skew("the database", cursor.fetchone()[0])
    if settings.ENVIRONMENT.is_demonstration:
        return
    try:
        with urllib.request.urlopen(settings.SITE_URL, timeout=5) as answer:  # noqa: S310 - our own address
            yield from _skew(settings.SITE_URL, parsedate_to_datetime(answer.headers["Date"]), seconds=3)
    except (urllib.error.URLError, OSError, TypeError, ValueError):
        yield (
            f"{settings.SITE_URL} does not answer from here.",
            "Check the name, the certificate and the proxy.",
        )


def work() -> Findings:
    """Jobs that wait, facts without a number, followers that are behind or refused facts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at IS NULL"
        )
        waiting = cursor.fetchone()[0]
        if waiting > MOST_WAITING_JOBS:
            yield f"{waiting} jobs wait.", "See that the worker runs (/health); add workers if it does."
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        if failed := cursor.fetchone()[0]:
            yield f"{failed} jobs failed for good.", "Read their reason on the operator's console."
        cursor.execute(
            "SELECT count(*) FROM journal_copy c WHERE at < %s"
            " AND NOT EXISTS (SELECT FROM journal_leaf l WHERE l.entry = c.entry)",
            [system_clock() - LONGEST_LAG],
        )
        if late := cursor.fetchone()[0]:
            yield (
                f"{late} facts of more than a minute have no number.",
                "See that the sequencer runs (/health).",
            )
    for follower in journal.followers():
        if follower.is_late:
            yield (
                f"The follower {follower.name} is behind: a fact has waited since {follower.waiting_since:%Y-%m-%d %H:%M} UTC.",
                "See that the followers run (/health), and read their log.",
            )
        if follower.dead_letters:
            yield (
                f"{follower.dead_letters} facts wait because the follower {follower.name} refused one.",
                "Replay them on the operator's console.",
            )


def witnesses() -> Findings:
    """Those outside that cosign the journal's checkpoints: one that is silent, or saw another history."""
    for witness in journal.witness_states():
        if witness.saw_a_fork:
            yield (
                f"The witness {witness.name} has seen another history of the journal: {witness.reason}",
                "Compare at once: territoires journal verify, against a copy of the witness file kept elsewhere.",
            )
        elif witness.is_late:
            yield (
                f"The witness {witness.name} has cosigned nothing since {witness.waiting_since:%Y-%m-%d %H:%M} UTC."
                f" {witness.reason}".rstrip(),
                "See that the worker runs, that the witness answers from here, and that it knows the log's present keys"
                " (territoires journal keys).",
            )


def pages() -> Findings:
    """Built pages and compiled translations."""
    if not Path(str(settings.DJANGO_VITE["default"]["manifest_path"])).exists():
        yield "The pages are not built.", "make install"
    for source in settings.PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            yield (
                f"The translations of {source.parents[3].name} are not compiled.",
                "territoires messages compile",
            )


def parts() -> Findings:
    """What /health would say of a platform that runs; none runs on a schema that is behind, which is told apart."""
    if pending_migrations():
        return
    down = {name: state for name, state in registry.parts().items() if state != registry.UP}
    if down.keys() >= set(settings.PARTS):
        yield "The platform does not run.", "Start it: make run, or the service of the machine."
        return
    for name, state in down.items():
        yield f"The part {name} is down. {state}", f"Read the log of {name}; it is started again by itself."


def lists() -> Findings:
    """The packs of law that the services ask for, in force today."""
    today = legal_day(system_clock())
    for manifest in registry.manifests().values():
        for name in manifest.packs:
            try:
                packs.pack(name, on=today)
            except TerritoiresError as error:
                yield error.message % error.params, PUT_LISTS_BACK
                if error.code != "pack-missing":
                    return  # the folder itself: it is told once


def lacks() -> Findings:
    """The lists that an installation may do without: told, and not counted as wrong."""
    today = legal_day(system_clock())
    for manifest in registry.manifests().values():
        for name, lack in manifest.optional_packs.items():
            try:
                packs.pack(name, on=today)
            except TerritoiresError:
                yield str(lack.loss), str(lack.remedy)


def tools() -> Findings:
    """Programs that are called, or that the tests need."""
    if shutil.which("openssl") is None:
        yield "The program openssl is missing: nobody can check a time-stamp here.", "apt install openssl"


def time_share() -> Findings:
    """In production the user of the web cannot read the time-keeper's keys: with them it could open bids too early."""
    key = settings.ENVIRONMENT.keys / "timekeeper" / "kek"
    if not settings.ENVIRONMENT.is_demonstration and os.access(key, os.R_OK):
        yield (
            f"The user that runs the web can read the time-keeper's key, {key}: nothing but the database's rights keeps"
            " the time share from it.",
            "Run the time-keeper under a user of its own (docs/operations/production.md, The time-keeper).",
        )


def fitness() -> Findings:
    """In production, what it does not accept."""
    if settings.ENVIRONMENT.is_demonstration:
        return
    if not settings.CERTIFICATE_URL:
        yield (
            "No address takes client certificates: nobody can send an act to the State.",
            "Set TERRITOIRES_CERTIFICATE_URL (docs/operations/certificates.md).",
        )
    for fault in production.all_faults(settings):
        yield fault.message % fault.params, fault.remedy


Examinations = list[tuple[str, Callable[[], Findings]]]
OF_THE_MACHINE: Examinations = [
    ("Disk and folders", disk),
    ("Keys and certificates", keys),
    ("Revocation lists", revocation),
    ("Time-keeper", time_share),
    ("Pages and translations", pages),
    ("Lists of law", lists),
    ("Programs", tools),
]
OF_THE_DATABASE: Examinations = [
    ("Database", database),
    ("Clock", clock),
    ("Jobs and facts", work),
    ("Witnesses of the journal", witnesses),
    ("Running parts", parts),
    ("Fit for production", fitness),
]


def _skew(of: str, told: datetime, seconds: int = 0) -> Findings:
    skew = abs(system_clock() - told)
    if skew > MOST_CLOCK_SKEW + timedelta(seconds=seconds):
        yield (
            f"The clock differs from that of {of} by {skew.total_seconds():.0f} seconds.",
            "Switch time synchronisation on: timedatectl set-ntp true.",
        )


def _is_secret(path: Path) -> bool:
    return path.suffix == "" or b"PRIVATE" in path.read_bytes()


def _certificates(path: Path) -> Findings:
    content = path.read_bytes()
    if b"-----BEGIN CERTIFICATE-----" not in content:
        return
    for certificate in x509.load_pem_x509_certificates(content):
        left = certificate.not_valid_after_utc - system_clock()
        if left < CERTIFICATE_NOTICE:
            yield (
                f"The certificate {certificate.subject.rfc4514_string()} ends in {left.days} days.",
                "Renew it before: docs/operations/trust.md.",
            )
