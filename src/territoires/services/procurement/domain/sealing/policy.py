"""The policy of a consultation's round: who opens, when, under which limits (TSB1, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from . import documents as doc
from . import refusals, suites
from .sharing import MOST_HOLDERS, Shape

OFFICER, CUSTODIAN = "officer", "custodian"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who keeps pieces; ``key`` is the public key in the suite's form."""

    id: UUID
    role: str
    name: str
    key: bytes


@dataclass(frozen=True, slots=True)
class TimeKey:
    """The time-keeper's key for this consultation and round."""

    id: UUID
    key: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """The only limits of a bid: bytes of one file, bytes of all, number of files. Shown before any upload."""

    file: int
    bid: int
    files: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy. ``previous`` is the hash of the version before it."""

    consultation: UUID
    round: int
    version: int
    suite: int
    threshold: int
    holders: Sequence[Holder]
    time: TimeKey
    deadline: datetime
    envelopes: Sequence[str]
    limits: Limits
    previous: bytes | None

    def __post_init__(self) -> None:
        _ = self.shape
        roles = [holder.role for holder in self.holders]
        if roles != [OFFICER] * (len(roles) - 1) + [CUSTODIAN]:
            raise refusals.policy_refused("officers in order, then one custodian")
        ids = [holder.id for holder in self.holders] + [self.time.id]
        keys = [holder.key for holder in self.holders] + [self.time.key]
        if len(set(ids)) != len(ids) or len(set(keys)) != len(keys):
            raise refusals.policy_refused("the same holder or key twice")
        if len(set(self.envelopes)) != len(self.envelopes):
            raise refusals.policy_refused("the same envelope twice")
        for key in keys:
            suites.read_public(self.suite, key)

    @property
    def shape(self) -> Shape:
        return Shape(len(self.holders), self.threshold)

    def place_of(self, holder: UUID) -> int:
        """The holder's index. Raises Invalid for a stranger."""
        for place, one in enumerate(self.holders):
            if one.id == holder:
                return place
        raise refusals.mismatch("a holder who is not in the policy")

    def written(self) -> bytes:
        return doc.written(
            "policy",
            {
                "consultation": str(self.consultation),
                "round": self.round,
                "version": self.version,
                "suite": self.suite,
                "threshold": self.threshold,
                "holders": [
                    {"id": str(one.id), "role": one.role, "name": one.name, "key": doc.base64url(one.key)}
                    for one in self.holders
                ],
                "time": {"id": str(self.time.id), "key": doc.base64url(self.time.key)},
                "deadline": doc.instant_text(self.deadline),
                "envelopes": list(self.envelopes),
                "limits": {"file": self.limits.file, "bid": self.limits.bid, "files": self.limits.files},
                "previous": self.previous and self.previous.hex(),
            },
        )

    @property
    def hash(self) -> bytes:
        """The policy hash: printed in the rules of the consultation and on the portal, and journalled."""
        return doc.sha256(self.written())


_SHAPE = {
    "consultation": doc.identifier,
    "round": doc.integer(1),
    "version": doc.integer(1),
    "suite": doc.integer(1),
    "threshold": doc.integer(2, MOST_HOLDERS),
    "holders": doc.listed(
        doc.fields(
            {
                "id": doc.identifier,
                "role": doc.one_of(OFFICER, CUSTODIAN),
                "name": doc.text,
                "key": doc.octets,
            }
        ),
        MOST_HOLDERS,
    ),
    "time": doc.fields({"id": doc.identifier, "key": doc.octets}),
    "deadline": doc.instant,
    "envelopes": doc.listed(doc.text, 20),
    "limits": doc.fields({"file": doc.integer(1), "bid": doc.integer(1), "files": doc.integer(1, 10_000)}),
    "previous": doc.optional(doc.digest_hex),
}


def read_policy(data: bytes) -> Policy:
    """The policy of these bytes. Raises Invalid."""
    found: dict[str, Any] = doc.read(data, "policy", _SHAPE)
    return Policy(
        **{
            **found,
            "holders": [Holder(**one) for one in found["holders"]],
            "time": TimeKey(**found["time"]),
            "limits": Limits(**found["limits"]),
        }
    )


def replaced(old: Policy, leaving: UUID, successor: Holder) -> Policy:
    """The next version, where one officer takes another one's place. Raises Invalid for one who is no officer of it."""
    place = old.place_of(leaving)
    if old.holders[place].role != OFFICER:
        raise refusals.mismatch("only an officer is replaced")
    holders = [successor if at == place else one for at, one in enumerate(old.holders)]
    return replace(old, version=old.version + 1, previous=old.hash, holders=holders)


def check_successor(old: Policy, new: Policy, *, release_began: bool) -> None:
    """A new version of the same round. Raises Invalid when it is none, or moves the deadline as it must not."""
    if (new.consultation, new.round, new.version) != (old.consultation, old.round, old.version + 1):
        raise refusals.policy_refused("not the next version of this round")
    if new.previous != old.hash:
        raise refusals.policy_refused("the version before it is another one")
    if release_began:
        raise refusals.policy_refused("the opening has begun")
    if new.deadline < old.deadline:
        raise refusals.policy_refused("a deadline moves only later")


def sealing_for_the_same(history: Sequence[Policy]) -> dict[bytes, Policy]:
    """The versions, by hash, that seal to the keys of the last one: a deadline that moved spares the bidder a new upload.

    ``history`` is in order of versions, and each names the one before it.
    """
    last = history[-1]
    return {
        one.hash: one
        for one in history
        if (one.suite, one.threshold, one.holders, one.time)
        == (last.suite, last.threshold, last.holders, last.time)
    }


def openable(history: Sequence[Policy]) -> dict[bytes, Policy]:
    """The versions, by hash, whose blocks still open: those under the last one's time key, whoever holds the pieces.

    What was received before an officer was replaced is opened by who held it, or handed over (section 9).
    """
    last = history[-1]
    return {
        one.hash: one
        for one in history
        if (one.suite, one.threshold, one.time) == (last.suite, last.threshold, last.time)
    }


def reached(last: Policy, versions: Iterable[Policy]) -> dict[bytes, Policy]:
    """The versions, by hash, that the last one leads to by ``previous``: its printed hash holds them all."""
    known, found = {one.hash: one for one in versions}, {last.hash: last}
    at = last.previous
    while at in known and at not in found:
        found[at] = known[at]
        at = known[at].previous
    return found
