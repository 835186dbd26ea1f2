"""The tables of the preparation: a row for each lot, a row for each criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ..domain.law import Law
from ..domain.sheet import LONGEST_TITLE
from ..domain.wording import CriterionWords, LotWords, PartWords, parts_in
from ..models import (
    Criterion,
    Lot,
    SubCriterion,
)
from .fields import (
    LaterChoice,
    LaterMoney,
    LaterPercent,
    Money,
    Text,
)
from .step_forms import later_line, line, read_codes
from .words import places_on, reservation_label


class Row(forms.Form):
    """One line of a table. It is read for what it holds: one that says just what is saved already is no empty one, even
    to who sends all lines as new."""

    use_required_attribute = False

    def has_changed(self) -> bool:
        return True


class LotRow(Row):
    """One lot; a row without anything is passed over."""

    title = later_line(gettext_lazy("Title"), longest=LONGEST_TITLE)
    cpv = later_line(gettext_lazy("CPV code"), longest=8)
    estimated_value = LaterMoney(label=gettext_lazy("Value without VAT"), min_value=0)
    is_small = forms.BooleanField(label=gettext_lazy("Small lot, let by a lighter procedure"), required=False)
    additional_cpvs = line(
        gettext_lazy("Further CPV codes"), longest=300, help_text=gettext_lazy("Apart by spaces.")
    )
    nuts = forms.ChoiceField(
        label=gettext_lazy("Place"),
        required=False,
        help_text=gettext_lazy("Only where it is another one than that of the whole."),
    )
    reserved_for = forms.ChoiceField(label=gettext_lazy("Reserved for"), required=False)
    minimum_turnover = Money(
        label=gettext_lazy("Lowest yearly turnover asked, without VAT"),
        required=False,
        min_value=0,
        help_text=gettext_lazy("Only where it is another one than that of all the lots."),
    )
    remove = forms.BooleanField(label=gettext_lazy("Remove this lot"), required=False)

    def __init__(self, *args: Any, law: Law, places: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["nuts"].choices = [("", "—"), *places]  # type: ignore[attr-defined]
        self.fields["reserved_for"].choices = reservation_choices(law)  # type: ignore[attr-defined]

    def clean_additional_cpvs(self) -> list[str]:
        return read_codes(str(self.cleaned_data["additional_cpvs"]))

    def is_kept(self) -> bool:
        read = self.cleaned_data
        return not read.get("remove") and bool(
            read.get("title") or read.get("cpv") or read.get("estimated_value")
        )

    def words(self) -> LotWords:
        read = self.cleaned_data
        return LotWords(
            title=read["title"],
            cpv=read["cpv"],
            estimated_value=read["estimated_value"],
            is_small=read["is_small"],
            additional_cpvs=tuple(read["additional_cpvs"]),
            nuts=read["nuts"],
            reserved_for=read["reserved_for"],
            minimum_turnover=read["minimum_turnover"],
        )


def reservation_choices(law: Law) -> list[tuple[str, str]]:
    return [
        ("", _("nobody: open to all")),
        *((code, reservation_label(code, law)) for code in law.reservations),
    ]


class CriterionRow(Row):
    """One criterion; a row without a weight is passed over."""

    kind = LaterChoice(label=gettext_lazy("Kind"))
    name = line(gettext_lazy("Name for the enterprises"), longest=200)
    weight = LaterPercent(label=gettext_lazy("Weight in percent"))
    lot_number = forms.TypedChoiceField(
        label=gettext_lazy("For"), required=False, coerce=int, empty_value=None
    )
    parts = Text(
        label=gettext_lazy("Parts scored apart"),
        required=False,
        max_length=4000,
        rows=2,
        help_text=gettext_lazy(
            "One a line, its weight last: Méthode de chantier 20. They add up to the weight of the criterion."
        ),
    )

    def __init__(self, *args: Any, law: Law, lots: Sequence[Lot], **options: Any) -> None:
        super().__init__(*args, **options)
        language = get_language() or "fr"
        kinds = [(one.code, one.label.in_language(language)) for one in law.criteria.values()]
        self.fields["kind"].choices = [("", "—"), *kinds]  # type: ignore[attr-defined]
        places = [(lot.number, _("lot %(number)s only") % {"number": lot.number}) for lot in lots]
        self.fields["lot_number"].choices = [("", _("all lots")), *places]  # type: ignore[attr-defined]
        if not lots:
            del self.fields["lot_number"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        read = self.cleaned_data
        if self.is_kept() and not read.get("kind"):
            self.add_error("kind", _("Choose the kind of this criterion."))
        if read.get("kind") and read.get("name") and "weight" in read and read["weight"] is None:
            self.add_error("weight", _("Give its weight, or empty the line."))
        return read

    def clean_parts(self) -> list[PartWords]:
        try:
            return parts_in(self.cleaned_data["parts"])
        except ValueError as refusal:
            said = _("“%(line)s” has no weight: write the name, then the weight in percent.")
            raise forms.ValidationError(said % {"line": str(refusal)[:60]}) from refusal

    def is_kept(self) -> bool:
        return self.cleaned_data.get("weight") is not None

    def words(self) -> CriterionWords:
        read = self.cleaned_data
        return CriterionWords(
            kind=read["kind"],
            name=read["name"],
            weight=read["weight"],
            lot_number=read.get("lot_number"),
            parts=read["parts"],
        )


_OF_LOT = ("title", "cpv", "estimated_value", "is_small", "nuts", "reserved_for", "minimum_turnover")


def lot_rows(data: Mapping[str, Any] | None, lots: Sequence[Lot], *, law: Law) -> Any:
    """The lots and two empty rows."""
    rows = forms.formset_factory(LotRow, extra=2, max_num=200, absolute_max=250)
    initial = [
        {name: getattr(lot, name) for name in _OF_LOT} | {"additional_cpvs": " ".join(lot.additional_cpvs)}
        for lot in lots
    ]
    return rows(data, prefix="lots", initial=initial, form_kwargs={"law": law, "places": places_on(law.on)})


def criterion_rows(
    data: Mapping[str, Any] | None, criteria: Sequence[Criterion], *, law: Law, lots: Sequence[Lot]
) -> Any:
    """The criteria and two empty rows; a usual beginning where there are none."""
    rows = forms.formset_factory(CriterionRow, extra=2, max_num=60, absolute_max=80)
    initial = [
        {name: getattr(one, name) for name in ("kind", "name", "weight", "lot_number")}
        | {"parts": "\n".join(_part(part) for part in one.parts.all())}
        for one in criteria
    ]
    usual = [
        {"kind": kind, "weight": weight}
        for kind, weight in (("price", 50), ("technical", 30), ("environment", 20))
    ]
    return rows(data, prefix="criteria", initial=initial or usual, form_kwargs={"law": law, "lots": lots})


def _part(part: SubCriterion) -> str:
    weight = f"{part.weight.normalize():f}".replace(".", ",")
    return f"{part.name} {weight}"
