"""Forms of the opening: quorum, presence, safety copies, repairs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import LONGEST_REASON, Envelope
from .fields import OptionalFile, Text, is_of_a_register, when_needed
from .forms import Gesture, ReasonForm


class ThresholdForm(Gesture):
    """How many holders open."""

    threshold = forms.TypedChoiceField(
        label=_("How many are needed to open"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how many.")},
    )

    def __init__(self, *args: Any, most: int, holders: int, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [
            (str(k), _("%(k)d of %(n)d, custodian included") % {"k": k, "n": holders})
            for k in range(2, max(2, most) + 1)
        ]
        self.fields["threshold"].choices = choices  # type: ignore[attr-defined]


class PresenceForm(Gesture):
    """Who attends."""

    name = forms.CharField(
        label=_("Name"), max_length=200, error_messages={"required": _("Write the name of who is there.")}
    )
    capacity = forms.CharField(
        label=_("As what"), max_length=200, required=False, help_text=_("Deputy mayor, architect…")
    )


class CancelForm(ReasonForm):
    """Why a session is given up."""


class ReleaseFileForm(Gesture):
    """What a holder made off line."""

    document = forms.FileField(
        label=_("The custodian's file (release.json)"),
        error_messages={"required": _("Choose the file.")},
    )


class HandoverForm(Gesture):
    """Which officer is replaced, by whom, and whether she can still use her key."""

    leaving = forms.ChoiceField(
        label=_("Who is replaced"), error_messages={"required": _("Choose an officer.")}
    )
    successor = forms.ChoiceField(
        label=_("Who takes her place"), error_messages={"required": _("Choose a person.")}
    )
    leaving_deals = forms.ChoiceField(
        label=_("Can the one who is replaced still open her key?"),
        widget=forms.RadioSelect,
        choices=(
            ("yes", _("yes: she hands her pieces over herself, then her key is destroyed")),
            ("no", _("no: she has left, or lost all her ways; her key is destroyed at once")),
        ),
        error_messages={"required": _("Say whether she still can.")},
    )

    def __init__(
        self,
        *args: Any,
        officers: Sequence[tuple[str, str]],
        people: Sequence[tuple[str, str]],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        for name, choices in (("leaving", officers), ("successor", people)):
            self.fields[name].choices = [("", "—"), *choices]  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """What the verb is given."""
        return {
            "leaving": UUID(self.cleaned_data["leaving"]),
            "successor": UUID(self.cleaned_data["successor"]),
            "leaving_deals": self.cleaned_data["leaving_deals"] == "yes",
        }


class PartsFileForm(Gesture):
    """What the custodian dealt, or took over, off line."""

    document = forms.FileField(
        label=_("The custodian's file (parts.json)"),
        error_messages={"required": _("Choose the file.")},
    )


class CopyForm(Gesture):
    """A safety copy that arrived."""

    bidder_name = forms.CharField(
        label=_("Enterprise"), max_length=200, error_messages={"required": _("Say whose copy it is.")}
    )
    deposit = forms.ChoiceField(label=_("Electronic deposit that it stands in for"), required=False)
    medium = forms.CharField(
        label=_("On what it came"),
        max_length=200,
        help_text=_("USB key, paper, by post…"),
        error_messages={"required": _("Say on what it came.")},
    )
    arrived_at = forms.DateTimeField(
        label=_("Arrived on"),
        input_formats=["%d/%m/%Y %H:%M", "%d/%m/%Y %Hh%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"],
        help_text=_("Day and hour in Paris. For instance 12/11/2026 14:30."),
        widget=forms.DateTimeInput(attrs={"autocomplete": "off"}, format="%d/%m/%Y %H:%M"),
        error_messages={
            "required": _("Write the day and the hour."),
            "invalid": _("This is no date with an hour."),
        },
    )

    def clean_arrived_at(self) -> datetime:
        found: datetime = self.cleaned_data["arrived_at"]
        if not is_of_a_register(found):
            raise forms.ValidationError(self.fields["arrived_at"].error_messages["invalid"])
        return found

    def __init__(self, *args: Any, deposits: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["deposit"].choices = [("", _("no deposit")), *deposits]  # type: ignore[attr-defined]


class OpenCopyForm(ReasonForm):
    """In which case of the law a copy is opened, whose it is, and its files.

    ``lots`` (number, name) are those that the bid may answer: each has its file where there are several. They are asked,
    and ``siret`` is, where no deposit says it.
    """

    ground = forms.ChoiceField(
        label=_("Case of the law"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the case.")},
    )
    siret = forms.CharField(
        label=_("SIRET of the enterprise"),
        max_length=20,
        help_text=_("What it began to send here before the deadline is found by it."),
        error_messages={"required": _("Write the SIRET of the enterprise.")},
    )
    lots = when_needed(
        forms.MultipleChoiceField(
            label=_("Lots that it answers"),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=_("If the enterprise deposited nothing at all; else its deposit says them."),
        )
    )
    candidature = OptionalFile(label=_("Its candidature: a scan, or an archive"))
    document = OptionalFile(label=_("Its bid: a scan, or an archive"))
    second = OptionalFile(label=_("Another file of its bid"))

    field_order = ["ground", "siret", "lots", "reason", "candidature", "document", "second"]

    def __init__(
        self,
        *args: Any,
        grounds: Sequence[tuple[str, str]],
        lots: Sequence[tuple[str, str]],
        asks_whose: bool,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["ground"].choices = list(grounds)  # type: ignore[attr-defined]
        self.fields["lots"].choices = list(lots)  # type: ignore[attr-defined]
        several = lots if len(lots) > 1 else ()
        self.places: dict[str, tuple[Envelope, int | None]] = {"candidature": (Envelope.CANDIDATURE, None)}
        self.places |= {f"lot_{number}": (Envelope.TENDER, int(number)) for number, _name in several}
        for number, name in several:
            label = _("Its bid for lot %(lot)s: a scan, or an archive") % {"lot": name}
            self.fields[f"lot_{number}"] = OptionalFile(label=label)
        if not several:
            self.places |= dict.fromkeys(("document", "second"), (Envelope.TENDER, None))
        asked = {
            "siret": asks_whose,
            "lots": asks_whose and lots,
            "document": not several,
            "second": not several,
        }
        for name in (name for name, is_asked in asked.items() if not is_asked):
            del self.fields[name]

    def lots_given(self) -> list[int]:
        """Those that are ticked, or have a file."""
        ticked = {int(number) for number in self.cleaned_data.get("lots", ())}
        return sorted(
            ticked | {lot for name, (_of, lot) in self.places.items() if lot and self.cleaned_data.get(name)}
        )


class RepairForm(Gesture):
    """What was tried, and the repaired file where there is one."""

    note = Text(
        label=_("What was tried, and by whom"),
        max_length=LONGEST_REASON,
        rows=3,
        error_messages={"required": _("Say what was tried.")},
    )
    document = forms.FileField(
        label=_("The repaired file"), required=False, help_text=_("Leave empty if the repair failed.")
    )
