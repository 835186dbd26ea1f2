"""From opened bids to a contract carried out, through the book, the real service of acts and the simulated ministry."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from territoires.foundations.journal import api as journal
from territoires.kernel.clock import fixed_clock, legal_day, system_clock
from territoires.services.legality.actions import publishing, signing, transmitting
from territoires.services.legality.models import Act, Transmission
from territoires.services.legality.queries.proofs import timeline_of
from territoires.services.procurement.actions.contracts import changing, executing, notifying, preparing
from territoires.services.procurement.queries import award as queries
from tests.services.legality.conftest import pdf
from tests.services.legality.transmission.conftest import (  # noqa: F401
    Town,
    is_in,
    live_town,
    ministry,
    running_ministry,
    send_waiting,
)
from tests.services.procurement.award.conftest import make_case
from tests.services.procurement.conftest import receive, rows
from tests.waiting import until


def follow() -> None:
    """The sequencer numbers what was written, and every follower reads it."""
    while journal.sequence_once():
        pass
    while journal.follow_once():
        pass
    assert not journal.dead_letters()


def to_the_state(town: Town, act: Act) -> None:
    """An agent has the act leave, and the ministry acknowledges it."""
    transmitting.prepare_transmission(actor=town.clerk, act=act)
    transmitting.confirm_transmission(actor=town.clerk, act=act)
    transmission = Transmission.objects.get(act=act)
    send_waiting()
    until(is_in(transmission, "acknowledged"))
    follow()


def assert_one_matter(consultation: Any, acts: list[Act]) -> None:
    """The consultation, the contract and its act are one matter; the page of an act tells of that act alone."""
    every = {one.id for one in journal.timeline(consultation.pk)}
    steps = [{step.entry for step in timeline_of(act)} for act in acts]
    assert all(act.matter == consultation.pk for act in acts)
    assert all(len(found) >= 4 and found <= every for found in steps)
    assert not steps[0] & steps[1]


def test_from_the_opened_bids_to_the_executed_contract(live_town: Town) -> None:  # noqa: F811
    town = live_town
    town.clerk = replace(town.clerk, services=frozenset({"legality", "procurement"}))

    # the council authorises the mayor to sign: a deliberation, published and received by the State
    deliberation = town.act("DEL_2026_041")
    publishing.publish_act(actor=town.clerk, act=deliberation)
    to_the_state(town, deliberation)
    (authority,) = queries.authorities_of(town.body.pk)
    assert authority.number == "DEL_2026_041" and authority.is_executory

    case = make_case(
        body=town.body,
        procedure="open",
        main_procurement_category="services",
        estimated_value=Decimal(900_000),
    )
    case.at = system_clock() - timedelta(days=45)
    case.examine()
    rows("t_procurement.Bid").filter(price=100_000).update(price=Decimal(150_000))
    case.note().rank().award_by_committee().award().tell()
    assert case.fresh().state == "standstill"

    # the standstill is over; both sides sign today
    case.at = system_clock()
    contracts = queries.contracts_of(case.consultation)
    for contract in contracts:
        file = receive(case.buyer, pdf(f"marche {contract.number}"), "marche.pdf")
        terms = receive(case.buyer, pdf(f"cctp {contract.number}"), "cctp.pdf")
        preparing.prepare_contract(
            actor=case.buyer, contract=contract, document=file.pk, pieces=[(terms.pk, "11_TP")]
        )
        preparing.choose_authority(actor=case.buyer, contract=contract, act=authority.pk)
        case.sign(contract, "holder")
        signed = case.sign(contract, "buyer")
        assert signed.must_be_received and signed.act is not None
    assert case.fresh().state == "signed"

    # the service of acts drafts one act for each, of the right nature, its pieces typed; replayed, it drafts no other
    follow()
    for contract in contracts:
        contract.refresh_from_db()
        act = Act.objects.get(pk=contract.act)
        assert (act.nature, act.matter_code, act.main_type, act.state) == ("4", "1.1", "11_AE", "draft")
        assert [one.piece_type for one in act.annexes.all()] == ["11_TP"]
        assert act.main_sha256 == contract.sha256
        assert any(one.kind == "legality.act.proposed" for one in journal.timeline(case.consultation.pk))
        signing.declare_signed(actor=town.clerk, act=act, signed_on=legal_day(case.at), original_is_kept=True)
        to_the_state(town, act)
        contract.refresh_from_db()
        assert contract.state == "received" and contract.received_on == legal_day(system_clock())
    assert case.fresh().state == "acknowledged"
    assert Act.objects.filter(nature="4").count() == 2
    assert_one_matter(case.consultation, [Act.objects.get(pk=one.act) for one in contracts])

    # only then the notification, its receipt, the execution
    holder = next(one for one in case.bidders if one.organisation == contracts[0].holder_id)
    for contract in contracts:
        notifying.send_to_holder(actor=case.buyer, contract=contract)
        notifying.acknowledge_contract(actor=replace(holder, clock=fixed_clock(case.at)), contract=contract)
        executing.begin_execution(actor=case.buyer, contract=contract, started_on=legal_day(case.at))
    assert case.fresh().state == "execution"

    # a change of a contract that went to the State goes there too, and is notified afterwards
    avenant = receive(case.buyer, pdf("avenant 1"), "avenant.pdf")
    change: Any = changing.conclude_change(
        actor=case.buyer,
        contract=contracts[0],
        ground="low",
        object="Reprise d'un chéneau",
        reason="Le chéneau s'est révélé percé.",
        amount=Decimal(5_000),
        signed_on=legal_day(case.at),
        document=avenant.pk,
    )
    follow()
    to_declare = Act.objects.get(pk=change.act)
    assert to_declare.main_type == "10_AV"
    assert to_declare.number == f"{Act.objects.get(pk=contracts[0].act).number}_2"
    signing.declare_signed(
        actor=town.clerk, act=to_declare, signed_on=legal_day(case.at), original_is_kept=True
    )
    to_the_state(town, to_declare)
    assert changing.send_change(actor=case.buyer, contract=contracts[0], number=1).received_on is not None

    for contract in contracts:
        executing.end_contract(
            actor=case.buyer, contract=contract, ended_on=legal_day(case.at), end_kind="done"
        )
    assert case.fresh().state == "ended"
    kinds = [one.kind for one in journal.timeline(case.consultation.pk)]
    order = (
        "procurement.offers.ranked",
        "procurement.meeting.closed",
        "procurement.lot.decided",
        "procurement.letters.sent",
        "procurement.contract.signed",
        "legality.act.signed",
        "legality.transmission.acknowledged",
        "procurement.contract.received-by-state",
        "procurement.contract.notified",
        "procurement.contract.begun",
        "procurement.contract.ended",
    )
    places = [kinds.index(kind) for kind in order]
    assert places == sorted(places)
