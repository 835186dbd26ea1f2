"""kill -9 at each step of a deposit: it is there once, with the instant of its last byte, or it never was received."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from territoires.services.procurement.actions import uploading
from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import files
from territoires.services.procurement.jobs import bids as jobs
from territoires.services.procurement.models import Deposit, SealedFile, SealIntent, StoredChunk
from territoires.services.procurement.queries.sealed_files import stored_chunks
from tests.services.procurement.conftest import make_actor, make_body, make_consultation, rows
from tests.victims import Victim, killed

from .conftest import Bidding, begin, lots_by_number, make_bidder, make_enterprise, publish
from .victim import BLOCK_POINTS, CHUNK_POINTS, POINTS, TOKEN_POINTS, run, stamp


@pytest.fixture
def ready(live_database: str) -> Bidding:
    consultation = make_consultation(make_actor(make_body()), "validated")
    publish(consultation)
    bid = begin(make_bidder(make_enterprise(), at=datetime.now(UTC)), consultation)
    bid.send(bid.block(lots_by_number(consultation)[1]))
    return bid


@pytest.mark.parametrize("point", CHUNK_POINTS)
def test_a_chunk_is_there_whole_or_sent_again(
    victim: Victim, ready: Bidding, tmp_path: Path, point: str
) -> None:
    (block,) = ready.blocks
    entry, chunks = ready.sealed(block, "plan.pdf", os.urandom(1_500_000))
    sent = tmp_path / f"{entry.file}_{entry.block}_0"
    sent.write_bytes(chunks[0])
    assert killed(victim(run, point, ready.draft.pk, sent))
    is_recorded = point == "recorded-not-answered"
    assert StoredChunk.objects.filter(file=entry.file).exists() == is_recorded
    # the browser asks what is there, sends the rest, and deposits
    assert ready.put(entry, 0, chunks[0]) == ("again" if is_recorded else "stored")
    ready.put(entry, 1, chunks[1])
    made = ready.deposit(ready.manifest([*ready.entries, entry]))
    assert made.state == "sealed"
    files.check_root(entry, stored_chunks(SealedFile.objects.get(pk=entry.file)))


@pytest.mark.parametrize("point", POINTS)
def test_no_deposit_is_lost_or_doubled(victim: Victim, ready: Bidding, tmp_path: Path, point: str) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_bytes(ready.manifest())
    assert killed(victim(run, point, ready.draft.pk, manifest))
    intents = list(SealIntent.objects.all())
    # the worker leaves alone what a request may still be settling: here that was long ago
    earlier = datetime.now(UTC) - timedelta(hours=1)
    rows("t_procurement.SealIntent").filter(outcome="waiting").update(completed_at=earlier)
    jobs.finish_deposits(0)
    if point == "before-intent":
        assert not intents and not Deposit.objects.exists()
    else:
        (made,) = Deposit.objects.all()
        waited = intents[0].outcome == "waiting"
        assert made.completed_at == (earlier if waited else intents[0].completed_at)
        assert (made.state, made.receipts.count(), made.number) == ("sealed", 1, 1)
    # the bidder, who saw nothing, presses once more: the same deposit
    again = ready.deposit(manifest.read_bytes())
    assert list(Deposit.objects.all()) == [again]


def test_a_block_is_there_whole_or_sent_again(victim: Victim, ready: Bidding, tmp_path: Path) -> None:
    """The same bid, killed at each step in turn: at the end two blocks, the second one once."""
    made, _master = blocks.make_block(
        ready.policy,
        lot=lots_by_number(ready.draft.consultation)[1],
        envelope="tender",
        bidder=ready.draft.bidder_id,
        block=uuid4(),
    )
    document = made.written()
    sent = tmp_path / "block.json"
    sent.write_bytes(document)
    for point in BLOCK_POINTS:
        assert killed(victim(run, point, ready.draft.pk, sent)), point
        assert ready.draft.blocks.count() == 1 + (point == "block-kept"), point
    kept = uploading.take_block(actor=ready.actor, draft=ready.draft, document=document)
    assert bytes(kept.document) == document and ready.draft.blocks.count() == 2


def test_a_token_is_kept_once_or_asked_again(victim: Victim, ready: Bidding) -> None:
    receipt = ready.deposit().receipts.get()
    for point in TOKEN_POINTS:
        assert killed(victim(stamp, point, str(receipt.pk))), point
        receipt.refresh_from_db()
        assert (receipt.token is not None) == (point == "token-kept"), point
    first = bytes(receipt.token)
    jobs.stamp_receipt(str(receipt.pk))
    receipt.refresh_from_db()
    assert bytes(receipt.token) == first
