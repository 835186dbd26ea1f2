"""The editor of an ESPD: one field for each question, in the order and the words of the request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from territoires.foundations.registry.api import sentence
from territoires.kernel.errors import TerritoiresError

from ...domain import espd
from ...queries.espd import EXCLUSION, OPERATOR, SELECTION, CriterionWords, Espd, Words
from ..fields import Day, Money, Text
from ..forms import Gesture

UNANSWERED = "none_applies"
_NO_VALUE = {"ExpectedID", "ExpectedCode"}


@dataclass(slots=True)
class Asked:
    """A criterion on the page: its first questions, and those that only some answers call for."""

    key: str
    words: CriterionWords
    wanted: list[str]
    first: list[Any] = field(default_factory=list)
    more: list[Any] = field(default_factory=list)
    is_open: bool = False


class EspdForm(Gesture):
    """Nothing is required: the buyer asks for what is missing, and one fills it in over several evenings."""

    none_applies = forms.BooleanField(
        label=gettext_lazy(
            "None of these grounds applies to us: answer “no” to all those left without an answer"
        ),
        required=False,
    )

    def __init__(self, *args: Any, found: Espd, words: Words, **options: Any) -> None:
        self.found, self.words = found, words
        self.asked = list(espd.questions(found.call))
        self.names = {one.property.id: f"q{number}" for number, one in enumerate(self.asked)}
        self.firsts = {one.criterion.id: one.property.id for one in reversed(self.asked)}
        initial: dict[str, Any] = {"version": found.version}
        for one in self.asked:
            name, value = self.names[one.property.id], found.answers.get(one.property.id, "")
            initial |= _initial(name, one.property.datatype, value)
        options["initial"] = initial
        super().__init__(*args, **options)
        for one in self.asked:
            self._add(one)

    def _add(self, one: espd.Asked) -> None:
        name, family = self.names[one.property.id], espd.family_of(one.property.datatype)
        label = self._label(one)
        if family == "PERIOD":
            self.fields[f"{name}_from"] = Day(
                label=_("%(label)s: first day") % {"label": label}, required=False
            )
            self.fields[f"{name}_until"] = Day(
                label=_("%(label)s: last day") % {"label": label}, required=False
            )
            return
        self.fields[name] = _field(family, label)

    def _label(self, one: espd.Asked) -> str:
        if self._is_first(one) and one.property.datatype == "INDICATOR":
            words = self.words.criterion(one.criterion)
            if words.section != SELECTION:
                return words.text or words.label
        label = self.words.question(one.property.text)
        prefix = {espd.IF_TRUE: _("If yes:"), espd.IF_FALSE: _("If no:")}.get(one.when, "")
        return f"{prefix} {label}".strip()

    def sections(self) -> list[tuple[str, list[Asked]]]:
        """The criteria as the page shows them, by section."""
        found: dict[str, Asked] = {}
        for one in self.asked:
            words = self.words.criterion(one.criterion)
            line = found.setdefault(
                one.criterion.id,
                Asked(f"criterion-{len(found)}", words, list(_wanted(one.criterion))),
            )
            name = self.names[one.property.id]
            bound = [self[each] for each in (name, f"{name}_from", f"{name}_until") if each in self.fields]
            leads = (bool(line.first) and one.when != espd.ALWAYS) or (line.more and one.depth > 1)
            (line.more if leads or (words.section == EXCLUSION and line.first) else line.first).extend(bound)
            given = self.found.answers.get(one.property.id)
            if any(each.errors for each in bound) or (line.more and given and bound[0] in line.more):
                line.is_open = True
        order = (EXCLUSION, OPERATOR, SELECTION)
        lines = list(found.values())
        return [(name, [each for each in lines if each.words.section == name]) for name in order]

    def written(self) -> dict[str, str]:
        """The answers by id of question."""
        given: dict[str, str] = {}
        for one in self.asked:
            value = self._value(self.names[one.property.id], espd.family_of(one.property.datatype))
            is_ground = self.words.criterion(one.criterion).section == EXCLUSION
            if not value and self._is_first(one) and is_ground and self.cleaned_data[UNANSWERED]:
                value = espd.NO
            if value:
                given[one.property.id] = value
        return given

    def _is_first(self, one: espd.Asked) -> bool:
        return self.firsts[one.criterion.id] == one.property.id

    def _value(self, name: str, family: str) -> str:
        if family == "PERIOD":
            start, end = (self.cleaned_data.get(f"{name}_{edge}") for edge in ("from", "until"))
            return f"{_plain(start)}/{_plain(end)}" if start or end else ""
        return _plain(self.cleaned_data.get(name))

    def write_refusal(self, refusal: TerritoiresError) -> None:
        """At the field of the question that the verb names."""
        for fault in refusal.faults:
            name = self.names.get(fault.field, "")
            said = f"{sentence(fault.message, fault.params)} {sentence(fault.remedy, fault.params)}"
            place = next((one for one in (name, f"{name}_from") if one in self.fields), None)
            self.add_error(place, said)
        if not refusal.faults:
            super().write_refusal(refusal)


class EspdFileForm(Gesture):
    """The buyer's own ESPD, or one answered before."""

    document = forms.FileField(
        label=gettext_lazy("The XML file"),
        allow_empty_file=True,
        help_text=gettext_lazy("ESPD (DUME) version 4.1.0, request or response; 4 MB at most."),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )


def _wanted(criterion: espd.Criterion) -> list[str]:
    """What the buyer set for a criterion, in its words."""
    found: list[str] = []

    def walk(group: espd.Group) -> None:
        for one in group.properties:
            if one.kind == "CAPTION" and one.text and not one.text.startswith("["):
                found.append(one.text)
            found.extend(
                value
                for name, value in one.expected
                if one.kind == "REQUIREMENT" and name == "ExpectedDescription" and value != "-"
            )
        for within in group.groups:
            walk(within)

    for group in criterion.groups:
        walk(group)
    return list(dict.fromkeys(found))


def _field(family: str, label: str) -> forms.Field:
    if family == "INDICATOR":
        choices = [(espd.YES, _("Yes")), (espd.NO, _("No"))]
        return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, required=False)
    if family == "DATE":
        return Day(label=label, required=False)
    if family == "AMOUNT":
        return Money(label=label, required=False)
    if family == "NUMBER":
        return forms.DecimalField(
            label=label,
            required=False,
            max_digits=14,
            decimal_places=4,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        )
    if family == "TEXT":
        return Text(label=label, rows=2, max_length=espd.LONGEST_ANSWER, required=False)
    return forms.CharField(label=label, max_length=300, required=False)


def _initial(name: str, datatype: str, value: str) -> dict[str, Any]:
    family = espd.family_of(datatype)
    if not value:
        return {}
    if family == "PERIOD":
        start, _slash, end = value.partition("/")
        return {f"{name}_from": date.fromisoformat(start), f"{name}_until": date.fromisoformat(end)}
    if family == "DATE":
        return {name: date.fromisoformat(value)}
    if family in ("AMOUNT", "NUMBER"):
        return {name: Decimal(value)}
    return {name: value}


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value or "")
