"""The steps that are one form each: need, procedure, terms, calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from territoires.foundations.registry.api import kept_fields, page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ...actions import preparing
from ...domain import procedures, timetable
from ...domain.wording import BuyerWords, InvitedWords, buyers_in, invited_in
from ...models import Consultation
from ...permissions import Procurement
from ...queries import consultations as queries
from ...queries.buyers import buyers_of
from ...queries.cpv import label_of, search_cpv, vocabulary
from ...queries.invitations import invited_of
from ...queries.sheets import Checked, families_of
from ...queries.systems import calls_all_admitted
from ...queries.wording import filled
from ..requests import actor_of, keyed
from ..step_forms import CalendarForm, NeedForm, ProcedureForm, StepForm, TermsForm, proposed_start
from ..words import article_of, places_on
from .pages import after_step, check_of, context_of, findings_of, to_consultation

Context = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class StepPage:
    """One step: the form, what its making needs, what its page shows, and what is saved beside its fields."""

    step: str
    form: type[StepForm]
    template: str
    making: Callable[[HttpRequest, Consultation, Checked], Context] = field(default=lambda r, c, k: {})
    context: Callable[[HttpRequest, Consultation, Checked], Context] = field(default=lambda r, c, k: {})
    initial: Callable[[Consultation], Context] = field(default=lambda c: {})
    beside: Callable[[HttpRequest, Consultation, StepForm], None] = field(default=lambda r, c, f: None)
    leads: Callable[[HttpRequest, str, Consultation], HttpResponse | None] = field(
        default=lambda r, o, c: None
    )

    def view(self) -> Callable[..., HttpResponseBase]:
        return require_http_methods(["GET", "HEAD", "POST"])(page(Procurement.PREPARE)(self._answer))

    def _answer(self, request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
        found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
        check = check_of(request, found)
        if request.method != "POST":
            if found.state != "draft":
                return to_consultation(organisation, found)
            form = self._form(request, found, check, kept_fields(request))
            return self._page(request, found, check, form)
        form = self._form(request, found, check, request.POST)
        status = self._save(request, found, form)
        if status == 200:
            return self.leads(request, organisation, found) or after_step(
                request, organisation, found, self.step
            )
        present = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
        form.renew(present)
        return self._page(request, present, check, form, status=status)

    def _form(
        self, request: HttpRequest, found: Consultation, check: Checked, data: Mapping[str, Any] | None
    ) -> StepForm:
        initial = {**self.form.initial_of(found), **self.initial(found)}
        return self.form(data, consultation=found, initial=initial, **self.making(request, found, check))

    def _save(self, request: HttpRequest, found: Consultation, form: StepForm) -> int:
        """200 when all was saved; what was refused is written in the form."""
        if not form.is_valid():
            return 422
        try:
            preparing.revise_consultation(
                actor=keyed(request, form.key),
                consultation=found,
                values=form.values(),
                version=form.cleaned_data.get("version"),
            )
            self.beside(request, found, form)
        except (Invalid, Conflict) as refusal:
            form.write_refusal(refusal)
            return refusal.status
        messages.success(request, _("Saved."))
        return 200

    def _page(
        self, request: HttpRequest, found: Consultation, check: Checked, form: StepForm, *, status: int = 200
    ) -> HttpResponse:
        context = {
            **context_of(request, found, check),
            **self.context(request, found, check),
            "step": self.step,
            "form": form,
            "findings": findings_of(check, self.step),
        }
        return render(request, self.template, context, status=status)


# -- the need -----------------------------------------------------------------------------------------------------------


def _places(request: HttpRequest, found: Consultation, check: Checked) -> Context:
    return {"places": places_on(check.law.on), "words": request.GET.get("cpv_words", "")[:200]}


def _need_context(request: HttpRequest, found: Consultation, check: Checked) -> Context:
    day, language = legal_day(actor_of(request).now()), get_language() or "fr"
    words = (request.POST if request.method == "POST" else request.GET).get("cpv_words", "")[:200]
    label = label_of(found.cpv, day) if found.cpv else None
    return {
        "families": families_of(found),
        "cpv_words": words,
        "cpv_found": [(one.code, one.label.in_language(language)) for one in search_cpv(words, day)],
        "cpv_is_whole": vocabulary(day).is_whole,
        "cpv_label": label.in_language(language) if label else "",
    }


def _save_participants(request: HttpRequest, found: Consultation, form: StepForm) -> None:
    buyers = buyers_in(form.cleaned_data["participants"])
    if buyers != _written_buyers(found):
        preparing.write_participants(
            actor=keyed(request, f"{form.key}:participants"), consultation=found, buyers=buyers
        )


def _written_buyers(found: Consultation) -> list[BuyerWords]:
    return [BuyerWords(one.siret, one.name) for one in buyers_of(found)]


def _stay_on_need(request: HttpRequest, organisation: str, found: Consultation) -> HttpResponse | None:
    """Searching for a code, or taking one, saves the form and comes back to it."""
    if not {"search-cpv", "take-cpv"} & set(request.POST):
        return None
    here = reverse("procurement_desk:need", kwargs={"organisation": organisation, "consultation": found.pk})
    if "search-cpv" in request.POST:
        return redirect(f"{here}?{urlencode({'cpv_words': request.POST.get('cpv_words', '')})}#cpv")
    return redirect(f"{here}#cpv")


need = StepPage(
    step="need",
    form=NeedForm,
    template="procurement/need.html",
    making=_places,
    context=_need_context,
    initial=lambda found: {
        "participants": "\n".join(f"{one.siret} {one.name}".strip() for one in _written_buyers(found))
    },
    beside=_save_participants,
    leads=_stay_on_need,
).view()


# -- the procedure ------------------------------------------------------------------------------------------------------


def _procedure_making(request: HttpRequest, found: Consultation, check: Checked) -> Context:
    options = procedures.options(check.sheet, check.law) if check.sheet.category else []
    return {
        "options_of_need": options,
        "is_whole": check.law.is_whole,
        "names_invited": not calls_all_admitted(found),
    }


def _procedure_context(request: HttpRequest, found: Consultation, check: Checked) -> Context:
    language = get_language() or "fr"
    sheet, law = check.sheet, check.law
    options = procedures.options(sheet, law) if sheet.category else []
    return {
        "best": next(
            (o.procedure.label.in_language(language) for o in options if o.verdict == "proposed"), ""
        ),
        "closed": [
            (o.procedure.label.in_language(language), filled(o.reason, o.params), article_of(o.article))
            for o in options
            if o.verdict == "closed"
        ],
        "whole": sheet.reference_value,
        "others": sheet.need.others,
        "course": [(step.text.in_language(language), step.is_here) for step in law.course_of(sheet)],
        "duties": [
            (filled(duty.text, duty.params), article_of(duty.article))
            for duty in procedures.duties(sheet, law)
        ],
    }


def _save_invited(request: HttpRequest, found: Consultation, form: StepForm) -> None:
    if calls_all_admitted(found):
        return
    invited = invited_in(form.cleaned_data["invited"])
    if invited != _written_invited(found):
        preparing.write_invited(
            actor=keyed(request, f"{form.key}:invited"), consultation=found, invited=invited
        )


def _written_invited(found: Consultation) -> list[InvitedWords]:
    return [InvitedWords(one.name, one.siret, one.email) for one in invited_of(found)]


procedure = StepPage(
    step="procedure",
    form=ProcedureForm,
    template="procurement/procedure.html",
    making=_procedure_making,
    context=_procedure_context,
    initial=lambda found: {
        "invited": "\n".join(f"{one.name} {one.siret} {one.email}" for one in _written_invited(found))
    },
    beside=_save_invited,
).view()

terms = StepPage(step="terms", form=TermsForm, template="procurement/terms.html").view()


# -- the calendar -------------------------------------------------------------------------------------------------------


def _calendar_making(request: HttpRequest, found: Consultation, check: Checked) -> Context:
    return {"has_two_stages": check.law.has_two_stages(found)}


def _timetable(request: HttpRequest, found: Consultation, check: Checked) -> timetable.Timetable | None:
    if check.law.procedures.get(found.procedure) is None:
        return None
    start = max(
        proposed_start(check.sheet, check.law, actor_of(request).now()), legal_day(actor_of(request).now())
    )
    return timetable.propose(check.sheet, check.law, publish_on=start)


def _calendar_context(request: HttpRequest, found: Consultation, check: Checked) -> Context:
    return {"proposed": _timetable(request, found, check)}


calendar = StepPage(
    step="calendar",
    form=CalendarForm,
    template="procurement/calendar.html",
    making=_calendar_making,
    context=_calendar_context,
).view()


@require_http_methods(["POST"])
@page(Procurement.PREPARE)
def take_calendar(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Writes the proposed calendar in the place of the present one."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.PREPARE)
    proposed = _timetable(request, found, check_of(request, found))
    if proposed is not None:
        values = {name: getattr(proposed, name) for name in timetable.Timetable.__dataclass_fields__}
        preparing.revise_consultation(actor=actor_of(request), consultation=found, values=values)
        messages.success(request, _("The proposed calendar is saved; you may still change it."))
    return redirect("procurement_desk:calendar", organisation=organisation, consultation=consultation)
