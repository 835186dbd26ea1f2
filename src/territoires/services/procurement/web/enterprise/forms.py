"""Forms of the enterprise's space."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ...actions.enterprise import SHEET_FIELDS, MemberWords
from ...models import LONGEST_REASON, BidDraft, EnterpriseSheet, LateDecision
from ..fields import Day, Money, Text
from ..forms import Gesture

YEARS = (1990, 2100)


def _line(label: Any, longest: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=False, **options)


class SheetForm(Gesture):
    """What DC1 and DC2 say of the enterprise. Nothing is required: one fills it in little by little."""

    legal_form = _line(_("Legal form"), 120)
    address = _line(_("Address"), 300)
    postal_code = _line(_("Postal code"), 10)
    town = _line(_("Town"), 120)
    email = forms.EmailField(label=_("E-mail for this kind of letter"), required=False)
    telephone = _line(_("Telephone"), 30)
    signatory = _line(_("Person who binds the enterprise"), 200, help_text=_("First and last name."))
    signatory_title = _line(_("As what"), 120, help_text=_("For instance: manager, by delegation of…"))
    is_small = forms.BooleanField(
        label=_("Small or medium-sized enterprise (less than 250 people)"), required=False
    )
    headcount = forms.IntegerField(label=_("Persons employed"), min_value=0, max_value=10**7, required=False)
    turnover_year = forms.IntegerField(
        label=_("Last closed year"), min_value=YEARS[0], max_value=YEARS[1], required=False
    )
    turnover = Money(label=_("Turnover of that year, without VAT"), required=False)
    turnover_before = Money(label=_("Turnover of the year before"), required=False)
    turnover_two_before = Money(label=_("Turnover two years before"), required=False)
    insurance = _line(_("Professional insurance"), 300, help_text=_("Insurer and number of the contract."))
    qualifications = Text(label=_("Qualifications"), max_length=1000, rows=3, required=False)
    references = Text(
        label=_("References"),
        max_length=3000,
        rows=6,
        required=False,
        help_text=_("For each: what, for whom, when, for how much."),
    )

    def __init__(self, *args: Any, sheet: EnterpriseSheet, **options: Any) -> None:
        known = {name: getattr(sheet, name) for name in SHEET_FIELDS}
        options["initial"] = {**known, "version": sheet.version}
        super().__init__(*args, **options)

    def written(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SHEET_FIELDS}


class ConsortiumForm(Gesture):
    """With whom one answers: one line for each partner."""

    consortium = forms.ChoiceField(
        label=_("How do you answer?"),
        choices=[(code, capfirst(label)) for code, label in BidDraft.Consortium.choices],
        widget=forms.RadioSelect,
        required=False,
    )
    members = Text(
        label=_("The other members"),
        max_length=30_000,
        rows=5,
        required=False,
        help_text=_(
            "One a line: SIRET, name, and what the member does if you wish, apart by semicolons. You lead the consortium."
            " For instance: 999 990 070 00016; Imprimerie Essai; impression."
        ),
    )

    def __init__(self, *args: Any, draft: BidDraft, **options: Any) -> None:
        lines = ["; ".join(filter(None, [one.siret, one.name, one.part])) for one in draft.members.all()]
        options["initial"] = {"consortium": draft.consortium, "members": "\n".join(lines)}
        super().__init__(*args, **options)

    def written(self) -> list[MemberWords]:
        """The partners, one a line; what cannot be read is refused by the verb, with its line."""
        found = []
        for line in self.cleaned_data["members"].splitlines():
            parts = [part.strip() for part in line.split(";", 2)]
            if any(parts):
                found.append(MemberWords(*parts, *[""] * (3 - len(parts))))
        return found


class AttestationForm(Gesture):
    """A document for the safe."""

    document = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("PDF or picture; 20 MB at most."),
        error_messages={"required": _("Choose a file.")},
    )
    kind = forms.ChoiceField(label=_("What it is"), error_messages={"required": _("Say what it is.")})
    valid_until = Day(
        label=_("Valid until"),
        required=False,
        help_text=_("Its last day, if it has one: you are told a month before."),
    )

    def __init__(self, *args: Any, kinds: list[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [("", "—"), *((one.code, one.label) for one in kinds)]  # type: ignore[attr-defined]


class LateForm(Gesture):
    """Why a late bid may be opened."""

    ground = forms.ChoiceField(
        label=_("On which ground?"),
        widget=forms.RadioSelect,
        choices=[(code, capfirst(label)) for code, label in LateDecision.Ground.choices],
        error_messages={"required": _("Choose one.")},
    )
    reason = Text(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        rows=5,
        help_text=_("What the dossier shows, or the order of the judge with its date and number."),
        error_messages={"required": _("Write why, in one sentence.")},
    )
