"""The form of the draft: whatever is sent is kept, what is wrong comes back in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import kept_fields, page, sentence
from territoires.kernel.errors import Conflict

from ...actions import drafting, filing
from ...domain.files import ANNEX, MAIN
from ...domain.life import DRAFT
from ...domain.wording import ActWords
from ...models import Act
from ...permissions import Legality
from ...queries import acts as queries
from ...queries import files
from ...queries.readiness import advice_of, faults_of, words_of
from ..forms import ActForm, chosen_types, piece_choices
from ..requests import actor_of, keyed, lists_of
from ..uploads import documents_of, hand_over, taken
from ..words import told
from .pages import LARGEST, act_context, to_act


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.DRAFT)
def new(request: HttpRequest, organisation: str) -> HttpResponse:
    """A new act. Whatever is sent becomes a draft, even incomplete or partly wrong."""
    lists = lists_of(request)
    if request.method != "POST":
        proposed = queries.proposed_words(actor_of(request))
        form = ActForm(kept_fields(request), lists=lists, initial=_initial(proposed))
        context = {"form": form, "may_sign": actor_of(request).holds(Legality.SIGN)}
        return render(request, "legality/act_form.html", context)
    form = ActForm(request.POST, request.FILES, lists=lists)
    form.is_valid()
    act = drafting.draft_act(actor=keyed(request, form.key), words=form.storable(ActWords()))
    _take_files(request, form, act)
    return _after_draft(request, form, act, organisation)


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.REVISE)
def edit(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """The draft's words and files."""
    lists = lists_of(request)
    found = queries.act_of(actor_of(request), act, Legality.REVISE)
    if request.method != "POST":
        if found.state != DRAFT:
            return to_act(organisation, act)
        form = ActForm(kept_fields(request), act=found, lists=lists, initial=_initial(found))
        _as_if(found, request.GET.get("nature", ""))
        return _edit_page(request, form, found)
    form = ActForm(_with_proposals(request.POST), request.FILES, act=found, lists=lists)
    form.is_valid()
    try:
        drafting.revise_act(
            actor=keyed(request, form.key),
            act=found,
            words=form.storable(ActWords(**words_of(found))),
            version=form.cleaned_data.get("version"),
        )
    except Conflict as conflict:
        return _changed_meanwhile(request, form, found, conflict)
    _take_files(request, form, found)
    return _after_draft(request, form, found, organisation)


@require_POST
@page(Legality.REVISE)
def remove_annex(request: HttpRequest, organisation: str, act: UUID, annex: UUID) -> HttpResponse:
    """Takes an annex off the draft."""
    actor = actor_of(request)
    found = queries.act_of(actor, act, Legality.REVISE)
    filing.remove_annex(actor=actor, act=found, annex=annex)
    return redirect("legality_desk:edit", organisation=organisation, act=act)


def _with_proposals(sent: QueryDict) -> QueryDict:
    """What was sent, with each proposal that the agent took in the place of what it corrects."""
    words = sent.copy()
    for name in ActForm.words:
        if f"use-{name}" in words:
            words.setlist(name, words.getlist(f"use-{name}"))
    return words


def _initial(words: ActWords | Act) -> dict[str, Any]:
    return {name: getattr(words, name) for name in ActForm.words}


def _as_if(act: Act, nature: str) -> None:
    """Shows the types of files of a nature that was chosen on the page and not saved yet."""
    if nature:
        act.nature = nature
        filing.suggest_main_type(act)


def _take_files(request: HttpRequest, form: ActForm, act: Act) -> None:
    """The files of the draft's form, one action each, then the types chosen for those that were there."""
    mains = documents_of(request, "main", form.key)[:1]
    annexes = documents_of(request, "annexes", form.key)

    def attach(document: UUID, _place: int) -> None:
        file = taken(request, document, MAIN)
        filing.attach_main(actor=keyed(request, f"{form.key}:main"), act=act, file=file)

    def add(document: UUID, place: int) -> None:
        file = taken(request, document, ANNEX)
        filing.add_annex(actor=keyed(request, f"{form.key}:annex:{place}"), act=act, file=file)

    hand_over(form, "main", mains, attach)
    hand_over(form, "annexes", annexes, add)
    if "type-main" in request.POST:
        filing.type_files(
            actor=keyed(request, form.key),
            act=act,
            main_type=request.POST["type-main"],
            annex_types=chosen_types(request.POST, files.annexes_of(act)),
        )


def _after_draft(request: HttpRequest, form: ActForm, act: Act, organisation: str) -> HttpResponse:
    saved = queries.act_of(actor_of(request), act.pk, Legality.REVISE)
    if not form.errors:
        messages.success(request, _("The draft is saved."))
        if "precede" in request.POST:
            return redirect("legality_desk:preceding", organisation=organisation, act=act.pk)
        if "sign" in request.POST and not faults_of(saved, now=actor_of(request).now()):
            return redirect("legality_desk:sign", organisation=organisation, act=act.pk)
        return to_act(organisation, act.pk)
    form.renew(saved)
    return _edit_page(request, form, saved, status=422)


def _changed_meanwhile(request: HttpRequest, form: ActForm, act: Act, conflict: Conflict) -> HttpResponse:
    """What was typed stays; beside it, what the other agent saved."""
    present = queries.act_of(actor_of(request), act.pk)
    form.add_error(None, f"{sentence(conflict.message, conflict.params)} {sentence(conflict.remedy, {})}")
    differing = [
        (form.fields[name].label, getattr(present, name))
        for name in form.words
        if getattr(present, name) != form.cleaned_data.get(name)
    ]
    form.renew(present)
    return _edit_page(request, form, present, status=409, differing=differing)


def _edit_page(
    request: HttpRequest, form: ActForm, act: Act, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        **act_context(request, act),
        "form": form,
        "piece_choices": piece_choices(lists_of(request), act.nature),
        "faults": told(faults_of(act, now=actor_of(request).now())),
        "advice": told(advice_of(act, now=actor_of(request).now())),
        "may_sign": actor_of(request).holds(Legality.SIGN),
        **more,
    }
    return render(request, "legality/act_form.html", context, status=status)
