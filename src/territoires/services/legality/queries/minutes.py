"""By when the minutes of a sitting are to be published, as far as it is known which sitting adopted them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from ..domain.sitting import COUNCIL, minutes_due
from ..models import Sitting
from .effect import days


@dataclass(frozen=True, slots=True)
class Minutes:
    """``adopted_on`` is the day of the sitting that adopted them, or that could; None until there is one.

    ``due_on`` is the last day of the legal week after it.
    """

    adopted_on: date | None
    due_on: date | None

    def is_late(self, sitting: Sitting, today: date) -> bool:
        """Whether the legal week is over and nothing is published."""
        return sitting.minutes_at is None and self.due_on is not None and self.due_on < today


def minutes_of(sitting: Sitting) -> Minutes:
    """Minutes are adopted at the beginning of the next sitting; the law asks it of the assembly, not of its board."""
    adopted_on = sitting.minutes_adopted_on
    if adopted_on is None and sitting.kind == COUNCIL:
        after = _others(sitting).filter(held_on__gt=sitting.held_on).order_by("held_on", "id").first()
        adopted_on = after.held_on if after else None
    return Minutes(adopted_on, minutes_due_on(adopted_on) if adopted_on else None)


def minutes_among(sittings: Sequence[Sitting]) -> list[Minutes]:
    """The same for each of the latest sittings of a body."""
    councils = sorted({one.held_on for one in sittings if one.kind == COUNCIL})
    found = []
    for one in sittings:
        adopted_on = one.minutes_adopted_on
        if adopted_on is None and one.kind == COUNCIL:
            adopted_on = next((day for day in councils if day > one.held_on), None)
        found.append(Minutes(adopted_on, minutes_due_on(adopted_on) if adopted_on else None))
    return found


def minutes_due_on(adopted_on: date) -> date:
    """The last day for the minutes that a sitting of that day adopted."""
    return minutes_due(adopted_on, days("minutes-days", adopted_on))


def sitting_before(sitting: Sitting) -> Sitting | None:
    """The one whose minutes this sitting adopts."""
    if sitting.kind != COUNCIL:
        return None
    earlier = _others(sitting).filter(held_on__lt=sitting.held_on).select_related("organisation")
    found: Sitting | None = earlier.order_by("-held_on", "-id").first()
    return found


def _others(sitting: Sitting) -> QuerySet[Sitting]:
    return Sitting.objects.filter(organisation=sitting.organisation_id, kind=sitting.kind)
