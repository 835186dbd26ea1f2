"""A person's own key file on a page: held in memory, used once, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from territoires.kernel.errors import Invalid

if TYPE_CHECKING:
    from .signing.api import SigningKey

KEY_FILE_LIMIT = 256 * 1024
"""Bytes of a key file, which is read in memory and never written."""


class KeyFileUpload(MemoryFileUploadHandler):
    """Holds the key file in memory whatever its size says; refuses what is larger than any key file."""

    received = 0

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > KEY_FILE_LIMIT:
            raise Invalid(
                "not-a-key-file",
                "This file is too large to be a key file; it was not read.",
                "Give the file that ends in .p12 or .pfx that your authority gave you.",
            )
        return super().receive_data_chunk(raw_data, start)


class KeyForm(forms.Form):
    """A key file and its password; ``key`` once both are sound. The view that reads it is a ``reads_key_file``."""

    use_required_attribute = False

    key_file = forms.FileField(
        label=_("Your key file"),
        max_length=None,
        help_text=_("The file .p12 or .pfx of your certificate. It is used once and kept nowhere."),
        error_messages={"required": _("Choose your key file.")},
        widget=forms.FileInput(attrs={"accept": ".p12,.pfx"}),
    )
    password = forms.CharField(
        label=_("Its password"),
        strip=False,
        max_length=500,
        error_messages={"required": _("Type the password that opens the key file.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    key: SigningKey | None = None

    def clean(self) -> dict[str, Any]:
        from .signing.api import open_key_file  # loaded where somebody signs, as in ``api``

        read = super().clean() or {}
        given = read.get("key_file")
        if given is not None and read.get("password"):
            try:
                self.key = open_key_file(given.read(), read["password"])
            except Invalid as refusal:
                field = "password" if refusal.code == "key-file-password" else "key_file"
                said = f"{gettext(refusal.message)} {gettext(refusal.remedy)}"
                self.add_error(field, ValidationError(said, params=refusal.params))
        return read


def reads_key_file(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Sets the upload handler before the form's token is read: hence the two steps."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and request.content_type == "multipart/form-data":
            request.upload_handlers = [KeyFileUpload(request)]
        return protected(request, *args, **kwargs)

    run.is_never_kept = True  # type: ignore[attr-defined]  # nor what comes with the key, when a session ends
    return run
