"""How far acts are on their way to the State, in one word for a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from ..domain.transmission import CANCELLED, REFUSED, TRANSMISSION
from ..models import Act
from ..queries.progress import lacking, latest_transmissions


@dataclass(frozen=True, slots=True)
class Progress:
    """The word and its tone."""

    label: str
    tone: str


def shown_progress(acts: Sequence[Act]) -> dict[UUID, Progress]:
    """The word of each act that goes to the State; nothing of the others, nor of a draft."""
    waiting = {act.pk: Progress(_("Not transmitted yet"), "wait") for act in lacking(acts)}
    under_way = {
        key: Progress(_("Refused by the State") if state.name == REFUSED else _(state.label), state.tone)
        for key, sending in latest_transmissions(acts).items()
        if (state := TRANSMISSION.states[sending.state]).name != CANCELLED
    }
    return waiting | under_way
