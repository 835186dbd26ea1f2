"""The port of the archives: what a service hands over when a matter has ended, and what comes back.

A package is a tree of files, with a description that says in the words of SEDA (2.1 and 2.2) what they are. The service's
own shelf stands behind the port until an archiving service (SEDA, OAIS) does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable
from uuid import UUID

from territoires.kernel.actor import Actor
from territoires.kernel.fact import Subject


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a package: its path inside, and how to read its bytes. ``sha256`` (hexadecimal) where it is known:
    other bytes are then refused, in place of being kept under its name."""

    path: str
    read: Callable[[], Iterable[bytes]]
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a package that was read back: ``size`` in bytes, ``read`` as long as the package is open."""

    path: str
    size: int
    sha256: str
    read: Callable[[], Iterable[bytes]]


@runtime_checkable
class PackageFormat(Protocol):
    """How a package becomes bytes and comes back: ``write(read(p))`` is ``p``, byte for byte.

    ``write`` gives the bytes while they are made, in bounded memory, the pieces in the order of their paths; the same
    pieces always give the same bytes. Raises Corrupt for a piece that is not what was announced.

    ``read`` judges a file whole before anything of it is used, and gives its pieces. Raises Invalid for anything that
    ``write`` would not have made.
    """

    media_type: str
    suffix: str

    def write(self, pieces: Iterable[Piece]) -> Iterator[bytes]: ...

    def read(self, file: Path) -> list[Kept]: ...


class FinalAction(StrEnum):
    """What becomes of files whose duration has passed (SEDA ``FinalAction``); the visa of the archives decides."""

    KEEP = "Keep"
    DESTROY = "Destroy"


@dataclass(frozen=True, slots=True)
class Unit:
    """The files of one folder of a package: one ``ArchiveUnit``."""

    folder: str
    title: str
    final_action: FinalAction = FinalAction.KEEP


@dataclass(frozen=True, slots=True)
class Description:
    """What an archivist reads of a package: SEDA's ``Content`` and ``Management`` of its highest unit.

    ``producer`` is the SIRET or SIREN of the originating agency. ``keep_years`` are counted from ``keep_from_on``, None
    while that day is not known; ``article`` sets them. ``units`` are the folders; ``titles`` names files by their paths.
    """

    identifier: str
    title: str
    document_type: str
    producer: str
    producer_name: str
    keep_years: int
    article: str
    summary: str = ""
    started_on: date | None = None
    keep_from_on: date | None = None
    units: tuple[Unit, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deposit:
    """A package that is handed over: a document of the document store and the SHA-256 of its bytes."""

    document: UUID
    sha256: str
    description: Description


@dataclass(frozen=True, slots=True)
class DepositRequested:
    """What the archives answer: the id under which they know the deposit, and the page where it is followed."""

    id: UUID
    address: str


class Archives(Protocol):
    """Keeps the package of a finished matter. Whether it was taken in comes later, as a fact of the archives.

    ``name`` is that of the archiving service; empty where nobody but the asking service keeps the package.
    """

    name: str

    def deposit(self, *, actor: Actor, about: Subject, deposit: Deposit, matter: UUID) -> DepositRequested:
        """Records the deposit inside the caller's action; asking again for the same ``about`` changes nothing."""
        ...
