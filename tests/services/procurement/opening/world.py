"""A consultation whose bids wait for their officers: keys as a browser makes them, a custodian, a time-keeper, bidders."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from territoires.foundations.documents.antivirus import Antivirus
from territoires.kernel.actor import Actor, Assurance, system_actor
from territoires.kernel.clock import Clock, fixed_clock
from territoires.services.procurement.actions import holders, opening, staffing
from territoires.services.procurement.domain.quorum import SUITE
from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import opening as rules
from territoires.services.procurement.domain.sealing import suites
from territoires.services.procurement.domain.sealing.slots import PASSPHRASE, RECOVERY, Slot
from territoires.services.procurement.jobs.opener import Opener
from territoires.services.procurement.jobs.time_keeper import TimeKeeper
from territoires.services.procurement.models import Consultation, HolderRelease, OpeningOrder
from territoires.services.procurement.queries import opening as queries
from territoires.services.procurement.queries import quorum
from territoires.services.procurement.queries.time_vault import TimeVault
from tests.services.procurement.bids.conftest import Bidding, begin, make_bidder, make_enterprise
from tests.services.procurement.conftest import make_actor, make_consultation, make_person, rows

# Real time-stamps tell the real hour: the deadline of these consultations has passed for them too.
DEADLINE = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
BEFORE, AFTER = DEADLINE - timedelta(days=2), DEADLINE + timedelta(hours=1)
PLAIN = b"%PDF-1.4 offre"


def present(actor: Actor, at: datetime = AFTER) -> Actor:
    """The same person, who has just confirmed that it is she."""
    return replace(actor, assurance=Assurance(2, ("passkey",), at), clock=fixed_clock(at))


@dataclass
class Officer:
    """An agent and the key that her browser made."""

    actor: Actor
    key: suites.PrivateKey = field(default_factory=lambda: suites.suite(SUITE).generate())
    holder: UUID = field(default_factory=uuid4)

    @property
    def public(self) -> bytes:
        return suites.suite(SUITE).public_bytes(self.key)

    def slots(self, *kinds: str) -> list[bytes]:
        """Slots as the platform sees them: it cannot tell what is in."""
        return [
            Slot(self.holder, uuid4(), kind, os.urandom(16), None, os.urandom(150)).written()
            for kind in kinds or (PASSPHRASE, RECOVERY)
        ]

    def accept(self, consultation: Consultation, round: int = 1, **changed: Any) -> Any:
        given = {"holder": self.holder, "public_key": self.public, "slots": self.slots()} | changed
        return holders.accept_holder(
            actor=present(self.actor, BEFORE), consultation=consultation, round=round, **given
        )

    def try_key(self, consultation: Consultation, round: int = 1, *, opened: bytes = b"value") -> Any:
        made = quorum.own_holder(consultation, round, self.actor.person)
        assert made is not None
        return holders.record_trial(
            actor=present(self.actor, BEFORE),
            consultation=consultation,
            round=round,
            slot=quorum.slots_of(made)[0].pk,
            expected=hashlib.sha256(b"value").digest(),
            opened=hashlib.sha256(opened).digest(),
        )

    def release(self, order: OpeningOrder, *, spoilt: bool = False) -> bytes:
        """What her browser makes; ``spoilt``: of other pieces than those that were sealed."""
        return release_of(order, self.holder, self.key, spoilt=spoilt)

    def give(self, order: OpeningOrder, *, spoilt: bool = False) -> HolderRelease:
        order.refresh_from_db()
        return opening.release_pieces(
            actor=present(self.actor),
            consultation=order.consultation,
            order=order.pk,
            document=self.release(order, spoilt=spoilt),
        )


def release_of(order: OpeningOrder, holder: UUID, key: suites.PrivateKey, *, spoilt: bool = False) -> bytes:
    papers = queries.papers_of(order)
    secrets: list[tuple[blocks.Block, Sequence[bytes]]] = []
    for block in papers.blocks:
        pieces = list(blocks.unwrap_pieces(papers.policy_of(block), block, holder, key).values())
        secrets.append((block, [os.urandom(32) for _ in pieces] if spoilt else pieces))
    return rules.release(papers.order, papers.policy.suite, holder, secrets).written()


@dataclass
class World:
    """``officers`` are on the team, in order; ``custodian`` holds private keys by holder id."""

    secretary: Actor
    consultation: Consultation
    officers: list[Officer]
    vault: TimeVault
    custodian: dict[UUID, suites.PrivateKey]
    recovery: suites.PrivateKey
    judge: Antivirus | None = None
    clock: Clock = field(default_factory=lambda: fixed_clock(AFTER))
    opener: Opener = field(init=False)
    bids: list[Bidding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.opener = Opener(self.judge)

    @property
    def keeper(self) -> TimeKeeper:
        return TimeKeeper(self.vault, self.clock)

    def ready(self, round: int = 1) -> World:
        """All accept and try, with fresh keys for each round; the time-keeper makes its own; the policy is written."""
        if round > 1:
            self.officers = [Officer(one.actor) for one in self.officers]
        for officer in self.officers:
            officer.accept(self.consultation, round)
            officer.try_key(self.consultation, round)
        self.keeper.work_once()
        self.opener.work_once()
        assert quorum.quorum_obstacles(self.consultation, round) == []
        return self

    def published(self) -> World:
        return self._in_state("published", published_at=BEFORE - timedelta(days=20), publication_version=1)

    def closed(self) -> World:
        return self._in_state("closed", closed_at=DEADLINE)

    def _in_state(self, state: str, **fields: Any) -> World:
        found = rows("t_procurement.Consultation").filter(pk=self.consultation.pk)
        found.update(state=state, **fields)
        self.consultation.refresh_from_db()
        return self

    def bidder(self, number: int = 0, *, at: datetime = BEFORE) -> Bidding:
        siret = ("99999006200012", "99999007000015", "99999008800017", "99999009600010")[number]
        known = rows("identity.Organisation").filter(siret=siret).first()
        enterprise = known or make_enterprise(siret, f"Travaux Modèle {number + 1}")
        made = begin(make_bidder(enterprise, name=f"Manon {number}", at=at), self.consultation)
        self.bids.append(made)
        return made

    def bid(
        self,
        number: int = 0,
        files: Sequence[tuple[str, bytes]] = (("offre.pdf", PLAIN),),
        envelopes: Sequence[str] = ("candidature", "tender"),
    ) -> Any:
        """A whole deposit: for the first lot, the same files in each envelope."""
        bidding, lot = self.bidder(number), self.lot
        for envelope in envelopes:
            block = bidding.block(lot, envelope)
            for name, content in files:
                bidding.send(block, f"{envelope}-{name}", content)
        return bidding.deposit()

    @property
    def lot(self) -> UUID:
        return rows("t_procurement.Lot").filter(consultation=self.consultation).order_by("number").first().pk

    def ask(self, envelope: str = "tender", at: datetime = AFTER, round: int = 1) -> OpeningOrder:
        made = opening.ask_opening(
            actor=present(self.secretary, at), consultation=self.consultation, round=round, envelope=envelope
        )
        self.opener.work_once()
        made.refresh_from_db()
        return made

    def open(
        self, envelope: str = "tender", by: Sequence[int] = (0, 1), *, at: datetime = AFTER, round: int = 1
    ) -> OpeningOrder:
        """A whole session: order, time, the parts of some officers, the opening."""
        self.clock = fixed_clock(at)
        order = self.ask(envelope, at, round)
        self.keeper.work_once()
        for number in by:
            self.officers[number].give(order)
        self.opener.work_once()
        order.refresh_from_db()
        self.consultation.refresh_from_db()
        return order

    def custodian_release(self, order: OpeningOrder) -> bytes:
        holder = next(one for one in queries.holders_in(order) if one.role == "custodian")
        return release_of(order, holder.pk, self.custodian[holder.pk])


def make_world(
    body: Any,
    folder: Path,
    *,
    officers: int = 2,
    judge: Antivirus | None = None,
    secretary: Actor | None = None,
    **values: Any,
) -> World:
    """A validated consultation with its officers named, a custodian's stock of three keys, and a recovery key."""
    secretary = secretary or make_actor(body)
    consultation = make_consultation(secretary, "validated", **values)
    rows("t_procurement.Consultation").filter(pk=consultation.pk).update(tenders_until=DEADLINE)
    consultation.refresh_from_db()
    custodian = stock(3)
    recovery = next(iter(stock(1, for_recovery=True).values()))
    people = [secretary]
    for number in range(officers - 1):
        people.append(make_actor(body, "executive", person=make_person(body, f"Officier {number + 2}")))
    for one in people:
        staffing.join_team(actor=secretary, consultation=consultation, person=one.person, role="open")
    consultation.refresh_from_db()
    made = [Officer(one) for one in people]
    return World(secretary, consultation, made, TimeVault(folder / "timekeeper"), custodian, recovery, judge)


def stock(
    count: int, *, for_recovery: bool = False, name: str = "Gardien d'Essai"
) -> dict[UUID, suites.PrivateKey]:
    """A custodian's keys: imported, and the private halves as the custodian keeps them."""
    keys = {uuid4(): suites.suite(SUITE).generate() for _ in range(count)}
    holders.import_custodian_keys(
        actor=system_actor("custodian"),
        name=name,
        suite=SUITE,
        keys=[holders.Offered(key, suites.suite(SUITE).public_bytes(one)) for key, one in keys.items()],
        for_recovery=for_recovery,
    )
    return keys
