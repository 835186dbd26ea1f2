"""A request to be admitted to a system: the buyer's page, and the enterprise's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, TooLate

from ...actions import admitting
from ...domain import admission as states
from ...permissions import Procurement
from ...queries import systems as queries
from ...queries.law import law_on
from ...queries.publication import public_consultation
from ...queries.sheets import lots_of
from ..after_opening import words
from ..after_opening.consultation import context_of, found_for, place_of
from ..enterprise.post import to
from ..forms import ReasonForm
from ..gesture import LARGEST, Button, GesturePage, Place, taken
from ..requests import actor_of, keyed
from .forms import AskAdmissionForm, DecideAdmissionForm


@require_safe
@page(Procurement.READ)
def admission(request: HttpRequest, organisation: str, consultation: UUID, admission: UUID) -> HttpResponse:
    """One enterprise in the system, or that asks to be: what it sent, until when it is answered, what was decided."""
    found = found_for(request, consultation, Procurement.OPENED_READ)
    one = queries.admission_of(found, admission)
    machine = states.ADMISSION
    context = {
        **context_of(request, found),
        "admission": one,
        "state": words.state_of(machine, one.state),
        "lots": [lot for lot in lots_of(found) if lot.number in one.lots],
        "may_decide": machine.allows(one.state, "refuse"),
        "may_prolong": machine.allows(one.state, "prolong"),
    }
    return render(request, "procurement/award/admission.html", context)


@require_safe
@page(Procurement.OPENED_READ)
def admission_file(
    request: HttpRequest, organisation: str, consultation: UUID, admission: UUID, sha256: str
) -> HttpResponseBase:
    """A file of a request."""
    found = found_for(request, consultation, Procurement.OPENED_READ)
    file = queries.file_of_admission(queries.admission_of(found, admission), sha256)
    return documents.download_response(file, request)


def _admission_place(request: HttpRequest, organisation: str, consultation: UUID, admission: UUID) -> Place:
    found = found_for(request, consultation, Procurement.ANALYSE)
    one = queries.admission_of(found, admission)
    return Place(
        arguments={"consultation": found, "admission": one.pk},
        consultation=found,
        after=place_of("admission", found, admission=one.pk),
        context={"about": one.bidder.name},
    )


decide = GesturePage(
    permission=Procurement.ANALYSE,
    verb=admitting.decide_admission,
    title=gettext_lazy("Answer the request"),
    meaning=gettext_lazy(
        "Every enterprise that meets the conditions of the notice is admitted, without limit of number. It is told at once."
    ),
    button=gettext_lazy("Answer the enterprise"),
    done=gettext_lazy("The enterprise was told."),
    load=_admission_place,
    form=DecideAdmissionForm,
    fields=("verb", "reason"),
    icon="send",
    legal=True,
).view()

prolong = GesturePage(
    permission=Procurement.ANALYSE,
    verb=admitting.prolong_examination,
    title=gettext_lazy("Take longer to examine"),
    meaning=gettext_lazy(
        "In a particular case, when something more must be looked at or verified, the time to answer is longer, once."
    ),
    button=gettext_lazy("Take the longer time"),
    done=gettext_lazy("The time to answer is longer; the enterprise was told."),
    load=_admission_place,
    form=ReasonForm,
    fields=("reason",),
).view()


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # what a page gives is any response
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.ASK_ADMISSION)
def ask(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Asks to be admitted, or leads to what was asked."""
    actor = actor_of(request)
    found = public_consultation(actor, consultation)
    known = queries.own_admission(actor, found)
    if known is not None:
        return redirect(to("admission", organisation, known.pk))
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AskAdmissionForm(*given, lots=[(lot.number, str(lot)) for lot in lots_of(found)])
    if request.method == "POST" and form.is_valid():
        try:
            files = [taken(request, form, name) for name in ("document", "second", "third")]
            made = admitting.ask_admission(
                actor=keyed(request, form.key),
                consultation=found,
                lots=form.cleaned_data.get("lots", []),
                text=form.cleaned_data["text"],
                files=[key for key in files if key],
            )
            return redirect(to("admission", organisation, made.pk))
        except (Invalid, Conflict, TooLate) as refusal:
            form.write_refusal(refusal)
    context = {
        "consultation": found,
        "form": form,
        "takes_requests": queries.takes_requests(found, actor.now()),
        "days": int(law_on(legal_day(actor.now())).rules[admitting.EXAMINATION].value),
    }
    return render(
        request, "procurement/enterprise/ask_admission.html", context, status=422 if form.errors else 200
    )


@require_safe
@page(Procurement.HOLD_ADMISSION)
def theirs(request: HttpRequest, organisation: str, admission: UUID) -> HttpResponse:
    """Where the enterprise's request stands."""
    one = queries.held_admission(actor_of(request), admission)
    context: dict[str, Any] = {
        "admission": one,
        "state": words.state_of(states.ADMISSION, one.state),
        "lots": [lot for lot in lots_of(one.consultation) if lot.number in one.lots],
        "files": one.files.select_related("document"),
        "may_leave": states.ADMISSION.allows(one.state, "leave"),
    }
    return render(request, "procurement/enterprise/admission.html", context)


def _their_place(request: HttpRequest, organisation: str, admission: UUID) -> Place:
    found = queries.held_admission(actor_of(request), admission)
    return Place(arguments={"admission": found}, after=to("admission", organisation, found.pk))


leave = Button(
    permission=Procurement.HOLD_ADMISSION,
    verb=admitting.leave_system,
    done=gettext_lazy("Your enterprise has left; it may ask again at any time."),
    load=_their_place,
).view()
