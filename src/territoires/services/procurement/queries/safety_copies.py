"""The cases of the law in which a safety copy is opened, and the files that stand in for those that could not be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from territoires.foundations.packs.api import Entry, pack
from territoires.kernel.errors import Missing

from ..models import (
    Bid,
    BidDraft,
    ChunkEvent,
    Consultation,
    Deposit,
    DepositLot,
    Envelope,
    Lot,
    OpenedFile,
    RepairAttempt,
    SafetyCopy,
    SafetyCopyFile,
    SafetyCopyState,
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

    ``deposit`` is the bid that it belongs to, of which it is part; ``lot`` None: for all that it answers; ``is_copy``:
    not a repair.
    """

    document: Any
    deposit: Deposit
    lot: Lot | None
    envelope: str
    is_copy: bool

    def get_envelope_display(self) -> str:
        return str(Envelope(self.envelope).label)


def files_in_place(consultation: Consultation) -> list[InPlace]:
    """What stands in for files that could not be opened: the opened copies in the order of their arrival, the repairs."""
    copies = SafetyCopyFile.objects.filter(
        copy__consultation=consultation, copy__state=SafetyCopyState.OPENED, copy__deposit__isnull=False
    )
    repairs = RepairAttempt.objects.filter(file__order__consultation=consultation, succeeded=True)
    return [
        InPlace(one.document, one.copy.deposit, one.lot, one.envelope, is_copy=True)
        for one in copies.select_related("document", "lot", "copy__deposit__bidder").order_by(
            "copy__arrived_at", "envelope", "lot__number", "pk"
        )
        if one.copy.deposit is not None
    ] + [
        InPlace(one.document, one.file.deposit, one.file.lot, one.file.envelope, is_copy=False)
        for one in repairs.select_related("document", "file__lot", "file__deposit__bidder")
    ]


def in_place_of(bid: Bid) -> list[InPlace]:
    """Those of one bid: of its own lot, or of all that its deposit answers."""
    return [
        one
        for one in files_in_place(bid.consultation)
        if one.deposit.pk == bid.deposit_id and one.lot in (None, bid.lot)
    ]


def lots_answered_by(deposit: Deposit) -> list[Lot]:
    """The lots for which the deposit counts, by number; none: the consultation is not divided."""
    rows = deposit.lots.filter(superseded_by=None, lot__isnull=False).select_related("lot")
    return [one.lot for one in rows.order_by("lot__number") if one.lot is not None]


def file_of_copy(copy: SafetyCopy, sha256: str) -> Any:
    """The document of a file of an opened copy by its digest. Raises Missing."""
    rows = SafetyCopyFile.objects.filter(copy=copy, copy__state=SafetyCopyState.OPENED, sha256=sha256)
    found = rows.select_related("document").first()
    if found is None:
        raise Missing("no-opened-file", "There is no such file in this copy.", "Look at the list.")
    return found.document


def file_in_place(consultation: Consultation, sha256: str) -> Any:
    """The document of one of them by its digest. Raises Missing."""
    for one in files_in_place(consultation):
        if one.document.sha256 == sha256:
            return one.document
    raise Missing("no-opened-file", "There is no such opened file here.", "Go back to the opened bids.")


def opened_copies(consultation: Consultation) -> dict[UUID, SafetyCopy]:
    """The safety copies that became bids, by the deposits in whose place they stand."""
    rows = SafetyCopy.objects.filter(
        consultation=consultation, state=SafetyCopyState.OPENED, deposit__isnull=False
    )
    return {
        one.deposit_id: one
        for one in rows.select_related("settled_by").prefetch_related("files")
        if one.deposit_id is not None
    }


def settled_copies(consultation: Consultation, round: int) -> list[SafetyCopy]:
    """The copies of a round that were opened, those that turned out infected among them: what minutes tell."""
    rows = SafetyCopy.objects.filter(
        consultation=consultation,
        round=round,
        state__in=(SafetyCopyState.OPENED, SafetyCopyState.INFECTED),
    )
    return list(rows.select_related("settled_by", "deposit__bidder").prefetch_related("files"))


def transmission_of(copy: SafetyCopy, siret: str) -> tuple[BidDraft | None, Deposit | None]:
    """What its enterprise transmitted in the round: where it prepared its bid, and the last deposit that it left in place.

    ``siret`` says whose copy it is, where no deposit was named when it arrived.
    """
    if copy.deposit is not None:
        return copy.deposit.draft, copy.deposit
    draft = BidDraft.objects.filter(
        consultation=copy.consultation_id, round=copy.round, bidder__siret=siret
    ).first()
    return draft, draft.deposits.order_by("completed_at").last() if draft else None


def may_stand_in(copy: SafetyCopy, ground: str, draft: BidDraft | None, deposit: Deposit | None) -> bool:
    """Whether what is known of the transmission allows the case invoked: its deposit has an infected file; or it began
    before the deadline, and came late, incomplete, or cannot be opened. No second copy stands for the same bid, nor any
    for what was withdrawn, or is deposited in time all the same."""
    if draft is None or (deposit is not None and _is_settled(deposit)):
        return False
    if ground == MALWARE:
        return deposit is not None and _has_files(deposit, Verdict.INFECTED)
    deadline = deadline_of(copy.consultation, copy.round)
    begun = ChunkEvent.objects.filter(draft=draft.pk, at__lte=deadline).exists()
    return begun and (deposit is None or _came_late(deposit) or _cannot_be_opened(deposit))


def _is_settled(deposit: Deposit) -> bool:
    is_out = deposit.state in (Deposit.State.COPY, Deposit.State.WITHDRAWN, Deposit.State.SUPERSEDED)
    return is_out or deposit.safety_copies.filter(state=SafetyCopyState.OPENED).exists()


def _came_late(deposit: Deposit) -> bool:
    """Late, and with no earlier deposit in time for one of its lots."""
    if not deposit.is_late:
        return False
    lots = list(deposit.lots.values_list("lot", flat=True))
    in_time = DepositLot.objects.filter(
        deposit__draft=deposit.draft_id, deposit__state=Deposit.State.SEALED, superseded_by=None
    )
    return not any(lot in lots for lot in in_time.values_list("lot", flat=True))


def _cannot_be_opened(deposit: Deposit) -> bool:
    return _has_files(deposit, Verdict.UNREADABLE) or deposit.opened_blocks.exclude(fault="").exists()


def _has_files(deposit: Deposit, verdict: Verdict) -> bool:
    return OpenedFile.objects.filter(deposit=deposit, verdict=verdict).exists()
