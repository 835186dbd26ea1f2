"""How far several acts are on their way to the State, in one query: for lists and for gestures on many."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ..domain import life
from ..domain import transmission as rules
from ..models import Act, Transmission
from .effect import must_be_transmitted

SENDABLE = tuple(state for state in life.COMPLETE if state != life.WITHDRAWN)


def latest_transmissions(acts: Iterable[Act]) -> dict[UUID, Transmission]:
    """The latest sending of each act that has one."""
    rows = Transmission.objects.filter(act__in=[act.pk for act in acts]).order_by("act_id", "-rank")
    return {row.act_id: row for row in rows.distinct("act_id")}


def lacking(acts: Iterable[Act]) -> list[Act]:
    """Those that the law makes transmit and that were never made ready for it, or whose sending was cancelled."""
    given = list(acts)
    latest = latest_transmissions(given)
    return [
        act
        for act in given
        if act.taken_over_at is None
        and act.state in SENDABLE
        and (act.pk not in latest or latest[act.pk].state == rules.CANCELLED)
        and must_be_transmitted(act)
    ]
