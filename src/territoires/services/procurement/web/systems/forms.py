"""Forms of a dynamic purchasing system, and of what is called under it or under a framework agreement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ...models import LONGEST_REASON, LONGEST_TEXT
from ..fields import Day, OptionalFile, Text
from ..forms import CopyForm, Gesture, ReasonForm


class TermForm(Gesture):
    """Until when."""

    in_force_until = Day(
        label=gettext_lazy("Last day of the system"),
        error_messages={"required": gettext_lazy("Give the last day of the system.")},
    )


class ChangeTermForm(TermForm, ReasonForm):
    """Another last day, and why."""

    field_order = ("in_force_until", "reason")


class CallForm(CopyForm):
    """A contract under a parent: for which lot, and for a framework agreement of whom, if not of all."""

    lot = forms.ChoiceField(label=gettext_lazy("Category or lot"))
    holder = forms.ChoiceField(label=gettext_lazy("Who is called"), required=False)
    ground = Text(
        label=gettext_lazy("If one holder alone is called: by which terms of the agreement"),
        max_length=LONGEST_REASON // 2,
        rows=2,
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        lots: Sequence[tuple[str, str]],
        holders: Sequence[tuple[str, str]],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        for name, choices in (("lot", lots), ("holder", holders)):
            if choices:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
            else:
                del self.fields[name]
        if not holders:
            del self.fields["ground"]


class DecideAdmissionForm(Gesture):
    """Admitted or not."""

    verb = forms.ChoiceField(
        label=gettext_lazy("This enterprise"),
        widget=forms.RadioSelect,
        choices=[("admit", gettext_lazy("is admitted")), ("refuse", gettext_lazy("is not admitted"))],
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    reason = Text(
        label=gettext_lazy("Reason of a refusal"),
        max_length=LONGEST_REASON,
        rows=3,
        required=False,
        help_text=gettext_lazy("The enterprise reads it."),
    )


class AskAdmissionForm(Gesture):
    """The request of an enterprise: for which categories, with its candidature."""

    lots = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Categories"),
        widget=forms.CheckboxSelectMultiple,
        coerce=int,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    document = forms.FileField(
        label=gettext_lazy("Your candidature"),
        help_text=gettext_lazy("DC1 and DC2, a DUME, or your own form."),
        error_messages={"required": gettext_lazy("Add your candidature.")},
    )
    second = OptionalFile(label=gettext_lazy("Another file"))
    third = OptionalFile(label=gettext_lazy("A third file"))
    text = Text(label=gettext_lazy("What you add"), max_length=LONGEST_TEXT, rows=3, required=False)

    def __init__(self, *args: Any, lots: Sequence[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        if lots:
            self.fields["lots"].choices = lots  # type: ignore[attr-defined]
        else:
            del self.fields["lots"]
