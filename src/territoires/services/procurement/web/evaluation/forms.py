"""Forms of the evaluation: what is asked of whom, what was found, notes, rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...models import LONGEST_REASON, LONGEST_TEXT
from ..fields import Day, Money, OptionalFile, Percent, Text, when_needed
from ..forms import Choosing, Gesture, Until


class AskForm(Until):
    """What all who are asked read."""

    text = Text(
        label=gettext_lazy("What you ask"),
        max_length=LONGEST_TEXT,
        rows=5,
        error_messages={"required": gettext_lazy("Write what you ask.")},
    )


class AskBidsForm(Choosing, AskForm):
    """Of which bids, and of which kind."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is asked"),
        widget=forms.RadioSelect,
        choices=[
            ("precision", gettext_lazy("say more precisely what the bid means")),
            ("bid", gettext_lazy("put an irregular bid in order, without changing what matters in it")),
            ("price", gettext_lazy("explain a price that looks abnormally low")),
        ],
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    bids = forms.MultipleChoiceField(
        label=gettext_lazy("Of which bids"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one bid.")},
    )

    chosen = "bids"


class ProofsForm(Choosing, Until):
    """Which proofs."""

    pieces = forms.MultipleChoiceField(
        label=gettext_lazy("The proofs that you cannot get by yourself"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    text = Text(label=gettext_lazy("What you add"), max_length=LONGEST_TEXT, rows=3, required=False)

    chosen = "pieces"


class PiecesForm(Gesture):
    """What was found of each piece: a field a piece."""

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        for code, label in kinds:
            self.fields[f"piece-{code}"] = forms.ChoiceField(
                label=label,
                required=False,
                choices=[
                    ("", gettext_lazy("not noted")),
                    ("present", gettext_lazy("present")),
                    ("missing", gettext_lazy("missing")),
                    ("asked", gettext_lazy("asked for")),
                    ("mended", gettext_lazy("completed since")),
                    ("unneeded", gettext_lazy("not required here")),
                ],
            )

    def states(self) -> dict[str, str]:
        return {
            name.removeprefix("piece-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("piece-") and value
        }


class CandidacyForm(Gesture):
    """Admitted or not."""

    verb = forms.ChoiceField(
        label=gettext_lazy("This candidate"),
        widget=forms.RadioSelect,
        choices=[("admit", gettext_lazy("is admitted")), ("reject", gettext_lazy("is not admitted"))],
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    reason = when_needed(
        Text(
            label=gettext_lazy("Reason of a refusal"),
            max_length=LONGEST_REASON,
            rows=3,
            required=False,
            help_text=gettext_lazy("The candidate reads it in its letter."),
        )
    )


class PriceForm(Gesture):
    price = Money(
        label=gettext_lazy("Price that is compared, without VAT"),
        error_messages={"required": gettext_lazy("Read the price off the bid.")},
    )


class VerdictForm(Gesture):
    """What is wrong with a bid, if anything."""

    state = forms.ChoiceField(
        label=gettext_lazy("This bid"),
        widget=forms.RadioSelect,
        choices=[
            ("admissible", gettext_lazy("is admissible: it is compared")),
            ("irregular", gettext_lazy("is irregular: incomplete, or against what the documents require")),
            ("unacceptable", gettext_lazy("is unacceptable: beyond the budget set before the procedure")),
            ("inappropriate", gettext_lazy("is inappropriate: without relation to the need")),
            ("abnormally_low", gettext_lazy("is abnormally low: its explanations did not convince")),
            ("opened", gettext_lazy("is to be examined again")),
        ],
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    reason = when_needed(
        Text(
            label=gettext_lazy("Reason, when it is eliminated"),
            max_length=LONGEST_REASON,
            rows=3,
            required=False,
            help_text=gettext_lazy("The enterprise reads it in its letter."),
        )
    )


class NoteForm(Gesture):
    """A note and its reason."""

    value = Percent(
        label=gettext_lazy("Score given"), error_messages={"required": gettext_lazy("Give a score.")}
    )
    justification = Text(
        label=gettext_lazy("Why"),
        max_length=LONGEST_TEXT,
        rows=3,
        help_text=gettext_lazy("What in the bid earns this score; it stays in the report."),
        error_messages={"required": gettext_lazy("Say why, in one sentence.")},
    )


class MethodForm(Choosing):
    """How one criterion is noted."""

    method = forms.ChoiceField(label=gettext_lazy("Scoring method"), widget=forms.RadioSelect)
    scale = forms.IntegerField(
        label=gettext_lazy("Highest score of the grid"), required=False, min_value=1, max_value=100
    )

    chosen = "method"


class RoundForm(Until):
    """A round to which candidates are invited; ``negotiates``: others may follow it."""

    information = Text(
        label=gettext_lazy("What the invitation says"),
        max_length=LONGEST_TEXT,
        rows=6,
        help_text=gettext_lazy(
            "All read the same words: what is asked, what is negotiated. Criteria, weights and minimum requirements are not negotiated."
        ),
        error_messages={"required": gettext_lazy("Say what is asked of the candidates.")},
    )
    is_final = forms.BooleanField(
        label=gettext_lazy("These are the final bids: nothing is negotiated afterwards"), required=False
    )

    def __init__(self, *args: Any, negotiates: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not negotiates:
            del self.fields["is_final"]


class MeetingForm(Choosing):
    """A session of the dialogue with one candidate."""

    candidacy = forms.ChoiceField(
        label=gettext_lazy("Candidate"), error_messages={"required": gettext_lazy("Choose one.")}
    )
    held_on = Day(label=gettext_lazy("Held on"), error_messages={"required": gettext_lazy("Say when.")})
    present = forms.CharField(
        label=gettext_lazy("Who was there"),
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"lang": "fr"}),
        error_messages={"required": gettext_lazy("Name who was there.")},
    )
    summary = Text(
        label=gettext_lazy("What was said"),
        max_length=LONGEST_TEXT,
        rows=6,
        error_messages={"required": gettext_lazy("Say what was discussed.")},
    )
    document = OptionalFile(label=gettext_lazy("Its minutes"))

    chosen, begins_empty = "candidacy", True


class ConclusionForm(Gesture):
    """What came out of the dialogue."""

    conclusion = Text(
        label=gettext_lazy("What the candidates are told"),
        max_length=LONGEST_REASON,
        rows=4,
        help_text=gettext_lazy("All read the same words; no solution of another one is given away in them."),
        error_messages={"required": gettext_lazy("Say what the dialogue came to.")},
    )


class InviteForm(Choosing):
    """Who is invited."""

    bidders = forms.MultipleChoiceField(
        label=gettext_lazy("Candidates invited"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    chosen = "bidders"

    def invited(self) -> dict[str, Any]:
        return {"bidders": [UUID(one) for one in self.cleaned_data["bidders"]]}


class SelectForm(InviteForm):
    """Who is selected to submit a bid, why each of the others is not, and why so few where few are."""

    few_reason = when_needed(
        Text(
            label=gettext_lazy("Why so few, if fewer are invited than usual"),
            max_length=LONGEST_REASON,
            rows=2,
            required=False,
            help_text=gettext_lazy("It stays in the file."),
        )
    )

    def __init__(
        self,
        *args: Any,
        choices: Sequence[tuple[str, str]],
        lots: Mapping[str, Sequence[tuple[str, str]]],
        **options: Any,
    ) -> None:
        """``lots``: those that a candidate answered, where there are several (number, name)."""
        super().__init__(*args, choices=choices, **options)
        for key, name in choices:
            if answered := lots.get(key):
                self.fields[f"lots-{key}"] = when_needed(
                    forms.MultipleChoiceField(
                        label=_("Lots to which %(name)s is invited") % {"name": name},
                        widget=forms.CheckboxSelectMultiple,
                        choices=answered,
                        initial=[number for number, _title in answered],
                        required=False,
                    )
                )
            self.fields[f"reason-{key}"] = when_needed(
                Text(
                    label=_("If %(name)s is not invited, or not to all its lots: why") % {"name": name},
                    max_length=LONGEST_REASON,
                    rows=2,
                    required=False,
                    help_text=_(
                        "From the conditions that were announced; the candidate reads it in its letter."
                    ),
                )
            )
        self.order_fields([*(name for name in self.fields if name != "few_reason"), "few_reason"])

    def invited(self) -> dict[str, Any]:
        reasons = {
            UUID(name.removeprefix("reason-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("reason-") and value
        }
        lots = {
            UUID(name.removeprefix("lots-")): [int(number) for number in value]
            for name, value in self.cleaned_data.items()
            if name.startswith("lots-")
        }
        found = super().invited()
        return {
            **found,
            "lots": {key: value for key, value in lots.items() if key in found["bidders"]},
            "reasons": reasons,
            "few_reason": self.cleaned_data["few_reason"],
        }
