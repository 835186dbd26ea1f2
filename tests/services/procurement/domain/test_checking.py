"""What each rule finds, taken one by one from a sheet that has nothing against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from territoires.kernel.errors import Unavailable
from territoires.services.procurement.domain import procedures, timetable
from territoires.services.procurement.domain.checking import STEPS, check
from territoires.services.procurement.domain.findings import Finding, Severity, in_steps
from territoires.services.procurement.domain.need import Need, Purchase, families, need_of
from territoires.services.procurement.domain.procedures import Verdict
from territoires.services.procurement.domain.sheet import SelectionSheet, Sheet
from territoires.services.procurement.queries.law import law_on

from .sheets import TODAY, criterion, formal, law, lot, noon, option, parted, piece, roof

MISSING, REFUSAL, WARNING = Severity.MISSING, Severity.REFUSAL, Severity.WARNING


def found(sheet: Sheet) -> list[Finding]:
    return check(sheet, law(), today=TODAY)


@pytest.mark.parametrize("sheet", [roof(), formal()], ids=["adapted", "open"])
def test_a_sound_consultation_has_nothing_against_it(sheet: Sheet) -> None:
    assert found(sheet) == []


SHORT = date(2026, 12, 7)
NEGOTIATED = {
    "selection": (SelectionSheet(kind="tp-abil", text="Trois chantiers comparables"),),
    "procedure": "negotiated",
    "applications_until": noon(2027, 1, 7),
    "invite_on": date(2027, 1, 11),
    "tenders_until": noon(2027, 2, 8),
}
CASES: list[tuple[Callable[..., Sheet], dict[str, Any], str, Severity, str]] = [
    (
        roof,
        {"estimated_value": None, "lots": (), "division_reason": "Un seul métier."},
        "estimated-value-missing",
        MISSING,
        "",
    ),
    (roof, {"family": ""}, "family-missing", MISSING, ""),
    (roof, {"procedure": ""}, "procedure-missing", MISSING, ""),
    (formal, {"procedure": "adapted"}, "procedure-closed", REFUSAL, "CCP annexe 2"),
    (formal, {"procedure": "direct", "procedure_ground": "Urgence"}, "invited-missing", MISSING, ""),
    (formal, {"procedure": "direct", "invited": 1}, "ground-missing", REFUSAL, "CCP R2122-8"),
    (formal, NEGOTIATED, "ground-missing", MISSING, ""),
    (
        formal,
        NEGOTIATED | {"selection": (), "procedure_ground": "R2124-3, 1°"},
        "selection-missing",
        MISSING,
        "",
    ),
    (
        formal,
        NEGOTIATED | {"procedure_ground": "R2124-3, 1°", "fewest_candidates": 2, "most_candidates": 2},
        "candidates-too-few",
        WARNING,
        "",
    ),
    (
        formal,
        NEGOTIATED | {"procedure_ground": "R2124-3, 1°", "fewest_candidates": 5, "most_candidates": 4},
        "candidates-order",
        MISSING,
        "",
    ),
    (roof, {"asked_pieces": (piece("tax", "candidate"),)}, "proof-too-early", WARNING, ""),
    (roof, {"options": (option(value=None),)}, "option-unvalued", MISSING, ""),
    (roof, {"options": (option(value=180000),)}, "options-exceed", MISSING, ""),
    (roof, {"options": (option(value=60000, lot=2),)}, "lot-options-exceed", MISSING, ""),
    (roof, {"options": (option(lot=7),)}, "option-lot-unknown", MISSING, ""),
    (roof, {"options": (option(months=None),)}, "renewal-length", MISSING, ""),
    (roof, {"options": (option(months=2, times=2),)}, "renewals-longer", MISSING, ""),
    (roof, {"allows_variants": True}, "variants-unconditional", WARNING, ""),
    (roof, {"reserved_for": "solidarity"}, "reserved-services", WARNING, ""),
    (
        roof,
        {"reserved_for": "solidarity", "is_social_service": True, "duration_months": 37},
        "reserved-too-long",
        WARNING,
        "",
    ),
    (roof, {"criteria": (parted(30), criterion("environment", 50))}, "parts-sum", MISSING, ""),
    (roof, {"buyers": ("21710438900010",)}, "buyers-without-form", MISSING, ""),
    (roof, {"purchasing_form": "group", "group_agreement": "2026-4"}, "group-without-members", MISSING, ""),
    (roof, {"purchasing_form": "group", "buyers": ("1",)}, "group-without-agreement", WARNING, ""),
    (roof, {"need": Need(unvalued=2)}, "group-need-unknown", WARNING, ""),
    (roof, {"stale_documents": ("Règlement.pdf",)}, "document-stale", MISSING, ""),
    (formal, {"lots": ()}, "not-divided", REFUSAL, "CCP R2113-3"),
    (roof, {"lots": ()}, "not-divided", WARNING, "CCP L2113-10"),
    (roof, {"lots": (lot(1, 180000), lot(2, 0))}, "lot-incomplete", MISSING, ""),
    (roof, {"lots": (lot(1, 120000), lot(2, 50000))}, "lots-sum", MISSING, ""),
    (
        roof,
        {"lots": (lot(1, 120000), lot(2, 60000, is_small=True))},
        "small-lots-share",
        REFUSAL,
        "CCP R2122-8",
    ),
    (
        roof,
        {"estimated_value": Decimal(1000000), "lots": (lot(1, 880000), lot(2, 120000, is_small=True))},
        "small-lot-too-big",
        REFUSAL,
        "CCP R2122-8",
    ),
    (
        formal,
        {"estimated_value": Decimal(590000), "lots": (lot(1, 500000), lot(2, 90000, is_small=True))},
        "small-lot-too-big",
        REFUSAL,
        "CCP R2123-1, 2°",
    ),
    (roof, {"criteria": ()}, "criteria-missing", MISSING, ""),
    (roof, {"criteria": (criterion("price", 60), criterion("environment", 30))}, "weights-sum", MISSING, ""),
    (roof, {"criteria": (criterion("price", 100),)}, "no-environment", REFUSAL, "CCP R2152-7"),
    (
        roof,
        {"criteria": (criterion("price", 60), criterion("technical", 40))},
        "no-environment",
        REFUSAL,
        "CCP R2152-7",
    ),
    (roof, {"criteria": (criterion("environment", 100),)}, "no-price", REFUSAL, "CCP R2152-7"),
    (roof, {"environmental_clause": ""}, "no-environmental-clause", REFUSAL, "Loi 2021-1104, art. 35"),
    (formal, {"social_clause": ""}, "no-social-clause", WARNING, "Loi 2021-1104, art. 35"),
    (
        roof,
        {"lots": (), "division_reason": "unity", "minimum_turnover": Decimal(270001)},
        "turnover-too-high",
        WARNING,
        "CCP R2142-7",
    ),
    (roof, {"minimum_turnover": Decimal(90001)}, "turnover-too-high", WARNING, "CCP R2142-8"),
    (
        roof,
        {"lots": (lot(1, 120000, minimum_turnover=Decimal(180001)), lot(2, 60000))},
        "turnover-too-high",
        WARNING,
        "CCP R2142-8",
    ),
    (roof, {"technique": "framework"}, "framework-maximum-missing", WARNING, ""),
    (
        roof,
        {"technique": "framework", "framework_maximum": Decimal(200000), "duration_months": 60},
        "framework-too-long",
        WARNING,
        "",
    ),
    (roof, {"contact_email": ""}, "mention-missing", WARNING, ""),
    (roof, {"documents": ()}, "documents-missing", MISSING, ""),
    (roof, {"documents": ("rules",)}, "no-terms", WARNING, ""),
    (roof, {"publish_on": date(2026, 11, 27)}, "publish-on-missing", MISSING, ""),
    (roof, {"tenders_until": None}, "tenders-until-missing", MISSING, ""),
    (roof, {"tenders_until": noon(2026, 12, 7), "questions_until": None}, "deadline-before", MISSING, ""),
    (roof, {"tenders_until": noon(2027, 1, 10)}, "deadline-not-working", WARNING, ""),
    (
        roof,
        {"tenders_until": noon(2026, 12, 21), "questions_until": date(2026, 12, 10)},
        "deadline-short",
        WARNING,
        "",
    ),
    (
        formal,
        {"tenders_until": noon(2027, 1, 6), "questions_until": date(2026, 12, 28)},
        "deadline-too-early",
        REFUSAL,
        "CCP R2161-2 et R2161-3",
    ),
    (formal, {"questions_until": date(2027, 1, 15)}, "questions-late", REFUSAL, "CCP R2132-6"),
    (roof, {"questions_until": date(2027, 1, 6)}, "questions-late", WARNING, "CCP R2132-6"),
    (formal, {"is_urgent": True}, "urgency-unexplained", MISSING, "CCP R2161-2 et R2161-3"),
    (roof, {"estimated_value": Decimal(95000), "lots": (lot(1, 95000),)}, "near-threshold", WARNING, ""),
]


@pytest.mark.parametrize(
    ("make", "without", "code", "severity", "article"),
    CASES,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_found_alone(
    make: Callable[..., Sheet], without: dict[str, Any], code: str, severity: Severity, article: str
) -> None:
    told = found(make(**without))
    assert [(f.code, f.severity, f.article) for f in told] == [(code, severity, article)]
    assert told[0].message and told[0].remedy and told[0].step in STEPS


def test_before_the_law_of_2026_price_could_decide_alone() -> None:
    then = date(2026, 4, 1)
    sheet = roof(criteria=(criterion("price", 100),), publish_on=then, environmental_clause="")
    codes = {f.code for f in check(sheet, law(then), today=then)}
    assert "no-environment" not in codes and "no-environmental-clause" not in codes


def test_a_purchase_published_after_the_law_changes_obeys_the_new_one() -> None:
    """The day of publication counts, not the day of the draft."""
    drafted = date(2026, 8, 1)
    sheet = roof(
        criteria=(criterion("price", 100),), publish_on=date(2026, 9, 1), tenders_until=noon(2026, 10, 5)
    )
    assert "no-environment" in {f.code for f in check(sheet, law(drafted), today=drafted)}


def test_each_lot_may_have_its_own_criteria() -> None:
    criteria = (
        criterion("price", 60),
        criterion("environment", 40),
        criterion("price", 70, lot=2),
        criterion("environment", 20, lot=2),
    )
    told = found(roof(criteria=criteria))
    assert [(f.code, f.about) for f in told] == [("weights-sum", "2")]


def test_the_turnover_is_capped_lot_by_lot() -> None:
    lots = (lot(1, 120000, minimum_turnover=Decimal(180000)), lot(2, 60000))
    sheet = roof(lots=lots, minimum_turnover=Decimal(90000))
    assert [sheet.turnover_asked(one) for one in lots] == [180000, 90000]
    assert found(sheet) == []
    told = found(roof(lots=lots, minimum_turnover=Decimal(180000)))
    assert [(one.about, one.step, one.params["highest"]) for one in told] == [("2", "terms", 90000)]


def test_a_reason_does_not_cover_another_value() -> None:
    keys = {
        f.key
        for value in (95000, 96000)
        for f in found(roof(estimated_value=Decimal(value), lots=(lot(1, value),)))
    }
    assert len(keys) == 2


def test_findings_go_to_the_step_that_mends_them() -> None:
    steps = in_steps(found(roof(family="", criteria=())))
    assert {step: [f.code for f in told] for step, told in steps.items()} == {
        "need": ["family-missing"],
        "criteria": ["criteria-missing"],
    }


# -- the need -----------------------------------------------------------------------------------------------------------


def bought(value: int, started: date, *, category: str = "services", family: str = "Nettoyage") -> Purchase:
    return Purchase("Autre achat", category, family, Decimal(value), started)


def test_supplies_and_services_add_up_over_twelve_months() -> None:
    purchases = [
        bought(10000, date(2026, 1, 15)),
        bought(20000, date(2025, 11, 30)),
        bought(40000, TODAY, family="Espaces verts"),
        bought(80000, TODAY, category="works"),
    ]
    need = need_of("services", " nettoyage ", purchases, on=TODAY)
    assert need.total(Decimal(5000)) == 15000


def test_works_add_up_by_operation_whatever_their_age() -> None:
    need = need_of(
        "works", "École", [bought(50000, date(2023, 5, 1), category="works", family="Ecole")], on=TODAY
    )
    assert need.total(Decimal(60000)) == 110000


def test_without_a_family_nothing_adds_up() -> None:
    assert need_of("services", "", [bought(10000, TODAY, family="")], on=TODAY).others == ()


def test_a_month_before_march_ends_in_february() -> None:
    assert need_of(
        "services", "Nettoyage", [bought(1, date(2026, 3, 1))], on=date(2026, 3, 31), months=1
    ).others


def test_spellings_of_a_family_are_proposed_once() -> None:
    assert families([bought(1, TODAY, family="Nettoyage"), bought(1, TODAY, family="NETTOYAGE")]) == [
        "Nettoyage"
    ]


def test_the_whole_need_is_what_the_thresholds_see() -> None:
    need = Need(others=(bought(200000, TODAY),))
    sheet = formal(
        estimated_value=Decimal(50000), lots=(lot(1, 25000), lot(2, 25000)), procedure="adapted", need=need
    )
    codes = [f.code for f in found(sheet)]
    assert codes == ["need-crosses", "need-crosses", "procedure-closed"]


# -- the procedure ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "value", "more", "code"),
    [
        ("works", 99999, {}, "direct"),
        ("works", 100000, {}, "adapted"),
        ("works", 5403999, {}, "adapted"),
        ("works", 5404000, {}, "open"),
        ("goods", 59999, {}, "direct"),
        ("services", 60000, {}, "adapted"),
        ("services", 215999, {}, "adapted"),
        ("goods", 216000, {}, "open"),
        ("goods", 216000, {"regime": "utility"}, "adapted"),
        ("services", 900000, {"is_social_service": True}, "adapted"),
        ("services", 10000, {"procedure": "concession"}, "concession"),
    ],
)
def test_the_simplest_lawful_procedure_is_proposed(
    category: str, value: int, more: dict[str, Any], code: str
) -> None:
    sheet = Sheet(category=category, estimated_value=Decimal(value), **more)
    assert procedures.proposed(sheet, law()) == code
    best = procedures.options(sheet, law())[0]
    assert (best.procedure.code, best.verdict) == (code, Verdict.PROPOSED)


SCHOOLS = {
    "cpv": "55524000",
    "category": "services",
}  # catering of schools, among the social and specific services


def social(value: int, **more: Any) -> Sheet:
    """A sound formal consultation, turned into one for the meals of schools."""
    given: dict[str, Any] = {"estimated_value": Decimal(value), "is_social_service": True}
    return formal(**given | SCHOOLS | more)


@pytest.mark.parametrize(
    ("value", "more", "code"),
    [
        (216000, {}, ""),
        (216000, {"is_social_service": False}, "social-service-unsaid"),
        (216000, {"is_social_service": False, "category": "goods"}, ""),
        (216000, {"cpv": "72000000"}, "social-service-unlisted"),
        (216000, {"category": "goods"}, "social-service-unlisted"),
        (215999, {"is_social_service": False}, ""),
        (215999, {"cpv": "72000000"}, ""),
        (431999, {"is_social_service": False, "regime": "utility"}, ""),
        (432000, {"is_social_service": False, "regime": "utility"}, "social-service-unsaid"),
    ],
)
def test_a_buyer_is_told_where_the_light_regime_may_apply(
    value: int, more: dict[str, Any], code: str
) -> None:
    said = [one for one in found(social(value, **more)) if one.code.startswith("social-service")]
    assert [(one.code, one.severity, one.article) for one in said] == ([(code, WARNING, "")] if code else [])


@pytest.mark.parametrize(("regime", "longest"), [("authority", 48), ("utility", 96)])
def test_a_framework_of_networks_may_last_twice_as_long(regime: str, longest: int) -> None:
    given = {"technique": "framework", "framework_maximum": Decimal(1), "regime": regime}
    codes = [
        {one.code for one in found(formal(**given, duration_months=months))}
        for months in (longest, longest + 1)
    ]
    assert ["framework-too-long" in one for one in codes] == [False, True]


def test_a_social_service_is_never_told_to_go_formal() -> None:
    """Neither its procedure, nor its negotiation, nor its lots are those of a formal one, whatever its value."""
    sheet = social(9_000_000, procedure="adapted", division_reason="", lots=())
    codes = {one.code: one for one in found(sheet)}
    assert "procedure-closed" not in codes and "ground-missing" not in codes
    assert codes["not-divided"].severity is WARNING
    judged = {o.procedure.code: o.verdict for o in procedures.options(sheet, law())}
    assert judged["adapted"] is Verdict.PROPOSED and judged["negotiated"] is Verdict.OPEN


@pytest.mark.parametrize(
    ("value", "more", "is_european"),
    [
        (216000, {}, False),
        (749999, {}, False),
        (750000, {}, True),
        (999999, {"regime": "utility"}, False),
        (1000000, {"regime": "utility"}, True),
    ],
)
def test_a_social_service_is_announced_in_europe_from_its_own_threshold(
    value: int, more: dict[str, Any], is_european: bool
) -> None:
    duties = procedures.duties(social(value, procedure="adapted", **more), law())
    notices = [one for one in duties if "notice" in one.text.lower()]
    assert [one.text.startswith("A notice in the Official Journal") for one in notices] == [is_european]
    assert notices[0].article == ""  # a threshold that was not read is told, never cited
    near = [one.code for one in found(social(value, **more)) if one.code == "near-threshold"]
    assert bool(near) is (value in (749999, 999999))


def test_the_threshold_of_april_was_lower_in_march() -> None:
    sheet = Sheet(category="goods", estimated_value=Decimal(50000))
    assert [procedures.proposed(sheet, law_on(day)) for day in (date(2026, 3, 31), date(2026, 4, 1))] == [
        "adapted",
        "direct",
    ]


def test_every_procedure_of_the_law_has_its_verdict() -> None:
    judged = {o.procedure.code: o.verdict for o in procedures.options(formal(), law())}
    assert set(judged) == set(law().procedures) and len(judged) == 12
    assert judged["adapted"] is Verdict.CLOSED
    assert {code for code, verdict in judged.items() if verdict is Verdict.GROUND} == {
        "direct",
        "negotiated",
        "dialogue",
        "innovation",
        "subsequent",
        "specific",
    }


def test_only_texts_that_were_read_are_cited() -> None:
    cited = {o.article for o in procedures.options(formal(), law())} - {""}
    assert cited == {"CCP annexe 2"}


def test_a_utility_negotiates_freely() -> None:
    judged = {o.procedure.code: o.verdict for o in procedures.options(formal(regime="utility"), law())}
    assert judged["negotiated"] is Verdict.OPEN


def test_what_a_choice_entails_is_told() -> None:
    articles = [duty.article for duty in procedures.duties(formal(), law())]
    assert articles == ["CCP R2132-2", "CCP annexe 2", "CCP R2182-1", "CGCT D2131-5-1", "CCP R2196-1"]
    assert [d.article for d in procedures.duties(roof(), law())] == [
        "CCP R2132-2",
        "CCP R2131-12",
        "CCP R2196-1",
    ]


def test_a_year_without_its_thresholds_is_said_to_be_missing() -> None:
    with pytest.raises(Unavailable) as refused:
        law_on(date(2028, 1, 1))
    assert refused.value.params["pack"] == "procurement-thresholds"


# -- the calendar -------------------------------------------------------------------------------------------------------

STAGED = ["restricted", "negotiated", "dialogue", "innovation", "contest", "dynamic"]
CHOSEN = ["adapted", "concession"]


@pytest.mark.parametrize(
    ("code", "in_two"),
    [(code, code in STAGED) for code in law().procedures if code != "direct"]
    + [(code, True) for code in CHOSEN],
)
def test_the_proposed_calendar_is_lawful(code: str, in_two: bool) -> None:
    sheet = formal(procedure=code, procedure_ground="R2124-3, 1°", is_two_stage=in_two)
    for start in range(40):
        proposed = timetable.propose(sheet, law(), publish_on=TODAY + timedelta(days=start))
        dated = formal(
            procedure=code,
            is_two_stage=in_two,
            publish_on=proposed.publish_on,
            questions_until=proposed.questions_until,
            tenders_until=proposed.tenders_until,
            applications_until=proposed.applications_until,
            invite_on=proposed.invite_on,
        )
        assert list(timetable.check(dated, law(), today=TODAY)) == []
        assert (proposed.applications_until is not None) is in_two


def test_the_buyer_chooses_the_stages_where_the_law_lets_it() -> None:
    """An open call stays in one stage whatever is said, a restricted one in two."""
    for code in law().procedures:
        one, two = (law().has_two_stages(roof(procedure=code, is_two_stage=said)) for said in (False, True))
        assert (one, two) == ((False, True) if code in CHOSEN else (code in STAGED,) * 2)
    assert [law().method_of(roof(procedure=code, is_two_stage=True)) for code in CHOSEN] == ["selective"] * 2
    assert law().method_of(roof(procedure="concession")) == "open"


def test_bids_that_come_with_candidatures_have_the_days_of_candidatures() -> None:
    """An open concession: thirty days for both (CCP R3123-14)."""
    said = formal(procedure="concession", publish_on=SHORT, tenders_until=noon(2027, 1, 6))
    assert "deadline-too-early" in {f.code for f in found(said)}
    late = formal(procedure="concession", publish_on=SHORT, tenders_until=noon(2027, 1, 7))
    assert "deadline-too-early" not in {f.code for f in found(late)}


def test_thirty_days_are_whole() -> None:
    """Sent on 7 December: the thirtieth day is 6 January; the deadline may not fall on it."""
    proposed = timetable.propose(formal(), law(), publish_on=SHORT)
    assert proposed.tenders_until == noon(2027, 1, 7)


@pytest.mark.parametrize(
    ("case", "days"),
    [({}, 31), ({"has_prior_notice": True}, 16), ({"is_urgent": True, "urgency_reason": "Sinistre."}, 16)],
)
def test_a_prior_notice_or_urgency_shortens_the_time(case: dict[str, Any], days: int) -> None:
    proposed = timetable.propose(formal(**case), law(), publish_on=SHORT)
    assert (proposed.tenders_until.date() - SHORT).days == days


def test_a_time_limit_that_was_not_read_only_warns() -> None:
    sheet = formal(
        procedure="negotiated",
        procedure_ground="R2124-3, 1°",
        applications_until=noon(2027, 1, 7),
        invite_on=date(2027, 1, 11),
        tenders_until=noon(2027, 1, 18),
        questions_until=date(2027, 1, 8),
    )
    told = [f for f in found(sheet) if f.code == "deadline-too-early"]
    assert [(f.severity, f.about) for f in told] == [(WARNING, "tenders_until")]


def test_options_of_the_whole_count_beside_the_lots() -> None:
    sheet = roof(estimated_value=Decimal(200000), options=(option(value=10000, times=2),))
    assert found(sheet) == []
    told = found(roof(estimated_value=Decimal(210000), options=(option(value=10000, times=2),)))
    assert [f.code for f in told] == ["lots-sum"]


# -- procedures of several stages -----------------------------------------------------------------------------------------


def test_a_dynamic_system_admits_everybody_and_says_how_long() -> None:
    sheet = formal(procedure="dynamic", most_candidates=10, duration_months=None)
    told = {f.code: f for f in found(sheet)}
    assert told["dynamic-limited"].severity is WARNING
    assert {f.about for f in found(sheet) if f.code == "mention-missing"} == {"duration", "system-duration"}


def test_a_contest_says_how_many_compete_and_for_which_prize() -> None:
    asked = {f.about for f in found(formal(procedure="contest")) if f.code == "mention-missing"}
    assert asked == {"contest-candidates", "contest-prize"}


PARTLY_HERE = {"innovation"}


@pytest.mark.parametrize("code", [*STAGED, *CHOSEN])
def test_how_a_procedure_of_several_stages_goes_is_told(code: str) -> None:
    """With what this platform does not carry yet."""
    course = law().course_of(formal(procedure=code, is_two_stage=True))
    assert len(course) >= 3
    assert any(not step.is_here for step in course) is (code in PARTLY_HERE)


def test_nothing_that_was_not_read_is_cited_for_the_new_rules() -> None:
    sheet = formal(allows_variants=True, reserved_for="disability", purchasing_form="group")
    assert {f.article for f in found(sheet)} == {""}
    assert law().reservations["disability"].article == "CCP L2113-12"


@pytest.mark.parametrize("code", law().procedures)
def test_what_is_not_whole_here_is_said_when_it_is_chosen(code: str) -> None:
    is_whole = law().is_whole(code)
    assert is_whole == (code not in PARTLY_HERE)


def test_the_invited_of_a_private_call_owe_no_publicity() -> None:
    sheet = formal(procedure="subsequent", invited=2)
    assert [duty.article for duty in procedures.duties(sheet, law())] == ["CGCT D2131-5-1", "CCP R2196-1"]
