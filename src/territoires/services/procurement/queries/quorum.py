"""Who opens the bids of a consultation, and whether they are ready."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from territoires.foundations.identity import api as identity
from territoires.kernel.text import fold

from ..domain import quorum as rules
from ..domain.findings import Finding, msgid
from ..domain.sealing.policy import CUSTODIAN, OFFICER, Holder, Policy, TimeKey, read_policy
from ..models import (
    Consultation,
    CustodianKey,
    HolderKey,
    KeySlot,
    Member,
    NegotiationRound,
    OpeningOrder,
    PolicyVersion,
    Quorum,
    TeamRole,
)
from ..models import TimeKey as TimeKeyRow
from .rounds import FIRST, deadline_of, has_two_stages


@dataclass(frozen=True, slots=True)
class Seat:
    """An officer whom the team names, and her key once she accepted."""

    person: UUID
    name: str
    holder: HolderKey | None


def seats(consultation: Consultation, round: int = FIRST) -> list[Seat]:
    """Those whom the team names to open the bids, in the order in which they joined."""
    accepted = {key.person_id: key for key in holders_of(consultation, round) if key.role == OFFICER}
    members = (
        Member.objects.filter(consultation=consultation, role=TeamRole.OPEN)
        .select_related("person")
        .order_by("pk")
    )
    return [
        Seat(member.person_id, member.person.display_name, accepted.get(member.person_id))
        for member in members
    ]


def holders_of(consultation: Consultation, round: int) -> list[HolderKey]:
    """Those who have a key of the round and did not leave."""
    return list(HolderKey.objects.filter(consultation=consultation, round=round, left_at=None))


def policy_holders(consultation: Consultation, round: int) -> list[HolderKey]:
    """Those whom bids are sealed for now, in the policy's order; some may have left."""
    present = current_policy(consultation, round)
    if present is None:
        return []
    ids = [one.id for one in read_policy(bytes(present.document)).holders]
    rows = HolderKey.objects.in_bulk(ids)
    return [rows[one] for one in ids if one in rows]


def present_holders(consultation: Consultation, round: int) -> list[HolderKey]:
    """Those of them who did not leave."""
    return [one for one in policy_holders(consultation, round) if one.left_at is None]


def custodian_of(consultation: Consultation, round: int = FIRST) -> HolderKey | None:
    return HolderKey.objects.filter(
        consultation=consultation, round=round, role=CUSTODIAN, left_at=None
    ).first()


def own_holder(consultation: Consultation, round: int, person: UUID | None) -> HolderKey | None:
    """The person's key of the round."""
    if person is None:
        return None
    return HolderKey.objects.filter(
        consultation=consultation, round=round, person_id=person, role=OFFICER, left_at=None
    ).first()


def slots_of(holder: HolderKey) -> list[KeySlot]:
    return list(KeySlot.objects.filter(holder=holder))


def time_key_of(consultation: Consultation, round: int = FIRST) -> TimeKeyRow | None:
    return TimeKeyRow.objects.filter(consultation=consultation, round=round).first()


def free_custodian_key(consultation: Consultation) -> CustodianKey | None:
    """The next public key of the stock that may serve the consultation, locked for the one who draws it.

    A custodian is neither the buyer nor the platform's operator: names are compared, without case nor accents.
    """
    buyer = fold(consultation.organisation.name)
    names = _stock().values_list("name", flat=True).distinct().order_by()
    apart = [one for one in names if fold(one) != buyer and not runs_the_platform(one)]
    stock = _stock().filter(name__in=apart).select_for_update(skip_locked=True)
    return stock.order_by("imported_at", "id").first()


def custodian_stock() -> int:
    """How many consultations the custodian's stock still serves."""
    return _stock().count()


def _stock() -> QuerySet[CustodianKey]:
    return CustodianKey.objects.filter(drawn_at=None, for_recovery=False)


def runs_the_platform(name: str) -> bool:
    """Whether that is the name of the platform's operator."""
    operator = identity.operator()
    return operator is not None and fold(operator.name) == fold(name)


def recovery_key() -> CustodianKey | None:
    """What the time-keeper's backups are sealed to: the last one imported."""
    return CustodianKey.objects.filter(for_recovery=True).order_by("-imported_at").first()


def threshold_of(consultation: Consultation, round: int = FIRST) -> int:
    """How many holders open: what bids were sealed for, else what the body chose, else what is proposed."""
    present = current_policy(consultation, round)
    if present is not None and is_public(consultation, round):
        return read_policy(bytes(present.document)).threshold
    chosen = Quorum.objects.filter(consultation=consultation, round=round).first()
    return chosen.threshold if chosen else rules.proposed_threshold(len(seats(consultation, round)))


def versions_of(consultation: Consultation, round: int = FIRST) -> list[PolicyVersion]:
    """The versions of the policy of a round, in order."""
    return list(PolicyVersion.objects.filter(consultation=consultation, round=round))


def current_policy(consultation: Consultation, round: int = FIRST) -> PolicyVersion | None:
    """The version that bids are sealed for now; None while the officers are not ready."""
    return PolicyVersion.objects.filter(consultation=consultation, round=round).order_by("-version").first()


def policy_history(consultation: Consultation, round: int) -> list[Policy]:
    """The versions as TSB1 reads them, in order."""
    return [read_policy(bytes(one.document)) for one in versions_of(consultation, round)]


def is_public(consultation: Consultation, round: int) -> bool:
    """Whether enterprises may have sealed for the round's policy: from then on a change is a new version."""
    if round == FIRST:
        return consultation.published_at is not None
    return NegotiationRound.objects.filter(
        consultation=consultation, round=round, invited_at__isnull=False
    ).exists()


def opening_began(consultation: Consultation, round: int) -> bool:
    """Whether an order of the round exists: no version follows it."""
    return OpeningOrder.objects.filter(
        consultation=consultation, round=round, document__isnull=False
    ).exists()


def drafted_policy(
    consultation: Consultation, round: int, *, version: int, previous: bytes | None
) -> Policy | None:
    """The policy that the present officers, threshold and deadline make; None while something is missing.

    Raises Invalid for a threshold that cannot protect.
    """
    places, custodian = seats(consultation, round), custodian_of(consultation, round)
    time, deadline = time_key_of(consultation, round), deadline_of(consultation, round)
    keys = [seat.holder for seat in places]
    if len(keys) < rules.LEAST_OFFICERS or custodian is None or deadline is None:
        return None
    if time is None or time.public_key is None or any(key is None for key in keys):
        return None
    holders = [key for key in (*keys, custodian) if key is not None]
    return Policy(
        consultation=consultation.pk,
        round=round,
        version=version,
        suite=rules.SUITE,
        threshold=threshold_of(consultation, round),
        holders=[Holder(one.pk, one.role, one.name, bytes(one.public_key)) for one in holders],
        time=TimeKey(time.pk, bytes(time.public_key)),
        deadline=whole_seconds(deadline),
        envelopes=rules.envelopes_of(round, has_two_stages=has_two_stages(consultation)),
        limits=rules.LIMITS,
        previous=previous,
    )


def whole_seconds(instant: datetime) -> datetime:
    """A policy counts in seconds."""
    return instant.replace(microsecond=0)


def quorum_obstacles(consultation: Consultation, round: int = FIRST) -> list[Finding]:
    """What is missing before bids can be sealed to the opening officers; empty when they are ready."""
    places = seats(consultation, round)
    found = [*_officer_obstacles(places), *_threshold_obstacles(consultation, round, places)]
    if custodian_of(consultation, round) is None:
        found.append(
            rules.missing(
                "custodian-missing",
                msgid(
                    "No custodian's key was drawn for this consultation: the third key, kept outside of your body."
                ),
                msgid(
                    "Prepare the keys again. If it lasts, the stock holds no key of a custodian other than your body: call the platform's operator."
                ),
            )
        )
    time = time_key_of(consultation, round)
    if time is None or time.public_key is None:
        found.append(
            rules.missing(
                "time-key-missing",
                msgid("The time-keeper has not made the key that keeps the bids closed until the deadline."),
                msgid("It takes some seconds: look again. If it lasts, call the platform's operator."),
            )
        )
    elif time.backup is None and not settings.ENVIRONMENT.is_demonstration:
        found.append(
            rules.missing(
                "time-key-without-backup",
                msgid("The time-keeper's key has no backup: a lost machine would lose the bids."),
                msgid("The platform's operator must import the recovery custodian's key first."),
            )
        )
    if deadline_of(consultation, round) is None:
        found.append(
            rules.missing(
                "deadline-missing",
                msgid("There is no deadline for the bids."),
                msgid("Write it in the calendar."),
            )
        )
    if not found and not _is_written(consultation, round):
        found.append(
            rules.missing(
                "policy-outdated",
                msgid("The opening rules are not written for the present officers and deadline."),
                msgid("Prepare the keys again."),
            )
        )
    return found


def _is_written(consultation: Consultation, round: int) -> bool:
    """Whether the present version of the policy is what the present officers, threshold and deadline make."""
    present = current_policy(consultation, round)
    if present is None or is_public(consultation, round):
        return present is not None
    drafted = drafted_policy(consultation, round, version=1, previous=None)
    return drafted is not None and drafted.hash.hex() == present.sha256


def _officer_obstacles(places: Sequence[Seat]) -> list[Finding]:
    found = []
    if len(places) < rules.LEAST_OFFICERS:
        found.append(
            rules.missing(
                "officers-too-few",
                msgid(
                    "Named to open the bids: %(count)d. Two at least are needed, so that nobody opens alone."
                ),
                msgid(
                    "Name them in the team, with the role “opens the bids”: an agent and the mayor, for instance."
                ),
                count=len(places),
            )
        )
    if len(places) > rules.MOST_OFFICERS:
        found.append(
            rules.missing(
                "officers-too-many",
                msgid("%(count)d people are named to open the bids; %(most)d is the most."),
                msgid("Take some off the team."),
                count=len(places),
                most=rules.MOST_OFFICERS,
            )
        )
    for seat in places:
        if seat.holder is None:
            found.append(
                rules.missing(
                    "officer-not-ready",
                    msgid("%(name)s has not accepted to open the bids yet."),
                    msgid("This is done from their own computer, which makes the key and tries it."),
                    about=str(seat.person),
                    name=seat.name,
                )
            )
        elif seat.holder.tried_at is None:
            found.append(
                rules.missing(
                    "officer-without-trial",
                    msgid("%(name)s has not made her trial opening yet."),
                    msgid("It takes a minute, from the page of the consultation's officers."),
                    about=str(seat.person),
                    name=seat.name,
                )
            )
    return found


def _threshold_obstacles(consultation: Consultation, round: int, places: Sequence[Seat]) -> list[Finding]:
    threshold = threshold_of(consultation, round)
    if len(places) < rules.LEAST_OFFICERS or threshold <= len(places):
        return []
    return [
        rules.missing(
            "threshold-too-high",
            msgid(
                "%(threshold)d holders are asked for, and %(count)d officers are named: the custodian would always be needed."
            ),
            msgid("Lower the number, or name more officers."),
            threshold=threshold,
            count=len(places),
        )
    ]


def public_hash(key: bytes) -> str:
    """The SHA-256 of a public key, as the journal names it."""
    return hashlib.sha256(key).hexdigest()
