"""Forms of the decision."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from ...models import LONGEST_TEXT
from ..fields import Text
from ..forms import Choosing, Gesture, ReasonForm


class AwardForm(Choosing, ReasonForm):
    """The award of a lot, or its end without contract."""

    choice = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    proofs_are_complete = forms.BooleanField(
        label=gettext_lazy("The proofs of the chosen enterprise are complete: received, or got directly"),
        required=False,
    )

    chosen = "choice"
    field_order = ("choice", "reason", "proofs_are_complete")


class EndForm(ReasonForm):
    """How the whole procedure ends without contract."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("The procedure is declared"),
        widget=forms.RadioSelect,
        choices=[
            ("unsuccessful", gettext_lazy("unsuccessful: no bid, or none that can be accepted")),
            ("abandoned", gettext_lazy("without follow-up: for a reason of general interest")),
        ],
        error_messages={"required": gettext_lazy("Choose one.")},
    )

    field_order = ("outcome", "reason")


class ReasonsForm(Gesture):
    text = Text(
        label=gettext_lazy("The reasons, and the characteristics of the chosen bid"),
        max_length=LONGEST_TEXT,
        rows=8,
        help_text=gettext_lazy("Nothing of it may harm fair competition or a trade secret."),
        error_messages={"required": gettext_lazy("Write the reasons.")},
    )
