"""The cases of the law in which a safety copy is opened, and the files that stand in for those that could not be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from territoires.foundations.packs.api import Entry, pack
from territoires.kernel.errors import Missing

from ..models import (
    BidDraft,
    ChunkEvent,
    Consultation,
    Deposit,
    OpenedFile,
    RepairAttempt,
    SafetyCopy,
    SafetyCopyFile,
    Verdict,
)
from .rounds import deadline_of

PACK = "procurement-safety-copies"
MALWARE = "malware"


def grounds_on(day: date) -> tuple[Entry, ...]:
    """The cases. Raises Unavailable, naming the pack that the operator must add."""
    return tuple(pack(PACK, on=day).entries)


def ground_choices(day: date, language: str) -> list[tuple[str, str]]:
    """Each case by its code, in words, with its article where that was verified."""
    return [
        (entry["code"], f"{words} ({entry['article']})" if entry["is_verified"] else words)
        for entry in grounds_on(day)
        for words in [str(entry[f"label_{language}"])]
    ]


def ground_label(code: str, day: date, language: str) -> str:
    """The case in words; the code itself when the pack does not know it any more."""
    for entry in grounds_on(day):
        if entry["code"] == code:
            return str(entry[f"label_{language}"])
    return code


@dataclass(frozen=True, slots=True)
class InPlace:
    """A file that stands in for one that could not be opened: of an opened safety copy, or repaired.

    ``deposit`` is the bid that it belongs to, None for a copy that was tied to none; ``is_copy``: not a repair.
    """

    document: Any
    deposit: Deposit | None
    bidder_name: str
    is_copy: bool


def files_in_place(consultation: Consultation) -> list[InPlace]:
    """What stands in for files that could not be opened: the opened copies in the order of their arrival, the repairs."""
    copies = SafetyCopyFile.objects.filter(copy__consultation=consultation)
    repairs = RepairAttempt.objects.filter(file__order__consultation=consultation, succeeded=True)
    return [
        InPlace(one.document, one.copy.deposit, one.copy.bidder_name, is_copy=True)
        for one in copies.select_related("document", "copy__deposit__bidder").order_by(
            "copy__arrived_at", "pk"
        )
    ] + [
        InPlace(one.document, one.file.deposit, one.file.deposit.shown_name, is_copy=False)
        for one in repairs.select_related("document", "file__deposit__bidder")
    ]


def file_in_place(consultation: Consultation, sha256: str) -> Any:
    """The document of one of them by its digest. Raises Missing."""
    for one in files_in_place(consultation):
        if one.document.sha256 == sha256:
            return one.document
    raise Missing("no-opened-file", "There is no such opened file here.", "Go back to the opened bids.")


def may_stand_in(copy: SafetyCopy, ground: str) -> bool:
    """Whether what is known of the transmission allows the case invoked: its deposit has an infected file; or it began
    before the deadline, and came late, incomplete, or cannot be opened."""
    deposit = copy.deposit
    if ground == MALWARE:
        return deposit is not None and _has_files(deposit, Verdict.INFECTED)
    deadline = deadline_of(copy.consultation, copy.round)
    drafts = BidDraft.objects.filter(consultation=copy.consultation, round=copy.round)
    drafts = drafts.filter(deposits=deposit) if deposit else drafts.filter(deposits=None)
    begun = ChunkEvent.objects.filter(draft__in=drafts.values("pk"), at__lte=deadline).exists()
    return begun and (deposit is None or deposit.is_late or _cannot_be_opened(deposit))


def _cannot_be_opened(deposit: Deposit) -> bool:
    return _has_files(deposit, Verdict.UNREADABLE) or deposit.opened_blocks.exclude(fault="").exists()


def _has_files(deposit: Deposit, verdict: Verdict) -> bool:
    return OpenedFile.objects.filter(deposit=deposit, verdict=verdict).exists()
