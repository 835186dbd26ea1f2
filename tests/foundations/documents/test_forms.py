"""A form is read as Django reads it, wherever its pieces are cut."""

from __future__ import annotations

import io
import string

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoires.foundations.documents import forms
from territoires.foundations.documents.forms import FormReader
from territoires.foundations.documents.names import safe_name

from .conftest import stored_files

BOUNDARY = "----limit"
# what looks like the limit, or like the half of one, is the difficulty
PIECES = [
    b"\r",
    b"\n",
    b"\r\n",
    b"--",
    b"\r\n--",
    b"\r\n------limi",
    b"\r\n------LIMIT",
    b"\x00",
    "é".encode(),
    b"a",
]
BYTES = st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join)
NAMES = st.text(string.ascii_letters + "é_-[]", min_size=1, max_size=8)
FILE_NAMES = st.none() | st.text(string.ascii_letters + "é .'()", min_size=1, max_size=12).filter(str.strip)
PARTS = st.lists(st.tuples(NAMES, FILE_NAMES, BYTES), min_size=1, max_size=6)


def written(parts: list[tuple[str, str | None, bytes]]) -> bytes:
    lines = []
    for name, file_name, content in parts:
        more = "" if file_name is None else f'; filename="{file_name}"\r\nContent-Type: text/plain'
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        lines += [head.encode(), content, b"\r\n"]
    return b"".join([*lines, f"--{BOUNDARY}--\r\n".encode()])


def as_django_reads(body: bytes) -> tuple[dict, dict]:
    meta = {"CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}", "CONTENT_LENGTH": len(body)}
    handler = MemoryFileUploadHandler()
    handler.activated = True
    fields, files = MultiPartParser(meta, io.BytesIO(body), [handler]).parse()
    return dict(fields.lists()), told(files, safe_name)


def told(files, renamed=str) -> dict:
    return {
        field: [(renamed(one.name), one.content_type, one.read()) for one in found]
        for field, found in files.lists()
    }


@pytest.mark.parametrize("piece", [1, 7, 64, 256 * 1024])
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(PARTS)
def test_wherever_its_pieces_are_cut(store, monkeypatch: pytest.MonkeyPatch, piece: int, parts) -> None:
    body = written(parts)
    monkeypatch.setattr(forms, "PIECE", piece)
    form = FormReader("utf-8", limit=10_000)
    form.read(io.BytesIO(body), BOUNDARY.encode())
    read = dict(form.fields.lists()), told(form.files)
    for _field, found in form.files.lists():
        for one in found:
            one.close()
    assert read == as_django_reads(body)
    assert stored_files(store) == []
