"""The signature desk is a port: another service answers it, and what it tells is recorded in the order of the law."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from territoires.contracts.signature_desk import (
    SideSigned,
    SignatureDesk,
    SignatureRequested,
    Signing,
    ToSign,
)
from territoires.foundations.journal import api as journal
from territoires.foundations.registry.api import Manifest, manifests
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from territoires.services.procurement.actions.contracts import preparing, signatures
from territoires.services.procurement.models import Contract
from territoires.services.procurement.queries.signing import PlainDesk, desk
from territoires.services.procurement.subscriptions import follow_signature
from tests.services.procurement.award.conftest import Case
from tests.services.procurement.conftest import receive, rows


class Parapheur:
    """Another service that has documents signed."""

    def __init__(self) -> None:
        self.asked: list[tuple[Subject, tuple[ToSign, ...], tuple[str, ...], UUID]] = []

    def request(
        self,
        *,
        actor: Actor,
        about: Subject,
        documents: Sequence[ToSign],
        circuit: Sequence[Signing],
        matter: UUID,
    ) -> SignatureRequested:
        self.asked.append((about, tuple(documents), tuple(one.side for one in circuit), matter))
        return SignatureRequested(new_id(), "/parapheur/42/")


PARAPHEUR = Parapheur()


@pytest.fixture
def parapheur(monkeypatch: pytest.MonkeyPatch) -> Parapheur:
    PARAPHEUR.asked.clear()
    manifest = Manifest(
        code="parapheur",
        label="",
        summary="",
        audiences=(),
        ports={SignatureDesk: f"{__name__}.PARAPHEUR"},
    )
    monkeypatch.setitem(manifests(), "parapheur", manifest)
    return PARAPHEUR


@pytest.fixture
def awarded(case: Case) -> Contract:
    """A contract with its file and its authority, today: the platform's own clock is that of the follower."""
    case.at = system_clock()
    case.examine().note().rank().award()
    document = receive(case.buyer, b"%PDF-1.4 marche", "marche.pdf")
    preparing.prepare_contract(actor=case.buyer, contract=case.contract, document=document.pk)
    return preparing.choose_authority(
        actor=case.buyer, contract=case.contract, declared="DEL 2026 12", declared_on=date(2026, 6, 5)
    )


@pytest.fixture
def told(case: Case, awarded: Contract) -> Contract:
    """The candidates were told: both sides may sign."""
    case.tell()
    return awarded


def tell(case: Case, contract: Contract, side: str, means: str, source: str) -> None:
    """The desk's fact, as the follower reads it."""
    signed = receive(case.buyer, f"%PDF-1.4 signed {side}".encode(), "signe.pdf")
    fact = SideSigned(
        subject=Subject("parapheur.request", new_id()),
        matter=contract.consultation_id,
        about_type="procurement.contract",
        about=contract.pk,
        side=side,
        means=means,
        signed_on=legal_day(case.at),
        document=signed.pk,
        source=source,
        content=signed.sha256,
        name="Paul Essai" if side == "buyer" else "Manon Modèle",
        quality="maire" if side == "buyer" else "gérante",
    )
    key = journal.append(fact, actor=system_actor("parapheur", organisation=contract.organisation_id))
    (entry,) = [one for one in journal.timeline(contract.consultation_id) if one.id == key]
    follow_signature(
        journal.Recorded(
            seq=0,
            id=key,
            kind=entry.kind,
            version=1,
            at=case.at,
            organisation=contract.organisation_id,
            actor=entry.actor,
            subject_type="parapheur.request",
            subject_id=entry.subject_id,
            matter=contract.consultation_id,
            facts=entry.facts,
            files=entry.files,
        )
    )


def test_without_another_service_a_plain_page_stands_in() -> None:
    assert isinstance(desk(), PlainDesk)


def test_the_service_that_answers_the_port_is_asked(case: Case, told: Contract, parapheur: Parapheur) -> None:
    signatures.ask_signatures(actor=case.buyer, contract=told)
    ((about, documents, sides, matter),) = parapheur.asked
    assert (about, matter) == (told.subject, case.consultation.pk)
    assert sides == ("holder", "buyer")
    assert [(one.document, one.sha256) for one in documents] == [(told.document_id, told.sha256)]
    item: Any = rows("worklist.Item").get(kind="contract-to-sign")
    assert item.address == "/parapheur/42/"


def test_what_the_desk_tells_concludes_the_contract(case: Case, told: Contract) -> None:
    tell(case, told, "holder", "hand", "")
    told.refresh_from_db()
    assert told.state == "signing"
    tell(case, told, "buyer", "electronic", told.sha256)
    told.refresh_from_db()
    assert (told.state, told.manner) == ("signed", "mixed")
    assert told.signatory == "Paul Essai, maire"


def test_the_desk_too_signs_in_the_order_of_the_law(case: Case, awarded: Contract) -> None:
    with pytest.raises(Conflict, match="candidates-not-told"):
        tell(case, awarded, "buyer", "hand", "")
    case.tell()
    with pytest.raises(Conflict, match="file-changed-meanwhile"):
        tell(case, awarded, "holder", "electronic", "0" * 64)
