"""What the checks say, in the reader's language: the same for pages and programs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from territoires.foundations.registry.api import sentence
from territoires.kernel.errors import TerritoiresError
from territoires.ui.templatetags.ui import amount

from ..domain import said
from ..domain.law import Label


def filled(message: str, params: Mapping[str, Any]) -> str:
    """A message id in the reader's language, with amounts and days as they are read."""
    return sentence(message, {name: _value(value) for name, value in params.items()})


def refused(refusal: TerritoiresError) -> str:
    """What a refusal says happened, and what to do, in the reader's language."""
    return f"{filled(refusal.message, refusal.params)} {filled(refusal.remedy, refusal.params)}"


def reread(text: str) -> str:
    """A sentence that was kept as data, in the reader's language; somebody's own words as they are."""
    message, params = said.reread(text)
    try:
        return sentence(message, params) if message else text
    except (KeyError, TypeError, ValueError):  # somebody's own words that look like such data
        return text


def _value(value: Any) -> Any:
    match value:
        case Decimal():
            return amount(value)
        case Label():
            return value.in_language(get_language() or "fr")
    return value
