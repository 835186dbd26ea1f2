"""From the notification to the end: sent, received, begun, changed, subcontracted, invoiced, ended."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from ...actions.contracts import changing, executing, notifying, subcontracting
from ...permissions import Procurement
from ...queries.holding import present_holders
from ..forms import ReasonForm
from ..gesture import Button, GesturePage, Place, taken
from .contracts import CARRYING, day_of
from .forms import ChangeForm, DayForm, EndContractForm, InvoicingForm, SubcontractForm

send = Button(
    permission=Procurement.CARRY_OUT,
    verb=notifying.send_to_holder,
    done=gettext_lazy("The contract was sent to its holder: it takes effect when the holder receives it."),
    load=CARRYING,
).view()


delivery = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=notifying.record_delivery,
    title=gettext_lazy("The holder received it otherwise"),
    meaning=gettext_lazy(
        "Handed over against a receipt, or by registered letter: the day on that receipt is the notification."
    ),
    button=gettext_lazy("Record the receipt"),
    done=gettext_lazy("The contract is notified: it is in force."),
    legal=True,
    load=CARRYING,
    form=DayForm,
    read=day_of("received_on"),
).view()


begin = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=executing.begin_execution,
    title=gettext_lazy("The execution begins"),
    meaning=gettext_lazy(
        "From the notification on, never before: the day on which the work, or the service, began."
    ),
    button=gettext_lazy("Record the beginning"),
    done=gettext_lazy("The contract is being carried out."),
    load=CARRYING,
    form=DayForm,
    read=day_of("started_on"),
).view()


def _change_form(_request: HttpRequest, place: Place, *data: Any) -> ChangeForm:
    holders = present_holders(place.arguments["contract"])
    form = ChangeForm(*data, choices=[(siret, f"{name} ({siret})") for siret, name in holders.items()])
    if len(holders) == 1:
        del form.fields["replaced_siret"]
    return form


def _change_read(request: HttpRequest, form: Any) -> dict[str, Any]:
    names = (
        "ground",
        "object",
        "reason",
        "amount",
        "months",
        "signed_on",
        "new_holder_siret",
        "new_holder_name",
        "committee_agreed",
    )
    given = {name: form.cleaned_data[name] for name in names}
    given["replaced_siret"] = form.cleaned_data.get("replaced_siret", "")
    return given | {"document": taken(request, form)}


def _numbered_place(request: HttpRequest, organisation: str, contract: UUID, number: int) -> Place:
    """A change, or a subcontractor, of a contract."""
    place = CARRYING(request, organisation, contract)
    return replace(place, arguments={**place.arguments, "number": number})


change = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=changing.conclude_change,
    title=gettext_lazy("A change of the contract (avenant)"),
    meaning=gettext_lazy(
        "A contract changes on six grounds alone, each with its limits; beyond them a new procedure is due."
    ),
    button=gettext_lazy("Record the change"),
    done=gettext_lazy("The change is recorded."),
    legal=True,
    load=CARRYING,
    form=ChangeForm,
    make=_change_form,
    read=_change_read,
).view()


send_change = Button(
    permission=Procurement.CARRY_OUT,
    verb=changing.send_change,
    done=gettext_lazy("The change was sent to the holder."),
    load=_numbered_place,
).view()


change_delivery = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=changing.record_change_delivery,
    title=gettext_lazy("The holder received it otherwise"),
    meaning=gettext_lazy(
        "Handed over against a receipt, or by registered letter: the day on that receipt is the notification."
    ),
    button=gettext_lazy("Record the receipt"),
    done=gettext_lazy("The change is notified: it takes effect."),
    legal=True,
    load=_numbered_place,
    form=DayForm,
    read=day_of("received_on"),
).view()


def _subcontract_read(request: HttpRequest, form: Any) -> dict[str, Any]:
    names = (
        "siret",
        "name",
        "services",
        "amount",
        "amount_with_vat",
        "rank",
        "duration_months",
        "price_variation",
    )
    return {name: form.cleaned_data[name] for name in names} | {"document": taken(request, form)}


subcontract = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=subcontracting.declare_subcontractor,
    title=gettext_lazy("A subcontractor (DC4)"),
    meaning=gettext_lazy(
        "The holder presents it; you accept it and its terms of payment, or refuse it, within twenty-one days: after"
        " that, silence accepts (CCP R2193-4)."
    ),
    button=gettext_lazy("Record the request"),
    done=gettext_lazy("The subcontractor waits for your decision."),
    load=CARRYING,
    form=SubcontractForm,
    read=_subcontract_read,
).view()


accept_subcontractor = Button(
    permission=Procurement.CARRY_OUT,
    verb=partial(subcontracting.decide_subcontractor, accepted=True),
    done=gettext_lazy("The subcontractor is accepted; the holder is told."),
    load=_numbered_place,
).view()


refuse_subcontractor = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=partial(subcontracting.decide_subcontractor, accepted=False),
    title=gettext_lazy("Refuse the subcontractor"),
    meaning=gettext_lazy("The holder reads the reason."),
    button=gettext_lazy("Refuse"),
    done=gettext_lazy("The subcontractor is refused; the holder is told."),
    load=_numbered_place,
    form=ReasonForm,
    fields=("reason",),
).view()


def _invoicing_form(request: HttpRequest, place: Place, *data: Any) -> InvoicingForm:
    one = place.context["contract"]
    initial = {
        "siret": one.invoicing_siret or one.organisation.siret,
        "service_code": one.service_code,
        "commitment_number": one.commitment_number,
    }
    return InvoicingForm(*data, initial=initial)


invoicing = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=executing.set_invoicing,
    title=gettext_lazy("What invoices must bear"),
    meaning=gettext_lazy("The holder reads it on its page and writes it on each invoice in Chorus Pro."),
    button=gettext_lazy("Save"),
    done=gettext_lazy("It is saved; the holder reads it on its page."),
    load=CARRYING,
    make=_invoicing_form,
    fields=("siret", "service_code", "commitment_number"),
).view()


end = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=executing.end_contract,
    title=gettext_lazy("The contract ends"),
    meaning=gettext_lazy(
        "Its file is kept from this day on: five years, ten for works (CCP R2184-12, R2184-13)."
    ),
    button=gettext_lazy("Record the end"),
    done=gettext_lazy("The contract is ended."),
    load=CARRYING,
    form=EndContractForm,
    read=lambda request, form: {
        "ended_on": form.cleaned_data["day"],
        **{name: form.cleaned_data[name] for name in ("end_kind", "final_amount", "reason")},
    },
).view()
