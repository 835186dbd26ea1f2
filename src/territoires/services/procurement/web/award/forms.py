"""Forms from the opened bids to the end of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...domain import changes, committees, signing
from ...models import LONGEST_REASON, LONGEST_TEXT, CommitteeKind, MemberCapacity
from ..fields import Day, Hour, LaterDay, LaterLine, LaterMoney, Money, Percent, Text, in_paris
from ..forms import Gesture, ReasonForm

GROUNDS = (
    (changes.CLAUSE, gettext_lazy("A clause of the contract foresaw it")),
    (changes.ADDITIONAL, gettext_lazy("Additional works, supplies or services became necessary")),
    (changes.UNFORESEEN, gettext_lazy("Circumstances that a careful buyer could not foresee")),
    (changes.HOLDER, gettext_lazy("Another enterprise takes the place of the holder")),
    (changes.NOT_SUBSTANTIAL, gettext_lazy("The change is not substantial")),
    (changes.LOW, gettext_lazy("The amount is low")),
)


class OptionalFile(forms.FileField):
    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class Until(Gesture):
    """A day and an hour of Paris; ``instant`` after cleaning."""

    until_on = Day(label=gettext_lazy("Until"), error_messages={"required": gettext_lazy("Say until when.")})
    until_hour = Hour(label=gettext_lazy("at"), help_text=gettext_lazy("Hour of Paris, for instance 12:00."))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["instant"] = self.instant_of(values, "until_on", "until_hour")
        return values

    def instant_of(self, values: Mapping[str, Any], day: str, hour: str) -> datetime | None:
        try:
            return in_paris(values.get(day), values.get(hour))
        except ValueError:
            self.add_error(hour, _("This hour does not exist: that night the clocks moved."))
            return None


class AskForm(Until):
    """What all who are asked read."""

    text = Text(
        label=gettext_lazy("What you ask"),
        max_length=LONGEST_TEXT,
        rows=5,
        error_messages={"required": gettext_lazy("Write what you ask.")},
    )


class AskBidsForm(AskForm):
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

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["bids"].choices = choices  # type: ignore[attr-defined]


class ProofsForm(Until):
    """Which proofs."""

    pieces = forms.MultipleChoiceField(
        label=gettext_lazy("The proofs that you cannot get by yourself"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    text = Text(label=gettext_lazy("What you add"), max_length=LONGEST_TEXT, rows=3, required=False)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["pieces"].choices = choices  # type: ignore[attr-defined]


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
    reason = Text(
        label=gettext_lazy("Reason of a refusal"),
        max_length=LONGEST_REASON,
        rows=3,
        required=False,
        help_text=gettext_lazy("The candidate reads it in its letter."),
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
    reason = Text(
        label=gettext_lazy("Reason, when it is eliminated"),
        max_length=LONGEST_REASON,
        rows=3,
        required=False,
        help_text=gettext_lazy("The enterprise reads it in its letter."),
    )


class NoteForm(Gesture):
    """A note and its reason."""

    value = Percent(label=gettext_lazy("Note"), error_messages={"required": gettext_lazy("Give a note.")})
    justification = Text(
        label=gettext_lazy("Why"),
        max_length=LONGEST_TEXT,
        rows=3,
        help_text=gettext_lazy("What in the bid earns this note; it stays in the report."),
        error_messages={"required": gettext_lazy("Say why, in one sentence.")},
    )


class MethodForm(Gesture):
    """How one criterion is noted."""

    method = forms.ChoiceField(label=gettext_lazy("Way of noting"), widget=forms.RadioSelect)
    scale = forms.IntegerField(
        label=gettext_lazy("Highest note of the grid"), required=False, min_value=1, max_value=100
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["method"].choices = choices  # type: ignore[attr-defined]


class RoundForm(Until):
    """A round of negotiation."""

    information = Text(
        label=gettext_lazy("What is negotiated"),
        max_length=LONGEST_TEXT,
        rows=6,
        help_text=gettext_lazy(
            "All read the same words. Criteria, weights and minimum requirements are not negotiated."
        ),
        error_messages={"required": gettext_lazy("Say what is negotiated.")},
    )
    is_final = forms.BooleanField(
        label=gettext_lazy("These are the final bids: nothing is negotiated afterwards"), required=False
    )


class InviteForm(Gesture):
    """Who is invited."""

    bidders = forms.MultipleChoiceField(
        label=gettext_lazy("Candidates invited"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["bidders"].choices = choices  # type: ignore[attr-defined]


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


class ConveneForm(Until):
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

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["committee"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]
        self.fields["until_on"].label = gettext_lazy("Day of the meeting")

    def write_refusal(self, refusal: Any) -> None:
        _renamed(self, refusal, {"meets_on": "until_on"})


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


class ConflictForm(ReasonForm):
    """Who abstains, and why."""

    attendance = forms.ChoiceField(
        label=gettext_lazy("Member"), error_messages={"required": gettext_lazy("Choose the member.")}
    )

    def __init__(self, *args: Any, places: Sequence[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["attendance"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((str(one.pk), one.name) for one in places),
        ]
        self.order_fields(["attendance", "reason"])


class DecisionForm(ReasonForm):
    """What a committee decided of a lot."""

    choice = forms.ChoiceField(label=gettext_lazy("Decision"), widget=forms.RadioSelect)
    votes_for = forms.IntegerField(label=gettext_lazy("For"), min_value=0, max_value=200)
    votes_against = forms.IntegerField(label=gettext_lazy("Against"), min_value=0, max_value=200, initial=0)
    abstentions = forms.IntegerField(label=gettext_lazy("Abstaining"), min_value=0, max_value=200, initial=0)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["choice"].choices = choices  # type: ignore[attr-defined]
        self.order_fields(["choice", "votes_for", "votes_against", "abstentions", "reason"])


class RemarksForm(Gesture):
    remarks = Text(label=gettext_lazy("Remarks for the minutes"), max_length=LONGEST_TEXT, required=False)


class AwardForm(ReasonForm):
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

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["choice"].choices = choices  # type: ignore[attr-defined]
        self.order_fields(["choice", "reason", "proofs_are_complete"])


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

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order_fields(["outcome", "reason"])


class ReasonsForm(Gesture):
    text = Text(
        label=gettext_lazy("The reasons, and the characteristics of the chosen bid"),
        max_length=LONGEST_TEXT,
        rows=8,
        help_text=gettext_lazy("Nothing of it may harm fair competition or a trade secret."),
        error_messages={"required": gettext_lazy("Write the reasons.")},
    )


class ContractForm(Gesture):
    """The file of a contract."""

    number = LaterLine(label=gettext_lazy("Number"), max_length=16)
    document = OptionalFile(label=gettext_lazy("The contract, as one PDF"))
    piece = OptionalFile(label=gettext_lazy("A piece beside it"))
    piece_type = forms.ChoiceField(
        label=gettext_lazy("What that piece is"),
        required=False,
        choices=[
            ("99_AU", gettext_lazy("Another document")),
            ("11_AP", gettext_lazy("Special administrative terms (CCAP)")),
            ("11_TP", gettext_lazy("Special technical terms (CCTP)")),
            ("11_RC", gettext_lazy("Rules of the consultation")),
            ("11_PV", gettext_lazy("Minutes of the tender committee")),
            ("11_RP", gettext_lazy("Presentation report")),
            ("11_RA", gettext_lazy("Report of the tender committee")),
            ("11_AT", gettext_lazy("Certificates of the holder")),
            ("10_DE", gettext_lazy("Deliberation that authorises the contract")),
        ],
    )


class AuthorityForm(Gesture):
    """By which act the signatory may sign."""

    act = forms.ChoiceField(label=gettext_lazy("An act of this platform"), required=False)
    declared = forms.CharField(
        label=gettext_lazy("Or another act: its number"),
        max_length=45,
        required=False,
        widget=forms.TextInput(attrs={"lang": "fr"}),
    )
    declared_on = LaterDay(label=gettext_lazy("Executory since"), required=False)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["act"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]


class HandForm(Gesture):
    """A signature given by hand."""

    side = forms.ChoiceField(
        label=gettext_lazy("Who signed by hand"),
        widget=forms.RadioSelect,
        choices=[(signing.HOLDER, gettext_lazy("the enterprise")), (signing.BUYER, gettext_lazy("the body"))],
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    signed_on = Day(
        label=gettext_lazy("Signed on"), error_messages={"required": gettext_lazy("Give the day.")}
    )
    name = forms.CharField(
        label=gettext_lazy("First name and name"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say who signed.")},
    )
    quality = forms.CharField(
        label=gettext_lazy("Quality"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"lang": "fr"}),
    )
    document = OptionalFile(label=gettext_lazy("Scan of the signed contract"))


class DayForm(Gesture):
    day = Day(label=gettext_lazy("Day"), error_messages={"required": gettext_lazy("Give the day.")})

    def write_refusal(self, refusal: Any) -> None:
        _renamed(self, refusal, {"received_on": "day", "started_on": "day", "ended_on": "day"})


class ChangeForm(Gesture):
    """A change of a contract in force."""

    ground = forms.ChoiceField(
        label=gettext_lazy("Ground"),
        widget=forms.RadioSelect,
        choices=GROUNDS,
        error_messages={"required": gettext_lazy("Choose the ground: each has its limits.")},
    )
    object = forms.CharField(
        label=gettext_lazy("What changes, in one line"),
        max_length=300,
        widget=forms.TextInput(attrs={"lang": "fr"}),
        error_messages={"required": gettext_lazy("Say what changes.")},
    )
    reason = ReasonForm.base_fields["reason"]
    amount = forms.CharField(
        label=gettext_lazy("By how much the price changes, without VAT"),
        max_length=20,
        initial="0",
        help_text=gettext_lazy("With a minus sign when it goes down."),
    )
    months = forms.IntegerField(
        label=gettext_lazy("By how many months"), initial=0, min_value=-600, max_value=600
    )
    signed_on = Day(label=gettext_lazy("Signed by both sides on"))
    document = OptionalFile(label=gettext_lazy("The signed amendment, as one PDF"))
    new_holder_siret = LaterLine(label=gettext_lazy("SIRET of the new holder"), max_length=20, required=False)
    new_holder_name = LaterLine(label=gettext_lazy("Name of the new holder"), max_length=200, required=False)
    committee_agreed = forms.BooleanField(
        label=gettext_lazy("The tender committee gave its opinion, where the price rises by more than 5 %"),
        required=False,
    )

    def clean_amount(self) -> Any:
        text = self.cleaned_data["amount"].replace("\u2212", "-")
        is_less = text.strip().startswith("-")
        value = Money().clean(text.strip().lstrip("+-") or "0")
        return -value if is_less else value


class SubcontractForm(Gesture):
    """What a DC4 says."""

    siret = forms.CharField(label=gettext_lazy("SIRET of the subcontractor"), max_length=20)
    name = forms.CharField(label=gettext_lazy("Its name"), max_length=200)
    services = Text(label=gettext_lazy("What it does"), max_length=LONGEST_TEXT, rows=3)
    amount = Money(label=gettext_lazy("Amount without VAT"))
    amount_with_vat = LaterMoney(
        label=gettext_lazy("Amount with VAT"),
        required=False,
        help_text=gettext_lazy("Leave empty where the holder owes the VAT itself, as in most works."),
    )
    rank = forms.IntegerField(
        label=gettext_lazy("Rank"),
        initial=1,
        min_value=1,
        max_value=9,
        help_text=gettext_lazy("1: a subcontractor of the holder; 2: of a subcontractor."),
    )
    document = OptionalFile(label=gettext_lazy("The DC4, as one PDF"))


class InvoicingForm(Gesture):
    siret = LaterLine(label=gettext_lazy("SIRET that pays"), max_length=20)
    service_code = LaterLine(label=gettext_lazy("Service code (Chorus Pro)"), max_length=100, required=False)
    commitment_number = LaterLine(label=gettext_lazy("Commitment number"), max_length=50, required=False)


class EndContractForm(DayForm):
    end_kind = forms.ChoiceField(
        label=gettext_lazy("How it ends"),
        widget=forms.RadioSelect,
        choices=[
            ("done", gettext_lazy("everything is done")),
            ("expired", gettext_lazy("its duration is over")),
            ("terminated", gettext_lazy("it is terminated, for the reason below")),
        ],
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    final_amount = LaterMoney(label=gettext_lazy("What was paid in all, without VAT"), required=False)
    reason = Text(label=gettext_lazy("Reason or remark"), max_length=LONGEST_REASON, rows=3, required=False)


class AnswerForm(Gesture):
    """What an enterprise answers."""

    text = Text(label=gettext_lazy("Your answer"), max_length=LONGEST_TEXT, rows=6, required=False)
    first = OptionalFile(label=gettext_lazy("A file"))
    second = OptionalFile(label=gettext_lazy("Another file"))
    third = OptionalFile(label=gettext_lazy("A third file"))

    def write_refusal(self, refusal: Any) -> None:
        _renamed(self, refusal, {"answer": "text", "document": "first"})


def _renamed(form: Gesture, refusal: Any, names: Mapping[str, str]) -> None:
    """A verb's faults at the fields of a form that calls them otherwise."""
    refusal.faults = tuple(replace(one, field=names.get(one.field, one.field)) for one in refusal.faults)
    Gesture.write_refusal(form, refusal)
