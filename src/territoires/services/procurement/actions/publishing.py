"""A consultation becomes public, at once or at an appointed time, and closes when its deadline has passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.contracts import procurement_publication as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.kernel.fact import Fact

from ..domain.findings import Finding
from ..models import Consultation
from ..permissions import Procurement
from ..queries import quorum
from ..queries.invitations import invited_of
from ..queries.publication import first_deadline
from ..queries.readiness import publication_obstacles
from ..queries.rounds import FIRST
from ..queries.sheets import lots_of, pieces_of
from .calling import call_all_admitted
from .inviting import send_invitation
from .listing import write_listing
from .moving import about, move
from .next_step import wait_for_next_step
from .writing import print_policy_hash

HELD_BACK = "procurement.publication-held-back"


@action(Procurement.PUBLISH, on="consultation")
def publish_consultation(
    *, actor: Actor, consultation: Consultation, shows_value: bool = False, version: int | None = None
) -> Outcome[Consultation]:
    """Makes it public now, or has its invitations leave where enterprises are named; criteria and lots are frozen from
    here on. ``shows_value``: the estimate is public, too.

    Raises Invalid with all that stops it, Conflict when it is not validated or already public.
    """
    move(consultation, "publish", actor, version)
    _require_clear(publication_obstacles(consultation, actor))
    consultation.shows_value = shows_value
    return Outcome(consultation, *_published(actor, consultation))


@action(Procurement.PUBLISH, on="consultation")
def schedule_publication(
    *,
    actor: Actor,
    consultation: Consultation,
    publish_at: datetime,
    shows_value: bool = False,
    version: int | None = None,
) -> Outcome[Consultation]:
    """Has it published at an instant to come; what stops it then calls it off, and the desk says so.

    Raises Invalid for an instant that has passed or comes after the deadline, and with all that stops it today.
    """
    move(consultation, "schedule", actor, version)
    deadline = first_deadline(consultation)
    if publish_at <= actor.now() or (deadline is not None and publish_at >= deadline):
        raise Invalid(
            "publication-time",
            "This hour has passed, or comes after the deadline of the bids.",
            "Choose an hour to come, or publish now.",
        )
    # Judged as of that day, so that a time to answer which it makes too short is told today.
    _require_clear(publication_obstacles(consultation, actor, at=publish_at))
    consultation.publish_at, consultation.shows_value = publish_at, shows_value
    consultation.save()
    return Outcome(consultation, facts.ConsultationScheduled(**about(consultation), publish_at=publish_at))


@action(Procurement.PUBLISH, on="consultation")
def call_off_publication(
    *, actor: Actor, consultation: Consultation, version: int | None = None
) -> Outcome[Consultation]:
    """A scheduled publication will not take place; the consultation stays validated."""
    move(consultation, "call_off", actor, version)
    consultation.publish_at = None
    consultation.save()
    return Outcome(consultation, facts.ConsultationCalledOff(**about(consultation)))


@action(Procurement.KEEP_TIME, on="consultation")
def publish_on_time(*, actor: Actor, consultation: Consultation) -> Outcome[Consultation]:
    """The appointed time has come: it is published, or called off and put on the desk when something stops it.

    Raises Conflict when it is no longer scheduled, or its time was moved.
    """
    if consultation.publish_at is None or consultation.publish_at > actor.now():
        raise Conflict("not-yet", "It is not to be published yet.", "Nothing to do.")
    if obstacles := publication_obstacles(consultation, actor):
        return Outcome(consultation, _held_back(actor, consultation, obstacles))
    move(consultation, "publish", actor, None)
    return Outcome(consultation, *_published(actor, consultation))


def _require_clear(obstacles: Sequence[Finding]) -> None:
    if obstacles:
        raise Invalid(
            "not-publishable",
            "The consultation was not published: something must be done first.",
            "Each line says what.",
            faults=[one.as_fault() for one in obstacles],
        )


def _published(actor: Actor, consultation: Consultation) -> list[Fact]:
    """What every way of publishing writes."""
    now, policy = actor.now(), quorum.current_policy(consultation, FIRST)
    if policy is not None:
        print_policy_hash(actor, consultation, policy.sha256)
    consultation.published_at, consultation.publication_version = now, 1
    consultation.publish_on, consultation.publish_at = legal_day(now), None
    consultation.save()
    write_listing(actor, consultation)
    call_all_admitted(actor, consultation)
    worklist.close_items(consultation.subject, HELD_BACK)
    wait_for_next_step(consultation, actor)
    published = facts.ConsultationPublished(
        **about(consultation),
        reference=consultation.reference,
        procedure=consultation.procedure,
        lots=len(lots_of(consultation)),
        documents=tuple(piece.sha256 for piece in pieces_of(consultation)),
        applications_until=consultation.applications_until,
        tenders_until=consultation.tenders_until,
        policy_sha256=policy.sha256 if policy else "",
    )
    return [published, *(send_invitation(actor, consultation, one) for one in invited_of(consultation))]


def _held_back(
    actor: Actor, consultation: Consultation, obstacles: Sequence[Finding]
) -> facts.ConsultationCalledOff:
    move(consultation, "call_off", actor, None)
    consultation.publish_at = None
    consultation.save()
    worklist.open_item(
        organisation=consultation.organisation_id,
        subject=consultation.subject,
        matter=consultation.pk,
        kind=HELD_BACK,
        title=f"{consultation.reference} {consultation.title}",
        verb=_("See why it was not published"),
        address=desk_address("publish", consultation),
        permission=Procurement.PUBLISH,
        state_label=_("Not published"),
        tone="bad",
        at=actor.now(),
    )
    return facts.ConsultationCalledOff(
        **about(consultation), obstacles=tuple(dict.fromkeys(one.code for one in obstacles))
    )


def desk_address(page: str, consultation: Consultation) -> str:
    """The agent's page of that name."""
    place = {"organisation": consultation.organisation.reference, "consultation": consultation.pk}
    return reverse(f"procurement_desk:{page}", kwargs=place)
