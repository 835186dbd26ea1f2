"""The rehearsal: the real path of a deposit in a room of one's own, without an account. Nothing in it is ever opened."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.identity import api as identity
from territoires.ui.security import content_security_policy

from ...actions import rehearsing, visitors
from ...domain import deposit as rules
from ...models import Rehearsal
from ...queries import bids as queries
from ..requests import actor_of
from . import doors
from .island import bid_data, support


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Says what a rehearsal is, and opens a room."""
    context = {"limits": rehearsing.LIMITS, **support()}
    if request.method != "POST":
        return render(request, "procurement/enterprise/rehearse.html", context)
    visitors.require_seldom(identity.network_address(request), visitors.REHEARSE)
    room, secret = rehearsing.start_rehearsal(actor=actor_of(request))
    return redirect("procurement:rehearsal", room=room, secret=secret)


@content_security_policy(worker_src=["'self'"])
@never_cache
@require_safe
def rehearsal(request: HttpRequest, room: UUID, secret: str) -> HttpResponse:
    """The deposit page of a rehearsal."""
    draft = queries.rehearsal_of(secret, room)
    now = actor_of(request).now()
    address = reverse("procurement:rehearsal", kwargs={"room": room, "secret": secret})
    found = draft.rehearsal
    context = {
        "draft": draft,
        "rehearsal": found,
        "deadline": found.deadline_at,
        "is_past": not rules.is_in_time(now, found.deadline_at),
        "takes_bids": True,
        "now": now,
        **bid_data(request, draft, address),
        **support(),
    }
    return render(request, "procurement/enterprise/rehearsal.html", context)


@never_cache
@doors.spoken
@require_safe
def policy(request: HttpRequest, room: UUID, secret: str) -> HttpResponse:
    """The policy of the room."""
    return doors.policy(queries.rehearsal_of(secret, room))


@never_cache
@doors.spoken
@require_safe
def clock(request: HttpRequest, room: UUID, secret: str) -> HttpResponse:
    """The server's time and the room's deadline."""
    draft = queries.rehearsal_of(secret, room)
    return doors.moment(request, draft, draft.rehearsal.deadline_at)


@doors.spoken
@require_POST
def block(request: HttpRequest, room: UUID, secret: str) -> HttpResponse:
    """Takes a block."""
    return doors.block(request, queries.rehearsal_of(secret, room))


@doors.spoken
@require_http_methods(["PUT"])
def chunk(request: HttpRequest, room: UUID, secret: str, file: UUID, index: int) -> HttpResponse:
    """Takes a chunk."""
    return doors.chunk(request, queries.rehearsal_of(secret, room), file, index)


@never_cache
@doors.spoken
@require_safe
def chunks(request: HttpRequest, room: UUID, secret: str, file: UUID) -> HttpResponse:
    """Which chunks of a file are there."""
    return doors.chunks(queries.rehearsal_of(secret, room), file)


@doors.spoken
@require_http_methods(["DELETE"])
def file(request: HttpRequest, room: UUID, secret: str, file: UUID) -> HttpResponse:
    """Destroys what arrived of a file."""
    return doors.discard(request, queries.rehearsal_of(secret, room), file)


@doors.spoken
@require_POST
def seal(request: HttpRequest, room: UUID, secret: str) -> HttpResponse:
    """The end of the rehearsal."""
    made = doors.seal(request, queries.rehearsal_of(secret, room))
    assert isinstance(made, Rehearsal)
    address = reverse("procurement:rehearsal", kwargs={"room": room, "secret": secret})
    said = {
        "deposit": made.deposit,
        "state": "rehearsed",
        "completed_at": made.completed_at,
        "address": address,
    }
    return JsonResponse(said, status=201)
