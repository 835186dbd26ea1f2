"""What visitors fill in: a search, an address, a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from territoires.foundations.packs.api import pack

from ...domain.searching import LONGEST_WORDS, Criteria, read_criteria
from ...models import LONGEST_QUESTION, Lot, SavedSearch
from ..fields import Day, Money, Text
from ..forms import Gesture
from ..words import places_on


def departments(day: date, language: str) -> dict[str, str]:
    """The departments that the platform knows, by NUTS code."""
    return {one["code"]: one[f"label_{language[:2]}"] for one in pack("nuts-departments", on=day).entries}


def place_label(nuts: str, day: date, language: str) -> str:
    """A NUTS code as it is read."""
    known = departments(day, language).get(nuts)
    return f"{known} ({nuts})" if known else nuts


CATEGORIES = (("", _("all")), ("works", _("Works")), ("goods", _("Supplies")), ("services", _("Services")))
SORTS = (("", _("latest published first")), ("deadline", _("next deadline first")))


class SearchForm(forms.Form):
    """The search, in the address; what cannot be read is left out."""

    use_required_attribute = False

    q = forms.CharField(label=_("What are you looking for?"), max_length=LONGEST_WORDS, required=False)
    place = forms.ChoiceField(label=_("Place"), required=False)
    category = forms.ChoiceField(label=_("Kind of purchase"), choices=CATEGORIES, required=False)
    buyer = forms.CharField(label=_("Buyer"), max_length=LONGEST_WORDS, required=False)
    cpv = forms.CharField(
        label=_("CPV code"),
        max_length=12,
        required=False,
        help_text=_("Its first digits: 45 for works, 4526 for roofs."),
    )
    since = Day(label=_("Deadline from"), required=False)
    until = Day(label=_("Deadline until"), required=False)
    amount_from = Money(label=_("Value from, without VAT"), required=False)
    amount_until = Money(
        label=_("Value up to, without VAT"),
        required=False,
        help_text=_("Only some buyers make their estimate public: the others are left out."),
    )
    sort = forms.ChoiceField(label=_("Order"), choices=SORTS, required=False)
    with_closed = forms.BooleanField(label=_("Also those whose deadline has passed"), required=False)

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data)
        self.fields["place"].choices = [("", _("everywhere")), *places_on(today)]  # type: ignore[attr-defined]

    def criteria(self) -> Criteria:
        self.is_valid()
        read = dict(self.cleaned_data)
        # A deeper or wider code than the list offers still narrows: addresses of feeds and alerts hold them.
        read["place"] = read.get("place") or self.data.get("place", "")
        return read_criteria(read)


class CorrespondentForm(Gesture):
    """A name and an address: left freely, to be told of changes."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Give your name.")},
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Give an address, or take the files without."),
            "invalid": _("This is no e-mail address. For instance: contact@enterprise.example."),
        },
    )
    enterprise = forms.CharField(
        label=_("Your enterprise"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )


class QuestionForm(Gesture):
    """A question to the buyer."""

    text = Text(
        label=_("Your question"),
        max_length=LONGEST_QUESTION,
        rows=6,
        help_text=_(
            "It is published with its answer, without your name: write nothing that tells who you are."
        ),
        error_messages={"required": _("Write your question.")},
    )
    lot_number = forms.TypedChoiceField(
        label=_("About"), required=False, coerce=int, empty_value=None, choices=()
    )
    asker = forms.CharField(
        label=_("Your name or enterprise"),
        max_length=200,
        required=False,
        help_text=_("Only the buyer sees it. You may leave it empty."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        help_text=_("To be told of the answer. You may leave it empty."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("This is no e-mail address. For instance: contact@enterprise.example.")},
    )

    def __init__(self, *args: Any, lots: Sequence[Lot], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("the whole consultation")), *((lot.number, str(lot)) for lot in lots)]
        self.fields["lot_number"].choices = choices  # type: ignore[attr-defined]
        if not lots:
            del self.fields["lot_number"]


class SaveSearchForm(Gesture):
    """An address, and how often."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Give the address to write to."),
            "invalid": _("This is no e-mail address. For instance: contact@enterprise.example."),
        },
    )
    frequency = forms.ChoiceField(
        label=_("How often"),
        widget=forms.RadioSelect,
        choices=SavedSearch.Frequency.choices,
        initial=SavedSearch.Frequency.DAILY,
        error_messages={"required": _("Choose one.")},
    )
