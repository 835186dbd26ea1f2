"""Before and at the signature: the file, the authority, both sides, by hand or electronically."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from territoires.foundations.registry.api import page
from territoires.foundations.trust import api as trust
from territoires.ui.dates import short_date

from ...actions.contracts import preparing, signatures
from ...domain import signing
from ...permissions import Procurement
from ...queries import award as queries
from ..forms import ReasonForm
from ..gesture import Button, GesturePage, Place, taken
from ..requests import actor_of
from .contracts import SIGNING, contract_shown, to_contract
from .forms import AuthorityForm, ContractForm, HandForm
from .key import ContractKeyForm, sign_with_key


def _contract_read(request: HttpRequest, form: Any) -> dict[str, Any]:
    piece = taken(request, form, "piece")
    return {
        "number": form.cleaned_data["number"],
        "document": taken(request, form),
        "pieces": [(piece, form.cleaned_data["piece_type"] or "99_AU")] if piece else [],
    }


prepare_contract = GesturePage(
    permission=Procurement.SIGN_CONTRACT,
    verb=preparing.prepare_contract,
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


def _authority_place(request: HttpRequest, organisation: str, contract: UUID) -> Place:
    """The acts that empower, and where they are found by their object."""
    place = SIGNING(request, organisation, contract)
    known = queries.authorities_of(place.context["contract"].organisation_id)
    address = f"/o/{organisation}/legality/?nature=1" if known else ""
    return replace(place, context={**place.context, "known": known, "acts_address": address})


def _authority_form(request: HttpRequest, place: Place, *data: Any) -> AuthorityForm:
    choices = [
        (str(one.pk), f"{one.number} ({short_date(one.decided_on)})")
        for one in place.context["known"]
        if one.decided_on
    ]
    return AuthorityForm(*data, choices=choices)


def _authority_read(request: HttpRequest, form: Any) -> dict[str, Any]:
    act = form.cleaned_data["act"]
    if act:
        return {"act": UUID(act)}
    return {"declared": form.cleaned_data["declared"], "declared_on": form.cleaned_data["declared_on"]}


choose_authority = GesturePage(
    permission=Procurement.SIGN_CONTRACT,
    verb=preparing.choose_authority,
    title=gettext_lazy("By which act the signatory may sign"),
    meaning=gettext_lazy(
        "A deliberation that authorises the contract, or a delegation to the mayor or president. It is executory already:"
        " published, and received by the prefecture."
    ),
    button=gettext_lazy("Save the authority"),
    done=gettext_lazy("The authority is saved."),
    load=_authority_place,
    template="procurement/award/authority.html",
    make=_authority_form,
    read=_authority_read,
).view()


ask_signatures = Button(
    permission=Procurement.SIGN_CONTRACT,
    verb=signatures.ask_signatures,
    done=gettext_lazy("The signatures are asked: the enterprise is told."),
    load=SIGNING,
).view()


def _hand_read(request: HttpRequest, form: Any) -> dict[str, Any]:
    values = form.cleaned_data
    return {
        "signature": signatures.Signature(
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
    verb=signatures.record_signature,
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
    form=HandForm,
    read=_hand_read,
).view()


@trust.reads_key_file
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.SIGN_CONTRACT)
def sign(request: HttpRequest, organisation: str, contract: UUID) -> HttpResponse:
    """The stand-in of the signature desk: what signing means, by hand or with one's own key."""
    found = queries.contract_of(actor_of(request), contract, Procurement.SIGN_CONTRACT)
    form = ContractKeyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and sign_with_key(request, found, signing.BUYER, form):
        messages.success(request, _("The contract bears your signature."))
        return redirect(to_contract(found))
    context = {**contract_shown(request, found), "form": form}
    return render(request, "procurement/award/sign.html", context, status=422 if form.errors else 200)


give_up = GesturePage(
    permission=Procurement.SIGN_CONTRACT,
    verb=preparing.give_up_contract,
    title=gettext_lazy("Give up concluding the contract"),
    meaning=gettext_lazy("The enterprise withdrew, or cannot. Another contract of the consultation goes on."),
    button=gettext_lazy("Record it"),
    done=gettext_lazy("It is recorded."),
    load=SIGNING,
    form=ReasonForm,
    fields=("reason",),
).view()
