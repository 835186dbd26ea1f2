"""What is called under: a dynamic purchasing system from its call to a contract of it, and a framework agreement."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing, TooLate
from territoires.services.procurement.actions import (
    admitting,
    bidding,
    calling,
    filing,
    negotiating,
    preparing,
    publishing,
    staffing,
    validating,
)
from territoires.services.procurement.actions.contracts import executing, notifying
from territoires.services.procurement.domain import life
from territoires.services.procurement.domain.notices.decp import Format
from territoires.services.procurement.models import Admission, Consultation
from territoires.services.procurement.queries import open_data, readiness, systems
from territoires.services.procurement.queries.invitations import invited_of
from territoires.services.procurement.queries.law import law_on
from territoires.services.procurement.queries.listings import listing_of
from territoires.services.procurement.queries.next_step import due_of, step_of
from territoires.services.procurement.queries.sheets import checked, lots_of
from tests.services.procurement.conftest import make_actor, make_body, receive, rows

from .conftest import (
    DEADLINE,
    REASON,
    Case,
    make_case,
    make_deposit,
    make_enterprise,
    make_representative,
    set_state,
)

LAST = date(2030, 12, 31)


@pytest.fixture(autouse=True)
def officers_are_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "quorum_obstacles", lambda consultation: [])


def system(**values: Any) -> Case:
    """Three first candidatures on two categories, of which the first two are fit."""
    case = make_case(procedure="dynamic", applications_until=DEADLINE, duration_months=48, **values)
    case.examine()
    third = case.consultation.candidacies.get(bidder=case.bidders[2].organisation)
    rows("t_procurement.Candidacy").filter(pk=third.pk).update(state="rejected", reason=REASON)
    return case


def in_force(**values: Any) -> Case:
    case = system(**values)
    admitting.set_up_system(actor=case.buyer, consultation=case.fresh(), in_force_until=LAST)
    case.fresh()
    return case


def body_of(case: Case) -> Any:
    return rows("identity.Organisation").get(pk=case.consultation.organisation_id)


def newcomer(number: int = 1) -> Actor:
    return make_representative(make_enterprise(f"Nouvelle Exemple {number}", 90_000 + number))


def ask(case: Case, who: Actor, **values: Any) -> Admission:
    actor = who.at(case.at)
    given: dict[str, Any] = {
        "lots": [1],
        "files": [receive(actor, f"%PDF-1.4 dc1 {actor.organisation}".encode(), "dc1.pdf").pk],
    }
    return admitting.ask_admission(actor=actor, consultation=case.consultation, **given | values)


def code(case: Case) -> str:
    found = step_of(case.fresh(), legal_day(case.at))
    assert found is not None
    return found.code


def published(case: Case, draft: Consultation, value: int = 90_000) -> Consultation:
    """A contract called under the case's consultation, whose invitations have left."""
    at = legal_day(case.at)
    until = law_on(at).calendar.working_day_from(at + timedelta(days=15))
    values = {
        "reference": f"MS-{rows('t_procurement.Consultation').count()}",
        "estimated_value": Decimal(value),
        "family": draft.title,
        "duration_months": 12,
        "questions_until": at + timedelta(days=5),
        "publish_on": at,
        "tenders_until": DEADLINE.replace(year=until.year, month=until.month, day=until.day),
    }
    preparing.revise_consultation(actor=case.buyer, consultation=draft, values=values)
    document = receive(case.buyer, f"%PDF-1.4 {draft.pk}".encode())
    filing.add_document(actor=case.buyer, consultation=draft, document=document.pk, kind="rules")
    draft.refresh_from_db()
    for one in checked(draft, at).standings:
        if not one.finding.stops:
            validating.override_warning(
                actor=case.buyer, consultation=draft, finding=one.finding.key, reason=REASON
            )
    draft.refresh_from_db()
    done = validating.validate_consultation(actor=case.buyer, consultation=draft)
    publishing.publish_consultation(actor=case.buyer, consultation=done)
    draft.refresh_from_db()
    return draft


def concluded(case: Case, called: Consultation, bidders: list[Actor]) -> Any:
    """From the sealed bids to the contract in force."""
    for number, bidder in enumerate(bidders, start=1):
        rows("t_procurement.BidDraft").filter(consultation=called, bidder=bidder.organisation).delete()
        make_deposit(called, bidder, [], number=number)
    set_state(called, "analysis", closed_at=case.at)
    child = Case(called, case.secretary, case.evaluators, bidders, case.at)
    for one in case.evaluators:
        staffing.join_team(actor=case.buyer, consultation=called, person=one.person, role="evaluate")
    child.examine().note().rank().award().tell().sign_all()
    contract = child.contract
    notifying.send_to_holder(actor=child.buyer, contract=contract)
    notifying.acknowledge_contract(actor=bidders[0].at(child.at), contract=contract)
    contract.refresh_from_db()
    return contract


def sound_record(contract: Any, shared_data: Path) -> Any:
    """The essential data of a contract, which the official schema takes once the buyer has said what it alone knows."""
    kind, record = open_data.content_for(contract, legal_day(contract.notified_at))
    buyer_says = json.loads(Path(__file__).parents[1].joinpath("notices/sound_record.json").read_text())
    record |= {name: buyer_says[name] for name in open_data.ASKED if name in buyer_says}
    official = Format(
        json.loads((shared_data / "procurement/decp/schema_decp_v2.0.3.json").read_text()), "2.0.3"
    )
    assert list(official.faults(kind, record)) == []
    return record


def test_a_system_from_its_call_to_a_contract_of_it(db: None, shared_data: Path) -> None:
    case = system()
    assert code(case) == "set-up"
    with pytest.raises(Conflict, match="not-negotiated"):
        negotiating.prepare_round(
            actor=case.buyer,
            consultation=case.consultation,
            information=REASON,
            deadline_at=case.at + timedelta(days=40),
        )
    admitting.set_up_system(actor=case.buyer, consultation=case.fresh(), in_force_until=LAST)
    places = {one.bidder_id: one for one in systems.admissions_of(case.fresh())}
    assert [places[one.organisation].state for one in case.bidders] == ["admitted", "admitted", "refused"]
    assert places[case.bidders[0].organisation].lots == [1, 2]
    assert case.consultation.state == life.IN_FORCE and code(case) == "system"
    told = rows("t_procurement.Told").filter(about__in=[one.pk for one in places.values()])
    assert told.count() == 3, "each candidate is told"
    listing = listing_of(case.consultation.pk)
    assert listing is not None and listing.status == "open" and legal_day(listing.deadline_at) == LAST

    # months later an enterprise asks; the answer is due within ten working days
    case.later(days=90)
    late = newcomer()
    asked = ask(case, late)
    assert code(case) == "requests"
    expected = law_on(legal_day(case.at)).calendar.last_working_day(legal_day(case.at), 10)
    assert asked.examine_until == expected
    step = step_of(case.fresh(), legal_day(case.at))
    assert step is not None and legal_day(due_of(case.consultation, step) - timedelta(seconds=1)) == expected
    with pytest.raises(Conflict, match="admission-held"):
        ask(case, late)

    # a contract is prepared; who is admitted before the invitations leave is invited, too
    draft = calling.call_under(actor=case.buyer, parent=case.consultation, title="Fenêtres 2027", lot=1)
    assert (draft.procedure, draft.parent, draft.parent_lot) == ("specific", case.consultation, 1)
    assert {one.name for one in invited_of(draft)} == {"Travaux Modèle", "Couverture Exemple"}
    admitting.decide_admission(
        actor=case.buyer, consultation=case.consultation, admission=asked.pk, verb="admit"
    )
    called = published(case, draft)
    assert {one.name for one in invited_of(called)} == {
        "Travaux Modèle",
        "Couverture Exemple",
        "Nouvelle Exemple 1",
    }
    bidder = late.at(case.at)
    with pytest.raises(Denied):
        bidding.start_bid(actor=case.bidders[2].at(case.at), consultation=called, round=1)
    bidding.start_bid(actor=bidder, consultation=called, round=1)
    contract = concluded(case, called, [late, case.bidders[1]])
    assert (contract.state, contract.holder_id) == ("notified", late.organisation)
    record = sound_record(contract, shared_data)
    assert "idAccordCadre" not in record  # a system is no framework agreement
    assert record["techniques"] == {"technique": ["Système d'acquisition dynamique"]}
    assert list(systems.children_of(case.consultation)) == [called]
    kinds = {one.kind for one in journal.timeline(case.consultation.pk)}
    assert {
        "procurement.system.set-up",
        "procurement.admission.asked",
        "procurement.admission.changed",
    } <= kinds


def test_a_request_is_refused_with_a_reason_prolonged_once_and_taken_back(db: None) -> None:
    case = in_force()
    asked = ask(case, newcomer())
    given = {"actor": case.buyer, "consultation": case.consultation, "admission": asked.pk}
    admitting.prolong_examination(**given, reason=REASON)
    asked.refresh_from_db()
    assert asked.examine_until == law_on(legal_day(case.at)).calendar.last_working_day(legal_day(case.at), 15)
    with pytest.raises(Conflict, match="already-prolonged"):
        admitting.prolong_examination(**given, reason=REASON)
    with pytest.raises(Invalid, match="reason-missing"):
        admitting.decide_admission(**given, verb="refuse")
    with pytest.raises(Conflict, match="requests-to-examine"):
        admitting.end_system(actor=case.buyer, consultation=case.consultation, reason=REASON)
    assert admitting.decide_admission(**given, verb="refuse", reason=REASON).state == "refused"
    again = ask(case, newcomer(2), lots=[2])
    owner = newcomer(3).at(case.at)
    with pytest.raises(Denied):  # another enterprise's place
        admitting.leave_system(actor=owner, admission=again)
    with pytest.raises(Missing):
        systems.held_admission(owner, again.pk)


def test_who_leaves_is_called_no_more_and_may_come_back(db: None) -> None:
    case = in_force()
    first = case.bidders[0].at(case.at)
    place = systems.own_admission(first, case.consultation)
    assert place is not None
    admitting.leave_system(actor=first, admission=place)
    assert [one.enterprise.pk for one in systems.called_under(case.consultation, 1)] == [
        case.bidders[1].organisation
    ]
    assert ask(case, case.bidders[0]).state == "received"


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"lots": []}, "category-missing"),
        ({"lots": [7]}, "category-missing"),
        ({"files": []}, "candidature-missing"),
    ],
)
def test_a_request_names_its_categories_and_brings_a_candidature(
    db: None, values: dict[str, Any], fault: str
) -> None:
    case = in_force()
    with pytest.raises(Invalid) as refused:
        ask(case, newcomer(), **values)
    assert refused.value.faults[0].code == fault


def test_a_system_that_has_ended_takes_nothing(db: None) -> None:
    case = in_force()
    with pytest.raises(Invalid, match="term-refused"):
        admitting.change_term(
            actor=case.buyer,
            consultation=case.consultation,
            in_force_until=legal_day(case.at) - timedelta(days=1),
            reason=REASON,
        )
    near = legal_day(case.at) + timedelta(days=3)
    admitting.change_term(
        actor=case.buyer, consultation=case.consultation, in_force_until=near, reason=REASON
    )
    case.later(days=4).fresh()
    with pytest.raises(TooLate, match="system-closed"):
        ask(case, newcomer())
    with pytest.raises(Conflict, match="carries-nothing"):
        calling.call_under(actor=case.buyer, parent=case.fresh(), title="Fenêtres", lot=1)
    assert code(case) == "end-system"
    admitting.end_system(actor=case.buyer, consultation=case.consultation, reason=REASON)
    assert case.fresh().state == life.ENDED
    listing = listing_of(case.consultation.pk)
    assert listing is not None and listing.status == "closed"


def test_nothing_is_set_up_while_a_candidature_waits_nor_elsewhere(db: None) -> None:
    case = system()
    rows("t_procurement.Candidacy").filter(bidder=case.bidders[0].organisation).update(state="received")
    with pytest.raises(Conflict, match="candidates-to-examine"):
        admitting.set_up_system(actor=case.buyer, consultation=case.fresh(), in_force_until=LAST)
    other = make_case(bidders=1, body=body_of(case), secretary=case.secretary)
    with pytest.raises(Conflict, match="no-system"):
        admitting.set_up_system(actor=other.buyer, consultation=other.consultation, in_force_until=LAST)
    with pytest.raises(TooLate, match="system-closed"):
        ask(other, newcomer())


def framework() -> Case:
    """A framework agreement that its two holders carry: one a lot."""
    case = make_case(technique="framework", framework_maximum=Decimal(100_000))
    case.examine().note().rank()
    second = next(one for one in case.bids(case.lots[1]) if one.rank == 2)
    rows("t_procurement.Bid").filter(pk=case.first(case.lots[1]).pk).update(rank=3)
    rows("t_procurement.Bid").filter(pk=second.pk).update(rank=1)
    case.award().tell().sign_all()
    for contract in rows("t_procurement.Contract").filter(consultation=case.consultation):
        holder = next(one for one in case.bidders if one.organisation == contract.holder_id)
        notifying.send_to_holder(actor=case.buyer, contract=contract)
        notifying.acknowledge_contract(actor=holder.at(case.at), contract=contract)
        executing.begin_execution(actor=case.buyer, contract=contract, started_on=legal_day(case.at))
    case.fresh()
    return case


def test_a_framework_calls_its_holders_again_or_the_one_that_its_terms_designate(
    db: None, shared_data: Path
) -> None:
    case = framework()
    held = {one.enterprise.pk for one in systems.called_under(case.consultation, None)}
    assert held == {case.bidders[0].organisation, case.bidders[1].organisation}

    # without competition: its terms say whose turn it is
    given = {"actor": case.buyer, "parent": case.consultation, "title": "Tranche 2027", "lot": 1}
    (only,) = systems.called_under(case.consultation, 1)
    with pytest.raises(Invalid, match="reason-missing"):
        calling.call_under(**given, holder=only.enterprise.pk)
    with pytest.raises(Conflict, match="nobody-to-call"):
        calling.call_under(**given, holder=case.bidders[2].organisation, ground=REASON)
    draft = calling.call_under(
        **given, holder=only.enterprise.pk, ground="Article 4 du CCAP : attribution par lot."
    )
    assert draft.procedure == "subsequent" and "Article 4" in draft.procedure_ground
    contract = concluded(case, published(case, draft, 60_000), [case.bidders[0]])
    assert contract.state == "notified" and contract.amount == 100_000
    agreement = rows("t_procurement.Contract").get(consultation=case.consultation, lot__number=1)
    assert sound_record(contract, shared_data)["idAccordCadre"] == agreement.number
    assert "idAccordCadre" not in sound_record(agreement, shared_data)

    # what the contracts come to is set against the maximum
    assert systems.committed_under(case.consultation) == 100_000
    second = calling.call_under(**given | {"title": "Tranche 2028"})
    preparing.revise_consultation(
        actor=case.buyer, consultation=second, values={"estimated_value": Decimal(1)}
    )
    second.refresh_from_db()
    found = {one.finding.code: one.finding for one in checked(second, legal_day(case.at)).standings}
    assert found["framework-exhausted"].params == {"left": Decimal(0)}
    rows("t_procurement.ContractChange").create(
        contract=contract,
        number=1,
        ground="additional",
        object="Préau",
        reason=REASON,
        amount=5_000,
        new_amount=105_000,
        signed_on=legal_day(case.at),
        recorded_at=case.at,
    )
    assert systems.committed_under(case.consultation) == 105_000, "a change uses the maximum up as well"


def test_nothing_is_called_under_what_nobody_holds(db: None) -> None:
    case = make_case(technique="framework", bidders=1)
    with pytest.raises(Conflict, match="carries-nothing"):
        calling.call_under(actor=case.buyer, parent=case.consultation, title="Tranche", lot=1)
    plain = in_force(body=body_of(case), secretary=case.secretary)
    with pytest.raises(Missing, match="no-lot"):
        calling.call_under(actor=plain.buyer, parent=plain.consultation, title="Tranche")
    assert len(lots_of(plain.consultation)) == 2
    stranger = make_actor(make_body("Commune Voisine", "219999999")).at(case.at)
    with pytest.raises(Denied):
        calling.call_under(actor=stranger, parent=plain.consultation, title="Tranche", lot=1)
