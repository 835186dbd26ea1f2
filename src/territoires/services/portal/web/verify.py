"""Verify a document: a file is read, hashed and forgotten; we say what it proves."""

from __future__ import annotations

import hashlib

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust

from ..queries import verdicts
from ..queries.verdicts import LARGEST


class FileForm(forms.Form):
    """One file, read and forgotten."""

    file = forms.FileField(
        label=_("File to verify"),
        help_text=_("Up to 200 MB. It is read, hashed and forgotten."),
        allow_empty_file=False,
        error_messages={
            "required": _("Choose the file to verify, then press Verify again."),
            "empty": _("This file is empty. Choose another, or ask for it again."),
        },
    )


class BoundedUpload(TemporaryFileUploadHandler):
    """To a temporary file only, that ends with the request; refuses beyond ``LARGEST`` before reading it all."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > LARGEST:
            raise verdicts.too_big()
        super().receive_data_chunk(raw_data, start)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The page and its answer. The upload handler must be set before the token is read: hence the two steps."""
    if request.method == "POST":
        request.upload_handlers = [BoundedUpload(request)]
    return _verify(request)


@csrf_protect
def _verify(request: HttpRequest) -> HttpResponse:
    context: dict[str, object] = {"root_fingerprint": trust.trust_chain().root_fingerprint}
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        context["verdict"] = _judge(form.cleaned_data["file"])
        form = FileForm()
    status = 422 if form.is_bound else 200
    return render(request, "portal/verify.html", {**context, "form": form}, status=status)


def _judge(given: TemporaryUploadedFile) -> verdicts.Verdict:
    digest = hashlib.sha256()
    for chunk in given.chunks():
        digest.update(chunk)
    path, size = given.temporary_file_path(), given.size or 0
    return verdicts.judge(path, name=given.name or "", size=size, digest=digest.hexdigest())


@require_safe
def verifier(request: HttpRequest) -> HttpResponseBase:
    """The tool itself: one file that needs Python and openssl only."""
    return FileResponse(journal.verifier_path().open("rb"), as_attachment=True, filename="verify_evidence.py")
