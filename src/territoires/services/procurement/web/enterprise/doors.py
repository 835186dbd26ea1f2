"""What a deposit page's script says to the server: policy, blocks, chunks, seal. Answers are JSON, refusals too.

The same doors serve a bid, whose room the acting enterprise opens, and a rehearsal, whose address holds a secret.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token

from territoires.foundations.registry.api import sentence
from territoires.kernel.errors import TerritoiresError, Unavailable

from ...actions import bidding, uploading
from ...domain import deposit as rules
from ...models import BidDraft, Deposit, Rehearsal
from ...queries.sealed_files import (
    file_of,
    present_policy,
    stored_leaves,
    unnamed_files,
)
from ..requests import actor_of

View = Callable[..., HttpResponseBase]


def spoken(view: View) -> View:
    """Refusals as JSON: code, sentence and remedy in the reader's language, and the refusal's own members."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except TerritoiresError as refusal:
            said = {
                **refusal.members,
                "code": refusal.code,
                "message": sentence(refusal.message, refusal.params),
                "remedy": sentence(refusal.remedy, refusal.params),
            }
            response = JsonResponse(said, status=refusal.status)
            if isinstance(refusal, Unavailable):
                response["Retry-After"] = "5"
            return response

    return run


def policy(draft: BidDraft) -> HttpResponse:
    """The bytes of the policy to seal for now."""
    _policy, document = present_policy(draft)
    response = HttpResponse(document, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def block(request: HttpRequest, draft: BidDraft) -> HttpResponse:
    """Takes a block; the same bytes again are the same block."""
    document = uploading.whole(request.read, rules.LARGEST_BLOCK)
    known = uploading.take_block(actor=actor_of(request), draft=draft, document=document)
    return JsonResponse({"block": str(known.pk), "sha256": known.sha256}, status=201)


def chunk(request: HttpRequest, draft: BidDraft, file: UUID, index: int) -> HttpResponse:
    """Takes one chunk: body is ciphertext and tag, nonce and leaf stand in the headers."""
    sent = uploading.announced(file, index, request.headers)
    limits = present_policy(draft)[0].limits
    outcome = uploading.store_chunk(
        actor=actor_of(request), draft=draft, limits=limits, sent=sent, body=uploading.pieces(request.read)
    )
    return JsonResponse({"outcome": outcome})


def chunks(draft: BidDraft, file: UUID) -> HttpResponse:
    """Which (index, leaf) are there of a file."""
    found = file_of(draft, file)
    return JsonResponse({"chunks": stored_leaves(found.pk), "sealed": found.sealed_at is not None})


def discard(request: HttpRequest, draft: BidDraft, file: UUID) -> HttpResponse:
    """Destroys what arrived of a file that is in no deposit."""
    uploading.discard_file(
        actor=actor_of(request),
        draft=draft,
        file=file_of(draft, file),
        agent=request.headers.get("User-Agent", ""),
    )
    return HttpResponse(status=204)


def arrived(draft: BidDraft) -> list[dict[str, Any]]:
    """Files of the bid that are in no deposit, for the page: whoever sent them."""
    return [
        {"file": str(one.file), "block": str(one.block), "chunks": one.chunks, "size": one.size}
        for one in unnamed_files(draft)
    ]


def moment(request: HttpRequest, draft: BidDraft, deadline: datetime | None) -> HttpResponse:
    """What an open page asks each minute: the server's time, the deadline as it stands, what arrived, its own token."""
    said = {"now": actor_of(request).now(), "deadline": deadline, "arrived": arrived(draft)}
    return JsonResponse(said | {"token": get_token(request)})


def seal(request: HttpRequest, draft: BidDraft) -> Deposit | Rehearsal:
    """The final gesture: the manifest's last byte read here is the instant of the deposit."""
    document = uploading.whole(request.read, rules.LARGEST_MANIFEST)
    actor = actor_of(request)
    return bidding.deposit(actor=actor.at(actor.now()), draft=draft, document=document)
