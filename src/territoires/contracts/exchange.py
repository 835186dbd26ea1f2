"""Facts of the bus towards the outside. A parcel leaves the house, an arrival comes in.

``about_type`` and ``about`` name the thing for which a parcel was posted, so that its service follows it. A ``reason``
is a code; words of the other side are personal values, since nobody knows what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class AboutParcel(Fact):
    """A fact of one parcel; ``attempts`` counts how often it was handed to its channel."""

    channel: str
    key: str
    about_type: str
    about: UUID
    attempts: int


@dataclass(frozen=True, kw_only=True)
class ParcelSent(AboutParcel):
    """The other side has it; ``detail`` is what it answered that identifies it there."""

    KIND: ClassVar[str] = "exchange.parcel.sent"
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class ParcelDelayed(AboutParcel):
    """It is known not to have arrived and will be tried again; told once for each new reason."""

    KIND: ClassVar[str] = "exchange.parcel.delayed"
    reason: str


@dataclass(frozen=True, kw_only=True)
class ParcelDoubtful(AboutParcel):
    """Whether it arrived is not known; it is not sent again by itself."""

    KIND: ClassVar[str] = "exchange.parcel.doubtful"
    reason: str


@dataclass(frozen=True, kw_only=True)
class ParcelRefused(AboutParcel):
    """The other side refused it for good."""

    KIND: ClassVar[str] = "exchange.parcel.refused"
    reason: str
    words: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class ParcelCancelled(AboutParcel):
    """It was withdrawn before it left."""

    KIND: ClassVar[str] = "exchange.parcel.cancelled"


@dataclass(frozen=True, kw_only=True)
class ParcelSentAgain(AboutParcel):
    """A person decided that the very same bytes leave again under the same key."""

    KIND: ClassVar[str] = "exchange.parcel.sent-again"


@dataclass(frozen=True, kw_only=True)
class AboutArrival(Fact):
    """A fact of one arrival."""

    channel: str
    sha256: str = digest()


@dataclass(frozen=True, kw_only=True)
class ArrivalReceived(AboutArrival):
    """Bytes came in by a channel and are kept; nobody has read them yet."""

    KIND: ClassVar[str] = "exchange.arrival.received"
    name: str = personal()
    origin: str = personal()


@dataclass(frozen=True, kw_only=True)
class ArrivalAbsorbed(AboutArrival):
    """Its service understood it, in the same transaction."""

    KIND: ClassVar[str] = "exchange.arrival.absorbed"


@dataclass(frozen=True, kw_only=True)
class ArrivalQuarantined(AboutArrival):
    """Its service could not use it; ``reason`` is a code."""

    KIND: ClassVar[str] = "exchange.arrival.quarantined"
    reason: str


@dataclass(frozen=True, kw_only=True)
class ArrivalReplayed(AboutArrival):
    """A person asked to read it again."""

    KIND: ClassVar[str] = "exchange.arrival.replayed"


@dataclass(frozen=True, kw_only=True)
class ArrivalDiscarded(AboutArrival):
    """A person set it aside for a reason; its bytes are kept."""

    KIND: ClassVar[str] = "exchange.arrival.discarded"
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ParcelsHeld(Fact):
    """After a restore: serials jumped by ``jump``; ``parcels`` that waited may have left since, so they are doubtful."""

    KIND: ClassVar[str] = "exchange.parcels.held"
    jump: int
    parcels: int


FACTS: tuple[type[Fact], ...] = (
    ParcelSent,
    ParcelDelayed,
    ParcelDoubtful,
    ParcelRefused,
    ParcelCancelled,
    ParcelSentAgain,
    ArrivalReceived,
    ArrivalAbsorbed,
    ArrivalQuarantined,
    ArrivalReplayed,
    ArrivalDiscarded,
    ParcelsHeld,
)
