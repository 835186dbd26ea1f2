"""Agents' pages of a contract: its file, its authority, its signatures, the State, the holder, its life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day

from ...actions import contracting, executing
from ...domain import contract_life as states
from ...domain import signing
from ...domain.contract_life import CONTRACT
from ...models import Contract
from ...permissions import Procurement
from ...queries import award as queries
from ...queries.changing import ARTICLES
from ...queries.law import law_on
from ...queries.signing import signature_obstacles
from ..forms import ReasonForm
from ..requests import actor_of
from ..words import article_of
from . import words
from .evaluation import said
from .forms import (
    GROUNDS,
    AuthorityForm,
    ChangeForm,
    ContractForm,
    DayForm,
    EndContractForm,
    HandForm,
    InvoicingForm,
    SubcontractForm,
)
from .gesture import GesturePage, Place, taken
from .signing import KeyForm, reads_key_file, sign_with_key

PAGE = 25


def to_contract(contract: Contract) -> str:
    return reverse(
        "procurement_desk:contract",
        kwargs={"organisation": contract.organisation.reference, "contract": contract.pk},
    )


@require_safe
@page(Procurement.READ)
def contracts(request: HttpRequest, organisation: str) -> HttpResponse:
    """The contracts of the body, the latest first."""
    found = Paginator(queries.contracts_read(actor_of(request)), PAGE).get_page(request.GET.get("page"))
    rows = [{"contract": one, "state": words.contract_state(one.state)} for one in found]
    return render(request, "procurement/award/contracts.html", {"found": found, "rows": rows})


@require_safe
@page(Procurement.READ)
def contract(request: HttpRequest, organisation: str, contract: UUID) -> HttpResponse:
    """A contract: the way it went, what comes next, its pieces, changes and subcontractors."""
    one = queries.contract_read(actor_of(request), contract)
    return render(request, "procurement/award/contract.html", context_of(request, one))


def context_of(request: HttpRequest, one: Contract) -> dict[str, Any]:
    actor = actor_of(request)
    today = legal_day(actor.now())
    signatures = queries.signatures_of(one)
    grounds = dict(GROUNDS)
    before_signature = one.state in (states.DRAFTED, states.SIGNING)
    obstacles = signature_obstacles(one, today, law_on(today)) if before_signature else []
    return {
        "contract": one,
        "consultation": one.consultation,
        "state": words.contract_state(one.state),
        "signatures": signatures,
        "awaited": signing.awaited(row.side for row in signatures),
        "obstacles": [words.finding(row) for row in obstacles],
        "worth": words.manner_worth(one.manner),
        "pieces": list(one.pieces.select_related("document")),
        "holders": list(one.holders.all()),
        "changes": [
            {
                "change": row,
                "ground": grounds.get(row.ground, ""),
                "article": article_of(ARTICLES.get(row.ground, "")),
            }
            for row in queries.changes_of(one)
        ],
        "subcontracts": queries.subcontracts_of(one),
        "present_amount": queries.present_amount(one),
        "act_address": _act_address(one),
        "before_signature": before_signature,
        "in_force": one.state in states.BINDING,
        "may_sign": rights.may(actor, Procurement.SIGN_CONTRACT, one),
        "may_carry_out": rights.may(actor, Procurement.CARRY_OUT, one),
        "allows": {
            verb: CONTRACT.allows(one.state, verb) for verb in ("notify", "receive", "execute", "end")
        },
        "state_first": one.must_be_received and one.received_on is None,
    }


def _act_address(contract: Contract) -> str:
    if contract.act is None:
        return ""
    return f"/o/{contract.organisation.reference}/legality/{contract.act}/"


def _place(permission: Procurement) -> Callable[..., Place]:
    def load(request: HttpRequest, organisation: str, contract: UUID) -> Place:
        found = queries.contract_of(actor_of(request), contract, permission)
        return Place(
            arguments={"contract": found},
            consultation=found.consultation,
            after=to_contract(found),
            context={"about": f"{found.number} {found.title}", "contract": found},
        )

    return load


SIGNING, CARRYING = _place(Procurement.SIGN_CONTRACT), _place(Procurement.CARRY_OUT)


def _contract_read(request: HttpRequest, form: Any) -> dict[str, Any]:
    piece = taken(request, form, "piece")
    return {
        "number": form.cleaned_data["number"],
        "document": taken(request, form),
        "pieces": [(piece, form.cleaned_data["piece_type"] or "99_AU")] if piece else [],
    }


prepare_contract = GesturePage(
    permission=Procurement.SIGN_CONTRACT,
    verb=contracting.prepare_contract,
    title=gettext_lazy("The file of the contract"),
    meaning=gettext_lazy(
        "The contract as one PDF (acte d'engagement and what it holds), and the pieces that go to the prefecture with it,"
        " each with its type."
    ),
    button=gettext_lazy("Save the file"),
    done=gettext_lazy("The file is saved."),
    load=SIGNING,
    make=lambda request, place, *data: ContractForm(
        *data, initial={"number": place.context["contract"].number}
    ),
    read=_contract_read,
).view()


def _authority_form(request: HttpRequest, place: Place, *data: Any) -> AuthorityForm:
    known = queries.authorities_of(place.context["contract"].organisation_id)
    choices = [(str(one.pk), f"{one.number} ({one.decided_on:%d/%m/%Y})") for one in known if one.decided_on]
    return AuthorityForm(*data, choices=choices)


def _authority_read(request: HttpRequest, form: Any) -> dict[str, Any]:
    act = form.cleaned_data["act"]
    if act:
        return {"act": UUID(act)}
    return {"declared": form.cleaned_data["declared"], "declared_on": form.cleaned_data["declared_on"]}


choose_authority = GesturePage(
    permission=Procurement.SIGN_CONTRACT,
    verb=contracting.choose_authority,
    title=gettext_lazy("By which act the signatory may sign"),
    meaning=gettext_lazy(
        "A deliberation that authorises the contract, or a delegation to the mayor or president. It is executory already:"
        " published, and received by the prefecture."
    ),
    button=gettext_lazy("Save the authority"),
    done=gettext_lazy("The authority is saved."),
    load=SIGNING,
    make=_authority_form,
    read=_authority_read,
).view()


@require_POST
@page(Procurement.SIGN_CONTRACT)
def ask_signatures(request: HttpRequest, organisation: str, contract: UUID) -> HttpResponse:
    """Puts the contract before those who sign."""
    found = queries.contract_of(actor_of(request), contract, Procurement.SIGN_CONTRACT)
    return said(
        request,
        lambda: contracting.ask_signatures(actor=actor_of(request), contract=found),
        _("The signatures are asked: the enterprise is told."),
        to_contract(found),
    )


def _hand_read(request: HttpRequest, form: Any) -> dict[str, Any]:
    values = form.cleaned_data
    return {
        "signature": contracting.Signature(
            side=values["side"],
            means=signing.BY_HAND,
            signed_on=values["signed_on"],
            name=values["name"],
            quality=values["quality"],
            document=taken(request, form),
        )
    }


sign_by_hand = GesturePage(
    permission=Procurement.SIGN_CONTRACT,
    verb=contracting.record_signature,
    title=gettext_lazy("Record a signature given by hand"),
    meaning=gettext_lazy(
        "The paper is the contract: the body keeps it, and the scan is its copy here. A signature by hand is as good in"
        " law as an electronic one."
    ),
    button=gettext_lazy("Record the signature"),
    done=gettext_lazy("The signature is recorded."),
    icon="pen-line",
    legal=True,
    load=SIGNING,
    make=lambda request, place, *data: HandForm(*data),
    read=_hand_read,
).view()


@reads_key_file
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.SIGN_CONTRACT)
def sign(request: HttpRequest, organisation: str, contract: UUID) -> HttpResponse:
    """The stand-in of the signature desk: what signing means, by hand or with one's own key."""
    found = queries.contract_of(actor_of(request), contract, Procurement.SIGN_CONTRACT)
    form = KeyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and sign_with_key(request, found, signing.BUYER, form):
        messages.success(request, _("The contract bears your signature."))
        return redirect(to_contract(found))
    context = {**context_of(request, found), "form": form}
    return render(request, "procurement/award/sign.html", context, status=422 if form.errors else 200)


@require_POST
@page(Procurement.CARRY_OUT)
def send(request: HttpRequest, organisation: str, contract: UUID) -> HttpResponse:
    """Sends the signed contract to its holder."""
    found = queries.contract_of(actor_of(request), contract, Procurement.CARRY_OUT)
    return said(
        request,
        lambda: contracting.send_to_holder(actor=actor_of(request), contract=found),
        _("The contract was sent to its holder: it takes effect when the holder receives it."),
        to_contract(found),
    )


def _day(name: str) -> Callable[[HttpRequest, Any], dict[str, Any]]:
    return lambda request, form: {name: form.cleaned_data["day"]}


delivery = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=contracting.record_delivery,
    title=gettext_lazy("The holder received it otherwise"),
    meaning=gettext_lazy(
        "Handed over against a receipt, or by registered letter: the day on that receipt is the notification."
    ),
    button=gettext_lazy("Record the receipt"),
    done=gettext_lazy("The contract is notified: it is in force."),
    legal=True,
    load=CARRYING,
    make=lambda request, place, *data: DayForm(*data),
    read=_day("received_on"),
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
    make=lambda request, place, *data: DayForm(*data),
    read=_day("started_on"),
).view()


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
    return {name: form.cleaned_data[name] for name in names} | {"document": taken(request, form)}


change = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=executing.conclude_change,
    title=gettext_lazy("A change of the contract (avenant)"),
    meaning=gettext_lazy(
        "A contract changes on six grounds alone, each with its limits; beyond them a new procedure is due."
    ),
    button=gettext_lazy("Record the change"),
    done=gettext_lazy("The change is recorded."),
    legal=True,
    load=CARRYING,
    make=lambda request, place, *data: ChangeForm(*data),
    read=_change_read,
).view()


@require_POST
@page(Procurement.CARRY_OUT)
def send_change(request: HttpRequest, organisation: str, contract: UUID, number: int) -> HttpResponse:
    """Sends a change to the holder."""
    found = queries.contract_of(actor_of(request), contract)
    return said(
        request,
        lambda: executing.send_change(actor=actor_of(request), contract=found, number=number),
        _("The change was sent to the holder."),
        to_contract(found),
    )


def _subcontract_read(request: HttpRequest, form: Any) -> dict[str, Any]:
    names = ("siret", "name", "services", "amount", "amount_with_vat", "rank")
    return {name: form.cleaned_data[name] for name in names} | {"document": taken(request, form)}


subcontract = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=executing.declare_subcontractor,
    title=gettext_lazy("A subcontractor (DC4)"),
    meaning=gettext_lazy(
        "The holder presents it; you accept it and its terms of payment, or refuse it, within twenty-one days: after"
        " that, silence accepts (CCP R2193-4)."
    ),
    button=gettext_lazy("Record the request"),
    done=gettext_lazy("The subcontractor waits for your decision."),
    load=CARRYING,
    make=lambda request, place, *data: SubcontractForm(*data),
    read=_subcontract_read,
).view()


@require_POST
@page(Procurement.CARRY_OUT)
def accept_subcontractor(
    request: HttpRequest, organisation: str, contract: UUID, number: int
) -> HttpResponse:
    """Accepts a subcontractor and its terms of payment."""
    found = queries.contract_of(actor_of(request), contract)
    return said(
        request,
        lambda: executing.decide_subcontractor(
            actor=actor_of(request), contract=found, number=number, accepted=True
        ),
        _("The subcontractor is accepted; the holder is told."),
        to_contract(found),
    )


def _subcontractor_place(request: HttpRequest, organisation: str, contract: UUID, number: int) -> Place:
    place = CARRYING(request, organisation, contract)
    arguments = {**place.arguments, "number": number, "accepted": False}
    return Place(
        arguments=arguments, consultation=place.consultation, after=place.after, context=place.context
    )


refuse_subcontractor = GesturePage(
    permission=Procurement.CARRY_OUT,
    verb=executing.decide_subcontractor,
    title=gettext_lazy("Refuse the subcontractor"),
    meaning=gettext_lazy("The holder reads the reason."),
    button=gettext_lazy("Refuse"),
    done=gettext_lazy("The subcontractor is refused; the holder is told."),
    load=_subcontractor_place,
    make=lambda request, place, *data: ReasonForm(*data),
    read=lambda request, form: {"reason": form.cleaned_data["reason"]},
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
    read=lambda request, form: {
        name: form.cleaned_data[name] for name in ("siret", "service_code", "commitment_number")
    },
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
    make=lambda request, place, *data: EndContractForm(*data),
    read=lambda request, form: {
        "ended_on": form.cleaned_data["day"],
        **{name: form.cleaned_data[name] for name in ("end_kind", "final_amount", "reason")},
    },
).view()

give_up = GesturePage(
    permission=Procurement.SIGN_CONTRACT,
    verb=contracting.give_up_contract,
    title=gettext_lazy("The contract will not be concluded"),
    meaning=gettext_lazy("The enterprise withdrew, or cannot. Another contract of the consultation goes on."),
    button=gettext_lazy("Record it"),
    done=gettext_lazy("It is recorded."),
    load=SIGNING,
    make=lambda request, place, *data: ReasonForm(*data),
    read=lambda request, form: {"reason": form.cleaned_data["reason"]},
).view()


@require_safe
@page(Procurement.READ)
def contract_file(request: HttpRequest, organisation: str, contract: UUID, sha256: str) -> HttpResponseBase:
    """A file of the contract: itself, a piece, a change, a subcontractor's act."""
    found = queries.contract_read(actor_of(request), contract)
    return documents.download_response(queries.file_of_contract(found, sha256), request)
