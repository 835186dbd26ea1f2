"""Fields as people type them: amounts with spaces and a comma, French dates, hours."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from territoires.kernel.clock import PARIS
from territoires.kernel.text import clean

F = TypeVar("F", bound=forms.Field)
DATE_FORMATS = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"]
TIME_FORMATS = ["%H:%M", "%Hh%M", "%H h %M", "%Hh", "%H h"]
_IGNORED = str.maketrans("", "", " \u00a0\u202f€'")


def is_of_a_register(day: date) -> bool:
    """At the ends of the calendar an hour of Paris has no instant."""
    return 1800 <= day.year <= 2199


class Eventually:
    """Asked by the check of the consultation, not of a draft: it is marked, not enforced."""

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:  # type: ignore[attr-defined]
            super().validate(value)  # type: ignore[misc]


def when_needed(field: F) -> F:
    """A field whose own words say when it is needed, or of which one choice is always taken: it is not marked as optional."""
    field.is_conditional = True  # type: ignore[attr-defined]
    return field


class Money(forms.DecimalField):
    """Euros without VAT: "180 000,50"."""

    default_error_messages = {"invalid": _("This is no amount. Write for instance 180 000 or 1 250,50.")}

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_digits=14, decimal_places=2, widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.translate(_IGNORED).replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        return f"{value:,.2f}".replace(",", " ").replace(".", ",").removesuffix(",00")


class Percent(forms.DecimalField):
    """A weight: "33,5"."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_digits=5, decimal_places=2, widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.translate(_IGNORED).replace("%", "").replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else value


class Day(forms.DateField):
    """A legal day as people write it: 12/11/2026."""

    default_error_messages = {
        "invalid": _("This date does not exist. Write day, month and year: 12/11/2026.")
    }

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "placeholder": ""})
        super().__init__(input_formats=DATE_FORMATS, widget=widget, **options)

    def to_python(self, value: Any) -> date | None:
        found = super().to_python(value)
        if found is not None and not is_of_a_register(found):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class Hour(forms.TimeField):
    """An hour in Paris: 12:00 or 12h."""

    default_error_messages = {"invalid": _("This hour does not exist. Write for instance 12:00.")}

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off", "placeholder": ""})
        super().__init__(input_formats=TIME_FORMATS, widget=widget, **options)


class LaterLine(Eventually, forms.CharField):
    pass


class LaterChoice(Eventually, forms.ChoiceField):
    pass


class LaterNumber(Eventually, forms.IntegerField):
    pass


class LaterEmail(Eventually, forms.EmailField):
    pass


class LaterMoney(Eventually, Money):
    pass


class LaterPercent(Eventually, Percent):
    pass


class LaterDay(Eventually, Day):
    pass


class Text(forms.CharField):
    """Some lines of text; what a body writes is French, whatever the language of the page."""

    def __init__(self, *, rows: int = 4, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, "lang": "fr"}), **options)

    def clean(self, value: Any) -> str:
        return clean(str(super().clean(value)))


class LaterText(Eventually, Text):
    pass


def in_paris(day: date | None, hour: time | None) -> datetime | None:
    """The instant of a day and an hour in Paris. Raises ValueError for the hour that the change to summer time skips."""
    if day is None:
        return None
    instant = datetime.combine(day, hour or time(12), PARIS)
    back = datetime.fromtimestamp(instant.timestamp(), PARIS)
    if (back.hour, back.minute) != (instant.hour, instant.minute):
        raise ValueError("an hour that does not exist")
    return instant


class OptionalFile(forms.FileField):
    """A file that may be left out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)
