"""Channels: what a service tells of its way to a partner, and the answers that a delivery may have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from territoires.foundations.documents import api as documents
from territoires.kernel.fact import Subject


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side has it; ``detail`` is what it answered that identifies it there (200 characters are kept)."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """It is known not to have arrived: it waits and is tried again, for ever."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It may have arrived: only an answer, an enquiry or a person decides."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side looked at it and refused it for good."""

    reason: str
    detail: str = ""


Delivery = Accepted | NotSent | Doubtful | Refused
"""``reason`` is a code (see ``wording.REASONS``), ``detail`` technical words."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A parcel as its channel's ``deliver`` and ``enquire`` see it."""

    parcel: UUID
    organisation: UUID
    key: str
    document: Any
    subject: Subject
    matter: UUID | None

    @property
    def size(self) -> int:
        """In bytes."""
        return int(self.document.size)

    def chunks(self) -> Iterator[bytes]:
        """The bytes, by chunks of 1 MiB."""
        return documents.open_stream(self.document)


@dataclass(frozen=True, slots=True)
class Incoming:
    """An arrival as its channel's ``absorb`` sees it; ``origin`` is the same for what came together (one mail).

    ``companions`` gives what came together with it, itself included, in the order in which it came.
    """

    arrival: UUID
    channel: str
    origin: str
    name: str
    document: Any
    companions: Callable[[], Sequence[Incoming]]

    def chunks(self) -> Iterator[bytes]:
        """The bytes, by chunks of 1 MiB."""
        return documents.open_stream(self.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to a partner.

    ``deliver`` runs outside any transaction and answers what became of the bytes; what it raises is a doubt.
    ``absorb`` runs inside the transaction that records the arrival as absorbed: it changes this database only, and
    raises to quarantine (the error's sentence is shown to the operator). ``absorb_all`` does the same for several in
    their order, in fewer statements; when it raises, nothing of it remains and they are read one by one. ``enquire``
    asks the other side whether it has a doubtful parcel: NotSent sends it again, Doubtful leaves it. ``collect``
    fetches what waits outside, every minute. After ``alarm_after`` a parcel that has not left is an alarm.
    """

    code: str
    label: str | Promise
    deliver: Callable[[Outgoing], Delivery]
    absorb: Callable[[Incoming], None]
    absorb_all: Callable[[Sequence[Incoming]], None] | None = None
    enquire: Callable[[Outgoing], Delivery] | None = None
    collect: Callable[[], object] | None = None
    alarm_after: timedelta = timedelta(hours=4)

    def read(self, incoming: Sequence[Incoming]) -> None:
        """Has arrivals absorbed, in their order."""
        if self.absorb_all is not None:
            self.absorb_all(incoming)
            return
        for one in incoming:
            self.absorb(one)


_channels: dict[str, Channel] = {}


def declare_channels(channels: Iterable[Channel]) -> None:
    """Makes channels known by their codes; called when the applications are ready. A code has one channel."""
    for channel in channels:
        if _channels.setdefault(channel.code, channel) is not channel:
            raise ValueError(f"two channels are named {channel.code}")


def channels() -> tuple[Channel, ...]:
    """The declared channels."""
    return tuple(_channels.values())


def channel_of(code: str) -> Channel:
    """A declared channel; KeyError for another code, which is a programming error."""
    return _channels[code]


def label_of(code: str) -> str:
    """What people call the channel; its code once its service is switched off."""
    channel = _channels.get(code)
    return str(channel.label) if channel else code
