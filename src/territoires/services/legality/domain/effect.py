"""How an act takes effect: whether it goes to the State, how it is made public, since when it is executory.

The rules are dated packs (``transmission-rules``, ``publication-rules``); this module reads their entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .classification import Label

ELECTRONIC = "electronic"
POSTING = "posting"
PAPER = "paper"
EMERGENCY = "emergency"

CHOICES = (ELECTRONIC, POSTING, PAPER)
"""What a body under the threshold may choose by deliberation."""
ON_PAPER = (POSTING, PAPER, EMERGENCY)
"""How an act is made public without the public register; anybody may post in an emergency (CGCT L.2131-1)."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Whether acts of a kind are transmitted to the State, by which article; ``exception`` says when it is the reverse."""

    code: str
    is_transmitted: bool
    article: str
    label: Label
    exception: Label | None = None


@dataclass(frozen=True, slots=True)
class Publicity:
    """How a body makes its acts public on a day. ``mode`` is one of ``CHOICES``; ``rule`` says why it may not choose.

    ``hinges_on`` is the number of inhabitants from which it could not, when its population is not known.
    """

    mode: str
    may_choose: bool
    article: str
    rule: Label | None = None
    hinges_on: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The days that make an act executory; None is "not yet".

    ``public_on`` is the day of the publicity that counts for its body, ``notified_on`` that of the first notification,
    ``received_on`` that of its reception by the State.
    """

    is_transmitted: bool
    public_on: date | None = None
    notified_on: date | None = None
    received_on: date | None = None

    @property
    def took_effect_on(self) -> date | None:
        """The day on which somebody could first know it: published, posted or notified."""
        return min((day for day in (self.public_on, self.notified_on) if day is not None), default=None)

    @property
    def executory_since(self) -> date | None:
        """The day from which the act is executory (CGCT L.2131-1), None as long as one of its dates lacks."""
        effective = self.took_effect_on
        if not self.is_transmitted or effective is None:
            return effective
        return max(effective, self.received_on) if self.received_on else None


def duty_of(nature: str, matter_code: str, rules: Iterable[Mapping[str, Any]]) -> Duty:
    """The duty of an act by its nature and matter: the first line of ``transmission-rules`` that holds.

    Raises LookupError when the pack lacks a line for all others.
    """
    for entry in rules:
        if _holds(nature, entry["natures"]) and any(
            _under(matter_code, matter) for matter in entry["matters"] or [""]
        ):
            return Duty(
                entry["code"],
                entry["transmitted"],
                entry["article"],
                _label(entry, "label"),
                _label(entry, "exception") if "exception_fr" in entry else None,
            )
    raise LookupError("transmission-rules has no line for all other acts")


def publicity_of(
    kind: str, population: int | None, chosen: str | None, rules: Iterable[Mapping[str, Any]]
) -> Publicity:
    """How a body of this ``kind`` publishes: on line from a population on, else as it ``chose`` (None: never did).

    Where the population counts and is not known, publication on line is right until the body says that it is small.
    """
    article = ""
    hinges_on = None
    for entry in rules:
        if kind not in entry.get("kinds", ()):
            continue
        article = entry["article"]
        if (population or 0) >= entry["value"]:
            return Publicity(ELECTRONIC, False, article, _label(entry, "label"))
        hinges_on = entry["value"] if population is None else None
    return Publicity(chosen or ELECTRONIC, True, article or "CGCT L.2131-1", hinges_on=hinges_on)


def public_on(
    *, on_line_on: date | None, mode_then: str, posted_on: date | None, posted_as: str
) -> date | None:
    """The day of the publicity that counts: on line for a body that publishes so, on paper for one that chose that.

    ``mode_then`` is the body's mode on the day when the act went on line; a posting in an emergency counts for all.
    """
    counting = [posted_on] if posted_as in ON_PAPER else []
    if mode_then == ELECTRONIC:
        counting.append(on_line_on)
    return min((day for day in counting if day is not None), default=None)


def _holds(nature: str, natures: Iterable[str]) -> bool:
    return not natures or nature in natures


def _under(code: str, matter: str) -> bool:
    return not matter or code == matter or code.startswith(f"{matter}.")


def _label(entry: Mapping[str, Any], name: str) -> Label:
    return Label(entry[f"{name}_fr"], entry[f"{name}_en"])
