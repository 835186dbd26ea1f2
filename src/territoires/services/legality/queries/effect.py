"""What the rules say of an act: whether it goes to the State, how its body makes it public, since when it is executory."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from territoires.foundations.packs import api as packs
from territoires.kernel.clock import legal_day

from ..domain import effect
from ..domain.effect import Duty, Effect, Publicity
from ..domain.history import RECEIVED_THEN
from ..domain.transmission import RECEIVED
from ..models import Act, Posting, PublicationChoice, known
from .readiness import classification

TRANSMISSION_RULES, PUBLICATION_RULES = "transmission-rules", "publication-rules"


def rule_of(act: Act) -> Duty:
    """Whether acts of this nature and matter are transmitted, whatever was declared of this one."""
    return effect.duty_of(act.nature, act.matter_code, _rules(TRANSMISSION_RULES, _day_of(act)))


def must_be_transmitted(act: Act) -> bool:
    """Whether this act goes to the State: as declared of it, else by the rule of its nature and matter."""
    if act.taken_over_at is not None:
        return act.former.status == RECEIVED_THEN
    return rule_of(act).is_transmitted if act.is_transmitted is None else act.is_transmitted


def last_day_to_transmit(act: Act) -> date | None:
    """The last day to transmit a signed act to the State: individual ones alone have one (CGCT L.2131-2, II)."""
    if not classification(legal_day(act.changed_at)).natures[act.nature].is_individual:
        return None
    signed_on = known(act.signed_on)
    return signed_on + timedelta(days=days("individual-transmission-days", max(signed_on, _first_rules())))


def publicity_of(body: Any, on: date) -> Publicity:
    """How the body makes its acts public on a legal day."""
    chosen = PublicationChoice.objects.filter(organisation=body.pk, from_on__lte=on).first()
    return effect.publicity_of(
        body.kind, body.population, chosen.mode if chosen else None, _rules(PUBLICATION_RULES, on)
    )


def effect_of(act: Act) -> Effect:
    """The days that make the act executory, as far as they are known."""
    posting = posting_of(act)
    first_notice = act.notifications.order_by("notified_on").values_list("notified_on", flat=True).first()
    received = (
        act.transmissions.filter(state__in=RECEIVED).values_list("received_on", flat=True).order_by().first()
    )
    on_line = act.published_on
    return Effect(
        is_transmitted=must_be_transmitted(act),
        public_on=effect.public_on(
            on_line_on=on_line,
            mode_then=publicity_of(act.organisation, on_line).mode if on_line else effect.ELECTRONIC,
            posted_on=posting.posted_on if posting else None,
            posted_as=posting.mode if posting else "",
        ),
        notified_on=first_notice,
        received_on=act.former.received_on if act.taken_over_at else received,
    )


def posting_of(act: Act) -> Posting | None:
    return Posting.objects.filter(act=act.pk).first()


def choices_of(organisation: Any) -> list[PublicationChoice]:
    """What the body decided about its publicity, the latest first."""
    return list(PublicationChoice.objects.filter(organisation=organisation))


def days(code: str, on: date) -> int:
    """A delay of ``publication-rules`` in days, for instance ``list-of-deliberations-days``."""
    value = packs.pack(PUBLICATION_RULES, on=on).by_code(code)["value"]
    return int(value)


def _day_of(act: Act) -> date:
    return max(act.decided_on or legal_day(act.changed_at), _first_rules())


def _first_rules() -> date:
    """Acts of before the first rules are judged by these: what is shown of them is of today."""
    return min(one.valid_from for one in packs.all_packs() if one.name == TRANSMISSION_RULES)


def _rules(name: str, on: date) -> tuple[packs.Entry, ...]:
    return packs.pack(name, on=max(on, _first_rules())).entries
