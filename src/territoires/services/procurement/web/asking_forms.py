"""The forms of two steps: what the contract leaves open, and what candidates are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ..domain.law import Law
from ..domain.sheet import LONGEST_TITLE
from ..domain.wording import AskedPieceWords, OptionWords, SelectionWords
from ..models import (
    LONGEST_TEXT,
    AskedFrom,
    AskedPiece,
    ContractOption,
    Lot,
    OptionKind,
    SelectionCriterion,
    SelectionKind,
)
from .fields import LaterMoney, Money, Text, when_needed
from .step_forms import StepForm, line
from .step_rows import Row, reservation_choices

USUAL_PIECES = (
    ("letter", AskedFrom.CANDIDATE),
    ("sworn-statement", AskedFrom.CANDIDATE),
    ("capacity", AskedFrom.CANDIDATE),
    ("tax", AskedFrom.WINNER),
    ("social", AskedFrom.WINNER),
)


class OptionsForm(StepForm):
    """Variants, and for whom the contract is reserved."""

    written = ("allows_variants", "variant_conditions", "reserved_for")

    allows_variants = forms.BooleanField(
        label=gettext_lazy("Enterprises may propose variants"), required=False
    )
    variant_conditions = Text(
        label=gettext_lazy("What a variant must respect"),
        required=False,
        max_length=LONGEST_TEXT,
        rows=3,
        help_text=gettext_lazy("The least that it must do, how many are admitted, how it is presented."),
    )
    reserved_for = when_needed(
        forms.ChoiceField(label=gettext_lazy("Who may answer"), required=False, widget=forms.RadioSelect)
    )
    adds_to_values = when_needed(
        forms.ChoiceField(
            label=gettext_lazy("The estimated values that you gave"),
            required=False,
            widget=forms.RadioSelect,
            choices=(
                ("yes", gettext_lazy("did not count these options: add them")),
                ("no", gettext_lazy("count these options already: leave them as they are")),
            ),
            initial="yes",
            help_text=gettext_lazy("Options count in the need, whether they will be used or not."),
        )
    )

    def __init__(self, *args: Any, law: Law, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reserved_for"].choices = reservation_choices(law)  # type: ignore[attr-defined]


class OptionRow(Row):
    """One option; a row without a name is passed over."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=OptionKind.choices, required=False)
    name = line(
        gettext_lazy("What may be asked"),
        longest=LONGEST_TITLE,
        help_text=gettext_lazy("For instance: Reconduction d'un an, Tranche optionnelle 1 : préau."),
    )
    value = LaterMoney(label=gettext_lazy("Value without VAT, each time"), min_value=0)
    times = forms.IntegerField(
        label=gettext_lazy("How many times"), min_value=1, max_value=20, required=False, initial=1
    )
    months = forms.IntegerField(
        label=gettext_lazy("Months"),
        min_value=0,
        max_value=600,
        required=False,
        help_text=gettext_lazy("How long a renewal lasts, or by when a phase may be asked."),
    )
    lot_number = forms.TypedChoiceField(
        label=gettext_lazy("For"), required=False, coerce=int, empty_value=None
    )
    remove = forms.BooleanField(label=gettext_lazy("Remove this option"), required=False)

    def __init__(self, *args: Any, lots: Sequence[Lot], **options: Any) -> None:
        super().__init__(*args, **options)
        places = [(lot.number, _("lot %(number)s only") % {"number": lot.number}) for lot in lots]
        self.fields["lot_number"].choices = [("", _("all lots")), *places]  # type: ignore[attr-defined]
        if not lots:
            del self.fields["lot_number"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        read = self.cleaned_data
        if read.get("value") is not None and not read.get("name") and not read.get("remove"):
            self.add_error("name", _("Say what may be asked, or empty the line."))
        return read

    def is_kept(self) -> bool:
        return bool(self.cleaned_data.get("name")) and not self.cleaned_data.get("remove")

    def words(self) -> OptionWords:
        read = self.cleaned_data
        return OptionWords(
            kind=read["kind"] or OptionKind.RENEWAL,
            name=read["name"],
            value=read["value"],
            times=read["times"] or 1,
            months=read["months"],
            lot_number=read.get("lot_number"),
        )


class SelectionForm(StepForm):
    """How many candidates, and their prize."""

    written = ("fewest_candidates", "most_candidates", "prize")

    fewest_candidates = forms.IntegerField(
        label=gettext_lazy("Fewest candidates invited"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=gettext_lazy("Only where candidates are selected before they bid."),
    )
    most_candidates = forms.IntegerField(
        label=gettext_lazy("Most candidates invited"), min_value=1, max_value=1000, required=False
    )
    prize = Money(
        label=gettext_lazy("Prize for each one who hands in what was asked, without VAT"),
        required=False,
        min_value=0,
    )

    def __init__(self, *args: Any, has_two_stages: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not has_two_stages:
            for name in self.written:
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.written if name in self.fields}


class SelectionRow(Row):
    """One thing that a candidate must be able to do; a row without words is passed over."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=SelectionKind.choices, required=False)
    text = line(
        gettext_lazy("What a candidate must be able to do"),
        longest=1000,
        help_text=gettext_lazy("For instance: trois chantiers de couverture comparables."),
    )
    level = line(gettext_lazy("The least that you ask"), longest=500)

    def is_kept(self) -> bool:
        return bool(self.cleaned_data.get("text"))

    def words(self) -> SelectionWords:
        read = self.cleaned_data
        return SelectionWords(
            kind=read["kind"] or SelectionKind.TECHNICAL, text=read["text"], level=read["level"]
        )


class PieceRow(Row):
    """A piece asked; a row without a piece is passed over."""

    code = forms.ChoiceField(label=gettext_lazy("Piece"), required=False)
    name = line(gettext_lazy("Its name, for a piece of your own"), longest=LONGEST_TITLE)
    asked_from = forms.ChoiceField(
        label=gettext_lazy("Asked from"), choices=AskedFrom.choices, required=False
    )

    def __init__(self, *args: Any, law: Law, **options: Any) -> None:
        super().__init__(*args, **options)
        language = get_language() or "fr"
        known = [(code, piece.label.in_language(language)) for code, piece in law.pieces.items()]
        self.fields["code"].choices = [("", "—"), *known]  # type: ignore[attr-defined]

    def is_kept(self) -> bool:
        return bool(self.cleaned_data.get("code") or self.cleaned_data.get("name"))

    def words(self) -> AskedPieceWords:
        read = self.cleaned_data
        return AskedPieceWords(
            asked_from=read["asked_from"] or AskedFrom.CANDIDATE, code=read["code"], name=read["name"]
        )


def option_rows(
    data: Mapping[str, Any] | None, options: Sequence[ContractOption], *, lots: Sequence[Lot]
) -> Any:
    """The options and one empty row."""
    names = ("kind", "name", "value", "times", "months", "lot_number")
    rows = forms.formset_factory(OptionRow, extra=1, max_num=60, absolute_max=80)
    initial = [{name: getattr(one, name) for name in names} for one in options]
    return rows(data, prefix="options", initial=initial, form_kwargs={"lots": lots})


def selection_rows(data: Mapping[str, Any] | None, present: Sequence[SelectionCriterion]) -> Any:
    """What is asked already and one empty row."""
    rows = forms.formset_factory(SelectionRow, extra=1, max_num=60, absolute_max=80)
    initial = [{name: getattr(one, name) for name in ("kind", "text", "level")} for one in present]
    return rows(data, prefix="selection", initial=initial)


def piece_rows(data: Mapping[str, Any] | None, present: Sequence[AskedPiece], *, law: Law) -> Any:
    """The pieces asked and one empty row; the usual ones where there are none."""
    rows = forms.formset_factory(PieceRow, extra=1, max_num=60, absolute_max=80)
    initial = [_piece(one, law) for one in present]
    usual = [{"code": code, "asked_from": asked_from} for code, asked_from in USUAL_PIECES]
    return rows(data, prefix="pieces", initial=initial or usual, form_kwargs={"law": law})


def _piece(one: AskedPiece, law: Law) -> dict[str, Any]:
    """A piece of the pack bears its own name there; only another name is shown."""
    known = law.pieces.get(one.code)
    is_own_name = known is None or one.name != known.label.fr
    return {"code": one.code, "name": one.name if is_own_name else "", "asked_from": one.asked_from}
