"""Forms of the committees and of their meetings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...domain import committees
from ...models import LONGEST_TEXT, CommitteeKind, MemberCapacity
from ..fields import Day, Text
from ..forms import Choosing, Gesture, ReasonForm, Until


class CommitteeForm(Gesture):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        widget=forms.TextInput(attrs={"lang": "fr"}),
        error_messages={"required": gettext_lazy("Give it a name.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), widget=forms.RadioSelect, choices=CommitteeKind.choices
    )
    instrument = forms.CharField(
        label=gettext_lazy("Act that set it up"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For instance: Délibération DEL_2026_012 du 5 juin 2026."),
        widget=forms.TextInput(attrs={"lang": "fr"}),
    )


class MembersForm(Gesture):
    """One member a line: capacity ; name ; e-mail ; quality."""

    members = Text(
        label=gettext_lazy("Members, one a line"),
        rows=8,
        help_text=gettext_lazy(
            "Each line: president, full, substitute or adviser ; name ; e-mail ; quality. For instance: full ;"
            " Jeanne Modèle ; jeanne@village.example ; conseillère."
        ),
        error_messages={"required": gettext_lazy("Name at least one member.")},
    )
    WORDS: Mapping[str, str] = {
        "president": committees.PRESIDENT,
        "présidente": committees.PRESIDENT,
        "président": committees.PRESIDENT,
        "full": committees.TITULAR,
        "titulaire": committees.TITULAR,
        "substitute": committees.SUBSTITUTE,
        "suppléant": committees.SUBSTITUTE,
        "suppléante": committees.SUBSTITUTE,
        "adviser": committees.ADVISER,
        "consultatif": committees.ADVISER,
        "consultative": committees.ADVISER,
    }

    def clean_members(self) -> list[tuple[str, str, str, str]]:
        read = []
        for place, line in enumerate(self.cleaned_data["members"].splitlines(), start=1):
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split(";")]
            capacity = self.WORDS.get(parts[0].casefold())
            if capacity is None or len(parts) < 3:
                raise forms.ValidationError(
                    _("Line %(place)d is not written as: capacity ; name ; e-mail ; quality.")
                    % {"place": place}
                )
            read.append((capacity, parts[1], parts[2], parts[3] if len(parts) > 3 else ""))
        return read

    @classmethod
    def written(cls, members: Iterable[Any]) -> str:
        words = {
            "president": _("president"),
            "titular": _("full"),
            "substitute": _("substitute"),
            "adviser": _("adviser"),
        }
        return "\n".join(
            f"{words[one.capacity]} ; {one.name} ; {one.email} ; {one.quality}" for one in members
        )


class ConveneForm(Choosing, Until):
    """Who meets, when and where."""

    committee = forms.ChoiceField(
        label=gettext_lazy("Committee"), error_messages={"required": gettext_lazy("Choose the committee.")}
    )
    place = forms.CharField(
        label=gettext_lazy("Place"),
        max_length=200,
        widget=forms.TextInput(attrs={"lang": "fr"}),
        error_messages={"required": gettext_lazy("Say where.")},
    )
    agenda = Text(
        label=gettext_lazy("Agenda"),
        max_length=LONGEST_TEXT,
        error_messages={"required": gettext_lazy("Write the agenda.")},
    )
    shortened_because = Text(
        label=gettext_lazy("Why the delay is shorter, if it is"),
        max_length=LONGEST_TEXT,
        rows=2,
        required=False,
    )

    until_on = Day(
        label=gettext_lazy("Day of the meeting"),
        error_messages={"required": gettext_lazy("Give the day.")},
    )

    chosen, begins_empty = "committee", True
    faults_at = {"meets_on": "until_on"}


class PresenceForm(Gesture):
    """Who came, and whom each substitute replaces."""

    def __init__(self, *args: Any, places: Sequence[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.places = places
        seats = [(str(one.pk), one.name) for one in places if one.capacity in committees.SEATS]
        for one in places:
            capacity = MemberCapacity(one.capacity).label
            self.fields[f"present-{one.pk}"] = forms.BooleanField(
                label=_("%(name)s, %(capacity)s, is present") % {"name": one.name, "capacity": capacity},
                required=False,
            )
            if one.capacity == committees.SUBSTITUTE:
                self.fields[f"replaces-{one.pk}"] = forms.ChoiceField(
                    label=_("%(name)s sits in place of") % {"name": one.name},
                    required=False,
                    choices=[("", gettext_lazy("nobody")), *seats],
                )

    def present(self) -> list[Any]:
        return [one.pk for one in self.places if self.cleaned_data.get(f"present-{one.pk}")]

    def replacing(self) -> dict[Any, Any]:
        read = {one.pk: self.cleaned_data.get(f"replaces-{one.pk}") for one in self.places}
        return {key: UUID(value) for key, value in read.items() if value}


class ConflictForm(Choosing, ReasonForm):
    """Who abstains, and why."""

    attendance = forms.ChoiceField(
        label=gettext_lazy("Member"), error_messages={"required": gettext_lazy("Choose the member.")}
    )

    chosen, begins_empty = "attendance", True
    field_order = ("attendance", "reason")


class DecisionForm(Choosing, ReasonForm):
    """What a committee decided of a lot."""

    choice = forms.ChoiceField(label=gettext_lazy("Decision"), widget=forms.RadioSelect)
    votes_for = forms.IntegerField(label=gettext_lazy("For"), min_value=0, max_value=200)
    votes_against = forms.IntegerField(label=gettext_lazy("Against"), min_value=0, max_value=200, initial=0)
    abstentions = forms.IntegerField(label=gettext_lazy("Abstaining"), min_value=0, max_value=200, initial=0)

    chosen = "choice"
    field_order = ("choice", "votes_for", "votes_against", "abstentions", "reason")


class RemarksForm(Gesture):
    remarks = Text(label=gettext_lazy("Remarks for the minutes"), max_length=LONGEST_TEXT, required=False)
