"""What comes: every minute the third party is asked what became of what waits, and for the prefecture's letters."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import IO

from django.utils.translation import gettext_noop

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports import https
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Invalid, Unavailable

from ...actions import enveloping
from ...domain import s2low
from ...domain.actes import archives
from ...domain.actes.reading import (
    MESSAGE_LIMIT,
)
from ...domain.s2low import ACKNOWLEDGED, FAILED, Declined, Odd, Report
from ...models import ChannelCode, Envelope
from ...queries.third_party import (
    awaited,
    correspondents,
    transaction_of,
)
from .line import Line, line_of

PIECE = 1024 * 1024
AWAY = frozenset({"unreachable", "not-trusted", "our-certificate"})
"""Reasons that hold for every body."""
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""Of the files in a letter's archive, so that the same letter fetched twice is the same bytes."""


@dataclass
class Round:
    """One turn of asking: the bodies for which something failed, with why, and those not to be asked further."""

    failed: dict[str, str] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)

    def ask(self, siren: str, work: Callable[[Line], None]) -> None:
        """Asks in a body's name. Raises Unavailable when nobody can be asked."""
        if siren in self.blocked:
            return
        line = line_of(siren)
        if line is None:
            self._block(siren, "not-configured")
            return
        try:
            work(line)
        except https.Unsettled as unsettled:
            self._block(siren, f"{unsettled.delivery.reason} {unsettled.delivery.detail}")
            if unsettled.delivery.reason in AWAY:
                self.end()
        except Declined as refusal:
            self.failed[siren] = refusal.words
            if refusal.is_ours:
                self.blocked.add(siren)
        except (Odd, Invalid) as failure:
            self.failed[siren] = str(failure)

    def end(self) -> None:
        """Raises Unavailable when something failed."""
        if not self.failed:
            return
        siren, why = next(iter(self.failed.items()))
        raise Unavailable(
            "third-party-away",
            gettext_noop(
                "The third party could not be asked for %(bodies)s bodies, among them %(siren)s: %(why)s"
            ),
            gettext_noop("Check its address, our certificate and the accounts in the operator's file."),
            params={"bodies": len(self.failed), "siren": siren, "why": why},
        )

    def _block(self, siren: str, why: str) -> None:
        self.failed[siren] = why
        self.blocked.add(siren)


def collect() -> None:
    """Asks what became of each transaction that waits, and takes the prefecture's letters.

    What fails for one transaction or one body does not hold the others. Raises Unavailable at the end when some failed.
    """
    turn, now = Round(), system_clock()
    for envelope in awaited(now - enveloping.PATIENCE):
        turn.ask(envelope.organisation.siren, partial(_ask_after, envelope))
    for siren in correspondents(now):
        turn.ask(siren, _take_letters)
    turn.end()


def _ask_after(envelope: Envelope, line: Line) -> None:
    number = transaction_of(envelope)
    if not number:
        return
    if envelope.kind == Envelope.Kind.CLASSIFICATION:
        body = line.get(s2low.FETCH_CLASSIFICATION, api=1, most=MESSAGE_LIMIT)
        s2low.xml_in(body)
        _keep(envelope, number, min(ACKNOWLEDGED), body)
        return
    body = line.get(s2low.STATUS, transaction=number, most=MESSAGE_LIMIT)
    status = s2low.status_in(body)
    if envelope.reply is not None:
        if status.code in ACKNOWLEDGED | FAILED | {s2low.REPLY_RECEIVED}:
            _keep(envelope, number, status.code, body)
        return
    if status.code in ACKNOWLEDGED and not status.message:
        body = line.get(s2low.ACKNOWLEDGEMENT, id=number, most=MESSAGE_LIMIT)
        s2low.xml_in(body)
    if status.code in ACKNOWLEDGED | FAILED | {s2low.CANCELLED}:
        _keep(envelope, number, status.code, body)


def _keep(envelope: Envelope, number: int, status: int, body: bytes) -> None:
    report = Report(envelope.name, envelope.organisation.siren, number, status, body)
    exchange.receive(
        channel=ChannelCode.S2LOW,
        origin=f"transaction {number}",
        name=f"transaction-{number}.report",
        chunks=[report.write()],
    )


def _take_letters(line: Line) -> None:
    for letter in s2low.letters_in(line.get(s2low.UNREAD_LETTERS)):
        files = s2low.files_in(line.get(s2low.FILES, transaction=letter.number))
        with tempfile.TemporaryFile() as archive:
            archives.pack(_entries(line, files), archive, at=UNDATED)
            archive.seek(0)
            exchange.receive(
                channel=ChannelCode.S2LOW,
                origin=f"letter {letter.number}",
                name=f"letter-{letter.number}.tar.gz",
                chunks=_pieces(archive),
            )
        line.get(s2low.LETTER_READ, transaction_id=letter.number)


def _entries(line: Line, files: Sequence[s2low.LetterFile]) -> Iterator[archives.Entry]:
    for file in files:
        content = line.get(s2low.DOWNLOAD, file=file.number, most=archives.SIZE_LIMIT)
        yield archives.Entry(file.name, len(content), [content])


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece
