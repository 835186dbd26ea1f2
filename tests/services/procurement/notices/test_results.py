"""Award and modification notices made from real decisions, contracts and changes, judged by the official rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict
from territoires.services.procurement.actions import admitting, open_data, public_record
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.domain.notices import life, ocds
from territoires.services.procurement.domain.notices.judging import NAMES
from territoires.services.procurement.domain.notices.subtypes import MODIFICATION, RESULT
from territoires.services.procurement.models import Notice
from territoires.services.procurement.queries.notice_data import members_without_place, sheet_of, subtype_of
from territoires.services.procurement.queries.notice_results import bidders_of, size_of, winners_without_place
from territoires.services.procurement.queries.notice_rules import step_of
from territoires.services.procurement.queries.notices import content_of
from territoires.services.procurement.queries.open_data import release_data
from tests.services.procurement.award.conftest import DEADLINE, Case, make_case
from tests.services.procurement.conftest import receive, rows

from .conftest import PROFILE, judged, make_buyer, make_formal

pytestmark = pytest.mark.usefixtures("db", "rules")
TED = "notices-ted"


@pytest.fixture
def case() -> Case:
    """Two lots of an open call above the European threshold, awarded by the committee and signed."""
    body, actor = make_buyer()
    verbs.write_profile(actor=actor, values=PROFILE)
    made = make_case(body=body, procedure="open", estimated_value=Decimal(6_000_000))
    made.examine().note().rank().award_by_committee().award()
    return made.tell().later(days=20).sign_all()


@pytest.fixture
def case_of_a_system() -> Case:
    """A dynamic purchasing system of two categories, in force until the end of 2030."""
    body, actor = make_buyer()
    verbs.write_profile(actor=actor, values=PROFILE)
    made = make_case(
        body=body,
        procedure="dynamic",
        applications_until=DEADLINE,
        questions_until=date(2027, 1, 5),
        duration_months=48,
        estimated_value=Decimal(6_000_000),
    )
    made.examine()
    admitting.set_up_system(actor=made.buyer, consultation=made.fresh(), in_force_until=date(2030, 12, 31))
    return made


def prepared(case: Case, subtype: str, **values: Any) -> Notice:
    made = verbs.prepare_notice(
        actor=case.buyer, consultation=case.fresh(), subtype=subtype, channel=TED, **values
    )
    return judged(made)


def completed(actor: Actor, notice: Notice) -> Notice:
    """With what only the agent knows: the sizes of all who bid, and where the winners are."""
    sirets = bidders_of(notice)
    return judged(
        verbs.rewrite_notice(
            actor=actor,
            consultation=notice.consultation,
            notice=notice.pk,
            sizes=dict.fromkeys(sirets, "small"),
            places={
                siret: {"postal_code": "21000", "city": "Dijon"} for siret in winners_without_place(notice)
            },
        )
    )


def change(case: Case) -> None:
    """6,000 euros are added to the first contract."""
    rows("t_procurement.ContractChange").create(
        contract=case.contract,
        number=1,
        ground="additional",
        object="Nettoyage du préau",
        reason="Le préau neuf s'ajoute aux locaux.",
        amount=Decimal(6000),
        new_amount=case.contract.amount + 6000,
        signed_on=date(2027, 2, 1),
        recorded_at=case.at,
    )


def texts(notice: Notice, path: str) -> list[str]:
    root = etree.fromstring(content_of(notice))
    return [str(one) for one in root.xpath(f"{path}/text()", namespaces=NAMES)]


def test_an_award_notice_leaves_after_the_letters_and_the_signatures() -> None:
    body, actor = make_buyer()
    verbs.write_profile(actor=actor, values=PROFILE)
    made = make_case(body=body, procedure="open", estimated_value=Decimal(6_000_000))
    made.examine().note().rank().award_by_committee().award()
    notice = prepared(made, "29")
    # as if the rules had let it pass
    rows("t_procurement.Notice").filter(pk=notice.pk).update(state=life.READY)

    def refused() -> str:
        with pytest.raises(Conflict) as refusal:
            verbs.order_notice(actor=made.buyer, consultation=made.fresh(), notice=notice.pk)
        return refusal.value.code

    assert refused() == "candidates-untold"
    made.tell()
    assert refused() == "contract-unsigned"
    made.later(days=20).sign_all()
    assert refused() == "notice-before-signature"
    assert completed(made.buyer, notice).state == life.READY


def test_an_award_notice_says_what_was_decided_and_signed_and_passes_the_official_rules(case: Case) -> None:
    notice = prepared(case, "29")
    assert notice.state == life.DRAFT, "sizes and the winners' town are not known yet"
    assert {one["field"] for one in notice.findings} >= {"BT-513-Organization-Company"}
    notice = completed(case.buyer, notice)
    assert (notice.state, notice.findings) == (life.READY, [])
    assert notice.last_on is not None

    contracts = list(rows("t_procurement.Contract").filter(consultation=case.consultation).order_by("number"))
    assert texts(notice, "//efac:LotTender//cbc:PayableAmount") == [f"{one.amount:.0f}" for one in contracts]
    assert texts(notice, "//efac:SettledContract/efac:ContractReference/cbc:ID") == [
        one.number for one in contracts
    ]
    assert texts(notice, "//efac:LotResult/cbc:TenderResultCode") == ["selec-w"] * 2
    counted = "//efac:ReceivedSubmissionsStatistics[efbc:StatisticsCode='{}']/efbc:StatisticsNumeric"
    assert texts(notice, counted.format("tenders")) == ["3", "3"]
    assert texts(notice, counted.format("t-small")) == ["3", "3"]
    assert texts(notice, "//efac:LotResult/cbc:HigherTenderAmount") == ["120000"] * 2
    assert contracts[0].holder.name in texts(notice, "//efac:Organization//cac:PartyName/cbc:Name")


def test_what_an_enterprise_says_of_itself_is_not_asked_of_the_buyer(case: Case) -> None:
    for bidder in case.bidders:
        rows("t_procurement.EnterpriseSheet").create(
            organisation_id=bidder.organisation,
            address="2 rue du Four",
            postal_code="71000",
            town="Mâcon",
            headcount=12,
            changed_at=case.at,
        )
    notice = prepared(case, "29")
    assert winners_without_place(notice) == {}
    assert (notice.state, notice.findings) == (life.READY, [])
    assert "FRC13" in texts(notice, "//efac:Company//cbc:CountrySubentityCode")
    assert set(texts(notice, "//efbc:CompanySizeCode")) == {"small"}


@pytest.mark.parametrize(
    ("people", "size"),
    [(None, ""), (0, "micro"), (9, "micro"), (10, "small"), (49, "small"), (50, "medium"), (250, "large")],
)
def test_the_size_follows_from_the_people_employed(people: int | None, size: str) -> None:
    assert size_of(people) == size


def test_a_modification_names_the_published_award_notice_and_passes_the_official_rules(case: Case) -> None:
    contract = case.contract
    change(case)
    alone = prepared(case, "38", contract=contract.pk)
    assert alone.state == life.DRAFT and alone.reason and not alone.content

    published(case, completed(case.buyer, prepared(case, "29")))
    notice = completed(case.buyer, prepared(case, "38", contract=contract.pk))
    assert (notice.state, notice.findings) == (life.READY, [])
    assert texts(notice, "//efac:ContractModification/efbc:ChangedNoticeIdentifier") == ["123456-2027"]
    assert texts(notice, "//efac:ContractModification//cbc:ReasonCode") == ["add-wss"]
    assert texts(notice, "//cbc:PayableAmount") == [f"{contract.amount + 6000:.0f}"]


def test_a_contract_under_an_agreement_names_the_published_award_notice_of_the_agreement() -> None:
    _body, actor = make_buyer()
    agreement = make_formal(actor)
    called = make_formal(actor, title="Écoles en 2027")
    rows("t_procurement.Consultation").filter(pk=called.pk).update(procedure="subsequent", parent=agreement)
    for award in agreement.lots.all():
        rows("t_procurement.Award").create(
            consultation=called,
            lot=called.lots.get(number=award.number),
            outcome="unsuccessful",
            decided_on=date(2026, 12, 1),
            decided_at=actor.now(),
            reason="Aucune offre.",
        )
    told = verbs.prepare_notice(actor=actor, consultation=called, subtype="29", channel=TED)
    at = actor.now()
    with pytest.raises(Conflict, match="no-agreement-notice"):
        sheet_of(told, at, "1.15")
    first = verbs.prepare_notice(actor=actor, consultation=agreement, subtype="29", channel=TED)
    row = rows("t_procurement.Notice").filter(pk=first.pk)
    row.update(content=receive(actor, b"<avis/>", "avis.xml"), sha256="0" * 64, ordered_at=at)
    for number, named in (("26-12345", first.name), ("123456-2026", "123456-2026")):
        row.update(state="published", publication_number=number, published_on=date(2026, 11, 30))
        lots = sheet_of(told, at, "1.15").procedure.lots
        assert {(one.is_called, one.is_framework, one.framework_notice) for one in lots} == {
            (True, False, named)
        }


SERVICES = {"main_procurement_category": "services"}
KINDS = {
    "30": {"regime": "utility", "procedure": "open"},
    "32": {"procedure": "concession"},
    "33": SERVICES | {"procedure": "open", "is_social_service": True, "cpv": "85310000"},
    "36": SERVICES | {"procedure": "contest", "cpv": "71200000"},
}


def a_case(subtype: str) -> Case:
    """A consultation of the kind that a result of this subtype tells, awarded and signed."""
    body, actor = make_buyer()
    verbs.write_profile(actor=actor, values=PROFILE | {"entity_activity": "water"})
    made = make_case(body=body, estimated_value=Decimal(6_000_000), **KINDS[subtype])
    made.examine().note().rank()
    decided = made.give_opinion() if subtype == "32" else made.award_by_committee()
    decided.award()
    return made.tell().later(days=20).sign_all()


def say_essential_data(case: Case) -> None:
    """Of each contract of a concession: 20,000 of public money."""
    for contract in rows("t_procurement.Contract").filter(consultation=case.consultation):
        record = open_data.write_contract_record(actor=machine_of(case), contract=contract)
        record.content["montantSubventionPublique"] = 20000
        record.save()


def machine_of(case: Case) -> Actor:
    return replace(
        system_actor("worker", organisation=case.consultation.organisation_id), clock=case.buyer.clock
    )


def test_the_other_buyers_of_a_group_are_told_as_far_as_they_are_known(case: Case) -> None:
    siret = "21710001500012"
    rows("t_procurement.Participant").create(
        consultation=case.consultation, siret=siret, name="Commune Modèle"
    )
    notice = prepared(case, "29")
    assert members_without_place(notice) == {siret: "Commune Modèle"}
    there = {"postal_code": "21000", "city": "Dijon", "nuts": "FRC11"}
    notice = judged(
        verbs.rewrite_notice(
            actor=case.buyer,
            consultation=case.consultation,
            notice=notice.pk,
            sizes=dict.fromkeys(bidders_of(notice), "small"),
            places=dict.fromkeys(winners_without_place(notice), there)
            | {siret: there | {"legal_type": "body-pl-la"}},
        )
    )
    assert (notice.state, notice.findings) == (life.READY, [])
    assert texts(notice, "//cac:ContractingParty//cbc:PartyTypeCode") == ["la", "body-pl-la"]
    assert texts(notice, "//efbc:GroupLeadIndicator") == ["true", "false"]
    said = ocds.release_of(release_data(case.fresh(), "award", case.at, 1))
    roles = {one["name"]: one["roles"] for one in said["parties"]}
    assert roles["Commune Modèle"] == ["buyer"] and said["buyer"]["name"] != "Commune Modèle"


def test_the_contracts_of_a_system_are_grouped_by_quarter_then_its_end_is_told(
    case_of_a_system: Case,
) -> None:
    case = case_of_a_system
    system = case.fresh()
    # another need than that of the contract, which else would add up with it
    rows("t_procurement.Consultation").filter(pk=system.pk).update(family="", family_folded="")
    child = make_case(
        body=system.organisation,
        procedure="specific",
        parent=system,
        parent_lot=1,
        estimated_value=Decimal(90_000),
    )
    child.examine().note().rank().award().tell().later(days=20).sign_all()

    def propose() -> list[Notice]:
        public_record.propose_results_of_system(actor=machine_of(case), system=case.fresh())
        return list(Notice.objects.filter(consultation=system).order_by("prepared_at"))

    case.at = child.at
    assert propose() == [], "the quarter is not over"
    case.later(days=90)
    (grouped,) = propose()
    assert (grouped.subtype, grouped.last_on) == ("29", date(2027, 4, 30))
    grouped = completed(case.buyer, judged(grouped))
    assert (grouped.state, grouped.findings) == (life.READY, [])
    assert texts(grouped, "//efbc:DPSTerminationIndicator") == ["false"]
    assert len(texts(grouped, "//efac:SettledContract/efac:ContractReference/cbc:ID")) == 2
    assert propose() == [grouped], "told once"

    case.later(days=1)
    admitting.end_system(actor=case.buyer, consultation=case.fresh(), reason="Le besoin a cessé.")
    _grouped, end = propose()
    end = judged(end)
    assert (end.state, end.findings, end.last_on) == (life.READY, [], legal_day(case.at) + timedelta(days=30))
    assert texts(end, "//efbc:DPSTerminationIndicator") == ["true", "true"]
    assert len(propose()) == 2


def published(case: Case, notice: Notice) -> Notice:
    return verbs.tell_publication(
        actor=case.buyer,
        consultation=notice.consultation,
        notice=notice.pk,
        number="123456-2027",
        published_on=date(2027, 1, 25),
    )


@pytest.mark.parametrize("subtype", ["33", "36"])
def test_results_of_light_services_and_contests_pass_the_official_rules(subtype: str) -> None:
    case = a_case(subtype)
    assert subtype_of(case.fresh(), RESULT, case.at.date()) == subtype
    notice = completed(case.buyer, prepared(case, subtype))
    assert (notice.state, notice.findings) == (life.READY, [])
    assert texts(notice, "//efac:LotResult/cbc:TenderResultCode") == ["selec-w"] * 2
    assert texts(notice, "//cbc:ActivityTypeCode") == ["gen-pub"]


def test_a_result_and_a_modification_of_a_town_that_runs_its_water_pass_the_official_rules() -> None:
    case = a_case("30")
    assert subtype_of(case.fresh(), RESULT, case.at.date()) == "30"
    notice = completed(case.buyer, prepared(case, "30"))
    assert (notice.state, notice.findings) == (life.READY, [])
    assert texts(notice, "//cbc:ActivityTypeCode[@listName='entity-activity']") == ["water"]
    assert texts(notice, "//cbc:ActivityTypeCode[@listName='authority-activity']") == ["gen-pub"]

    published(case, notice)
    change(case)
    assert subtype_of(case.fresh(), MODIFICATION, case.at.date()) == "39"
    notice = completed(case.buyer, prepared(case, "39", contract=case.contract.pk))
    assert (notice.state, notice.findings) == (life.READY, [])


def test_a_result_of_a_utility_waits_for_what_network_it_runs() -> None:
    case = a_case("30")
    verbs.write_profile(actor=case.buyer, values={"entity_activity": ""})
    notice = completed(case.buyer, prepared(case, "30"))
    assert notice.state == life.DRAFT
    ((field, asks),) = {(one["field"], one["asks"]) for one in notice.findings}
    assert (field, asks, step_of(field)) == ("BT-610-Procedure-Buyer", "present", "profile")


def test_a_result_and_a_modification_of_a_concession_say_who_pays_and_pass_the_official_rules() -> None:
    case = a_case("32")
    assert subtype_of(case.fresh(), RESULT, case.at.date()) == "32"
    notice = completed(case.buyer, prepared(case, "32"))
    lacking = {one["field"].split("(")[0] for one in notice.findings}
    assert lacking and {step_of(one) for one in lacking} == {"open-data"}, "nobody said what the buyer pays"

    say_essential_data(case)
    notice = judged(verbs.rewrite_notice(actor=case.buyer, consultation=case.fresh(), notice=notice.pk))
    assert (notice.state, notice.findings) == (life.READY, [])
    amounts = texts(notice, "//efac:LotTender//cbc:PayableAmount")
    assert texts(notice, "//efbc:RevenueBuyerAmount") == ["20000"] * 2
    assert texts(notice, "//efbc:RevenueUserAmount") == [f"{Decimal(one) - 20000:.0f}" for one in amounts]

    published(case, notice)
    change(case)
    assert subtype_of(case.fresh(), MODIFICATION, case.at.date()) == "40"
    notice = completed(case.buyer, prepared(case, "40", contract=case.contract.pk))
    assert (notice.state, notice.findings) == (life.READY, [])
    assert texts(notice, "//cbc:PayableAmount") == [f"{case.contract.amount + 6000:.0f}"]


def test_a_new_duration_of_a_system_is_told_in_the_form_of_its_call(case_of_a_system: Case) -> None:
    case = case_of_a_system
    opened, case.at = case.at, DEADLINE - timedelta(days=20)  # a call leaves before its deadline
    call = prepared(case, "16")
    case.at = opened + timedelta(days=20)
    assert (call.state, call.findings) == (life.READY, [])
    assert texts(call, "//cac:PlannedPeriod/cbc:StartDate") == ["2026-12-12+01:00"] * 2
    assert texts(call, "//cac:PlannedPeriod/cbc:EndDate") == ["2030-12-31+01:00"] * 2
    published(case, call)
    admitting.change_term(
        actor=case.buyer,
        consultation=case.fresh(),
        in_force_until=date(2029, 6, 30),
        reason="Besoin moindre.",
    )
    public_record.follow_term(actor=machine_of(case), consultation=case.fresh())
    correction = judged(Notice.objects.get(changes=call))
    assert (correction.subtype, correction.state, correction.findings) == ("16", life.READY, [])
    assert texts(correction, "//cac:PlannedPeriod/cbc:EndDate") == ["2029-06-30+02:00"] * 2
    assert "30/06/2029" in correction.change_text
    # one that has not left is written anew, and no second one is made
    admitting.change_term(
        actor=case.buyer, consultation=case.fresh(), in_force_until=date(2029, 9, 30), reason="Besoin revu."
    )
    public_record.follow_term(actor=machine_of(case), consultation=case.fresh())
    correction.refresh_from_db()
    assert Notice.objects.filter(consultation=case.consultation).count() == 2
    assert "30/06/2029" in correction.change_text and "30/09/2029" in correction.change_text
    assert texts(judged(correction), "//cac:PlannedPeriod/cbc:EndDate") == ["2029-09-30+02:00"] * 2
