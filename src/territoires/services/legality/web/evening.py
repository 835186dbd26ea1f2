"""The forms of a sitting: who was there with the files of the evening, and one row of its table."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from ..domain.classification import Classification
from ..domain.life import DRAFT
from ..domain.sitting import ADOPTED, MOST_MEMBERS, Ballot, Name, SittingWords
from ..domain.wording import ActWords
from ..models import DRAFT_NUMBER_LENGTH, DRAFT_OBJECT_LENGTH, Act, Sitting, SittingKind, VoteOutcome
from ..queries.sittings import ballot_of
from .forms import Day, Files, Gesture, LaterChoice, LaterText, ManyFiles, day_text, matter_choices
from .progress import Progress, shown_progress
from .selects import QuickSelect

MOST_OBJECTS = 100


def _name(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=100, **options)


def _count(label: Any, help_text: Any = "", *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=MOST_MEMBERS,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Write a number; 0 when there is none."),
            "invalid": gettext_lazy("Write a number."),
        },
    )


class SittingForm(Gesture):
    """Who met, when, who was there."""

    held_on = Day(
        label=gettext_lazy("Day of the sitting"),
        help_text=gettext_lazy("It is the date of its deliberations. For instance 12/11/2026."),
        error_messages={"required": gettext_lazy("Write the day on which the assembly met.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Who met"), widget=forms.RadioSelect, choices=SittingKind.choices
    )
    given_names = _name(gettext_lazy("First name of who presided"))
    usual_name = _name(gettext_lazy("Name of who presided"))
    quality = forms.CharField(
        label=gettext_lazy("Quality"), max_length=150, help_text=gettext_lazy("Mayor, president...")
    )
    in_office = _count(gettext_lazy("Members in office"))
    present = _count(gettext_lazy("Present"))
    represented = _count(gettext_lazy("Represented"), gettext_lazy("by a written proxy"))
    secretary_given_names = _name(gettext_lazy("First name of the secretary of the sitting"))
    secretary_usual_name = _name(gettext_lazy("Name of the secretary"))
    second_given_names = _name(gettext_lazy("First name of a second secretary"), required=False)
    second_usual_name = _name(gettext_lazy("Name of the second secretary"), required=False)
    attendance = forms.CharField(
        label=gettext_lazy("Names of the members"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Present, represented (by whom), absent: for your minutes. Never put on line."
        ),
    )

    @classmethod
    def initial_of(cls, sitting: Sitting) -> dict[str, Any]:
        """What the form of a recorded sitting shows."""
        names = ("kind", "given_names", "usual_name", "quality", "in_office", "present", "represented")
        shown: dict[str, Any] = {name: getattr(sitting, name) for name in (*names, "attendance", "version")}
        shown["held_on"] = day_text(sitting.held_on)
        for prefix, secretary in zip(("secretary", "second"), sitting.secretaries.all(), strict=False):
            shown[f"{prefix}_given_names"] = secretary.given_names
            shown[f"{prefix}_usual_name"] = secretary.usual_name
        return shown

    def words(self) -> SittingWords:
        """What was typed. Only of a valid form."""
        read = self.cleaned_data
        secretaries = [
            Name(read[f"{prefix}_given_names"], read[f"{prefix}_usual_name"])
            for prefix in ("secretary", "second")
        ]
        return SittingWords(
            held_on=read["held_on"],
            kind=read["kind"],
            presiding=Name(read["given_names"], read["usual_name"]),
            quality=read["quality"],
            secretaries=[one for one in secretaries if one.given_names or one.usual_name],
            in_office=read["in_office"],
            present=read["present"],
            represented=read["represented"],
            attendance=read["attendance"],
        )

    def renew_key(self) -> None:
        """What was typed, shown again: the next click is another gesture."""
        self.data = {name: self.data[name] for name in self.data} | {"_key": str(uuid.uuid4())}


class ExaminedForm(Gesture):
    """What the assembly examined."""

    documents = ManyFiles(
        label=gettext_lazy("The deliberations"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("All the PDFs of the evening together: each becomes a draft."),
        widget=Files(attrs={"accept": ".pdf,.xml"}),
    )
    without_file = forms.CharField(
        label=gettext_lazy("Examined without a file"),
        required=False,
        max_length=MOST_OBJECTS * DRAFT_OBJECT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One object a line: what was rejected or postponed stands in the list too."),
    )

    def texts(self) -> list[str]:
        """The objects without a file."""
        lines = self.cleaned_data["without_file"].splitlines()
        return [line.strip() for line in lines if line.strip()][:MOST_OBJECTS]


class EveningForm(ExaminedForm, SittingForm):
    """One evening: what was examined, and who was there."""


class RowForm(forms.Form):
    """One deliberation of the table: its words while it is a draft, and its vote."""

    use_required_attribute = False

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    number = LaterText(label=gettext_lazy("Number"), max_length=DRAFT_NUMBER_LENGTH)
    object = LaterText(
        label=gettext_lazy("Object"), max_length=DRAFT_OBJECT_LENGTH, widget=forms.Textarea(attrs={"rows": 2})
    )
    matter_code = LaterChoice(label=gettext_lazy("Subject matter"), widget=QuickSelect)
    outcome = LaterChoice(
        label=gettext_lazy("Outcome"), choices=[("", "—"), *VoteOutcome.choices], widget=QuickSelect
    )
    votes_for = _count(gettext_lazy("For"), required=False)
    against = _count(gettext_lazy("Against"), required=False)
    abstention = _count(gettext_lazy("Abstaining"), required=False)
    not_voting = _count(gettext_lazy("Not voting"), required=False)
    names = LaterText(
        label=gettext_lazy("Who voted what"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    counts = ("votes_for", "against", "abstention", "not_voting")

    def __init__(self, *args: Any, lists: Classification, is_draft: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["matter_code"].choices = [("", "—"), *matter_choices(lists)]  # type: ignore[attr-defined]
        if not is_draft:
            for name in ("version", "number", "object", "matter_code"):
                del self.fields[name]

    def fill_unanimous(self, voters: int) -> None:
        """A row on which nothing is said yet becomes a unanimous vote."""
        read = self.cleaned_data
        if not read.get("outcome") and all(read.get(name) is None for name in self.counts):
            read.update(outcome=ADOPTED, votes_for=voters, against=0, abstention=0, not_voting=0)

    def ballot(self) -> Ballot | None:
        """How it was voted; None when nothing is said. Counts without an outcome are an adoption."""
        read = self.cleaned_data
        counts: dict[str, Any] = {name: read.get(name) for name in self.counts}
        outcome, names = read.get("outcome") or "", read.get("names") or ""
        if not outcome and all(count is None for count in counts.values()):
            return None
        return Ballot(outcome=outcome or ADOPTED, names=names, **counts)

    def changed_words(self, present: Mapping[str, Any]) -> ActWords | None:
        """The words of the act with those of the row; None when they are the same."""
        typed: dict[str, Any] = {
            name: self.cleaned_data[name]
            for name in ("number", "object", "matter_code")
            if name in self.cleaned_data
        }
        words = ActWords(**{**present, **typed})
        return None if words.tidied() == ActWords(**present).tidied() else words


@dataclass(frozen=True, slots=True)
class DeliberationRow:
    """An act of the sitting with its row of the table, and how far it is on its way to the State."""

    act: Act
    form: RowForm
    progress: Progress | None


def rows_of(
    acts: Sequence[Act], lists: Classification, data: QueryDict | None = None
) -> list[DeliberationRow]:
    """The table's rows, empty of what was typed without ``data``."""
    progress = shown_progress(acts)
    return [
        DeliberationRow(
            act,
            RowForm(
                data,
                prefix=str(act.pk),
                lists=lists,
                is_draft=act.state == DRAFT,
                initial=_initial(act),
            ),
            progress.get(act.pk),
        )
        for act in acts
    ]


def _initial(act: Act) -> dict[str, Any]:
    ballot = ballot_of(act)
    voted = {name: getattr(ballot, name) for name in Ballot.__dataclass_fields__} if ballot else {}
    words = {name: getattr(act, name) for name in ("version", "number", "object", "matter_code")}
    return words | voted
