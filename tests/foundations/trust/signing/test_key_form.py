"""A key file given on a page: read in memory, within its limit, and what is wrong told at its field."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Invalid
from tests.foundations.trust.signing.test_keys import issue


@trust.reads_key_file
def view(request: HttpRequest) -> HttpResponse:
    """What became of the upload, by its class."""
    return HttpResponse(type(request.FILES["key_file"]).__name__)


def sent(content: bytes, password: str = "mot") -> HttpRequest:
    form = {"key_file": SimpleUploadedFile("cle.p12", content), "password": password}
    request: Any = RequestFactory().post("/", form)
    request._dont_enforce_csrf_checks, request.user = True, AnonymousUser()
    return request


def read(content: bytes, password: str) -> trust.KeyForm:
    request = sent(content, password)
    return trust.KeyForm(request.POST, request.FILES)


def test_a_key_file_stays_in_memory_beyond_what_other_uploads_may(installation, settings) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    assert view(sent(bytes(200_000))).content.decode() == InMemoryUploadedFile.__name__


def test_what_is_larger_than_any_key_file_is_not_read(installation) -> None:
    with pytest.raises(Invalid, match="not-a-key-file"):
        view(sent(bytes(300_000)))


def test_a_page_that_reads_keys_still_asks_for_the_token_of_its_form(installation) -> None:
    request = sent(b"octets")
    request._dont_enforce_csrf_checks = False
    assert view(request).status_code == 403


def test_a_sound_form_holds_the_key_and_another_says_what_is_wrong_where(installation) -> None:
    file, password = issue()
    sound = read(file, password)
    assert sound.is_valid() and sound.key is not None and sound.key.card.surname == "Exemple"
    wrong = read(file, password + "x")
    assert list(wrong.errors) == ["password"] and wrong.key is None
    assert list(read(b"%PDF-1.7", password).errors) == ["key_file"]
