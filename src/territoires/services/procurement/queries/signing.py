"""What stands between an awarded contract and its signature; where its signatories sign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.urls import reverse

from territoires.contracts.signature_desk import (
    MEANS,
    SignatureDesk,
    SignatureRequested,
    Signing,
    ToSign,
)
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import provider
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Missing
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import fold

from ..domain.findings import Finding, Severity, msgid
from ..domain.law import Law
from ..domain.signing import BUYER, HOLDER
from ..models import Contract
from .award import awarded, decision_letters, standstill_of

CIRCUIT = (Signing(HOLDER, MEANS), Signing(BUYER, MEANS))


class PlainDesk:
    """The stand-in for a parapheur: a page of this service, where each side signs by hand or electronically."""

    def request(
        self,
        *,
        actor: Actor,
        about: Subject,
        documents: Sequence[ToSign],
        circuit: Sequence[Signing],
        matter: UUID,
    ) -> SignatureRequested:
        """There is nothing to hand over: the page knows the contract by its id."""
        contract = Contract.objects.select_related("organisation").get(pk=about.id)
        address = reverse(
            "procurement_desk:sign-contract",
            kwargs={"organisation": contract.organisation.reference, "contract": contract.pk},
        )
        return SignatureRequested(new_id(), address)


def desk() -> SignatureDesk:
    """Who has contracts signed: the service that answers the port, or the plain page where none does."""
    found: SignatureDesk = provider(SignatureDesk) or PlainDesk()
    return found


def signature_obstacles(contract: Contract, on: date, law: Law) -> list[Finding]:
    """What forbids the buyer to sign on a day, with the article where a text forbids it; empty when nothing does."""
    consultation = contract.consultation
    if not decision_letters(consultation):
        return [candidates_not_told()]
    due = standstill_of(consultation, law)
    if due is not None and not due.allows(on):
        return [
            _refusal(
                "standstill",
                msgid(
                    "The contract is not signed before %(day)s: the standstill of %(days)d days is running."
                ),
                msgid("Wait for that day; the enterprise may sign before."),
                due.article,
                {"day": due.sign_from, "days": due.days},
            )
        ]
    return []


def candidates_not_told() -> Finding:
    """What forbids to put a contract before anybody: the holder would learn of the award before the others."""
    return _refusal(
        "candidates-not-told",
        msgid("The candidates were not told of the decision yet."),
        msgid("Send the letters first: the order is that of the law."),
        "CCP L2181-1",
    )


def operation_amount(contract: Contract) -> Decimal:
    """What the threshold of transmission looks at: all the lots awarded together, or the maximum of the framework."""
    consultation = contract.consultation
    total = sum((one.amount for one in awarded(consultation) if one.amount is not None), Decimal(0))
    whole: Decimal = max(total, contract.amount, consultation.framework_maximum or Decimal(0))
    return whole


def must_be_received(contract: Contract, law: Law) -> bool:
    """Whether it goes to the State's control of legality before it is notified (CGCT L2131-1, D2131-5-1)."""
    body: Any = contract.organisation
    return (
        body.kind in identity.TERRITORIAL
        and operation_amount(contract) >= law.rules["legality-control"].value
    )


def file_of(contract: Contract, key: UUID) -> Any:
    """A document of the contract's body, whoever brought it. Raises Missing."""
    rows: Any = apps.get_model("documents.Document")._default_manager
    found = rows.filter(pk=key, organisation_id=contract.organisation_id).first()
    if found is None:
        raise Missing("no-document", "This file is no longer here.", "Send it again.")
    return found


def person_of(actor: Actor) -> Any:
    """Who the actor is."""
    people: Any = apps.get_model("identity.Person")._default_manager
    return people.get(pk=actor.person)


def same_person(given_names: str, usual_name: str, person: Any) -> bool:
    """Whether a certificate bears the name of a person: the name, and the first of the first names, without accents."""
    mine = (fold(person.usual_name), fold(person.given_names).partition(" ")[0])
    return (fold(usual_name), fold(given_names).partition(" ")[0]) == mine


def _refusal(
    code: str, message: str, remedy: str, article: str, params: dict[str, object] | None = None
) -> Finding:
    return Finding(
        code=code,
        step="sign",
        field="signed_on",
        severity=Severity.REFUSAL,
        message=message,
        remedy=remedy,
        article=article,
        params=params or {},
    )
