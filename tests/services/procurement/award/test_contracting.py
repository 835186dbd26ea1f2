"""The contract: authority, signature, State, notification, execution, changes; each refused before its turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from territoires.contracts.procurement_contracts import ContractChanged as Changed
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import system_actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.services.procurement.actions import knowing, open_data
from territoires.services.procurement.actions.contracts import (
    changing,
    executing,
    notifying,
    preparing,
    signatures,
    subcontracting,
)
from territoires.services.procurement.actions.numbering import numbers_taken
from territoires.services.procurement.models import Contract
from territoires.services.procurement.queries import award as queries
from territoires.services.procurement.queries.holding import first_holders, present_holders
from tests.services.procurement.award.conftest import (
    REASON,
    Case,
    make_case,
    make_representative,
    set_state,
)
from tests.services.procurement.conftest import make_body, receive, rows


def awarded(case: Case) -> Case:
    return case.examine().note().rank().award()


def told(case: Case) -> Case:
    return awarded(case).tell()


def standing(case: Case) -> Case:
    """Formal, told, and the standstill over."""
    return case.examine().note().rank().award_by_committee().award().tell().later(days=20)


def fresh(contract: Contract) -> Contract:
    contract.refresh_from_db()
    return contract


def signed(case: Case) -> Contract:
    contract = case.prepare_contract()
    case.sign(contract, "holder")
    return case.sign(contract, "buyer")


def waiting(contract: Contract, enterprise: Any = None) -> list[str]:
    """What the holder, or another enterprise, finds on its desk."""
    items = rows("worklist.Item").filter(
        organisation_id=enterprise or contract.holder_id, subject_id=contract.pk
    )
    assert all(one.address.endswith(f"/{contract.pk}/") for one in items)
    return [one.kind.removeprefix("contract-holder-") for one in items]


def in_force(case: Case) -> Contract:
    contract = signed(told(case))
    notifying.send_to_holder(actor=case.buyer, contract=contract)
    holder = next(one for one in case.bidders if one.organisation == contract.holder_id)
    return notifying.acknowledge_contract(actor=holder.at(case.at), contract=contract)


# -- signature ----------------------------------------------------------------------------------------------------------


def test_nobody_of_the_body_signs_before_the_candidates_were_told(case: Case) -> None:
    awarded(case)
    contract = case.prepare_contract()
    with pytest.raises(Conflict, match="candidates-not-told"):
        case.sign(contract, "buyer")


def test_the_standstill_blocks_the_buyers_signature_and_says_until_when(formal_case: Case) -> None:
    case = formal_case.examine().note().rank().award_by_committee().award().tell()
    contract = case.prepare_contract()
    case.sign(contract, "holder")  # the enterprise may sign before
    with pytest.raises(Conflict, match="standstill") as refusal:
        case.sign(contract, "buyer")
    assert refusal.value.params["days"] == 11
    due = queries.standstill_of(case.consultation, _law(case))
    assert (
        due is not None and refusal.value.params["day"] == due.sign_from
    )  # a day, which each reader reads in words
    assert due is not None and due.until is not None and due.sign_from is not None
    case.at = case.at.replace(
        year=due.until.year, month=due.until.month, day=due.until.day, hour=22, minute=30
    )
    with pytest.raises(Conflict, match="standstill"):
        case.sign(contract, "buyer")  # 23:30 in Paris on the last day
    case.later(hours=1)
    assert case.sign(contract, "buyer").state == "signed"


def _law(case: Case) -> Any:
    from territoires.services.procurement.queries.law import law_on

    return law_on(case.at.date())


def test_the_authority_to_sign_is_executory_already(case: Case) -> None:
    told(case)
    draft = case.authority(public_on=None)
    document = receive(case.buyer, b"%PDF-1.4 marche", "marche.pdf")
    preparing.prepare_contract(actor=case.buyer, contract=case.contract, document=document.pk)
    with pytest.raises(Conflict, match="authority-missing"):
        case.sign(case.contract, "buyer")
    with pytest.raises(Conflict, match="authority-not-executory"):
        preparing.choose_authority(actor=case.buyer, contract=case.contract, act=draft.pk)
    unreceived = case.authority(received_on=None, number="DEL_2027_005")
    with pytest.raises(Conflict, match="authority-not-executory"):
        preparing.choose_authority(actor=case.buyer, contract=case.contract, act=unreceived.pk)
    later = case.authority(public_on=case.at.date() + timedelta(days=3), number="DEL_2027_006")
    with pytest.raises(Conflict, match="authority-not-executory"):
        preparing.choose_authority(actor=case.buyer, contract=case.contract, act=later.pk)
    stranger = case.authority(organisation=make_body("Autre", "217104394").pk)
    with pytest.raises(Exception, match="no-act"):
        preparing.choose_authority(actor=case.buyer, contract=case.contract, act=stranger.pk)


def test_an_authority_withdrawn_meanwhile_no_longer_holds(case: Case) -> None:
    told(case)
    contract = case.prepare_contract()
    rows("t_procurement.KnownAct").update(withdrawn_on=case.at.date())
    with pytest.raises(Conflict, match="authority-not-executory"):
        case.sign(contract, "buyer")


def test_an_authority_of_elsewhere_is_declared_with_its_day(case: Case) -> None:
    told(case)
    with pytest.raises(Invalid, match="authority-refused"):
        preparing.choose_authority(actor=case.buyer, contract=case.contract, declared="DEL 12")
    chosen = preparing.choose_authority(
        actor=case.buyer, contract=case.contract, declared="DEL 12", declared_on=date(2026, 6, 5)
    )
    assert (chosen.authority_kind, chosen.authority_number) == ("declared", "DEL 12 (05/06/2026)")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"signed_on": date(2027, 1, 1)}, "signature-refused"),
        ({"signed_on": date(2027, 3, 1)}, "signature-refused"),
        ({"name": " "}, "signature-refused"),
    ],
)
def test_a_signature_that_cannot_be_is_refused(case: Case, values: dict[str, Any], code: str) -> None:
    told(case)
    contract = case.prepare_contract()
    with pytest.raises(Invalid, match=code):
        case.sign(contract, "holder", **values)


def test_a_contract_without_file_is_not_put_before_anybody(case: Case) -> None:
    told(case)
    with pytest.raises(Conflict, match="contract-without-file"):
        signatures.ask_signatures(actor=case.buyer, contract=case.contract)
    with pytest.raises(Invalid, match="signature-refused"):
        case.sign(case.contract, "holder")
    contract = case.prepare_contract()
    signatures.ask_signatures(actor=case.buyer, contract=contract)
    item = rows("worklist.Item").get(subject_id=contract.pk, kind="contract-to-sign")
    assert item.address.endswith(f"/contracts/{contract.pk}/sign/")
    assert waiting(contract) == ["signs"]
    case.sign(contract, "holder")
    assert waiting(contract) == []
    signatures.ask_signatures(actor=case.buyer, contract=contract)
    assert waiting(contract) == [], "it has signed"


def test_each_side_signs_once_and_the_second_signature_concludes(case: Case) -> None:
    told(case)
    contract = case.prepare_contract()
    assert case.sign(contract, "holder").state == "signing"
    with pytest.raises(Conflict, match="already-signed"):
        case.sign(contract, "holder")
    done = case.sign(contract, "buyer")
    assert (done.state, done.manner, done.signed_on) == ("signed", "hand", date(2027, 1, 12))
    with pytest.raises(Conflict):
        preparing.prepare_contract(actor=case.buyer, contract=done, number="X")


def test_an_enterprise_cannot_sign_for_the_body(case: Case) -> None:
    told(case)
    contract = case.prepare_contract()
    holder = next(one for one in case.bidders if one.organisation == contract.holder_id)
    for side, means in (("buyer", "electronic"), ("holder", "hand")):
        signature = signatures.Signature(side, means, case.at.date(), "Manon Modèle")
        with pytest.raises(Conflict, match="not-your-side"):
            signatures.record_holder_signature(
                actor=holder.at(case.at), contract=contract, signature=signature
            )
    other = next(one for one in case.bidders if one.organisation != contract.holder_id)
    with pytest.raises(Denied):
        signatures.record_holder_signature(actor=other, contract=contract, signature=signature)


# -- State and notification ---------------------------------------------------------------------------------------------


def test_below_the_threshold_nothing_goes_to_the_state(case: Case) -> None:
    contract = signed(told(case))  # 100 000 + 100 000: below 216 000
    assert not contract.must_be_received and contract.act is None
    assert notifying.send_to_holder(actor=case.buyer, contract=contract).state == "notifying"


def test_the_threshold_looks_at_all_lots_together(db: None) -> None:
    case = make_case()
    case.examine()
    rows("t_procurement.Bid").update(price=Decimal(108_000))
    case.note().rank().award().tell()
    contract = signed(case)
    assert contract.amount < 216_000 and contract.must_be_received
    assert contract.transmit_until == date(2027, 1, 27)


def test_nothing_is_notified_before_the_state_acknowledged_it(formal_case: Case) -> None:
    case = standing(formal_case)
    rows("t_procurement.Contract").update(amount=Decimal(300_000))
    contract = signed(case)
    assert contract.must_be_received and contract.act is not None
    with pytest.raises(Conflict, match="state-first"):
        notifying.send_to_holder(actor=case.buyer, contract=contract)
    machine = system_actor("follower", organisation=contract.organisation_id).at(case.at)
    knowing.mark_transmitted(actor=machine, contract=contract, act=contract.act)
    with pytest.raises(Conflict, match="state-first"):
        notifying.send_to_holder(actor=case.buyer, contract=fresh(contract))
    knowing.mark_received(actor=machine, contract=contract, act=contract.act, received_on=case.at.date())
    assert notifying.send_to_holder(actor=case.buyer, contract=fresh(contract)).state == "notifying"
    with pytest.raises(Denied):
        knowing.mark_received(
            actor=case.buyer, contract=contract, act=contract.act, received_on=case.at.date()
        )


def test_a_refusal_of_the_state_brings_the_contract_back(formal_case: Case) -> None:
    case = standing(formal_case)
    rows("t_procurement.Contract").update(amount=Decimal(300_000))
    contract = signed(case)
    machine = system_actor("follower", organisation=contract.organisation_id).at(case.at)
    assert contract.act is not None
    knowing.mark_transmitted(actor=machine, contract=contract, act=contract.act)
    assert knowing.mark_returned(actor=machine, contract=contract, act=contract.act).state == "signed"
    with pytest.raises(Conflict, match="state-first"):
        notifying.send_to_holder(actor=case.buyer, contract=fresh(contract))


def test_the_database_itself_refuses_a_contract_in_force_without_both(formal_case: Case) -> None:
    case = standing(formal_case)
    rows("t_procurement.Contract").update(amount=Decimal(300_000))
    contract = signed(case)
    for values in ({"state": "notified"}, {"state": "execution", "notified_on": case.at.date()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows("t_procurement.Contract").filter(pk=contract.pk).update(**values)


def test_the_holder_receives_it_and_that_instant_is_the_notification(case: Case) -> None:
    contract = signed(told(case))
    holder = next(one for one in case.bidders if one.organisation == contract.holder_id)
    with pytest.raises(Conflict):
        notifying.acknowledge_contract(actor=holder.at(case.at), contract=contract)
    notifying.send_to_holder(actor=case.buyer, contract=contract)
    assert waiting(contract) == ["receives"]
    stranger = next(one for one in case.bidders if one.organisation != contract.holder_id)
    with pytest.raises(Denied):
        notifying.acknowledge_contract(actor=stranger.at(case.at), contract=contract)
    case.later(days=2)
    notified = notifying.acknowledge_contract(actor=holder.at(case.at), contract=contract)
    assert (notified.state, notified.notified_on) == ("notified", date(2027, 1, 14))
    assert (notified.notified_by_id, notified.notification_proof) == (holder.person, "platform")
    assert waiting(contract) == []


def test_a_receipt_on_paper_is_recorded_with_its_day(case: Case) -> None:
    contract = signed(told(case))
    notifying.send_to_holder(actor=case.buyer, contract=contract)
    case.later(days=3)
    for day in (date(2027, 1, 11), date(2027, 1, 16)):
        with pytest.raises(Invalid, match="delivery-refused"):
            notifying.record_delivery(actor=case.buyer, contract=contract, received_on=day)
    done = notifying.record_delivery(actor=case.buyer, contract=contract, received_on=date(2027, 1, 13))
    assert (done.notified_on, done.notification_proof) == (date(2027, 1, 13), "delivery")
    assert waiting(contract) == []


# -- execution ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until", ["drafted", "signed", "sent"])
def test_nothing_is_carried_out_before_the_notification(case: Case, until: str) -> None:
    told(case)
    contract = case.contract
    if until != "drafted":
        contract = signed(case)
    if until == "sent":
        contract = notifying.send_to_holder(actor=case.buyer, contract=contract)
    begin: dict[str, Any] = {"actor": case.buyer, "contract": contract, "started_on": case.at.date()}
    with pytest.raises(Conflict, match="not-in-force"):
        executing.begin_execution(**begin)
    with pytest.raises(Conflict, match="not-in-force"):
        changing.conclude_change(
            actor=case.buyer,
            contract=contract,
            ground="low",
            object="X",
            reason=REASON,
            amount=Decimal(1),
            signed_on=case.at.date(),
        )


def test_a_contract_begins_changes_and_ends(case: Case) -> None:
    contract = in_force(case)
    case.later(days=10)
    with pytest.raises(Invalid, match="day-refused"):
        executing.begin_execution(actor=case.buyer, contract=contract, started_on=date(2027, 1, 1))
    begun = executing.begin_execution(actor=case.buyer, contract=contract, started_on=date(2027, 1, 20))
    assert begun.state == "execution"
    with pytest.raises(Invalid, match="reason-missing"):
        executing.end_contract(
            actor=case.buyer, contract=begun, ended_on=date(2027, 1, 22), end_kind="terminated"
        )
    done = {"actor": case.buyer, "contract": begun, "end_kind": "done"}
    with pytest.raises(Invalid, match="day-refused"):
        executing.end_contract(**done, ended_on=date(2027, 1, 19))
    with pytest.raises(Invalid, match="amount-refused"):
        executing.end_contract(**done, ended_on=date(2027, 1, 22), final_amount=Decimal(-1))
    ended = executing.end_contract(
        actor=case.buyer,
        contract=begun,
        ended_on=date(2027, 1, 22),
        end_kind="done",
        final_amount=Decimal(99_000),
    )
    assert (ended.state, ended.final_amount) == ("ended", Decimal(99_000))
    with pytest.raises(Conflict):
        executing.end_contract(actor=case.buyer, contract=ended, ended_on=date(2027, 1, 22), end_kind="done")


def changed(case: Case, contract: Contract, **values: Any) -> Any:
    return changing.conclude_change(
        **{
            "actor": case.buyer,
            "contract": contract,
            "ground": "low",
            "object": "Reprise d'un chéneau",
            "reason": REASON,
            "amount": Decimal(9_000),
            "signed_on": case.at.date(),
        }
        | values
    )


def test_a_change_within_the_limits_is_sent_to_the_holder_and_received(case: Case) -> None:
    contract = in_force(case)
    made = changed(case, contract)
    assert (made.number, made.new_amount, made.must_be_received) == (1, Decimal(109_000), False)
    changed(case, contract, amount=Decimal(100))
    holder = next(one for one in case.bidders if one.organisation == contract.holder_id)
    changing.acknowledge_change(actor=holder.at(case.at), contract=contract, number=2)
    assert waiting(contract) == ["receives-change"], "the first one"
    received = changing.acknowledge_change(actor=holder.at(case.at), contract=contract, number=1)
    assert waiting(contract) == []
    assert received.notified_on == case.at.date()
    with pytest.raises(Conflict, match="change-received"):
        changing.acknowledge_change(actor=holder.at(case.at), contract=contract, number=1)
    assert queries.present_amount(contract) == Decimal(109_100)


def test_a_new_holder_takes_the_place_of_one_of_those_who_hold_the_contract(case: Case) -> None:
    contract = in_force(case)
    lead = next(iter(present_holders(contract)))
    partner, new = "38103128500491", "55204599900869"
    contract.holders.create(siret=partner, name="Zinguerie Essai")
    given = {"ground": "holder", "amount": Decimal(0), "new_holder_name": "Couverture Exemple"}
    for siret, replaced, code in (
        (new, "", "replaced-unknown"),
        (new, "21710438900002", "replaced-unknown"),
        (partner, lead, "holder-already"),
    ):
        with pytest.raises(Invalid) as refused:
            changed(case, contract, **given, new_holder_siret=siret, replaced_siret=replaced)
        assert [one.code for one in refused.value.faults] == [code]
    changed(case, contract, **given, new_holder_siret=new, replaced_siret=partner)
    assert list(present_holders(contract)) == [lead, new]
    assert fresh(contract).holder.siret == lead, "who leads receives and signs for all of them"


NEW = "55204599900869"


def passed_on(case: Case, contract: Contract) -> Any:
    """The change by which another enterprise takes the place of the one that holds the contract alone."""
    given: dict[str, Any] = {"ground": "holder", "amount": Decimal(0), "new_holder_siret": NEW}
    return changed(case, contract, **given, new_holder_name="Couverture Exemple")


def test_what_waits_goes_to_the_desk_of_the_new_holder_and_the_former_one_reads_what_it_signed(
    case: Case,
) -> None:
    contract = in_force(case)
    former = next(one for one in case.bidders if one.organisation == contract.holder_id).at(case.at)
    changed(case, contract)
    enterprise = rows("identity.Organisation").create(
        reference=NEW, siren=NEW[:9], siret=NEW, name="Couverture Exemple", kind="enterprise"
    )
    new = make_representative(enterprise).at(case.at)
    with pytest.raises(Missing):
        queries.their_contract(new, contract.pk)
    passed_on(case, contract)
    assert waiting(contract, former.organisation) == []
    assert waiting(contract, enterprise.pk) == ["receives-change"]
    with pytest.raises(Denied):
        changing.acknowledge_change(actor=former, contract=contract, number=1)
    for number in (1, 2):
        changing.acknowledge_change(
            actor=new, contract=queries.held_contract(new, contract.pk), number=number
        )
    changed(case, contract, amount=Decimal(100))
    with pytest.raises(Missing):
        queries.held_contract(former, contract.pk)
    before, now = (queries.shown_to(one, queries.their_contract(one, contract.pk)) for one in (former, new))
    assert [one.number for one in before.changes] == [1, 2] and not before.is_holder
    assert [one.number for one in now.changes] == [1, 2, 3] and now.is_holder
    assert (before.present_amount, now.present_amount) == (Decimal(109_000), Decimal(109_100))
    assert contract in queries.post_of(former).contracts and contract in queries.post_of(new).contracts
    facts = [one.facts for one in journal.timeline(contract.consultation_id) if one.kind == Changed.KIND]
    assert [(one.get("new_holder_siret"), one.get("replaced_siret")) for one in facts][1] == (
        NEW,
        next(iter(first_holders(contract))),
    )
    notifications = rows("notifications.Notification").filter(template="procurement/contract_changed")
    told = notifications.values_list("organisation_id", flat=True)
    assert sorted(told) == sorted([former.organisation, enterprise.pk, enterprise.pk])


def test_a_new_holder_unknown_here_is_notified_on_paper_and_finds_the_contract_when_it_signs_up(
    case: Case,
) -> None:
    contract = in_force(case)
    passed_on(case, contract)
    said = {"actor": case.buyer, "contract": contract, "number": 1}
    with pytest.raises(Invalid, match="delivery-refused"):
        changing.record_change_delivery(**said, received_on=case.at.date() + timedelta(days=1))
    assert changing.record_change_delivery(**said, received_on=case.at.date()).notified_on == case.at.date()
    with pytest.raises(Conflict, match="change-received"):
        changing.record_change_delivery(**said, received_on=case.at.date())
    entered = fresh(contract).holder
    assert (entered.reference, entered.name, entered.kind) == (NEW, "Couverture Exemple", "enterprise")
    assert queries.post_of(make_representative(entered).at(case.at)).contracts == [contract]


def test_two_changes_of_holder_sent_the_other_way_round_lead_to_the_last_one(case: Case) -> None:
    contract = in_force(case)
    rows("t_procurement.Contract").filter(pk=contract.pk).update(
        must_be_received=True, received_on=case.at.date()
    )
    passed_on(case, fresh(contract))
    given: dict[str, Any] = {"ground": "holder", "amount": Decimal(0), "new_holder_name": "Zinguerie Essai"}
    changed(case, contract, **given, new_holder_siret="38103128500491")
    first = contract.holder.siret
    rows("t_procurement.ContractChange").filter(contract=contract).update(received_on=case.at.date())
    for number, holder in ((2, first), (1, "38103128500491")):
        changing.send_change(actor=case.buyer, contract=contract, number=number)
        assert fresh(contract).holder.siret == holder


def test_a_change_beyond_the_limits_is_refused_with_what_it_exceeds(case: Case) -> None:
    contract = in_force(case)
    changed(case, contract)
    for values, code in (
        ({"amount": Decimal(6_000)}, "change-not-low"),
        ({"ground": "additional", "amount": Decimal(50_001)}, "change-over-half"),
        ({"ground": "holder", "amount": Decimal(0)}, "change-without-holder"),
        ({"signed_on": date(2027, 1, 1)}, "change-date"),
        ({"ground": "clause", "amount": Decimal("999999999999.99")}, "amount-large"),
        ({"ground": "clause", "months": -4}, "change-to-no-duration"),
    ):
        with pytest.raises(Invalid) as refusal:
            changed(case, contract, **values)
        assert code in {one.code for one in refusal.value.faults}
    assert len(queries.changes_of(contract)) == 1


def test_more_than_five_percent_of_what_the_committee_awarded_asks_its_opinion(formal_case: Case) -> None:
    case = standing(formal_case)
    contract = signed(case)
    notifying.send_to_holder(actor=case.buyer, contract=contract)
    notifying.record_delivery(actor=case.buyer, contract=contract, received_on=case.at.date())
    with pytest.raises(Invalid) as refusal:
        changed(case, contract, amount=Decimal(6_000))
    assert [one.code for one in refusal.value.faults] == ["committee-opinion"]
    assert changed(case, contract, amount=Decimal(6_000), committee_agreed=True).number == 1


def subcontracted(case: Case, contract: Contract, **values: Any) -> Any:
    return subcontracting.declare_subcontractor(
        **{
            "actor": case.buyer,
            "contract": contract,
            "siret": "21710438900002",
            "name": "Zinguerie Essai",
            "services": "Zinguerie",
            "amount": Decimal(20_000),
        }
        | values
    )


def test_a_subcontractor_is_decided_within_twenty_one_days(case: Case) -> None:
    contract = in_force(case)
    made = subcontracted(case, contract, siret="217104389 00002")
    assert made.is_paid_directly and made.state == "asked"
    item = rows("worklist.Item").get(subject_id=made.pk)
    assert item.due_at is not None and (item.due_at - case.at).days in (21, 22)
    done = subcontracting.decide_subcontractor(actor=case.buyer, contract=contract, number=1, accepted=True)
    assert (done.state, done.decided_on) == ("accepted", case.at.date())
    with pytest.raises(Conflict, match="subcontractor-decided"):
        subcontracting.decide_subcontractor(actor=case.buyer, contract=contract, number=1, accepted=False)


def test_nobody_subcontracts_to_itself_nor_lowers_the_price_with_vat_to_pay_nothing_directly(
    case: Case,
) -> None:
    contract = in_force(case)
    rows("t_procurement.ContractHolder").filter(contract=contract).update(siret="55204599900869")
    for values, code in (
        ({"siret": "55204599900869"}, "subcontractor-holder"),
        ({"siret": "21710438900002", "amount_with_vat": Decimal(100)}, "subcontract-vat"),
    ):
        with pytest.raises(Invalid) as refused:
            subcontracted(case, contract, **values)
        assert [one.code for one in refused.value.faults] == [code]
    assert not rows("t_procurement.Subcontract").filter(contract=contract).exists()


def test_a_contract_is_not_subcontracted_whole_nor_for_nothing(case: Case) -> None:
    contract = in_force(case)
    siret = "21710438900002"
    for amount in (Decimal(0), Decimal(100_000)):
        with pytest.raises(Invalid, match="subcontract-refused"):
            subcontracted(case, contract, siret=siret, amount=amount)
    with pytest.raises(Invalid, match="siret-wrong"):
        subcontracted(case, contract, siret="123")
    small = subcontracted(case, contract, siret=siret, amount=Decimal("599.99"))
    assert not small.is_paid_directly
    assert subcontracted(
        case, contract, siret=siret, amount=Decimal(500), amount_with_vat=Decimal(600)
    ).is_paid_directly


def test_a_refused_subcontractor_has_its_reason(case: Case) -> None:
    contract = in_force(case)
    subcontracted(case, contract, siret="21710438900002")
    with pytest.raises(Invalid, match="reason-missing"):
        subcontracting.decide_subcontractor(actor=case.buyer, contract=contract, number=1, accepted=False)
    done = subcontracting.decide_subcontractor(
        actor=case.buyer, contract=contract, number=1, accepted=False, reason=REASON
    )
    assert (done.state, done.reason) == ("refused", REASON)


def test_invoices_bear_what_the_body_says(case: Case) -> None:
    contract = in_force(case)
    said = executing.set_invoicing(
        actor=case.buyer, contract=contract, siret="", service_code="ECOLES", commitment_number="2027-18"
    )
    assert (said.service_code, said.commitment_number) == ("ECOLES", "2027-18")
    with pytest.raises(Invalid, match="siret-wrong"):
        executing.set_invoicing(actor=case.buyer, contract=contract, siret="217104389")


def test_one_lot_given_up_lets_the_other_go_on(case: Case) -> None:
    told(case)
    first, second = queries.contracts_of(case.consultation)
    preparing.give_up_contract(actor=case.buyer, contract=first, reason=REASON)
    case.prepare_contract(second)
    case.sign(second, "holder")
    case.sign(second, "buyer")
    assert case.fresh().state == "signed"


def test_the_consultation_follows_its_least_advanced_contract(case: Case) -> None:
    told(case)
    first, second = queries.contracts_of(case.consultation)
    for contract in (first, second):
        case.prepare_contract(contract, f"%PDF-1.4 {contract.number}".encode())
        case.sign(contract, "holder")
    case.sign(first, "buyer")
    assert case.fresh().state == "decided"
    case.sign(second, "buyer")
    assert case.fresh().state == "signed"
    set_state(case.consultation, "signed")
    for contract in (first, second):
        notifying.send_to_holder(actor=case.buyer, contract=fresh(contract))
        notifying.record_delivery(actor=case.buyer, contract=fresh(contract), received_on=case.at.date())
    assert case.fresh().state == "notified"


@pytest.mark.parametrize("number", ["2027-18", "ROOF_1"])
def test_a_number_of_ones_own_is_taken_once(case: Case, number: str) -> None:
    told(case)
    first, second = queries.contracts_of(case.consultation)
    preparing.prepare_contract(actor=case.buyer, contract=first, number=number)
    with pytest.raises(Conflict, match="number-taken"):
        preparing.prepare_contract(actor=case.buyer, contract=second, number=number)
    with pytest.raises(Invalid, match="contract-refused"):
        preparing.prepare_contract(actor=case.buyer, contract=second, number="un numéro bien trop long")


def test_the_holder_reads_its_contract_and_not_the_pieces_for_the_state(case: Case) -> None:
    told(case)
    report = receive(case.buyer, b"%PDF-1.4 analyse des autres offres", "rapport.pdf")
    contract = preparing.prepare_contract(
        actor=case.buyer,
        contract=case.prepare_contract(),
        pieces=[(report.pk, "11_RA")],
    )
    assert queries.file_of_contract(contract, report.sha256) == report
    holder = next(one for one in case.bidders if one.organisation == contract.holder_id)
    assert queries.file_for_holder(holder, contract, contract.sha256) == contract.document
    with pytest.raises(Missing):
        queries.file_for_holder(holder, contract, report.sha256)


def test_the_holder_learns_of_its_contract_by_its_letter_and_by_nothing_before(case: Case) -> None:
    awarded(case)
    contract = case.prepare_contract()
    holder = next(one for one in case.bidders if one.organisation == contract.holder_id).at(case.at)
    with pytest.raises(Missing, match="no-contract"):
        queries.held_contract(holder, contract.pk)
    assert queries.post_of(holder).contracts == []
    with pytest.raises(Conflict, match="candidates-not-told"):
        signatures.ask_signatures(actor=case.buyer, contract=contract)
    assert not rows("t_procurement.Told").filter(about=contract.pk).exists()
    case.tell()
    assert queries.held_contract(holder, contract.pk) == contract
    assert contract in queries.post_of(holder).contracts
    signatures.ask_signatures(actor=case.buyer, contract=contract)
    assert rows("t_procurement.Told").filter(about=contract.pk).exists()


def test_a_record_written_beforehand_becomes_that_of_the_contract(case: Case) -> None:
    told(case).sign_all()
    machine = replace(
        system_actor("worker", organisation=case.consultation.organisation_id), clock=case.buyer.clock
    )
    contract, other = rows("t_procurement.Contract").filter(consultation=case.consultation).order_by("number")
    given = {"organisation_id": contract.organisation_id, "kind": "marche", "source": "entered"}
    typed, elsewhere = (
        rows("t_procurement.OpenRecord").create(
            identifier=number,
            revision=1,
            written_at=case.at,
            content={"id": number, "marcheInnovant": True},
            **given,
        )
        for number in (contract.number, "AILLEURS-1")
    )
    written = open_data.write_contract_record(actor=machine, contract=contract)
    assert (written.pk, written.contract, written.source) == (typed.pk, contract.pk, "platform")
    assert written.content["marcheInnovant"] is True and written.content["montant"] == contract.amount
    assert open_data.write_contract_record(actor=machine, contract=contract).pk == typed.pk
    assert elsewhere.identifier in numbers_taken(contract.organisation_id)
    assert contract.number not in numbers_taken(contract.organisation_id, contract.pk)
    assert open_data.write_contract_record(actor=machine, contract=other).pk != typed.pk
