"""Files come in by forms and raw bodies straight into the store, and nothing is kept of what goes wrong."""

from __future__ import annotations

import base64
import gc
import hashlib
import io
from dataclasses import replace

import pytest
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from territoires.foundations.documents import api as documents
from territoires.foundations.documents import uploads
from territoires.foundations.documents.models import Document
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Denied, Invalid, Unavailable

from .conftest import stored_files

pytestmark = pytest.mark.django_db

CONTENT = b"%PDF-1.7 " + b"council " * 1000
TOKEN = "a" * 32
LIMIT = 100_000


def form(clerk: Actor, *, token: str = TOKEN, files: int = 1, content: bytes = CONTENT) -> HttpRequest:
    sent = {f"file{n}": SimpleUploadedFile(f"acte {n}.pdf", content) for n in range(files)}
    request = RequestFactory().post("/api/files", {"object": "Budget", **sent, "csrfmiddlewaretoken": token})
    request.COOKIES["csrftoken"] = TOKEN
    request.actor = clerk
    return request


def through(request: HttpRequest, view) -> HttpResponse:
    """As the server does: the outer middleware first, then the view, then the end of the request."""
    entry = documents.receives_uploads(LIMIT)(view)
    assert CsrfViewMiddleware(lambda _: None).process_view(request, entry, (), {}) is None
    try:
        return entry(request)
    finally:
        request.close()


def keep_all(request: HttpRequest) -> HttpResponse:
    for upload in request.FILES.values():
        documents.receive_upload(upload, organisation=request.actor.organisation, actor=request.actor)
    return HttpResponse(request.POST["object"])


def test_a_form_s_files_are_kept_without_a_second_copy(store, clerk):
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        upload = request.FILES["file0"]
        seen.append((type(upload).__name__, upload.sha256, upload.read(9), len(stored_files(store))))
        return keep_all(request)

    assert through(form(clerk, files=2), view).content == b"Budget"
    assert seen == [("StoredUpload", hashlib.sha256(CONTENT).hexdigest(), b"%PDF-1.7 ", 2)]
    assert sorted(Document.objects.values_list("name", flat=True)) == ["acte 0.pdf", "acte 1.pdf"]
    assert len(stored_files(store)) == 1


def test_what_the_view_does_not_keep_is_gone_with_the_request(store, clerk):
    through(form(clerk), lambda request: HttpResponse(str(len(request.FILES))))
    assert stored_files(store) == []


def test_a_view_that_fails_leaves_no_draft(store, clerk):
    def view(request: HttpRequest) -> HttpResponse:
        assert request.FILES
        raise Unavailable("x", "x", "x")

    with pytest.raises(Unavailable):
        through(form(clerk), view)
    assert stored_files(store) == []


def test_a_forged_form_is_refused_and_leaves_nothing(store, clerk):
    response = through(form(clerk, token="b" * 32), keep_all)
    assert response.status_code == 403
    assert stored_files(store) == []
    assert not Document.objects.exists()


def test_a_stranger_is_refused_before_a_byte_is_read(store):
    request = form(Actor())
    with pytest.raises(Denied):
        through(request, keep_all)
    assert not hasattr(request, "_files")


def test_a_file_that_is_a_document_already_is_not_received_twice(store, clerk):
    through(form(clerk), keep_all)
    kept = Document.objects.get()
    (upload,) = documents.kept_uploads([str(kept.pk)])
    assert (upload.name, upload.size, upload.read()) == ("acte 0.pdf", len(CONTENT), CONTENT)
    again = documents.receive_upload(upload, organisation=clerk.organisation, actor=clerk)
    assert (again.pk, Document.objects.count()) == (kept.pk, 1)


def test_too_big_is_said_before_reading(store, clerk):
    request = form(clerk)
    request.META["CONTENT_LENGTH"] = str(LIMIT + uploads.FORM_FIELDS + 1)
    with pytest.raises(documents.TooBig) as refused:
        through(request, keep_all)
    assert refused.value.status == 413
    assert stored_files(store) == []


def test_too_big_a_file_in_a_small_enough_request_is_refused_on_the_way(store, clerk):
    with pytest.raises(documents.TooBig):
        through(form(clerk, content=b"x" * (LIMIT + 1)), keep_all)
    assert stored_files(store) == []


def test_a_form_cut_short_is_not_taken_for_a_whole_one(store, clerk):
    request = form(clerk)
    body = request._stream.read()
    request._stream = io.BytesIO(body[: len(body) // 2])
    entry = documents.receives_uploads(LIMIT)(csrf_exempt(keep_all))
    with pytest.raises(UnreadablePostError):
        entry(request)
    request.close()
    del request
    gc.collect()
    assert stored_files(store) == []
    assert not Document.objects.exists()


def raw_form(clerk: Actor, *parts: tuple[str, bytes]) -> HttpRequest:
    """A form as another programme writes it: each part's headers after the usual one, and its bytes."""
    written = [
        b"--limit\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (h.encode(), b) for h, b in parts
    ]
    request = RequestFactory().post(
        "/api/files",
        b"".join(written) + b"--limit--\r\n",
        content_type="multipart/form-data; boundary=limit",
        headers={"X-CSRFToken": TOKEN},
    )
    request.COOKIES["csrftoken"] = TOKEN
    request.actor = clerk
    return request


def test_a_form_is_read_as_django_reads_it(store, clerk):
    seen: list[object] = []

    def view(request: HttpRequest) -> HttpResponse:
        files = {
            field: [(one.name, one.content_type, one.read()) for one in request.FILES.getlist(field)]
            for field in request.FILES
        }
        seen.extend([dict(request.POST.lists()), files])
        return HttpResponse()

    boundary_like = b"\r\n--limi\r\n--limiT--\r\n\r" * 20_000
    parts = [
        ('name="object"', "Réfection".encode()),
        ('name="lot"', b"1"),
        ('name="lot"', b"2\r\n--"),
        ('name="empty"; filename=""\r\nContent-Type: application/octet-stream', b""),
        (
            'name="file"; filename="C:\\Plans\\école &quot;A&quot;.pdf"\r\nContent-Type: application/pdf',
            CONTENT,
        ),
        ("name=file; filename*=UTF-8''%E2%82%AC.pdf", b""),
        ('name="other"; filename="../../etc/passwd"', boundary_like[: LIMIT - len(CONTENT)]),
    ]
    through(raw_form(clerk, *parts), view)
    assert seen[0] == {"object": ["Réfection"], "lot": ["1", "2\r\n--"]}
    assert seen[1] == {
        "file": [("école ”A”.pdf", "application/pdf", CONTENT), ("€.pdf", "", b"")],
        "other": [("passwd", "", boundary_like[: LIMIT - len(CONTENT)])],
    }
    assert stored_files(store) == []


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ([("name=a", b"x" * (2 << 20)), ("name=b", b"x")], RequestDataTooBig),
        ([("name=a", b"")] * 1001, TooManyFieldsSent),
        ([("name=a; filename=b", b"")] * 101, TooManyFilesSent),
        ([("name=a; filename=b\r\nContent-Transfer-Encoding: base64", b"eA==")], MultiPartParserError),
        ([("name=a; filename=b\r\nno header", b"x")], MultiPartParserError),
        ([("name=a; filename=" + "b" * 5000, b"x")], MultiPartParserError),
        ([("name=a; filename=b", b"kept?"), ("nothing\r\n\x00: 1", b"x")], MultiPartParserError),
        ([("name=a; filename=b", b"x\r\n--limit here")], MultiPartParserError),
        ([("name=a; filename*=nowhere''%E2", b"x")], MultiPartParserError),
    ],
)
def test_what_is_no_form_or_too_much_of_one_is_refused_and_leaves_nothing(store, clerk, parts, refusal):
    entry = documents.receives_uploads(4 << 20)(csrf_exempt(keep_all))
    with pytest.raises(refusal):
        entry(raw_form(clerk, *parts))
    assert stored_files(store) == []


def put(clerk: Actor, content: bytes = CONTENT, **headers: str) -> Document:
    request = RequestFactory().put("/", content, content_type="application/pdf", headers=headers)
    if "length" in headers:
        request.META["CONTENT_LENGTH"] = headers["length"]
        request._stream = LimitedStream(io.BytesIO(content), int(headers["length"] or 0))
    return documents.receive_body(
        request, name="acte.pdf", organisation=clerk.organisation, actor=clerk, limit=LIMIT
    )


def digest_of(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def test_a_raw_body_is_kept(store, clerk):
    document = put(clerk, **{"Content-Digest": digest_of(CONTENT)})
    assert b"".join(documents.open_stream(document)) == CONTENT


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Digest": digest_of(b"other")}, "digest-differs"),
        ({"Content-Digest": "sha-256=:%%%:"}, "malformed-digest"),
        ({"Content-Digest": "md5=:AAAA:"}, "malformed-digest"),
        ({"Content-Digest": "sha-256=:AAAA:"}, "malformed-digest"),
        ({"length": str(len(CONTENT) + 1)}, "upload-cut-short"),
        ({"length": ""}, "length-required"),
        ({"length": str(LIMIT + 1)}, "file-too-big"),
    ],
)
def test_a_body_that_is_not_what_was_announced_is_refused(store, clerk, headers, code):
    with pytest.raises(Invalid) as refused:
        put(clerk, **headers)
    assert refused.value.code == code
    assert stored_files(store) == []
    assert not Document.objects.exists()


def test_the_same_request_key_gives_the_same_document(store, clerk):
    retrying = replace(clerk, idempotency_key="k1")
    assert put(retrying).pk == put(retrying).pk
    assert Document.objects.count() == 1


@pytest.mark.parametrize("checks", [True, False])
def test_a_page_that_asks_for_no_file_reads_none_of_a_large_one(monkeypatch, checks):
    """Without a session, and whether the form's token is looked for before the view or in it."""
    monkeypatch.setattr(uploads, "LARGEST_IN_FORM", 100_000)
    anybody = Client(enforce_csrf_checks=checks, headers={"Accept-Language": "en"})
    page = reverse("account_login")
    anybody.get(page)
    for size, status in ((3_000_000, 413), (90_000, 403 if checks else 200)):
        answer = anybody.post(page, {"login": SimpleUploadedFile("disk.bin", bytes(size))})
        assert answer.status_code == status
        assert ("larger than this page takes" in answer.content.decode()) is (status == 413)
