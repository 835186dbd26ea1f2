"""Files go out whole or by a range, named safely, unable to act in our pages' name."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoires.foundations.documents import api as documents
from territoires.foundations.documents.models import Document
from territoires.kernel.errors import Gone

from .conftest import deposit

pytestmark = pytest.mark.django_db

CONTENT = b"%PDF-1.7 " + bytes(range(256))
SIZE = len(CONTENT)


@pytest.fixture
def document(store, clerk) -> Document:
    return deposit(clerk, CONTENT)


def answer(document: Document, method: str = "get", *, inline: bool = False, as_name=None, **headers: str):
    request = getattr(RequestFactory(), method)(
        "/", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    return documents.download_response(document, request, as_name=as_name, inline=inline)


def content_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_whole_file_with_its_armour(document):
    response = answer(document)
    assert (response.status_code, content_of(response)) == (200, CONTENT)
    assert response["ETag"] == f'"{document.sha256}"'
    assert response["Content-Length"] == str(SIZE)
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        (f"bytes=0-{SIZE * 9}", 0, SIZE),
        ("bytes=-99999999", 0, SIZE),
    ],
)
def test_one_range(document, asked, start, end):
    response = answer(document, Range=asked)
    assert content_of(response) == CONTENT[start:end]
    if end - start < SIZE:
        assert response.status_code == 206
        assert response["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=-0", "bytes=99999-100000"])
def test_a_range_outside_is_416(document, asked):
    response = answer(document, Range=asked)
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize(
    "asked", ["bytes=9-5", "bytes=-", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b", "x" * 99]
)
def test_a_range_that_is_none_is_ignored(document, asked):
    assert content_of(answer(document, Range=asked)) == CONTENT


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="bytes=0123456789-, ", max_size=40))
def test_no_range_surprises(document, asked):
    response = answer(document, Range=asked)
    assert response.status_code in (200, 206, 416)
    content_of(response)


def test_a_changed_file_is_sent_whole(document):
    assert answer(document, Range="bytes=0-1", If_Range='"other"').status_code == 200
    assert answer(document, Range="bytes=0-1", If_Range=f'"{document.sha256}"').status_code == 206


def test_what_the_reader_has_is_not_sent_again(document):
    assert answer(document, If_None_Match=f'"{document.sha256}"').status_code == 304


def test_head_says_all_and_sends_nothing(document):
    response = answer(document, "head")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(SIZE)


def test_an_empty_file(store, clerk):
    response = answer(deposit(clerk, b""))
    assert (response.status_code, content_of(response), response["Content-Length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("acte.pdf", 'attachment; filename="acte.pdf"'),
        (
            'a"; filename="evil.exe',
            "attachment; filename*=utf-8''a%E2%80%9D%3B%20filename%3D%E2%80%9Devil.exe",
        ),
        ("facture\u202efdp.exe", 'attachment; filename="facturefdp.exe"'),
        ("é\r\nX: 1", "attachment; filename*=utf-8''%C3%A9%20X_%201"),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
    ],
)
def test_a_name_cannot_mislead(document, name, header):
    assert answer(document, as_name=name)["Content-Disposition"] == header


def test_only_harmless_types_are_shown_in_the_browser(store, clerk, document):
    assert answer(document, inline=True)["Content-Disposition"].startswith("inline")
    page = deposit(clerk, b"<html><script>alert(1)</script></html>", "page.pdf")
    assert answer(page, inline=True)["Content-Disposition"].startswith("attachment")


def test_a_purged_file_is_gone(document):
    document.purged_at = document.received_at
    with pytest.raises(Gone):
        answer(document)
