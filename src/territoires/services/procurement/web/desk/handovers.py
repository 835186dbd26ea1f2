"""An officer is replaced: named by the body, then each holder deals or takes over from her own browser."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import page
from territoires.kernel.errors import Conflict, Denied, Invalid

from ...actions import handing_over, holders
from ...domain.sealing import documents as doc
from ...models import Consultation, Handover, HolderKey
from ...permissions import Procurement
from ...queries import handovers as queries
from ...queries import quorum
from ...queries.consultations import consultation_of
from ...queries.duties import rounds_at_hand
from ...queries.handovers import DEALING, RECEPTION, Held, Passing, Work
from ...queries.team import candidates_of
from ..forms import Gesture
from ..opening_forms import HandoverForm, PartsFileForm
from ..requests import actor_of, keyed, sent
from .officers import answered, moved, officers_page, sent_octets, step_up_address
from .pages import context_of

LARGEST_PARTS = 32 * 1024 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.STAFF)
def ask(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Names who takes an officer's place."""
    actor = actor_of(request)
    found = consultation_of(actor, consultation, Procurement.STAFF)
    round = rounds_at_hand(found)[0]
    officers = queries.replaceable(found, round)
    holding = {one.person_id for one in officers if one.left_at is None}
    people = {
        key: name
        for key, name in candidates_of(found.organisation_id, actor.now()).items()
        if key not in holding
    }
    form = HandoverForm(
        sent(request),
        consultation=found,
        officers=[(str(one.pk), _named(one)) for one in officers],
        people=[(str(key), name) for key, name in people.items()],
        initial={"leaving": request.GET.get("leaving", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = handing_over.ask_handover(
                actor=keyed(request, form.key), consultation=found, round=round, **form.given()
            )
        except (Invalid, Conflict, Denied) as refusal:
            form.write_refusal(refusal)
        else:
            messages.success(request, _("The successor is asked to make her key."))
            return _to(organisation, made)
    context = {**context_of(request, found), "form": form, "officers": officers}
    return render(request, "procurement/handover_ask.html", context, status=422 if form.errors else 200)


def _named(holder: HolderKey) -> str:
    return f"{holder.name} ({_('left')})" if holder.left_at else holder.name


@never_cache
@officers_page
@require_safe
@page(Procurement.READ)
def handover(request: HttpRequest, organisation: str, consultation: UUID, handover: UUID) -> HttpResponse:
    """Where a replacement stands, what it waits for, and the reader's own gesture."""
    found = consultation_of(actor_of(request), consultation)
    return _page(request, found, queries.handover_of(found, handover))


def _page(
    request: HttpRequest,
    found: Consultation,
    one: Handover,
    form: Gesture | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    own = quorum.own_holder(found, one.round, actor.person)
    left = queries.passing(one) if one.ended_at is None else []
    work = queries.work_in(one, left)
    mine = work.get(own.pk, Work()) if own else Work()
    custodian = quorum.custodian_of(found, one.round)
    total = one.transfers.count()
    context = {
        **context_of(request, found),
        "handover": one,
        "total": total,
        "done": total - len(left),
        "left": len(left),
        "steps": queries.steps_of(one, left),
        "own": own,
        "slots": quorum.slots_of(own) if own else [],
        "to_deal": len(mine.deal),
        "to_receive": len(mine.receive),
        "custodian_work": custodian is not None and custodian.pk in work,
        "waits_for_own_key": one.begun_at is None and one.successor_id == actor.person,
        "is_stuck": queries.is_stuck(one, left),
        "is_opening": queries.is_opening(found, one.round),
        "may_conduct": rights.may(actor, Procurement.OPENING_CONDUCT, found),
        "may_hold": rights.may(actor, Procurement.OPENING_HOLD, found),
        "is_present": rights.is_present(actor, holders.PRESENCE_FOR_OPENING),
        "step_up": step_up_address(request, request.path),
        "form": form or PartsFileForm(consultation=found),
        "key_form": Gesture(consultation=found),
    }
    return render(request, "procurement/handover.html", context, status=status)


@never_cache
@require_safe
@page(Procurement.OPENING_HOLD)
def papers(request: HttpRequest, organisation: str, consultation: UUID, handover: UUID) -> HttpResponse:
    """What the officer's browser deals or takes over: policies, blocks, plans, dealings, her slots."""
    actor = actor_of(request)
    found = consultation_of(actor, consultation, Procurement.OPENING_HOLD)
    one = queries.handover_of(found, handover)

    def gathered(_given: dict[str, Any]) -> dict[str, Any]:
        own = holders.own_key(actor, found, one.round)
        work = queries.work_in(one, queries.passing(one)).get(own.pk, Work())
        policy, policies = queries.policies_of(one)
        return {
            "policy": policy.hash.hex(),
            "policies": [doc.base64url(each.written()) for each in policies.values()],
            "deal": [_carried(each) for each in work.deal],
            "receive": [_carried(each) for each in work.receive],
            "holder": str(own.pk),
            "key": doc.base64url(bytes(own.public_key)),
            "slots": [doc.base64url(bytes(each.document)) for each in quorum.slots_of(own)],
        }

    return answered(request, gathered)


def _carried(one: Passing) -> dict[str, Any]:
    return {
        "block": doc.base64url(bytes(one.row.block.document)),
        "plan": doc.base64url(bytes(one.row.plan)),
        "dealings": [doc.base64url(each) for each in one.dealings.values()],
        "before": moved(one.held),
    }


@never_cache
@require_POST
@page(Procurement.OPENING_HOLD)
def deal(request: HttpRequest, organisation: str, consultation: UUID, handover: UUID) -> HttpResponse:
    """Takes what the officer's browser dealt."""
    return _take(request, consultation, handover, handing_over.deal_pieces)


@never_cache
@require_POST
@page(Procurement.OPENING_HOLD)
def receive(request: HttpRequest, organisation: str, consultation: UUID, handover: UUID) -> HttpResponse:
    """Takes the hashes of what the officer's browser received."""
    return _take(request, consultation, handover, handing_over.receive_pieces)


def _take(
    request: HttpRequest, consultation: UUID, handover: UUID, verb: Callable[..., Handover]
) -> HttpResponse:
    actor = actor_of(request)
    found = consultation_of(actor, consultation, Procurement.OPENING_HOLD)

    def take(given: dict[str, Any]) -> dict[str, Any]:
        verb(
            actor=actor,
            consultation=found,
            handover=handover,
            documents=sent_octets(given, "documents"),
        )
        return {}

    return answered(request, take)


@require_POST
@page(Procurement.OPENING_HOLD)
def again(request: HttpRequest, organisation: str, consultation: UUID, handover: UUID) -> HttpResponse:
    """Blocks that have not changed hands are dealt anew."""
    return _pressed(request, organisation, consultation, handover, Procurement.OPENING_HOLD)


@require_POST
@page(Procurement.STAFF)
def end(request: HttpRequest, organisation: str, consultation: UUID, handover: UUID) -> HttpResponse:
    """Ends a replacement as it stands."""
    return _pressed(request, organisation, consultation, handover, Procurement.STAFF)


def _pressed(
    request: HttpRequest, organisation: str, consultation: UUID, handover: UUID, right: Procurement
) -> HttpResponse:
    found = consultation_of(actor_of(request), consultation, right)
    form = Gesture(request.POST, consultation=found)
    verb = handing_over.end_handover if right == Procurement.STAFF else handing_over.deal_again
    said = _("The replacement is ended.") if right == Procurement.STAFF else _("Everybody deals again.")
    if form.is_valid():
        one = verb(actor=keyed(request, form.key), consultation=found, handover=handover)
        messages.success(request, said)
        return _to(organisation, one)
    return redirect(
        "procurement_desk:handover", organisation=organisation, consultation=consultation, handover=handover
    )


@require_safe
@page(Procurement.OPENING_CONDUCT)
def package(request: HttpRequest, organisation: str, consultation: UUID, handover: UUID) -> HttpResponse:
    """What the custodian's computer deals or takes over, off line, in the form of tools/open_bids.py."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    one = queries.handover_of(found, handover)
    _, policies = queries.policies_of(one)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as whole:
        for key, policy in policies.items():
            whole.writestr(f"policies/{key.hex()}.json", policy.written())
        for passing in queries.passing(one):
            block = passing.row.block_id
            whole.writestr(f"blocks/{block}.json", bytes(passing.row.block.document))
            whole.writestr(f"handover/{block}/plan.json", bytes(passing.row.plan))
            for dealer, document in passing.dealings.items():
                whole.writestr(f"handover/{block}/dealings/{dealer}.json", document)
            write_transfer(whole, passing.held)
    response = HttpResponse(target.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="handover-{one.pk}.zip"'
    return response


def write_transfer(whole: zipfile.ZipFile, held: Held) -> None:
    """The last transfer of a block into a package, where there is one."""
    if held.transfer is None:
        return
    folder = f"transfers/{held.transfer.block_id}"
    whole.writestr(f"{folder}/plan.json", bytes(held.transfer.plan))
    for kind in (DEALING, RECEPTION):
        for holder, document in queries.parts_of(held.transfer, kind).items():
            whole.writestr(f"{folder}/{kind}s/{holder}.json", document)


@require_POST
@page(Procurement.OPENING_CONDUCT)
def bring(request: HttpRequest, organisation: str, consultation: UUID, handover: UUID) -> HttpResponse:
    """Takes the custodian's file."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    form = PartsFileForm(request.POST, request.FILES, consultation=found)
    if form.is_valid():
        try:
            one = handing_over.bring_parts(
                actor=keyed(request, form.key),
                consultation=found,
                handover=handover,
                document=form.cleaned_data["document"].read(LARGEST_PARTS),
            )
        except (Invalid, Conflict, Denied) as refusal:
            form.write_refusal(refusal)
        else:
            messages.success(request, _("The custodian's part is taken."))
            return _to(organisation, one)
    form.renew(found)
    return _page(request, found, queries.handover_of(found, handover), form, status=422)


def _to(organisation: str, one: Handover) -> HttpResponse:
    return redirect(
        "procurement_desk:handover",
        organisation=organisation,
        consultation=one.consultation_id,
        handover=one.pk,
    )
