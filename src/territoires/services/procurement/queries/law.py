"""The law in force on a day, read from the packs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache

from territoires.foundations.packs.api import Entry, pack
from territoires.kernel.calendar import LegalCalendar

from ..domain.law import (
    CodeRange,
    CourseStep,
    CriterionKind,
    KnownPiece,
    Label,
    Law,
    Mention,
    Procedure,
    Reservation,
    Rule,
    TimeLimit,
)

PACKS = (
    "procurement-thresholds",
    "procurement-rules",
    "procurement-award",
    "procurement-procedures",
    "procurement-criteria",
    "procurement-mentions",
    "legal-holidays",
    "procurement-reservations",
    "procurement-pieces",
    "procurement-courses",
    "procurement-social-services",
)


@lru_cache(maxsize=64)
def law_on(day: date) -> Law:
    """What the packs say of a day. Raises Unavailable, naming the pack that the operator must add."""
    (
        thresholds,
        rules,
        award,
        procedures,
        criteria,
        mentions,
        holidays,
        reservations,
        pieces,
        courses,
        social,
    ) = (pack(name, on=day) for name in PACKS)
    return Law(
        on=day,
        rules={
            entry["code"]: _rule(entry) for entry in (*thresholds.entries, *rules.entries, *award.entries)
        },
        procedures={entry["code"]: _procedure(entry) for entry in procedures.entries},
        criteria={entry["code"]: _criterion(entry) for entry in criteria.entries},
        mentions=tuple(_mention(entry) for entry in mentions.entries),
        calendar=LegalCalendar.of(_fixed(holidays.entries), _after_easter(holidays.entries)),
        reservations={entry["code"]: _reservation(entry) for entry in reservations.entries},
        pieces={entry["code"]: _piece(entry) for entry in pieces.entries},
        courses=tuple(_course(entry) for entry in courses.entries),
        social_services=tuple(CodeRange(entry["code"], entry["last"]) for entry in social.entries),
    )


def _rule(entry: Entry) -> Rule:
    return Rule(
        entry["code"],
        Decimal(entry["value"]),
        _read(entry),
        _label(entry),
        entry["is_verified"],
        entry.get("since"),
    )


def _procedure(entry: Entry) -> Procedure:
    return Procedure(
        code=entry["code"],
        label=_label(entry),
        meaning=Label(entry["meaning_fr"], entry["meaning_en"]),
        method=entry["method"],
        is_formal=entry["is_formal"],
        needs_ground=entry.get("needs_ground", False),
        applications=_limit(entry, "application"),
        tenders=_limit(entry, "tender"),
        two_stage_method=entry.get("in_two_stages", {}).get("method", ""),
    )


def _limit(entry: Entry, stage: str) -> TimeLimit:
    return TimeLimit(
        entry.get(f"{stage}_days"),
        entry.get(f"{stage}_days_electronic"),
        entry.get(f"{stage}_days_prior"),
        entry.get(f"{stage}_days_urgent"),
        entry[f"{stage}_article"] if entry.get(f"{stage}_is_verified") else "",
        entry.get(f"{stage}_is_verified", False),
    )


def _criterion(entry: Entry) -> CriterionKind:
    flags = ("is_price", "is_cost", "is_environmental", "is_social")
    return CriterionKind(entry["code"], _label(entry), *(entry[flag] for flag in flags))


def _mention(entry: Entry) -> Mention:
    return Mention(
        entry["code"],
        entry["field"],
        entry["step"],
        _read(entry),
        _label(entry),
        tuple(entry.get("procedures", ())),
    )


def _reservation(entry: Entry) -> Reservation:
    return Reservation(
        entry["code"],
        _label(entry),
        _read(entry),
        entry["is_only_social"],
        entry.get("most_months"),
    )


def _piece(entry: Entry) -> KnownPiece:
    return KnownPiece(entry["code"], _label(entry), entry["stage"] == "proof")


def _course(entry: Entry) -> CourseStep:
    text = Label(entry["text_fr"], entry["text_en"])
    return CourseStep(entry["procedure"], text, entry["is_here"], entry.get("in_two_stages"))


def _read(entry: Entry) -> str:
    """The article of an entry whose text was read; the others stay in the pack, for who checks them."""
    return str(entry["article"]) if entry["is_verified"] else ""


def _label(entry: Entry) -> Label:
    return Label(entry["label_fr"], entry["label_en"])


def _fixed(entries: tuple[Entry, ...]) -> Iterator[tuple[int, int]]:
    return ((entry["month"], entry["day"]) for entry in entries if "month" in entry)


def _after_easter(entries: tuple[Entry, ...]) -> Iterator[int]:
    return (entry["after_easter"] for entry in entries if "after_easter" in entry)
