"""What a hostile or clumsy bidder sends is refused or kept with a sentence, and the book or the upload log shows it.

The fourteen cases of a bid's bad input: tried here, or named with the test that tries them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NoReturn
from uuid import UUID, uuid4

import pytest

from territoires.foundations.journal import api as journal
from territoires.kernel.errors import TerritoiresError
from territoires.services.procurement.actions import espd, uploading
from territoires.services.procurement.domain.sealing import files
from territoires.services.procurement.domain.sealing.files import FileEntry
from territoires.services.procurement.models import Consultation, Deposit
from tests.services.procurement.conftest import rows

from .conftest import SIRETS, Bidding, begin, lots_by_number, make_bidder, make_enterprise, policy_for
from .test_espd import bomb

Lots = Mapping[int, UUID]
Attempt = Callable[[Bidding, Lots, Consultation], object]
MANY = 10_000
ELSEWHERE = {
    "names in every script": "bids.test_browser.test_every_size_and_script_arrives_whole",
    "two people sealing at once": "bids.test_together.test_two_people_who_seal_at_once_both_have_a_receipt",
    "clock set wrong on the PC": "bids.test_browser.test_clock_of_the_computer_counts_for_nothing",
    "connection lost at 99 %": "bids.test_browser.test_connection_lost_at_the_last_part_and_at_the_answer",
    "deadline passing during upload": (
        "bids.test_deposits.test_uploads_go_on_after_the_deadline_and_the_bid_is_kept_as_late"
    ),
    "quorum officer who left": "opening.test_sessions.test_an_officer_who_left_the_team_gives_nothing",
    "formulas in CSV": "publication.test_desk.test_the_register_lists_who_took_what_and_defuses_formulas",
    "weights after opening": "award.test_evaluating.test_weights_change_no_more_after_the_opening",
}


def truncated(bid: Bidding, lots: Lots, _consultation: Consultation) -> object:
    entry, (chunk,) = bid.sealed(bid.block(lots[1]), "plan.pdf", b"%PDF-1.4 plan")
    return bid.put(entry, 0, chunk[:-1], leaf=files.leaf(chunk))


def cut_short(bid: Bidding, lots: Lots, _consultation: Consultation) -> object:
    def lost(_size: int) -> NoReturn:
        raise OSError("the connection is gone")

    sent = uploading.Sent(uuid4(), bid.block(lots[1]), 0, bytes(12), bytes(32), "Essai/1.0")
    limits = bid.policy.limits
    return uploading.store_chunk(
        actor=bid.actor, draft=bid.draft, limits=limits, sent=sent, body=uploading.pieces(lost)
    )


def replayed(bid: Bidding, lots: Lots, _consultation: Consultation) -> object:
    """Another content in the place of what was deposited."""
    entry = bid.send(block := bid.block(lots[1]))
    bid.deposit()
    _other, (chunk,) = bid.sealed(block, "plan.pdf", b"%PDF-1.4 autre")
    return bid.put(entry, 0, chunk)


def for_other_keys(bid: Bidding, lots: Lots, consultation: Consultation) -> object:
    before = bid.blocks[bid.block(lots[1])]
    policy_for(consultation, version=2, previous=bid.policy.hash, prefix="other")
    rows("t_procurement.SealedBlock").all().delete()
    return uploading.take_block(actor=bid.actor, draft=bid.draft, document=before)


def no_block(bid: Bidding, _lots: Lots, _consultation: Consultation) -> object:
    return uploading.take_block(actor=bid.actor, draft=bid.draft, document=b"{}")


def of_another(bid: Bidding, lots: Lots, consultation: Consultation) -> object:
    theirs = begin(make_bidder(make_enterprise(SIRETS[1], "Imprimerie Essai")), consultation)
    theirs.send(theirs.block(lots[1]))
    return bid.deposit(theirs.manifest())


def too_many(bid: Bidding, lots: Lots, _consultation: Consultation) -> object:
    block, size = bid.block(lots[1]), files.padded_size(1) + files.NONCE_BYTES + 16
    root = files.merkle_root([bytes(32)])
    entries = [FileEntry(uuid4(), block, 1, size, root, bytes(60)) for _each in range(MANY + 1)]
    return bid.deposit(bid.manifest(entries))


def wrong_lot(bid: Bidding, _lots: Lots, _consultation: Consultation) -> object:
    return bid.block(uuid4())


def xml_bomb(bid: Bidding, _lots: Lots, _consultation: Consultation) -> object:
    return espd.take_espd(actor=bid.actor, draft=bid.draft, data=bomb())


LOG, PART, MANIFEST = "upload log", "procurement.bid_part.refused", "procurement.manifest.refused"
HERE: dict[str, tuple[Attempt, str]] = {
    "truncated chunk": (truncated, LOG),
    "chunk cut short": (cut_short, LOG),
    "replayed chunk": (replayed, LOG),
    "wrong key": (for_other_keys, PART),
    "no block at all": (no_block, PART),
    "manifest of another bid": (of_another, MANIFEST),
    "10,000 files and one": (too_many, PART),
    "bid for the wrong lot": (wrong_lot, PART),
    "XML bomb in ESPD": (xml_bomb, PART),
}


@pytest.mark.parametrize("name", HERE)
def test_what_is_refused_has_its_sentence_and_its_trace(
    bidding_: Bidding, consultation: Consultation, name: str
) -> None:
    attempt, place = HERE[name]
    deposits = Deposit.objects.count()
    with pytest.raises(TerritoiresError) as refused:
        attempt(bidding_, lots_by_number(consultation), consultation)
    said = refused.value
    assert said.status < 500 and said.message.endswith((".", "%(reason)s")) and said.remedy
    if place == LOG:
        events = rows("t_procurement.ChunkEvent").filter(draft=bidding_.draft.pk)
        assert events.order_by("id").last().outcome == said.code
        return
    assert Deposit.objects.count() == deposits
    last = journal.timeline(consultation.pk)[-1]
    assert (last.kind, last.facts["code"]) == (place, said.code)


def test_the_other_cases_are_tried_where_they_belong() -> None:
    for one in ELSEWHERE.values():
        module, _dot, name = one.rpartition(".")
        assert callable(getattr(import_module(f"tests.services.procurement.{module}"), name)), one
