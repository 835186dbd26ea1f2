"""How long a session lives: thirty minutes without a gesture, twelve hours in all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from territoires.kernel.clock import system_clock

IDLE = timedelta(minutes=30).total_seconds()
WHOLE = timedelta(hours=12).total_seconds()
# A session is written once a minute at most, not at each page.
NOTED_EVERY = 60.0
BEGAN, SEEN = "began_at", "seen_at"


class SessionLimitsMiddleware:
    """Ends a session that waited or lasted too long, before the actor is built from it.

    A form sent then finds a stranger: the page that keeps forms keeps it until its author has signed in again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            _limit(request)
        return self.get_response(request)


def _limit(request: HttpRequest) -> None:
    session, now = request.session, system_clock().timestamp()
    began, seen = session.get(BEGAN), session.get(SEEN)
    if began is None or seen is None:
        session[BEGAN] = session[SEEN] = now
    elif now - seen >= IDLE or now - began >= WHOLE:
        logout(request)
        messages.info(request, _("Your session had ended: sign in to go on where you were."))
    elif now - seen >= NOTED_EVERY:
        session[SEEN] = now
