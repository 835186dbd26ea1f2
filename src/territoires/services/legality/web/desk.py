"""The agent's pages of acts, under ``/o/<organisation>/legality/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page, sentence
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from .. import actions
from ..domain.classification import PUBLISH, Classification
from ..domain.life import DRAFT, LIFE
from ..domain.preflight import TOTAL_SIZE
from ..domain.wording import ActWords
from ..models import Act
from ..permissions import Legality
from ..queries import acts as queries
from ..queries import proofs
from ..queries.readiness import classification, faults_of, words_of
from .downloads import certificate_response, evidence_response
from .forms import (
    ActForm,
    FilterForm,
    Gesture,
    NotifyForm,
    ReasonForm,
    SignForm,
    chosen_types,
    day_text,
    piece_choices,
)
from .keeping import forget_kept, keeps_form, kept_fields
from .tables import export
from .uploads import documents_of, hand_over
from .words import shown, told

F = TypeVar("F", bound=Gesture)

LARGEST = (
    TOTAL_SIZE + 50 * 1024 * 1024
)  # what is too much for the State is told by preflight, not by the door
MOST_SELECTED = 100


# -- lists ------------------------------------------------------------------------------------------------------------


@require_safe
@page(Legality.READ)
def acts(request: HttpRequest, organisation: str) -> HttpResponse:
    """The acts of the body, the latest changed first, filters in the address."""
    actor, lists = _actor(request), _lists(request)
    form = FilterForm(request.GET, lists=lists)
    filters = form.filters(with_state=True)
    found = queries.acts_of(actor, filters, cursor=request.GET.get("after", ""))
    context = {
        "form": form,
        "filtered": filters.are_set,
        "acts": [shown(act, lists) for act in found.acts],
        "next": found.next,
        "may_draft": rights.may(actor, Legality.DRAFT),
        "may_publish": actor.holds(Legality.PUBLISH),
    }
    return render(request, "legality/acts.html", context)


@require_safe
@page(Legality.READ)
def export_acts(request: HttpRequest, organisation: str, form: str) -> HttpResponseBase:
    """The filtered list as CSV or JSON."""
    lists = _lists(request)
    filters = FilterForm(request.GET, lists=lists).filters(with_state=True)
    return export(queries.all_acts_of(_actor(request), filters), lists, form, name=f"actes-{organisation}")


@require_POST
@page(Legality.PUBLISH)
def publish_selection(request: HttpRequest, organisation: str) -> HttpResponse:
    """Publishes the selected acts, one gesture each: first the page that counts them, then the gesture."""
    actor, lists = _actor(request), _lists(request)
    keys = _keys(request.POST.getlist("act"))
    ready = [a for a in queries.acts_among(actor, keys, Legality.PUBLISH) if _is_publishable(a, lists)]
    if "confirmed" not in request.POST:
        context = {"acts": [shown(act, lists) for act in ready], "left_out": len(keys) - len(ready)}
        return render(request, "legality/publish_selection.html", context)
    refused = [act.number for act in ready if not _published(actor, act)]
    done = len(ready) - len(refused)
    if done:
        text = ngettext("%(count)d act is on line.", "%(count)d acts are on line.", done)
        messages.success(request, text % {"count": done})
    if refused:
        text = _("Not published, because somebody changed them meanwhile: %(numbers)s.")
        messages.warning(request, text % {"numbers": ", ".join(refused)})
    return redirect("legality_desk:acts", organisation=organisation)


# -- the draft --------------------------------------------------------------------------------------------------------


@keeps_form(LARGEST)
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.DRAFT)
def new(request: HttpRequest, organisation: str) -> HttpResponse:
    """A new act. Whatever is sent becomes a draft, even incomplete or partly wrong."""
    actor, lists = _actor(request), _lists(request)
    if request.method != "POST":
        kept = kept_fields(request)
        proposed = queries.proposed_words(actor)
        form = ActForm(kept, lists=lists, initial=_initial(proposed))
        return render(request, "legality/act_form.html", {"form": form, "is_kept": kept is not None})
    form = ActForm(request.POST, request.FILES, lists=lists)
    form.is_valid()
    act = actions.draft_act(actor=_keyed(actor, form.key), words=form.storable(ActWords()))
    _take_files(request, form, act)
    return _after_draft(request, form, act, organisation)


@keeps_form(LARGEST)
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.REVISE)
def edit(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """The draft's words and files."""
    actor, lists = _actor(request), _lists(request)
    found = queries.act_of(actor, act, Legality.REVISE)
    if request.method != "POST":
        if found.state != DRAFT:
            return _to_act(organisation, act)
        kept = kept_fields(request)
        form = ActForm(kept, act=found, lists=lists, initial=_initial(found))
        return _edit_page(request, form, found, is_kept=kept is not None)
    form = ActForm(request.POST, request.FILES, act=found, lists=lists)
    form.is_valid()
    try:
        actions.revise_act(
            actor=_keyed(actor, form.key),
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
    actor = _actor(request)
    found = queries.act_of(actor, act, Legality.REVISE)
    actions.remove_annex(actor=actor, act=found, annex=annex)
    return redirect("legality_desk:edit", organisation=organisation, act=act)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.REVISE)
def discard(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """Throws the draft away, once confirmed."""
    actor = _actor(request)
    found = queries.act_of(actor, act, Legality.REVISE)
    if request.method != "POST":
        return _confirm(request, found, "discard", Gesture(act=found))
    actions.discard_draft(actor=_keyed(actor, request.POST.get("_key", "")), act=found)
    messages.success(request, _("The draft is discarded; its number is free again."))
    return redirect("legality_desk:acts", organisation=organisation)


# -- the matter -------------------------------------------------------------------------------------------------------


@require_safe
@page(Legality.READ)
def act(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """The act with its timeline, what it lacks, and the one main button."""
    actor, lists = _actor(request), _lists(request)
    found = queries.act_of(actor, act)
    is_draft = found.state == DRAFT
    context = {
        **_act_context(request, found),
        "steps": proofs.timeline_of(found),
        "ways": lists.natures[found.nature].ways if found.nature in lists.natures else (),
        "faults": told(faults_of(found, now=actor.now())) if is_draft else [],
        "verbs": _verbs(actor, found),
        "notifications": queries.notifications_of(found),
    }
    return render(request, "legality/act.html", context)


@require_safe
@page(Legality.READ)
def file(request: HttpRequest, organisation: str, act: UUID, sha256: str) -> HttpResponseBase:
    """A file of the act, the act itself, an annex or a proof of notification."""
    document = queries.file_of(queries.act_of(_actor(request), act), sha256)
    return documents.download_response(document, request, inline=True)


@require_safe
@page(Legality.READ)
def certificate(request: HttpRequest, organisation: str, act: UUID) -> HttpResponseBase:
    """The certificate of publication or notification, as PDF."""
    return certificate_response(queries.act_of(_actor(request), act))


@require_safe
@page(Legality.READ)
def evidence(request: HttpRequest, organisation: str, act: UUID) -> HttpResponseBase:
    """The evidence bundle, whole or of one ``step``: the files, the facts and their proofs, as ZIP."""
    step = next(iter(_keys([request.GET.get("step", "")])), None)
    return evidence_response(queries.act_of(_actor(request), act), only=step, is_public=False)


# -- what binds -------------------------------------------------------------------------------------------------------


@keeps_form(LARGEST)
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.SIGN)
def sign(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """Signed by hand: the scan is here and we keep the original."""
    actor = _actor(request)
    found = queries.act_of(actor, act, Legality.SIGN)
    day = found.decided_on or legal_day(actor.now())
    form = _gesture(request, SignForm, found, initial={"signed_on": day_text(day)})
    if request.method == "POST" and form.is_valid():
        scans = documents_of(request, "scan", form.key)
        hand_over(
            form, "scan", scans, lambda document, place: _replace_by_scan(actor, found, form.key, document)
        )
        if form.is_valid():
            verb = {
                "signed_on": form.cleaned_data["signed_on"],
                "original_is_kept": form.cleaned_data["original_is_kept"],
            }
            if _done(request, form, actions.declare_signed, found, verb, versioned=not scans):
                messages.success(request, _("The act is signed; it now waits to take effect."))
                return _to_act(organisation, act)
    return _confirm(request, found, "sign", form)


@keeps_form(LARGEST)
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.SIGN)
def reopen(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """Back to draft: it had been declared signed by mistake."""
    found = queries.act_of(_actor(request), act, Legality.SIGN)
    form = _gesture(request, ReasonForm, found)
    if request.method == "POST" and form.is_valid():
        verb = {"reason": form.cleaned_data["reason"]}
        if _done(request, form, actions.reopen_act, found, verb):
            messages.success(request, _("The act is a draft again."))
            return _to_act(organisation, act)
    return _confirm(request, found, "reopen", form)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.PUBLISH)
def publish(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """Puts the act on line, once what that means is said and confirmed."""
    found = queries.act_of(_actor(request), act, Legality.PUBLISH)
    form = _gesture(request, Gesture, found)
    if request.method == "POST" and form.is_valid() and _done(request, form, actions.publish_act, found, {}):
        messages.success(request, _("The act is on line in the public register."))
        return _to_act(organisation, act)
    return _confirm(request, found, "publish", form)


@keeps_form(LARGEST)
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.NOTIFY)
def notify(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """To whom, when, how, with which proof."""
    actor = _actor(request)
    found = queries.act_of(actor, act, Legality.NOTIFY)
    form = _gesture(request, NotifyForm, found)
    if request.method == "POST" and form.is_valid():
        proof = next(iter(documents_of(request, "proof", form.key)), None)
        read = form.cleaned_data
        notice = actions.Notice(
            recipient=read["recipient"], notified_on=read["notified_on"], means=read["means"], proof=proof
        )
        if _done(request, form, actions.notify_act, found, {"notice": notice}):
            messages.success(request, _("The notification is recorded."))
            return _to_act(organisation, act)
    return _confirm(request, found, "notify", form)


@keeps_form(LARGEST)
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.WITHDRAW)
def withdraw(request: HttpRequest, organisation: str, act: UUID) -> HttpResponse:
    """Takes the act off line, or back, and says why."""
    found = queries.act_of(_actor(request), act, Legality.WITHDRAW)
    form = _gesture(request, ReasonForm, found)
    if request.method == "POST" and form.is_valid():
        verb = {"reason": form.cleaned_data["reason"]}
        if _done(request, form, actions.withdraw_act, found, verb):
            messages.success(request, _("The act is withdrawn; its address says why."))
            return _to_act(organisation, act)
    return _confirm(request, found, "withdraw", form)


# -- what the pages share ---------------------------------------------------------------------------------------------


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _lists(request: HttpRequest) -> Classification:
    return classification(legal_day(_actor(request).now()))


def _keyed(actor: Actor, key: str) -> Actor:
    return replace(actor, idempotency_key=key or None)


def _keys(texts: list[str]) -> list[UUID]:
    """The keys that are well formed, at most as many as a page shows."""
    found = []
    for text in texts[:MOST_SELECTED]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _is_publishable(act: Act, lists: Classification) -> bool:
    nature = lists.natures.get(act.nature)
    return LIFE.allows(act.state, "publish") and nature is not None and PUBLISH in nature.ways


def _published(actor: Actor, act: Act) -> bool:
    try:
        actions.publish_act(actor=actor, act=act)
    except Conflict:
        return False
    return True


def _initial(words: ActWords | Act) -> dict[str, Any]:
    return {name: getattr(words, name) for name in ActForm.words}


def _take_files(request: HttpRequest, form: ActForm, act: Act) -> None:
    """The files of the draft's form, one action each, then the types chosen for those that were there."""
    actor, key = _actor(request), form.key
    mains = documents_of(request, "main", key)[:1]
    annexes = documents_of(request, "annexes", key)
    hand_over(
        form,
        "main",
        mains,
        lambda document, place: actions.attach_main(
            actor=_keyed(actor, f"{key}:main"), act=act, document=document
        ),
    )
    hand_over(
        form,
        "annexes",
        annexes,
        lambda document, place: actions.add_annex(
            actor=_keyed(actor, f"{key}:annex:{place}"), act=act, document=document
        ),
    )
    if "type-main" in request.POST:
        actions.type_files(
            actor=_keyed(actor, key),
            act=act,
            main_type=request.POST["type-main"],
            annex_types=chosen_types(request.POST, queries.annexes_of(act)),
        )
    forget_kept(request)


def _after_draft(request: HttpRequest, form: ActForm, act: Act, organisation: str) -> HttpResponse:
    if not form.errors:
        messages.success(request, _("The draft is saved."))
        return _to_act(organisation, act.pk)
    saved = queries.act_of(_actor(request), act.pk, Legality.REVISE)
    form.renew(saved)
    return _edit_page(request, form, saved, status=422)


def _changed_meanwhile(request: HttpRequest, form: ActForm, act: Act, conflict: Conflict) -> HttpResponse:
    """What was typed stays; beside it, what the other agent saved."""
    present = queries.act_of(_actor(request), act.pk)
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
    lists = _lists(request)
    context = {
        **_act_context(request, act),
        "form": form,
        "piece_choices": piece_choices(lists, act.nature),
        "faults": told(faults_of(act, now=_actor(request).now())),
        **more,
    }
    return render(request, "legality/act_form.html", context, status=status)


def _act_context(request: HttpRequest, act: Act) -> dict[str, Any]:
    return {"shown": shown(act, _lists(request)), "act": act, "annexes": queries.annexes_of(act)}


_RIGHT_OF = {
    "revise": Legality.REVISE,
    "declare_signed": Legality.SIGN,
    "publish": Legality.PUBLISH,
    "notify": Legality.NOTIFY,
    "reopen": Legality.SIGN,
    "withdraw": Legality.WITHDRAW,
    "discard": Legality.REVISE,
}


def _verbs(actor: Actor, act: Act) -> list[str]:
    """The verbs that the state allows and the actor may use: the buttons to show."""
    return [verb for verb in LIFE.verbs(act.state) if rights.may(actor, _RIGHT_OF[verb], act)]


def _gesture(request: HttpRequest, kind: type[F], act: Act, **initial: Any) -> F:
    if request.method == "POST":
        return kind(request.POST, request.FILES, act=act)
    return kind(kept_fields(request), act=act, **initial)


def _replace_by_scan(actor: Actor, act: Act, key: str, document: UUID) -> Act:
    return actions.attach_main(actor=_keyed(actor, f"{key}:scan"), act=act, document=document)


def _done(
    request: HttpRequest,
    form: Gesture,
    verb: Callable[..., Act],
    act: Act,
    arguments: Mapping[str, Any],
    *,
    versioned: bool = True,
) -> bool:
    """Calls the action; what it refuses is written in the form, where nothing typed is lost."""
    version = form.cleaned_data.get("version") if versioned else None
    try:
        verb(actor=_keyed(_actor(request), form.key), act=act, version=version, **arguments)
    except (Invalid, Conflict) as refusal:
        form.add_error(None, f"{sentence(refusal.message, refusal.params)} {sentence(refusal.remedy, {})}")
        for fault in told(refusal.faults):
            field = fault.field if fault.field in form.fields else None
            form.add_error(field, f"{fault.message} {fault.remedy}")
        form.renew(queries.act_of(_actor(request), act.pk))
        return False
    forget_kept(request)
    return True


def _confirm(request: HttpRequest, act: Act, gesture: str, form: Form) -> HttpResponse:
    context = {
        **_act_context(request, act),
        "form": form,
        "faults": told(faults_of(act, now=_actor(request).now())) if gesture == "sign" else [],
    }
    return render(request, f"legality/{gesture}.html", context, status=422 if form.errors else 200)


def _to_act(organisation: str, act: UUID) -> HttpResponseRedirect:
    return redirect("legality_desk:act", organisation=organisation, act=act)
