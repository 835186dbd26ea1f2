"""The availability log: measures kept each minute, the root of each finished day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from territoires.contracts import procurement_continuity as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict

from ..domain.availability import SILENT, Measure, OutcomeOf, bounds, root, stretches, table
from ..models import Probe, ProbedDay
from ..permissions import Procurement
from ..queries.availability import measures_between


def keep_measures(measures: Iterable[Measure]) -> None:
    """Writes what a probe met; a minute that was measured already stays as it was. The day's root tells it once."""
    Probe.objects.bulk_create(
        [
            Probe(
                minute=one.minute,
                part=one.part,
                outcome=one.outcome,
                latency_ms=one.latency_ms,
                fault=one.fault,
            )
            for one in measures
        ],
        ignore_conflicts=True,
    )


@action(Procurement.LOG_AVAILABILITY)
def seal_day(*, actor: Actor, day: date) -> Outcome[ProbedDay]:
    """Writes the root of a finished day in the journal. Raises Conflict for one that lasts, or is sealed already."""
    since, until = bounds(day)
    if until > actor.now() or ProbedDay.objects.filter(day=day).exists():
        raise Conflict(
            "day-not-to-seal", "This day is not finished, or is sealed already.", "There is nothing to do."
        )
    measures = measures_between(since, until)
    content = table(measures)
    first = since if Probe.objects.filter(minute__lt=since).exists() else measures[0].minute
    lost: Counter[str] = Counter()
    for one in stretches(measures, first, until):
        lost[one.outcome] += one.minutes
    counts = {
        "slow": lost[OutcomeOf.SLOW],
        "down": lost[OutcomeOf.DOWN],
        "silent": lost[SILENT],
    }
    minutes = round((until - first).total_seconds() / 60)
    sealed = ProbedDay.objects.create(
        day=day,
        root=root(content),
        up=minutes - sum(counts.values()),
        sealed_at=actor.now(),
        **counts,
    )
    fact = facts.DayProbed(
        subject=sealed.subject, matter=sealed.pk, day=day, up=sealed.up, content=sealed.root, **counts
    )
    return Outcome(sealed, fact)
