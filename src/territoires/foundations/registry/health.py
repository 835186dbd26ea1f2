"""Whether every part of the platform is up: each part beats in the shared cache, ``/health`` listens."""

from __future__ import annotations

import threading
import time

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse

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
        return {"web": UP, "database": "The database does not answer."}
    found = {"web": UP, "database": UP}
    for part in settings.PARTS:
        found[part] = _pulse(beats.get(_key(part)))
    for manifest in manifests().values():
        for check in manifest.health:
            found[check.name] = _probe(check.probe)
    return found


def health(request: HttpRequest) -> JsonResponse:
    """``/health``: 200 when every part is up, else 503; the body names each part."""
    found = parts()
    down = sorted(name for name, state in found.items() if state != UP)
    return JsonResponse(
        {"status": "down" if down else "up", "down": down, "parts": found},
        status=503 if down else 200,
        headers={"Cache-Control": "no-store"},
    )


def _pulse(last: float | None) -> str:
    if last is None:
        return "It has not started."
    silence = int(time.time() - last)
    return UP if silence <= LATE_SECONDS else f"It has been silent for {silence} seconds."


def _probe(probe) -> str:  # type: ignore[no-untyped-def]
    try:
        probe()
    except Exception as error:
        return str(error) or type(error).__name__
    return UP


def _key(part: str) -> str:
    return f"part:{part}"
