"""What an enterprise receives from buyers: letters, and requests that it answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ...actions import examining, letters
from ...domain.admission import ADMISSION
from ...models import LONGEST_TEXT, LetterKind
from ...permissions import Procurement
from ...queries import award as queries
from ...queries.evaluation import CANDIDACY_STAGE, PROOF_STAGE, piece_kinds
from ...queries.rounds import deadline_of
from ..after_opening import words
from ..fields import OptionalFile, Text, when_needed
from ..forms import Gesture
from ..gesture import LARGEST, Button, Place, taken
from ..requests import actor_of, keyed


class AnswerForm(Gesture):
    """What an enterprise answers."""

    text = when_needed(
        Text(
            label=gettext_lazy("Your answer"),
            max_length=LONGEST_TEXT,
            rows=6,
            required=False,
            help_text=gettext_lazy("A text, files, or both."),
        )
    )
    first = OptionalFile(label=gettext_lazy("A file"))
    second = OptionalFile(label=gettext_lazy("Another file"))
    third = OptionalFile(label=gettext_lazy("A third file"))

    faults_at = {"answer": "text", "document": "first"}


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
        "contracts": [{"contract": one, "state": words.contract_state(one.state)} for one in found.contracts],
        "admissions": [
            {"admission": one, "state": words.state_of(ADMISSION, one.state)} for one in found.admissions
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
        "deadline": _open_deadline(found, actor.now()),
        "may_ask": found.kind in letters.REFUSALS,
        "asked": found.candidacy.reasons_asked.exists(),
    }
    return render(request, "procurement/award/letter.html", context)


def _open_deadline(letter: Any, at: datetime) -> datetime | None:
    """Until when the enterprise may answer an invitation; None once it is over, and for any other letter."""
    if letter.kind != LetterKind.INVITATION:
        return None
    deadline = deadline_of(letter.consultation, letter.round)
    return deadline if deadline is not None and at <= deadline else None


@require_safe
@page(Procurement.READ_LETTER)
def letter_file(request: HttpRequest, organisation: str, letter: UUID) -> HttpResponseBase:
    """The letter as a PDF."""
    found = queries.letter_of(actor_of(request), letter)
    return documents.download_response(queries.file_of_letter(found), request)


def _letter_place(request: HttpRequest, organisation: str, letter: UUID) -> Place:
    found = queries.letter_of(actor_of(request), letter)
    return Place(arguments={"letter": found}, after=to("letter", organisation, found.pk))


ask_reasons = Button(
    permission=Procurement.READ_LETTER,
    verb=letters.ask_reasons,
    done=gettext_lazy("The buyer was asked: it answers within fifteen days."),
    load=_letter_place,
).view()


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
