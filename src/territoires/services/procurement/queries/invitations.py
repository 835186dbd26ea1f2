"""The enterprises that a buyer invites, where nothing is public: who they are, and who may read and answer.

An invitation names a SIRET. Its link alone opens nothing, and neither does the SIRET: anybody may sign up with one that
nobody has claimed yet. The account of that SIRET that comes by the link accepts it; from then on it serves all its people.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.urls import reverse

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Missing

from ..models import BidDraft, Consultation, Correspondent, Deposit, SealIntent
from .publication import public_consultation
from .rounds import FIRST


def invited_of(consultation: Consultation) -> list[Correspondent]:
    """Those whom the buyer named, in their order; each is told of all that changes, as whoever leaves an address."""
    return [one for one in invitations_of(consultation) if one.withdrawn_at is None]


def invitations_of(consultation: Consultation) -> list[Correspondent]:
    """The same, with those whose invitation was withdrawn."""
    return list(Correspondent.objects.filter(consultation=consultation)) if consultation.is_private else []


def invitation_in(consultation: Consultation, key: UUID) -> Correspondent:
    """One invitation that holds. Raises Missing."""
    found = next((one for one in invited_of(consultation) if one.pk == key), None)
    if found is None:
        raise Missing(
            "no-invitation", "There is no such invitation here.", "Go back to the page of the consultation."
        )
    return found


def address_for(one: Correspondent) -> str:
    """Where a correspondent reads the consultation: its page, or the personal link of an invitation."""
    place: dict[str, Any] = {"consultation": one.consultation_id}
    if not one.consultation.is_private:
        return reverse("procurement:consultation", kwargs=place)
    place |= {"correspondent": one.pk, "token": one.token}
    return str(settings.SITE_URL) + reverse("procurement:invited", kwargs=place)


def invitation_with(key: UUID, correspondent: UUID, token: str) -> Correspondent:
    """The invitation whose link this is, once the call is out. Raises Missing, for one withdrawn as well."""
    found = Consultation.objects.filter(pk=key, published_at__isnull=False).first()
    for one in invited_of(found) if found else ():
        if one.pk == correspondent and hmac.compare_digest(one.token.encode(), token.encode()):
            return one
    raise Missing(
        "no-such-invitation",
        "This link does not exist, or the buyer took the invitation back.",
        "Take it again from the last mail, or write to the buyer.",
    )


def accepted_by(consultation: Consultation, enterprises: Collection[UUID]) -> Correspondent | None:
    """The invitation that one of these enterprises accepted and that still holds."""
    return next((one for one in invited_of(consultation) if one.accepted_by_id in enterprises), None)


def is_called(consultation: Consultation, round: int, bidder: UUID) -> bool:
    """Where enterprises are invited by name, whoever accepted an invitation that holds; else anybody."""
    if round != FIRST or not consultation.is_private:
        return True
    return accepted_by(consultation, [bidder]) is not None


def has_deposited(invitation: Correspondent) -> bool:
    """Whether the enterprise has deposited something in the call, even late, taken back, or still being checked."""
    if invitation.accepted_by_id is None:
        return False
    place = {"consultation": invitation.consultation_id, "bidder": invitation.accepted_by_id}
    waiting = SealIntent.objects.filter(
        outcome=SealIntent.Outcome.WAITING, draft__in=BidDraft.objects.filter(**place)
    )
    return Deposit.objects.filter(**place).exists() or waiting.exists()


def siret_of(enterprise: UUID) -> str:
    """The SIRET of an account; empty where it has none."""
    rows: Any = apps.get_model("identity", "Organisation")._default_manager
    return str(rows.values_list("siret", flat=True).get(pk=enterprise))


def consultation_for(actor: Actor, key: UUID, enterprises: Collection[UUID] = ()) -> Consultation:
    """A consultation that is public, or whose invitation one of the reader's ``enterprises`` accepted. Raises Missing."""
    found = (
        Consultation.objects.filter(pk=key, published_at__isnull=False).select_related("organisation").first()
    )
    if found is not None and accepted_by(found, enterprises) is not None:
        return found
    return public_consultation(actor, key)
