"""What our accounts change in allauth: no open sign-up, sealed secrets, printed codes, a word about new devices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse

from territoires.kernel.clock import system_clock

from .credentials import seal, unseal
from .jobs import send_new_device

DEVICE_IS_KNOWN = timedelta(days=365)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation, by the sign-up of an enterprise or by enrolment: never by a bare form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        """The owner of an account is told by mail of each device that enters it for the first time."""
        response: HttpResponse = super().post_login(request, user, **details)
        name = f"device-{user.pk.hex}"
        if request.get_signed_cookie(name, default=None, salt=name) is None:
            send_new_device.defer(account=str(user.pk), at=system_clock().isoformat())
            response.set_signed_cookie(
                name,
                "known",
                salt=name,
                max_age=DEVICE_IS_KNOWN,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure(),
            )
        return response


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets sealed at rest; and a sheet of codes alone is a second factor: not everybody has a telephone or a key."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def is_mfa_enabled(self, user: Any, types: list[str] | None = None) -> bool:
        # Asked for every factor at once, as sign-in does; a page of one factor asks for that one alone.
        if types and {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN} <= set(types):
            types = [*types, Authenticator.Type.RECOVERY_CODES]
        enabled: bool = super().is_mfa_enabled(user, types)
        return enabled
