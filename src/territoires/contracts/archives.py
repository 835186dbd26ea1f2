"""The port of the archives: what a service hands over when a matter has ended, and what comes back.

A package is a tree of files. The platform's own ZIP stands behind the port until an archiving service (SEDA, OAIS) does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable


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
