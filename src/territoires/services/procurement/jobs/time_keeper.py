"""The time-keeper: makes the time key of each round, and gives the time secrets of an order after the deadline, never before;
destroys a key whose end the buyer ordered.

A process of its own, with its own database role and its own keys at rest (``queries.time_vault``). It believes no state of
the platform: it reads the policy's deadline, asks a time-stamp, and compares each listed block with the deposits in time.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from datetime import datetime

from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import Clock, system_clock
from territoires.kernel.errors import Conflict, Corrupt, Invalid, Missing, Unavailable

from ..actions import destroying, holders, opening
from ..domain.findings import msgid
from ..domain.said import kept
from ..domain.sealing import block as blocks
from ..domain.sealing import opening as rules
from ..domain.sealing import suites
from ..models import OpeningOrder, TimeKey
from ..queries import opening as queries
from ..queries.quorum import current_policy, recovery_key
from ..queries.time_vault import TimeVault, time_vault
from .alone import keep_working

NAME = "timekeeper"

log = logging.getLogger(__name__)


class Refused(Exception):
    """The time-keeper gives nothing: a code for the journal, a sentence for the minutes."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code, self.sentence = code, sentence
        super().__init__(sentence)


class TimeKeeper:
    """One look at what asks. ``clock`` is its own; ``vault`` holds its private keys."""

    def __init__(self, vault: TimeVault | None = None, clock: Clock = system_clock) -> None:
        self.vault = vault or time_vault()
        self.clock = clock

    def work_once(self) -> None:
        for asked in queries.time_keys_asked():
            self._make(asked)
        if recovery_key() is not None:
            for made in queries.time_keys_without_backup():
                self._back_up(made)
        for order in queries.awaiting_time():
            self._answer(order)
        for ended in queries.time_keys_to_destroy():
            self.vault.destroy(ended.pk)
            destroying.record_time_key_destroyed(actor=self._actor(ended), time_key=ended)

    def _make(self, asked: TimeKey) -> None:
        """The private key is durable before its public half is known: a kill between the two loses nothing."""
        if not self.vault.holds(asked.pk):
            self.vault.keep(asked.pk, suites.suite(asked.suite).generate())
        private, recovery = self.vault.private(asked.pk, asked.suite), recovery_key()
        holders.record_time_key(
            actor=self._actor(asked),
            time_key=asked,
            public_key=suites.suite(asked.suite).public_bytes(private),
            backup=self._sealed(asked) if recovery else None,
            recovery=recovery.pk if recovery else None,
        )

    def _back_up(self, made: TimeKey) -> None:
        recovery = recovery_key()
        if recovery is not None and self.vault.holds(made.pk):
            holders.record_time_backup(
                actor=self._actor(made), time_key=made, backup=self._sealed(made), recovery=recovery.pk
            )

    def _sealed(self, key: TimeKey) -> bytes:
        recovery = recovery_key()
        assert recovery is not None
        return self.vault.backup(key.pk, key.suite, bytes(recovery.public_key))

    def _answer(self, order: OpeningOrder) -> None:
        actor = system_actor(NAME, organisation=order.consultation.organisation_id)
        try:
            document, token, at, clock_at = self._released(order)
        except Refused as refusal:
            log.error("timekeeper: refused to open %s: %s", order.pk, refusal.code)
            opening.record_time_refusal(
                actor=actor, order=order, code=refusal.code, sentence=kept(refusal.sentence)
            )
        except Unavailable:
            log.exception("timekeeper: no time-stamp for %s; asked again", order.pk)
        except (Missing, Corrupt):
            log.exception("timekeeper: the key of %s is not here; restore it from its backup", order.pk)
        else:
            opening.record_time_release(
                actor=actor, order=order, document=document, token=token, stamped_at=at, clock_at=clock_at
            )

    def _released(self, order: OpeningOrder) -> tuple[bytes, bytes, datetime, datetime]:
        """The release, its time-stamp, that instant and its own clock's. Raises Refused, Unavailable without a time-stamp."""
        papers = self._papers(order)
        deadline = papers.policy.deadline
        clock_at = self.clock()
        if clock_at <= deadline:
            raise Refused("too-early", msgid("The deadline has not passed by the time-keeper's own clock."))
        token, at = stamped(papers.order.hash)
        if at <= deadline:
            raise Refused("too-early-stamp", msgid("The time-stamp is not later than the deadline."))
        self._check_listed(order, papers)
        policy = papers.policy
        private = self.vault.private(policy.time.id, policy.suite)
        secrets = [
            (block, [blocks.unwrap_time(papers.policy_of(block), block, private)]) for block in papers.blocks
        ]
        release = rules.release(papers.order, policy.suite, policy.time.id, secrets)
        return release.written(), token, at, clock_at

    def _papers(self, order: OpeningOrder) -> queries.Papers:
        try:
            papers = queries.papers_of(order)
            rules.check_order(papers.order, papers.policy, self.clock())
        except Conflict:
            raise Refused(
                "too-early", msgid("The deadline has not passed by the time-keeper's own clock.")
            ) from None
        except Invalid:
            raise Refused(
                "order-altered", msgid("The order does not fit the policy and the blocks.")
            ) from None
        last = current_policy(order.consultation, order.round)
        if last is None or last.sha256 != papers.policy.hash.hex():
            raise Refused(
                "policy-superseded", msgid("The order names a policy that is no longer the last one.")
            )
        return papers

    def _check_listed(self, order: OpeningOrder, papers: queries.Papers) -> None:
        """Only blocks of deposits that count and are not open yet: the database is asked anew."""
        may_open = {
            bytes.fromhex(one.deposit.root): {block.pk for block in one.blocks}
            for one in queries.openable(order.consultation, order.round, order.envelope)
        }
        for bid in papers.order.bids:
            listed = {one.block for one in bid.blocks}
            if not listed <= may_open.get(bid.root, set()):
                raise Refused("not-to-be-opened", msgid("The order lists a bid that is not to be opened."))

    def _actor(self, key: TimeKey) -> Actor:
        return system_actor(NAME, organisation=key.consultation.organisation_id)


def stamped(imprint: bytes) -> tuple[bytes, datetime]:
    """A time-stamp over an order's hash: the outside authority's where one is configured, else our own, and its instant.

    Raises Unavailable.
    """
    digest = hashlib.sha256(imprint).digest()
    outside = trust.outside_time_stamp(digest)
    token = outside or trust.time_stamp(digest)
    try:
        return token, trust.token_checker(outside=outside is not None).time_of(token, digest)
    except trust.TokenRefused as fault:
        raise Unavailable(
            "time-stamp-refused",
            "The time-stamp of the opening does not hold: %(reason)s",
            "Check the time-stamping authority.",
            params={"reason": str(fault)},
        ) from fault


def run_time_keeper(stop: threading.Event) -> None:
    """Answers what asks until ``stop``; one in the whole installation."""
    keep_working("procurement.timekeeper", TimeKeeper().work_once, stop)
