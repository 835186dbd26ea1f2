"""The desk of the opening officers: what waits for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor

from ..models import Consultation, Handover, HolderKey, OpeningOrder
from ..permissions import Procurement
from ..queries.duties import officers_to_replace
from ..queries.handovers import Work
from ..queries.opening import declined_in, holders_in, releases_of

ACCEPT = "procurement.accept-opening"
RELEASE = "procurement.release"
HAND_OVER = "procurement.hand-over"
REPLACE = "procurement.replace-officer"


def ask_to_accept(actor: Actor, consultation: Consultation, person: UUID) -> None:
    """Somebody is named to open the bids: she makes her key."""
    worklist.open_item(
        organisation=consultation.organisation_id,
        subject=consultation.subject,
        matter=consultation.pk,
        kind=ACCEPT,
        title=consultation.title,
        verb=_("Accept to open the bids"),
        address=reverse(
            "procurement_desk:officer", kwargs={"organisation": consultation.organisation.reference}
        ),
        permission=Procurement.OPENING_HOLD,
        person=person,
        state_label=_("Your key is missing"),
        at=actor.now(),
    )


def accepted(consultation: Consultation, person: UUID) -> None:
    """Nothing more is asked of her before the opening."""
    worklist.close_items(consultation.subject, ACCEPT, person=person)


def let_release(actor: Actor, order: OpeningOrder) -> None:
    """Each officer who has not given her part finds it on her desk, but for who declined and has given none since."""
    releases = releases_of(order)
    given = {one.holder_id for one in releases if not one.fault}
    declined = {one.holder_id for one in declined_in(order)} - {one.holder_id for one in releases}
    consultation = order.consultation
    for holder in holders_in(order):
        if holder.person_id is None or holder.left_at is not None or holder.pk in given | declined:
            continue
        worklist.open_item(
            organisation=consultation.organisation_id,
            subject=order.subject,
            matter=consultation.pk,
            kind=RELEASE,
            title=consultation.title,
            verb=_("Give your part to the opening"),
            address=reverse(
                "procurement_desk:release",
                kwargs={
                    "organisation": consultation.organisation.reference,
                    "consultation": consultation.pk,
                    "order": order.pk,
                },
            ),
            permission=Procurement.OPENING_HOLD,
            person=holder.person_id,
            state_label=_("The session waits for you"),
            tone="run",
            at=actor.now(),
        )


def nothing_to_release(order: OpeningOrder) -> None:
    worklist.close_items(order.subject)


def let_hand_over(actor: Actor, handover: Handover, work: Mapping[UUID, Work]) -> None:
    """Each officer who has something to deal or to take over finds it on her desk; the custodian's part is the body's."""
    consultation = handover.consultation
    waiting: dict[UUID | None, str] = {}
    for holder in HolderKey.objects.filter(pk__in=work):
        label = _("Your pieces are to be dealt") if work[holder.pk].deal else _("New pieces wait for you")
        waiting[holder.person_id] = label if holder.person_id else _("The custodian is waited for")
    nothing_to_hand_over(handover)
    for person, label in waiting.items():
        worklist.open_item(
            organisation=consultation.organisation_id,
            subject=handover.subject,
            matter=consultation.pk,
            kind=HAND_OVER,
            title=consultation.title,
            verb=_("Hand over an officer's keys"),
            address=reverse(
                "procurement_desk:handover",
                kwargs={
                    "organisation": consultation.organisation.reference,
                    "consultation": consultation.pk,
                    "handover": handover.pk,
                },
            ),
            permission=Procurement.OPENING_HOLD if person else Procurement.OPENING_CONDUCT,
            person=person,
            state_label=label,
            at=actor.now(),
        )


def nothing_to_hand_over(handover: Handover) -> None:
    worklist.close_items(handover.subject)


def ask_to_replace(consultation: Consultation, at: datetime) -> None:
    """An officer who cannot be counted on waits to be replaced on the body's desk, as long as that can be done."""
    if not officers_to_replace(consultation, at):
        worklist.close_items(consultation.subject, REPLACE)
        return
    place = {"organisation": consultation.organisation.reference, "consultation": consultation.pk}
    worklist.open_item(
        organisation=consultation.organisation_id,
        subject=consultation.subject,
        matter=consultation.pk,
        kind=REPLACE,
        title=consultation.title,
        verb=_("Replace an opening officer"),
        address=reverse("procurement_desk:opening", kwargs=place),
        permission=Procurement.STAFF,
        state_label=_("An officer has left"),
        at=at,
    )
