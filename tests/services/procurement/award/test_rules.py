"""The rules by themselves: formulas, ranking, standstill, quorum, changes of a contract, the order of the law."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.services.procurement.domain import changes, committees, contract_life, life, scoring, signing
from territoires.services.procurement.domain.changes import Change, Ledger
from territoires.services.procurement.domain.committees import Seat
from territoires.services.procurement.domain.contract_life import CONTRACT, next_verbs
from territoires.services.procurement.domain.next_step import Standing, next_step
from territoires.services.procurement.domain.notices.subtypes import CALL, RESULT
from territoires.services.procurement.domain.scoring import Method
from territoires.services.procurement.domain.standstill import standstill
from territoires.services.procurement.models import Consultation
from territoires.services.procurement.queries.award import is_above_threshold
from territoires.services.procurement.queries.law import law_on
from territoires.services.procurement.queries.notice_data import subtype_of

LAW = law_on(date(2027, 1, 12))
PRICES = st.decimals(min_value=1, max_value=10_000_000, places=2, allow_nan=False)
WEIGHTS = st.decimals(min_value=1, max_value=100, places=2, allow_nan=False)


def d(text: str) -> Decimal:
    return Decimal(text)


# -- formulas -----------------------------------------------------------------------------------------------------------


def test_the_formulas_agree_with_a_pocket_calculator() -> None:
    prices = {"a": d("100000"), "b": d("120000"), "c": d("200000"), "d": d("300000")}
    linear = scoring.points_of_prices(prices, Method("linear"), d("40"))
    gap = scoring.points_of_prices(prices, Method("difference"), d("40"))
    assert linear == {"a": d("40.000"), "b": d("33.333"), "c": d("20.000"), "d": d("13.333")}
    assert gap == {"a": d("40.000"), "b": d("32.000"), "c": d("0.000"), "d": d("0.000")}
    assert scoring.grid(d("3.5"), 5, d("30")) == d("21.000")


@given(
    st.dictionaries(st.integers(0, 30), PRICES, min_size=1),
    WEIGHTS,
    st.sampled_from(["linear", "difference"]),
)
def test_the_lowest_price_has_all_points_and_a_dearer_one_never_more(
    prices: dict[int, Decimal], weight: Decimal, code: str
) -> None:
    points = scoring.points_of_prices(prices, Method(code), weight)
    lowest = min(prices.values())
    for key, price in prices.items():
        assert 0 <= points[key] <= weight
        if price == lowest:
            assert points[key] == weight
    order = sorted(prices, key=prices.__getitem__)
    assert all(points[one] >= points[other] for one, other in itertools.pairwise(order))


def test_a_price_of_nothing_is_refused_by_the_formula_and_a_note_off_the_grid_too() -> None:
    with pytest.raises(ValueError, match="more than zero"):
        scoring.points_of_prices({"a": d("0")}, Method("linear"), d("40"))
    with pytest.raises(ValueError, match="between 0 and 5"):
        scoring.grid(d("6"), 5, d("40"))
    assert scoring.points_of_prices({}, Method("linear"), d("40")) == {}


@given(st.dictionaries(st.integers(0, 20), st.lists(WEIGHTS, min_size=1, max_size=5), min_size=1))
def test_equal_totals_share_their_rank_and_the_next_counts_them_all(points: dict[int, list[Decimal]]) -> None:
    placed = scoring.ranking(points)
    assert {one.key for one in placed} == set(points)
    for one in placed:
        assert one.total == sum(points[one.key], Decimal(0))
        assert one.rank == 1 + sum(other.total > one.total for other in placed)
        assert one.is_tied == (sum(other.total == one.total for other in placed) > 1)
    assert [one.rank for one in placed] == sorted(one.rank for one in placed)


def test_two_bids_with_one_total_are_told_to_be_tied() -> None:
    placed = scoring.ranking({"a": [d("50"), d("30")], "b": [d("40"), d("40")], "c": [d("10")]})
    assert [(one.key, one.rank, one.is_tied) for one in placed] == [
        ("a", 1, True),
        ("b", 1, True),
        ("c", 3, False),
    ]


NOTES = st.decimals(0, 20, places=2)


@given(st.lists(NOTES, min_size=1, max_size=9), NOTES)
def test_what_is_proposed_of_several_notes_lies_between_them(notes: list[Decimal], better: Decimal) -> None:
    proposed = scoring.consolidated(notes)
    assert proposed is not None and min(notes) <= proposed <= max(notes)
    raised = scoring.consolidated([max(notes[0], better), *notes[1:]])
    assert raised is not None and raised >= proposed
    assert scoring.consolidated([]) is None


@given(NOTES, st.integers(1, 100), st.lists(WEIGHTS, min_size=1, max_size=5))
def test_parts_never_give_more_points_than_their_criterion(
    value: Decimal, scale: int, weights: list[Decimal]
) -> None:
    value = min(value, Decimal(scale))
    points = [scoring.grid(value, scale, weight) for weight in weights]
    assert all(0 <= one <= weight for one, weight in zip(points, weights, strict=True))
    assert sum(points) <= sum(weights)
    assert scoring.grid(Decimal(scale), scale, weights[0]) == weights[0]


def test_a_single_bid_has_all_points_of_the_price() -> None:
    for code in ("linear", "difference"):
        assert scoring.points_of_prices({"alone": d("123456.78")}, Method(code), d("40")) == {
            "alone": d("40.000")
        }


def test_a_low_price_is_a_hint_against_the_others_or_the_estimate() -> None:
    prices = {"a": d("60"), "b": d("100"), "c": d("104")}
    assert scoring.low_prices(prices, percent=d("25")) == {"a"}
    assert scoring.low_prices({"a": d("60")}, percent=d("25")) == set()
    assert scoring.low_prices({"a": d("60")}, percent=d("25"), estimate=d("100")) == {"a"}


# -- standstill ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent_on", "electronic", "days", "sign_from"),
    [
        (date(2027, 1, 12), True, 11, date(2027, 1, 26)),  # the eleventh day is a Saturday: it ends on Monday
        (date(2027, 1, 14), True, 11, date(2027, 1, 26)),
        (date(2027, 1, 14), False, 16, date(2027, 2, 2)),  # the sixteenth is a Saturday too
        (date(2027, 4, 21), True, 11, date(2027, 5, 4)),  # ends on a Sunday
        (date(2027, 4, 20), True, 11, date(2027, 5, 4)),  # ends on 1 May, a Saturday and a holiday
    ],
)
def test_the_standstill_is_counted_from_the_day_after_the_letters(
    sent_on: date, electronic: bool, days: int, sign_from: date
) -> None:
    due = standstill(
        procedure=LAW.procedures["open"], participants=3, all_electronic=electronic, sent_on=sent_on, law=LAW
    )
    assert (due.days, due.article, due.sign_from) == (days, "CCP R2182-1", sign_from)
    assert due.until is not None and not due.allows(due.until) and due.allows(sign_from)


@pytest.mark.parametrize(
    ("procedure", "participants", "article"),
    [("adapted", 3, ""), ("open", 1, "CCP R2182-2"), ("subsequent", 3, ""), ("dynamic", 3, "CCP R2182-2")],
)
def test_none_is_due_where_the_law_says_so(procedure: str, participants: int, article: str) -> None:
    due = standstill(
        procedure=LAW.procedures[procedure],
        participants=participants,
        all_electronic=True,
        sent_on=date(2027, 1, 12),
        law=LAW,
    )
    assert (due.days, due.article, due.sign_from) == (0, article, None)
    assert due.allows(date(2027, 1, 12))


def test_a_buyer_who_owes_none_may_keep_one() -> None:
    given = {"procedure": LAW.procedures["adapted"], "all_electronic": True, "sent_on": date(2027, 1, 12)}
    due = standstill(participants=1, law=LAW, is_kept=True, **given)
    assert (due.days, due.article, due.sign_from) == (11, "", date(2027, 1, 26))


# -- committees ---------------------------------------------------------------------------------------------------------


def members(*present: bool) -> list[Seat]:
    found = [Seat("p", "president", present[0])]
    return found + [Seat(f"t{n}", "titular", one) for n, one in enumerate(present[1:])]


@pytest.mark.parametrize(
    ("present", "has"),
    [((True, True, True, False, False, False), False), ((True, True, True, True, False, False), True)],
)
def test_more_than_half_of_the_seats_make_the_quorum(present: tuple[bool, ...], has: bool) -> None:
    assert committees.has_quorum("cao", members(*present), is_second=False) is has


def test_the_second_meeting_of_a_tender_committee_needs_none_and_that_of_a_jury_does() -> None:
    alone = members(True, False, False, False)
    assert committees.has_quorum("cao", alone, is_second=True)
    assert committees.has_quorum("cdsp", alone, is_second=True)
    assert not committees.has_quorum("jury", alone, is_second=True)
    assert not committees.has_quorum("cao", members(False, False, False), is_second=True)


def test_a_substitute_votes_only_in_the_place_of_one_who_is_absent() -> None:
    seats = [
        Seat("p", "president", True),
        Seat("t", "titular", True),
        Seat("a", "titular", False),
        Seat("s1", "substitute", True, votes_for="t"),
        Seat("s2", "substitute", True, votes_for="a"),
        Seat("s3", "substitute", True, votes_for="a"),
        Seat("s4", "substitute", True),
        Seat("x", "adviser", True),
    ]
    assert {one.key for one in committees.voters(seats)} == {"p", "t", "s2"}


def test_who_has_a_conflict_is_there_and_does_not_vote() -> None:
    seats = [Seat("p", "president", True), Seat("t", "titular", True, has_conflict=True)]
    assert [one.key for one in committees.may_vote(seats)] == ["p"]


def test_the_award_is_the_committees_own_above_the_threshold_alone() -> None:
    assert committees.awaited(is_formal=True, is_concession=False) == "cao"
    assert committees.awaited(is_formal=False, is_concession=False) is None
    assert committees.awaited(is_formal=False, is_concession=True) == "cdsp"
    assert committees.awaited(is_formal=True, is_concession=True) == "cdsp"


def test_clear_days_lie_between_the_convening_and_the_meeting() -> None:
    assert committees.earliest_meeting(date(2027, 1, 12), 5) == date(2027, 1, 18)


# -- changes of a contract ----------------------------------------------------------------------------------------------


def ledger(category: str = "works", *before: Change) -> Ledger:
    return Ledger(d("100000"), category, "authority", is_concession=False, before=before)


def codes(change: Change, found: Ledger) -> set[str]:
    return {one.code for one in changes.check(change, found, LAW) if one.stops}


@pytest.mark.parametrize(
    ("category", "amount", "refused"),
    [
        ("works", "14999.99", set()),
        ("works", "15000", {"change-not-low"}),
        ("services", "9999.99", set()),
        ("services", "10000", {"change-not-low"}),
        ("works", "-15000", {"change-not-low"}),
    ],
)
def test_a_low_amount_is_below_its_share(category: str, amount: str, refused: set[str]) -> None:
    assert codes(Change("low", d(amount)), ledger(category)) == refused


def test_low_amounts_add_up_and_other_grounds_do_not_count() -> None:
    before = (Change("low", d("8000")), Change("unforeseen", d("40000")))
    assert codes(Change("low", d("6999")), ledger("works", *before)) == set()
    assert codes(Change("low", d("7000")), ledger("works", *before)) == {"change-not-low"}


@pytest.mark.parametrize("ground", ["additional", "unforeseen"])
def test_half_of_the_first_amount_is_the_limit_of_each_change(ground: str) -> None:
    assert codes(Change(ground, d("50000")), ledger()) == set()
    assert codes(Change(ground, d("50000.01")), ledger()) == {"change-over-half"}
    earlier = ledger("works", Change(ground, d("50000")))
    assert codes(Change(ground, d("50000")), earlier) == set()


def test_a_low_change_never_reaches_the_european_threshold() -> None:
    big = Ledger(d("100000000"), "works", "authority", is_concession=False)
    assert codes(Change("low", d("5404000")), big) == {"change-over-threshold"}


def test_a_new_holder_is_named_and_comes_on_its_own_ground() -> None:
    assert codes(Change("holder", d("0")), ledger()) == {"change-without-holder"}
    assert codes(Change("holder", d("0"), has_new_holder=True), ledger()) == set()
    assert codes(Change("low", d("10"), has_new_holder=True), ledger()) == {"holder-on-another-ground"}


def test_a_large_change_without_substance_only_warns() -> None:
    found = list(changes.check(Change("not_substantial", d("20000")), ledger(), LAW))
    assert [(one.code, one.stops) for one in found] == [("change-large", False)]


def test_nothing_is_not_a_price() -> None:
    assert "change-to-nothing" in codes(Change("clause", d("-100000")), ledger())


def test_five_percent_more_go_to_the_committee() -> None:
    assert not changes.needs_committee(Change("low", d("5000")), ledger(), LAW)
    assert changes.needs_committee(Change("low", d("5000.01")), ledger(), LAW)
    assert changes.needs_committee(Change("low", d("1000")), ledger("works", Change("low", d("4001"))), LAW)


# -- the order of the law -----------------------------------------------------------------------------------------------


def test_nothing_is_carried_out_before_it_was_notified() -> None:
    for state in CONTRACT.states:
        assert CONTRACT.allows(state, "execute") == (state == contract_life.NOTIFIED)
        assert CONTRACT.allows(state, "receive") == (state == contract_life.NOTIFYING)


def test_every_way_to_execution_passes_the_signature_and_the_notification() -> None:
    """Walks the table: no path from the draft to the execution leaves a step out."""

    def ways(state: str, seen: tuple[str, ...]) -> list[tuple[str, ...]]:
        if state == contract_life.EXECUTION:
            return [seen]
        found = []
        for verb in CONTRACT.verbs(state):
            target = CONTRACT.after(state, verb)
            if target not in seen:
                found += ways(target, (*seen, target))
        return found

    every = ways(contract_life.DRAFTED, (contract_life.DRAFTED,))
    assert every
    for way in every:
        order = [
            contract_life.SIGNED,
            contract_life.NOTIFYING,
            contract_life.NOTIFIED,
            contract_life.EXECUTION,
        ]
        places = [way.index(state) for state in order]
        assert places == sorted(places)


@given(st.lists(st.sampled_from(list(CONTRACT.states)), max_size=4))
def test_a_consultation_never_passes_its_least_advanced_contract(contracts: list[str]) -> None:
    state = life.STANDSTILL
    for verb in next_verbs(state, contracts):
        state = life.LIFE.after(state, verb)
    behind = {contract_life.DRAFTED, contract_life.SIGNING} & set(contracts)
    if behind or not [one for one in contracts if one != contract_life.GIVEN_UP]:
        assert state == life.STANDSTILL
    if contract_life.NOTIFYING in contracts or contract_life.SIGNED in contracts:
        assert state not in (life.NOTIFIED, life.EXECUTION, life.ENDED)


def test_two_contracts_move_the_consultation_together() -> None:
    assert next_verbs(life.STANDSTILL, ["signed", "drafted"]) == []
    assert next_verbs(life.STANDSTILL, ["notified", "signed"]) == ["sign"]
    received = ["received", "received"]
    assert next_verbs(life.SIGNED, received, through_state=True) == ["transmit", "acknowledge"]
    assert next_verbs(life.SIGNED, ["notified", "given_up"]) == ["notify"]
    assert next_verbs(life.NOTIFIED, ["execution"]) == ["execute"]


def test_the_manner_is_that_of_both_sides() -> None:
    assert signing.manner_of(["hand", "hand"]) == "hand"
    assert signing.manner_of(["hand", "electronic"]) == "mixed"
    assert signing.manner_of([]) == ""
    assert signing.awaited(["holder"]) == ["buyer"]


def test_one_step_at_a_time_in_the_order_of_the_evaluation() -> None:
    today = date(2027, 1, 12)

    def code(**values: object) -> str:
        found = next_step(Standing(**{"state": "analysis"} | values), today)  # type: ignore[arg-type]
        return found.code if found else ""

    assert code(to_table=3) == "examine"
    assert code(candidates_to_examine=1, bids_to_examine=2) == "candidates"
    assert code(bids_to_examine=2, notes_missing=3) == "bids"
    assert code(notes_missing=3, lots_to_rank=1) == "notes"
    assert code(lots_to_rank=1) == "rank"
    assert code(lots_for_committee=1) == "committee"
    opinion = {"lots_for_committee": 1, "is_concession": True}
    assert code(**opinion) == code(**opinion, round_prepared=True) == "committee-opinion"
    assert code(**opinion, round_prepared=True, awaits_tenders=True) == "invite"
    assert code(is_concession=True, round_prepared=True) == "invite"
    assert code(round_prepared=True, keys_missing=2) == "keys"
    assert code(lots_to_decide=1) == "decide"
    assert code(state="decided") == "letters"
    assert code(state="standstill", sign_from=date(2027, 1, 26), contracts=["drafted"]) == "standstill"
    assert code(state="standstill", sign_from=date(2027, 1, 12), contracts=["drafted"]) == "sign"
    assert code(state="signed", contracts=["signed"], must_be_received=True) == "transmit"
    assert code(state="signed", contracts=["signed"]) == "notify"
    assert code(state="published") == "ready"
    assert code(state="published", questions=2) == "answer"
    assert code(state="closed") == "no-bid"
    assert code(state="round_closed") == "no-bid", "of two stages: no tender, and candidatures before it"
    assert code(state="round_closed", earlier_bids=2) == "earlier-bids"
    assert code(state="closed", deposits=2) == code(state="opening") == "open"
    assert code(state="round_closed", deposits=1, earlier_bids=2) == code(state="round_opening") == "open"
    assert code(state="ended") == code(state="draft") == ""


@pytest.mark.parametrize(
    ("procedure", "value", "is_social", "is_above"),
    [
        ("open", 900_000, False, True),
        ("concession", 900_000, False, False),
        ("concession", 5_404_000, False, True),
        ("adapted", 749_999, True, False),
        ("adapted", 750_000, True, True),
        ("concession", 900_000, True, False),
    ],
)
def test_concessions_and_social_services_have_european_thresholds_of_their_own(
    procedure: str, value: int, is_social: bool, is_above: bool
) -> None:
    consultation = Consultation(
        procedure=procedure,
        main_procurement_category="services",
        estimated_value=Decimal(value),
        is_social_service=is_social,
    )
    assert is_above_threshold(consultation, LAW) is is_above


@pytest.mark.parametrize(("value", "call", "result"), [(749_999, "E3", "E4"), (750_000, "20", "33")])
def test_notices_of_a_social_service_follow_its_own_threshold(value: int, call: str, result: str) -> None:
    consultation = Consultation(
        procedure="adapted",
        main_procurement_category="services",
        estimated_value=Decimal(value),
        is_social_service=True,
    )
    assert [subtype_of(consultation, does, LAW.on) for does in (CALL, RESULT)] == [call, result]
