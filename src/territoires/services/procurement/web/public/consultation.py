"""A consultation for everybody: what is bought, until when, its documents, its questions; at an address that never changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, Missing, TooLate

from ...actions import answering, corresponding, inviting, visitors
from ...domain.life import LIFE, SUSPENDED
from ...domain.sealing.policy import read_policy
from ...models import Consultation, Correspondent
from ...queries import invitations, quorum
from ...queries import publication as queries
from ...queries.award import public_state_at
from ...queries.buyers import buyers_of
from ...queries.change_proofs import changes_of
from ...queries.cpv import label_of
from ...queries.law import law_on
from ...queries.rounds import has_two_stages
from ...queries.sheets import (
    asked_pieces_of,
    criteria_of,
    lots_of,
    options_of,
    pieces_of,
    selection_of,
)
from ...queries.systems import takes_requests
from ..requests import actor_of, keyed, sent
from ..words import category_label, reservation_label
from . import feeds
from .forms import CorrespondentForm, QuestionForm, place_label

THREE_MONTHS = 90 * 24 * 3600
COOKIE = "marches-correspondant"
BIDDING = ("enterprise", "association")


@never_cache
@require_safe
def consultation(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """The page of a consultation."""
    found = _found(request, consultation)
    return render(request, "procurement/public/consultation.html", _context(request, found))


@require_safe
def document(request: HttpRequest, consultation: UUID, sha256: str) -> HttpResponseBase:
    """One document; its digest stands in its address, so that what it names never changes."""
    found = _found(request, consultation)
    piece = queries.public_piece(found, sha256)
    _write_withdrawal(request, found, sha256)
    return documents.download_response(piece.document, request)


@require_safe
def everything(request: HttpRequest, consultation: UUID) -> HttpResponseBase:
    """The documents in force as one ZIP, written while it is sent."""
    found = _found(request, consultation)
    pieces = pieces_of(found)
    if not pieces:
        raise Missing("no-document", "This consultation has no document.", "Read its page: all is there.")
    _write_withdrawal(request, found, "")
    whole = documents.zip_stream([(piece.document.name, piece.document) for piece in pieces])
    response = StreamingHttpResponse(whole, content_type="application/zip")
    name = f"{found.reference or found.pk}-v{found.publication_version}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """Leaves a name and an address to be told of changes: never asked before the documents, nor of who was invited."""
    found = queries.public_consultation(actor_of(request), consultation)
    form = CorrespondentForm(sent(request))
    if request.method == "POST":
        visitors.require_seldom(identity.network_address(request), visitors.FOLLOW)
        made = _joined(request, found, form) if form.is_valid() else None
        if not form.errors:
            messages.success(request, _("Noted: you will be told of each change. A mail says so."))
            response = redirect("procurement:consultation", consultation=found.pk)
            if made is not None:
                _remember(request, response, made)
            return response
    context = {"consultation": found, "form": form}
    return render(request, "procurement/public/follow.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, consultation: UUID, correspondent: UUID, token: str) -> HttpResponse:
    """Ends the mails to an address; reading the page does nothing, since mail programs open links by themselves."""
    found = _found(request, consultation)
    known = queries.correspondent_with(found, correspondent, token)
    if request.method == "POST":
        corresponding.stop_telling(
            actor=actor_of(request), consultation=found, correspondent=known, token=token
        )
        messages.success(request, _("You will hear no more of this consultation."))
        return redirect("procurement:consultation", consultation=found.pk)
    context = {"consultation": found, "email": known.email, "is_done": known.stopped_at is not None}
    return render(request, "procurement/public/stop.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """A question to the buyer, with or without an account."""
    found = _found(request, consultation)
    form = QuestionForm(sent(request), lots=lots_of(found))
    status = 200
    if request.method == "POST":
        visitors.require_few_questions(actor_of(request), found, identity.network_address(request))
        status = 422
        if form.is_valid() and _asked(request, found, form):
            messages.success(
                request, _("Your question was sent to the buyer. The answer will be published here, to all.")
            )
            return redirect("procurement:consultation", consultation=found.pk)
    elif not queries.takes_questions(found, actor_of(request).now()):
        return redirect("procurement:consultation", consultation=found.pk)
    context = {
        "consultation": found,
        "form": form,
        "answers": queries.answered_of(found),
    }
    return render(request, "procurement/public/ask.html", context, status=status)


@require_safe
def atom(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """What happens to the consultation, as an Atom feed."""
    found = _found(request, consultation)
    return feeds.consultation_atom(request, found, queries.amendments_of(found), queries.answered_of(found))


@require_safe
def ics(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """Its dates, for an agenda."""
    found = _found(request, consultation)
    return feeds.calendar(found.title, feeds.consultation_events(request, found))


@require_safe
def as_json(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """All that the page says, as JSON."""
    found = _found(request, consultation)
    return feeds.as_json(_data(request, found), f"{found.reference or found.pk}.json")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: HttpRequest, consultation: UUID, correspondent: UUID, token: str) -> HttpResponse:
    """The link of an invitation: whom it invites, and how the account of that SIRET accepts it."""
    one = invitations.invitation_with(consultation, correspondent, token)
    held = next((place for place in enterprises_of(request) if place.pk == one.accepted_by_id), None)
    if held is not None:
        return redirect("procurement:consultation", consultation=consultation)
    person = getattr(request.user, "person", None)
    enterprise = next((place for place in enterprises_of(request) if place.siret == one.siret), None)
    if person is not None and enterprise is None:
        raise inviting.another_invited(one)
    if request.method == "POST" and person is not None and enterprise is not None:
        actor = identity.actor_for_person(person, enterprise, at=actor_of(request).now())
        inviting.accept_invitation(actor=actor, invitation=one)
        messages.success(
            request, _("The invitation is accepted: your enterprise reads the call, and may answer.")
        )
        return redirect("procurement:consultation", consultation=consultation)
    context = {
        "invitation": one,
        "consultation": one.consultation,
        "body": one.consultation.organisation,
        "deadline": queries.first_deadline(one.consultation),
        "now": actor_of(request).now(),
        "enterprise": enterprise,
    }
    return render(request, "procurement/public/invited.html", context)


def _found(request: HttpRequest, key: UUID) -> Consultation:
    """What is public, or what an enterprise of the reader is invited to."""
    enterprises = [one.pk for one in enterprises_of(request)]
    return invitations.consultation_for(actor_of(request), key, enterprises)


def enterprises_of(request: HttpRequest) -> list[Any]:
    """The enterprises for which the reader acts; none for who is not signed in."""
    person = getattr(request.user, "person", None)
    places = identity.places_of(person) if person else []
    return [one.organisation for one in places if one.organisation.kind in BIDDING]


def _remember(request: HttpRequest, response: HttpResponse, known: Correspondent) -> None:
    response.set_signed_cookie(
        COOKIE,
        f"{known.pk}",
        salt=str(known.consultation_id),
        max_age=THREE_MONTHS,
        path=reverse("procurement:consultation", kwargs={"consultation": known.consultation_id}),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def _context(request: HttpRequest, found: Consultation) -> dict[str, Any]:
    now, language = actor_of(request).now(), get_language() or "fr"
    law = law_on(legal_day(now))
    state = LIFE.states[public_state_at(found, now)]
    procedure, cpv = law.procedures.get(found.procedure), label_of(found.cpv, law.on)
    policy = quorum.current_policy(found)
    return {
        "policy_sha256": policy.sha256 if policy else "",
        "limits": read_policy(bytes(policy.document)).limits if policy else None,
        "consultation": found,
        "body": found.organisation,
        "now": now,
        "state": _(state.label),
        "meaning": _(state.meaning),
        "tone": state.tone,
        "is_open": queries.is_open(found, now),
        "is_suspended": found.state == SUSPENDED,
        "takes_questions": queries.takes_questions(found, now),
        "deadline": queries.first_deadline(found),
        "category": category_label(found.main_procurement_category),
        "procedure": procedure.label.in_language(language) if procedure else "",
        "cpv_label": cpv.in_language(language) if cpv else "",
        "place": place_label(found.nuts, law.on, language),
        "lots": [(one, place_label(one.nuts, law.on, language)) for one in lots_of(found)],
        "criteria": criteria_of(found),
        "options": options_of(found),
        "selection": selection_of(found),
        "asked_pieces": asked_pieces_of(found),
        "buyers": buyers_of(found),
        "reservation": reservation_label(found.reserved_for, law),
        "pieces": pieces_of(found),
        "former": queries.former_pieces_of(found),
        "changes": list(reversed(changes_of(found))),
        "answers": queries.answered_of(found),
        "correspondent": _correspondent(request, found),
        "is_private": found.is_private,
        "takes_requests": takes_requests(found, now),
    }


def _data(request: HttpRequest, found: Consultation) -> dict[str, Any]:
    def address(name: str, **place: Any) -> str:
        return request.build_absolute_uri(
            reverse(f"procurement:{name}", kwargs={"consultation": found.pk, **place})
        )

    now = actor_of(request).now()
    return {
        "id": str(found.pk),
        "url": address("consultation"),
        "state": public_state_at(found, now),
        "version": found.publication_version,
        "reference": found.reference,
        "title": found.title,
        "description": found.description,
        "buyer": {"name": found.organisation.name, "siret": found.organisation.siret or ""},
        "mainProcurementCategory": found.main_procurement_category,
        "procedure": found.procedure,
        "twoStages": has_two_stages(found),
        "cpv": found.cpv,
        "nuts": found.nuts,
        "value": str(found.estimated_value) if found.shows_value else None,
        "published": _instant(found.published_at),
        "questionsUntil": found.questions_until.isoformat() if found.questions_until else None,
        "applicationsUntil": _instant(found.applications_until),
        "tendersUntil": _instant(found.tenders_until),
        "buyers": [{"name": one.name, "siret": one.siret} for one in buyers_of(found)],
        "additionalCpvs": found.additional_cpvs,
        "variants": found.variant_conditions if found.allows_variants else None,
        "reservedFor": found.reserved_for,
        "lots": [
            {
                "number": lot.number,
                "title": lot.title,
                "cpv": lot.cpv,
                "additionalCpvs": lot.additional_cpvs,
                "nuts": lot.nuts or found.nuts,
                "reservedFor": lot.reserved_for or found.reserved_for,
            }
            for lot in lots_of(found)
        ],
        "options": [
            {
                "kind": one.kind,
                "name": one.name,
                "times": one.times,
                "months": one.months,
                "lot": one.lot_number,
            }
            for one in options_of(found)
        ],
        "criteria": [
            {
                "kind": one.kind,
                "name": one.name,
                "weight": str(one.weight),
                "lot": one.lot_number,
                "parts": [{"name": part.name, "weight": str(part.weight)} for part in one.parts.all()],
            }
            for one in criteria_of(found)
        ],
        "selection": [
            {"kind": one.kind, "text": one.text, "level": one.level} for one in selection_of(found)
        ],
        "askedPieces": [
            {"code": one.code, "name": one.name, "from": one.asked_from} for one in asked_pieces_of(found)
        ],
        "documents": [
            {
                "kind": piece.kind,
                "name": piece.document.name,
                "mediaType": piece.document.media_type,
                "size": piece.document.size,
                "sha256": piece.sha256,
                "url": address("document", sha256=piece.sha256),
            }
            for piece in pieces_of(found)
        ],
        "amendments": [
            {
                "version": one.amendment.version,
                "made": _instant(one.amendment.made_at),
                "summary": one.amendment.summary,
                "reason": one.amendment.reason,
                "changes": one.amendment.changes,
                "tendersUntil": _instant(one.amendment.tenders_after),
                "documents": [piece.sha256 for piece in one.documents],
                "policySha256": one.policy_sha256,
            }
            for one in changes_of(found)
        ],
        "questions": [
            {
                "number": one.number,
                "lot": one.lot_number,
                "question": one.public_text,
                "answer": one.answer,
                "answered": _instant(one.answered_at),
            }
            for one in queries.answered_of(found)
        ],
    }


def _instant(at: Any) -> str | None:
    return at.isoformat() if at else None


def _write_withdrawal(request: HttpRequest, found: Consultation, sha256: str) -> None:
    """One line in the register for what leaves whole: not for a look at the headers, nor for the rest of a download."""
    if not visitors.takes_whole(request.method, request.headers):
        return
    corresponding.hand_out(
        actor=actor_of(request),
        consultation=found,
        address=identity.network_address(request),
        sha256=sha256,
        correspondent=_correspondent(request, found),
    )


def _correspondent(request: HttpRequest, found: Consultation) -> Correspondent | None:
    """Whose enterprise is invited; or who left a name on this very browser, and did not take it back since."""
    if found.is_private:
        return invitations.accepted_by(found, [one.pk for one in enterprises_of(request)])
    key = request.get_signed_cookie(COOKIE, default="", salt=str(found.pk))
    return queries.correspondent_by_key(found, UUID(key)) if key else None


def _joined(request: HttpRequest, found: Consultation, form: CorrespondentForm) -> Correspondent | None:
    """Who was noted by this gesture; what is refused is written in the form."""
    values = {name: form.cleaned_data[name] for name in ("name", "email", "enterprise")}
    try:
        return corresponding.join_correspondents(actor=keyed(request, form.key), consultation=found, **values)
    except Invalid as refusal:
        form.write_refusal(refusal)
        return None


def _asked(request: HttpRequest, found: Consultation, form: QuestionForm) -> bool:
    values = {name: form.cleaned_data[name] for name in ("text", "asker", "email")}
    try:
        answering.ask_question(
            actor=keyed(request, form.key),
            consultation=found,
            lot_number=form.cleaned_data.get("lot_number"),
            **values,
        )
    except (Invalid, Conflict, TooLate) as refusal:
        form.write_refusal(refusal)
        return False
    return True
