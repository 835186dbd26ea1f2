"""What people type to find their commune."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.services.portal.domain import LONGEST, Search, short_department, understand


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("Saint-Léger", Search(words=("saint", "leger"))),
        ("st léger", Search(words=("saint", "leger"))),
        ("STE-Colombe", Search(words=("sainte", "colombe"))),
        ("st", Search(words=("st",))),
        ("L'Œuf-sur-Loue", Search(words=("l", "oeuf", "sur", "loue"))),
        ("71990", Search(code="71990")),
        ("2a004", Search(code="2A004")),
        ("217 104 389", Search(siren="217104389")),
        ("21710438900017", Search(siren="217104389")),
        ("   ", Search()),
        ("٧١٩٩٠", Search()),
    ],
)
def test_understood(typed: str, understood: Search) -> None:
    assert understand(typed) == understood


@given(st.text())
def test_anything_typed_is_understood_or_empty(typed: str) -> None:
    search = understand(typed)
    assert sum(map(bool, (search.words, search.siren, search.code))) <= 1
    assert sum(len(word) for word in search.words) <= 4 * LONGEST


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Département de la Nièvre", "Nièvre"),
        ("Département de l'Yonne", "Yonne"),
        ("Département du Doubs", "Doubs"),
        ("Département de Saône-et-Loire", "Saône-et-Loire"),
        ("Territoire de Belfort", "Territoire de Belfort"),
    ],
)
def test_a_department_as_a_place(name: str, short: str) -> None:
    assert short_department(name) == short
