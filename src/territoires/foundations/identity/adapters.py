"""What our accounts change in allauth: no open sign-up, and printed codes that count as a second factor."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation, by the sign-up of an enterprise or by enrolment: never by a bare form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """A sheet of codes alone is a second factor: not everybody has a telephone or a key."""

    def is_mfa_enabled(self, user: Any, types: list[str] | None = None) -> bool:
        # Asked for every factor at once, as sign-in does; a page of one factor asks for that one alone.
        if types and {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN} <= set(types):
            types = [*types, Authenticator.Type.RECOVERY_CODES]
        enabled: bool = super().is_mfa_enabled(user, types)
        return enabled
