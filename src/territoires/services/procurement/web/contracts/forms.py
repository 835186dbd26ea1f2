"""Forms of a contract."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ...domain import changes, signing
from ...models import LONGEST_REASON, LONGEST_TEXT, PriceVariation
from ..fields import Day, LaterDay, LaterLine, LaterMoney, Money, OptionalFile, Text, when_needed
from ..forms import Choosing, Gesture, ReasonForm

GROUNDS = (
    (changes.CLAUSE, gettext_lazy("A clause of the contract foresaw it")),
    (changes.ADDITIONAL, gettext_lazy("Additional works, supplies or services became necessary")),
    (changes.UNFORESEEN, gettext_lazy("Circumstances that a careful buyer could not foresee")),
    (changes.HOLDER, gettext_lazy("Another enterprise takes the place of the holder")),
    (changes.NOT_SUBSTANTIAL, gettext_lazy("The change is not substantial")),
    (changes.LOW, gettext_lazy("The amount is low")),
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


class AuthorityForm(Choosing):
    """By which act the signatory may sign."""

    act = forms.ChoiceField(
        label=gettext_lazy("An act of this platform"),
        required=False,
        help_text=gettext_lazy("Your deliberations and orders that are executory, the latest first."),
    )
    declared = forms.CharField(
        label=gettext_lazy("Or another act: its number"),
        max_length=45,
        required=False,
        widget=forms.TextInput(attrs={"lang": "fr"}),
    )
    declared_on = LaterDay(
        label=gettext_lazy("Executory since"),
        required=False,
        help_text=gettext_lazy(
            "The day of its publication or of its reception by the prefecture, the later of both; for instance 12/11/2026."
        ),
    )

    chosen, begins_empty = "act", True


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
        label=gettext_lazy("Capacity"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"lang": "fr"}),
    )
    document = when_needed(OptionalFile(label=gettext_lazy("Scan of the signed contract")))


class DayForm(Gesture):
    day = Day(label=gettext_lazy("Day"), error_messages={"required": gettext_lazy("Give the day.")})

    faults_at = {"received_on": "day", "started_on": "day", "ended_on": "day"}


class ChangeForm(Choosing):
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
        error_messages={"required": gettext_lazy("Give an amount, 0 when the price stays.")},
    )
    months = forms.IntegerField(
        label=gettext_lazy("By how many months"),
        initial=0,
        min_value=-600,
        max_value=600,
        error_messages={"required": gettext_lazy("Give a number of months, 0 when the duration stays.")},
    )
    signed_on = Day(
        label=gettext_lazy("Signed by both sides on"),
        error_messages={"required": gettext_lazy("Give the day.")},
    )
    document = OptionalFile(label=gettext_lazy("The signed amendment, as one PDF"))
    new_holder_siret = when_needed(
        LaterLine(label=gettext_lazy("SIRET of the new holder"), max_length=20, required=False)
    )
    new_holder_name = when_needed(
        LaterLine(label=gettext_lazy("Name of the new holder"), max_length=200, required=False)
    )
    replaced_siret = when_needed(
        forms.ChoiceField(label=gettext_lazy("Whose place it takes"), required=False)
    )
    committee_agreed = forms.BooleanField(
        label=gettext_lazy("The tender committee gave its opinion, where the price rises by more than 5 %"),
        required=False,
    )

    chosen, begins_empty = "replaced_siret", True
    faults_at = {"siret": "new_holder_siret"}

    def clean_amount(self) -> Any:
        text = self.cleaned_data["amount"].replace("\u2212", "-")
        is_less = text.strip().startswith("-")
        value = Money().clean(text.strip().lstrip("+-") or "0")
        return -value if is_less else value


class SubcontractForm(Gesture):
    """What a DC4 says."""

    siret = forms.CharField(label=gettext_lazy("SIRET of the subcontractor"), max_length=20)
    name = forms.CharField(label=gettext_lazy("Name of the subcontractor"), max_length=200)
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
    duration_months = forms.IntegerField(
        label=gettext_lazy("For how many months"), min_value=1, max_value=1200
    )
    price_variation = forms.ChoiceField(
        label=gettext_lazy("Its price is"),
        widget=forms.RadioSelect,
        choices=PriceVariation.choices,
        error_messages={"required": gettext_lazy("Say how its price varies.")},
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
