"""Tokens of invitations: signed, holding the id alone, so that nothing in the database opens a door."""

from __future__ import annotations

from uuid import UUID

from django.core import signing

from .models import Invitation

_SALT = "identity.invitation"


def token_of(invitation: Invitation) -> str:
    """The token that the mail carries."""
    return signing.dumps(str(invitation.pk), salt=_SALT)


def invitation_in(token: str) -> UUID | None:
    """The id in a token that we signed; None for any other text."""
    try:
        return UUID(signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None
