"""The prefecture's letters: which one is meant, by when it is to be answered, by which way, with what."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from territoires.foundations.actions import api as actions
from territoires.foundations.packs import api as packs
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Missing

from ..domain import letters as rules
from ..models import Act, ChannelCode, LetterReply, Route, StateLetter
from ..permissions import Legality
from .transmissions import answers_nothing, convention_of

LETTERS = "actes-letters"


def letter_of(act: Act, key: UUID) -> StateLetter:
    """A letter about the act. Raises Missing."""
    found = StateLetter.objects.filter(pk=key, transmission__act=act).select_related("transmission").first()
    if found is None:
        raise Missing("no-letter", "The prefecture sent no such letter.", "Go back to the page of the act.")
    return found


def replies_of(letter: StateLetter) -> list[LetterReply]:
    """What answered it, given up answers left out, with their files."""
    rows = letter.replies.exclude(state=rules.ABANDONED).select_related("answer")
    return list(rows.prefetch_related("files__document"))


def live_reply(letter: StateLetter) -> LetterReply | None:
    """The one answer that counts: neither refused nor given up; a receipt is none."""
    rows = letter.replies.filter(state__in=rules.LIVE).exclude(kind__in=rules.RECEIPTS.values())
    return rows.first()


def required_reply(letter: StateLetter) -> LetterReply:
    """The answer that waits to be confirmed, locked. Raises Conflict without one."""
    found = letter.replies.select_for_update().filter(state=rules.TO_CONFIRM).first()
    if found is not None:
        return found
    raise Conflict(
        "no-reply-to-confirm",
        "No answer to this letter waits to be confirmed.",
        "Reload the page of the act to see where it stands.",
    )


def reply_answered(identifier: str, kind: str, letter_on: date) -> LetterReply:
    """The answer that an acknowledgement (3-5, 4-5) speaks of. Raises Invalid when none of ours can be meant.

    Of several, the one under way; else the one that arrived; else the last refused, whose acknowledgement comes late.
    """
    rows = LetterReply.objects.filter(
        letter__transmission__identifier=identifier,
        letter__dated_on=letter_on,
        kind__in=[reply for reply, answer in rules.ACKNOWLEDGED_BY.items() if answer == kind],
    )
    for states in (rules.UNDER_WAY, (rules.ACKNOWLEDGED,), (rules.REFUSED,)):
        if found := rows.filter(state__in=states).order_by("-prepared_at").first():
            return found
    raise answers_nothing(identifier)


def replies_to_confirm(actor: Actor) -> list[LetterReply]:
    """The answers that wait in the acting organisation for somebody who may send, the oldest first."""
    rows = LetterReply.objects.filter(
        state=rules.TO_CONFIRM,
        letter__transmission__act__in=actions.visible(actor, Legality.SEND),
        letter__transmission__organisation=actor.organisation,
    )
    return list(rows.select_related("letter__transmission__act").order_by("prepared_at", "id"))


def due_on(letter: StateLetter) -> date | None:
    """The last day to answer, by the pack in force; None for a letter that opens no delay."""
    received_on = legal_day(letter.received_at)
    lines = packs.pack(LETTERS, on=received_on).entries
    months = next((line["answer_within_months"] for line in lines if line["code"] == letter.kind), None)
    return rules.months_after(received_on, months) if months else None


def way_to_answer(letter: StateLetter, at: datetime) -> Route | None:
    """The channel by which the letter came, as the body last used it; None when nothing can leave by it from here."""
    organisation = letter.transmission.organisation_id
    is_unnumbered = letter.channel == ChannelCode.S2LOW and not letter.number
    if is_unnumbered or convention_of(organisation, legal_day(at)) is None:
        return None
    routes = Route.objects.filter(organisation=organisation, channel=letter.channel, from_at__lte=at)
    return routes.order_by("-from_at").first()
