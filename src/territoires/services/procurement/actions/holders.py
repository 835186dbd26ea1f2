"""Officers accept, try and leave; the body chooses how many are needed; custodians bring keys; the time-keeper makes his."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from territoires.contracts import procurement_opening as facts
from territoires.foundations.actions.api import Outcome, StepUp, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.kernel.fact import Fact, Subject

from ..domain import life
from ..domain import quorum as rules
from ..domain.sealing import suites
from ..domain.sealing.policy import OFFICER
from ..domain.sealing.sharing import Shape
from ..domain.sealing.slots import RECOVERY, Slot, read_slot
from ..models import Consultation, CustodianKey, HolderKey, KeySlot, Quorum, TimeKey
from ..permissions import Procurement
from ..queries import quorum as queries
from ..queries.handovers import awaits_key_of, holding_together
from ..queries.rounds import FIRST
from .changing_hands import begin_handover
from .moving import about
from .policies import settle_policy
from .waiting_to_open import accepted, ask_to_accept, ask_to_replace

PRESENCE_FOR_OPENING = StepUp(level=2, within=timedelta(minutes=15))
MOST_SLOTS = 8


@dataclass(frozen=True, slots=True)
class Offered:
    """A custodian's public key as it arrives, in the form of its suite."""

    id: UUID
    public_key: bytes


@action(Procurement.OPENING_HOLD, on="consultation", step_up=PRESENCE_FOR_OPENING)
def accept_holder(
    *,
    actor: Actor,
    consultation: Consultation,
    round: int,
    holder: UUID,
    public_key: bytes,
    slots: Sequence[bytes],
) -> Outcome[HolderKey]:
    """Takes the key that an officer made in her browser, wrapped under at least two slots, recovery words among them.

    Replaces the one that she had, as long as nobody sealed for it. Raises Conflict once the consultation is public, but
    for who was named to take an officer's place; Invalid for a key or slots that are none.
    """
    if queries.is_public(consultation, round) and not awaits_key_of(consultation, round, actor.person):
        raise _fixed()
    seat = _seat_of(actor, consultation, round)
    suites.read_public(rules.SUITE, public_key)
    read = _sound_slots(holder, slots)
    if seat.holder is not None:
        HolderKey.objects.filter(pk=seat.holder.pk).delete()
    made = HolderKey.objects.create(
        id=_fresh(holder, public_key),
        consultation=consultation,
        round=round,
        role=OFFICER,
        person_id=actor.person,
        name=seat.name,
        suite=rules.SUITE,
        public_key=public_key,
        accepted_at=actor.now(),
    )
    for slot, document in zip(read, slots, strict=True):
        _keep_slot(actor, made, slot, document)
    fact = facts.HolderAccepted(
        **about(consultation),
        round=round,
        holder=made.pk,
        role=OFFICER,
        key=queries.public_hash(public_key),
        slots=tuple(slot.kind for slot in read),
    )
    accepted(consultation, seat.person)
    return Outcome(made, fact, *settle_policy(actor, consultation, round))


@action(Procurement.OPENING_HOLD, on="consultation")
def record_trial(
    *, actor: Actor, consultation: Consultation, round: int, slot: UUID, expected: bytes, opened: bytes
) -> Outcome[HolderKey]:
    """An officer opened what was sealed to her key, through that slot. Raises Invalid when it is not the value sealed."""
    holder = own_key(actor, consultation, round)
    found = KeySlot.objects.filter(holder=holder, pk=slot).first()
    if found is None:
        raise Missing("no-slot", "This way to your key is no longer there.", "Load the page again.")
    if not hmac.compare_digest(expected, opened):
        raise Invalid(
            "trial-failed",
            "Your key did not open the trial seal; nothing was changed.",
            "Try again; if it fails again, accept anew: it makes a fresh key.",
        )
    holder.tried_at = actor.now()
    holder.save(update_fields=["tried_at"])
    fact = facts.TrialOpened(**about(consultation), round=round, holder=holder.pk, slot_kind=found.kind)
    taken_over = begin_handover(actor, consultation, holder)
    return Outcome(holder, fact, *settle_policy(actor, consultation, round), *taken_over)


@action(Procurement.OPENING_HOLD, on="consultation", step_up=PRESENCE_FOR_OPENING)
def add_slot(*, actor: Actor, consultation: Consultation, round: int, slot: bytes) -> Outcome[KeySlot]:
    """One more way to an officer's own key, made from another one that she still has."""
    holder = own_key(actor, consultation, round)
    read = read_slot(slot)
    if read.holder != holder.pk or KeySlot.objects.filter(pk=read.slot).exists():
        raise Invalid("slot-of-another", "This way opens another key; nothing was changed.", "Start again.")
    if KeySlot.objects.filter(holder=holder).count() >= MOST_SLOTS:
        raise Conflict("slots-full", "Your key has ways enough already.", "Use one of them.")
    made = _keep_slot(actor, holder, read, slot)
    fact = facts.SlotAdded(**about(consultation), round=round, holder=holder.pk, slot_kind=read.kind)
    return Outcome(made, fact)


@action(Procurement.STAFF, on="consultation")
def choose_threshold(
    *, actor: Actor, consultation: Consultation, round: int, threshold: int
) -> Outcome[Consultation]:
    """How many holders are needed. Raises Conflict once the consultation is public, Invalid out of bounds."""
    if queries.is_public(consultation, round):
        raise _fixed()
    officers = len(queries.seats(consultation, round))
    if not 2 <= threshold <= max(2, officers):
        raise Invalid(
            "threshold-out-of-bounds",
            "At least two holders are needed, and at most as many as there are officers (%(officers)d).",
            "Choose a number between the two.",
            params={"officers": officers},
        )
    if officers >= rules.LEAST_OFFICERS:
        Shape(officers + 1, threshold)
    Quorum.objects.update_or_create(
        consultation=consultation,
        round=round,
        defaults={"threshold": threshold, "chosen_at": actor.now()},
    )
    fact = facts.QuorumChosen(**about(consultation), round=round, threshold=threshold)
    return Outcome(consultation, fact, *settle_policy(actor, consultation, round))


@action(Procurement.OPENING_CONDUCT, on="consultation")
def prepare_quorum(*, actor: Actor, consultation: Consultation, round: int) -> Outcome[Consultation]:
    """Asks again for what the platform gives: the custodian's key, the time key, the policy."""
    told = settle_policy(actor, consultation, round)
    left = len(queries.quorum_obstacles(consultation, round))
    fact = facts.QuorumPrepared(**about(consultation), round=round, missing=left)
    return Outcome(consultation, fact, *told)


def arrive(actor: Actor, consultation: Consultation, person: UUID) -> list[Fact]:
    """Inside an action: the person is named to open the bids, and is asked to make her key."""
    if queries.is_public(consultation, FIRST):
        return []
    if queries.own_holder(consultation, FIRST, person) is None:
        ask_to_accept(actor, consultation, person)
    return settle_policy(actor, consultation)


def depart(actor: Actor, consultation: Consultation, person: UUID) -> list[Fact]:
    """Inside an action: the person opens no more on this consultation; her slots are destroyed, in every round.

    Raises Conflict where bids that are sealed could then be opened by nobody.
    """
    accepted(consultation, person)
    told: list[Fact] = []
    for holder in HolderKey.objects.filter(consultation=consultation, person_id=person, left_at=None):
        leave_enough(holder)
        KeySlot.objects.filter(holder=holder).delete()
        holder.left_at = actor.now()
        holder.save(update_fields=["left_at"])
        told.append(facts.HolderLeft(**about(consultation), round=holder.round, holder=holder.pk))
        if not queries.is_public(consultation, holder.round):
            told += settle_policy(actor, consultation, holder.round)
    ask_to_replace(consultation, actor.now())
    return told


@action(Procurement.CUSTODY)
def import_custodian_keys(
    *, actor: Actor, name: str, suite: int, keys: Sequence[Offered], for_recovery: bool
) -> Outcome[int]:
    """Adds public keys to the stock, or sets the key of recovery. Raises Invalid for a key that is none, and for those of
    the platform's operator, who would hold the time key and a holder's.

    Gives how many are new: the same file twice adds nothing.
    """
    if not name.strip():
        raise Invalid("custodian-unnamed", "The custodian has no name.", "Write it in the file.")
    if queries.runs_the_platform(name):
        raise Invalid(
            "custodian-is-the-operator",
            "%(name)s runs the platform: it cannot hold a custodian's key as well. Nothing was imported.",
            "Ask another body to be the custodian: a notary, a management centre, another member.",
            params={"name": name.strip()[:200]},
        )
    new = 0
    for key in keys:
        suites.read_public(suite, key.public_key)
        _, made = CustodianKey.objects.get_or_create(
            public_key=key.public_key,
            defaults={
                "id": key.id,
                "name": name.strip()[:200],
                "suite": suite,
                "for_recovery": for_recovery,
                "imported_at": actor.now(),
            },
        )
        new += made
    subject = Subject("procurement.custodian", keys[0].id)
    fact = facts.CustodianKeysImported(
        subject=subject, count=new, for_recovery=for_recovery, name=name.strip()[:200]
    )
    return Outcome(new, fact)


@action(Procurement.TIME_RECORD, on="time_key", along=("consultation",))
def record_time_key(
    *, actor: Actor, time_key: TimeKey, public_key: bytes, backup: bytes | None, recovery: UUID | None
) -> Outcome[TimeKey]:
    """The time-keeper made the key that the row asks for. Raises Conflict when it was made meanwhile."""
    if time_key.public_key is not None:
        raise Conflict("time-key-made", "This key was made meanwhile.", "Nothing to do.")
    suites.read_public(time_key.suite, public_key)
    time_key.public_key, time_key.made_at = public_key, actor.now()
    time_key.backup, time_key.recovery_id = backup, recovery
    time_key.save()
    consultation = time_key.consultation
    fact = facts.TimeKeyMade(
        **about(consultation),
        round=time_key.round,
        key=queries.public_hash(public_key),
        recovery=recovery,
    )
    return Outcome(time_key, fact)


@action(Procurement.TIME_RECORD, on="time_key", along=("consultation",))
def complete_quorum(*, actor: Actor, time_key: TimeKey) -> Outcome[None]:
    """The time key was the last thing to come: the policy is written. The time-keeper itself writes no policy."""
    consultation = time_key.consultation
    told = settle_policy(actor, consultation, time_key.round)
    left = len(queries.quorum_obstacles(consultation, time_key.round))
    fact = facts.QuorumPrepared(**about(consultation), round=time_key.round, missing=left)
    return Outcome(None, fact, *told)


@action(Procurement.TIME_RECORD, on="time_key", along=("consultation",))
def record_time_backup(*, actor: Actor, time_key: TimeKey, backup: bytes, recovery: UUID) -> Outcome[TimeKey]:
    """A backup for a key that was made before there was a recovery custodian."""
    time_key.backup, time_key.recovery_id = backup, recovery
    time_key.save(update_fields=["backup", "recovery"])
    fact = facts.TimeKeyMade(
        **about(time_key.consultation),
        round=time_key.round,
        key=queries.public_hash(bytes(time_key.public_key or b"")),
        recovery=recovery,
    )
    return Outcome(time_key, fact)


def own_key(actor: Actor, consultation: Consultation, round: int) -> HolderKey:
    """The actor's key of the round. Raises Missing."""
    holder = queries.own_holder(consultation, round, actor.person)
    if holder is None:
        raise Missing(
            "no-key-of-yours",
            "You have no key of this consultation.",
            "Accept first to open its bids, or let another officer act.",
        )
    return holder


def own_person(actor: Actor) -> UUID:
    """Who acts. Raises Denied for a machine: these gestures are a person's."""
    if actor.person is None:
        raise Denied("not-a-person", "This gesture is a person's own.", "Sign in.")
    return actor.person


def _seat_of(actor: Actor, consultation: Consultation, round: int) -> queries.Seat:
    for seat in queries.seats(consultation, round):
        if seat.person == actor.person:
            return seat
    raise Denied("not-an-officer", "The team does not name you to open the bids.", "Ask who keeps the team.")


def _sound_slots(holder: UUID, documents: Sequence[bytes]) -> list[Slot]:
    read = [read_slot(one) for one in documents[: MOST_SLOTS + 1]]
    if any(one.holder != holder for one in read) or len({one.slot for one in read}) != len(read):
        raise Invalid("slot-of-another", "A way to the key belongs to another key.", "Start again.")
    kinds = [one.kind for one in read]
    if RECOVERY not in kinds or len(read) < 2 or len(read) > MOST_SLOTS:
        raise Invalid(
            "slots-too-few",
            "A key needs two ways to it at least, and one of them is the recovery words on paper.",
            "Start again: the page makes both.",
        )
    return read


def _fresh(holder: UUID, public_key: bytes) -> UUID:
    if (
        HolderKey.objects.filter(pk=holder).exists()
        or HolderKey.objects.filter(public_key=public_key).exists()
    ):
        raise Conflict(
            "key-known", "This key is already used; nothing was changed.", "Start again: a fresh one is made."
        )
    return holder


def _keep_slot(actor: Actor, holder: HolderKey, slot: Slot, document: bytes) -> KeySlot:
    return KeySlot.objects.create(
        id=slot.slot, holder=holder, kind=slot.kind, document=document, made_at=actor.now()
    )


def leave_enough(holder: HolderKey) -> None:
    """Raises Conflict where bids that are sealed could be opened by nobody without this holder."""
    consultation, round = holder.consultation, holder.round
    if not queries.is_public(consultation, round) or consultation.state not in life.UNDER_WAY:
        return
    staying = {one.pk for one in queries.holders_of(consultation, round)} - {holder.pk}
    for needed, holders in holding_together(consultation, round):
        if holder.pk in holders and len(staying & holders) < needed:
            raise Conflict(
                "last-keys",
                "Bids are sealed for %(needed)d keys and %(present)d are left: without this one nobody could open them.",
                "Keep this officer until the bids are opened; her words on paper serve in her absence.",
                params={"needed": needed, "present": len(staying & holders) + 1},
            )


def _fixed() -> Conflict:
    return Conflict(
        "officers-fixed",
        "Bids are already sealed for the present officers: they no longer change.",
        "An officer who cannot open is replaced by another one, or by the custodian.",
    )
