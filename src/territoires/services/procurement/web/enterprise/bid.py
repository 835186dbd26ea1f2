"""A bid: its page, the doors of its script, its receipts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.registry.api import page
from territoires.kernel.errors import Conflict, TooLate
from territoires.ui.security import content_security_policy

from ...actions import bidding
from ...domain import deposit as rules
from ...models import BidDraft, Deposit, Receipt
from ...permissions import Procurement
from ...queries import bids as queries
from ...queries.publication import public_consultation
from ...queries.receipts import bundle_of, receipt_of, sealed_receipt
from ...queries.rounds import current_round, deadline_of
from ..forms import Gesture
from ..requests import actor_of, keyed, sent
from . import doors
from .island import bid_data, support


@never_cache
@require_safe
@page(Procurement.BID_READ)
def bids(request: HttpRequest, organisation: str) -> HttpResponse:
    """The consultations that the enterprise answers."""
    actor = actor_of(request)
    rows = [_line(one) for one in queries.bids_of(actor)]
    now = actor.now()
    context = {
        "open": sorted(
            (r for r in rows if r["deadline"] and r["deadline"] >= now), key=lambda r: r["deadline"]
        ),
        "past": [r for r in rows if not r["deadline"] or r["deadline"] < now],
        "now": now,
        **support(),
    }
    return render(request, "procurement/enterprise/bids.html", context)


def _line(draft: BidDraft) -> dict[str, Any]:
    last = queries.deposits_of(draft).first()
    consultation = draft.consultation
    return {
        "draft": draft,
        "consultation": consultation,
        "deadline": deadline_of(consultation, draft.round) if consultation else None,
        "last": last,
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.BID_START)
def answer(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Begins the enterprise's bid, or leads to the one that it has begun."""
    actor = actor_of(request)
    found = public_consultation(actor, consultation)
    round = current_round(found)
    known = queries.bid_in(actor, found, round)
    if known is None and request.method == "POST":
        try:
            known = bidding.start_bid(actor=actor, consultation=found, round=round)
        except Conflict:
            known = queries.bid_in(actor, found, round)
    if known is not None:
        return redirect("procurement_desk:bid", organisation=organisation, draft=known.pk)
    context = {"consultation": found, "deadline": deadline_of(found, round), "now": actor.now(), **support()}
    return render(request, "procurement/enterprise/answer.html", context)


@content_security_policy(worker_src=["'self'"])
@never_cache
@require_safe
@page(Procurement.BID_READ)
def bid(request: HttpRequest, organisation: str, draft: UUID) -> HttpResponse:
    """Where files are encrypted, sent, and deposited."""
    actor = actor_of(request)
    found = queries.draft_of(actor, draft)
    deadline = deadline_of(found.consultation, found.round) if found.consultation else None
    now = actor.now()
    context = {
        "draft": found,
        "consultation": found.consultation,
        "deadline": deadline,
        "is_past": deadline is not None and not rules.is_in_time(now, deadline),
        "takes_bids": found.consultation is not None and found.consultation.state in rules.RECEIVING,
        "now": now,
        "deposits": queries.deposits_of(found),
        "members": found.members.all(),
        **bid_data(
            request,
            found,
            reverse("procurement_desk:bid", kwargs={"organisation": organisation, "draft": draft}),
        ),
        **support(),
    }
    return render(request, "procurement/enterprise/bid.html", context)


def _draft(request: HttpRequest, key: UUID) -> BidDraft:
    return queries.door_of(actor_of(request), key, Procurement.BID_PREPARE)


@never_cache
@doors.spoken
@require_safe
@page(Procurement.BID_READ)
def policy(request: HttpRequest, organisation: str, draft: UUID) -> HttpResponse:
    """The policy to seal for now."""
    return doors.policy(queries.draft_of(actor_of(request), draft))


@never_cache
@doors.spoken
@require_safe
@page(Procurement.BID_READ)
def clock(request: HttpRequest, organisation: str, draft: UUID) -> HttpResponse:
    """The server's time, the deadline as it stands, and what arrived: what an open page asks each minute."""
    found = queries.draft_of(actor_of(request), draft)
    deadline = deadline_of(found.consultation, found.round) if found.consultation else None
    return doors.moment(request, found, deadline)


@doors.spoken
@require_POST
@page(Procurement.BID_PREPARE)
def block(request: HttpRequest, organisation: str, draft: UUID) -> HttpResponse:
    """Takes a block."""
    return doors.block(request, _draft(request, draft))


@doors.spoken
@page(Procurement.BID_PREPARE)
@require_http_methods(["PUT"])
def chunk(request: HttpRequest, organisation: str, draft: UUID, file: UUID, index: int) -> HttpResponse:
    """Takes a chunk."""
    return doors.chunk(request, _draft(request, draft), file, index)


@never_cache
@doors.spoken
@require_safe
@page(Procurement.BID_READ)
def chunks(request: HttpRequest, organisation: str, draft: UUID, file: UUID) -> HttpResponse:
    """Which chunks of a file are there."""
    return doors.chunks(queries.draft_of(actor_of(request), draft), file)


@doors.spoken
@page(Procurement.BID_PREPARE)
@require_http_methods(["DELETE"])
def file(request: HttpRequest, organisation: str, draft: UUID, file: UUID) -> HttpResponse:
    """Destroys what arrived of a file that is in no deposit."""
    return doors.discard(request, _draft(request, draft), file)


@doors.spoken
@require_POST
@page(Procurement.BID_SEAL)
def seal(request: HttpRequest, organisation: str, draft: UUID) -> HttpResponse:
    """The deposit."""
    made = doors.seal(request, queries.door_of(actor_of(request), draft, Procurement.BID_SEAL))
    assert isinstance(made, Deposit)
    address = reverse(
        "procurement_desk:deposit", kwargs={"organisation": organisation, "draft": draft, "deposit": made.pk}
    )
    said = {"deposit": made.pk, "state": made.state, "completed_at": made.completed_at, "address": address}
    return JsonResponse(said, status=201)


@never_cache
@require_safe
@page(Procurement.BID_READ)
def deposit(request: HttpRequest, organisation: str, draft: UUID, deposit: UUID) -> HttpResponse:
    """The receipt of a deposit, on the screen."""
    actor = actor_of(request)
    found = queries.draft_of(actor, draft)
    made = queries.deposit_of(found, deposit)
    deadline = deadline_of(made.consultation, made.round)
    context = {
        "draft": found,
        "consultation": found.consultation,
        "deposit": made,
        "receipts": {one.kind: one for one in made.receipts.all()},
        "manifest": None if made.state == Deposit.State.COPY else queries.manifest_of(made),
        "may_withdraw": made.state in (Deposit.State.SEALED, Deposit.State.SUPERSEDED)
        and deadline is not None
        and rules.is_in_time(actor.now(), deadline),
        **support(),
    }
    return render(request, "procurement/enterprise/deposit.html", context)


@never_cache
@require_safe
@page(Procurement.BID_READ)
def receipt(
    request: HttpRequest, organisation: str, draft: UUID, deposit: UUID, receipt: str, shape: str
) -> HttpResponseBase:
    """A receipt as file: PDF, JSON, time-stamp, or the bundle that proves it without the platform."""
    actor = actor_of(request)
    found = queries.draft_of(actor, draft)
    kept = receipt_of(found, deposit, receipt)
    name = f"{_file_name(kept)}.{shape}"
    response: HttpResponseBase
    if shape == "pdf":
        content = sealed_receipt(kept, language=get_language() or "fr", at=actor.now())
        response = HttpResponse(content, content_type="application/pdf")
    elif shape == "json":
        response = HttpResponse(bytes(kept.document), content_type="application/json")
    else:
        response = StreamingHttpResponse(bundle_of(kept), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _file_name(receipt: Receipt) -> str:
    reference = receipt.deposit.consultation.reference
    stem = _("receipt") if receipt.kind == Receipt.Kind.DEPOSIT else _("withdrawal")
    return f"{stem}-{reference}-{receipt.deposit.number}"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.BID_SEAL)
def withdraw(request: HttpRequest, organisation: str, draft: UUID, deposit: UUID) -> HttpResponse:
    """Takes a deposit back, before the deadline."""
    actor = actor_of(request)
    found = queries.draft_of(actor, draft, Procurement.BID_SEAL)
    made = queries.deposit_of(found, deposit)
    form, status = Gesture(sent(request)), 200
    if request.method == "POST" and form.is_valid():
        try:
            bidding.withdraw_deposit(actor=keyed(request, form.key), draft=found, deposit=deposit)
            messages.success(request, _("The deposit is withdrawn. It stays sealed, and is not opened."))
            return redirect(
                "procurement_desk:deposit", organisation=organisation, draft=draft, deposit=deposit
            )
        except (Conflict, TooLate) as refusal:
            form.write_refusal(refusal)
            status = refusal.status
    context = {"draft": found, "consultation": found.consultation, "deposit": made, "form": form}
    return render(request, "procurement/enterprise/withdraw.html", context, status=status)
