"""What the doors show: communes, public bodies, the console's figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from territoires.foundations.exchange import api as exchange
from territoires.foundations.identity import api as identity
from territoires.foundations.journal import api as journal
from territoires.foundations.registry import api as registry
from territoires.kernel.actor import Actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, TerritoiresError, Unavailable

from ..domain import Search, short_department

MOST = 20
ENTRIES = 50
LATEST = 5
LISTED = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the platform on the console: ``detail`` says what is wrong when it is down."""

    name: str
    is_up: bool
    detail: str

    @property
    def label(self) -> Any:
        return PARTS.get(self.name, self.name)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What waits for the operator though every part is up, and what to do about it."""

    label: Any
    sentence: str
    remedy: str


PARTS = {
    "web": _("Pages"),
    "database": _("Database"),
    "worker": _("Background work"),
    "sequencer": _("Numbering and sealing of the journal"),
    "followers": _("Handing of facts to the services"),
    "simulators": _("Simulated outside services"),
    "front": _("Where certificates are presented"),
    "timekeeper": _("Time-keeper"),
    "opener": _("Opening of the bids"),
}


# How far the proof of a fact is, in words and colour.
PROOF = {
    "recorded": (_("recorded"), "wait"),
    "sequenced": (_("numbered"), "run"),
    "sealed": (_("sealed"), "ok"),
    "anchored": (_("anchored outside"), "ok"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A fact as the console shows it."""

    entry: Any
    organisation_name: str
    proof: Any
    tone: str


# Where a parcel is, in words and colour.
PARCEL = {
    "waiting": (_("waits to leave"), "wait"),
    "sending": (_("is leaving"), "run"),
    "doubtful": (_("in doubt"), "bad"),
}


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """A parcel as the console shows it."""

    parcel: Any
    channel: str
    organisation_name: str
    state: Any
    tone: str
    reason: str
    is_late: bool
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class ArrivalLine:
    """What could not be read, with the reason in the reader's language."""

    arrival: Any
    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A body with the name of its department, without which its own name is not unique."""

    organisation: Any
    department_name: str


def find_communes(search: Search, *, limit: int = MOST) -> list[Found]:
    """The communes that answer to what was typed; by SIREN, other territorial bodies too."""
    found = identity.find(
        kinds=identity.TERRITORIAL if search.siren else (identity.Kind.COMMUNE,),
        words=search.words,
        siren=search.siren,
        code=search.code,
        limit=limit,
    )
    departments = identity.department_names() if found else {}
    return [Found(one, short_department(departments.get(one.department, one.department))) for one in found]


def public_body(reference: str) -> dict[str, Any]:
    """What the public page of a body shows. Raises Missing for a private one."""
    body = identity.public_body(reference)
    return {
        "body": body,
        "groupings": identity.groupings_of(body),
        "department_name": short_department(
            identity.department_names().get(body.department, body.department)
        ),
    }


def latest_publications(actor: Actor, *, body: UUID | None = None) -> list[registry.Publication]:
    """What the services have just made public, of one body or of all, the latest first."""
    found = [
        publication
        for manifest in registry.manifests().values()
        if manifest.latest
        for publication in manifest.latest(actor, body, LATEST)
    ]
    return sorted(found, key=lambda publication: publication.published_at, reverse=True)[:LATEST]


def count_communes() -> int:
    """How many communes are open, for the sentence on the home page."""
    return identity.count_by_kind().get(identity.Kind.COMMUNE, 0)


def console(now: datetime) -> dict[str, Any]:
    """Health, journal, dead letters, exchanges and bodies in figures."""
    parts = [Part(name, state == registry.UP, state) for name, state in registry.parts().items()]
    return {
        "parts": sorted(parts, key=lambda part: part.is_up),
        "journal": journal.health(),
        "failed_jobs": registry.count_failed_jobs(),
        "traffic": exchange.traffic(now),
        "failing": exchange.failing_collections(),
        "alarms": [Alarm(check.label, *_in_words(error)) for check, error in registry.raised()],
        "bodies": [(label, identity.count_by_kind().get(kind, 0)) for kind, label in identity.Kind.choices],
    }


def _in_words(error: Exception) -> tuple[str, str]:
    """A sentence and what to do, in the reader's language; what was not foreseen says its name."""
    if isinstance(error, TerritoiresError):
        return registry.sentence(error.message, error.params), registry.sentence(error.remedy, error.params)
    return str(error) or type(error).__name__, ""


def exchanges(now: datetime) -> dict[str, Any]:
    """What has not left for certain, what could not be read, and from where nothing can be fetched."""
    parcels = exchange.unsettled_parcels(count=LISTED)
    names = identity.names_of(parcel.organisation_id for parcel in parcels)
    return {
        "traffic": exchange.traffic(now),
        "failing": [
            (exchange.label_of(one.channel), one.failing_since, registry.sentence(one.sentence, one.params))
            for one in exchange.failing_collections()
        ],
        "parcels": [
            ParcelLine(
                parcel,
                exchange.label_of(parcel.channel),
                names.get(parcel.organisation_id, ""),
                *PARCEL[parcel.state],
                exchange.reason_label(parcel.reason),
                exchange.is_late(parcel, now),
                parcel.due_at if parcel.due_at and parcel.due_at > now else None,
            )
            for parcel in parcels
        ],
        "arrivals": [arrival_line(arrival) for arrival in exchange.quarantine_of(count=LISTED)],
        "listed": LISTED,
    }


def arrival_line(arrival: Any) -> ArrivalLine:
    """An arrival in quarantine as the console shows it."""
    reason = registry.sentence(arrival.sentence, arrival.params)
    return ArrivalLine(arrival, exchange.label_of(arrival.channel), reason)


def exchange_alarm() -> str:
    """For ``/health``: raises Conflict with a sentence when an exchange needs the operator."""
    traffic = exchange.traffic(system_clock())
    failing = len(exchange.failing_collections())
    if not traffic.for_somebody and not failing:
        return ""
    raise Conflict(
        "exchanges-wait",
        "%(late)s late, %(doubtful)s in doubt, %(quarantined)s in quarantine, %(failing)s sources silent.",
        "Open the exchanges on the console.",
        params={
            "late": traffic.late,
            "doubtful": traffic.doubtful,
            "quarantined": traffic.quarantined,
            "failing": failing,
        },
    )


def following_alarm() -> str:
    """For ``/health``: raises Conflict with the followers that are behind, or that refused facts."""
    followers = journal.followers()
    late = [follower.name for follower in followers if follower.is_late]
    refusing = [f"{one.name} ({one.dead_letters})" for one in followers if one.dead_letters]
    if not late and not refusing:
        return ""
    raise Conflict(
        "followers-wait",
        "Followers that are behind: %(late)s. Followers that refused facts: %(refusing)s.",
        "Open the console.",
        params={
            "late": ", ".join(late) or "–",
            "refusing": ", ".join(refusing) or "–",
        },
    )


def jobs_alarm() -> str:
    """For ``/health``: raises Conflict with the number of jobs that failed for good."""
    failed = registry.count_failed_jobs()
    if not failed:
        return ""
    raise Conflict(
        "jobs-failed",
        "Jobs of the worker that failed for good: %(failed)s.",
        "Read their reason and try them again on the console.",
        params={"failed": failed},
    )


def witness_alarm() -> str:
    """For ``/health``: raises Conflict with the witnesses that did not cosign the journal in time, and why."""
    silent = [witness for witness in journal.witness_states() if witness.needs_somebody]
    if not silent:
        return ""
    raise Conflict(
        "witnesses-silent",
        "Witnesses of the journal that do not cosign: %(silent)s.",
        "Run territoires doctor.",
        params={"silent": "; ".join(f"{one.name} ({one.reason})" for one in silent)},
    )


def journal_page(before: str | None) -> dict[str, Any]:
    """A page of the book, latest first; ``before`` is the number under which it starts."""
    limit = int(before) if before and before.isascii() and before.isdigit() and len(before) < 16 else None
    entries = journal.latest(before=limit, count=ENTRIES)
    more = len(entries) == ENTRIES and entries[-1].seq
    names: Mapping[Any, str] = identity.names_of(
        entry.organisation for entry in entries if entry.organisation
    )
    return {
        "lines": [Line(entry, names.get(entry.organisation, ""), *PROOF[entry.state]) for entry in entries],
        "before": entries[-1].seq if more else None,
        "journal": journal.health(),
        "keys": [span for span in journal.key_spans() if span.last is None],
        **_witnesses(),
    }


def _witnesses() -> dict[str, Any]:
    """How the witnesses are doing; when their file cannot be read, why."""
    try:
        found = journal.witness_states()
    except Unavailable as failure:
        return {"witnesses_unreadable": registry.sentence(failure.message, failure.params)}
    return {"witnesses": found, "a_witness_fails": any(witness.needs_somebody for witness in found)}
