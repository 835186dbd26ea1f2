"""The enterprises that a buyer invites by name, where nothing is public: who they are, and the link that opens the call."""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from territoires.kernel.actor import Actor

from ..models import Consultation, Correspondent
from .publication import public_consultation


def invited_of(consultation: Consultation) -> list[Correspondent]:
    """Those whom the buyer named, in their order; each is told of all that changes, as whoever leaves an address."""
    return list(Correspondent.objects.filter(consultation=consultation)) if consultation.is_private else []


def invitation_of(one: Correspondent) -> str:
    """What the link of an invitation carries: whose it is, and its secret."""
    return f"{one.pk}.{one.token}"


def invitation_with(consultation: UUID, correspondent: UUID) -> str:
    """The invitation of somebody whom a signed cookie names; empty for nobody."""
    found = Correspondent.objects.filter(consultation=consultation, pk=correspondent).first()
    return invitation_of(found) if found else ""


def address_for(one: Correspondent) -> str:
    """Where a correspondent reads the consultation: its page, or the personal link of an invitation."""
    place: dict[str, Any] = {"consultation": one.consultation_id}
    if not one.consultation.is_private:
        return reverse("procurement:consultation", kwargs=place)
    place |= {"correspondent": one.pk, "token": one.token}
    return str(settings.SITE_URL) + reverse("procurement:invited", kwargs=place)


def invited_by(consultation: Consultation, invitation: str) -> Correspondent | None:
    """Whose invitation it is; None for another secret, or where nobody is invited."""
    key, _dot, token = invitation.partition(".")
    for one in invited_of(consultation):
        if str(one.pk) == key and hmac.compare_digest(one.token.encode(), token.encode()):
            return one
    return None


def consultation_for(actor: Actor, key: UUID, invitation: str = "") -> Consultation:
    """A consultation that is public, or that this invitation opens. Raises Missing."""
    found = (
        Consultation.objects.filter(pk=key, published_at__isnull=False).select_related("organisation").first()
    )
    if found is not None and invitation and invited_by(found, invitation) is not None:
        return found
    return public_consultation(actor, key)
