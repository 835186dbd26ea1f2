"""Files on their way in over HTTP: from a form or as a raw body, straight into the store, hashed as they pass."""

from __future__ import annotations

import base64
import binascii
import functools
import hmac
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Denied, Invalid

from .forms import PIECE, FormReader, StoredUpload
from .models import Document
from .receiving import keep_draft, receive, require_bytes
from .storage import CHUNK, Draft, TooBig, open_object

LARGEST_IN_FORM = 8 * 1024 * 1024
"""Bytes of the files of a form whose view says nothing else."""
FORM_FIELDS = 2 * 1024 * 1024
"""Room beside the file for the form's other fields (Django refuses more of those)."""

_CONTENT_DIGEST = re.compile(r"\bsha-256=:([A-Za-z0-9+/=]+):")


class BoundedForm(FileUploadHandler):
    """The first handler of every form that asks for no large file: beyond ``LARGEST_IN_FORM`` nothing is read.

    A form's token stands in its body: without this, any page would write whatever a stranger sends to the disk to
    find it.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        meta: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > LARGEST_IN_FORM + FORM_FIELDS:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data  # to the handlers behind it

    def file_complete(self, file_size: int) -> None:
        return None


class KeptUpload(UploadedFile):  # type: ignore[type-arg]
    """A form's file that is a document already: it arrived before its form was sent again."""

    def __init__(self, document: Document) -> None:
        require_bytes(document)
        stored = open_object(document.organisation_id, document.sha256)
        super().__init__(stored, document.name, document.media_type, document.size)
        self.document = document


class StoreUploadHandler(FileUploadHandler):
    """Reads the whole form, its files into drafts. ``limit`` in bytes bounds the request, and is judged before reading."""

    def __init__(self, request: HttpRequest | None = None, *, limit: int) -> None:
        super().__init__(request)
        self.limit = limit

    def handle_raw_input(  # type: ignore[override]  # None or both tables: what Django documents and reads
        self,
        input_data: Any,
        meta: dict[str, Any],
        content_length: int,
        boundary: bytes,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, UploadedFile[bytes]]]:
        if content_length > self.limit + FORM_FIELDS:
            raise TooBig(self.limit)
        form = FormReader(encoding or settings.DEFAULT_CHARSET, self.limit)
        form.read(input_data, boundary)
        return form.fields, form.files


class WholeBody:
    """A request's body that refuses to end early: Django takes a form cut short for a whole one."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream = stream
        self._left = length

    def read(self, size: int = -1) -> bytes:
        return self._counted(self._stream.read(size) if size >= 0 else self._stream.read())

    def readline(self, size: int = -1) -> bytes:
        return self._counted(self._stream.readline(size) if size >= 0 else self._stream.readline())

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if not data and self._left > 0:
            raise OSError("the body ended before its announced length")
        return data


def stream_to_store(request: HttpRequest, limit: int) -> None:
    """Has the files of a form, ``limit`` bytes at most, go to the store's drafts once the form is read."""
    if request.content_type == "multipart/form-data":  # no other form holds files
        request._stream = WholeBody(request._stream, _length_of_form(request))  # type: ignore[assignment]
        request.upload_handlers = [StoreUploadHandler(request, limit=limit)]


def receives_uploads(
    limit: int,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """For a view whose form sends files: they go to the store's drafts, never to memory or to a second copy.

    Put it outermost. The form's token is read after the handler is set (Django reads it with the files), and
    strangers are refused before a byte is read.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        protected = csrf_protect(view)

        @csrf_exempt
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                if request.actor.is_anonymous:  # type: ignore[attr-defined]
                    raise Denied("sign-in-first", "Only signed-in persons send files here.", "Sign in first.")
                stream_to_store(request, limit)
            return protected(request, *args, **kwargs)

        run.upload_limit = limit  # type: ignore[attr-defined]  # read where the session ended meanwhile
        return run

    return decorate


def receive_upload(upload: UploadedFile[bytes], *, organisation: UUID, actor: Actor) -> Document:
    """Keeps a form's file: a rename, no copy. Do it before judging the form, so that an error loses nothing."""
    name = upload.name or ""
    if isinstance(upload, KeptUpload) and upload.document.organisation_id == organisation:
        return upload.document
    if isinstance(upload, StoredUpload):
        return keep_draft(actor=actor, draft=upload.draft, name=name, organisation=organisation)
    size = upload.size or 0
    return receive(upload.chunks(CHUNK), name=name, organisation=organisation, actor=actor, limit=size)


def kept_uploads(keys: Iterable[str]) -> list[UploadedFile[bytes]]:
    """The documents of these ids as a form's files; a purged one is left out."""
    found = Document.objects.filter(pk__in=list(keys), purged_at=None).order_by("received_at", "id")
    return [KeptUpload(one) for one in found]


def receive_body(
    request: HttpRequest, *, name: str, organisation: UUID, actor: Actor, limit: int
) -> Document:
    """Keeps a raw request body (PUT or POST of the bytes themselves).

    Honours ``Content-Digest: sha-256=:...:`` (RFC 9530). Raises TooBig before reading when the announced length is
    over ``limit``, Invalid when no length is announced, when the body is cut short, or when its digest differs.
    """
    announced = _announced_length(request)
    if announced > limit:
        raise TooBig(limit)
    digest = _announced_digest(request)
    draft = Draft(limit)
    try:
        for chunk in _body(request):
            draft.write(chunk)
        if draft.size != announced:
            raise _cut_short()
        if digest is not None and not hmac.compare_digest(digest, bytes.fromhex(draft.sha256)):
            raise Invalid(
                "digest-differs",
                "The bytes received are not those announced: their digest differs; nothing was kept.",
                "Send the file again.",
            )
        return keep_draft(actor=actor, draft=draft, name=name, organisation=organisation)
    finally:
        draft.discard()


def _length_of_form(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _announced_length(request: HttpRequest) -> int:
    try:
        return int(request.META["CONTENT_LENGTH"])
    except (KeyError, ValueError):
        raise Invalid(
            "length-required",
            "The length of the file was not announced; nothing was kept.",
            "Send the header Content-Length.",
        ) from None


def _announced_digest(request: HttpRequest) -> bytes | None:
    header = request.headers.get("Content-Digest")
    if header is None:
        return None
    found = _CONTENT_DIGEST.search(header)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise Invalid(
            "malformed-digest",
            "The header Content-Digest holds no SHA-256 that can be read; nothing was kept.",
            "Write it as sha-256=:base64: (RFC 9530), or leave it out.",
        )
    return digest


def _body(request: HttpRequest) -> Iterator[bytes]:
    try:
        while chunk := request.read(PIECE):
            yield chunk
    except UnreadablePostError as error:
        raise _cut_short() from error


def _cut_short() -> Invalid:
    return Invalid(
        "upload-cut-short", "The file arrived incomplete; nothing was kept.", "Send the file again."
    )
