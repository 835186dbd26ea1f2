"""Tags and filters of the design system: built in to every template."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django_vite.templatetags.django_vite import vite_asset, vite_asset_url

from territoires.kernel.clock import system_clock
from territoires.ui import dates

register = template.Library()

THEMES = ("light", "dark", "auto")
NO_BREAK_SPACE = "\u00a0"
ENTRY = "src/main.ts"
FONT = (
    "node_modules/@fontsource-variable/atkinson-hyperlegible-next/files/"
    "atkinson-hyperlegible-next-latin-wght-normal.woff2"
)


@register.simple_tag
def assets() -> SafeString:
    """The stylesheet and the module of every page, and the letters that its first words need."""
    preload = format_html(
        '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>', vite_asset_url(FONT)
    )
    return preload + SafeString(vite_asset(ENTRY))


@register.simple_tag
def island(entry: str) -> SafeString:
    """The module of a page that does more than show, by its source: ``{% island "src/officer/main.ts" %}``, in ``head``."""
    return SafeString(vite_asset(entry))


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Lucide icon of ``frontend/icons.json``, always beside words: hidden from assistive technology."""
    return format_html(
        '<svg class="icon" width="18" height="18" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        vite_asset_url("icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """The reader's choice of colours, from the cookie: ``light``, ``dark``, or ``auto`` as the system says."""
    request = context.get("request")
    choice = request.COOKIES.get("theme", "auto") if request else "auto"
    return choice if choice in THEMES else "auto"


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """The present address's query with ``changes``; None or "" removes. ``{% query_with page=2 %}``."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        elif isinstance(value, (list, tuple)):
            query.setlist(name, [str(one) for one in value])
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def page_query(context: template.Context, parameter: str, number: int) -> str:
    """``query_with`` for a parameter whose name is itself a value, as in ``c-pagination``."""
    return query_with(context, **{parameter: number})


register.filter("long_date", lambda value: dates.long_date(value) if value else "")
register.filter("told_date", dates.told_date)
register.filter("short_date", lambda value: dates.short_date(value) if value else "")
register.filter("exact_date", lambda value: dates.exact_date(value) if value else "")
register.filter("clock_time", lambda value: dates.clock_time(value) if value else "")


@register.filter
def dotted(name: str) -> SafeString:
    """A dotted name that breaks after its dots and nowhere else; give it the class ``code-name``."""
    return format_html_join(SafeString(".<wbr>"), "{}", ((part,) for part in name.split(".")))


@register.filter
def due(value: Any, now: datetime | None = None) -> str:
    """How far a deadline is, in words; ``now`` (an aware datetime) can be given for a page as of a date."""
    return dates.due_in_words(value, now or system_clock()) if value else ""


@register.filter
def file_size(size: int | str | None) -> str:
    """Octets in the reader's unit: "212 ko", "1,7 Mo"; "212 kB", "1.7 MB". Powers of 1,000.

    A component's attribute gives its digits as text.
    """
    if size is None or size == "":
        return ""
    size = int(size)
    if get_language() == "fr":
        units = ("octet" if size < 2 else "octets", "ko", "Mo", "Go", "To")
    else:
        units = ("byte" if size == 1 else "bytes", "kB", "MB", "GB", "TB")
    value, rank = Decimal(size), 0
    while round(value) >= 1000 and rank < len(units) - 1:
        value, rank = value / 1000, rank + 1
    decimals = 1 if rank > 1 and value < 10 else 0
    return f"{number_format(round(value, decimals), decimals)}{NO_BREAK_SPACE}{units[rank]}"


@register.filter
def amount(value: Decimal | int | str | None) -> str:
    """Euros with two decimals: "1 204,50 €", "€1,204.50"."""
    if value is None or value == "":
        return ""
    # Django groups French thousands with a no-break space and English ones with a comma.
    figure = number_format(Decimal(value), 2, use_l10n=True, force_grouping=True)
    return f"{figure}{NO_BREAK_SPACE}€" if get_language() == "fr" else f"€{figure}"


@register.filter
def siren(value: str | None) -> str:
    """A SIREN or SIRET in threes, the NIC apart: "217 104 389 00017"."""
    digits = str(value or "")
    if len(digits) not in (9, 14) or not digits.isdigit():
        return digits
    groups = [digits[0:3], digits[3:6], digits[6:9], digits[9:]]
    return NO_BREAK_SPACE.join(group for group in groups if group)


@register.filter
def in_fours(value: str | None) -> str:
    """A hash in groups of four, to be read aloud: "9f2c 41ab …"; whole, never shortened."""
    text = str(value or "")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@register.filter
def shortened(value: str | None) -> str:
    """The two first and the last group of a hash: "9f2c 41ab … e07d"."""
    text = str(value or "")
    return text if len(text) <= 16 else f"{text[:4]} {text[4:8]} … {text[-4:]}"


@register.filter
def widget_kind(field: BoundField) -> str:
    """How ``c-field`` lays out a field: ``hidden``, ``check`` (one box), ``choices``, ``file`` or ``line``."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "file" if isinstance(widget, FileInput) else "line"


@register.filter
def is_optional(field: BoundField) -> bool:
    """Whether a field is said to be optional: not where its own words say when it is needed (``is_conditional``)."""
    return not (field.field.required or getattr(field.field, "is_conditional", False))


@register.filter
def error_count(form: BaseForm) -> int:
    """How many errors ``c-error-summary`` lists: a field, or the form, may have several."""
    return sum(len(errors) for errors in form.errors.values())


@register.filter
def without_echo(field: BoundField) -> SafeString:
    """The widget of a field, without a placeholder that only repeats its label."""
    repeats = field.field.widget.attrs.get("placeholder") == field.label
    return field.as_widget(attrs={"placeholder": False} if repeats else None)


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(user_agent: str) -> str:
    """What a User-Agent header names, in two words: "Firefox, Linux"; empty parts are left out."""
    named = [
        next((name for mark, name in marks if mark in user_agent), None) for marks in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(name for name in named if name) or gettext("Unknown browser")


@register.filter
def language_name(code: str) -> str:
    """A language in its own words."""
    return {"fr": "Français", "en": "English"}.get(code, gettext(code))
