"""Files on their way out: by ranges, with a name that cannot mislead, unable to run in our pages' name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header, parse_etags

from . import storage
from .models import Document
from .names import safe_name
from .receiving import require_bytes

SANDBOX = "sandbox; default-src 'none'"
# What a browser may show in a tab of its own; everything else is saved.
SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``start`` to ``end``, both included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start + 1


def download_response(
    document: Document, request: HttpRequest, *, as_name: str | None = None, inline: bool = False
) -> HttpResponseBase:
    """The document for a browser or a client: one byte range (RFC 9110, 14), strong ETag, safe name.

    The caller has checked the right. ``inline`` lets a browser show PDF, images and plain text. Raises Gone once
    purged, Corrupt when the store has lost the bytes.
    """
    require_bytes(document)
    etag = f'"{document.sha256}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return _dressed(HttpResponseNotModified(), etag)
    span = _asked(request, document.size, etag)
    if span is None:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{document.size}"
        return _dressed(response, etag)
    response = _body(document, request, span)
    response["Content-Length"] = str(max(0, span.length))
    if span.length != document.size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {span.start}-{span.end}/{document.size}"
    shown = inline and document.media_type in SHOWN
    response["Content-Disposition"] = (
        content_disposition_header(not shown, safe_name(as_name or document.name)) or "inline"
    )
    return _dressed(response, etag)


def _body(document: Document, request: HttpRequest, span: Span) -> HttpResponseBase:
    media_type = document.media_type
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    file = storage.open_object(document.organisation_id, document.sha256)
    if request.method == "HEAD":
        file.close()
        return HttpResponse(content_type=media_type)
    return StreamingHttpResponse(storage.read(file, span.start, span.length), content_type=media_type)


def _asked(request: HttpRequest, size: int, etag: str) -> Span | None:
    """The span to send: the whole unless one range is asked for well; None when it lies outside."""
    whole = Span(0, size - 1)
    found = _ONE_RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not found or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return whole
    first, last = found.groups()
    if not first and not last:
        return whole
    if not first:  # the last N bytes
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return whole
    return Span(start, end) if start <= end else None


def _dressed(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Authorization"])
    return response
