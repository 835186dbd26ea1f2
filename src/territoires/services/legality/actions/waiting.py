"""The desk: the one item that says what an act waits for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day

from ..domain.classification import PUBLISH
from ..domain.effect import ELECTRONIC, EMERGENCY
from ..domain.life import DRAFT, LIFE, POSTED, SIGNED, SIGNING
from ..domain.transmission import ACKNOWLEDGED, CANCELLED, REFUSED, TO_CONFIRM, TRANSMISSION
from ..models import Act, Transmission
from ..permissions import Legality
from ..queries.effect import last_day_to_transmit, must_be_transmitted, posting_of, publicity_of
from ..queries.progress import SENDABLE, latest_transmissions
from ..queries.readiness import classification

_NEXT = {
    DRAFT: ("complete", _("Complete and have it signed"), Legality.REVISE),
    SIGNING: ("signatures", _("Have it signed by those named"), Legality.SIGN),
    CANCELLED: ("prepare", _("Prepare for the prefecture"), Legality.PREPARE),
    TO_CONFIRM: ("confirm", _("Confirm the transmission"), Legality.SEND),
    REFUSED: ("correct", _("Correct and send again"), Legality.PREPARE),
    "publish": ("effect", _("Publish"), Legality.PUBLISH),
    "post": ("effect", _("Make it public on paper"), Legality.PUBLISH),
    "notify": ("effect", _("Notify"), Legality.NOTIFY),
}


Mode = Callable[[Any, date], str]
"""How a body makes its acts public on a legal day."""


def wait_for_next_step(act: Act, actor: Actor, *, latest: Transmission | None = None) -> None:
    """Puts on the desk what an act that is not yet executory waits for, in place of what it waited for before.

    ``latest`` is its latest sending, when it is known already.
    """
    wait_for_next_steps([(act, latest)], actor)


def wait_for_next_steps(acts: Sequence[tuple[Act, Transmission | None]], actor: Actor) -> None:
    """The same for several acts at once, each with its latest sending when that is known already."""
    mode: Mode = cache(lambda body, on: publicity_of(body, on).mode)
    worklist.replace_items({act.subject: _to_do(act, latest, actor, mode) for act, latest in acts})


def _to_do(act: Act, latest: Transmission | None, actor: Actor, mode: Mode) -> worklist.ToDo | None:
    place = _place(act, latest)
    if (step := _next_step(act, place, actor, mode)) is None:
        return None
    kind, verb, permission = _NEXT[step]
    label, tone = _state(act, place if step == place else None)
    return worklist.ToDo(
        organisation=act.organisation_id,
        subject=act.subject,
        matter=act.matter,
        kind=kind,
        title=" ".join(filter(None, (act.number, act.object))) or "—",
        verb=verb,
        address=reverse(
            "legality_desk:act", kwargs={"organisation": act.organisation.reference, "act": act.pk}
        ),
        permission=permission,
        due_at=end_of(last_day_to_transmit(act)) if step == place else None,
        state_label=label,
        tone=tone,
        at=actor.now(),
    )


def nothing_waits(act: Act) -> None:
    """Takes the act off the desk."""
    worklist.close_items(act.subject)


def end_of(day: date | None) -> datetime | None:
    """The last second of a legal day, as a deadline."""
    return first_instant(day + timedelta(days=1)) - timedelta(seconds=1) if day else None


def _place(act: Act, latest: Transmission | None) -> str | None:
    """Where an act that goes to the State is on its way there; "cancelled" also before it sets off, None for the others."""
    if act.taken_over_at is not None or act.state not in SENDABLE or not must_be_transmitted(act):
        return None
    sending = latest or latest_transmissions([act]).get(act.pk)
    return sending.state if sending else CANCELLED


def _next_step(act: Act, place: str | None, actor: Actor, mode: Mode) -> str | None:
    """The step, or None when nothing is due from the body: the act is executory, over, or waits for the State.

    The State comes before the public: an act that it refuses can still be corrected.
    """
    if place not in (None, ACKNOWLEDGED):
        return place if place in _NEXT else None
    if act.state == POSTED:
        posting = posting_of(act)
        return PUBLISH if posting and posting.mode == EMERGENCY else None
    if act.state != SIGNED:
        return act.state if act.state in _NEXT else None
    today = legal_day(actor.now())
    way = classification(today).natures[act.nature].ways[0]
    if way == PUBLISH and mode(act.organisation, today) != ELECTRONIC:
        return "post"
    return way


def _state(act: Act, place: str | None) -> tuple[str, str]:
    """The words and the tone of the state that the step starts from."""
    if place == CANCELLED:
        return _("Not transmitted yet"), "wait"
    state = TRANSMISSION.states[place] if place else LIFE.states[act.state]
    return state.label, state.tone
