"""Facts of what lets procurement go on: the availability log, incidents, what comes from elsewhere, packages.

Free texts and names are personal values. Digests name files that the evidence may carry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class DayProbed(Fact):
    """A finished day of the availability log. ``content`` is its table (CSV); counts are minutes."""

    KIND: ClassVar[str] = "procurement.day.probed"
    day: date
    up: int
    slow: int
    down: int
    silent: int
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class IncidentDeclared(Fact):
    """The operator tells an interruption; ``consultations`` are those whose deadline it touches. ``until_at`` is None
    while it lasts."""

    KIND: ClassVar[str] = "procurement.incident.declared"
    from_at: datetime
    until_at: datetime | None
    parts: tuple[str, ...]
    consultations: tuple[UUID, ...]
    what: str = personal()


@dataclass(frozen=True, kw_only=True)
class IncidentRevised(Fact):
    """Its times or its words changed, or its end is known; ``consultations`` are those that it touches besides."""

    KIND: ClassVar[str] = "procurement.incident.revised"
    from_at: datetime
    until_at: datetime | None
    parts: tuple[str, ...]
    consultations: tuple[UUID, ...]
    what: str = personal()


@dataclass(frozen=True, kw_only=True)
class IncidentDecided(Fact):
    """What a buyer did for a consultation that an incident touches. ``subject`` is the consultation, ``decision`` is
    ``extended`` or ``left``."""

    KIND: ClassVar[str] = "procurement.incident.decided"
    incident: UUID
    decision: str
    deadline_at: datetime
    extended_until: datetime | None = None
    reason: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class CallReopened(Fact):
    """A call that had closed receives bids again, since an incident touched its deadline; no bid had been opened."""

    KIND: ClassVar[str] = "procurement.call.reopened"
    incident: UUID


@dataclass(frozen=True, kw_only=True)
class ImportBrought(Fact):
    """A table from another platform was handed over; nothing is taken over yet. ``what`` is its kind."""

    KIND: ClassVar[str] = "procurement.import.brought"
    what: str
    content: str = digest()
    platform: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class ImportChecked(Fact):
    """It was read whole without effect: how many lines of each fate."""

    KIND: ClassVar[str] = "procurement.import.checked"
    what: str
    new: int
    changed: int
    merged: int
    known: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class ImportOrdered(Fact):
    """A person ordered its sound lines to be taken over."""

    KIND: ClassVar[str] = "procurement.import.ordered"
    what: str


@dataclass(frozen=True, kw_only=True)
class ImportDone(Fact):
    """Its sound lines are here, all of them together."""

    KIND: ClassVar[str] = "procurement.import.done"
    what: str
    new: int
    changed: int
    merged: int
    known: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class AccountsInvited(Fact):
    """Former accounts received the mail that opens theirs here; ``refused`` could not."""

    KIND: ClassVar[str] = "procurement.accounts.invited"
    invited: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class PackageTaken(Fact):
    """Somebody took the whole file of a consultation, as it stood. ``subject`` is the consultation."""

    KIND: ClassVar[str] = "procurement.package.taken"


@dataclass(frozen=True, kw_only=True)
class PackageOrdered(Fact):
    """The whole file of an ended consultation is to be kept. ``subject`` is the consultation."""

    KIND: ClassVar[str] = "procurement.package.ordered"


@dataclass(frozen=True, kw_only=True)
class PackageBrought(Fact):
    """A package was brought back; nothing of it is kept before it was verified whole. ``content`` is it."""

    KIND: ClassVar[str] = "procurement.package.brought"
    size: int
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class PackageRefused(Fact):
    """What was brought back is no package, or was changed since it was made; ``code`` says which."""

    KIND: ClassVar[str] = "procurement.package.refused"
    code: str


@dataclass(frozen=True, kw_only=True)
class PackageKept(Fact):
    """A procedure file is kept whole. ``origin``: made here, of another platform, or brought back. ``content`` is it."""

    KIND: ClassVar[str] = "procurement.package.kept"
    origin: str
    size: int
    entries: int
    keep_until: date | None
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class PackageDestroyed(Fact):
    """A package whose legal end has passed was destroyed; its digest stays."""

    KIND: ClassVar[str] = "procurement.package.destroyed"
    sha256: str
    keep_until: date
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ConsultationArchived(Fact):
    """Its file is whole in the archives: ``content`` is the package."""

    KIND: ClassVar[str] = "procurement.consultation.archived"
    package: UUID
    content: str = digest()


FACTS: tuple[type[Fact], ...] = (
    DayProbed,
    IncidentDeclared,
    IncidentRevised,
    IncidentDecided,
    CallReopened,
    ImportBrought,
    ImportChecked,
    ImportOrdered,
    ImportDone,
    AccountsInvited,
    PackageTaken,
    PackageOrdered,
    PackageBrought,
    PackageRefused,
    PackageKept,
    PackageDestroyed,
    ConsultationArchived,
)
