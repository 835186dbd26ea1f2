"""The availability log as anybody reads it, and the way that each probe goes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import Error as DatabaseError
from django.db import connection
from django.utils.translation import gettext as _

from territoires.foundations.journal import api as journal
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing
from territoires.kernel.ids import new_id

from ..domain.availability import Measure, OutcomeOf, Part, Stretch, bounds, minute_of, stretches, table
from ..models import Probe, ProbedDay

SLOW_MS = 2000
PROBED = "probe"
SHOWN_DAYS = 62
PROBE_HEADER = "X-Probe"
TOKEN_LIVES = 60
_SALT = "procurement.probe"


@dataclass(frozen=True, slots=True)
class Walked:
    """How a part answered: milliseconds, and the code of what failed, if anything did."""

    part: Part
    latency_ms: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the log: minutes of each outcome, and the slowest answer in milliseconds."""

    since: datetime
    up: int
    slow: int
    down: int
    silent: int
    slowest_ms: int


@dataclass(frozen=True, slots=True)
class DayLog:
    """A day as it is shown. ``sealed`` is None while it lasts; ``stretches`` are its minutes that were not well."""

    day: date
    measures: list[Measure]
    stretches: list[Stretch]
    hours: list[Hour]
    sealed: ProbedDay | None

    @property
    def table(self) -> bytes:
        return table(self.measures)


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def probe_token(content: bytes) -> str:
    """What opens the probe's door for these bytes, for a minute: only who holds the platform's secret makes it."""
    return signing.TimestampSigner(salt=_SALT).sign(digest_of(content))


def probe_token_holds(token: str, content: bytes) -> bool:
    try:
        return signing.TimestampSigner(salt=_SALT).unsign(token, max_age=TOKEN_LIVES) == digest_of(content)
    except signing.BadSignature:
        return False


def walk(content: bytes) -> list[Walked]:
    """Goes the way of a deposit behind the web: database, storage (written, read again, removed), journal."""
    return [
        _walked(Part.DATABASE, _database),
        _walked(Part.STORAGE, lambda: _storage(content)),
        _walked(Part.JOURNAL, _journal),
    ]


def measured(minute: datetime, walked: list[Walked]) -> list[Measure]:
    return [
        Measure(minute_of(minute), one.part, _judged(one), min(one.latency_ms, 2_000_000), one.fault)
        for one in walked
    ]


def day_log(day: date, now: datetime) -> DayLog:
    """The log of a legal day (Paris), up to now. Raises Missing for a day without any measure."""
    since, until = bounds(day)
    measures = measures_between(since, until)
    if not measures:
        raise Missing(
            "day-not-probed",
            "The availability log holds nothing of this day.",
            "Choose a day of the list.",
        )
    # Before the very first measure the platform was not there to be silent.
    first = measures[0].minute if not Probe.objects.filter(minute__lt=since).exists() else since
    until = min(until, minute_of(now))
    told = stretches(measures, first, until)
    return DayLog(day, measures, told, list(_hours(measures, told, first, until)), sealed_day(day))


def sealed_day(day: date) -> ProbedDay | None:
    return ProbedDay.objects.filter(day=day).first()


def probed_days() -> list[ProbedDay]:
    """The finished days, the latest first."""
    return list(ProbedDay.objects.all()[:SHOWN_DAYS])


def days_to_seal(now: datetime) -> Iterator[date]:
    """The finished days that hold measures and no root yet, oldest first."""
    last = ProbedDay.objects.order_by("-day").values_list("day", flat=True).first()
    if last is not None:
        first = last + timedelta(days=1)
    else:
        minute = Probe.objects.order_by("minute").values_list("minute", flat=True).first()
        if minute is None:
            return
        first = legal_day(minute)
    while first < legal_day(now):
        since, until = bounds(first)
        if Probe.objects.filter(minute__gte=since, minute__lt=until).exists():
            yield first
        first += timedelta(days=1)


def measures_between(since: datetime, until: datetime) -> list[Measure]:
    rows = Probe.objects.filter(minute__gte=since, minute__lt=until).order_by("minute", "part")
    return [Measure(*row) for row in rows.values_list("minute", "part", "outcome", "latency_ms", "fault")]


def proof_of(day: ProbedDay) -> UUID:
    """The entry of the journal that holds the root. Raises Missing while it is not written."""
    for entry in journal.timeline(day.pk):
        return entry.id
    raise Missing("day-not-sealed", "This day has no proof yet.", "Come back in a minute.")


def availability_alarm() -> str:
    """For the operator: raises with a sentence when the last probe did not pass."""
    last = Probe.objects.order_by("-minute").values_list("minute", flat=True).first()
    if last is None:
        return ""
    down = list(Probe.objects.filter(minute=last, outcome=OutcomeOf.DOWN).values_list("part", flat=True))
    if down:
        raise RuntimeError(
            _("The last probe of the deposit path did not pass: %(parts)s.") % {"parts": ", ".join(down)}
        )
    return ""


def _hours(measures: list[Measure], told: list[Stretch], since: datetime, until: datetime) -> Iterator[Hour]:
    hour = since.replace(minute=0)
    while hour < until:
        end = hour + timedelta(hours=1)
        lost = {
            outcome: sum(
                max(0, round((min(one.until, end) - max(one.since, hour)).total_seconds() / 60))
                for one in told
                if one.outcome == outcome
            )
            for outcome in ("slow", "down", "silent")
        }
        lasted = round((min(end, until) - max(hour, since)).total_seconds() / 60)
        slowest = max((m.latency_ms for m in measures if hour <= m.minute < end), default=0)
        yield Hour(hour, lasted - sum(lost.values()), lost["slow"], lost["down"], lost["silent"], slowest)
        hour = end


def _judged(one: Walked) -> OutcomeOf:
    if one.fault:
        return OutcomeOf.DOWN
    return OutcomeOf.SLOW if one.latency_ms > SLOW_MS else OutcomeOf.UP


def _walked(part: Part, step: Callable[[], str]) -> Walked:
    began = time.monotonic()
    try:
        fault = step()
    except Exception as error:
        fault = type(error).__name__[:40]
        if isinstance(error, DatabaseError):
            connection.close()
    return Walked(part, round((time.monotonic() - began) * 1000), fault)


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT 1 FROM t_procurement_consultation LIMIT 1) AS one")
    return ""


def _storage(content: bytes) -> str:
    name = default_storage.save(f"{PROBED}/{new_id()}", ContentFile(content))
    try:
        with default_storage.open(name) as kept:
            return "" if kept.read() == content else "altered"
    finally:
        default_storage.delete(name)


def _journal() -> str:
    found = journal.health()
    return "late" if found.is_late else "quarantined" if found.quarantined else ""
