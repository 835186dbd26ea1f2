"""What a sitting and a vote must hold together, what file names tell, which matter words propose."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from territoires.foundations.packs import api as packs
from territoires.services.legality.domain.proposing import propose_matter
from territoires.services.legality.domain.sitting import (
    Ballot,
    Name,
    SittingWords,
    faults_of_ballot,
    faults_of_sitting,
    has_quorum,
    list_due_on,
    split_file_name,
)
from territoires.services.legality.queries.readiness import classification

TODAY = date(2026, 11, 24)
EVENING = SittingWords(
    held_on=date(2026, 11, 23),
    kind="council",
    presiding=Name("Paul", "Essai"),
    quality="Maire",
    secretaries=[Name("Jeanne", "Modèle")],
    in_office=11,
    present=8,
    represented=2,
)


@pytest.mark.parametrize(
    ("present", "in_office", "holds"), [(6, 11, True), (5, 11, False), (5, 10, False), (6, 10, True)]
)
def test_the_quorum_is_more_than_half(present: int, in_office: int, holds: bool) -> None:
    assert has_quorum(present, in_office) is holds


def test_the_list_is_due_within_a_week_across_the_year() -> None:
    assert list_due_on(date(2026, 12, 28), 7) == date(2027, 1, 4)


def test_a_complete_sitting_has_no_fault() -> None:
    assert faults_of_sitting(EVENING, TODAY) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"held_on": None}, "sitting-date"),
        ({"held_on": date(2026, 11, 25)}, "sitting-date"),
        ({"kind": "party"}, "sitting-kind"),
        ({"presiding": Name("", "Essai")}, "presiding-incomplete"),
        ({"quality": ""}, "presiding-incomplete"),
        ({"secretaries": []}, "secretary-missing"),
        ({"secretaries": [Name("Jeanne", "")]}, "secretary-missing"),
        ({"present": None}, "presence-missing"),
        ({"represented": 4}, "presence-sum"),
    ],
)
def test_what_is_wrong_with_a_sitting_is_told(change: dict[str, object], fault: str) -> None:
    assert [found.code for found in faults_of_sitting(replace(EVENING, **change), TODAY)] == [fault]


@pytest.mark.parametrize(
    ("ballot", "faults"),
    [
        (Ballot(outcome="adopted"), []),
        (Ballot(outcome="postponed"), []),
        (Ballot(outcome="adopted", votes_for=10), []),
        (Ballot(outcome="adopted", votes_for=6, against=2, abstention=1, not_voting=1), []),
        (Ballot(outcome="rejected", votes_for=4, against=6), []),
        (Ballot(outcome="adopted", votes_for=5, against=5), []),  # the casting vote
        (Ballot(outcome="adopted", votes_for=9), ["vote-sum"]),
        (Ballot(outcome="adopted", votes_for=11), ["vote-sum"]),
        (Ballot(outcome="adopted", votes_for=4, against=6), ["vote-outcome"]),
        (Ballot(outcome="", votes_for=10), ["outcome-missing"]),
    ],
)
def test_a_vote_counts_everybody_once(ballot: Ballot, faults: list[str]) -> None:
    assert [fault.code for fault in faults_of_ballot(ballot, voters=10)] == faults


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        ("DEL_2026_043_Tarifs_cantine.pdf", "DEL_2026_043", "Tarifs cantine"),
        ("2026-043 Budget de l'eau.PDF", "2026_043", "Budget de l'eau"),
        ("Dél. 2026-12 - Subventions.pdf", "DEL_2026_12", "Subventions"),
        ("tarifs-de-la-cantine.pdf", "", "Tarifs de la cantine"),
        ("Budget 2026.pdf", "", "Budget 2026"),
        ("2026.pdf", "", "2026"),
        ("scan0001.pdf", "", "Scan0001"),
        ("../../etc/Plan.pdf", "", "Plan"),
        (".pdf", "", ""),
    ],
)
def test_a_file_name_tells_number_and_object(name: str, number: str, words: str) -> None:
    assert split_file_name(name) == (number, words)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Budget primitif de l'eau", "7.1"),
        ("Tarifs de location de la salle des fêtes", "7.10"),
        ("Demande de subvention au titre de la DETR", "7.5"),
        ("Subventions aux associations", "7.5"),
        ("Création d'un poste d'adjoint technique", "4.1"),
        ("Vœu relatif au maintien de la poste", "9.4"),
        ("Reprise de concessions au cimetière", "3.5"),
        ("Élection des adjoints", "5.1"),
        ("Convention avec le syndicat des eaux", "5.7"),
        ("Quelques mots sans rapport", ""),
        ("", ""),
    ],
)
def test_words_propose_a_matter(text: str, code: str) -> None:
    lists = classification(TODAY)
    known = {matter.code for matter in lists.choosable_matters}
    entries = packs.pack("actes-matter-words", on=TODAY).entries
    assert {entry["code"] for entry in entries} <= known, "every matter proposed can be chosen"
    assert propose_matter(text, entries, known) == code
