"""Names that people give are kept readable and made harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.foundations.documents.models import NAME_LENGTH
from territoires.foundations.documents.names import extension, safe_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Délibération n° 12.pdf", "Délibération n° 12.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Mairie\\arrêté.pdf", "arrêté.pdf"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ('a"b\r\nX-Evil: 1.pdf', "a”b X-Evil_ 1.pdf"),
        ("..", "document"),
        ("", "document"),
        ("\u200f\u200e", "document"),
        (".htaccess", "htaccess"),
        ("a" * 300 + ".pdf", "a" * (NAME_LENGTH - 4) + ".pdf"),
    ],
)
def test_known_traps(given_name, kept):
    assert safe_name(given_name) == kept


@given(st.text())
def test_any_name_becomes_one_harmless_line(name):
    safe = safe_name(name)
    assert 0 < len(safe) <= NAME_LENGTH
    assert not set(safe) & set('/\\:*?"<>|\r\n\t')
    assert all(unicodedata.category(c)[0] != "C" for c in safe)
    assert safe not in (".", "..")
    assert safe_name(safe) == safe


def test_the_extension_is_read_in_lower_case():
    assert (extension("Plan.PDF"), extension("sans")) == (".pdf", "")
