"""The pages that confirm one verb each: they say what it means, ask what it needs, and call it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from territoires.foundations.registry.api import page

from ...actions import preparing, submitting, validating
from ...models import Consultation
from ...permissions import Procurement
from ...queries import consultations as queries
from ..forms import CopyForm, Gesture, ReasonForm
from ..requests import actor_of, typed
from ..words import told
from .pages import check_of, context_of, performed

Arguments = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class GesturePage:
    """``verb`` is called with the consultation, its version and what the form's ``fields`` read.

    ``done`` is what the agent reads afterwards, on the page that ``leads_to`` names.
    """

    permission: Procurement
    verb: Callable[..., Consultation]
    template: str
    done: Any
    form: type[Gesture] = Gesture
    fields: tuple[str, ...] = ()
    leads_to: str = "consultation"
    about: str = "consultation"
    is_versioned: bool = True
    initial: Callable[[Consultation], Arguments] = field(default=lambda found: {})

    def view(self) -> Callable[..., HttpResponseBase]:
        return require_http_methods(["GET", "HEAD", "POST"])(page(self.permission)(self._answer))

    def _bears_on(self) -> Procurement:
        """The permission that the consultation itself asks: a copy only reads it."""
        return Procurement.READ if self.permission == Procurement.START else self.permission

    def _answer(self, request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
        found = queries.consultation_of(actor_of(request), consultation, self._bears_on())
        form = self.form(typed(request), consultation=found, initial=self.initial(found))
        status = 200
        if request.method == "POST":
            result, status = performed(
                request, form, lambda actor: self.verb(actor=actor, **self._arguments(found, form))
            )
            if result is not None:
                messages.success(request, self.done)
                return _after(organisation, self.leads_to, result)
            form.renew(queries.consultation_of(actor_of(request), consultation))
        context = {**context_of(request, found), "form": form}
        return render(request, self.template, context, status=status)

    def _arguments(self, found: Consultation, form: Gesture) -> Arguments:
        arguments = {name: form.cleaned_data[name] for name in self.fields} | {self.about: found}
        return arguments | ({"version": form.cleaned_data.get("version")} if self.is_versioned else {})


def _after(organisation: str, name: str, result: Consultation) -> HttpResponse:
    if name == "consultations":
        return redirect(f"procurement_desk:{name}", organisation=organisation)
    return redirect(f"procurement_desk:{name}", organisation=organisation, consultation=result.pk)


validate = GesturePage(
    permission=Procurement.VALIDATE,
    verb=validating.validate_consultation,
    template="procurement/validate.html",
    done=_("The consultation is validated. Nothing is public yet."),
).view()

submit = GesturePage(
    permission=Procurement.PREPARE,
    verb=submitting.submit_consultation,
    template="procurement/submit.html",
    done=_("The validation is asked: it waits on the desk of who validates."),
).view()

send_back = GesturePage(
    permission=Procurement.VALIDATE,
    verb=submitting.return_consultation,
    template="procurement/return.html",
    done=_("It is sent back: it waits on the desk of who prepares it."),
    form=ReasonForm,
    fields=("reason",),
).view()

reopen = GesturePage(
    permission=Procurement.VALIDATE,
    verb=validating.reopen_consultation,
    template="procurement/reopen.html",
    done=_("The consultation is in preparation again."),
    form=ReasonForm,
    fields=("reason",),
).view()

discard = GesturePage(
    permission=Procurement.PREPARE,
    verb=preparing.discard_consultation,
    template="procurement/discard.html",
    done=_("The consultation is discarded."),
    leads_to="consultations",
).view()

copy = GesturePage(
    permission=Procurement.START,
    verb=preparing.copy_consultation,
    template="procurement/copy.html",
    done=_("The copy is ready: check its value, its calendar and its documents."),
    form=CopyForm,
    fields=("title",),
    leads_to="need",
    about="source",
    is_versioned=False,
    initial=lambda found: {"title": found.title},
).view()


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PREPARE)
def override(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Goes on in spite of a warning, named by ``finding`` in the address."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    key = request.GET.get("finding", "")
    standing = next((one for one in check_of(request, found).standings if one.finding.key == key), None)
    if standing is None or standing.finding.stops:
        return redirect("procurement_desk:check", organisation=organisation, consultation=consultation)
    given = standing.override.reason if standing.override else ""
    form = ReasonForm(typed(request), consultation=found, initial={"reason": given})
    status = 200
    if request.method == "POST":
        done, status = performed(
            request,
            form,
            lambda actor: validating.override_warning(
                actor=actor, consultation=found, finding=key, reason=form.cleaned_data["reason"]
            ),
        )
        if done:
            messages.success(request, _("The reason is kept in the file."))
            return redirect("procurement_desk:check", organisation=organisation, consultation=consultation)
        form.renew(found)
    context = {**context_of(request, found), "form": form, "line": told(standing)}
    return render(request, "procurement/override.html", context, status=status)
