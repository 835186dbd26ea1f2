"""Opening sessions: with whom they open, with whom they do not, what they leave when something breaks."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from django.utils import translation

from simulators.clamd import Clamd as ClamdSimulator
from territoires.foundations.documents import api as documents
from territoires.foundations.documents.antivirus import EICAR, Clamd, TestSignature
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import fixed_clock, system_clock
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing, StepUpRequired, Unavailable
from territoires.services.procurement.actions import (
    awarding,
    bidding,
    examining,
    opening,
    safety_copies,
    staffing,
)
from territoires.services.procurement.actions.policies import settle_policy
from territoires.services.procurement.domain import life, session
from territoires.services.procurement.jobs.opener import Opener
from territoires.services.procurement.models import (
    Deposit,
    HolderRelease,
    Minutes,
    OpenedBlock,
    OpenedFile,
    OpeningOrder,
    StoredChunk,
    chunk_store,
)
from territoires.services.procurement.queries import evaluation, masters
from territoires.services.procurement.queries import opening as queries
from territoires.services.procurement.queries.opened_minutes import copy_words, minutes_words
from territoires.services.procurement.queries.report import table_of
from territoires.services.procurement.queries.safety_copies import files_in_place, in_place_of, opened_copies
from territoires.services.procurement.queries.script import served_script
from tests.foundations.journal.book import rows as written
from tests.services.procurement.conftest import make_actor, make_person, rows
from tests.services.procurement.conftest import receive as receive_document

from .world import AFTER, DEADLINE, PLAIN, World, make_world, present

SCAN = b"%PDF-1.4 copie de sauvegarde"


def kinds(world: World) -> list[str]:
    return [one.kind for one in journal.timeline(world.consultation.pk)]


def test_two_officers_open_what_is_listed_and_the_files_are_those_that_were_sealed(sealed: World) -> None:
    order = sealed.open("tender")
    assert order.state == session.OPENED
    found = OpenedFile.objects.filter(order=order).order_by("deposit__number")
    assert [(one.name, one.verdict, one.sha256) for one in found] == [
        ("tender-offre.pdf", "clear", hashlib.sha256(PLAIN).hexdigest())
    ] * 2
    document = found[0].document
    assert document is not None
    assert b"".join(documents.open_stream(document)) == PLAIN
    assert {one.envelope for one in found} == {"tender"}
    sealed.consultation.refresh_from_db()
    assert sealed.consultation.state == life.OPENING
    assert {"procurement.time.released", "procurement.quorum.reached", "procurement.opening.ended"} <= set(
        kinds(sealed)
    )
    told = {one.kind: one.facts for one in journal.timeline(sealed.consultation.pk)}
    time = told["procurement.time.released"]
    assert (
        datetime.fromisoformat(time["clock_at"]) > DEADLINE and time["stamped_at"]
    )  # both clocks, for whoever doubts
    assert told["procurement.pieces.released"]["script"] == served_script()


def test_candidatures_and_tenders_are_two_orders_on_two_sets_of_blocks(sealed: World) -> None:
    first, second = sealed.open("candidature"), sealed.open("tender")
    assert first.sha256 != second.sha256
    blocks = [
        set(OpenedBlock.objects.filter(order=one).values_list("block", flat=True)) for one in (first, second)
    ]
    assert not blocks[0] & blocks[1]
    sealed.consultation.refresh_from_db()
    assert sealed.consultation.state == life.ANALYSIS
    with pytest.raises(Conflict) as refused:
        sealed.ask("tender")
    assert refused.value.code == "nothing-to-open"
    item = rows("worklist.Item").get(subject_id=sealed.consultation.pk, kind="next-step")
    assert item.verb == "Begin the examination"


def test_an_officer_and_the_custodian_open_where_the_other_officer_is_lost(sealed: World) -> None:
    order = sealed.ask()
    sealed.keeper.work_once()
    sealed.officers[0].give(order)
    opening.bring_release(
        actor=present(sealed.secretary),
        consultation=sealed.consultation,
        order=order.pk,
        document=sealed.custodian_release(order),
    )
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_one_officer_alone_opens_nothing(sealed: World) -> None:
    order = sealed.open(by=[0])
    assert order.state == session.READY
    assert not OpenedFile.objects.filter(order=order).exists()


def test_the_quorum_without_the_time_opens_nothing(sealed: World) -> None:
    order = sealed.ask()
    for officer in sealed.officers:
        officer.give(order)
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.READY
    sealed.keeper.work_once()
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_no_session_begins_while_a_bid_in_time_is_still_checked(sealed: World) -> None:
    """Its request died: the officers wait until the worker has deposited it, and it is opened with the others."""
    sealed.published()
    third = sealed.bidder(2)
    third.send(third.block(sealed.lot))
    held = third.receive()
    sealed.closed()
    with pytest.raises(Conflict, match="bid-being-checked"):
        sealed.ask()
    assert not OpeningOrder.objects.exists()
    bidding.finish_waiting(system_actor("worker"), held)
    order = sealed.open()
    assert {one.deposit.number for one in OpenedFile.objects.filter(order=order)} == {1, 2, 3}


@pytest.mark.parametrize("outcome", ["unsuccessful", "abandoned"])
def test_nothing_ends_while_the_only_bid_is_still_checked(world: World, outcome: str) -> None:
    world.ready().published()
    only = world.bidder(0)
    only.send(only.block(world.lot))
    held = only.receive()
    world.closed()
    ends = {"actor": present(world.secretary), "consultation": world.consultation}
    with pytest.raises(Conflict, match="bid-being-checked"):
        opening.end_opening(**ends)
    with pytest.raises(Conflict, match="bid-being-checked"):
        awarding.end_without_contract(**ends, outcome=outcome, reason="Aucune offre n'est arrivée.")
    world.consultation.refresh_from_db()
    assert world.consultation.state == life.CLOSED
    bidding.finish_waiting(system_actor("worker"), held)
    order = world.open()
    assert OpenedFile.objects.filter(order=order).count() == 1


def test_bids_that_stay_closed_are_not_an_unsuccessful_procedure(sealed: World) -> None:
    with pytest.raises(Conflict, match="bids-closed"):
        awarding.end_without_contract(
            actor=present(sealed.secretary),
            consultation=sealed.consultation,
            outcome="unsuccessful",
            reason="Aucune offre n'est arrivée.",
        )
    assert sealed.open().state == session.OPENED


def test_a_bid_received_while_the_session_is_asked_ends_it(sealed: World) -> None:
    asked = opening.ask_opening(
        actor=present(sealed.secretary), consultation=sealed.consultation, round=1, envelope="tender"
    )
    sealed.published()
    third = sealed.bidder(2)
    third.send(third.block(sealed.lot))
    third.receive()
    sealed.closed()
    sealed.opener.work_once()
    asked.refresh_from_db()
    assert asked.state == session.CANCELLED and "still being checked" in asked.ended_reason


def test_what_waits_late_stops_no_session(sealed: World) -> None:
    third = sealed.bidder(2, at=AFTER)
    third.send(third.block(sealed.lot))
    third.receive()
    assert sealed.ask().state == session.READY


def test_a_late_bid_that_came_after_the_opening_is_opened_once_admitted(sealed: World) -> None:
    sealed.open("candidature")
    sealed.open("tender")
    assert sealed.consultation.state == life.ANALYSIS
    late = sealed.bidder(2, at=AFTER)
    entry = late.send(late.block(sealed.lot))
    deposit = late.deposit()
    assert deposit.state == "late"
    with pytest.raises(Conflict, match="nothing-to-open"):
        sealed.ask()
    rows("t_procurement.LateDecision").create(
        deposit=deposit,
        ground="platform",
        reason="Une panne.",
        person_id=sealed.secretary.person,
        decided_at=AFTER,
    )
    order = sealed.open("tender")
    assert order.state == session.OPENED
    (found,) = OpenedFile.objects.filter(order=order)
    assert (found.deposit_id, found.sealed_id, found.verdict) == (deposit.pk, entry.file, "clear")


def test_nothing_is_asked_before_the_deadline(sealed: World) -> None:
    too_early = present(sealed.secretary, DEADLINE)
    with pytest.raises(Conflict) as refused:
        opening.begin_session(actor=too_early, consultation=sealed.consultation, round=1, envelope="tender")
    assert refused.value.code == "sealing-too-early"
    assert not OpeningOrder.objects.exists()
    assert "procurement.opening.refused" in kinds(sealed)


def test_the_time_keeper_believes_its_own_clock_and_its_refusal_stands(sealed: World) -> None:
    """Whatever the platform says of the hour: the order is there, and the time secret is not given."""
    order = sealed.ask()
    sealed.clock = fixed_clock(DEADLINE)
    sealed.keeper.work_once()
    order.refresh_from_db()
    assert order.time_refusal
    assert "procurement.opening.refused" in kinds(sealed)
    for officer in sealed.officers:
        officer.give(order)
    sealed.clock = fixed_clock(AFTER)
    sealed.keeper.work_once()
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.READY
    assert not OpenedFile.objects.exists()
    rows("t_procurement.OpeningOrder").filter(pk=order.pk).update(asked_at=system_clock())
    with pytest.raises(Unavailable):
        queries.early_opening_alarm()


def test_a_time_stamp_that_is_not_later_than_the_deadline_gives_nothing(sealed: World) -> None:
    """The time-keeper's clock may be wrong: the authority's counts as well."""
    future = system_clock() + timedelta(days=300)
    rows("t_procurement.Consultation").filter(pk=sealed.consultation.pk).update(tenders_until=future)
    sealed.consultation.refresh_from_db()
    settle_policy(sealed.secretary, sealed.consultation)
    asked = opening.ask_opening(
        actor=present(sealed.secretary, future + timedelta(hours=1)),
        consultation=sealed.consultation,
        round=1,
        envelope="tender",
    )
    order = opening.prepare_order(
        actor=system_actor("opener").at(future + timedelta(hours=1)),
        order=asked,
        public_key=sealed.officers[0].public,
    )
    sealed.clock = fixed_clock(future + timedelta(hours=1))
    sealed.keeper.work_once()
    order.refresh_from_db()
    assert "time-stamp" in order.time_refusal


def test_an_order_that_lists_what_is_not_to_be_opened_is_refused_by_the_time_keeper(sealed: World) -> None:
    order = sealed.ask()
    late = rows("t_procurement.Deposit").order_by("number").last()
    rows("t_procurement.Deposit").filter(pk=late.pk).update(state="withdrawn", withdrawn_at=AFTER)
    sealed.keeper.work_once()
    order.refresh_from_db()
    assert "not to be opened" in order.time_refusal


def test_a_wrong_part_is_named_and_the_right_one_still_serves(sealed: World) -> None:
    order = sealed.ask()
    sealed.keeper.work_once()
    sealed.officers[0].give(order)
    sealed.officers[1].give(order, spoilt=True)
    sealed.opener.work_once()
    order.refresh_from_db()
    (wrong,) = HolderRelease.objects.exclude(fault="")
    assert order.state == session.READY
    assert wrong.holder_id == sealed.officers[1].holder
    sealed.officers[1].give(order)
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_an_officer_who_declines_is_named_with_her_reason_and_may_still_give(sealed: World) -> None:
    order, her, other = sealed.ask(), sealed.officers[1], sealed.officers[0]
    desk = rows("worklist.Item").filter(subject_id=order.pk, person_id=her.actor.person)
    assert desk.exists()

    def decline(actor: Actor, reason: str = "Je suis parente d'un candidat.") -> None:
        opening.decline_release(
            actor=actor.at(AFTER), consultation=sealed.consultation, order=order.pk, reason=reason
        )

    with pytest.raises(Invalid, match="reason-missing"):
        decline(her.actor, "Non.")
    decline(her.actor)
    with pytest.raises(Conflict, match="already-declined"):
        decline(her.actor)
    told = journal.timeline(sealed.consultation.pk)[-1]
    assert (told.kind, told.facts["holder"]) == ("procurement.release.declined", str(her.holder))
    sealed.keeper.work_once()
    other.give(order, spoilt=True)
    sealed.opener.work_once()
    assert not desk.exists()  # the wrong part of the other asks nothing of her again
    for officer in (her, other):
        officer.give(order)
    with pytest.raises(Conflict, match="already-released"):
        decline(other.actor)
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED
    (said,) = minutes_words(order)["declined"]["lines"]
    assert said["label"] == queries.declined_in(order)[0].holder.name
    assert said["value"].endswith("Je suis parente d'un candidat.")
    with pytest.raises(Conflict, match="session-not-waiting"):
        decline(her.actor)


def test_who_holds_no_key_declines_nothing(sealed: World, body: Any) -> None:
    order = sealed.ask()
    stranger = make_actor(body, "executive", person=make_person(body, "Officier étranger"))
    with pytest.raises((Denied, Missing)):
        opening.decline_release(
            actor=stranger.at(AFTER),
            consultation=sealed.consultation,
            order=order.pk,
            reason="Je ne suis pas désignée.",
        )
    assert queries.declined_in(order) == []


def test_an_officer_who_left_the_team_gives_nothing(sealed: World) -> None:
    order = sealed.ask()
    gone = sealed.officers[1]
    document = gone.release(order)
    assert gone.actor.person is not None
    staffing.leave_team(
        actor=sealed.secretary, consultation=sealed.consultation, person=gone.actor.person, role="open"
    )
    for verb in (opening.release_pieces, opening.bring_release):
        actor = present(gone.actor if verb is opening.release_pieces else sealed.secretary)
        with pytest.raises((Denied, Invalid)):
            verb(actor=actor, consultation=sealed.consultation, order=order.pk, document=document)
    by = [gone.actor.person]
    assert written("SELECT 1 FROM journal_copy WHERE kind = 'actions.right.refused' AND subject = %s", by)
    brought = journal.timeline(sealed.consultation.pk)[-1]
    assert (brought.kind, brought.facts["code"]) == ("procurement.release.refused", "sealing-mismatch")
    assert brought.facts["release"] == hashlib.sha256(document).hexdigest()
    assert not HolderRelease.objects.filter(order=order).exists()


def test_a_part_of_another_session_or_of_somebody_else_is_refused(sealed: World) -> None:
    first = sealed.ask("candidature")
    foreign = sealed.officers[0].release(first)
    second = sealed.ask("tender")
    for document in (foreign, sealed.officers[1].release(second), b"{}"):
        with pytest.raises(Invalid):
            opening.release_pieces(
                actor=present(sealed.officers[0].actor),
                consultation=sealed.consultation,
                order=second.pk,
                document=document,
            )
    with pytest.raises(StepUpRequired):
        opening.release_pieces(
            actor=sealed.officers[0].actor.at(AFTER),
            consultation=sealed.consultation,
            order=second.pk,
            document=foreign,
        )


@pytest.mark.parametrize("given", [0, 1, 2])
def test_a_worker_that_dies_loses_its_session_and_nothing_else(sealed: World, given: int) -> None:
    order = sealed.ask()
    sealed.keeper.work_once()
    for officer in sealed.officers[:given]:
        officer.give(order)
    sealed.opener = Opener()  # another process: the key of the session is nowhere any more
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.LOST
    assert not OpenedFile.objects.exists()
    again = sealed.open()
    assert again.state == session.OPENED and again.sha256 != order.sha256


def test_what_was_given_to_a_lost_session_opens_no_other(sealed: World) -> None:
    first = sealed.ask()
    old = sealed.officers[0].give(first)
    sealed.opener = Opener()
    sealed.opener.work_once()
    second = sealed.ask()
    with pytest.raises(Invalid):
        opening.release_pieces(
            actor=present(sealed.officers[0].actor),
            consultation=sealed.consultation,
            order=second.pk,
            document=bytes(old.document),
        )


def test_the_parts_are_not_kept_and_the_keys_of_opened_blocks_are_encrypted(sealed: World) -> None:
    order = sealed.open()
    assert {bytes(one.document) for one in HolderRelease.objects.filter(order=order)} == {b""}
    for one in OpenedBlock.objects.filter(order=order):
        assert one.master is not None
        plain = masters.opened_master(one.block_id, bytes(one.master))
        assert plain in [bid.masters.get(one.block_id) for bid in sealed.bids]
        assert plain not in bytes(one.master)


def test_what_stays_closed_is_listed_with_its_reason(world: World) -> None:
    world.ready().published()
    world.bid(0)
    replaced = world.bids[0]
    replaced.entries.clear()
    replaced.send(replaced.block(world.lot), "nouvelle.pdf")
    replaced.deposit()
    late = world.bidder(1)
    late.send(late.block(world.lot))
    late.at(DEADLINE + timedelta(seconds=1)).deposit()
    gone = world.bid(2)
    rows("t_procurement.Deposit").filter(pk=gone.pk).update(state="withdrawn", withdrawn_at=DEADLINE)
    order = world.closed().open("tender")
    assert [one.name for one in OpenedFile.objects.filter(order=order)] == ["nouvelle.pdf"]
    reasons = dict(order.excluded.values_list("deposit__number", "reason"))
    assert reasons == {1: "superseded", 3: "late", 4: "withdrawn"}
    assert not OpenedBlock.objects.filter(deposit__number__in=[1, 3, 4]).exists()


def test_an_infected_file_is_named_and_not_kept_and_the_others_are(world: World) -> None:
    world.ready().published()
    world.bid(0, files=[("offre.pdf", PLAIN), ("piege.txt", EICAR)])
    world.bid(1)
    order = world.closed().open()
    bad = OpenedFile.objects.get(order=order, name="tender-piege.txt")
    assert (bad.verdict, bad.document, bad.fault) == ("infected", None, "EICAR-Test-File")
    assert bad.sha256 == hashlib.sha256(EICAR).hexdigest()
    assert OpenedFile.objects.filter(order=order, verdict="clear").count() == 2
    assert not rows("documents.Document").filter(sha256=bad.sha256).exists()
    assert order.antivirus == "signature"


def test_clamd_judges_where_there_is_one_and_what_it_cannot_judge_is_not_opened(
    body: Any, tmp_path: Any
) -> None:
    with ClamdSimulator(signatures={b"mechant": "Essai.Mechant-1"}) as antivirus:
        world = make_world(body, tmp_path, judge=Clamd(antivirus.address)).ready().published()
        world.bid(0, files=[("offre.pdf", PLAIN), ("autre.txt", b"x" * 3_000_000 + b"mechant")])
        order = world.closed().open()
        verdicts = dict(OpenedFile.objects.filter(order=order).values_list("name", "verdict"))
        assert verdicts == {"tender-offre.pdf": "clear", "tender-autre.txt": "infected"}
        assert order.antivirus == "clamd ClamAV 1.4.6"
        antivirus.largest = 10
        again = world.open("candidature")
        assert again.state == session.LOST
        assert not OpenedFile.objects.filter(order=again).exists()


def test_a_damaged_chunk_harms_its_file_alone(sealed: World) -> None:
    chunk = StoredChunk.objects.filter(file__block__envelope="tender").select_related("file__block").first()
    assert chunk is not None
    draft = chunk.file.block.draft_id
    chunk_store.delete_object(draft, chunk.file_id, chunk.index, chunk.leaf)
    chunk_store.write_object(draft, chunk.file_id, chunk.index, chunk.leaf, b"0" * chunk.size)
    order = sealed.open()
    verdicts = dict(OpenedFile.objects.filter(order=order).values_list("sealed_id", "verdict"))
    assert verdicts.pop(chunk.file_id) == "unreadable"
    assert set(verdicts.values()) == {"clear"}
    chunk_store.delete_object(draft, chunk.file_id, chunk.index, chunk.leaf)


def test_the_minutes_say_who_what_and_which_in_both_languages(sealed: World) -> None:
    order = sealed.ask()
    opening.note_presence(
        actor=present(sealed.secretary),
        consultation=sealed.consultation,
        order=order.pk,
        name="Nadia Essai",
        capacity="adjointe",
    )
    sealed.keeper.work_once()
    for officer in sealed.officers:
        officer.give(order)
    sealed.opener.work_once()
    sealed.opener.work_once()
    found = {one.language: one for one in Minutes.objects.filter(order=order).select_related("document")}
    assert set(found) == {"fr", "en"}
    for language, row in found.items():
        with pikepdf.open(io.BytesIO(b"".join(documents.open_stream(row.document)))) as file:
            assert str(file.Root.Lang).startswith(language)
    with translation.override("fr"):
        words = json.dumps(minutes_words(order), ensure_ascii=False)
    for expected in (
        order.sha256,
        hashlib.sha256(PLAIN).hexdigest(),
        "Nadia Essai, adjointe",
        "Travaux Modèle 1",
    ):
        assert expected in words


def test_a_session_is_given_up_with_a_reason_and_none_is_once_it_opened(sealed: World) -> None:
    order = sealed.ask()
    opening.cancel_opening(
        actor=present(sealed.secretary),
        consultation=sealed.consultation,
        order=order.pk,
        reason="Un officier manque ce matin.",
    )
    opened = sealed.open()
    with pytest.raises(Conflict):
        opening.cancel_opening(
            actor=present(sealed.secretary),
            consultation=sealed.consultation,
            order=opened.pk,
            reason="Trop tard pour cela.",
        )


def test_one_session_at_a_time_for_an_envelope(sealed: World) -> None:
    sealed.ask()
    with pytest.raises(Conflict) as refused:
        sealed.ask()
    assert refused.value.code == "session-under-way"


class Copies:
    """What a buyer does with the safety copies of a consultation, after its deadline."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.common: dict[str, Any] = {"actor": present(world.secretary), "consultation": world.consultation}

    def receive(self, deposit: Any = None, at: datetime = DEADLINE) -> Any:
        return safety_copies.receive_safety_copy(
            **self.common,
            round=1,
            bidder_name="Travaux Modèle",
            medium="clé USB",
            arrived_at=at,
            deposit=deposit.pk if deposit else None,
        )

    def brought(
        self,
        content: bytes = SCAN,
        name: str = "copie.pdf",
        envelope: str = "tender",
        lot: int | None = None,
    ) -> Any:
        document = receive_document(self.common["actor"], content, name)
        return safety_copies.Brought(document.pk, envelope, lot)

    def open(self, copy: Any, ground: str, *files: Any, **values: Any) -> Any:
        return safety_copies.open_safety_copy(
            **self.common | values.pop("common", {}),
            copy=copy.pk,
            ground=ground,
            reason="Le fichier de prix ne peut être lu.",
            files=files or [self.brought()],
            **values,
        )

    def refused(self, copy: Any, ground: str, *files: Any, **values: Any) -> str:
        with pytest.raises((Invalid, Conflict)) as fault:
            self.open(copy, ground, *files, **values)
        copy.refresh_from_db()
        assert copy.state != "opened"
        return fault.value.code

    def tabled(self) -> list[Any]:
        """The bids on the table of the evaluation."""
        examining.begin_examination(**self.common)
        return sorted(evaluation.bids_of(self.world.consultation), key=lambda one: one.deposit.number)


def test_a_safety_copy_is_opened_in_the_cases_of_the_law_alone(world: World) -> None:
    world.ready().published()
    world.bid(0, files=[("piege.txt", EICAR)])
    world.bid(1)
    world.closed()
    early = present(world.secretary, DEADLINE)
    copies = Copies(world)
    infected, sound = world.consultation.deposits.order_by("number")
    first = copies.receive(infected)
    assert copies.refused(first, "malware", common={"actor": early}) == "sealing-too-early"
    assert (
        copies.refused(first, "malware") == "copy-not-needed"
    )  # nothing is opened, nothing known to be infected
    world.open("candidature")
    world.open("tender")
    assert copies.refused(first, "signature") == "copy-without-case"
    late = copies.receive(infected, DEADLINE + timedelta(seconds=1))
    assert copies.refused(late, "malware") == "copy-late"
    for ground in ("malware", "transmission"):  # its electronic bid was opened
        assert copies.refused(copies.receive(sound), ground) == "copy-not-needed"
    with pytest.raises(Conflict, match="CCP R2132-11"):
        copies.open(copies.receive(sound), "malware")
    with pytest.raises(Missing):
        copies.receive(Deposit(pk=uuid4()))
    with pytest.raises(Invalid, match="copy-refused"):
        safety_copies.open_safety_copy(
            **copies.common, copy=first.pk, ground="malware", reason="Rien ne fut lu.", files=[]
        )
    opened = copies.open(first, "malware")
    assert opened.state == "opened" and "procurement.safety_copy.opened" in kinds(world)
    (found,) = files_in_place(world.consultation)
    assert (found.deposit, found.envelope, found.is_copy) == (infected, "tender", True)
    assert found.document.sha256 == hashlib.sha256(SCAN).hexdigest()
    second = copies.receive(infected)
    assert copies.refused(second, "malware") == "copy-not-needed"  # another copy stands in its place
    safety_copies.destroy_safety_copy(**copies.common, copy=second.pk)
    assert copies.refused(second, "malware") == "copy-settled"
    assert [one.deposit for one in copies.tabled()] == [infected, sound]
    assert set(opened_copies(world.consultation)) == {infected.pk}


def test_the_copy_of_a_late_deposit_is_its_bid_and_the_deposit_stays_sealed(world: World) -> None:
    world.ready().published()
    world.bid(1)
    late = world.bidder(0)
    late.send(late.block(world.lot))
    deposit = late.at(AFTER).deposit()
    world.closed()
    world.open("candidature")
    world.open("tender")
    copies = Copies(world)
    assert [one.deposit.state for one in copies.tabled()] == ["sealed"]
    copies.open(copies.receive(), "transmission", siret="999 990 062 00012")  # whose it is, told by its SIRET
    bids = copies.tabled()
    assert [(one.deposit.state, one.candidacy.bidder.name) for one in bids] == [
        ("sealed", "Travaux Modèle 2"),
        ("late", "Travaux Modèle 1"),
    ]
    assert not OpenedFile.objects.filter(deposit=deposit).exists()
    assert [one.deposit for one in files_in_place(world.consultation)] == [deposit]


def test_a_copy_does_not_replace_the_bid_that_its_enterprise_had_in_time(world: World) -> None:
    world.ready().published()
    world.bid(0)
    again = world.bids[0]
    late = again.at(AFTER)
    late.entries.clear()
    late.send(late.block(world.lot), "nouvelle.pdf")
    deposit = late.deposit()
    assert deposit.state == "late"
    world.closed()
    copies = Copies(world)
    assert copies.refused(copies.receive(deposit), "transmission") == "copy-not-needed"
    assert copies.refused(copies.receive(), "transmission", siret="99999006200012") == "copy-not-needed"


def test_a_copy_alone_becomes_a_bid_that_is_judged_and_counted_as_another(world: World) -> None:
    """Its enterprise began to send, and never deposited; nobody else bid: no session is held."""
    world.ready().published()
    begun = world.bidder(0)
    begun.send(begun.block(world.lot))
    world.bidder(1)  # opened its place, and sent nothing
    world.closed()
    copies = Copies(world)
    with pytest.raises(Conflict, match="nothing-opened"):
        opening.end_opening(**copies.common)
    given: dict[str, Any] = {"lots": [1], "siret": "99999006200012"}
    assert copies.refused(copies.receive(), "transmission", **given | {"siret": "99999007000015"}) == (
        "copy-not-needed"  # no transmission had begun
    )
    assert copies.refused(copies.receive(), "transmission", **given | {"siret": "1"}) == "copy-not-needed"
    assert copies.refused(copies.receive(), "transmission", **given | {"lots": [9]}) == "copy-refused"
    candidature = copies.brought(b"%PDF-1.4 DC1", "dc1.pdf", "candidature")
    copy = copies.open(copies.receive(), "transmission", candidature, copies.brought(), **given)
    assert copies.refused(copies.receive(), "transmission", **given) == "copy-not-needed"
    deposit = copy.deposit
    assert (deposit.state, deposit.number, deposit.completed_at) == ("copy", 1, DEADLINE)
    assert queries.deposits_of(world.consultation) == []  # nothing was deposited, and the register says so
    ended = opening.end_opening(**copies.common)
    assert ended.state == life.ANALYSIS
    (bid,) = copies.tabled()
    assert (bid.lot.number, bid.deposit, bid.candidacy.deposit) == (1, deposit, deposit)
    for verb, values in (
        (examining.price_bid, {"price": Decimal(100_000)}),
        (examining.judge_bid, {"state": "admissible"}),
    ):
        verb(**copies.common, bid=bid.pk, **values)  # type: ignore[operator]
    with translation.override("fr"):
        rows_of_report = "\n".join(" ".join(row) for row in table_of(world.consultation, AFTER.date()))
    assert "par sa copie de sauvegarde" in rows_of_report


def test_each_lot_is_compared_on_the_files_of_a_copy_that_are_its_own(world: World) -> None:
    world.ready().published()
    begun = world.bidder(0)
    begun.send(begun.block(world.lot))
    world.closed()
    copies, given = Copies(world), {"siret": "99999006200012", "lots": [2, 1]}
    for wrong in (copies.brought(), copies.brought(lot=3), copies.brought(lot=9)):
        assert copies.refused(copies.receive(), "transmission", wrong, **given) == "copy-refused"
    files = [
        copies.brought(b"%PDF-1.4 DC1", "dc1.pdf", "candidature"),
        copies.brought(b"%PDF-1.4 prix 1", "prix-1.pdf", lot=1),
        copies.brought(b"%PDF-1.4 prix 2", "prix-2.pdf", lot=2),
        copies.brought(b"%PDF-1.4 memoire", "memoire.pdf", lot=1),
        copies.brought(b"%PDF-1.4 memoire", "memoire.pdf", lot=2),
    ]
    copies.open(copies.receive(), "transmission", *files, **given)
    opening.end_opening(**copies.common)
    read = {
        bid.lot.number: {one.document.name for one in in_place_of(bid)} for bid in copies.tabled() if bid.lot
    }
    assert read == {
        1: {"dc1.pdf", "prix-1.pdf", "memoire.pdf"},
        2: {"dc1.pdf", "prix-2.pdf", "memoire.pdf"},
    }


def test_an_infected_copy_is_as_if_it_had_never_come(world: World) -> None:
    world.ready().published()
    begun = world.bidder(0)
    begun.send(begun.block(world.lot))
    world.closed()
    copies = Copies(world)
    piece = copies.brought(EICAR, "piege.txt")
    given = {"siret": "99999006200012", "lots": [1]}
    copy = copies.open(copies.receive(), "transmission", copies.brought(), piece, **given)
    assert (copy.state, copy.deposit, copy.antivirus) == ("infected", None, "signature")
    bad = copy.files.get(verdict="infected")
    assert (bad.fault, bad.document, bad.sha256) == (
        "EICAR-Test-File",
        None,
        hashlib.sha256(EICAR).hexdigest(),
    )
    assert files_in_place(world.consultation) == []
    assert not world.consultation.deposits.exists()
    ends = copies.common | {"outcome": "unsuccessful", "reason": "Aucune offre n'est parvenue."}
    assert awarding.end_without_contract(**ends).state == "unsuccessful"


def test_the_minutes_tell_of_a_copy_which_why_by_whom_when_and_its_hash(world: World) -> None:
    world.ready().published()
    world.bid(0, files=[("piege.txt", EICAR)])
    world.closed().open("tender")
    copies = Copies(world)
    copy = copies.open(copies.receive(world.consultation.deposits.get()), "malware")
    world.opener.work_once()
    assert {one.language for one in copy.minutes.all()} == {"fr", "en"}
    with translation.override("fr"):
        own = json.dumps(copy_words(copy), ensure_ascii=False)
        later = json.dumps(minutes_words(world.open("candidature")), ensure_ascii=False)
    person = rows("identity.Person").get(pk=world.secretary.person).display_name
    for said in (own, later):
        for expected in (
            hashlib.sha256(SCAN).hexdigest(),
            "Travaux Modèle 1",
            "malveillant",
            "Le fichier de prix ne peut être lu.",
            person,
            "2 mars 2026",
        ):
            assert expected in said, expected


def test_a_repair_leaves_its_trace(world: World) -> None:
    world.ready().published()
    world.bid(0, files=[("piege.txt", EICAR)])
    order = world.closed().open()
    bad = OpenedFile.objects.get(order=order)
    row = safety_copies.record_repair(
        actor=present(world.secretary),
        consultation=world.consultation,
        file=bad.pk,
        note="Désinfection essayée par le service informatique, sans succès.",
    )
    assert not row.succeeded and "procurement.repair.attempted" in kinds(world)
    still = receive_document(present(world.secretary), b"mieux ? " + EICAR, "mieux.txt")
    row = safety_copies.record_repair(
        actor=present(world.secretary),
        consultation=world.consultation,
        file=bad.pk,
        note="Un autre outil fut essayé.",
        document=still.pk,
    )
    assert (row.succeeded, row.document, row.fault) == (False, None, "EICAR-Test-File")
    assert files_in_place(world.consultation) == []


def test_the_test_signature_is_found_across_two_chunks() -> None:
    scan = TestSignature().scan()
    for at in range(0, len(EICAR), 7):
        scan.feed(EICAR[at : at + 7])
    with pytest.raises(Exception) as found:
        scan.finish()
    assert "EICAR" in str(found.value)
