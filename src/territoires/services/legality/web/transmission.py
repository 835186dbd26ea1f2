"""The way to the State in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from territoires.foundations.exchange import api as exchange

from ..models import Convention, Transmission
from ..queries.situation import Sending, Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSending:
    """A sending with its words; a refusal says its explanation in place of the meaning of the state.

    ``held_up_by`` is why the State could not be reached the last time, empty when it could.
    """

    transmission: Transmission
    state: str
    tone: str
    label: str
    meaning: str
    remedy: str
    held_up_by: str
    is_doubtful: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class ShownSituation:
    """A situation for a template: ``latest`` sending, the ``earlier`` ones."""

    latest: ShownSending | None
    earlier: list[ShownSending]
    convention: Convention | None


def shown_situation(situation: Situation) -> ShownSituation:
    """The situation in words."""
    sendings = [_sending(one) for one in situation.sendings]
    return ShownSituation(sendings[0] if sendings else None, sendings[1:], situation.convention)


def _sending(sending: Sending) -> ShownSending:
    language, explained = get_language() or "fr", sending.explanation
    return ShownSending(
        transmission=sending.transmission,
        state=sending.state.name,
        tone=sending.state.tone,
        label=_(sending.state.label),
        meaning=explained.meaning.in_language(language) if explained else _(sending.state.meaning),
        remedy=explained.remedy.in_language(language) if explained else "",
        held_up_by=exchange.reason_label(sending.parcel.reason) if sending.is_held_up else "",
        is_doubtful=sending.is_doubtful,
        is_late=sending.is_late,
    )
