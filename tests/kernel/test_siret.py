"""Keys of SIREN and SIRET, La Poste among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.kernel.siret import compact, is_siren, is_siret, luhn, vat_number


@pytest.mark.parametrize("siren", ["242100410", "005520135", "356000000"])
def test_real_sirens_pass(siren: str) -> None:
    assert is_siren(siren)


@pytest.mark.parametrize("siret", ["35600000000048", "35600000009075"])
def test_la_poste_passes_by_luhn_or_by_its_own_rule(siret: str) -> None:
    assert is_siret(siret)


@pytest.mark.parametrize(
    "text", ["", "242100411", "24210041", "2421004100", "24210041a", "²42100410", "٢٤٢١٠٠٤١٠"]
)
def test_wrong_sirens_are_refused(text: str) -> None:
    assert not is_siren(text)


def test_spaces_of_people_are_forgiven_by_compact() -> None:
    assert compact("242 100 410\u00a000017") == "24210041000017"


def test_vat_number_of_a_known_unit() -> None:
    assert vat_number("356000000") == "FR39356000000"


@given(st.text("0123456789", min_size=9, max_size=14), st.integers(0, 8), st.integers(1, 9))
def test_luhn_finds_any_single_wrong_digit(digits: str, place: int, change: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + change) % 10) + digits[place + 1 :]
    assert not (luhn(digits) and luhn(wrong))
