"""The authority over HTTP (RFC 3161, section 3.4): one address, POST, refusals in the body with status 200."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from .authority import answer_time_stamp_query
from .time_stamp_query import LARGEST_QUERY

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


# A query is no gesture of a signed-in person: nothing that a forged request could abuse.
@csrf_exempt
def time_stamp_view(request: HttpRequest) -> HttpResponse:
    """``POST /tsa``: a TimeStampReq of at most 64 KiB gets a TimeStampResp. HTTP errors: 405, 413, 415."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if request.content_type != QUERY:
        return HttpResponse(f"Send {QUERY}.", status=415, content_type="text/plain")
    query = request.read(LARGEST_QUERY + 1)
    if len(query) > LARGEST_QUERY:
        return HttpResponse("At most 64 KiB.", status=413, content_type="text/plain")
    return HttpResponse(
        answer_time_stamp_query(query), content_type=REPLY, headers={"Cache-Control": "no-store"}
    )
