"""An act before the simulated ministry: received, or refused by the rule that it breaks."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from .ministry import ACTES, OTHER_SIREN, PDF, Act, Ministry, detail

numbers = (f"A_{number}" for number in count(1))


def test_an_act_is_acknowledged_under_its_identifier(ministry: Ministry) -> None:
    act = Act(next(numbers), types=("99_DE", "99_SE"))
    name, root = ministry.answer(ministry.act(act))
    assert name.startswith(f"{act.identifier}-1-2_")
    assert (root.tag, root.get(f"{ACTES}IDActe")) == (f"{ACTES}ARActe", act.identifier)
    received = root.find(f"{ACTES}ActeRecu")
    assert received is not None
    assert received.findtext(f"{ACTES}Objet") == act.object
    assert ministry.verdict() == ("accepted", "")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"classification_on": "2017-04-19"}, "ODT-VERIF-01 : Votre acte a été transmis"),
        ({"nature": 8}, "Nature d'acte inconnue"),
        ({"nature": 2}, "Le nom du message"),
        ({"day": "2099-01-01"}, "dans le futur"),
        ({"matter": (5, 99)}, "La matière 5.99"),
        ({"matter": (7, 1, 4)}, "La matière 7.1.4"),
        ({"object": ""}, "L'objet de l'acte"),
        ({"types": ("22_AV",)}, "CodePJ"),
        ({"types": ("99_DE", "22_AV")}, "CodePJ"),
        ({"count": 1}, "Le nombre d'annexes"),
        ({"content": b""}, "est vide"),
        ({"content": b"MZ program"}, "est vide ou n'est pas"),
    ],
)
def test_an_act_is_refused_by_the_rule_that_it_breaks(
    ministry: Ministry, fault: dict[str, object], words: str
) -> None:
    act = replace(Act(next(numbers)), **fault)
    name, root = ministry.answer(ministry.act(act))
    assert name.startswith("021-212100077----1-3_")
    assert root.tag == f"{ACTES}AnomalieActe"
    assert words in detail(root)


def test_a_number_is_taken_only_by_an_act_that_was_accepted(ministry: Ministry) -> None:
    act = Act(next(numbers))
    _name, refused = ministry.answer(ministry.act(replace(act, classification_on="2017-04-19")))
    assert refused.tag == f"{ACTES}AnomalieActe"
    _name, accepted = ministry.answer(ministry.act(act))
    assert accepted.tag == f"{ACTES}ARActe"
    _name, again = ministry.answer(ministry.act(act))
    assert "Numéro interne déjà existant" in detail(again)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"number": "2026-01"}, "ODT-VERIF-17"),
        ({"object": "x" * 501}, "XML non valide"),
        ({"encoding": "UTF-8"}, "encodage UTF-8"),
        ({"content": rb"%PDF-X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD"}, "virus"),
    ],
)
def test_what_cannot_be_echoed_refuses_the_envelope(
    ministry: Ministry, fault: dict[str, object], words: str
) -> None:
    parcel = ministry.act(replace(Act(next(numbers)), **fault))
    name, root = ministry.answer(parcel)
    assert name == f"ANO_{parcel.envelope}"
    assert root.tag == f"{ACTES}AnomalieEnveloppe"
    assert words in detail(root)


def test_the_same_envelope_twice_is_a_double(ministry: Ministry) -> None:
    parcel = ministry.act(Act(next(numbers)))
    _name, first = ministry.answer(parcel)
    assert first.tag == f"{ACTES}ARActe"
    name, second = ministry.answer(parcel)
    assert name == f"ANO_{parcel.envelope}"
    assert "déjà été reçue" in detail(second)


def test_files_are_those_that_are_named(ministry: Ministry) -> None:
    parcel = ministry.act(Act(next(numbers)))
    _name, more = ministry.answer(replace(parcel, files={**parcel.files, "note.pdf": PDF}))
    assert "qu'aucun message ne nomme : note.pdf" in detail(more)
    act = Act(next(numbers))
    parcel = ministry.act(act)
    _name, less = ministry.answer(replace(parcel, files={act.file: parcel.files[act.file]}))
    assert less.tag == f"{ACTES}AnomalieActe"
    assert "Fichier absent de l'archive" in detail(less)
    _name, none = ministry.answer(replace(ministry.act(Act(next(numbers))), files={}))
    assert "Fichier absent de l'archive" in detail(none)


def test_the_sender_is_the_one_of_the_convention(ministry: Ministry) -> None:
    ministry.order("/senders", siren="212100077", department="021", arrondissement="3", nature="31")
    _name, root = ministry.answer(replace(ministry.act(Act(next(numbers))), arrondissement="1"))
    assert "ne sont pas ceux de la convention" in detail(root)
    _name, root = ministry.answer(replace(ministry.act(Act(next(numbers))), siren=OTHER_SIREN))
    assert "n'est pas de l'émetteur" in detail(root)
    ministry.order("/settings", open_register=False)
    unknown = ministry.act(Act(next(numbers), siren=OTHER_SIREN))
    _name, root = ministry.answer(unknown)
    assert detail(root) == f"Émetteur inconnu : SIREN {OTHER_SIREN}."
    ministry.order("/settings", open_register=True)
    _name, root = ministry.answer(ministry.act(Act(next(numbers), siren="212100078")))
    assert "Émetteur inconnu" in detail(root)  # its Luhn sum does not hold


def test_a_day_to_come_is_no_day_for_an_envelope(ministry: Ministry) -> None:
    _name, root = ministry.answer(ministry.act(Act(next(numbers)), day="20990101"))
    assert "dans le futur" in detail(root)


def test_an_archive_that_cannot_be_read_has_no_answer(ministry: Ministry) -> None:
    parcel = ministry.act(Act(next(numbers)))
    for name, content, words in (
        ("archive.tar.gz", parcel.bytes(), "nom d'archive"),
        (parcel.name, b"no archive", "pas un tar.gz"),
        (parcel.name.replace("--2026", "--2025"), parcel.bytes(), "absente"),
    ):
        assert ministry.post(name, content) == 200
        verdict, why = ministry.verdict()
        assert verdict == "unreadable"
        assert words in why
    assert ministry.call("/")["waiting"] == 0
