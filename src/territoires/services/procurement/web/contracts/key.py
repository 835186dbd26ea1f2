"""The signature of a contract with the person's own key, given on a page."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions import api as rights
from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Conflict, Denied, Invalid, StepUpRequired

from ...actions.contracts.keys import sign_contract
from ...models import Contract
from ...queries.wording import refused
from ..requests import actor_of

PRESENCE = rights.StepUp(level=2, within=timedelta(minutes=15))


class ContractKeyForm(trust.KeyForm):
    """One's key file, its password, and as what one signs."""

    quality = forms.CharField(
        label=_("You sign as"),
        max_length=150,
        help_text=_("For instance: maire, gérante."),
        widget=forms.TextInput(attrs={"lang": "fr"}),
        error_messages={"required": _("Say as what you sign.")},
    )
    field_order = ("quality", "key_file", "password")


def sign_with_key(request: HttpRequest, contract: Contract, side: str, form: ContractKeyForm) -> bool:
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
        form.add_error(None, refused(refusal))
        return False
    return True
