"""An opening officer's own pages: she accepts, tries and gives her part. The keys are made and used in her browser."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import page, sentence
from territoires.kernel.errors import Conflict, Invalid, TerritoiresError
from territoires.ui.security import content_security_policy

from ...actions import holders, opening
from ...domain.sealing import documents as doc
from ...domain.sealing import suites
from ...models import Consultation, HolderKey, KeySlot, OpeningOrder
from ...permissions import Procurement
from ...queries import consultations, duties, quorum
from ...queries import opening as queries
from ...queries.handovers import DEALING, Held, parts_of
from ...queries.order_proofs import proofs_of
from ...queries.wording import reread
from ..forms import ReasonForm
from ..requests import actor_of, keyed
from .pages import context_of

# Argon2id is WebAssembly. No other page of the platform may compile any: this mark is put on officers' pages alone.
officers_page: Callable[[Any], Any] = content_security_policy(script_src=["'self'", "'wasm-unsafe-eval'"])
TRIAL_SALT = "procurement.trial"
TRIAL_SECONDS = 3600
MOST_AT_ONCE = 50


@never_cache
@officers_page
@require_safe
@page(Procurement.OPENING_HOLD)
def officer(request: HttpRequest, organisation: str) -> HttpResponse:
    """The consultations whose bids this person opens: to accept, to try, ready; and the sessions that wait for her."""
    actor = actor_of(request)
    found = duties.duties_of(actor)
    context = {
        "to_accept": [one for one in found if one.holder is None and not one.is_fixed],
        "to_try": [_tried(one) for one in found if one.holder is not None and not one.is_ready],
        "ready": [_tried(one) for one in found if one.is_ready],
        "too_late": [one for one in found if one.holder is None and one.is_fixed],
        "waiting": duties.waiting_sessions(actor),
        "is_present": rights.is_present(actor, holders.PRESENCE_FOR_OPENING),
        "step_up": step_up_address(request, request.path),
        "user_name": _name(request),
    }
    return render(request, "procurement/officer.html", context)


@never_cache
@officers_page
@require_safe
@page(Procurement.OPENING_HOLD)
def way(request: HttpRequest, organisation: str, consultation: UUID, number: int) -> HttpResponse:
    """Where an officer who lost a way to her key of a round, or fears to, adds another one."""
    actor = actor_of(request)
    found = consultations.consultation_of(actor, consultation, Procurement.OPENING_HOLD)
    holder = holders.own_key(actor, found, number)
    slots = quorum.slots_of(holder)
    context = {
        **context_of(request, found),
        "kinds": [one.get_kind_display() for one in slots],
        "is_full": len(slots) >= holders.MOST_SLOTS,
        "data": json.dumps(_carried(holder, slots)),
        "is_present": rights.is_present(actor, holders.PRESENCE_FOR_OPENING),
        "step_up": step_up_address(request, request.path),
        "user_name": _name(request),
    }
    return render(request, "procurement/officer_add.html", context)


@never_cache
@require_POST
@page(Procurement.OPENING_HOLD)
def accept(request: HttpRequest, organisation: str) -> HttpResponse:
    """Takes the keys that the page made; answers, for each, a trial seal that the same page opens at once."""

    def take(sent: dict[str, Any]) -> dict[str, Any]:
        given = _listed(sent, "keys")
        return {"trials": [_accepted(request, one) for one in given]}

    return answered(request, take)


@never_cache
@require_POST
@page(Procurement.OPENING_HOLD)
def trial(request: HttpRequest, organisation: str) -> HttpResponse:
    """Compares what the officer's key opened with what was sealed to it."""

    def compare(sent: dict[str, Any]) -> dict[str, Any]:
        for one in _listed(sent, "trials"):
            expected = _expected(_text(one, "token"), _uuid(one, "holder"))
            holders.record_trial(
                actor=actor_of(request),
                consultation=_own(request, one),
                round=_round(one),
                slot=_uuid(one, "slot"),
                expected=expected,
                opened=hashlib.sha256(_octets(one, "value")).digest(),
            )
        return {}

    return answered(request, compare)


@never_cache
@require_POST
@page(Procurement.OPENING_HOLD)
def slot(request: HttpRequest, organisation: str) -> HttpResponse:
    """Keeps one more way to an officer's key."""

    def keep(sent: dict[str, Any]) -> dict[str, Any]:
        holders.add_slot(
            actor=actor_of(request),
            consultation=_own(request, sent),
            round=_round(sent),
            slot=_octets(sent, "slot"),
        )
        return {}

    return answered(request, keep)


@never_cache
@officers_page
@require_safe
@page(Procurement.OPENING_HOLD)
def release(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponse:
    """Where an officer gives her part to a session, wherever she is."""
    found = consultations.consultation_of(actor_of(request), consultation, Procurement.OPENING_HOLD)
    return _release_page(request, found, queries.session_of(found, order))


@never_cache
@officers_page
@require_POST
@page(Procurement.OPENING_HOLD)
def decline(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponse:
    """Notes that an officer gives no part, and why."""
    found = consultations.consultation_of(actor_of(request), consultation, Procurement.OPENING_HOLD)
    session, form = queries.session_of(found, order), ReasonForm(request.POST, consultation=found)
    if form.is_valid():
        try:
            opening.decline_release(
                actor=keyed(request, form.key),
                consultation=found,
                order=order,
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, _("Noted: you declined to give your part."))
            return redirect(
                "procurement_desk:session",
                organisation=organisation,
                consultation=consultation,
                order=order,
            )
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
    form.renew(found)
    return _release_page(request, found, session, form, status=422)


def _release_page(
    request: HttpRequest,
    found: Consultation,
    session: OpeningOrder,
    form: ReasonForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    holder = quorum.own_holder(found, session.round, actor.person)
    given = [one for one in queries.releases_of(session) if holder and one.holder_id == holder.pk]
    declined = [one for one in queries.declined_in(session) if holder and one.holder_id == holder.pk]
    context = {
        **context_of(request, found),
        "session": session,
        "holder": holder,
        "slots": quorum.slots_of(holder) if holder else [],
        "has_given": any(not one.fault for one in given),
        "faults": [reread(one.fault) for one in given if one.fault],
        "declined": declined,
        "decline_form": form or ReasonForm(consultation=found),
        "time_refusal": reread(session.time_refusal),
        "is_present": rights.is_present(actor, holders.PRESENCE_FOR_OPENING),
        "step_up": step_up_address(request, request.path),
    }
    return render(request, "procurement/release.html", context, status=status)


@never_cache
@require_safe
@page(Procurement.OPENING_HOLD)
def papers(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponse:
    """What the officer's browser checks and opens: order, policies, blocks, her slots. Nothing in it is secret alone."""
    actor = actor_of(request)
    found = consultations.consultation_of(actor, consultation, Procurement.OPENING_HOLD)
    session = queries.session_of(found, order)

    def gathered(_: dict[str, Any]) -> dict[str, Any]:
        holder = holders.own_key(actor, found, session.round)
        read = queries.papers_of(session)
        return {
            "now": actor.now().isoformat(),
            "order": doc.base64url(read.written),
            "policy": read.policy.hash.hex(),
            "policies": [doc.base64url(one.written()) for one in read.policies.values()],
            "blocks": {str(key): doc.base64url(data) for key, data in read.received.items()},
            "held": [str(key) for key, one in read.held.items() if holder.pk in one.shares.holders],
            "moved": {str(key): way for key, one in read.held.items() if (way := moved(one))},
            "proofs": proofs_of(read.order),
            "holder": str(holder.pk),
            "key": doc.base64url(bytes(holder.public_key)),
            "slots": [doc.base64url(bytes(one.document)) for one in quorum.slots_of(holder)],
        }

    return answered(request, gathered)


@never_cache
@require_POST
@page(Procurement.OPENING_HOLD)
def give(request: HttpRequest, organisation: str, consultation: UUID, order: UUID) -> HttpResponse:
    """Takes the part that the officer's browser made."""
    found = consultations.consultation_of(actor_of(request), consultation, Procurement.OPENING_HOLD)

    def take(sent: dict[str, Any]) -> dict[str, Any]:
        opening.release_pieces(
            actor=actor_of(request),
            consultation=found,
            order=order,
            document=_octets(sent, "release"),
        )
        return {}

    return answered(request, take)


def moved(held: Held) -> dict[str, Any] | None:
    """How a block's pieces came to those who hold them; None where the bidder dealt them."""
    if held.transfer is None:
        return None
    return {
        "plan": doc.base64url(bytes(held.transfer.plan)),
        "dealings": [doc.base64url(one) for one in parts_of(held.transfer, DEALING).values()],
    }


def step_up_address(request: HttpRequest, target: str) -> str:
    """Where the person confirms that it is she, then comes back."""
    asked = holders.PRESENCE_FOR_OPENING
    query = {"level": asked.level, "within": int(asked.within.total_seconds()), "next": target}
    return f"{reverse('step_up')}?{urlencode(query)}"


def _accepted(request: HttpRequest, sent: dict[str, Any]) -> dict[str, Any]:
    slots = [_base64(one) for one in sent.get("slots", []) if isinstance(one, str)]
    made = holders.accept_holder(
        actor=actor_of(request),
        consultation=_own(request, sent),
        round=_round(sent),
        holder=_uuid(sent, "holder"),
        public_key=_octets(sent, "key"),
        slots=slots,
    )
    return {"holder": str(made.pk), **_seal_of_trial(made)}


def _tried(duty: duties.Duty) -> dict[str, Any]:
    """A duty with what its trial opening needs, as the page carries it."""
    holder = duty.holder
    assert holder is not None
    carried = _carried(holder, duty.slots)
    present = quorum.current_policy(duty.consultation, duty.round)
    rules = doc.base64url(bytes(present.document)) if present else None
    return {
        "duty": duty,
        "data": json.dumps(carried | _seal_of_trial(holder)),
        "check": json.dumps({"holder": carried["holder"], "key": carried["key"], "policy": rules}),
        "kinds": [one.get_kind_display() for one in duty.slots],
    }


def _carried(holder: HolderKey, slots: Sequence[KeySlot]) -> dict[str, Any]:
    """An officer's key with the ways to it, as a page carries them."""
    return {
        "consultation": str(holder.consultation_id),
        "round": holder.round,
        "holder": str(holder.pk),
        "key": doc.base64url(bytes(holder.public_key)),
        "slots": [doc.base64url(bytes(one.document)) for one in slots],
    }


def _seal_of_trial(holder: HolderKey) -> dict[str, str]:
    """A random value sealed to the key, and a signed note of its hash: the platform keeps nothing of it."""
    value = os.urandom(32)
    info = doc.label("TSB1/trial") + holder.pk.bytes
    wrap = suites.seal(holder.suite, bytes(holder.public_key), info, value)
    note = {"holder": str(holder.pk), "sha256": hashlib.sha256(value).hexdigest()}
    return {"trial": doc.base64url(wrap), "token": signing.dumps(note, salt=TRIAL_SALT)}


def _expected(token: str, holder: UUID) -> bytes:
    try:
        note = signing.loads(token, salt=TRIAL_SALT, max_age=TRIAL_SECONDS)
    except signing.BadSignature:
        note = {}
    if note.get("holder") != str(holder):
        raise Invalid("trial-stale", "This trial is too old; nothing was changed.", "Load the page again.")
    return bytes.fromhex(note["sha256"])


def answered(request: HttpRequest, work: Callable[[dict[str, Any]], dict[str, Any]]) -> HttpResponse:
    """Does the work on the JSON that was sent; a refusal is told with its code, its sentence and what to do next."""
    try:
        return JsonResponse(work(_sent(request)))
    except TerritoiresError as refusal:
        said = {
            "code": refusal.code,
            "message": sentence(refusal.message, refusal.params),
            "remedy": sentence(refusal.remedy, refusal.params),
        }
        return JsonResponse(said, status=refusal.status)


def _sent(request: HttpRequest) -> dict[str, Any]:
    if request.method != "POST":
        return {}
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _unreadable("JSON")
    return found


def _listed(sent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = sent.get(name)
    if not isinstance(found, list) or not 0 < len(found) <= MOST_AT_ONCE:
        raise _unreadable(name)
    if not all(isinstance(one, dict) for one in found):
        raise _unreadable(name)
    return found


def _own(request: HttpRequest, sent: dict[str, Any]) -> Consultation:
    return consultations.consultation_of(
        actor_of(request), _uuid(sent, "consultation"), Procurement.OPENING_HOLD
    )


def _round(sent: dict[str, Any]) -> int:
    found = sent.get("round")
    if type(found) is not int or not 1 <= found <= 99:
        raise _unreadable("round")
    return found


def _uuid(sent: dict[str, Any], name: str) -> UUID:
    found: UUID = doc.identifier(sent.get(name))
    return found


def _text(sent: dict[str, Any], name: str) -> str:
    found = sent.get(name)
    if not isinstance(found, str) or len(found) > 2000:
        raise _unreadable(name)
    return found


def _octets(sent: dict[str, Any], name: str) -> bytes:
    return _base64(sent.get(name))


def sent_octets(sent: dict[str, Any], name: str) -> list[bytes]:
    """A list of documents that the page sent. Raises Invalid."""
    found = sent.get(name)
    if not isinstance(found, list) or not found:
        raise _unreadable(name)
    return [_base64(one) for one in found]


def _base64(given: Any) -> bytes:
    found: bytes = doc.octets(given)
    return found


def _unreadable(what: str) -> Invalid:
    return Invalid(
        "officer-request-unreadable",
        "What the page sent cannot be read (%(what)s); nothing was changed.",
        "Load the page again and start this step once more.",
        params={"what": what},
    )


def _name(request: HttpRequest) -> str:
    acting: Any = getattr(request, "acting", None)
    return str(acting.person.display_name) if acting else ""


def order_shown(order: OpeningOrder) -> HttpResponseBase:
    """The order's own bytes, as everybody may check them against the displayed hash."""
    response = HttpResponse(bytes(order.document or b""), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="order-{order.sha256[:16]}.json"'
    return response
