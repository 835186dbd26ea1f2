"""Deposits on a real database: what counts, what is refused, what the journal and the log say of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing, TooLate
from territoires.services.procurement.actions import bidding, uploading
from territoires.services.procurement.domain.sealing import files
from territoires.services.procurement.models import Consultation, Deposit, SealedFile, SealIntent, StoredChunk
from territoires.services.procurement.queries import bids as queries
from territoires.services.procurement.queries.sealed_files import file_of, read_chunk, stored_chunks
from tests.services.procurement.conftest import rows
from tests.services.procurement.sealing.cast import MIB, Cast, content

from .conftest import (
    BEFORE,
    DEADLINE,
    MILLISECOND,
    SIRETS,
    Bidding,
    begin,
    lots_by_number,
    make_bidder,
    make_enterprise,
    policy_for,
)

# Of a deposit's two actions, the four of their savepoints among them; and what replacing one lot of a former one adds.
SEAL_STATEMENTS, REPLACING = 26, 2
SIZES = (0, 1, MIB - 1, MIB, MIB + 1)


def kinds(consultation: Consultation) -> list[str]:
    return [one.kind for one in journal.timeline(consultation.pk)]


def outcomes(draft: Any) -> list[str]:
    return list(
        rows("t_procurement.ChunkEvent")
        .filter(draft=draft.pk)
        .order_by("id")
        .values_list("outcome", flat=True)
    )


@pytest.fixture
def lots(consultation: Consultation) -> dict[int, UUID]:
    return dict(lots_by_number(consultation))


@pytest.fixture
def ready(bidding_: Bidding, lots: dict[int, UUID]) -> Bidding:
    """One tender for the first lot, sent."""
    bidding_.send(bidding_.block(lots[1]))
    return bidding_


def test_bid_is_opened_as_it_was_sealed(bidding_: Bidding, lots: dict[int, UUID], cast: Cast) -> None:
    block = bidding_.block(lots[1])
    for size in SIZES:
        bidding_.send(block, f"{size}.pdf", content(size))
    deposit = bidding_.deposit()
    assert (deposit.state, deposit.number, deposit.deadline_at) == ("sealed", 1, DEADLINE)
    assert [one.pk for one in queries.counting_blocks(deposit, "tender")] == [block]
    for entry in queries.manifest_of(deposit).files:
        stored = list(stored_chunks(file_of(bidding_.draft, entry.file)))
        files.check_root(entry, stored)
        header = files.opened_header(bidding_.masters[block], entry)
        opened = b"".join(files.opened_chunks(bidding_.masters[block], entry, header, stored))
        assert (header.name, opened) == bidding_.plain[entry.file]


@pytest.mark.parametrize(
    ("late_by", "state"), [(-MILLISECOND, "sealed"), (timedelta(), "sealed"), (MILLISECOND, "late")]
)
def test_the_deadline_itself_is_in_time(ready: Bidding, late_by: timedelta, state: str) -> None:
    deposit = ready.at(DEADLINE + late_by).deposit()
    assert (deposit.state, deposit.completed_at) == (state, DEADLINE + late_by)
    counts = list(queries.in_time_deposits(deposit.consultation, 1))
    assert counts == ([deposit] if state == "sealed" else [])
    last = kinds(deposit.consultation)[-1]
    assert last == f"procurement.deposit.{'sealed' if state == 'sealed' else 'kept_late'}"


def test_uploads_go_on_after_the_deadline_and_the_bid_is_kept_as_late(
    ready: Bidding, lots: dict[int, UUID], consultation: Consultation
) -> None:
    rows("t_procurement.Consultation").filter(pk=consultation.pk).update(state="closed")
    late = ready.at(DEADLINE + timedelta(minutes=3))
    late.draft.refresh_from_db()
    late.send(late.block(lots[2]), "lot-2.pdf", content(100))
    deposit = late.deposit()
    assert deposit.state == Deposit.State.LATE
    assert json.loads(bytes(deposit.receipts.get().document))["in_time"] is False
    assert kinds(consultation)[-1] == "procurement.deposit.kept_late"


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_an_invitation_taken_back_while_the_bid_was_sent_ends_it(
    ready: Bidding, consultation: Consultation, is_withdrawn: bool
) -> None:
    rows("t_procurement.Consultation").filter(pk=consultation.pk).update(procedure="direct")
    rows("t_procurement.Correspondent").create(
        consultation=consultation,
        name="Travaux Modèle",
        email="contact@travaux.example",
        siret=SIRETS[0],
        token="0" * 64,
        left_at=BEFORE,
        accepted_by_id=ready.actor.organisation,
        accepted_at=BEFORE,
        withdrawn_at=BEFORE if is_withdrawn else None,
    )
    ready.draft.refresh_from_db()
    if not is_withdrawn:
        assert ready.deposit().state == Deposit.State.SEALED
        return
    with pytest.raises(Conflict, match="invitation-withdrawn"):
        ready.deposit()
    assert not Deposit.objects.filter(consultation=consultation).exists()
    assert not SealIntent.objects.exclude(outcome=SealIntent.Outcome.REFUSED).exists()


def test_deadline_put_off_meanwhile_counts(ready: Bidding, consultation: Consultation) -> None:
    """The policy's new version keeps the officers' keys: nothing is uploaded again."""
    manifest = ready.manifest()
    later = DEADLINE + timedelta(days=3)
    first = policy_cast(consultation)
    policy_for(consultation, deadline=later, version=2, previous=first.policy.hash)
    rows("t_procurement.Consultation").filter(pk=consultation.pk).update(tenders_until=later)
    deposit = ready.at(DEADLINE + timedelta(hours=1)).deposit(manifest)
    assert (deposit.state, deposit.deadline_at) == ("sealed", later)


def policy_cast(consultation: Consultation) -> Cast:
    from .conftest import LIMITS

    return Cast(
        consultation=consultation.pk,
        deadline=DEADLINE,
        envelopes=("candidature", "tender"),
        limits=LIMITS,
    )


def test_last_deposit_counts_and_the_former_stays_sealed(ready: Bidding, lots: dict[int, UUID]) -> None:
    first = ready.deposit()
    again = ready.at(DEADLINE - timedelta(hours=1))
    again.send(again.block(lots[1]), "offre-2.pdf", content(2000))
    second = again.deposit(again.manifest(supersedes=bytes.fromhex(first.root)))
    first.refresh_from_db()
    assert (first.state, second.state, second.supersedes) == ("superseded", "sealed", first)
    assert list(queries.in_time_deposits(first.consultation, 1)) == [second]
    assert kinds(first.consultation)[-2:] == ["procurement.deposit.sealed", "procurement.deposit.superseded"]
    # nothing was destroyed
    assert len(list(stored_chunks(file_of(ready.draft, ready.entries[0].file)))) == 1


def test_deposit_for_another_lot_leaves_the_first_lot_alone(ready: Bidding, lots: dict[int, UUID]) -> None:
    first = ready.deposit()
    other = ready.at(DEADLINE - timedelta(hours=1))
    entry = other.send(other.block(lots[2]), "lot-2.pdf")
    second = other.deposit(other.manifest([entry]))
    assert list(queries.in_time_deposits(first.consultation, 1)) == [first, second]
    assert [one.number for one in queries.counting_lots(first) if one] == [1]
    both = other.deposit(other.manifest())
    assert list(queries.in_time_deposits(first.consultation, 1)) == [both]


def test_partly_replaced_deposit_is_opened_for_the_lots_that_count(
    ready: Bidding, lots: dict[int, UUID]
) -> None:
    ready.send(ready.block(lots[2]), "lot-2.pdf")
    first = ready.deposit()
    later = ready.at(DEADLINE - timedelta(hours=1))
    entry = later.send(later.block(lots[2]), "lot-2-bis.pdf")
    second = later.deposit(later.manifest([entry]))
    assert [one.lot for one in queries.counting_blocks(first, "tender")] == [lots[1]]
    assert [one.lot for one in queries.counting_blocks(second, "tender")] == [lots[2]]


def test_late_deposit_replaces_nothing(ready: Bidding) -> None:
    first = ready.deposit()
    late = ready.at(DEADLINE + timedelta(seconds=25)).deposit()
    first.refresh_from_db()
    assert (first.state, late.state) == ("sealed", "late")
    assert list(queries.in_time_deposits(first.consultation, 1)) == [first]


def test_manifest_settled_after_a_later_one_does_not_take_its_place(ready: Bidding) -> None:
    """A crash held the first one up; recovery settles it with its own instant, which is the earlier."""
    early = ready.at(DEADLINE - timedelta(hours=2))
    held = early.receive()
    last = ready.at(DEADLINE - timedelta(hours=1)).deposit()
    bidding.finish_waiting(system_actor("worker"), held)
    found = Deposit.objects.get(pk=held.deposit)
    assert (found.state, found.completed_at) == ("superseded", DEADLINE - timedelta(hours=2))
    assert list(queries.in_time_deposits(last.consultation, 1)) == [last]


def test_recovery_after_the_deadline_keeps_the_instant_of_the_last_byte(ready: Bidding) -> None:
    at = ready.at(DEADLINE - MILLISECOND)
    held = at.receive()
    bidding.finish_waiting(system_actor("worker"), held)
    bidding.finish_waiting(system_actor("worker"), held)  # once more changes nothing
    found = Deposit.objects.get(pk=held.deposit)
    assert (found.state, found.person_id) == ("sealed", at.actor.person)
    assert Deposit.objects.count() == 1


def test_a_seal_asks_the_database_as_little_for_many_files_as_for_one(
    bidding_: Bidding, lots: dict[int, UUID], django_assert_max_num_queries: Any
) -> None:
    block = bidding_.block(lots[1])
    bidding_.send(block)
    manifest = bidding_.manifest()
    with django_assert_max_num_queries(SEAL_STATEMENTS):
        bidding_.deposit(manifest)
    for number in range(30):
        bidding_.send(block, f"plan-{number}.pdf", b"plan")
    manifest = bidding_.manifest()
    with django_assert_max_num_queries(SEAL_STATEMENTS + REPLACING):
        bidding_.deposit(manifest)
    assert not SealedFile.objects.filter(block=block, sealed_at=None).exists()


def test_same_manifest_twice_is_one_deposit(ready: Bidding) -> None:
    document = ready.manifest()
    first, second = ready.deposit(document), ready.at(DEADLINE + timedelta(hours=1)).deposit(document)
    assert first == second
    assert Deposit.objects.count() == 1


def test_two_people_of_one_firm_both_deposit_and_the_later_counts(ready: Bidding, enterprise: Any) -> None:
    colleague = replace(ready, actor=make_bidder(enterprise, name="Ines", at=DEADLINE - timedelta(minutes=1)))
    first, second = ready.deposit(), colleague.deposit()
    assert first.person_id != second.person_id
    assert list(queries.in_time_deposits(first.consultation, 1)) == [second]
    assert [one.receipts.count() for one in (first, second)] == [1, 1]


def wrong_manifests(ready: Bidding) -> dict[str, bytes]:
    entry = ready.entries[0]
    twin = replace(entry, root=bytes(32))
    return {
        "manifest-of-another-bid": ready.manifest(bidder=uuid4()),
        "another consultation": ready.manifest(consultation=uuid4()),
        "another round": ready.manifest(round=2),
        "rehearsal-mixed": ready.manifest(rehearsal=True),
        "lot-unknown": ready.manifest(lots=[uuid4()]),
        "sealing-policy-changed": ready.manifest(policy=bytes(32)),
        "root of nothing": ready.manifest([twin]),
        "file that never came": ready.manifest([entry, replace(entry, file=uuid4())]),
        "former deposit of nobody": ready.manifest(supersedes=bytes(32)),
    }


CODES = {
    "another consultation": "manifest-of-another-bid",
    "another round": "manifest-of-another-bid",
    "root of nothing": "sealing-mismatch",
    "file that never came": "sealing-mismatch",
    "former deposit of nobody": "sealing-mismatch",
}


def test_what_does_not_agree_is_refused_and_written_down(ready: Bidding) -> None:
    for name, document in wrong_manifests(ready).items():
        with pytest.raises((Invalid, Conflict)) as refused:
            ready.deposit(document)
        assert refused.value.code == CODES.get(name, name)
    assert not Deposit.objects.exists()
    kept = SealIntent.objects.values_list("outcome", flat=True)
    assert set(kept) == {"refused"}
    assert kinds(ready.draft.consultation).count("procurement.manifest.refused") == len(kept)
    assert ready.deposit().number == 1  # nothing was lost by it


def test_file_of_another_enterprise_cannot_be_deposited(ready: Bidding, consultation: Consultation) -> None:
    rival = begin(make_bidder(make_enterprise(SIRETS[1], "Imprimerie Essai")), consultation)
    rival.masters, rival.blocks, rival.contexts = ready.masters, ready.blocks, ready.contexts
    with pytest.raises(Invalid, match="sealing-mismatch"):
        rival.deposit(rival.manifest(ready.entries))
    with pytest.raises(Denied):
        bidding.deposit(actor=rival.actor, draft=ready.draft, document=ready.manifest())


def test_missing_chunk_is_found_at_the_seal(bidding_: Bidding, lots: dict[int, UUID]) -> None:
    block = bidding_.block(lots[1])
    entry, chunks = bidding_.sealed(block, "plan.pdf", content(3 * MIB))
    for index in (0, 2):
        bidding_.put(entry, index, chunks[index])
    with pytest.raises(Invalid, match="what was received of it"):
        bidding_.deposit(bidding_.manifest([entry]))
    for index in range(1, len(chunks)):
        bidding_.put(entry, index, chunks[index])
    assert bidding_.deposit(bidding_.manifest([entry])).state == "sealed"


def test_chunks_are_idempotent_replaceable_and_logged(bidding_: Bidding, lots: dict[int, UUID]) -> None:
    block = bidding_.block(lots[1])
    entry, chunks = bidding_.sealed(block, "plan.pdf", content(10))
    _entry, others = bidding_.sealed(block, "plan.pdf", content(10))
    assert [bidding_.put(entry, 0, chunks[0]), bidding_.put(entry, 0, chunks[0])] == ["stored", "again"]
    assert bidding_.put(entry, 0, others[0]) == "replaced"
    assert read_chunk(file_of(bidding_.draft, entry.file), 0)[0] == others[0][:12]
    assert bidding_.put(entry, 0, chunks[0]) == "replaced"
    bidding_.deposit(bidding_.manifest([entry]))
    with pytest.raises(Conflict, match="file-sealed"):
        bidding_.put(entry, 0, others[0])
    assert bidding_.put(entry, 0, chunks[0]) == "again"
    assert outcomes(bidding_.draft) == ["stored", "again", "replaced", "replaced", "file-sealed", "again"]
    assert StoredChunk.objects.get().leaf == files.leaf(chunks[0]).hex()


def test_hostile_chunks_are_refused_and_logged(bidding_: Bidding, lots: dict[int, UUID]) -> None:
    block = bidding_.block(lots[1])
    entry, chunks = bidding_.sealed(block, "plan.pdf", content(2 * MIB))
    refused = {
        "chunk-altered": {"leaf": bytes(32)},
        "chunk-size": {"body": bytes(MIB + 17)},
        "sealing-over-limit": {"index": 5000},
        "no-block": {"block": uuid4()},
    }
    for code, change in refused.items():
        with pytest.raises((Invalid, Missing), match=code):
            bidding_.put(entry, 0, chunks[0], **change)
    with pytest.raises(Invalid, match="chunk-altered"):
        bidding_.put(entry, 0, chunks[0][:-1], leaf=files.leaf(chunks[0]))  # truncated
    with pytest.raises(Invalid, match="chunk-altered"):
        bidding_.put(entry, 0, chunks[0], nonce=b"short")
    assert outcomes(bidding_.draft) == [*refused, "chunk-altered", "chunk-altered"]
    assert not StoredChunk.objects.exists()


def test_the_log_is_never_changed(ready: Bidding) -> None:
    from django.db import DatabaseError, transaction

    for attempt in ("update", "delete"):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            events = rows("t_procurement.ChunkEvent").all()
            events.update(outcome="stored") if attempt == "update" else events.delete()


def test_room_of_a_bid_has_the_limits_of_the_policy(
    consultation: Consultation, bidder: Actor, lots: dict[int, UUID]
) -> None:
    from territoires.services.procurement.domain.sealing.policy import Limits

    from .conftest import publish

    publish(consultation, limits=Limits(file=2 * MIB, bid=3 * MIB, files=2))
    found = begin(bidder, consultation)
    block = found.block(lots[1])
    found.send(block, "1.pdf")
    abandoned = found.send(block, "2.pdf")
    with pytest.raises(Invalid, match="sealing-over-limit"):
        found.send(block, "3.pdf")
    uploading.discard_file(
        actor=found.actor, draft=found.draft, file=file_of(found.draft, abandoned.file), agent="Essai"
    )
    found.entries.remove(abandoned)
    found.send(block, "3.pdf")
    assert found.deposit().state == "sealed"
    assert outcomes(found.draft)[-2:] == ["discarded", "stored"]


def test_sealed_file_cannot_be_discarded(ready: Bidding) -> None:
    ready.deposit()
    with pytest.raises(Conflict, match="file-sealed"):
        uploading.discard_file(
            actor=ready.actor,
            draft=ready.draft,
            file=file_of(ready.draft, ready.entries[0].file),
            agent="Essai",
        )


def test_block_of_another_bidder_lot_or_policy_is_refused(
    bidding_: Bidding, lots: dict[int, UUID], consultation: Consultation
) -> None:
    for wrong in ({"bidder": uuid4()}, {"lot": uuid4()}):
        with pytest.raises(Invalid, match="sealing-mismatch"):
            bidding_.block(lots[1], **wrong)
    before = bidding_.block(lots[1])
    policy_for(consultation, version=2, previous=bidding_.policy.hash, prefix="other")
    with pytest.raises(Conflict, match="policy"):
        uploading.receive_block(actor=bidding_.actor, draft=bidding_.draft, document=bidding_.blocks[before])


@pytest.mark.parametrize("state", ["analysis", "decided", "standstill"])
def test_a_bid_that_comes_after_the_opening_is_kept_as_late(
    ready: Bidding, lots: dict[int, UUID], consultation: Consultation, state: str
) -> None:
    put_in(consultation, state)
    late = ready.at(DEADLINE + timedelta(days=3))
    late.draft.refresh_from_db()
    late.send(late.block(lots[2]), "lot-2.pdf", content(100))
    deposit = late.deposit()
    assert (deposit.state, deposit.receipts.count()) == (Deposit.State.LATE, 1)
    assert kinds(consultation)[-1] == "procurement.deposit.kept_late"
    assert not queries.in_time_deposits(consultation, 1).exists()


def test_consultation_decides_until_when_bids_are_taken(ready: Bidding, consultation: Consultation) -> None:
    put_in(consultation, "signed")
    ready.draft.refresh_from_db()
    with pytest.raises(TooLate, match="closed-to-bids"):
        ready.deposit()
    assert not SealIntent.objects.exists()


@pytest.mark.parametrize("state", ["analysis", "signed", "abandoned"])
def test_what_was_received_in_time_is_deposited_however_far_the_procedure_went(
    ready: Bidding, consultation: Consultation, state: str
) -> None:
    """The server died between the two halves of the deposit, and the officers went on before the worker came to it."""
    held = ready.at(DEADLINE - MILLISECOND).receive()
    put_in(consultation, state)
    bidding.finish_waiting(system_actor("worker"), held)
    assert Deposit.objects.get(pk=held.deposit).state == Deposit.State.SEALED


def put_in(consultation: Consultation, state: str) -> None:
    rows("t_procurement.Consultation").filter(pk=consultation.pk).update(state=state)


def test_a_refused_manifest_that_is_sent_again_counts_from_then(
    bidding_: Bidding, lots: dict[int, UUID]
) -> None:
    """Files that arrive after the deadline do not make a bid of what was named before it."""
    entry, chunks = bidding_.sealed(bidding_.block(lots[1]), "plan.pdf", content(10))
    early, late = bidding_.at(DEADLINE - MILLISECOND), bidding_.at(DEADLINE + MILLISECOND)
    document = early.manifest([entry])
    with pytest.raises(Invalid, match="sealing-mismatch"):
        early.deposit(document)
    late.put(entry, 0, chunks[0])
    found = late.deposit(document)
    assert (found.state, found.completed_at) == (Deposit.State.LATE, DEADLINE + MILLISECOND)
    assert SealIntent.objects.get().completed_at == found.completed_at


def test_withdrawal_before_the_deadline_has_its_own_receipt(ready: Bidding) -> None:
    deposit = ready.deposit()
    later = ready.at(DEADLINE - timedelta(minutes=5))
    receipt = bidding.withdraw_deposit(actor=later.actor, draft=later.draft, deposit=deposit.pk)
    deposit.refresh_from_db()
    assert (deposit.state, receipt.kind) == ("withdrawn", "withdrawal")
    assert not queries.in_time_deposits(deposit.consultation, 1).exists()
    assert deposit.receipts.count() == 2
    with pytest.raises(Conflict, match="not-withdrawable"):
        bidding.withdraw_deposit(actor=later.actor, draft=later.draft, deposit=deposit.pk)


def test_no_withdrawal_after_the_deadline(ready: Bidding) -> None:
    deposit = ready.deposit()
    late = ready.at(DEADLINE + MILLISECOND)
    with pytest.raises(TooLate, match="too-late-to-withdraw"):
        bidding.withdraw_deposit(actor=late.actor, draft=late.draft, deposit=deposit.pk)


@pytest.mark.parametrize(("late_by", "flagged"), [(timedelta(), False), (MILLISECOND, True)])
def test_time_stamp_later_than_the_deadline_flags_the_deposit(
    ready: Bidding, late_by: timedelta, flagged: bool
) -> None:
    deposit = ready.at(DEADLINE - timedelta(seconds=1)).deposit()
    bidding.record_token(
        actor=system_actor("worker").at(DEADLINE),
        receipt=deposit.receipts.get().pk,
        token=b"token",
        token_at=DEADLINE + late_by,
        authority="outside",
    )
    deposit.refresh_from_db()
    assert (deposit.state, deposit.is_flagged) == ("sealed", flagged)
    with pytest.raises(Conflict, match="receipt-stamped"):
        bidding.record_token(
            actor=system_actor("worker"),
            receipt=deposit.receipts.get().pk,
            token=b"other",
            token_at=DEADLINE,
            authority="own",
        )


def test_strangers_have_no_bid(ready: Bidding, secretary: Actor) -> None:
    stranger = make_bidder(make_enterprise(SIRETS[1], "Imprimerie Essai"))
    for actor in (stranger, secretary):
        with pytest.raises(Missing):
            queries.draft_of(actor, ready.draft.pk)
        with pytest.raises(Denied):
            uploading.receive_block(actor=actor, draft=ready.draft, document=b"{}")


def test_receipt_says_who_what_when(ready: Bidding, enterprise: Any) -> None:
    at: datetime = DEADLINE - timedelta(hours=1)
    deposit = ready.at(at).deposit()
    said = json.loads(bytes(deposit.receipts.get().document))
    assert said["depositor"] == {
        "person": "Manon Exemple",
        "organisation": "Travaux Modèle",
        "siret": SIRETS[0],
    }
    assert said["completed_at"] == "2027-01-11T10:00:00.000000Z"
    assert (said["number"], said["root"], said["in_time"]) == (1, deposit.root, True)
    assert [one["root"] for one in said["files"]] == [ready.entries[0].root.hex()]
    assert "offre.pdf" not in bytes(deposit.receipts.get().document).decode()
