"""Every rule that an act must meet before it is signed, told at once, in plain words with its remedy.

The rules are those of message 1-1 of @ctes, so that an act published today can be transmitted unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from territoires.kernel.errors import Fault

from .classification import BUDGET, BUDGET_MATTERS, Classification
from .files import ANNEX, PDF, XML
from .wording import (
    NUMBER,
    NUMBER_LENGTH,
    OBJECT_LENGTH,
    ActWords,
    foreign_characters,
    name_characters,
    propose_number,
    transliterate,
)

MIB = 1024 * 1024
TOTAL_SIZE = 150 * MIB  # of the archive sent to the ministry
FILES_SIZE = TOTAL_SIZE - MIB
"""Of the files in it: what does not compress still fits with its headers and messages, up to some 500 files."""
EARLIEST = date(1945, 1, 1)  # before, a date is a slip of the keyboard


@dataclass(frozen=True, slots=True)
class File:
    """A file of the act as preflight sees it; ``media_type`` is judged by content, ``size`` in bytes."""

    name: str
    media_type: str
    size: int
    piece_type: str


@dataclass(frozen=True, kw_only=True)
class ActSheet(ActWords):
    """An act as preflight sees it: its words and its files."""

    main: File | None = None
    annexes: Sequence[File] = ()


def preflight(
    sheet: ActSheet, classification: Classification, *, today: date, number_is_taken: bool = False
) -> list[Fault]:
    """Every fault of the act, in the order of the form; an empty list means that it may be signed.

    ``today`` is the legal day (Paris); ``classification`` the lists in force that day; ``number_is_taken`` says
    that another signed act of the body bears the number.
    """
    return [
        *_nature(sheet, classification),
        *_number(sheet.number, number_is_taken),
        *_decision_date(sheet.decided_on, today),
        *_object(sheet.object),
        *_matter(sheet.matter_code, classification),
        *_author(sheet),
        *_main(sheet, classification),
        *_annexes(sheet, classification),
        *_size(sheet),
    ]


def advice(sheet: ActSheet, classification: Classification) -> list[Fault]:
    """What the State would take, and its prefecture would rather have otherwise: told, and never in the way.

    Levels three to five are optional in the schema (``CodeMatiere3`` to ``5``): a line that has finer ones below it is
    sent as it is, but the prefecture made these to be used.
    """
    below = classification.lines_below(sheet.matter_code)
    if not below or classification.matters[sheet.matter_code].level < 2:
        return []
    return [
        Fault(
            "matter_code",
            "matter-has-finer",
            "Your prefecture's classification has finer lines below the matter “%(code)s”: %(finer)s.",
            "Choose one of them if it fits; the act can also be sent as it is.",
            {"code": sheet.matter_code, "finer": ", ".join(matter.code for matter in below[:5])},
        )
    ]


def _nature(sheet: ActSheet, classification: Classification) -> Iterator[Fault]:
    if not sheet.nature:
        yield Fault(
            "nature",
            "nature-missing",
            "The nature of the act is not chosen.",
            "Choose one: it decides whether the act is published or notified.",
        )
    elif sheet.nature not in classification.natures:
        yield Fault(
            "nature",
            "nature-unknown",
            "The nature “%(code)s” is not one of the six natures.",
            "Choose one in the list.",
            {"code": sheet.nature},
        )


def _number(number: str, is_taken: bool) -> Iterator[Fault]:
    if not number:
        yield Fault(
            "number",
            "number-missing",
            "The act has no number.",
            "Give the number that it has in your register, for instance DEL_2026_041.",
        )
    elif not NUMBER.fullmatch(number):
        yield from _misshapen_number(number)
    elif is_taken:
        yield Fault(
            "number",
            "number-taken",
            "Another act of your body already bears the number %(number)s.",
            "Give the next free number, or send the other act back to draft if it was signed by mistake.",
            {"number": number},
        )


def _misshapen_number(number: str) -> Iterator[Fault]:
    """``proposal`` is what can be kept of it; where nothing can, the remedy shows an example."""
    said = {"number": number, "length": NUMBER_LENGTH, "example": propose_number(number) or "DEL_2026_041"}
    yield Fault(
        "number",
        "number-shape",
        "The number “%(number)s” is not accepted: at most %(length)d capitals, digits or _, and no _ at either end.",
        "Write for instance %(example)s.",
        {**said, "proposal": propose_number(number)},
    )


def _decision_date(decided_on: date | None, today: date) -> Iterator[Fault]:
    if decided_on is None:
        yield Fault(
            "decided_on",
            "date-missing",
            "The date of the decision is not given.",
            "Give the day of the sitting, or the day on which the arrêté was signed.",
        )
    elif decided_on > today:
        yield Fault(
            "decided_on",
            "date-future",
            "The date of the decision is in the future.",
            "An act is dated at the latest today: correct the day or the year.",
        )
    elif decided_on < EARLIEST:
        yield Fault(
            "decided_on",
            "date-too-old",
            "The date of the decision is before 1945.",
            "Correct the year.",
        )


def _object(text: str) -> Iterator[Fault]:
    if not text:
        yield Fault(
            "object",
            "object-missing",
            "The object of the act is empty.",
            "Say in one sentence what is decided.",
        )
        return
    if len(text) > OBJECT_LENGTH:
        yield Fault(
            "object",
            "object-too-long",
            "The object has %(length)d characters; the State accepts %(limit)d.",
            "Shorten it: the details are in the act itself.",
            {"length": len(text), "limit": OBJECT_LENGTH},
        )
    if foreign := foreign_characters(text):
        yield Fault(
            "object",
            "object-characters",
            "The object holds characters that the State's format does not know: %(characters)s.",
            "Write: %(proposal)s",
            {"characters": name_characters(foreign), "proposal": transliterate(text)},
        )


def _matter(code: str, classification: Classification) -> Iterator[Fault]:
    if not code:
        yield Fault(
            "matter_code",
            "matter-missing",
            "The matter is not chosen.",
            "Choose it in the classification, for instance 7.1 for a budget decision.",
        )
    elif code not in classification.matters:
        yield Fault(
            "matter_code",
            "matter-unknown",
            "The matter “%(code)s” is not in the classification in force.",
            "Choose one in the list.",
            {"code": code},
        )
    elif classification.matters[code].level < 2:
        yield Fault(
            "matter_code",
            "matter-too-wide",
            "The matter “%(code)s” is too wide: two levels are mandatory.",
            "Choose a line below it, for instance %(code)s.1.",
            {"code": code},
        )


def _author(sheet: ActSheet) -> Iterator[Fault]:
    if not (sheet.given_names and sheet.usual_name and sheet.quality):
        yield Fault(
            "author",
            "author-incomplete",
            "The first name, name and quality of the author are not all given.",
            "The law wants the three on the version on line (CGCT R.2131-1): complete them.",
        )


def _main(sheet: ActSheet, classification: Classification) -> Iterator[Fault]:
    if sheet.main is None:
        yield Fault(
            "main",
            "main-missing",
            "The file of the act is missing.",
            "Add the PDF: the scan of the signed original, or the text before it is signed.",
        )
        return
    if sheet.main.media_type != PDF and not _is_budget_flow(sheet):
        yield Fault(
            "main",
            "main-format",
            "The file “%(name)s” is not a PDF: judged by its content, it is %(media_type)s.",
            "Save or scan the act as PDF and replace the file. Only a budget (nature 5, matter 7.1) may be XML.",
            {"name": sheet.main.name, "media_type": sheet.main.media_type},
        )
    yield from _piece_type(sheet.main, sheet.nature, classification, field="main")


def _annexes(sheet: ActSheet, classification: Classification) -> Iterator[Fault]:
    only_pdf = sheet.main is not None and _is_xml(sheet.main) and _is_budget_flow(sheet)
    for annex in sheet.annexes:
        if only_pdf and annex.media_type != PDF:
            yield Fault(
                "annexes",
                "annex-not-pdf",
                "The annex “%(name)s” is not a PDF, and beside an XML budget annexes are PDF only.",
                "Replace it by the signature page or the deliberation as PDF.",
                {"name": annex.name},
            )
        elif annex.media_type not in ANNEX.formats:
            yield Fault(
                "annexes",
                "annex-format",
                "The annex “%(name)s” is neither PDF, XML, JPEG nor PNG: judged by its content, it is %(media_type)s.",
                "Save it as PDF and replace it.",
                {"name": annex.name, "media_type": annex.media_type},
            )
        yield from _piece_type(annex, sheet.nature, classification, field="annexes")


def _piece_type(file: File, nature: str, classification: Classification, *, field: str) -> Iterator[Fault]:
    if nature not in classification.natures:
        return  # already told: without a nature no list of types applies
    if not file.piece_type:
        yield Fault(
            field,
            "piece-type-missing",
            "The type of the file “%(name)s” is not chosen.",
            "Choose it in the list: the State refuses a file without type.",
            {"name": file.name},
        )
    elif not classification.takes(file.piece_type, nature):
        yield Fault(
            field,
            "piece-type-refused",
            "The type %(type)s of the file “%(name)s” does not exist for this nature of act.",
            "Choose another type in the list of this nature.",
            {"name": file.name, "type": file.piece_type},
        )


def _size(sheet: ActSheet) -> Iterator[Fault]:
    total = sum(file.size for file in [sheet.main, *sheet.annexes] if file is not None)
    if total > FILES_SIZE:
        yield Fault(
            "annexes",
            "too-large",
            "The files weigh %(total)d MiB in all; at most %(most)d MiB fit in what the State accepts.",
            "Compress the scans (300 dpi in black and white is enough) or leave an annex out.",
            {"total": -(-total // MIB), "most": FILES_SIZE // MIB},
        )


def _is_xml(file: File) -> bool:
    return file.media_type in XML


def _is_budget_flow(sheet: ActSheet) -> bool:
    """XML as main document: nature 5 and a matter under 7.1 (TotEM)."""
    matter = sheet.matter_code
    under_budget = matter == BUDGET_MATTERS or matter.startswith(BUDGET_MATTERS + ".")
    return sheet.main is not None and _is_xml(sheet.main) and sheet.nature == BUDGET and under_budget
