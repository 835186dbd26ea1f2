"""Whether every part of the platform is up: each part beats in the shared cache, ``/health`` listens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from .manifest import HealthCheck
from .services import manifests

BEAT_SECONDS = 5
LATE_SECONDS = 20
UP = "up"


def beat(part: str) -> None:
    """Says that ``part`` is up, now."""
    cache.set(_key(part), time.time(), timeout=None)


def keep_beating(part: str, stop: threading.Event) -> None:
    """Beats until ``stop``; a database that is away for a while is asked again at the next beat."""
    while True:
        try:
            beat(part)
        except DatabaseError:
            connection.close()
        if stop.wait(BEAT_SECONDS):
            return


def parts() -> dict[str, str]:
    """Each part with ``up``, or a sentence that says what is wrong with it."""
    try:
        beats = cache.get_many([_key(part) for part in settings.PARTS])
    except DatabaseError:
        return {"web": UP, "database": _("The database does not answer.")}
    found = {"web": UP, "database": UP}
    for part in settings.PARTS:
        found[part] = _pulse(beats.get(_key(part)))
    for manifest in manifests().values():
        for check in manifest.health:
            found[check.name] = _probe(check.probe)
    return found


def alarms() -> dict[str, str]:
    """What waits for the operator though every part is up, each in a sentence: starting again would not help."""
    return {check.name: _told(error) for check, error in raised()}


def raised() -> list[tuple[HealthCheck, Exception]]:
    """The same with the label of each, and what it raised: for a page in the reader's language."""
    checks = [check for manifest in manifests().values() for check in manifest.alarms]
    return [(check, error) for check in checks if (error := _raised(check.probe)) is not None]


def health(request: HttpRequest) -> JsonResponse:
    """``/health``: 200 when every part is up, else 503; the body names each part, in English for machines.

    ``alarms`` is for a watcher to tell the operator of, not for a balancer to act on.
    """
    with override("en"):
        found = parts()
        waiting = alarms()
    down = sorted(name for name, state in found.items() if state != UP)
    return JsonResponse(
        {"status": "down" if down else "up", "down": down, "parts": found, "alarms": waiting},
        status=503 if down else 200,
        headers={"Cache-Control": "no-store"},
    )


def _pulse(last: float | None) -> str:
    if last is None:
        return _("It has not started.")
    silence = int(time.time() - last)
    if silence <= LATE_SECONDS:
        return UP
    return ngettext(
        "It has been silent for %(seconds)s second.", "It has been silent for %(seconds)s seconds.", silence
    ) % {"seconds": silence}


def _probe(probe: Callable[[], str]) -> str:
    error = _raised(probe)
    return UP if error is None else _told(error)


def _raised(probe: Callable[[], str]) -> Exception | None:
    try:
        probe()
    except Exception as error:
        return error
    return None


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__


def _key(part: str) -> str:
    return f"part:{part}"
