"""Facts of notices and open data. ``matter`` is the consultation, where there is one.

A notice, an essential record, a file, a release is the ``subject`` of its own facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class BuyerProfileWritten(Fact):
    """What notices say of a body was entered or changed; ``fields`` names what."""

    KIND: ClassVar[str] = "procurement.buyer-profile.written"
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NoticePrepared(Fact):
    """A notice was begun, or is written anew. ``subtype`` is that of the eForms SDK."""

    KIND: ClassVar[str] = "procurement.notice.prepared"
    subtype: str
    channel: str
    name: str
    changes: str = ""


@dataclass(frozen=True, kw_only=True)
class NoticeJudged(Fact):
    """The official rules were asked about its bytes. ``rules`` is their version, empty where they are not here."""

    KIND: ClassVar[str] = "procurement.notice.judged"
    name: str
    rules: str
    errors: int
    warnings: int
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class NoticeChecked(Fact):
    """The European validation service was asked about it before it left. ``answer`` is valid, invalid or unasked, the
    latter for the ``trouble`` that is told."""

    KIND: ClassVar[str] = "procurement.notice.checked"
    name: str
    answer: str
    errors: int
    warnings: int
    trouble: str = ""
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class NoticeOrdered(Fact):
    """A person ordered its sending."""

    KIND: ClassVar[str] = "procurement.notice.ordered"
    name: str
    channel: str
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class NoticeSent(Fact):
    """The publisher has it."""

    KIND: ClassVar[str] = "procurement.notice.sent"
    name: str
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class NoticeAcknowledged(Fact):
    """The publisher accepted it."""

    KIND: ClassVar[str] = "procurement.notice.acknowledged"
    name: str


@dataclass(frozen=True, kw_only=True)
class NoticePublished(Fact):
    """It is published under ``number``. ``by_hand``: a person told so, and not the publisher's service."""

    KIND: ClassVar[str] = "procurement.notice.published"
    name: str
    subtype: str
    channel: str
    number: str
    published_on: date
    by_hand: bool


@dataclass(frozen=True, kw_only=True)
class NoticeRejected(Fact):
    """The publisher did not take it."""

    KIND: ClassVar[str] = "procurement.notice.rejected"
    name: str
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class NoticeStopRequested(Fact):
    """The publisher was asked not to publish it."""

    KIND: ClassVar[str] = "procurement.notice.stop-requested"
    name: str
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class NoticeStopped(Fact):
    """It will not be published."""

    KIND: ClassVar[str] = "procurement.notice.stopped"
    name: str


@dataclass(frozen=True, kw_only=True)
class OpenRecordWritten(Fact):
    """The essential data of a contract were written, whole, under their lasting identifier."""

    KIND: ClassVar[str] = "procurement.open-record.written"
    identifier: str
    revision: int
    record_kind: str
    source: str


@dataclass(frozen=True, kw_only=True)
class OpenRecordsImported(Fact):
    """A file of essential data was taken over, repaired where it had to be."""

    KIND: ClassVar[str] = "procurement.open-records.imported"
    taken: int
    refused: int
    repairs: int
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class OpenFileOrdered(Fact):
    """The file of essential data of a body goes to the national open-data portal."""

    KIND: ClassVar[str] = "procurement.open-file.ordered"
    revision: int
    records: int
    left_out: int
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class OpenFileSettled(Fact):
    """The portal took it, or did not. ``state`` is published or rejected."""

    KIND: ClassVar[str] = "procurement.open-file.settled"
    revision: int
    state: str


@dataclass(frozen=True, kw_only=True)
class ReleasePublished(Fact):
    """An OCDS release joined the feed under ``number``."""

    KIND: ClassVar[str] = "procurement.release.published"
    ocid: str
    tag: str
    number: int


FACTS: tuple[type[Fact], ...] = (
    BuyerProfileWritten,
    NoticePrepared,
    NoticeJudged,
    NoticeChecked,
    NoticeOrdered,
    NoticeSent,
    NoticeAcknowledged,
    NoticePublished,
    NoticeRejected,
    NoticeStopRequested,
    NoticeStopped,
    OpenRecordWritten,
    OpenRecordsImported,
    OpenFileOrdered,
    OpenFileSettled,
    ReleasePublished,
)
