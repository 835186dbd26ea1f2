"""Electronic signatures of a contract: one's own key, verified, one side or both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Denied
from territoires.services.procurement.actions.contracts import keys, preparing
from territoires.services.procurement.models import Contract
from territoires.services.procurement.queries import award as queries
from tests.services.legality.conftest import pdf
from tests.services.procurement.award.conftest import Case
from tests.services.procurement.conftest import receive, rows


@pytest.fixture
def waiting(case: Case) -> Contract:
    """A contract whose file is a sound PDF, with its authority, the candidates told."""
    case.at = system_clock()
    case.examine().note().rank().award().tell()
    document = receive(case.buyer, pdf("marche"), "marche.pdf")
    preparing.prepare_contract(actor=case.buyer, contract=case.contract, document=document.pk)
    return preparing.choose_authority(
        actor=case.buyer, contract=case.contract, declared="DEL 2026 12", declared_on=date(2026, 6, 5)
    )


def key_of(actor: Actor, organisation: Any, **named: str) -> trust.SigningKey:
    person = rows("identity.Person").get(pk=actor.person)
    names = {"given_names": person.given_names, "usual_name": person.usual_name} | named
    file = trust.issue_demonstration_certificate(
        **names, organisation_name=organisation.name, siren=organisation.siren, usage="person"
    )
    return trust.open_key_file(*file)


def test_the_enterprise_signs_electronically_and_the_body_by_hand(case: Case, waiting: Contract) -> None:
    holder = next(one for one in case.bidders if one.organisation == waiting.holder_id)
    actor = replace(holder, clock=system_clock)
    key = key_of(actor, waiting.holder)
    contract = queries.held_contract(actor, waiting.pk)
    before = contract.sha256
    signed = keys.sign_contract(actor=actor, contract=contract, side="holder", key=key, quality="gérante")
    assert signed.state == "signing" and signed.sha256 != before
    (given,) = queries.signatures_of(signed)
    assert (given.side, given.means, given.certificate) == ("holder", "electronic", key.card.fingerprint)
    with pytest.raises(Conflict, match="already-signed"):
        keys.sign_contract(
            actor=actor,
            contract=queries.held_contract(actor, waiting.pk),
            side="holder",
            key=key,
            quality="gérante",
        )
    assert case.sign(signed, "buyer").manner == "mixed"


def test_nobody_signs_with_the_key_of_another(case: Case, waiting: Contract) -> None:
    holder = next(one for one in case.bidders if one.organisation == waiting.holder_id)
    key = key_of(holder, waiting.holder, usual_name="Ailleurs")
    with pytest.raises(Denied, match="key-of-another-person"):
        keys.sign_contract(
            actor=replace(holder, clock=system_clock),
            contract=queries.held_contract(holder, waiting.pk),
            side="holder",
            key=key,
            quality="gérante",
        )
    assert queries.signatures_of(waiting) == []


def test_both_sides_sign_the_same_file_and_both_hold(case: Case, waiting: Contract) -> None:
    holder = next(one for one in case.bidders if one.organisation == waiting.holder_id)
    body = rows("identity.Organisation").get(pk=waiting.organisation_id)
    for actor, organisation, side, find in (
        (replace(holder, clock=system_clock), waiting.holder, "holder", queries.held_contract),
        (
            replace(case.secretary, clock=system_clock),
            body,
            "buyer",
            lambda who, key: queries.contract_of(who, key),
        ),
    ):
        done = keys.sign_contract(
            actor=actor,
            contract=find(actor, waiting.pk),
            side=side,
            key=key_of(actor, organisation),
            quality="signataire",
        )
    assert (done.state, done.manner) == ("signed", "electronic")
