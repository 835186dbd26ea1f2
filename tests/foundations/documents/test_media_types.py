"""A file is what its content says."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.foundations.documents.media_types import (
    UNKNOWN,
    has_second_face,
    is_disguised,
    is_program,
    media_type_of,
)

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def packed(*names: str, mimetype: bytes | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"MZ\x90\x00" + b"\x00" * 60, "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\x02", "application/x-executable"),
        (b"#!/bin/sh\nrm -rf /", "text/x-script"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b'<?xml version="1.0"?><actes/>', "application/xml"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "application/xml"),
        (b"<!DOCTYPE html><p>", "text/html"),
        (b"<script>alert(1)</script>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        ("Délibération".encode(), "text/plain"),
        (b"", UNKNOWN),
        (packed("a.txt"), "application/zip"),
        (packed("[Content_Types].xml", "word/document.xml"), WORD),
        (
            packed("content.xml", mimetype=b"application/vnd.oasis.opendocument.text"),
            "application/vnd.oasis.opendocument.text",
        ),
    ],
)
def test_the_type_is_read_in_the_content(content, media_type):
    assert media_type_of(content[:8192], content) == media_type


def test_a_program_named_pdf_is_found():
    media_type = media_type_of(b"MZ" + b"\x00" * 100, b"")
    assert is_program(media_type)
    assert is_disguised("acte.pdf", media_type)
    assert not is_disguised("acte.pdf", "application/pdf")
    assert not is_disguised("notes.unknown", media_type)


def test_a_pdf_that_is_an_archive_too_is_found():
    polyglot = b"%PDF-1.7\n%%EOF\n" + packed("evil.js")
    assert has_second_face(media_type_of(polyglot[:8192], polyglot), polyglot)
    assert not has_second_face("application/pdf", b"%PDF-1.7\n%%EOF\n")


@given(st.binary(max_size=300))
def test_any_bytes_have_a_type(content):
    assert "/" in media_type_of(content, content)
