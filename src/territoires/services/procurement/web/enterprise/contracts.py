"""The contracts of an enterprise: to read, to sign, to receive."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.foundations.trust import api as trust

from ...actions.contracts import changing, notifying
from ...domain import contract_life as states
from ...domain import signing
from ...permissions import Procurement
from ...queries import award as queries
from ..after_opening import words
from ..contracts.key import ContractKeyForm, sign_with_key
from ..gesture import Button, Place
from ..requests import actor_of
from .post import to


@trust.reads_key_file
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.READ_HELD_CONTRACT)
def contract(request: HttpRequest, organisation: str, contract: UUID) -> HttpResponse:
    """A contract of the enterprise: to read, to sign with one's own key, to receive, then what invoices must bear."""
    found = queries.their_contract(actor_of(request), contract)
    shown = queries.shown_to(actor_of(request), found)
    signatures = queries.signatures_of(found)
    form = ContractKeyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and sign_with_key(request, found, signing.HOLDER, form):
        messages.success(request, _("The contract bears your signature."))
        return redirect(to("contract", organisation, found.pk))
    context = {
        "contract": found,
        "state": words.contract_state(found.state),
        "signatures": signatures,
        "may_sign": found.state in (states.DRAFTED, states.SIGNING)
        and found.document is not None
        and signing.HOLDER in signing.awaited(one.side for one in signatures),
        "waits_for_buyer": found.state == states.DRAFTED and found.document is None,
        "to_receive": found.state == states.NOTIFYING,
        "is_holder": shown.is_holder,
        "in_force": shown.is_holder and found.state in states.BINDING,
        "worth": words.manner_worth(found.manner),
        "changes": shown.changes,
        "subcontracts": shown.subcontracts,
        "present_amount": shown.present_amount,
        "form": form,
    }
    return render(
        request, "procurement/award/their_contract.html", context, status=422 if form.errors else 200
    )


def _held_place(request: HttpRequest, organisation: str, contract: UUID, **number: int) -> Place:
    found = queries.held_contract(actor_of(request), contract)
    return Place(arguments={"contract": found, **number}, after=to("contract", organisation, found.pk))


receive = Button(
    permission=Procurement.HOLD_CONTRACT,
    verb=notifying.acknowledge_contract,
    done=gettext_lazy("You received the contract: it is in force."),
    load=_held_place,
).view()


receive_change = Button(
    permission=Procurement.HOLD_CONTRACT,
    verb=changing.acknowledge_change,
    done=gettext_lazy("You received the change: it takes effect."),
    load=_held_place,
).view()


@require_safe
@page(Procurement.READ_HELD_CONTRACT)
def contract_file(request: HttpRequest, organisation: str, contract: UUID, sha256: str) -> HttpResponseBase:
    """A file of the contract."""
    actor = actor_of(request)
    found = queries.their_contract(actor, contract)
    return documents.download_response(queries.file_for_holder(actor, found, sha256), request)
