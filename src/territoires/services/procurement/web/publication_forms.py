"""Forms of the buyer around the publication: when, what changes, what is answered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from territoires.kernel.clock import PARIS
from territoires.kernel.siret import compact

from ..domain.sheet import LONGEST_TITLE
from ..models import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    LONGEST_REASON,
    LONGEST_TEXT,
    Consultation,
    DocumentKind,
    Piece,
)
from .fields import Day, Hour, Text, in_paris
from .forms import Gesture

FILES = (1, 2, 3)


class PublishForm(Gesture):
    """Whether the estimate is public."""

    shows_value = forms.BooleanField(
        label=_("Show the estimated value to all"),
        required=False,
        help_text=_("Nothing obliges you to. Searches by value find only those who do."),
    )


class InstantForm(Gesture):
    """A form with instants, each of a day and an hour in Paris; an hour that the summer time skips is refused.

    ``instants`` maps the name of an instant to the names of its two fields.
    """

    instants: Mapping[str, tuple[str, str]] = {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, (day, hour) in self.instants.items():
            if day not in self.fields:
                continue
            try:
                cleaned[name] = in_paris(cleaned.get(day), cleaned.get(hour))
            except ValueError:
                self.add_error(hour, _("This hour does not exist that day: the clocks go forward."))
        return cleaned

    @staticmethod
    def split(name: str, at: datetime | None) -> dict[str, Any]:
        """The initial values of the two fields of an instant."""
        local = at.astimezone(PARIS) if at else None
        return {f"{name}_on": local and local.date(), f"{name}_at": local and local.time()}


class ScheduleForm(InstantForm):
    """When to publish."""

    instants = {"publish_at": ("publish_on", "publish_hour")}

    publish_on = Day(label=_("Day"), error_messages={"required": _("Give a day.")})
    publish_hour = Hour(
        label=_("Hour, in Paris"), error_messages={"required": _("Give an hour, for instance 9:00.")}
    )
    shows_value = PublishForm.base_fields["shows_value"]


class _DeadlineForm(InstantForm):
    """The deadlines, as they stand until somebody changes them."""

    instants = {
        "applications_until": ("applications_on", "applications_at"),
        "tenders_until": ("tenders_on", "tenders_at"),
    }

    applications_on = Day(label=_("Deadline of the applications"), required=False)
    applications_at = Hour(label=_("Hour"), required=False)
    tenders_on = Day(label=_("Deadline of the bids"), required=False)
    tenders_at = Hour(label=_("Hour"), required=False)

    def __init__(self, *args: Any, consultation: Consultation, **options: Any) -> None:
        super().__init__(*args, consultation=consultation, **options)
        if consultation.applications_until is None:
            del self.fields["applications_on"], self.fields["applications_at"]

    def deadlines(self) -> dict[str, datetime]:
        """Those that the form holds."""
        return {
            name: self.cleaned_data[name] for name in self.instants if self.cleaned_data.get(name) is not None
        }


def _reason(text: Any) -> Text:
    return Text(
        label=text,
        max_length=LONGEST_REASON,
        rows=3,
        help_text=_("One or two sentences; they are public and stay in the file."),
        error_messages={"required": _("Write why, in one sentence.")},
    )


class PublicReasonForm(Gesture):
    """Why, for everybody."""

    reason = _reason(_("Reason"))


class InviteForm(Gesture):
    """One enterprise to invite."""

    name = forms.CharField(
        label=_("Name of the enterprise"), max_length=200, error_messages={"required": _("Give its name.")}
    )
    siret = forms.CharField(
        label=_("SIRET"),
        max_length=25,
        help_text=_("14 digits; spaces do not matter."),
        error_messages={"required": _("Give its SIRET.")},
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Its link goes there; it serves the account of this SIRET alone."),
        error_messages={"required": _("Give an address.")},
    )

    def clean_siret(self) -> str:
        return compact(self.cleaned_data["siret"])


class ResumeForm(_DeadlineForm):
    """Why the call resumes, and until when."""

    reason = _reason(_("Reason"))
    field_order = ["reason", "applications_on", "applications_at", "tenders_on", "tenders_at"]


class AmendForm(_DeadlineForm):
    """What changes in a published consultation."""

    summary = Text(
        label=_("What changes"),
        max_length=LONGEST_TEXT,
        rows=4,
        help_text=_("Enterprises read these lines first."),
        error_messages={"required": _("Say what changes.")},
    )
    reason = _reason(_("Why"))
    is_substantial = forms.BooleanField(
        label=_("It is a substantial change"),
        required=False,
        help_text=_("An enterprise that has already prepared its bid must work on it again."),
    )
    questions_until = Day(label=_("Last day for questions"), required=False)
    title = forms.CharField(
        label=_("What you buy"), max_length=LONGEST_TITLE, widget=forms.TextInput(attrs={"lang": "fr"})
    )
    description = Text(label=_("Description"), max_length=LONGEST_TEXT, rows=5, required=False)
    contact_email = forms.EmailField(label=_("Contact"), required=False)
    review_body = forms.CharField(
        label=_("Court to which one may appeal"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"lang": "fr"}),
    )
    retired = forms.MultipleChoiceField(
        label=_("Documents that no longer hold"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, consultation: Consultation, pieces: Sequence[Piece], **options: Any):
        present = {name: getattr(consultation, name) for name in (*self.corrected, "questions_until")}
        present |= self.split("applications", consultation.applications_until)
        present |= self.split("tenders", consultation.tenders_until)
        super().__init__(
            *args, consultation=consultation, **{**options, "initial": present | options.get("initial", {})}
        )
        named = [(piece.sha256, piece.document.name) for piece in pieces]
        self.fields["retired"].choices = named  # type: ignore[attr-defined]
        if not named:
            del self.fields["retired"]
        for number in FILES:
            self.fields |= _file_fields(number, named)

    corrected = ("title", "description", "contact_email", "review_body")

    def values(self) -> dict[str, Any]:
        read = {name: self.cleaned_data[name] for name in self.corrected}
        read["questions_until"] = self.cleaned_data["questions_until"]
        return read | self.deadlines()

    def file_rows(self) -> list[dict[str, Any]]:
        """The places for files, each with its fields, for the page."""
        return [
            {name: self[f"{name}_{number}"] for name in ("kept", "document", "replaces", "kind")}
            for number in FILES
        ]

    def renew(self, consultation: Consultation) -> None:
        """As everywhere, without losing that several documents may be ticked."""
        self._set(_key=str(uuid.uuid4()), version=str(consultation.version))

    def _set(self, **values: str) -> None:
        data: Any = self.data
        self.data = data = data.copy()
        for name, value in values.items():
            data[name] = value

    def keep(self, number: int, document: Any) -> None:
        """A file that was received waits in the form while something else is corrected."""
        self._set(**{f"kept_{number}": str(document.pk)})
        self[f"document_{number}"].help_text = _("“%(name)s” is received and waits.") % {
            "name": document.name
        }


class AnswerForm(_DeadlineForm):
    """A question as all will read it, and its answer; the deadline where it comes late."""

    field_order = ["public_text", "answer", "applications_on", "tenders_on", "late_reason"]

    public_text = Text(
        label=_("The question, as it will be published"),
        max_length=LONGEST_QUESTION,
        rows=5,
        help_text=_("Take out what would tell who asks: names, brands, places."),
        error_messages={"required": _("Write the question.")},
    )
    answer = Text(
        label=_("Your answer"),
        max_length=LONGEST_ANSWER,
        rows=6,
        help_text=_("All enterprises read it at once."),
        error_messages={"required": _("Write the answer.")},
    )
    late_reason = Text(
        label=_("Or why the deadline does not move"), max_length=LONGEST_REASON, rows=2, required=False
    )

    def __init__(self, *args: Any, consultation: Consultation, is_late: bool, **options: Any) -> None:
        super().__init__(*args, consultation=consultation, **options)
        kept = "applications" if consultation.applications_until else "tenders"
        dropped = {"applications", "tenders"} - ({kept} if is_late else set())
        for name in [f"{each}_{part}" for each in dropped for part in ("on", "at")]:
            self.fields.pop(name, None)
        if not is_late:
            del self.fields["late_reason"]

    def deadline(self) -> datetime | None:
        return next(iter(self.deadlines().values()), None)


def _file_fields(number: int, present: Sequence[tuple[str, str]]) -> dict[str, forms.Field]:
    return {
        f"kept_{number}": forms.UUIDField(required=False, widget=forms.HiddenInput),
        f"document_{number}": forms.FileField(label=_("File"), required=False, allow_empty_file=True),
        f"replaces_{number}": forms.ChoiceField(
            label=_("In the place of"), required=False, choices=[("", _("none: it is added")), *present]
        ),
        f"kind_{number}": forms.ChoiceField(
            label=_("What it is, when it is added"),
            required=False,
            choices=DocumentKind.choices,
            initial=DocumentKind.OTHER,
        ),
    }
