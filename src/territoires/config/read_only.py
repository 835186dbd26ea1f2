"""While a restored platform is not reconciled it shows and does not write."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop

from territoires.foundations.registry import api as registry
from territoires.kernel.errors import Unavailable

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class ReadOnlyMiddleware:
    """Refuses what would write while the mark of ``territoires restore`` is there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE_METHODS or not settings.ENVIRONMENT.read_only_mark.exists():
            return self.get_response(request)
        return registry.answer(
            request,
            Unavailable(
                "read-only",
                gettext_noop("The platform was restored and is being checked: nothing can be written yet."),
                gettext_noop("Keep what you typed and try again later; the operator is at work."),
            ),
        )
