"""Forms of the buyer's desk: what they share, and the small ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from territoires.foundations.registry.api import GestureForm
from territoires.kernel.errors import TerritoiresError

from ..domain.life import LIFE
from ..domain.sheet import LONGEST_TITLE
from ..models import LONGEST_REASON, Consultation, DocumentKind, TeamRole
from ..queries.wording import filled, refused
from .fields import Day, Hour, Text, in_paris

CATEGORY_CHOICES = (
    ("works", _("Works: building, repairing, laying, demolishing")),
    ("goods", _("Supplies: buying or renting things")),
    ("services", _("Services: having something done, studied or maintained")),
)


class Gesture(GestureForm):
    """What every form carries, on the version of the ``consultation`` that the reader saw.

    ``faults_at`` leads from the field that a verb names to the one of this form, where they differ.
    """

    faults_at: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, consultation: Consultation | None = None, **options: Any) -> None:
        super().__init__(*args, seen=consultation.version if consultation else None, **options)

    def renew(self, consultation: Consultation) -> None:
        """What was typed, shown again, on the consultation as it now stands."""
        self.show_again(consultation.version)

    def write_refusal(self, refusal: TerritoiresError) -> None:
        """What a verb refused, at the field that it names, or above the form."""
        for fault in refusal.faults:
            said = f"{filled(fault.message, fault.params)} {filled(fault.remedy, fault.params)}"
            field = self.faults_at.get(fault.field, fault.field)
            self.add_error(field if field in self.fields else None, said)
        if not refusal.faults:
            self.add_error(None, refused(refusal))


class Choosing(Gesture):
    """A form whose field ``chosen`` gets its choices from the page; ``begins_empty``: none is chosen beforehand."""

    chosen: ClassVar[str]
    begins_empty: ClassVar[bool] = False

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        first = [("", "—")] if self.begins_empty else []
        self.fields[self.chosen].choices = [*first, *choices]  # type: ignore[attr-defined]


class Until(Gesture):
    """A day and an hour of Paris; ``instant`` after cleaning."""

    until_on = Day(label=_("Until"), error_messages={"required": _("Say until when.")})
    until_hour = Hour(
        label=_("Hour"),
        error_messages={"required": _("Give an hour, for instance 9:00.")},
        help_text=_("Hour of Paris, for instance 12:00."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["instant"] = self._instant(values)
        return values

    def _instant(self, values: Mapping[str, Any]) -> datetime | None:
        try:
            return in_paris(values.get("until_on"), values.get("until_hour"))
        except ValueError:
            self.add_error("until_hour", _("This hour does not exist: that night the clocks moved."))
            return None


class NewForm(Gesture):
    """What is bought, in one line."""

    title = forms.CharField(
        label=_("What do you buy?"),
        max_length=LONGEST_TITLE,
        widget=forms.TextInput(attrs={"lang": "fr"}),
        help_text=_(
            "One line that an enterprise understands. For instance: Réfection de la toiture de l'école."
        ),
        error_messages={"required": _("Say in one line what you buy.")},
    )
    category = forms.ChoiceField(
        label=_("Of which kind?"),
        widget=forms.RadioSelect,
        choices=CATEGORY_CHOICES,
        error_messages={"required": _("Choose one: the thresholds depend on it.")},
    )


class CopyForm(Gesture):
    """The title of a copy."""

    title = NewForm.base_fields["title"]


class ReasonForm(Gesture):
    """Why."""

    reason = Text(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        rows=3,
        help_text=_("One or two sentences; they stay in the file of the consultation."),
        error_messages={"required": _("Write why, in one sentence.")},
    )


class DocumentForm(Gesture):
    """A file for the enterprises, and what it is."""

    document = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("PDF, office file, plan or archive; 500 MB at most."),
        error_messages={"required": _("Choose a file.")},
    )
    kind = forms.ChoiceField(
        label=_("What it is"),
        widget=forms.RadioSelect,
        choices=DocumentKind.choices,
        error_messages={"required": _("Say what it is: enterprises look for it so.")},
    )


class TeamForm(Gesture):
    """A person and what she does."""

    person = forms.ChoiceField(label=_("Person"), error_messages={"required": _("Choose a person.")})
    role = forms.ChoiceField(
        label=_("What the person does"),
        widget=forms.RadioSelect,
        choices=TeamRole.choices,
        error_messages={"required": _("Choose one.")},
    )

    def __init__(self, *args: Any, people: Mapping[UUID, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["person"].choices = [("", "—"), *((str(key), name) for key, name in people.items())]  # type: ignore[attr-defined]


class FilterForm(forms.Form):
    """Filters of the list, in the address."""

    use_required_attribute = False

    q = forms.CharField(label=_("Words"), max_length=200, required=False)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        states = [(s.name, _(s.label)) for s in LIFE.states.values()]
        self.fields["state"].choices = [("", _("all")), *states]  # type: ignore[attr-defined]

    def read(self, name: str) -> str:
        """The value of a filter; what cannot be read is left out."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))
