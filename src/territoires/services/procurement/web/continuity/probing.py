"""The door of the probe: the web server goes the way of a deposit, with bytes that it receives as a deposit's are."""

from __future__ import annotations

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ...queries import availability

LARGEST = 128 * 1024


@csrf_exempt  # no session is read: the token is the proof
@require_POST
def probe(request: HttpRequest) -> JsonResponse:
    """Receives the bytes, and tells how each part behind the web answered. 404 for whoever has no token of a minute."""
    content = request.read(LARGEST)
    if not availability.probe_token_holds(request.headers.get(availability.PROBE_HEADER, ""), content):
        raise Http404
    walked = [
        {"part": one.part, "latency_ms": one.latency_ms, "fault": one.fault}
        for one in availability.walk(content)
    ]
    answer = {"sha256": availability.digest_of(content), "walked": walked}
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})
