"""Two people of one enterprise who seal at once, and a bid of ten thousand files."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid
from territoires.services.procurement.domain.sealing import files
from territoires.services.procurement.domain.sealing.files import FileEntry
from territoires.services.procurement.domain.sealing.policy import Limits
from territoires.services.procurement.models import Consultation, Deposit
from territoires.services.procurement.queries import bids as queries
from territoires.services.procurement.queries.receipts import printed_receipt
from tests.services.procurement.conftest import make_actor, make_body, make_consultation, rows
from tests.services.procurement.sealing.cast import MIB

from .conftest import BEFORE, Bidding, begin, lots_by_number, make_bidder, make_enterprise, publish

MANY = 10_000


def test_two_people_who_seal_at_once_both_have_a_receipt(live_database: str) -> None:
    """Each on a connection of its own: the later instant counts, whoever was settled first."""
    consultation = make_consultation(make_actor(make_body()), "validated")
    publish(consultation)
    enterprise = make_enterprise()
    ready = begin(make_bidder(enterprise, at=datetime.now(UTC)), consultation)
    ready.send(ready.block(lots_by_number(consultation)[1]))
    people = [replace(ready, actor=make_bidder(enterprise, name=name)) for name in ("Manon", "Ines", "Paul")]
    line, made, failed = threading.Barrier(len(people)), [], []

    def seal(one: Bidding) -> None:
        document = one.manifest()
        now = replace(one, actor=one.actor.at(datetime.now(UTC)))
        line.wait()
        try:
            made.append(now.deposit(document))
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=seal, args=(one,)) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not failed
    kept = list(Deposit.objects.order_by("number"))
    assert [one.number for one in kept] == [1, 2, 3]
    assert {one.person_id for one in kept} == {one.actor.person for one in people}
    last = max(kept, key=lambda one: one.completed_at)
    assert list(queries.in_time_deposits(consultation, 1)) == [last]
    told = [one.kind for one in journal.timeline(consultation.pk)]
    assert (told.count("procurement.deposit.sealed"), told.count("procurement.deposit.superseded")) == (3, 2)
    assert sorted(one.state for one in kept) == ["sealed", "superseded", "superseded"]
    assert all(one.receipts.count() == 1 for one in kept)


def arrived(bid: Bidding, block: Any, count: int) -> list[FileEntry]:
    """So many files of one byte, as they stand once they came: their chunks are not read again at the seal."""
    entries, chunks = [], []
    for _each in range(count):
        leaf = uuid4().bytes * 2
        size = files.padded_size(1) + files.NONCE_BYTES + 16
        entries.append(FileEntry(uuid4(), block, 1, size, files.merkle_root([leaf]), bytes(60)))
        chunks.append(leaf)
    rows("t_procurement.SealedFile").bulk_create(
        rows("t_procurement.SealedFile").model(pk=one.file, block_id=block, begun_at=BEFORE)
        for one in entries
    )
    rows("t_procurement.StoredChunk").bulk_create(
        rows("t_procurement.StoredChunk").model(
            file_id=one.file,
            index=0,
            nonce=bytes(12),
            leaf=leaf.hex(),
            size=one.size - files.NONCE_BYTES,
            received_at=BEFORE,
        )
        for one, leaf in zip(entries, chunks, strict=True)
    )
    return entries


def test_ten_thousand_files_are_one_deposit_and_one_more_is_refused(
    consultation: Consultation, bidder: Actor
) -> None:
    publish(consultation, limits=Limits(file=MIB, bid=96 * MIB, files=MANY))
    bid = begin(bidder, consultation)
    block = bid.block(lots_by_number(consultation)[1])
    entries = arrived(bid, block, MANY + 1)
    with pytest.raises(Invalid) as refused:
        bid.deposit(bid.manifest(entries))
    assert refused.value.code in ("sealing-over-limit", "sealing-malformed")
    made = bid.deposit(bid.manifest(entries[:MANY]))
    assert made.state == "sealed"
    receipt = made.receipts.select_related("deposit__bidder", "deposit__consultation").get()
    said = json.loads(bytes(receipt.document))
    assert [one["number"] for one in said["files"]] == list(range(1, MANY + 1))
    assert printed_receipt(receipt, language="fr").startswith(b"%PDF")
