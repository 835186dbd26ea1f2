"""The policy of a round, written as soon as everything is there, and again when the deadline moves."""

from __future__ import annotations

from dataclasses import replace

from territoires.contracts import procurement_opening as facts
from territoires.kernel.actor import Actor
from territoires.kernel.fact import Fact

from ..domain import quorum as rules
from ..domain.sealing.policy import CUSTODIAN, Holder, Policy, check_successor, read_policy, replaced
from ..models import Consultation, HolderKey, PolicyVersion
from ..models import TimeKey as TimeKeyRow
from ..queries import quorum as queries
from ..queries.rounds import FIRST, deadline_of
from .moving import about
from .next_step import wait_for_next_step


def settle_policy(actor: Actor, consultation: Consultation, round: int = FIRST) -> list[Fact]:
    """Inside an action: draws the custodian's key, asks for the time key, writes the policy once all is there.

    To be called whenever officers, threshold or deadline change; it does nothing twice. Raises Invalid when a public
    policy would change otherwise than by a later deadline.
    """
    Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    if queries.is_public(consultation, round):
        return _moved_deadline(actor, consultation, round)
    told = [*_drawn_custodian(actor, consultation, round), *_written(actor, consultation, round)]
    if round > FIRST:
        wait_for_next_step(consultation, actor)
    return told


def _drawn_custodian(actor: Actor, consultation: Consultation, round: int) -> list[Fact]:
    TimeKeyRow.objects.get_or_create(
        consultation=consultation,
        round=round,
        defaults={"suite": rules.SUITE, "asked_at": actor.now()},
    )
    if queries.custodian_of(consultation, round) is not None:
        return []
    drawn = queries.free_custodian_key(consultation)
    if drawn is None:
        return []
    drawn.drawn_at = actor.now()
    drawn.save(update_fields=["drawn_at"])
    HolderKey.objects.create(
        id=drawn.pk,
        consultation=consultation,
        round=round,
        role=CUSTODIAN,
        name=drawn.name,
        suite=drawn.suite,
        public_key=drawn.public_key,
        accepted_at=actor.now(),
        tried_at=actor.now(),
    )
    return [
        facts.HolderAccepted(
            **about(consultation),
            round=round,
            holder=drawn.pk,
            role=CUSTODIAN,
            key=queries.public_hash(bytes(drawn.public_key)),
        )
    ]


def _written(actor: Actor, consultation: Consultation, round: int) -> list[Fact]:
    """Before the publication nobody sealed for it: what changes replaces the first version."""
    drafted = queries.drafted_policy(consultation, round, version=1, previous=None)
    present = queries.current_policy(consultation, round)
    if drafted is None:
        PolicyVersion.objects.filter(consultation=consultation, round=round).delete()
        return []
    if present is not None and present.sha256 == drafted.hash.hex():
        return []
    PolicyVersion.objects.filter(consultation=consultation, round=round).delete()
    return [_keep(actor, consultation, drafted)]


def _moved_deadline(actor: Actor, consultation: Consultation, round: int) -> list[Fact]:
    present, deadline = queries.current_policy(consultation, round), deadline_of(consultation, round)
    if present is None or deadline is None:
        return []
    old = read_policy(bytes(present.document))
    if old.deadline == queries.whole_seconds(deadline):
        return []
    new = replace(old, version=old.version + 1, previous=old.hash, deadline=queries.whole_seconds(deadline))
    check_successor(old, new, release_began=queries.opening_began(consultation, round))
    return [_keep(actor, consultation, new)]


def name_successor(
    actor: Actor, consultation: Consultation, leaving: HolderKey, key: HolderKey
) -> tuple[PolicyVersion, facts.PolicyWritten]:
    """Inside an action: the next version of a public policy, where ``key`` stands in the place of ``leaving``.

    Raises Invalid once an opening has begun.
    """
    Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    present = queries.current_policy(consultation, key.round)
    assert present is not None
    old = read_policy(bytes(present.document))
    new = replaced(old, leaving.pk, Holder(key.pk, key.role, key.name, bytes(key.public_key)))
    check_successor(old, new, release_began=queries.opening_began(consultation, key.round))
    fact = _keep(actor, consultation, new)
    made = queries.current_policy(consultation, key.round)
    assert made is not None
    return made, fact


def _keep(actor: Actor, consultation: Consultation, policy: Policy) -> facts.PolicyWritten:
    PolicyVersion.objects.create(
        consultation=consultation,
        round=policy.round,
        version=policy.version,
        document=policy.written(),
        sha256=policy.hash.hex(),
        deadline_at=policy.deadline,
        made_at=actor.now(),
    )
    return facts.PolicyWritten(
        **about(consultation),
        round=policy.round,
        number=policy.version,
        policy=policy.hash.hex(),
        deadline=policy.deadline,
        threshold=policy.threshold,
        holders=len(policy.holders),
    )
