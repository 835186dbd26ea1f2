"""While a restored platform is not reconciled it shows and does not write."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop

from territoires.foundations.registry import api as registry
from territoires.kernel.errors import Unavailable

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# The choice of a language is a cookie; who signs out only takes her own session away.
STILL_OPEN = ("set_language", "account_logout")
SIGNING_IN = ("account_login", "demonstration_sign_in")


class ReadOnlyMiddleware:
    """Refuses what would write while the mark of ``territoires restore`` is there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE_METHODS or not settings.ENVIRONMENT.read_only_mark.exists():
            return self.get_response(request)
        if request.path in map(reverse, STILL_OPEN):
            return self.get_response(request)
        return registry.answer(request, _refusal(request.path))


def _refusal(path: str) -> Unavailable:
    if path in map(reverse, SIGNING_IN):
        return Unavailable(
            "read-only",
            gettext_noop("Nobody can sign in while the platform, which was restored, is being checked."),
            gettext_noop(
                "What is public can be read without signing in. Signing in opens again when the notice at the top of"
                " each page has gone; your account and its password stay as they were."
            ),
        )
    return Unavailable(
        "read-only",
        gettext_noop("The platform was restored and is being checked: nothing can be written yet."),
        gettext_noop(
            "Keep what you typed, and send it once the notice at the top of each page has gone; the operator is at work."
        ),
    )
