"""The rules of an act, without database: words, classification, preflight, life, open data."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.kernel.errors import Conflict
from territoires.services.legality.domain import life, open_data, wording
from territoires.services.legality.domain.classification import (
    NOTIFY,
    PUBLISH,
    Classification,
    rank,
    read_classification,
)
from territoires.services.legality.domain.files import PDF
from territoires.services.legality.domain.notice import faults_of_notice
from territoires.services.legality.domain.preflight import FILES_SIZE, ActSheet, File, advice, preflight

TODAY = date(2026, 11, 24)
EXE = "application/vnd.microsoft.portable-executable"


def nature(code: str, abbreviation: str, piece: str, *, individual: bool = False, published: bool = False):
    return {
        "code": code,
        "abbreviation": abbreviation,
        **dict.fromkeys(("label_fr", "label_en", "name_fr", "name_en"), abbreviation),
        "default_piece": piece,
        "individual": individual,
        "published_by_default": published,
    }


LISTS: Classification = read_classification(
    natures=[
        nature("1", "DE", "99_DE", published=True),
        nature("3", "AI", "99_AI", individual=True),
        nature("4", "CC", "99_DC"),
        nature("5", "BF", "99_BU", published=True),
    ],
    matters=[
        {"code": code, "label_fr": code, "label_en": code, "parent": code.rpartition(".")[0]}
        for code in ("7", "7.10", "7.9", "7.1", "7.1.2", "5", "5.2")
    ],
    piece_types=[
        {"code": "99_DE", "natures": ("1",), "label_fr": "d", "label_en": "d"},
        {"code": "99_AI", "natures": ("3",), "label_fr": "i", "label_en": "i"},
        {"code": "99_BU", "natures": ("5",), "label_fr": "b", "label_en": "b"},
        {"code": "99_SE", "natures": ("1", "3", "4", "5"), "label_fr": "s", "label_en": "s"},
    ],
)
READY = ActSheet(
    number="DEL_2026_041",
    nature="1",
    matter_code="7.1",
    object="Budget primitif de l'eau",
    decided_on=date(2026, 11, 12),
    given_names="Paul",
    usual_name="Essai",
    quality="Maire",
    main=File("deliberation.pdf", PDF, 1000, "99_DE"),
)


def codes(sheet: ActSheet, **options: object) -> list[str]:
    return [fault.code for fault in preflight(sheet, LISTS, today=TODAY, **options)]  # type: ignore[arg-type]


def test_a_complete_act_has_no_fault() -> None:
    assert codes(READY) == []


def test_an_empty_act_is_told_everything_at_once() -> None:
    assert codes(ActSheet()) == [
        "nature-missing",
        "number-missing",
        "date-missing",
        "object-missing",
        "matter-missing",
        "author-incomplete",
        "main-missing",
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"nature": "8"}, "nature-unknown"),
        ({"number": "DEL-2026-041"}, "number-shape"),
        ({"number": "_DEL"}, "number-shape"),
        ({"number": "DEL_"}, "number-shape"),
        ({"number": "A" * 16}, "number-shape"),
        ({"number": "DEL_2026_041\n"}, "number-shape"),
        ({"decided_on": TODAY + timedelta(days=1)}, "date-future"),
        ({"decided_on": date(206, 11, 12)}, "date-too-old"),
        ({"object": "x" * 500}, "object-too-long"),
        ({"object": "L’eau à 3 €"}, "object-characters"),
        ({"matter_code": "7"}, "matter-too-wide"),
        ({"matter_code": "12.3"}, "matter-unknown"),
        ({"quality": ""}, "author-incomplete"),
        ({"main": File("act.pdf", EXE, 10, "99_DE")}, "main-format"),
        ({"main": File("act.pdf", PDF, 10, "")}, "piece-type-missing"),
        ({"main": File("act.pdf", PDF, 10, "99_AI")}, "piece-type-refused"),
        ({"annexes": [File("plan.docx", "application/zip", 10, "99_SE")]}, "annex-format"),
        ({"annexes": [File("plan.pdf", PDF, FILES_SIZE, "99_SE")]}, "too-large"),
    ],
)
def test_each_fault_is_named_alone(change: dict[str, object], code: str) -> None:
    assert codes(replace(READY, **change)) == [code]


def test_the_limits_themselves_are_accepted() -> None:
    assert codes(replace(READY, number="A" * 15, object="é" * 499, decided_on=TODAY)) == []
    full = File("plan.pdf", PDF, FILES_SIZE - 1000, "99_SE")
    assert codes(replace(READY, annexes=[full])) == []


def test_a_taken_number_is_told() -> None:
    assert codes(READY, number_is_taken=True) == ["number-taken"]


def test_only_a_budget_may_be_xml_and_its_annexes_are_pdf() -> None:
    budget = replace(
        READY, nature="5", matter_code="7.1.2", main=File("budget.xml", "application/xml", 10, "99_BU")
    )
    assert codes(budget) == []
    assert codes(replace(budget, matter_code="7.10")) == ["main-format"]
    photo = File("photo.png", "image/png", 10, "99_SE")
    assert codes(replace(budget, annexes=[photo])) == ["annex-not-pdf"]
    assert codes(replace(READY, annexes=[photo])) == []


def test_the_proposal_of_a_fault_satisfies_the_rule() -> None:
    [fault] = preflight(replace(READY, number="dél. n° 2026-041"), LISTS, today=TODAY)
    assert fault.params["proposal"] == "DEL_N_2026_041"
    assert wording.NUMBER.fullmatch(fault.params["proposal"])


@given(st.text(max_size=600))
def test_a_transliterated_object_is_accepted_and_stable(text: str) -> None:
    plain = wording.transliterate(text)
    assert wording.foreign_characters(plain) == []
    assert wording.transliterate(plain) == plain
    plain.encode("latin-1")


@given(st.text(max_size=40))
def test_a_proposed_number_is_empty_or_accepted(text: str) -> None:
    proposal = wording.propose_number(text)
    assert proposal == "" or wording.NUMBER.fullmatch(proposal)


@given(st.from_regex(wording.NUMBER, fullmatch=True))
def test_the_next_number_is_accepted_and_different(number: str) -> None:
    following = wording.next_number(number)
    assert following == "" or (wording.NUMBER.fullmatch(following) and following != number)


def test_next_numbers() -> None:
    assert wording.next_number("DEL_2026_041") == "DEL_2026_042"
    assert wording.next_number("DEL_099A") == "DEL_100A"
    assert wording.next_number("DEL") == ""
    assert wording.next_number("A99999999999999") == ""


def test_words_lose_invisible_characters_only() -> None:
    words = wording.ActWords(object="  Budget\u202e de\n l\u2019eau ", decided_on=TODAY)
    assert words.tidied()["object"] == "Budget de l\u2019eau"
    assert words.tidied()["decided_on"] == TODAY


@given(st.lists(st.integers(1, 99), min_size=1, max_size=5))
def test_codes_rank_by_number(parts: list[int]) -> None:
    assert rank(".".join(map(str, parts))) == tuple(parts)


def test_matters_are_sorted_by_number_and_first_levels_are_not_choosable() -> None:
    assert [m.code for m in LISTS.choosable_matters] == ["5.2", "7.1", "7.1.2", "7.9", "7.10"]
    assert [m.code for m in LISTS.themes] == ["5", "7"]


def test_how_each_nature_takes_effect() -> None:
    ways = {code: found.ways for code, found in LISTS.natures.items()}
    assert ways == {"1": (PUBLISH,), "3": (NOTIFY,), "4": (NOTIFY, PUBLISH), "5": (PUBLISH,)}


def test_the_life_of_an_act_is_walked_whole() -> None:
    """Every state and verb: the table allows exactly what is written here."""
    allowed = {
        ("draft", "revise"): "draft",
        ("draft", "declare_signed"): "signed",
        ("draft", "ask_signatures"): "signing",
        ("signing", "sign"): "signing",
        ("signing", "sign_last"): "signed",
        ("signing", "reopen"): "draft",
        ("draft", "discard"): "discarded",
        ("signed", "post"): "posted",
        ("signed", "publish"): "published",
        ("posted", "publish"): "published",
        ("signed", "notify"): "notified",
        ("signed", "reopen"): "draft",
        ("notified", "notify"): "notified",
        ("posted", "withdraw"): "withdrawn",
        ("published", "withdraw"): "withdrawn",
        ("notified", "withdraw"): "withdrawn",
        ("taken_over", "withdraw"): "withdrawn",
    }
    verbs = {transition.verb for transition in life.LIFE.transitions}
    for state, verb in itertools.product(life.LIFE.states, verbs):
        if target := allowed.get((state, verb)):
            assert life.LIFE.after(state, verb) == target
        else:
            with pytest.raises(Conflict):
                life.LIFE.after(state, verb)
    assert all(state.meaning for state in life.LIFE.states.values())
    assert set(life.LIVE) <= set(life.LIFE.states)
    assert set(life.COMPLETE) <= set(life.LIFE.states)


SIGNED_ON = date(2026, 11, 13)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipient": ""}, "recipient-missing"),
        ({"means": "pigeon"}, "means-missing"),
        ({"notified_on": None}, "notice-date"),
        ({"notified_on": date(2026, 11, 12)}, "notice-date"),
        ({"notified_on": TODAY + timedelta(days=1)}, "notice-date"),
    ],
)
def test_faults_of_a_notice(change: dict[str, object], code: str) -> None:
    good = {"recipient": "Mme Modèle", "notified_on": SIGNED_ON, "means": "hand"}
    assert faults_of_notice(**good, signed_on=SIGNED_ON, today=TODAY) == []  # type: ignore[arg-type]
    [fault] = faults_of_notice(**(good | change), signed_on=SIGNED_ON, today=TODAY)  # type: ignore[arg-type]
    assert fault.code == code


def line(text: str) -> open_data.Line:
    return open_data.Line(
        body_name="Commune",
        siret="21710438900017",
        number="DEL_1",
        decided_on=TODAY,
        matter_code="7.1",
        matter_label="Budgets",
        object=text,
        url="https://x.example/",
    )


def test_a_matter_with_finer_lines_below_is_told_and_not_refused() -> None:
    sheet = ActSheet(matter_code="7.1")
    [told] = advice(sheet, LISTS)
    assert (told.code, told.params["finer"]) == ("matter-has-finer", "7.1.2")
    assert "matter-has-finer" not in {fault.code for fault in preflight(sheet, LISTS, today=TODAY)}
    for leaf in ("7.1.2", "7.9", "7", "", "99.1"):
        assert advice(ActSheet(matter_code=leaf), LISTS) == []


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n\0")))
def test_the_open_table_is_read_back_as_written(text: str) -> None:
    table = "".join(open_data.csv_chunks([line(text)]))
    heading, row = csv.reader(io.StringIO(table, newline=""))
    assert tuple(heading) == open_data.COLUMNS
    assert row[6] == open_data.defused(text)


def test_no_cell_is_a_formula() -> None:
    assert open_data.defused("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert open_data.defused("Budget = 3") == "Budget = 3"
