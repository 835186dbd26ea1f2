"""The pages that confirm one verb each: they say what it means, ask what it needs, and call it once.

Every page is a ``GesturePage``: the verb, the right that it takes, the template that explains it, the form that it asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page, sentences
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ...actions import attaching, drafting, filing, notifying, publishing, signing, withdrawing
from ...actions import preceding as changing
from ...domain.files import MAIN, PROOF
from ...models import Act
from ...permissions import Legality
from ...queries import acts as queries
from ...queries.readiness import faults_of
from ..forms import Gesture, NotifyForm, PrecedingForm, ReasonForm, SignForm, SittingOfForm, day_text
from ..requests import actor_of, keyed
from ..uploads import documents_of, hand_over, taken
from ..words import told
from .pages import LARGEST, act_context, to_act

Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GestureRequest:
    """One sending of a gesture's form: on which act, with what typed."""

    request: HttpRequest
    form: Gesture
    act: Act


@dataclass(frozen=True, kw_only=True)
class GesturePage:
    """``verb`` is called with the act, its version and what ``arguments`` reads from the form.

    ``done`` is what the agent reads afterwards; ``initial`` proposes values; ``context`` adds to the template's context.
    """

    permission: Legality
    verb: Callable[..., Any]
    template: str
    done: Any
    form: type[Gesture] = Gesture
    initial: Callable[[HttpRequest, Act], dict[str, Any]] = field(default=lambda request, act: {})
    arguments: Callable[[GestureRequest], Arguments] = field(default=lambda sent: {})
    context: Callable[[HttpRequest, Act], dict[str, Any]] = field(default=lambda request, act: {})
    leads_to_list: bool = False

    def view(self) -> Callable[..., HttpResponse]:
        """The view to put at an address with ``organisation`` and ``act``."""
        guarded = require_http_methods(["GET", "HEAD", "POST"])(page(self.permission)(self._answer))
        return documents.receives_uploads(LARGEST)(guarded)  # type: ignore[arg-type]

    def make_form(self, request: HttpRequest, *given: Any, **options: Any) -> Gesture:
        """The form of this request; ``given`` is what was typed, with its files."""
        return self.form(*given, **options)

    def _answer(self, request: HttpRequest, organisation: str, act: UUID, **place: UUID) -> HttpResponse:
        found = queries.act_of(actor_of(request), act, self.permission)
        if request.method != "POST":
            form = self.make_form(request, act=found, initial=self.initial(request, found))
            return self._page(request, form, found)
        form = self.make_form(request, request.POST, request.FILES, act=found)
        if not self._is_done(GestureRequest(request, form, found)):
            return self._page(request, form, found)
        messages.success(request, self.done)
        if self.leads_to_list:
            return redirect("legality_desk:acts", organisation=organisation)
        return to_act(organisation, act)

    def _is_done(self, sent: GestureRequest) -> bool:
        """Calls the verb; what it refuses is written in the form, where nothing typed is lost."""
        form = sent.form
        if not form.is_valid():
            return False
        try:
            arguments = {"version": form.cleaned_data.get("version"), **self.arguments(sent)}
            if form.is_valid():  # unless a file was refused meanwhile
                self.verb(actor=keyed(sent.request, form.key), act=sent.act, **arguments)
        except (Invalid, Conflict) as refusal:
            write_refusal(form, refusal)
        if form.errors:
            form.renew(queries.act_of(actor_of(sent.request), sent.act.pk))
            return False
        return True

    def _page(self, request: HttpRequest, form: Gesture, act: Act) -> HttpResponse:
        context = {**act_context(request, act), "form": form, **self.context(request, act)}
        return render(request, self.template, context, status=422 if form.errors else 200)


def write_refusal(form: Gesture, refusal: Invalid | Conflict) -> None:
    form.add_error(None, sentences(refusal))
    for fault in told(refusal.faults):
        place = fault.field if fault.field in form.fields else None
        form.add_error(place, f"{fault.message} {fault.remedy}")


# -- the act that it changes --------------------------------------------------------------------------------------------


def _chosen_before(request: HttpRequest, act: Act) -> dict[str, Any]:
    return {
        "q": request.GET.get("q", ""),
        "preceding": act.preceding_id or "",
        "link": act.preceding_link,
    }


def _precedence(sent: GestureRequest) -> Arguments:
    read = sent.form.cleaned_data
    key = read["preceding"]
    return {"preceding": UUID(key) if key else None, "link": read["link"]}


preceding = GesturePage(
    permission=Legality.REVISE,
    verb=changing.choose_preceding,
    template="legality/preceding.html",
    done=_("It is recorded which act this one changes."),
    form=PrecedingForm,
    initial=_chosen_before,
    arguments=_precedence,
).view()


# -- the sitting that it belongs to -------------------------------------------------------------------------------------


def _sitting_shown(request: HttpRequest, act: Act) -> dict[str, Any]:
    return {"sitting": request.GET.get("sitting") or act.sitting_id or ""}


def _sitting_chosen(sent: GestureRequest) -> Arguments:
    key = sent.form.cleaned_data["sitting"]
    return {"sitting": UUID(key) if key else None}


sitting = GesturePage(
    permission=Legality.REVISE,
    verb=attaching.choose_sitting,
    template="legality/choose_sitting.html",
    done=_("The sitting of the draft is recorded."),
    form=SittingOfForm,
    initial=_sitting_shown,
    arguments=_sitting_chosen,
).view()


# -- signed by hand: the scan is here and we keep the original ----------------------------------------------------------


def _day_of_signature(request: HttpRequest, act: Act) -> dict[str, Any]:
    return {"signed_on": day_text(act.decided_on or legal_day(actor_of(request).now()))}


def _signature(sent: GestureRequest) -> Arguments:
    """The scan is put on the draft first, so that it stays there when the signature is refused."""

    def replace_by_scan(document: UUID, _place: int) -> None:
        actor = keyed(sent.request, f"{sent.form.key}:scan")
        filing.attach_main(actor=actor, act=sent.act, file=taken(sent.request, document, MAIN))

    scans = documents_of(sent.request, "scan", sent.form.key)
    hand_over(sent.form, "scan", scans, replace_by_scan)
    read = sent.form.cleaned_data
    signature = {"signed_on": read.get("signed_on"), "original_is_kept": read.get("original_is_kept")}
    return {**signature, "version": None} if scans else signature


def _faults(request: HttpRequest, act: Act) -> dict[str, Any]:
    return {"faults": told(faults_of(act, now=actor_of(request).now()))}


sign = GesturePage(
    permission=Legality.SIGN,
    verb=signing.declare_signed,
    template="legality/sign.html",
    done=_("The act is signed; it now waits to take effect."),
    form=SignForm,
    initial=_day_of_signature,
    arguments=_signature,
    context=_faults,
).view()


# -- what needs a reason ------------------------------------------------------------------------------------------------


def _reason(sent: GestureRequest) -> Arguments:
    return {"reason": sent.form.cleaned_data["reason"]}


reopen = GesturePage(
    permission=Legality.SIGN,
    verb=signing.reopen_act,
    template="legality/reopen.html",
    done=_("The act is a draft again."),
    form=ReasonForm,
    arguments=_reason,
).view()

withdraw = GesturePage(
    permission=Legality.WITHDRAW,
    verb=withdrawing.withdraw_act,
    template="legality/withdraw.html",
    done=_("The act is withdrawn; its address says why."),
    form=ReasonForm,
    arguments=_reason,
).view()


# -- effect, or none ----------------------------------------------------------------------------------------------------


def _notice(sent: GestureRequest) -> Arguments:
    read = sent.form.cleaned_data
    proofs = [
        taken(sent.request, document, PROOF)
        for document in documents_of(sent.request, "proof", sent.form.key)
    ]
    notice = notifying.Notice(
        recipient=read["recipient"],
        notified_on=read["notified_on"],
        means=read["means"],
        proof=next(iter(proofs), None),
    )
    return {"notice": notice}


publish = GesturePage(
    permission=Legality.PUBLISH,
    verb=publishing.publish_act,
    template="legality/publish.html",
    done=_("The act is on line in the public register."),
).view()

notify = GesturePage(
    permission=Legality.NOTIFY,
    verb=notifying.notify_act,
    template="legality/notify.html",
    done=_("The notification is recorded."),
    form=NotifyForm,
    arguments=_notice,
).view()

discard = GesturePage(
    permission=Legality.REVISE,
    verb=drafting.discard_draft,
    template="legality/discard.html",
    done=_("The draft is discarded."),
    leads_to_list=True,
).view()
