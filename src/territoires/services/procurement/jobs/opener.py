"""The opening worker: it alone holds a session's key, in its memory; it deciphers once the quorum and the time are there.

A process of its own. Killed at any step it leaves what was: sealed bids, and a session that the next worker declares lost.
Clear bytes are a draft of the documents foundation until the antivirus has judged them: nobody can read a draft, and one
that is infected is dropped.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import resource
import threading
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import sentence
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict, Corrupt, Invalid, Unavailable

from ..actions import holders, opening
from ..domain import opened, session
from ..domain.findings import msgid
from ..domain.quorum import SUITE
from ..domain.sealing import files, suites
from ..domain.sealing import opening as rules
from ..domain.sealing.block import Block
from ..domain.sealing.files import FileEntry
from ..models import Deposit, HolderRelease, OpeningOrder
from ..queries import opening as queries
from ..queries.bids import manifest_of
from ..queries.masters import sealed_master
from ..queries.opened_minutes import LANGUAGES, minutes_pdf
from ..queries.progress_of_opening import say_progress
from ..queries.sealed_chunks import chunks_of
from .alone import keep_working
from .antivirus import Antivirus, Infected, antivirus, scanned

NAME = "opener"
PR_SET_DUMPABLE = 4
LOST = msgid(
    "The opening worker was stopped: the session's key was only in its memory. Nothing was opened; ask for a new session."
)

log = logging.getLogger(__name__)


class Opener:
    """``keys`` are those of the sessions that this process made: there and nowhere else."""

    def __init__(self, judge: Antivirus | None = None) -> None:
        self.keys: dict[UUID, suites.PrivateKey] = {}
        self._judge = judge

    def work_once(self) -> None:
        for time_key in queries.time_keys_to_settle():
            holders.complete_quorum(
                actor=system_actor(NAME, organisation=time_key.consultation.organisation_id),
                time_key=time_key,
            )
        for order in queries.sessions_in(session.ASKED):
            self._prepare(order)
        for order in queries.sessions_in(session.READY, session.OPENING):
            if order.pk not in self.keys:
                opening.lose_opening(actor=_actor(order), order=order, reason=LOST)
            elif order.state == session.OPENING or self._has_quorum(order):
                self._open(order)
        for order in queries.sessions_without_minutes():
            self._write_minutes(order)

    def _prepare(self, order: OpeningOrder) -> None:
        suite = suites.suite(SUITE)
        key = suite.generate()
        try:
            opening.prepare_order(actor=_actor(order), order=order, public_key=suite.public_bytes(key))
        except (Conflict, Invalid) as refusal:
            said = sentence(refusal.message, refusal.params)
            opening.lose_opening(actor=_actor(order), order=order, reason=said)
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
        threshold = queries.papers_of(order).policy.threshold
        if sum(one.holder_id is not None for one in releases) < threshold:
            return False
        opening.begin_deciphering(actor=_actor(order), order=order)
        return True

    def _fault_of(self, order: OpeningOrder, papers: queries.Papers, release: HolderRelease) -> str:
        """What is wrong with a release, in one sentence; empty when every piece is the sealed one."""
        try:
            for block in papers.blocks:
                self._part(order, papers, release, block)
        except (Invalid, Conflict) as refusal:
            return sentence(refusal.message, refusal.params)
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
        judge = self._judge or antivirus()
        papers = queries.papers_of(order)
        releases = [one for one in queries.releases_of(order) if not one.fault]
        by_block = {block.context.block: block for block in papers.blocks}
        results: list[opened.BlockResult] = []
        try:
            for done, bid in enumerate(papers.order.bids):
                say_progress(order, done, len(papers.order.bids))
                deposit = queries.deposit_at(order.consultation, bid.root.hex())
                for named in bid.blocks:
                    block = by_block[named.block]
                    results.append(self._block(order, papers, releases, deposit, block, judge))
        except Unavailable as fault:
            opening.lose_opening(
                actor=_actor(order), order=order, reason=sentence(fault.message, fault.params)
            )
            del self.keys[order.pk]
            return
        opening.record_opening(actor=_actor(order), order=order, results=results, antivirus=judge.name)
        del self.keys[order.pk]

    def _block(
        self,
        order: OpeningOrder,
        papers: queries.Papers,
        releases: Iterable[HolderRelease],
        deposit: Deposit,
        block: Block,
        judge: Antivirus,
    ) -> opened.BlockResult:
        context = block.context
        lot = context.lot if context.lot != context.consultation else None
        entries = [
            (place, one)
            for place, one in enumerate(manifest_of(deposit).files, start=1)
            if one.block == context.block
        ]
        try:
            master = self._master(order, papers, releases, block)
        except (Invalid, Conflict) as refusal:
            fault = sentence(refusal.message, refusal.params)[: opened.LONGEST_FAULT]
            closed = [
                opened.FileResult(sealed=entry.file, position=place, verdict=opened.UNREADABLE, fault=fault)
                for place, entry in entries
            ]
            return opened.BlockResult(
                block=context.block, deposit=deposit.pk, lot=lot, master=None, fault=fault, files=closed
            )
        found = [_file(order, master, place, entry, judge) for place, entry in entries]
        return opened.BlockResult(
            block=context.block,
            deposit=deposit.pk,
            lot=lot,
            master=sealed_master(context.block, master),
            files=found,
        )

    def _master(
        self, order: OpeningOrder, papers: queries.Papers, releases: Iterable[HolderRelease], block: Block
    ) -> bytes:
        pieces: list[Mapping[int, bytes]] = []
        time = b""
        for release in releases:
            part = self._part(order, papers, release, block)
            if isinstance(part, bytes):
                time = part
            else:
                pieces.append(part)
        return rules.master(block, papers.shares_of(block).shape, pieces, time)

    def _write_minutes(self, order: OpeningOrder) -> None:
        kept = {one.language for one in queries.minutes_of(order)}
        actor = _actor(order)
        for language in LANGUAGES:
            if language in kept:
                continue
            name = f"{order.consultation.reference or order.consultation_id}-{order.envelope}-{language}.pdf"
            document = documents.receive(
                [minutes_pdf(order, language)],
                name=name,
                organisation=order.consultation.organisation_id,
                actor=actor,
                limit=100_000_000,
            )
            opening.record_minutes(actor=actor, order=order, language=language, document=document)


def _file(
    order: OpeningOrder, master: bytes, place: int, entry: FileEntry, judge: Antivirus
) -> opened.FileResult:
    """One file: its root first, then its header, its chunks and padding, the antivirus, and only then it is kept."""
    header, digest = None, hashlib.sha256()
    try:
        files.check_root(entry, chunks_of(entry))
        header = files.opened_header(master, entry)
        clear = files.opened_chunks(master, entry, header, chunks_of(entry))
        document = documents.receive(
            scanned(_hashed(clear, digest), judge),
            name=header.name,
            organisation=order.consultation.organisation_id,
            actor=_actor(order),
            limit=header.size,
        )
    except (Invalid, Corrupt) as refusal:
        return opened.FileResult(
            sealed=entry.file,
            position=place,
            verdict=opened.UNREADABLE,
            name=header.name if header else "",
            media_type=header.media if header else "",
            size=header.size if header else 0,
            fault=sentence(refusal.message, refusal.params)[: opened.LONGEST_FAULT],
        )
    except Infected as found:
        assert header is not None
        return opened.FileResult(
            sealed=entry.file,
            position=place,
            verdict=opened.INFECTED,
            name=header.name,
            media_type=header.media,
            size=header.size,
            sha256=digest.hexdigest(),
            fault=found.name[: opened.LONGEST_FAULT],
        )
    return opened.FileResult(
        sealed=entry.file,
        position=place,
        verdict=opened.CLEAR,
        name=header.name,
        media_type=header.media,
        size=header.size,
        sha256=document.sha256,
        document=document.pk,
    )


def _hashed(chunks: Iterable[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _actor(order: OpeningOrder) -> Actor:
    return system_actor(NAME, organisation=order.consultation.organisation_id)


def run_opener(stop: threading.Event) -> None:
    """Carries opening sessions until ``stop``; one in the whole installation. Its memory is in no core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0)
    keep_working("procurement.opener", Opener().work_once, stop)
