"""The contracts of the body, and the page of one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.clock import legal_day

from ...domain import contract_life as states
from ...domain import signing
from ...domain.contract_life import CONTRACT
from ...models import Contract
from ...permissions import Procurement
from ...queries import award as queries
from ...queries.addressees import people_of
from ...queries.changing import ARTICLES
from ...queries.holding import present_holders
from ...queries.law import law_on
from ...queries.signing import signature_obstacles
from ..after_opening import words
from ..gesture import Place
from ..requests import actor_of
from ..words import article_of
from .forms import GROUNDS

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
    return render(request, "procurement/award/contract.html", contract_shown(request, one))


def contract_shown(request: HttpRequest, one: Contract) -> dict[str, Any]:
    actor = actor_of(request)
    today = legal_day(actor.now())
    signatures = queries.signatures_of(one)
    grounds = dict(GROUNDS)
    before_signature = one.state in (states.DRAFTED, states.SIGNING)
    obstacles = signature_obstacles(one, today, law_on(today)) if before_signature else []
    changes = queries.changes_of(one)
    waits = one.state == states.NOTIFYING or any(
        row.sent_to_holder_at and row.notified_on is None for row in changes
    )
    return {
        "contract": one,
        "consultation": one.consultation,
        "state": words.contract_state(one.state),
        "authority": words.authority(one.authority_number),
        "signatures": signatures,
        "awaited": signing.awaited(row.side for row in signatures),
        "obstacles": [words.finding(row) for row in obstacles],
        "worth": words.manner_worth(one.manner),
        "pieces": list(one.pieces.select_related("document")),
        "holders": present_holders(one),
        "changes": [
            {
                "change": row,
                "ground": grounds.get(row.ground, ""),
                "article": article_of(ARTICLES.get(row.ground, "")),
            }
            for row in changes
        ],
        "on_paper": waits and not people_of(one.holder_id, actor.now()),
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


@require_safe
@page(Procurement.READ)
def contract_file(request: HttpRequest, organisation: str, contract: UUID, sha256: str) -> HttpResponseBase:
    """A file of the contract: itself, a piece, a change, a subcontractor's act."""
    found = queries.contract_read(actor_of(request), contract)
    return documents.download_response(queries.file_of_contract(found, sha256), request)


def contract_place(permission: Procurement) -> Callable[..., Place]:
    def load(request: HttpRequest, organisation: str, contract: UUID) -> Place:
        found = queries.contract_of(actor_of(request), contract, permission)
        return Place(
            arguments={"contract": found},
            consultation=found.consultation,
            after=to_contract(found),
            context={"about": f"{found.number} {found.title}", "contract": found},
        )

    return load


SIGNING, CARRYING = contract_place(Procurement.SIGN_CONTRACT), contract_place(Procurement.CARRY_OUT)


def day_of(name: str) -> Callable[[HttpRequest, Any], dict[str, Any]]:
    return lambda request, form: {name: form.cleaned_data["day"]}
