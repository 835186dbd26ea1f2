"""Notices made here, judged by the official schema and rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from territoires.kernel.errors import Invalid
from territoires.services.procurement.domain.notices import eforms, sheets
from territoires.services.procurement.domain.notices.judging import NAMES, Judge
from territoires.services.procurement.domain.notices.subtypes import (
    CALL,
    INTENTION,
    MODIFICATION,
    PRIOR,
    RESULT,
    SUBTYPES,
    subtype_for,
)

from .conftest import HOLDER, PARTNER, a_call, a_lot, a_notice, a_procedure, an_award

AGREEMENT = "//cbc:ContractingSystemTypeCode[@listName='framework-agreement']/text()"
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CHANGE = sheets.Change(
    of="c4c415ee-ac08-4465-8fa6-57568cf69462-01",
    reason="cor-buy",
    text="La date limite est reportée.",
    sections=("LOT-0001",),
)

OPTIONAL = a_lot(
    1,
    additional_cpvs=("45262522",),
    options="Tranche optionnelle : Préau (6 mois)",
    renewals=2,
    renewal="Reconduction : Entretien (12 mois), 2 fois",
    criteria=(
        sheets.CriterionSheet(kind="price", name="Prix", weight=Decimal(40)),
        sheets.CriterionSheet(
            kind="quality",
            name="Valeur technique",
            weight=Decimal(60),
            parts=(
                sheets.PartSheet(name="Méthode", weight=Decimal("42.50")),
                sheets.PartSheet(name="Délai", weight=Decimal("17.50")),
            ),
        ),
    ),
)


def faults(judge: Judge, sheet: sheets.NoticeSheet) -> list[tuple[str, str, str]]:
    return [(one.rule, one.field, one.detail or one.place) for one in judge.judge(eforms.build(sheet))]


def text_of(sheet: sheets.NoticeSheet, path: str) -> list[str]:
    root = etree.fromstring(eforms.build(sheet))
    return [str(one) for one in root.xpath(path, namespaces=NAMES)]


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_every_notice_passes_the_official_schema_and_rules(judge: Judge, subtype: str) -> None:
    assert faults(judge, a_notice(subtype)) == []


@pytest.mark.parametrize("subtype", ["16", "20", "E3", "29"])
def test_corrections_pass_too(judge: Judge, subtype: str) -> None:
    assert faults(judge, a_notice(subtype, change=CHANGE)) == []


@pytest.mark.parametrize(
    "procedure",
    [
        a_procedure(lots=(a_lot(0),)),
        a_procedure(lots=(a_lot(0, is_framework=True, framework_maximum=Decimal(900000)),)),
        a_procedure(code="restricted"),
        a_procedure(code="neg-w-call"),
        a_procedure(code="comp-dial"),
        a_procedure(is_accelerated=True, acceleration_reason="Le toit menace de céder."),
        a_procedure(value=Decimal("240000.01"), lots=(a_lot(1, value=Decimal("1.10")), a_lot(2))),
        a_procedure(lots=tuple(a_lot(number) for number in range(1, 31))),
        a_procedure(lots=(a_lot(1, social="Insertion", allows_variants=True), a_lot(2, environmental=""))),
        a_procedure(is_covered_by_gpa=True),
        a_procedure(lots=(OPTIONAL, replace(OPTIONAL, number=2, options="", renewals=0))),
        a_procedure(additional_cpvs=("45262522", "45261210")),
        a_procedure(lots=(a_lot(1, reserved="res-ws"), a_lot(2, nuts="FRC12"))),
        a_procedure(code="restricted", lots=(a_lot(0, is_dynamic=True),)),
    ],
    ids=[
        "undivided",
        "framework",
        "restricted",
        "negotiated",
        "dialogue",
        "urgent",
        "valued",
        "thirty lots",
        "clauses",
        "gpa",
        "options",
        "further codes",
        "reserved",
        "dynamic",
    ],
)
def test_calls_of_every_shape_pass(judge: Judge, procedure: sheets.ProcedureSheet) -> None:
    assert faults(judge, a_notice("16", procedure=procedure)) == []


@pytest.mark.parametrize("subtype", ["17", "19", "20", "E3"])
def test_options_and_further_codes_pass_in_every_call(judge: Judge, subtype: str) -> None:
    assert faults(judge, a_notice(subtype, procedure=a_procedure(subtype, lots=(OPTIONAL,)))) == []


@pytest.mark.parametrize(
    ("subtype", "code"),
    [
        *((subtype, code) for subtype in ("23", "24", "36", "37") for code in ("open", "restricted")),
        *((subtype, "oth-mult") for subtype in ("19", "32", "40")),
        *((subtype, "oth-mult") for subtype in ("16", "17", "20", "E3")),
    ],
)
def test_contests_and_concessions_pass_by_their_own_procedures(judge: Judge, subtype: str, code: str) -> None:
    assert faults(judge, a_notice(subtype, procedure=a_procedure(subtype, code=code))) == []


@pytest.mark.parametrize("subtype", ["29", "30", "33", "E4"])
def test_the_result_of_a_framework_tells_its_values_apart(judge: Judge, subtype: str) -> None:
    """Where the lots are agreements, the notice has no firm total."""
    framework = a_lot(1, is_framework=True, framework_maximum=Decimal(500000))
    told = a_notice(
        subtype,
        procedure=a_procedure(subtype, lots=(framework, a_lot(2, is_framework=True))),
        outcomes=(an_award(1), an_award(2, contract=replace(_contract(), reference="2026-001-L2"))),
    )
    assert faults(judge, told) == []
    assert text_of(told, "//efac:NoticeResult/cbc:TotalAmount/text()") == []
    assert text_of(told, "//efbc:OverallApproximateFrameworkContractsAmount/text()") == ["236000.8"]
    assert text_of(told, "//efbc:OverallMaximumFrameworkContractsAmount/text()") == ["500000"]
    assert text_of(told, "//efac:FrameworkAgreementValues/cbc:MaximumValueAmount/text()") == ["500000"]
    assert text_of(told, "//efbc:ContractFrameworkIndicator/text()") == ["false"] * 2


@pytest.mark.parametrize("subtype", ["25", "26", "38", "39"])
def test_the_intention_and_the_modification_of_a_framework_say_that_it_is_one(
    judge: Judge, subtype: str
) -> None:
    framework = a_lot(1, is_framework=True, framework_maximum=Decimal(500000))
    told = a_notice(subtype, procedure=a_procedure(subtype, lots=(framework,)))
    assert faults(judge, told) == []
    assert text_of(told, AGREEMENT) == ["fa-wo-rc"]
    assert text_of(told, "//efac:NoticeResult/cbc:TotalAmount/text()") == []
    assert text_of(told, "//efac:FrameworkAgreementValues/cbc:MaximumValueAmount/text()") == ["500000"]
    is_modified = SUBTYPES[subtype].does == MODIFICATION
    assert text_of(told, "//efbc:ContractFrameworkIndicator/text()") == ["false"] * is_modified


@pytest.mark.parametrize("notice", ["342558-2026", "c4c415ee-ac08-4465-8fa6-57568cf69462-01"])
@pytest.mark.parametrize("subtype", ["29", "30", "33", "E4", "38"])
def test_a_contract_under_an_agreement_names_the_notice_that_created_it(
    judge: Judge, subtype: str, notice: str
) -> None:
    lots = (a_lot(1, is_called=True, framework_notice=notice), a_lot(2))
    told = a_notice(subtype, procedure=a_procedure(subtype, code="oth-single", lots=lots))
    assert faults(judge, told) == []
    assert text_of(told, AGREEMENT)[0] == "fa-wo-rc"
    assert text_of(told, "//efbc:ContractFrameworkIndicator/text()") == ["true"]
    is_result = SUBTYPES[subtype].does == RESULT  # a modification names its own award notice alone
    assert text_of(told, "//efac:SettledContract/cac:NoticeDocumentReference/cbc:ID/text()") == (
        [notice] * is_result
    )
    assert text_of(told, "//efac:NoticeResult/cbc:TotalAmount/text()") == ["118000.4"]


@pytest.mark.parametrize("subtype", ["29", "30", "33", "E4"])
def test_a_system_groups_its_contracts_by_lot_and_tells_its_end(judge: Judge, subtype: str) -> None:
    code = "oth-mult" if subtype == "E4" else "restricted"
    procedure = a_procedure(subtype, code=code, lots=(a_lot(1, is_dynamic=True), a_lot(2, is_dynamic=True)))
    grouped = [
        an_award(lot, system_ends=False, contract=replace(_contract(), reference=f"2026-{number}"))
        for number, lot in enumerate((1, 1, 2))
    ]
    told = a_notice(subtype, procedure=procedure, outcomes=grouped)
    assert faults(judge, told) == []
    assert text_of(told, "//efac:LotResult/efbc:DPSTerminationIndicator/text()") == ["false"] * 2
    assert text_of(told, "//efac:LotResult[1]/efac:SettledContract/cbc:ID/text()") == ["CON-0001", "CON-0002"]
    assert text_of(told, "//efac:LotResult[1]//efbc:StatisticsNumeric/text()")[0] == "6"

    nothing = sheets.Statistics(tenders=0, electronic=0)
    ended = [
        sheets.LotOutcome(lot=lot, statistics=nothing, reason="other", system_ends=True) for lot in (1, 2)
    ]
    end = a_notice(subtype, procedure=procedure, outcomes=ended)
    assert faults(judge, end) == []
    assert text_of(end, "//efbc:DPSTerminationIndicator/text()") == ["true"] * 2


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_the_buyers_of_a_group_are_told_with_who_leads(judge: Judge, subtype: str) -> None:
    alone = a_procedure(subtype)
    members = [
        replace(alone.buyer, party=replace(alone.buyer.party, name=f"Commune {n}", identifier=siret))
        for n, siret in enumerate((HOLDER, PARTNER), start=1)
    ]
    leader = replace(alone.buyer, is_central=True)
    told = a_notice(subtype, procedure=replace(alone, buyer=leader, members=members))
    assert faults(judge, told) == []
    assert text_of(told, "//cac:ContractingParty/cac:Party/cac:PartyIdentification/cbc:ID/text()") == [
        "ORG-0001",
        "ORG-1001",
        "ORG-1002",
    ]
    assert text_of(told, "//efac:Organization/efbc:GroupLeadIndicator/text()") == ["true", "false", "false"]
    says_central = SUBTYPES[subtype].basis != "32014L0023"
    assert text_of(told, "//efbc:AwardingCPBIndicator/text()") == ["true"] * says_central


def test_a_call_tells_what_is_known_and_nothing_else(judge: Judge) -> None:
    """Bids stay valid where they come at once, the invited know about when, a contest pays; no opening is public."""
    light = a_notice("E3", procedure=a_procedure("E3", code="oth-single"))
    staged = a_notice(
        "16", procedure=a_procedure(code="restricted"), call=a_call(invites_on=date(2027, 2, 1))
    )
    contest = a_notice(
        "23", procedure=a_procedure("23", code="restricted"), call=a_call(prize=Decimal(20000))
    )
    for notice in (light, staged, contest):
        assert faults(judge, notice) == []
    assert set(text_of(light, "//cac:TenderValidityPeriod/cbc:DurationMeasure/text()")) == {"120"}
    assert set(text_of(staged, "//cac:InvitationSubmissionPeriod/cbc:StartDate/text()")) == {
        "2027-02-01+01:00"
    }
    assert set(text_of(contest, "//cac:Prize/cbc:ValueAmount/text()")) == {"20000"}
    assert text_of(a_notice("16"), "//cac:OpenTenderEvent") == []


def test_a_bound_on_candidates_passes(judge: Judge) -> None:
    procedure = a_procedure(code="restricted")
    bounded = a_notice("16", procedure=procedure, call=a_call(minimum_candidates=5, maximum_candidates=8))
    assert faults(judge, bounded) == []
    assert set(text_of(bounded, "//cbc:MaximumQuantity/text()")) == {"8"}


def test_the_parts_of_a_criterion_and_the_options_are_told() -> None:
    told = text_of(a_notice("16", procedure=a_procedure(lots=(OPTIONAL,))), "//text()")
    assert "Valeur technique (Méthode : 42,5 % ; Délai : 17,5 %)" in told
    assert "Tranche optionnelle : Préau (6 mois)" in told and "45262522" in told


def test_results_of_every_shape_pass(judge: Judge) -> None:
    alone = an_award(1, winner=replace(_winner(), members=_winner().members[:1]))
    refused = sheets.LotOutcome(
        lot=2, statistics=sheets.Statistics(tenders=2, electronic=2, small=2), reason="all-rej"
    )
    nothing = sheets.LotOutcome(lot=1, reason="no-rece")
    assert faults(judge, a_notice("29", outcomes=(alone, refused))) == []
    assert faults(judge, a_notice("29", outcomes=(nothing, replace(nothing, lot=2)))) == []
    assert faults(judge, a_notice("29", outcomes=(an_award(1), an_award(2)))) == []


def _contract() -> sheets.ContractSheet:
    contract = an_award().contract
    assert contract is not None
    return contract


def _winner() -> sheets.WinnerSheet:
    winner = an_award().winner
    assert winner is not None
    return winner


def test_what_lacks_is_found(judge: Judge) -> None:
    bare = a_procedure(title="", cpv="", lots=(a_lot(1, cpv="12"),))
    found = {field for _rule, field, _place in faults(judge, a_notice("16", procedure=bare))}
    assert found & {"BT-21-Procedure", "BT-262-Procedure"}


def test_an_unknown_type_is_refused() -> None:
    notice = a_notice("16")
    with pytest.raises(Invalid):
        eforms.build(replace(notice, head=replace(notice.head, subtype="99")))


def test_the_deadline_bears_the_offset_of_its_own_day() -> None:
    summer = a_notice("16", call=a_call(tenders_until=datetime(2027, 7, 1, 10, tzinfo=UTC)))
    winter = a_notice("16", call=a_call(tenders_until=datetime(2027, 1, 1, 11, tzinfo=UTC)))
    path = "//cac:TenderSubmissionDeadlinePeriod/cbc:EndTime/text()"
    assert set(text_of(summer, path)) == set(text_of(winter, path)) - {"12:00:00+01:00"} | {"12:00:00+02:00"}


def test_an_enterprise_that_wins_twice_is_named_once() -> None:
    both = a_notice("29", outcomes=(an_award(1), an_award(2)))
    ids = text_of(both, "//efac:Organization//cac:PartyIdentification/cbc:ID/text()")
    assert len(ids) == len(set(ids)) == 5


def test_the_same_values_give_the_same_bytes() -> None:
    notice = a_notice("16")
    assert eforms.build(notice) == eforms.build(notice)


WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300).filter(lambda said: said.strip())


@MANY
@given(title=WORDS, description=st.text(max_size=9000))
def test_any_words_make_a_document_that_the_schema_takes(title: str, description: str) -> None:
    procedure = a_procedure(title=title, description=description, lots=(a_lot(1, title=title), a_lot(2)))
    root = etree.fromstring(eforms.build(a_notice("16", procedure=procedure)))
    for name in root.iter(f"{{{NAMES['cbc']}}}Description"):
        assert len(name.text or "") <= 6000


@MANY
@given(
    amount=st.decimals(min_value="0.01", max_value="999999999.99", places=2),
    until=st.datetimes(datetime(2027, 1, 6), datetime(2090, 1, 1)),  # after the last day of questions
    weight=st.integers(1, 99),
)
def test_any_amount_day_and_weight_pass_the_official_rules(
    judge: Judge, amount: Decimal, until: datetime, weight: int
) -> None:
    at = until.replace(tzinfo=UTC, microsecond=0)
    criteria = (
        sheets.CriterionSheet(kind="price", name="Prix", weight=Decimal(weight)),
        sheets.CriterionSheet(kind="quality", name="Valeur", weight=Decimal(100 - weight)),
    )
    procedure = a_procedure(value=amount, lots=(a_lot(0, value=amount, criteria=criteria),))
    call = a_call(tenders_until=at)
    assert faults(judge, a_notice("16", procedure=procedure, call=call)) == []


@pytest.mark.parametrize(
    ("does", "options", "expected"),
    [
        (CALL, {"is_formal": True}, "16"),
        (CALL, {"is_formal": True, "is_utility": True}, "17"),
        (CALL, {"is_formal": True, "is_social": True}, "20"),
        (CALL, {"is_formal": True, "is_concession": True}, "19"),
        (CALL, {"is_formal": False}, "E3"),
        (CALL, {"is_formal": True, "is_contest": True}, "23"),
        (CALL, {"is_formal": True, "is_contest": True, "is_utility": True}, "24"),
        (CALL, {"is_formal": True, "is_concession": True, "is_social": True}, "19"),
        (CALL, {"is_formal": False, "is_contest": True}, "E3"),
        (RESULT, {"is_formal": True, "is_contest": True}, "36"),
        (RESULT, {"is_formal": True, "is_contest": True, "is_utility": True}, "37"),
        (RESULT, {"is_formal": True, "is_concession": True, "is_social": True}, "35"),
        (INTENTION, {"is_formal": True, "is_concession": True}, "28"),
        (MODIFICATION, {"is_formal": True, "is_concession": True}, "40"),
        (PRIOR, {"is_formal": True, "is_concession": True}, "E2"),
        (PRIOR, {"is_formal": True}, "4"),
        (PRIOR, {"is_formal": False}, "E2"),
        (INTENTION, {"is_formal": False}, "25"),
        (RESULT, {"is_formal": True, "is_social": True}, "33"),
        (RESULT, {"is_formal": True, "is_concession": True}, "32"),
        (RESULT, {"is_formal": False}, "E4"),
        (MODIFICATION, {"is_formal": True}, "38"),
        (MODIFICATION, {"is_formal": True, "is_utility": True}, "39"),
    ],
)
def test_the_type_follows_from_the_procedure(does: str, options: dict[str, bool], expected: str) -> None:
    assert subtype_for(does, **options) == expected  # type: ignore[arg-type]


def test_identifiers_are_of_version_4() -> None:
    (said,) = text_of(a_notice("16"), "/*/cbc:ID/text()")
    assert UUID(said).version == 4
