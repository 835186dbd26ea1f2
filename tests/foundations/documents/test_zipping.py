"""A ZIP that is written while it is sent: never whole in memory, nothing hidden by a name, nothing outside its folder."""

from __future__ import annotations

import io
import zipfile

import pytest

from territoires.foundations.documents import api as documents
from territoires.foundations.documents.models import Document
from territoires.kernel.errors import Gone

from .conftest import deposit

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024


def opened(files: list[tuple[str, Document]]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(documents.zip_stream(files))))


def test_each_file_comes_back_as_it_was(store, clerk):
    files = [(f"{n}.pdf", deposit(clerk, b"%PDF-1.4 " + bytes([n]) * n * 1000)) for n in range(1, 4)]
    with opened(files) as whole:
        assert whole.testzip() is None
        for name, document in files:
            assert whole.read(name) == b"".join(documents.open_stream(document))


def test_it_leaves_by_pieces(store, clerk):
    big = deposit(clerk, b"x" * 5 * MIB, limit=6 * MIB)
    pieces = list(documents.zip_stream([("big.bin", big)]))
    assert len(pieces) >= 5 and max(map(len, pieces)) <= MIB + 1024


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["a.pdf", "a.pdf", "A.PDF"], ["a.pdf", "a (2).pdf", "A (3).PDF"]),
        (["../../etc/passwd", "C:\\x\\plan.pdf"], ["document/document/etc/passwd", "plan.pdf"]),
        (["e\u0301t\u00e9.pdf", "\u00e9te\u0301.pdf"], ["\u00e9t\u00e9.pdf", "\u00e9t\u00e9 (2).pdf"]),
        (["a\u202efdp.exe", ""], ["afdp.exe", "document"]),
    ],
)
def test_names_are_safe_and_each_once(store, clerk, given, found):
    files = [(name, deposit(clerk, f"contenu {place}".encode())) for place, name in enumerate(given)]
    with opened(files) as whole:
        assert whole.namelist() == found
        assert [whole.read(name) for name in found] == [f"contenu {n}".encode() for n in range(len(given))]


def test_a_purged_file_is_told_before_the_first_byte(store, clerk):
    gone = deposit(clerk, b"%PDF-1.4")
    Document.objects.filter(pk=gone.pk).update(purged_at=clerk.now(), purge_reason="unattached", name="")
    gone.refresh_from_db()
    with pytest.raises(Gone):
        documents.zip_stream([("gone.pdf", gone)])
