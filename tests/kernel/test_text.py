"""Folding French text, and refusing invisible trickery."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.kernel.text import clean, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Saint-Léger-sous-Beuvray", "saint leger sous beuvray"),
        ("  ÉCLARON ", "eclaron"),
        ("Œuilly-sur-Cœur", "oeuilly sur coeur"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("№ 12", "no 12"),
        ("", ""),
    ],
)
def test_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_sorting_by_the_folded_name_is_french() -> None:
    assert sorted(["Zoé", "Éclaron", "Arc"], key=fold) == ["Arc", "Éclaron", "Zoé"]


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_direction_marks_and_controls_are_removed() -> None:
    assert clean(" ab\u202ecod.pdf\u0000\u200f ") == "abcod.pdf"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
