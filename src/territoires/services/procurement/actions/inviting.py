"""Invitations where nothing is public: one more while the call is open, its acceptance by the SIRET named, its withdrawal."""

from __future__ import annotations

import secrets

from territoires.contracts import procurement_publication as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied

from ..domain.wording import InvitedWords, sound_invited, stated
from ..models import LONGEST_REASON, Consultation, Correspondent
from ..permissions import Procurement
from ..queries.invitations import has_deposited, invited_of, siret_of
from ..queries.publication import require_open
from .announcing import INVITED, announce_to


def invitation_to(actor: Actor, consultation: Consultation, words: InvitedWords) -> Correspondent:
    """An invitation that is not sent yet, with the secret of its link."""
    return Correspondent(
        consultation=consultation,
        name=words.name,
        enterprise=words.name,
        siret=words.siret,
        email=words.email,
        token=secrets.token_urlsafe(24),
        left_at=actor.now(),
    )


def send_invitation(actor: Actor, consultation: Consultation, one: Correspondent) -> facts.EnterpriseInvited:
    """Inside a verb: its mail leaves, with the link."""
    announce_to(actor, consultation, one, INVITED, {"siret": one.siret})
    return facts.EnterpriseInvited(
        subject=one.subject, matter=consultation.pk, siret=one.siret, name=one.name, email=one.email
    )


@action(Procurement.AMEND, on="consultation")
def invite_enterprise(
    *, actor: Actor, consultation: Consultation, invited: InvitedWords
) -> Outcome[Correspondent]:
    """Invites one more enterprise while the call is open; its mail leaves at once.

    Raises Conflict where nobody is invited by name, TooLate after the deadline, Invalid for a SIRET that is none and for an
    enterprise or an address that is invited already.
    """
    if not consultation.is_private:
        raise Conflict(
            "open-to-all",
            "This call is public: everybody may answer, nobody is invited by name.",
            "Send the address of its page to whoever should know of it.",
        )
    require_open(consultation, actor.now())
    present = [InvitedWords(one.name, one.siret, one.email) for one in invited_of(consultation)]
    (*_present, words) = sound_invited([*present, invited])
    made = invitation_to(actor, consultation, words)
    made.save(force_insert=True)
    return Outcome(made, send_invitation(actor, consultation, made))


@action(Procurement.AMEND, on="consultation")
def withdraw_invitation(
    *, actor: Actor, consultation: Consultation, invitation: Correspondent, reason: str
) -> Outcome[Correspondent]:
    """Takes an invitation back: its link and its enterprise open nothing any more; the reason stays in the file.

    Raises Conflict once the enterprise has deposited, and for the last one, TooLate after the deadline.
    """
    require_open(consultation, actor.now())
    if has_deposited(invitation):
        raise Conflict(
            "invited-has-deposited",
            "This enterprise has deposited a bid: its invitation can no longer be withdrawn.",
            "Examine its bid with the others.",
        )
    if len(invited_of(consultation)) == 1:
        raise Conflict(
            "last-invited",
            "It is the only enterprise invited: nobody could answer any more.",
            "Invite another one first, or withdraw the call.",
        )
    said = stated(reason, limit=LONGEST_REASON)
    invitation.withdrawn_at = actor.now()
    invitation.save(update_fields=["withdrawn_at"])
    fact = facts.InvitationWithdrawn(
        subject=invitation.subject, matter=consultation.pk, siret=invitation.siret, reason=said
    )
    return Outcome(invitation, fact)


@action(Procurement.BID_START)
def accept_invitation(*, actor: Actor, invitation: Correspondent) -> Outcome[Correspondent]:
    """The acting enterprise, come by the link of its mail, reads the call from now on and may answer it.

    Raises Denied for another SIRET than the one invited, Conflict when it was accepted before.
    """
    enterprise = actor.acting_organisation()
    if not invitation.siret or siret_of(enterprise) != invitation.siret:
        raise another_invited(invitation)
    if invitation.accepted_by_id is not None:
        raise Conflict(
            "invitation-accepted", "This invitation was accepted already.", "Open the consultation."
        )
    invitation.accepted_by_id, invitation.accepted_at = enterprise, actor.now()
    invitation.save(update_fields=["accepted_by", "accepted_at"])
    fact = facts.InvitationAccepted(
        subject=invitation.subject, matter=invitation.consultation_id, siret=invitation.siret
    )
    return Outcome(invitation, fact)


def another_invited(invitation: Correspondent) -> Denied:
    """The refusal of whoever has the link and not the SIRET."""
    return Denied(
        "another-invited",
        "This invitation is that of the enterprise of SIRET %(siret)s, for which you do not act here: it opens nothing to"
        " another one.",
        "Register that enterprise, or ask one of its people to invite you; then open the link again.",
        params={"siret": invitation.siret},
    )
