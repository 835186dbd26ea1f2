"""Whom the law names, and how a name is recognised in an act, a certificate and an account."""

from __future__ import annotations

import pytest

from territoires.services.legality.domain.signature import Expected, expected_signatories, name_key

MAYOR = Expected("author", "Paul", "Essai", "Maire")
FIRST = Expected("secretary", "Jeanne", "Modèle", "secrétaire de séance")
SECOND = Expected("secretary", "Luc", "Exemple", "secrétaire de séance")


@pytest.mark.parametrize(
    ("nature", "secretaries", "expected"),
    [
        ("1", [FIRST], [MAYOR, FIRST]),
        ("1", [FIRST, SECOND], [MAYOR, FIRST, SECOND]),
        ("2", [FIRST], [MAYOR]),
        ("3", [], [MAYOR]),
        ("1", [Expected("secretary", "Paul", "ESSAI", "secrétaire de séance"), SECOND], [MAYOR, SECOND]),
    ],
)
def test_the_law_names_who_signs(nature: str, secretaries: list[Expected], expected: list[Expected]) -> None:
    assert list(expected_signatories(nature=nature, author=MAYOR, secretaries=secretaries)) == expected


@pytest.mark.parametrize(
    ("given", "name", "same"),
    [
        ("PAUL", "ESSAI", True),
        ("Paul Henri", "Essai", True),
        ("Paule", "Essai", False),
        ("Paul", "Essai-Modèle", False),
        ("", "Essai", False),
    ],
)
def test_a_name_is_recognised_however_it_is_written(given: str, name: str, same: bool) -> None:
    assert (name_key(given, name) == name_key("Paul", "Essai")) is same
