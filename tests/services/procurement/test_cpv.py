"""CPV: everyday French words find codes, with the official list and without it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from territoires.foundations.packs import catalogue as packs
from territoires.kernel.errors import Invalid
from territoires.services.procurement.domain.cpv import labels_in
from territoires.services.procurement.queries import cpv

TODAY = date(2026, 11, 30)
FEW = (
    '<entry key="code|name|cpv.45261200">Travaux de couverture et de peinture de toiture</entry>\n'
    '<entry key="code|name|cpv.45000000">Travaux de construction</entry>\n'
    '<entry key="code|name|cpv.09135100">Fioul &amp; domestique</entry>\n'
    '<entry key="code|name|nuts.FRC11">Côte-d’Or</entry>'
)


@pytest.fixture
def with_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts an official file in the operator's folder of packs, by the command, and reads the packs again."""

    def load(source: Path) -> None:
        folder = tmp_path / "packs"
        folder.mkdir()
        call_command("cpv", str(source), "--into", str(folder))
        again = packs.Catalogue(packs.shipped_folder(), folder)
        monkeypatch.setattr(packs, "catalogue", lambda: again)
        cpv.vocabulary.cache_clear()

    yield load
    cpv.vocabulary.cache_clear()


def codes(words: str) -> list[str]:
    return [one.code for one in cpv.search_cpv(words, TODAY)]


def test_without_the_official_list_divisions_answer_and_say_so() -> None:
    assert not cpv.vocabulary(TODAY).is_whole
    assert codes("toiture") == ["45000000"]
    assert codes("espaces verts") == ["77000000"]
    assert codes("45")[0] == "45000000"


def test_a_code_of_eight_digits_is_told_by_its_division() -> None:
    label = cpv.label_of("45261200", TODAY)
    assert label is not None and label.fr == "Travaux de construction"
    assert cpv.label_of("00000000", TODAY) is None


def test_the_operators_file_becomes_the_list(with_list: Any, tmp_path: Path) -> None:
    source = tmp_path / "code_fr.xml"
    source.write_text(FEW)
    with_list(source)
    assert cpv.vocabulary(TODAY).is_whole
    assert codes("Toiture") == ["45261200"]
    assert codes("travaux") == ["45000000", "45261200"]
    assert cpv.label_of("09135100", TODAY).fr == "Fioul & domestique"  # type: ignore[union-attr]


def test_the_whole_official_file_is_read(with_list: Any, shared_data: Path) -> None:
    with_list(shared_data / "procurement/eforms/translations/code_fr.xml")
    assert len(cpv.vocabulary(TODAY).codes) == 9454
    assert codes("cantine")[:2] == ["55523100", "55510000"]
    assert "90620000" in codes("déneig")
    assert codes("4526120")[0] == "45261200"


def test_every_everyday_word_leads_to_codes_of_the_official_list(shared_data: Path) -> None:
    official = labels_in((shared_data / "procurement/eforms/translations/code_fr.xml").read_text())
    for _phrase, found in cpv.vocabulary(TODAY).everyday:
        assert set(found) <= set(official)


@pytest.mark.parametrize("words", ["", "   ", "%", "zzzz", "x" * 5000])
def test_nothing_is_found_for_nothing(words: str) -> None:
    assert codes(words) == []


def test_another_file_is_refused_in_words() -> None:
    with pytest.raises(Invalid):
        labels_in("<properties/>")


def test_the_command_wants_a_folder(tmp_path: Path) -> None:
    source = tmp_path / "code_fr.xml"
    source.write_text(FEW)
    with pytest.raises(CommandError):
        call_command("cpv", str(source), "--into", str(tmp_path / "nowhere"))


def test_a_label_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    source = tmp_path / "code_fr.xml"
    source.write_text('<entry key="code|name|cpv.45000000">=1+1, "oui"</entry>')
    call_command("cpv", str(source), "--into", str(tmp_path))
    with (tmp_path / "cpv.2008-09-15.csv").open(newline="") as table:
        assert list(csv.reader(table))[1] == ["45000000", '=1+1, "oui"', '=1+1, "oui"']
