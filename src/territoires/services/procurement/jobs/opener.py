"""The opening worker: it alone holds a session's key, in its memory; it deciphers once the quorum and the time are there.

A process of its own. Killed at any step it leaves what was: sealed bids, and a session that the next worker declares lost.
Clear bytes are a draft of the documents foundation until the antivirus has judged them: nobody can read a draft, and one
that is infected is dropped; so are, by the next worker, those that a killed one left.
"""

from __future__ import annotations

import ctypes
import logging
import resource
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict, Invalid, TerritoiresError, Unavailable

from ..actions import holders, opening
from ..actions.writing_minutes import record_minutes
from ..domain import opened, session
from ..domain.findings import msgid
from ..domain.quorum import SUITE
from ..domain.said import kept, kept_refusal
from ..domain.sealing import opening as rules
from ..domain.sealing import suites
from ..domain.sealing.block import Block
from ..domain.sealing.files import FileEntry, Header
from ..models import Consultation, Destruction, HolderRelease, Minuted, OpeningOrder, SafetyCopy
from ..queries import opening as queries
from ..queries.bids import manifest_of
from ..queries.masters import sealed_master
from ..queries.opened_minutes import minutes_pdf
from ..queries.progress import say_progress
from ..queries.sealed_chunks import stored_file
from ..queries.written_minutes import LANGUAGES, minutes_of, without_minutes
from .alone import keep_working
from .deciphering import OWNER, Deciphering, deciphered
from .destroying import go_on_destroying

NAME = "opener"
PR_SET_DUMPABLE = 4
LOST = msgid(
    "The opening worker was stopped: the session's key was only in its memory. Nothing was opened; ask for a new session."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """A block to open: its files by place in the manifest, and its key, or why there is none."""

    block: Block
    deposit: UUID
    entries: Sequence[tuple[int, FileEntry]]
    master: bytes | None
    fault: str = ""

    def sealed(self) -> Iterator[Deciphering]:
        if self.master is not None:
            for place, entry in self.entries:
                yield Deciphering(place, entry, self.master, stored_file(entry))


class Opener:
    """``keys`` are those of the sessions that this process made: there and nowhere else."""

    def __init__(self, judge: documents.Antivirus | None = None) -> None:
        self.keys: dict[UUID, suites.PrivateKey] = {}
        self._judge = judge

    def work_once(self) -> None:
        if not self.keys:  # no session of this process is under way: what lies there is a dead one's
            documents.drop_drafts(OWNER)
        for time_key in queries.time_keys_to_settle():
            holders.complete_quorum(
                actor=system_actor(NAME, organisation=time_key.consultation.organisation_id),
                time_key=time_key,
            )
        for order in queries.sessions_in(session.ASKED):
            self._prepare(order)
        for order in queries.sessions_in(session.READY, session.OPENING):
            if order.pk not in self.keys:
                opening.lose_opening(actor=_actor(order), order=order, reason=kept(LOST))
            elif order.state == session.OPENING or self._has_quorum(order):
                self._open(order)
        go_on_destroying(NAME)
        for ended in without_minutes():
            _write_minutes(ended)

    def _prepare(self, order: OpeningOrder) -> None:
        suite = suites.suite(SUITE)
        key = suite.generate()
        try:
            opening.prepare_order(actor=_actor(order), order=order, public_key=suite.public_bytes(key))
        except (Conflict, Invalid) as refusal:
            opening.lose_opening(actor=_actor(order), order=order, reason=kept_refusal(refusal))
            return
        self.keys[order.pk] = key

    def _has_quorum(self, order: OpeningOrder) -> bool:
        """Judges what came since the last look; moves the session on once k holders and the time are there."""
        releases = [one for one in queries.releases_of(order) if not one.fault]
        if any(one.checked_at is None for one in releases):
            papers = queries.papers_of(order)
            for one in releases:
                if one.checked_at is None:
                    fault = self._fault_of(order, papers, one)
                    opening.judge_release(actor=_actor(order), order=order, release=one.pk, fault=fault)
            releases = [one for one in queries.releases_of(order) if not one.fault]
        if not any(one.holder_id is None for one in releases):
            return False
        if not queries.papers_of(order).is_covered_by({one.holder_id for one in releases if one.holder_id}):
            return False
        opening.begin_deciphering(actor=_actor(order), order=order)
        return True

    def _fault_of(self, order: OpeningOrder, papers: queries.Papers, release: HolderRelease) -> str:
        """What is wrong with a release, as it is kept; empty when every piece is the sealed one."""
        try:
            for block in papers.blocks:
                if _gives(papers, release, block):
                    self._part(order, papers, release, block)
        except (Invalid, Conflict) as refusal:
            return kept_refusal(refusal)
        return ""

    def _part(
        self, order: OpeningOrder, papers: queries.Papers, release: HolderRelease, block: Block
    ) -> dict[int, bytes] | bytes:
        given, key = rules.read_release(bytes(release.document)), self.keys[order.pk]
        suite = papers.policy.suite
        if release.holder_id is None:
            return rules.released_time(papers.order, papers.policy, key, given, block)
        shares = papers.shares_of(block)
        return rules.released_pieces(papers.order, suite, key, given, shares, block.context.block)

    def _open(self, order: OpeningOrder) -> None:
        """Everything that the order lists, then one act that records it; a fault of the machine changes nothing."""
        judge = self._judge or documents.antivirus()
        papers = queries.papers_of(order)
        releases = [one for one in queries.releases_of(order) if not one.fault]
        by_block = {block.context.block: block for block in papers.blocks}
        plans = [
            [self._plan(order, papers, releases, bid.root, by_block[named.block]) for named in bid.blocks]
            for bid in papers.order.bids
        ]
        found = deciphered((one for bid in plans for plan in bid for one in plan.sealed()), judge)
        results: list[opened.BlockResult] = []
        try:
            for done, bid in enumerate(plans):
                say_progress(order, done, len(plans))
                results += [_opened_block(order, plan, found) for plan in bid]
        except Unavailable as fault:
            opening.lose_opening(actor=_actor(order), order=order, reason=kept_refusal(fault))
            del self.keys[order.pk]
            return
        opening.record_opening(actor=_actor(order), order=order, results=results, antivirus=judge.name)
        del self.keys[order.pk]

    def _plan(
        self,
        order: OpeningOrder,
        papers: queries.Papers,
        releases: Iterable[HolderRelease],
        root: bytes,
        block: Block,
    ) -> Plan:
        deposit = queries.deposit_at(order.consultation, root.hex())
        entries = [
            (place, one)
            for place, one in enumerate(manifest_of(deposit).files, start=1)
            if one.block == block.context.block
        ]
        try:
            return Plan(block, deposit.pk, entries, self._master(order, papers, releases, block))
        except (Invalid, Conflict) as refusal:
            fault = kept_refusal(refusal)
            return Plan(block, deposit.pk, entries, None, fault)

    def _master(
        self, order: OpeningOrder, papers: queries.Papers, releases: Iterable[HolderRelease], block: Block
    ) -> bytes:
        pieces: list[Mapping[int, bytes]] = []
        time = b""
        for release in (one for one in releases if _gives(papers, one, block)):
            part = self._part(order, papers, release, block)
            if isinstance(part, bytes):
                time = part
            else:
                pieces.append(part)
        return rules.master(block, papers.shares_of(block).shape, pieces, time)


def _write_minutes(thing: Minuted) -> None:
    kept = {one.language for one in minutes_of(thing)}
    consultation = thing.consultation
    actor = system_actor(NAME, organisation=consultation.organisation_id)
    for language in LANGUAGES:
        if language not in kept:
            content = minutes_pdf(thing, language)
            document = _kept_pdf(actor, consultation, f"{_named(thing)}-{language}", content)
            record_minutes(
                actor=actor, consultation=consultation, about=thing, language=language, document=document
            )


def _named(thing: Minuted) -> str:
    match thing:
        case OpeningOrder():
            return thing.envelope
        case SafetyCopy():
            return f"copie-{thing.pk}"
        case Destruction():
            return "destruction"


def _kept_pdf(actor: Actor, consultation: Consultation, name: str, content: bytes) -> Any:
    return documents.receive(
        [content],
        name=f"{consultation.reference or consultation.pk}-{name}.pdf",
        organisation=consultation.organisation_id,
        actor=actor,
        limit=100_000_000,
    )


def _gives(papers: queries.Papers, release: HolderRelease, block: Block) -> bool:
    """Whether the release is of somebody who holds pieces of the block, or the time-keeper's."""
    return release.holder_id is None or release.holder_id in papers.shares_of(block).holders


def _opened_block(order: OpeningOrder, plan: Plan, found: Iterator[Deciphering]) -> opened.BlockResult:
    """``found`` gives the plan's files next, where its key is there."""
    context = plan.block.context
    if plan.master is None:
        results = [_unreadable(place, entry, None, plan.fault) for place, entry in plan.entries]
    else:
        results = [_opened_file(order, next(found)) for _entry in plan.entries]
    return opened.BlockResult(
        block=context.block,
        deposit=plan.deposit,
        lot=context.lot if context.lot != context.consultation else None,
        master=sealed_master(context.block, plan.master) if plan.master else None,
        fault=plan.fault,
        files=results,
    )


def _opened_file(order: OpeningOrder, found: Deciphering) -> opened.FileResult:
    """What became of one file; a clear one is kept, and only now can be read."""
    if isinstance(found.fault, TerritoiresError):
        return _unreadable(found.position, found.entry, found.header, kept_refusal(found.fault))
    assert found.header is not None and found.draft is not None
    result = opened.FileResult(
        sealed=found.entry.file,
        position=found.position,
        verdict=opened.CLEAR,
        name=found.header.name,
        media_type=found.header.media,
        size=found.header.size,
        sha256=found.draft.sha256,
    )
    if found.fault is not None:
        return replace(result, verdict=opened.INFECTED, fault=found.fault.name[: opened.LONGEST_FAULT])
    document = documents.keep_draft(
        actor=_actor(order),
        draft=found.draft,
        name=found.header.name,
        organisation=order.consultation.organisation_id,
    )
    return replace(result, document=document.pk)


def _unreadable(place: int, entry: FileEntry, header: Header | None, fault: str) -> opened.FileResult:
    return opened.FileResult(
        sealed=entry.file,
        position=place,
        verdict=opened.UNREADABLE,
        name=header.name if header else "",
        media_type=header.media if header else "",
        size=header.size if header else 0,
        fault=fault,
    )


def _actor(order: OpeningOrder) -> Actor:
    return system_actor(NAME, organisation=order.consultation.organisation_id)


def run_opener(stop: threading.Event) -> None:
    """Carries opening sessions until ``stop``; one in the whole installation. Its memory is in no core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0)
    keep_working("procurement.opener", Opener().work_once, stop)
