"""What a deposit page's script says to the server: policy, blocks, chunks, seal. Answers are JSON, refusals too.

The same doors serve a bid, whose room the acting enterprise opens, and a rehearsal, whose address holds a secret.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_noop

from territoires.foundations.registry.api import sentence
from territoires.kernel.errors import Invalid, TerritoiresError, Unavailable

from ...actions import bidding, uploading
from ...domain import deposit as rules
from ...domain.sealing import documents as doc
from ...domain.sealing.block import read_block
from ...models import BidDraft, Deposit, Rehearsal
from ...queries.sealed_files import (
    block_of,
    file_of,
    present_policy,
    stored_leaves,
    unnamed_files,
)
from ..requests import actor_of

PIECE = 64 * 1024
MOST_INDEX = 2**31 - 1
View = Callable[..., HttpResponseBase]


def spoken(view: View) -> View:
    """Refusals as JSON: code, sentence and remedy in the reader's language."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except TerritoiresError as refusal:
            said = {
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
    document = _whole(request, rules.LARGEST_BLOCK)
    known = block_of(draft, read_block(document).context.block)
    if known is None or bytes(known.document) != document:
        known = uploading.receive_block(actor=actor_of(request), draft=draft, document=document)
    return JsonResponse({"block": str(known.pk), "sha256": known.sha256}, status=201)


def chunk(request: HttpRequest, draft: BidDraft, file: UUID, index: int) -> HttpResponse:
    """Takes one chunk: body is ciphertext and tag, nonce and leaf stand in the headers."""
    if index > MOST_INDEX:
        raise Invalid("chunk-index", "No file has so many parts; nothing was kept.", "Load the page again.")
    limits = present_policy(draft)[0].limits
    sent = uploading.Sent(
        file=file,
        block=_block_named(request),
        index=index,
        nonce=_octets(request, "Sealing-Nonce"),
        leaf=_octets(request, "Sealing-Leaf"),
        agent=request.headers.get("User-Agent", ""),
    )
    outcome = uploading.store_chunk(
        actor=actor_of(request), draft=draft, limits=limits, sent=sent, body=_pieces(request)
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


def seal(request: HttpRequest, draft: BidDraft) -> Deposit | Rehearsal:
    """The final gesture: the manifest's last byte read here is the instant of the deposit."""
    document = _whole(request, rules.LARGEST_MANIFEST)
    actor = actor_of(request)
    return bidding.deposit(actor=actor.at(actor.now()), draft=draft, document=document)


def _whole(request: HttpRequest, limit: int) -> bytes:
    content = bytearray()
    for piece in _pieces(request):
        content += piece
        if len(content) > limit:
            raise Invalid(
                "too-large",
                gettext_noop("What was sent is larger than the protocol allows; nothing was kept."),
                gettext_noop("Load the page again; if it happens again, call the support."),
            )
    return bytes(content)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    try:
        while piece := request.read(PIECE):
            yield piece
    except UnreadablePostError as error:
        raise Invalid(
            "upload-cut-short",
            "The connection was lost in the middle of a part; that part was not kept, those before it are safe.",
            "Go on: only what is missing is sent.",
        ) from error


def _octets(request: HttpRequest, name: str) -> bytes:
    return doc.octets(request.headers.get(name, ""))


def _block_named(request: HttpRequest) -> UUID | None:
    given = request.headers.get("Sealing-Block")
    return doc.identifier(given) if given else None
