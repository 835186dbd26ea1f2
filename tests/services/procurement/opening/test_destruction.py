"""At the legal end, with the visa of the archives: keys and what was never opened are gone, hashes and proofs stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Corrupt, Denied, Invalid, Missing, TooLate
from territoires.services.procurement.actions import destroying
from territoires.services.procurement.domain.sealing.block import read_block
from territoires.services.procurement.jobs import destroying as job
from territoires.services.procurement.models import (
    Destruction,
    KeySlot,
    Minutes,
    SealedBlock,
    StoredChunk,
    TimeKey,
    chunk_store,
)
from territoires.services.procurement.queries.opened_minutes import destruction_words
from tests.services.procurement.conftest import make_actor, rows

from .world import AFTER, PLAIN, World, present

END = AFTER.replace(year=2031)
DUE = END + timedelta(days=90)
VISA = {
    "visa_by": "Archives départementales de l'Yonne",
    "visa_reference": "Visa 2031-118",
    "visa_on": date(2031, 5, 2),
}


@pytest.fixture
def over(world: World) -> World:
    """Two bids: their tenders were opened, their candidatures never; no contract came of it."""
    world.ready().published()
    world.bid(0)
    world.bid(1)
    world.closed().open()
    return world._in_state("unsuccessful", changed_at=AFTER, ended_at=AFTER)


def order(world: World, at: Any = DUE, actor: Actor | None = None, **changed: Any) -> Destruction:
    found = actor or world.secretary
    return destroying.order_destruction(
        actor=present(found, at), consultation=world.consultation, **VISA | changed
    )


def stored(block: SealedBlock) -> list[tuple[Any, ...]]:
    rows_ = StoredChunk.objects.filter(file__block=block).values_list("file", "index", "leaf")
    return [(block.draft_id, *one) for one in rows_]


def test_keys_and_closed_bids_are_gone_and_hashes_stay(over: World) -> None:
    blocks = {one.pk: one for one in SealedBlock.objects.all()}
    chunks = {key: stored(one) for key, one in blocks.items()}
    closed = [key for key, one in blocks.items() if one.envelope == "candidature"]
    assert len(closed) == 2 and KeySlot.objects.exists()
    ordered = order(over)
    assert ordered.keys == 2 and not KeySlot.objects.exists()
    assert not TimeKey.objects.exclude(backup=None).exists()
    time_key = TimeKey.objects.get()
    over.opener.work_once()
    assert over.vault.holds(time_key.pk) and Destruction.objects.get().done_at is None
    over.keeper.work_once()
    assert not over.vault.holds(time_key.pk)
    over.opener.work_once()
    done = Destruction.objects.get()
    assert done.done_at is not None and (done.blocks, done.files, done.chunks) == (2, 2, 2)
    for key, before in blocks.items():
        after = SealedBlock.objects.get(pk=key)
        was, now = read_block(bytes(before.document)), read_block(bytes(after.document))
        assert (now.context, now.pieces, now.commit, after.sha256) == (
            was.context,
            was.pieces,
            was.commit,
            before.sha256,
        )
        if key in closed:
            assert not any(any(one.wrap) for one in (*now.holders, now.time)) and not stored(after)
            for place in chunks[key]:
                with pytest.raises(Corrupt):
                    chunk_store.read_object(*place)
        else:
            assert now == was and stored(after) == chunks[key]
            assert all(chunk_store.read_object(*place) for place in chunks[key])
    assert sorted(Minutes.objects.filter(destruction=done).values_list("language", flat=True)) == ["en", "fr"]
    said = str(destruction_words(done))
    assert all(word in said for word in ("Visa 2031-118", "CCP R2184-12", "Archives départementales"))
    kinds = [one.kind for one in journal.timeline(over.consultation.pk)]
    assert kinds.count("procurement.block.destroyed") == 2
    for kind in ("destruction.ordered", "time_key.destroyed", "destruction.done"):
        assert kinds.count(f"procurement.{kind}") == 1
    with pytest.raises(Conflict, match="destruction-ordered"):
        order(over)
    bidding = over.bids[0]
    late = next(one for one in blocks.values() if one.pk in closed and one.draft_id == bidding.draft.pk)
    entry, chunks_ = bidding.sealed(late.pk, "encore.pdf", PLAIN)
    with pytest.raises(Conflict, match="bid-destroyed"):
        bidding.put(replace(entry, file=late.files.get().pk), 0, chunks_[0])
    with pytest.raises(Missing):
        over.vault.private(time_key.pk, time_key.suite)


def test_killed_in_the_middle_it_goes_on(over: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order(over)
    left = [KeyboardInterrupt]

    def once(record: Callable[..., Any]) -> Callable[..., Any]:
        def killed(**given: Any) -> Any:
            if left:
                raise left.pop()
            return record(**given)

        return killed

    monkeypatch.setattr(job.destroying, "record_block", once(job.destroying.record_block))
    with pytest.raises(KeyboardInterrupt):  # the bytes of the first block are gone, its rows are there
        over.opener.work_once()
    assert StoredChunk.objects.filter(file__block__envelope="candidature").count() == 2
    over.keeper.work_once()
    over.keeper.work_once()
    over.opener.work_once()
    over.opener.work_once()
    done = Destruction.objects.get()
    assert done.done_at is not None and (done.blocks, done.chunks) == (2, 2)
    assert Minutes.objects.filter(destruction=done).count() == 2


def test_what_forbids_it_is_said(over: World, body: Any) -> None:
    consultation = over.consultation
    with pytest.raises(TooLate, match="retention-runs"):
        order(over, END)
    noted = destroying.note_dispute(
        actor=present(over.secretary), consultation=consultation, what="Référé précontractuel"
    )
    with pytest.raises(Conflict, match="dispute-runs"):
        order(over)
    end = {"actor": present(over.secretary), "consultation": consultation, "dispute": noted.pk}
    with pytest.raises(Invalid):
        destroying.end_dispute(**end, outcome=" ")
    destroying.end_dispute(**end, outcome="Rejeté le 3 avril")
    with pytest.raises(Conflict, match="dispute-ended"):
        destroying.end_dispute(**end, outcome="Encore")
    kept = rows("t_procurement.Package").create(
        organisation=consultation.organisation,
        consultation=consultation,
        origin="made",
        sha256="0" * 64,
        size=1,
        keep_until=END.date(),
        keep_article="CCP R2184-12",
        made_at=AFTER,
    )
    with pytest.raises(Conflict, match="file-still-kept"):
        order(over)
    rows("t_procurement.Package").filter(pk=kept.pk).update(destroyed_at=DUE, destroyed_reason="visa")
    for wrong in ({"visa_by": " "}, {"visa_reference": "x" * 201}, {"visa_on": date(2031, 1, 5)}):
        with pytest.raises(Invalid, match="visa-incomplete"):
            order(over, **wrong)
    with pytest.raises(Denied):
        order(over, actor=make_actor(body, "observer"))
    over._in_state("analysis")
    with pytest.raises(Conflict, match="not-over"):
        order(over)
    assert KeySlot.objects.exists() and not Destruction.objects.exists()
    over._in_state("unsuccessful")
    order(over)
    with pytest.raises(Conflict, match="destruction-ordered"):
        destroying.note_dispute(actor=present(over.secretary), consultation=consultation, what="Trop tard")
