"""A form that sends files, read as it comes: its fields to memory, its files to the store's drafts.

Django's own reader copies each piece several times over; this one searches it once (``benchmarks/upload.py``). The
limits are Django's own, and so is what it does with a file that has no name: a form's empty file field.
"""

from __future__ import annotations

import html
from typing import IO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from .names import safe_name
from .storage import Draft

PIECE = 256 * 1024
"""Bytes read from the server at once: less than what it reads ahead, and each copy stays in the processor's cache."""
_AS_THEY_ARE = {"7bit", "8bit", "binary"}


class StoredUpload(UploadedFile):  # type: ignore[type-arg]
    """A form's file, already written and hashed; forgotten at the end of the request unless kept."""

    def __init__(self, draft: Draft, name: str, content_type: str) -> None:
        super().__init__(draft.path.open("rb"), name, content_type, draft.size)
        self.draft = draft

    @property
    def sha256(self) -> str:
        return self.draft.sha256

    def close(self) -> None:
        super().close()
        self.draft.discard()


class FormReader:
    """Reads one form; ``limit`` in bytes bounds each of its files.

    Raises MultiPartParserError when the body is no form, TooBig past the limit, Unavailable when the store cannot
    write, and Django's refusals of too many fields, too many files and too long texts. Nothing is kept then.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        self.fields = QueryDict(mutable=True, encoding=encoding)
        self.files: MultiValueDict[str, UploadedFile[bytes]] = MultiValueDict()
        self._limit = limit
        self._encoding = encoding
        self._field_count = self._file_count = 0
        self._text_length = 0
        self._part: MultipartSegment | None = None
        self._text = bytearray()
        self._draft: Draft | None = None
        self._file_name = ""

    def read(self, body: IO[bytes], boundary: bytes) -> None:
        try:
            with PushMultipartParser(boundary) as parser:
                while not parser.closed:
                    for event in parser.parse(body.read(PIECE)):
                        self._take(event)
        except MultipartError as fault:
            self._discard()
            raise MultiPartParserError(str(fault)) from fault
        except BaseException:
            self._discard()
            raise
        self.fields._mutable = False

    def _take(self, event: MultipartSegment | bytes | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._end()
        elif self._draft is not None:
            self._draft.write(event)
        elif self._part is not None:
            self._lengthen(len(event))
            self._text += event

    def _begin(self, part: MultipartSegment) -> None:
        if dict(part.headerlist).get("Content-Transfer-Encoding", "binary").lower() not in _AS_THEY_ARE:
            raise MultiPartParserError("The parts of a form are sent as they are (RFC 7578, section 4.7).")
        name = _file_name(part)
        if name is None:
            self._begin_field(part)
        else:
            self._begin_file(part, name)

    def _begin_field(self, part: MultipartSegment) -> None:
        self._field_count += 1
        if self._field_count > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
            raise TooManyFieldsSent
        self._part, self._text = part, bytearray()
        self._lengthen(len(part.name or ""))

    def _begin_file(self, part: MultipartSegment, name: str) -> None:
        self._file_count += 1
        if self._file_count > settings.DATA_UPLOAD_MAX_NUMBER_FILES:
            raise TooManyFilesSent
        if name:
            self._part, self._draft, self._file_name = part, Draft(self._limit), name

    def _lengthen(self, more: int) -> None:
        self._text_length += more
        if self._text_length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig

    def _end(self) -> None:
        part, draft, self._part, self._draft = self._part, self._draft, None, None
        if part is None:
            return
        name = part.name or ""
        if draft is None:
            self.fields.appendlist(name, self._text.decode(self._encoding, "replace"))
        else:
            kept = StoredUpload(draft, safe_name(html.unescape(self._file_name)), part.content_type or "")
            self.files.appendlist(name, kept)

    def _discard(self) -> None:
        if self._draft is not None:
            self._draft.discard()
        for _name, uploads in self.files.lists():
            for upload in uploads:
                upload.close()


def _file_name(part: MultipartSegment) -> str | None:
    """None for a text. Programmes write a name with accents as RFC 2231 does, which forms should not, and they may."""
    name: str | None = part.filename
    if name is not None:
        return name
    try:
        _form_data, options = parse_header_parameters(dict(part.headerlist)["Content-Disposition"])
    except (ValueError, LookupError) as fault:
        raise MultiPartParserError("The name of a file is written in no known way.") from fault
    return options.get("filename")
