"""A rehearsal: the real path of a deposit, without an account, in a room whose keys nobody holds."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from territoires.contracts import procurement_bids as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain.sealing import suites
from ..domain.sealing.policy import CUSTODIAN, OFFICER, Holder, Limits, Policy, TimeKey
from ..models import BidDraft, Rehearsal, SealedBlock, StoredChunk, chunk_store
from ..permissions import Procurement

LIVES = timedelta(hours=24)
LASTS = timedelta(hours=2)
LIMITS = Limits(file=200_000_000, bid=400_000_000, files=50)
SUITE, HOLDERS, THRESHOLD = 1, 3, 2


@action(Procurement.REHEARSE)
def start_rehearsal(*, actor: Actor) -> Outcome[tuple[UUID, str]]:
    """Opens a room for a day; answers its id and the secret of its address, which is kept nowhere else."""
    secret = secrets.token_urlsafe(32)
    now = actor.now()
    draft = BidDraft(started_at=now)
    draft.save(force_insert=True)
    deadline = (now + LASTS).replace(microsecond=0)
    policy = _policy(draft.pk, deadline)
    Rehearsal(
        draft=draft,
        bidder=new_id(),
        lot=new_id(),
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest(),
        policy=policy.written(),
        deadline_at=deadline,
        expires_at=now + LIVES,
    ).save(force_insert=True)
    return Outcome((draft.pk, secret), facts.RehearsalStarted(subject=draft.subject))


def clear_rehearsals(actor: Actor) -> int:
    """Destroys the rooms past their day, with what was sent there; answers how many."""
    gone = list(Rehearsal.objects.filter(expires_at__lt=actor.now()).values_list("draft", flat=True)[:200])
    if not gone:
        return 0
    stored = StoredChunk.objects.filter(file__block__draft__in=gone)
    objects = list(stored.values_list("file__block__draft", "file", "index", "leaf"))
    destroy_rooms(actor=actor, rooms=gone)
    for draft, file, index, leaf in objects:
        chunk_store.delete_object(draft, file, index, leaf)
    return len(gone)


@action(Procurement.BID_KEEP)
def destroy_rooms(*, actor: Actor, rooms: list[UUID]) -> Outcome[int]:
    """Forgets these rooms: what the database knows of them, but for the upload log."""
    SealedBlock.objects.filter(draft__in=rooms).delete()
    BidDraft.objects.filter(pk__in=rooms, consultation=None).delete()
    cleared = facts.RehearsalCleared(subject=Subject("procurement.rehearsal", rooms[0]), rooms=len(rooms))
    return Outcome(len(rooms), cleared)


def _policy(room: UUID, deadline: Any) -> Policy:
    """A policy of the usual shape. The private keys are forgotten here: nothing sealed for it is ever opened."""
    roles = [OFFICER] * (HOLDERS - 1) + [CUSTODIAN]
    return Policy(
        consultation=room,
        round=1,
        version=1,
        suite=SUITE,
        threshold=THRESHOLD,
        holders=[
            Holder(uuid4(), role, f"Essai {place}", _public_key())
            for place, role in enumerate(roles, start=1)
        ],
        time=TimeKey(uuid4(), _public_key()),
        deadline=deadline,
        envelopes=["candidature", "tender"],
        limits=LIMITS,
        previous=None,
    )


def _public_key() -> bytes:
    suite = suites.suite(SUITE)
    return suite.public_bytes(suite.generate())
