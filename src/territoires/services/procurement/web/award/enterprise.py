"""What an enterprise reads and answers: letters, requests, its contracts to sign and to receive."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, Missing

from ...actions import contracting, examining, executing, letters
from ...domain import contract_life as states
from ...domain import signing
from ...models import LetterKind
from ...permissions import Procurement
from ...queries import award as queries
from ...queries.evaluation import CANDIDACY_STAGE, PROOF_STAGE, piece_kinds
from ..requests import actor_of, keyed
from . import words
from .evaluation import said
from .forms import AnswerForm
from .gesture import LARGEST, taken
from .signing import KeyForm, reads_key_file, sign_with_key


def to(name: str, organisation: str, key: UUID) -> str:
    return reverse(f"procurement_desk:their-{name}", kwargs={"organisation": organisation, name: key})


@require_safe
@page(Procurement.READ_LETTER)
def post(request: HttpRequest, organisation: str) -> HttpResponse:
    """What buyers sent: to answer first, then letters and contracts."""
    found, now = queries.post_of(actor_of(request)), actor_of(request).now()
    requests = [
        {
            "asked": one,
            "title": words.request_kind(one.kind),
            "is_open": one.answered_at is None and one.until_at > now,
        }
        for one in found.requests
    ]
    context = {
        "open": [row for row in requests if row["is_open"]],
        "answered": [row for row in requests if not row["is_open"]],
        "letters": [{"letter": one, "title": words.letter_title(one)} for one in found.letters],
        "contracts": [
            {"contract": one, "state": words.contract_state(one.state)}
            for one in found.contracts
            if one.state != states.DRAFTED or one.document_id
        ],
    }
    return render(request, "procurement/award/post.html", context)


@require_safe
@page(Procurement.READ_LETTER)
def letter(request: HttpRequest, organisation: str, letter: UUID) -> HttpResponse:
    """A letter: reading it for the first time is the proof of its receipt."""
    actor = actor_of(request)
    found = queries.letter_of(actor, letter)
    if found.first_opened_at is None and request.method == "GET":
        found = letters.open_letter(actor=actor, letter=found)
        found = queries.letter_of(actor, letter)
    context = {
        "letter": found,
        "title": words.letter_title(found),
        "may_ask": found.kind in (LetterKind.REJECTED_BID, LetterKind.REJECTED_CANDIDACY),
        "asked": found.candidacy.reasons_asked.exists(),
    }
    return render(request, "procurement/award/letter.html", context)


@require_safe
@page(Procurement.READ_LETTER)
def letter_file(request: HttpRequest, organisation: str, letter: UUID) -> HttpResponseBase:
    """The letter as a PDF."""
    found = queries.letter_of(actor_of(request), letter)
    if found.document is None:
        raise Missing("no-document", "This letter has no file.", "Read it on its page.")
    return documents.download_response(found.document, request)


@require_POST
@page(Procurement.READ_LETTER)
def ask_reasons(request: HttpRequest, organisation: str, letter: UUID) -> HttpResponse:
    """Asks why the bid was not chosen."""
    found = queries.letter_of(actor_of(request), letter)
    return said(
        request,
        lambda: letters.ask_reasons(actor=actor_of(request), letter=found),
        _("The buyer was asked: it answers within fifteen days."),
        to("letter", organisation, found.pk),
    )


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # what a page gives is any response
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.ANSWER_REQUEST)
def asked(request: HttpRequest, organisation: str, asked: UUID) -> HttpResponse:
    """What the buyer asks, until when, and the answer."""
    actor = actor_of(request)
    found = queries.request_of(actor, asked)
    if found.first_opened_at is None and request.method == "GET":
        examining.open_request(actor=actor, request=found)
        found = queries.request_of(actor, asked)
    form = AnswerForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        initial={"text": found.answer},
    )
    if request.method == "POST" and form.is_valid() and _is_answered(request, found, form):
        messages.success(request, _("Your answer was sent. It is kept with its time."))
        return redirect(to("asked", organisation, found.pk))
    kinds = piece_kinds(legal_day(found.asked_at), PROOF_STAGE if found.kind == "proofs" else CANDIDACY_STAGE)
    language = get_language() or "fr"
    context = {
        "asked": found,
        "title": words.request_kind(found.kind),
        "pieces": [kinds[code].label.in_language(language) for code in found.pieces if code in kinds],
        "files": list(found.files.select_related("document")),
        "is_late": actor.now() > found.until_at,
        "is_closed": found.answered_at is not None and actor.now() > found.until_at,
        "form": form,
    }
    return render(request, "procurement/award/asked.html", context, status=422 if form.errors else 200)


def _is_answered(request: HttpRequest, found: Any, form: AnswerForm) -> bool:
    try:
        files = [taken(request, form, name) for name in ("first", "second", "third")]
        examining.answer_request(
            actor=keyed(request, form.key),
            request=found,
            text=form.cleaned_data["text"],
            files=[key for key in files if key],
        )
    except (Invalid, Conflict) as refusal:
        form.write_refusal(refusal)
    return not form.errors


@reads_key_file
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.HOLD_CONTRACT)
def contract(request: HttpRequest, organisation: str, contract: UUID) -> HttpResponse:
    """A contract of the enterprise: to read, to sign with one's own key, to receive, then what invoices must bear."""
    found = queries.held_contract(actor_of(request), contract)
    signatures = queries.signatures_of(found)
    form = KeyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and sign_with_key(request, found, signing.HOLDER, form):
        messages.success(request, _("The contract bears your signature."))
        return redirect(to("contract", organisation, found.pk))
    context = {
        "contract": found,
        "state": words.contract_state(found.state),
        "signatures": signatures,
        "may_sign": found.state in (states.DRAFTED, states.SIGNING)
        and found.document is not None
        and signing.HOLDER in signing.awaited(one.side for one in signatures),
        "to_receive": found.state == states.NOTIFYING,
        "in_force": found.state in states.BINDING,
        "worth": words.manner_worth(found.manner),
        "changes": queries.changes_of(found),
        "subcontracts": queries.subcontracts_of(found),
        "present_amount": queries.present_amount(found),
        "form": form,
    }
    return render(
        request, "procurement/award/their_contract.html", context, status=422 if form.errors else 200
    )


@require_POST
@page(Procurement.HOLD_CONTRACT)
def receive(request: HttpRequest, organisation: str, contract: UUID) -> HttpResponse:
    """The holder receives the contract: it is in force from this instant."""
    found = queries.held_contract(actor_of(request), contract)
    return said(
        request,
        lambda: contracting.acknowledge_contract(actor=actor_of(request), contract=found),
        _("You received the contract: it is in force."),
        to("contract", organisation, found.pk),
    )


@require_POST
@page(Procurement.HOLD_CONTRACT)
def receive_change(request: HttpRequest, organisation: str, contract: UUID, number: int) -> HttpResponse:
    """The holder receives a change of the contract."""
    found = queries.held_contract(actor_of(request), contract)
    return said(
        request,
        lambda: executing.acknowledge_change(actor=actor_of(request), contract=found, number=number),
        _("You received the change: it takes effect."),
        to("contract", organisation, found.pk),
    )


@require_safe
@page(Procurement.HOLD_CONTRACT)
def contract_file(request: HttpRequest, organisation: str, contract: UUID, sha256: str) -> HttpResponseBase:
    """A file of the contract."""
    found = queries.held_contract(actor_of(request), contract)
    return documents.download_response(queries.file_of_contract(found, sha256), request)
