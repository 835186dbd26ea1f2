"""Forms of the decision."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...models import LONGEST_REASON, LONGEST_TEXT
from ..fields import Money, Text
from ..forms import Choosing, Gesture, ReasonForm


class WithoutCommittee(Text):
    """Why a lot is declared unsuccessful though the tender committee has not found it so."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Unsuccessful without the tender committee: why"),
            max_length=LONGEST_REASON,
            rows=3,
            required=False,
            help_text=gettext_lazy(
                "Only if you declare it unsuccessful and the committee, which chooses above the European threshold, has not."
            ),
        )


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

    without_committee = WithoutCommittee()

    chosen = "choice"
    field_order = ("choice", "reason", "without_committee", "proofs_are_complete")


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

    without_committee = WithoutCommittee()

    field_order = ("outcome", "reason", "without_committee")


class ReasonsForm(Gesture):
    text = Text(
        label=gettext_lazy("The reasons, and the characteristics of the chosen bid"),
        max_length=LONGEST_TEXT,
        rows=8,
        help_text=gettext_lazy("Nothing of it may harm fair competition or a trade secret."),
        error_messages={"required": gettext_lazy("Write the reasons.")},
    )


class LiftForm(Gesture):
    """The prize of each project of a contest: as announced, or less for a reason."""

    def __init__(
        self, *args: Any, projects: Sequence[tuple[str, str]], prize: Decimal | None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        for key, name in projects:
            self.fields[f"prize-{key}"] = Money(
                label=_("Prize of %(name)s, without VAT") % {"name": name},
                min_value=0,
                initial=prize or Decimal(0),
                error_messages={"required": gettext_lazy("Write the prize, 0 where none is due.")},
            )
        self.fields["reason"] = Text(
            label=gettext_lazy("If one is less than announced: why"),
            max_length=LONGEST_REASON,
            rows=2,
            required=False,
            help_text=gettext_lazy("Its author reads it."),
        )

    def prizes(self) -> dict[UUID, Decimal]:
        return {
            UUID(name.removeprefix("prize-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("prize-")
        }
