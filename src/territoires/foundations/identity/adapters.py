"""What our accounts change in allauth: no open sign-up, and addresses proved before an account exists."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation, by the sign-up of an enterprise or by enrolment: never by a bare form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
