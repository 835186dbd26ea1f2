"""The opening of a consultation's bids: its officers and their quorum, its sessions, what came out."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page, sentence
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing

from ...actions import holders
from ...actions import opening as verbs
from ...domain import session as life
from ...domain.next_step import EARLIER_BIDS, NO_BID
from ...domain.quorum import proposed_threshold
from ...domain.sealing.policy import OFFICER, read_policy
from ...domain.session import SESSION
from ...models import Consultation, Envelope, HolderKey, OpeningOrder
from ...permissions import Procurement
from ...queries import handovers, quorum
from ...queries import opening as queries
from ...queries import safety_copies as in_place
from ...queries.consultations import consultation_of
from ...queries.duties import rounds_at_hand
from ...queries.next_step import step_of
from ...queries.opened_minutes import reason_label
from ...queries.progress import progress_of
from ...queries.rounds import current_round, deadline_of
from ...queries.safety_copies import files_in_place
from ...queries.team import candidates_of
from ...queries.wording import refused, reread
from ...queries.written_minutes import minutes_in, minutes_of
from ..opening_forms import CancelForm, PresenceForm, ReleaseFileForm, ThresholdForm
from ..requests import actor_of, keyed, sent
from .handovers import write_transfer
from .officers import order_shown, step_up_address
from .pages import context_of

LARGEST_RELEASE = 8 * 1024 * 1024


@require_safe
@page(Procurement.READ)
def opening(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Who opens, whether all is ready, which sessions there were, what may be opened now."""
    found = consultation_of(actor_of(request), consultation)
    return _opening_page(request, found)


def _opening_page(
    request: HttpRequest, found: Consultation, form: ThresholdForm | None = None, *, status: int = 200
) -> HttpResponse:
    actor, round = actor_of(request), rounds_at_hand(found)[-1]
    places = quorum.seats(found, round)
    sessions = list(queries.sessions_of(found))
    deadline = deadline_of(found, round)
    policy, is_public = quorum.current_policy(found, round), quorum.is_public(found, round)
    obstacles = [] if is_public else quorum.quorum_obstacles(found, round)
    present = rights.may(actor, Procurement.OPENING_CONDUCT, found)
    under_way = [one for one in sessions if one.state in life.UNDER_WAY]
    step = step_of(found, legal_day(actor.now()))
    has_copies_alone = queries.has_copies_alone(found, current_round(found))
    context = {
        **context_of(request, found),
        "round": round,
        "has_no_bid": step is not None and step.code == NO_BID,
        "keeps_earlier_bids": step is not None and step.code == EARLIER_BIDS,
        "may_award": rights.may(actor, Procurement.AWARD, found),
        "seats": places,
        "custodian": quorum.custodian_of(found, round),
        "time_key": quorum.time_key_of(found, round),
        "policy": policy,
        "threshold": quorum.threshold_of(found, round),
        "proposed": proposed_threshold(len(places)),
        "holders_count": len(read_policy(bytes(policy.document)).holders) if policy else len(places) + 1,
        "obstacles": [
            (sentence(one.message, one.params), sentence(one.remedy, one.params)) for one in obstacles
        ],
        "left": len(quorum.present_holders(found, round)),
        "officers": _officers(found, round, actor.now()) if is_public else [],
        "handover": handovers.under_way(found, round),
        "is_replaceable": is_public and bool(handovers.replaceable(found, round)),
        "is_public": is_public,
        "sessions": [(one, _state(one)) for one in sessions],
        "deadline": deadline,
        "is_past": deadline is not None and actor.now() > deadline,
        "may_conduct": present,
        "may_hold": rights.may(actor, Procurement.OPENING_HOLD, found),
        "may_read_opened": rights.may(actor, Procurement.OPENED_READ, found),
        "to_open": _to_open(found, under_way) if present else [],
        "may_open": queries.may_be_opened(found, current_round(found), actor.now()),
        "may_end": present
        and not under_way
        and (
            (
                found.state in ("opening", "round_opening")
                and any(one.state == life.OPENED for one in sessions)
            )
            or (found.state in ("closed", "round_closed") and has_copies_alone)
        ),
        "opened_count": queries.opened_files(found).count(),
        "form": form or _threshold_form(request, found, round),
    }
    return render(request, "procurement/opening.html", context, status=status)


def _officers(found: Consultation, round: int, at: datetime) -> list[tuple[HolderKey, bool]]:
    """Those whom bids are sealed for, and whether each still belongs to the body."""
    members = candidates_of(found.organisation_id, at)
    holding = quorum.policy_holders(found, round)
    return [(one, one.person_id in members) for one in holding if one.role == OFFICER]


def _to_open(found: Consultation, under_way: list[OpeningOrder]) -> list[tuple[str, str, int]]:
    round = current_round(found)
    busy = {one.envelope for one in under_way}
    counted = (
        (value, label, len(queries.openable(found, round, value)))
        for value, label in Envelope.choices
        if value not in busy
    )
    return [(value, str(label), count) for value, label, count in counted if count]


def _threshold_form(request: HttpRequest, found: Consultation, round: int) -> ThresholdForm:
    officers = len(quorum.seats(found, round))
    return ThresholdForm(
        sent(request),
        consultation=found,
        most=officers,
        holders=officers + 1,
        initial={"threshold": str(quorum.threshold_of(found, round))},
    )


@require_POST
@page(Procurement.STAFF)
def threshold(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Changes how many holders are needed."""
    found = consultation_of(actor_of(request), consultation, Procurement.STAFF)
    round = rounds_at_hand(found)[-1]
    form = _threshold_form(request, found, round)
    if form.is_valid():
        try:
            holders.choose_threshold(
                actor=keyed(request, form.key),
                consultation=found,
                round=round,
                threshold=form.cleaned_data["threshold"],
            )
            messages.success(request, _("Saved."))
            return _to_opening(organisation, found)
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
    form.renew(found)
    return _opening_page(request, found, form, status=422)


@require_POST
@page(Procurement.OPENING_CONDUCT)
def prepare(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Asks again for what the platform gives."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    round = rounds_at_hand(found)[-1]
    holders.prepare_quorum(actor=actor_of(request), consultation=found, round=round)
    messages.success(request, _("Asked: the keys arrive in a few seconds."))
    return _to_opening(organisation, found)


@require_POST
@page(Procurement.OPENING_CONDUCT)
def ask(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Begins a session for one envelope."""
    actor = actor_of(request)
    found = consultation_of(actor, consultation, Procurement.OPENING_CONDUCT)
    envelope = request.POST.get("envelope", "")
    try:
        made = verbs.begin_session(
            actor=actor, consultation=found, round=current_round(found), envelope=envelope
        )
    except (Invalid, Conflict) as refusal:
        messages.error(request, refused(refusal))
        return _to_opening(organisation, found)
    return _to_session(organisation, made)


@require_POST
@page(Procurement.OPENING_CONDUCT)
def end(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The examination begins."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    try:
        verbs.end_opening(actor=actor_of(request), consultation=found)
        messages.success(request, _("The opening is ended; the examination begins."))
    except Conflict as refusal:
        messages.error(request, refused(refusal))
    return _to_opening(organisation, found)


@require_safe
@page(Procurement.READ)
def session(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponse:
    """One session: its order, who has given a part, what came out."""
    found = consultation_of(actor_of(request), consultation)
    return _session_page(request, found, queries.session_of(found, order))


def _session_page(
    request: HttpRequest,
    found: Consultation,
    one: OpeningOrder,
    *,
    forms: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    releases = queries.releases_of(one)
    given = {each.holder_id: each for each in releases if not each.fault}
    declined = queries.declined_in(one)
    declining = {each.holder_id for each in declined}
    holder, holding = quorum.own_holder(found, one.round, actor.person), queries.holders_in(one)
    is_conducted = rights.may(actor, Procurement.OPENING_CONDUCT, found)
    context = {
        **context_of(request, found),
        "session": one,
        "state": _state(one),
        "is_under_way": one.state in life.UNDER_WAY,
        "threshold": _threshold_in(one),
        "holders": [(each, given.get(each.pk), each.pk in declining) for each in holding],
        "declined": declined,
        "officers_reachable": sum(
            each.role == OFFICER and (each.left_at is None or each.pk in given) for each in holding
        ),
        "faults": [
            (each.holder.name if each.holder else _("Time-keeper"), reread(each.fault))
            for each in releases
            if each.fault
        ],
        "ended_reason": reread(one.ended_reason),
        "time_refusal": reread(one.time_refusal),
        "time": given.get(None),
        "presences": queries.presences_of(one),
        "excluded": [
            (each.deposit, reason_label(each.reason))
            for each in one.excluded.select_related("deposit__bidder")
        ],
        "results": _results(one) if rights.may(actor, Procurement.OPENED_READ, found) else [],
        "minutes": minutes_of(one),
        "progress": progress_of(one),
        "waits_for_me": one.state == life.READY and holder is not None and holder.pk not in given,
        "may_conduct": is_conducted,
        "is_present": rights.is_present(actor, holders.PRESENCE_FOR_OPENING),
        "step_up": step_up_address(request, request.path),
        "presence_form": PresenceForm(consultation=found),
        "cancel_form": CancelForm(consultation=found),
        "release_form": ReleaseFileForm(consultation=found),
        **(forms or {}),
    }
    return render(request, "procurement/session.html", context, status=status)


def _results(one: OpeningOrder) -> list[dict[str, Any]]:
    return [
        {
            "deposit": deposit,
            "files": [(file, reread(file.fault)) for file in files],
            "faults": [reread(block.fault) for block in blocks if block.fault],
        }
        for deposit, files, blocks in queries.results_of(one)
    ]


def _threshold_in(one: OpeningOrder) -> int:
    return read_policy(bytes(one.policy.document)).threshold if one.policy else 0


def _state(one: OpeningOrder) -> dict[str, str]:
    state = SESSION.states[one.state]
    return {"label": _(state.label), "meaning": _(state.meaning), "tone": state.tone}


@require_POST
@page(Procurement.OPENING_CONDUCT)
def presence(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponse:
    """Notes somebody who attends."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    one = queries.session_of(found, order)
    form = PresenceForm(request.POST, consultation=found)
    if form.is_valid():
        try:
            verbs.note_presence(
                actor=keyed(request, form.key),
                consultation=found,
                order=order,
                name=form.cleaned_data["name"],
                capacity=form.cleaned_data["capacity"],
            )
            return _to_session(organisation, one)
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
    form.renew(found)
    return _session_page(request, found, one, forms={"presence_form": form}, status=422)


@require_POST
@page(Procurement.OPENING_CONDUCT)
def cancel(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponse:
    """Gives a session up."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    one = queries.session_of(found, order)
    form = CancelForm(request.POST, consultation=found)
    if form.is_valid():
        try:
            verbs.cancel_opening(
                actor=keyed(request, form.key),
                consultation=found,
                order=order,
                reason=form.cleaned_data["reason"],
            )
            return _to_opening(organisation, found)
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
    form.renew(found)
    return _session_page(request, found, one, forms={"cancel_form": form}, status=422)


@require_POST
@page(Procurement.OPENING_CONDUCT)
def bring(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponse:
    """Takes what a holder made off line."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    one = queries.session_of(found, order)
    form = ReleaseFileForm(request.POST, request.FILES, consultation=found)
    if form.is_valid():
        try:
            verbs.bring_release(
                actor=keyed(request, form.key),
                consultation=found,
                order=order,
                document=form.cleaned_data["document"].read(LARGEST_RELEASE),
            )
            messages.success(request, _("The part is taken; it is compared with what the bidders sealed."))
            return _to_session(organisation, one)
        except (Invalid, Conflict, Denied) as refusal:
            form.write_refusal(refusal)
    form.renew(found)
    return _session_page(request, found, one, forms={"release_form": form}, status=422)


@require_safe
@page(Procurement.READ)
def order_file(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponseBase:
    """The order's own bytes."""
    found = consultation_of(actor_of(request), consultation)
    one = queries.session_of(found, order)
    if one.document is None:
        raise Missing("no-order", "The order of this session is not made yet.", "Wait a few seconds.")
    return order_shown(one)


@require_safe
@page(Procurement.OPENING_CONDUCT)
def package(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponse:
    """What the custodian's computer needs, off line: order, policies, blocks, in the form of tools/open_bids.py."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENING_CONDUCT)
    papers = queries.papers_of(queries.session_of(found, order))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("order.json", papers.written)
        for key, policy in papers.policies.items():
            whole.writestr(f"policies/{key.hex()}.json", policy.written())
        for block, data in papers.received.items():
            whole.writestr(f"blocks/{block}.json", data)
            write_transfer(whole, papers.held[block])
    response = HttpResponse(target.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="order-{papers.order.hash.hex()[:16]}.zip"'
    return response


@require_safe
@page(Procurement.READ)
def minutes(
    request: HttpRequest, organisation: str, consultation: UUID, order: UUID, language: str
) -> HttpResponseBase:
    """The minutes of a session."""
    found = consultation_of(actor_of(request), consultation)
    kept = minutes_in(queries.session_of(found, order), language)
    return documents.download_response(kept.document, request, inline=True)


@require_safe
@page(Procurement.OPENED_READ)
def opened(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The opened bids as one tree: lot, enterprise, envelope, file."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENED_READ)
    files = list(queries.opened_files(found))
    context = {
        **context_of(request, found),
        "tree": _tree(files),
        "count": len(files),
        "in_place": files_in_place(found),
    }
    return render(request, "procurement/opened.html", context)


@require_safe
@page(Procurement.OPENED_READ)
def opened_all(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponseBase:
    """All of it in one ZIP, made while it is sent."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENED_READ)
    members = []
    for file in queries.opened_files(found):
        if file.document is not None:
            members.append(("/".join([*_place(file), file.name.replace("/", "_")]), file.document))
    for one in files_in_place(found):
        kind = _("Safety copies") if one.is_copy else _("Repaired files")
        place = [str(kind), *_place(one), one.document.name.replace("/", "_")]
        members.append(("/".join(place), one.document))
    response = StreamingHttpResponse(documents.zip_stream(members), content_type="application/zip")
    name = f"{found.reference or found.pk}-plis.zip"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_safe
@page(Procurement.OPENED_READ)
def opened_file(request: HttpRequest, organisation: str, consultation: UUID, file: UUID) -> HttpResponseBase:
    """One opened file."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENED_READ)
    document, name = queries.clear_file(found, file)
    return documents.download_response(document, request, as_name=name)


@require_safe
@page(Procurement.OPENED_READ)
def file_in_place(
    request: HttpRequest, organisation: str, consultation: UUID, sha256: str
) -> HttpResponseBase:
    """One file of an opened safety copy, or a repaired one."""
    found = consultation_of(actor_of(request), consultation, Procurement.OPENED_READ)
    return documents.download_response(in_place.file_in_place(found, sha256), request)


def _tree(files: list[Any]) -> list[dict[str, Any]]:
    """The files by lot, enterprise and envelope, in their order."""
    grouped: dict[tuple[str, str, str], list[Any]] = {}
    for file in files:
        grouped.setdefault(_place(file), []).append(file)
    return [
        {
            "lot": str(members[0].lot or _("The whole contract")),
            "enterprise": members[0].deposit.shown_name,
            "number": members[0].deposit.number,
            "envelope": members[0].get_envelope_display(),
            "files": members,
        }
        for members in grouped.values()
    ]


def _place(file: Any) -> tuple[str, str, str]:
    lot = f"{_('Lot')} {file.lot.number:02}" if file.lot else _("The whole contract")
    bidder = f"{file.deposit.number:03} {file.deposit.shown_name}".replace("/", "_")
    return lot, bidder, file.get_envelope_display()


def _to_opening(organisation: str, found: Consultation) -> HttpResponse:
    return redirect("procurement_desk:opening", organisation=organisation, consultation=found.pk)


def _to_session(organisation: str, one: OpeningOrder) -> HttpResponse:
    return redirect(
        "procurement_desk:session", organisation=organisation, consultation=one.consultation_id, order=one.pk
    )
