"""The person's own key file on a page: held in memory, used once, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import sentence
from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Conflict, Denied, Invalid, StepUpRequired

from ...actions.contracts.keys import sign_contract
from ...models import Contract
from ..requests import actor_of

KEY_FILE_LIMIT = 256 * 1024


PRESENCE = rights.StepUp(level=2, within=timedelta(minutes=15))


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
    """One's key file, its password, and as what one signs."""

    use_required_attribute = False

    quality = forms.CharField(
        label=_("You sign as"),
        max_length=150,
        help_text=_("For instance: maire, gérante."),
        widget=forms.TextInput(attrs={"lang": "fr"}),
        error_messages={"required": _("Say as what you sign.")},
    )
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

    key: trust.SigningKey | None = None

    def clean(self) -> dict[str, Any]:
        read = super().clean() or {}
        given = read.get("key_file")
        if given is not None and read.get("password"):
            try:
                self.key = trust.open_key_file(given.read(), read["password"])
            except Invalid as refusal:
                field = "password" if refusal.code == "key-file-password" else "key_file"
                self.add_error(field, _sentences(refusal))
        return read


def reads_key_file(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Sets the upload handler before the form's token is read: hence the two steps."""
    protected = csrf_protect(view)

    @csrf_exempt
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and request.content_type == "multipart/form-data":
            request.upload_handlers = [KeyFileUpload(request)]
        return protected(request, *args, **kwargs)

    run.permission = view.permission  # type: ignore[attr-defined]
    return run


def sign_with_key(request: HttpRequest, contract: Contract, side: str, form: KeyForm) -> bool:
    """Puts the signature; what is refused is written in the form. Raises StepUpRequired without a fresh proof of presence."""
    if not rights.is_present(actor_of(request), PRESENCE):
        raise StepUpRequired(level=PRESENCE.level, within_seconds=int(PRESENCE.within.total_seconds()))
    if not form.is_valid() or form.key is None:
        return False
    try:
        sign_contract(
            actor=actor_of(request),
            contract=contract,
            side=side,
            key=form.key,
            quality=form.cleaned_data["quality"],
        )
    except (Invalid, Conflict, Denied) as refusal:
        form.add_error(None, _sentences(refusal))
        return False
    return True


def _sentences(refusal: Invalid | Conflict | Denied) -> str:
    return f"{sentence(refusal.message, refusal.params)} {sentence(refusal.remedy, refusal.params)}"
