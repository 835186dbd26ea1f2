"""The record of a contract of the platform, from its rows: what is known is told as the format defines it, the rest lacks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from territoires.kernel.actor import system_actor
from territoires.kernel.clock import fixed_clock, legal_day
from territoires.services.procurement.actions import open_data
from territoires.services.procurement.models import OpenRecord
from territoires.services.procurement.queries import open_data as open_data_queries
from territoires.services.procurement.queries.open_data import ASKED
from tests.services.procurement.award.conftest import Case, make_case
from tests.services.procurement.conftest import rows

from .conftest import HOLDER, PARTNER, SIRET, make_buyer

pytestmark = pytest.mark.usefixtures("db", "rules")
CHANGED = {"ground": "additional", "object": "Préau", "reason": "Le préau neuf s'ajoute aux locaux."}


def signed(**values: Any) -> Case:
    """A contract signed and notified, of a buyer and a holder whose SIRETs have keys that hold."""
    body, _actor = make_buyer()
    case = make_case(body=body, **values)
    case.examine().note().rank().award().tell().later(days=12).sign_all()
    rows("t_procurement.Contract").filter(pk=case.contract.pk).update(
        state="notified", notified_on=legal_day(case.at), notified_at=case.at, received_on=legal_day(case.at)
    )
    rows("t_procurement.ContractHolder").filter(contract=case.contract).delete()
    hold(case, HOLDER)
    return case


def hold(case: Case, siret: str) -> None:
    rows("t_procurement.ContractHolder").create(contract=case.contract, siret=siret, name=siret)


def written(case: Case) -> OpenRecord:
    actor = system_actor("follower", organisation=case.consultation.organisation_id)
    return open_data.write_contract_record(
        actor=replace(actor, clock=fixed_clock(case.at)), contract=case.contract
    )


def complete(case: Case, record: OpenRecord) -> OpenRecord:
    """The buyer says what it alone knows."""
    says = json.loads(Path(__file__).with_name("sound_record.json").read_text())
    return open_data.write_record(
        actor=case.buyer,
        organisation=case.consultation.organisation,
        kind=record.kind,
        record=record.content | {name: says[name] for name in ASKED if name in says},
        key=record.pk,
    )


def change(case: Case, number: int, **values: Any) -> None:
    day = legal_day(case.at)
    rows("t_procurement.ContractChange").create(
        contract=case.contract,
        number=number,
        new_amount=0,
        signed_on=day,
        recorded_at=case.at,
        **CHANGED | {"notified_on": day} | values,
    )


def subcontract(case: Case, number: int, asked_on: date, **values: Any) -> None:
    rows("t_procurement.Subcontract").create(
        contract=case.contract,
        number=number,
        siret=PARTNER,
        name="Zinguerie Essai",
        services="Zinguerie",
        amount=Decimal(20_000),
        is_paid_directly=True,
        state="accepted",
        asked_on=asked_on,
        decided_on=asked_on,
        recorded_at=case.at,
        **values,
    )


def test_a_record_bears_the_day_on_which_it_could_first_be_read_and_keeps_it() -> None:
    case = signed()
    record = written(case)
    case.later(days=3)
    first = complete(case, record).content["datePublicationDonnees"]
    assert first == legal_day(case.at).isoformat(), "what lacked something was read by nobody"
    case.later(days=5)
    assert written(case).content["datePublicationDonnees"] == first


def test_what_changes_is_told_beside_what_was_told_at_first() -> None:
    case = signed(duration_months=12)
    rows("t_procurement.Contract").filter(pk=case.contract.pk).update(duration_months=None)
    complete(case, written(case))
    case.later(days=3)
    change(case, 1, amount=Decimal(6_000))
    change(case, 2, months=3, new_holder_siret=PARTNER, new_holder_name="Couverture Exemple")
    change(case, 3, amount=Decimal(1_000), notified_on=None)
    content = written(case).content
    day = legal_day(case.at).isoformat()
    dates = {"dateNotificationModification": day, "datePublicationDonneesModification": day}
    assert (content["montant"], content["dureeMois"]) == (100_000, 12)
    assert [one["modification"] for one in content["modifications"]] == [
        {"id": 1, "montant": 106_000} | dates,
        {
            "id": 2,
            "dureeMois": 15,
            "titulaires": [{"titulaire": {"id": PARTNER, "typeIdentifiant": "SIRET"}}],
        }
        | dates,
    ]
    case.later(days=3)
    assert written(case).content["modifications"] == content["modifications"]


def test_a_change_of_holder_tells_all_who_hold_the_contract_after_it() -> None:
    """The schema: « Liste des titulaires après la modification »."""
    case = signed()
    hold(case, PARTNER)
    complete(case, written(case))
    for number, (leaving, new) in enumerate([(PARTNER, SIRET), (HOLDER, PARTNER)], start=1):
        change(case, number, ground="holder", new_holder_siret=new, replaced_siret=leaving)
    record = written(case)
    record.content["typeGroupementOperateurs"] = "Solidaire"
    told = [one["modification"]["titulaires"] for one in record.content["modifications"]]
    assert [[one["titulaire"]["id"] for one in after] for after in told] == [
        [SIRET, HOLDER],
        [SIRET, PARTNER],
    ]
    assert [one["titulaire"]["id"] for one in record.content["titulaires"]] == [PARTNER, HOLDER]
    assert not open_data_queries.present_faults(record, legal_day(case.at))


def test_a_framework_agreement_tells_its_maximum() -> None:
    case = signed(technique="framework", framework_maximum=Decimal(400_000))
    assert written(case).content["montant"] == 100_000, "the maximum is that of all lots together"
    rows("t_procurement.Contract").filter(pk=case.contract.pk).update(lot=None)
    change(case, 1, amount=Decimal(6_000))
    content = written(case).content
    assert content["techniques"] == {"technique": ["Accord-cadre"]} and content["montant"] == 400_000
    assert content["modifications"][0]["modification"]["montant"] == 406_000


def test_subcontracting_is_declared_as_it_was_at_the_notification_and_told_as_it_comes() -> None:
    case = signed()
    notified = legal_day(case.at)
    assert written(case).content["sousTraitanceDeclaree"] is False
    case.later(days=3)
    subcontract(case, 1, notified + timedelta(days=1), duration_months=2, price_variation="firm")
    subcontract(case, 2, notified + timedelta(days=2))
    content = complete(case, written(case)).content
    assert content["sousTraitanceDeclaree"] is False
    first, second = (one["acteSousTraitance"] for one in content["actesSousTraitance"])
    assert (first["dureeMois"], first["variationPrix"], first["montant"]) == (2, "Ferme", 20_000)
    assert not {"dureeMois", "variationPrix"} & set(second), "nobody said them"
    second |= {"dureeMois": 3, "variationPrix": "Révisable"}
    record = OpenRecord.objects.get(contract=case.contract.pk)
    complete(case, OpenRecord(pk=record.pk, kind=record.kind, content=content))
    day = legal_day(case.at).isoformat()
    case.later(days=3)
    again = written(case).content["actesSousTraitance"]
    assert [one["acteSousTraitance"]["datePublicationDonnees"] for one in again] == [day, day]
    assert again[1]["acteSousTraitance"]["variationPrix"] == "Révisable"

    rows("t_procurement.Subcontract").filter(number=1).update(asked_on=notified)
    assert written(case).content["sousTraitanceDeclaree"] is True


def test_what_the_platform_does_not_know_is_asked_and_stays_as_the_buyer_said_it() -> None:
    case = signed()
    hold(case, PARTNER)
    drafts = rows("t_procurement.BidDraft").filter(bidder=case.contract.holder_id)
    record = written(case)
    assert "typeGroupementOperateurs" not in record.content
    record.content |= {
        "typeGroupementOperateurs": "Solidaire",
        "techniques": {"technique": ["Enchère électronique", "Sans objet"]},
        "nature": "Marché de partenariat",
        "origineUE": 0.4,
    }
    record.save()
    content = written(case).content
    assert content["techniques"] == {"technique": ["Enchère électronique"]}
    assert (content["nature"], content["origineUE"]) == ("Marché de partenariat", 0.4)
    forms = {
        "": "Solidaire",
        "joint": "Conjoint",
        "joint_lead_liable": "Conjoint",
        "several": "Solidaire",
    }
    for form, expected in forms.items():
        drafts.update(consortium=form)
        assert written(case).content["typeGroupementOperateurs"] == expected
