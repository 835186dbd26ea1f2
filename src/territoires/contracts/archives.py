"""The port of the archives: what a service hands over when a matter has ended, and what it gets back.

A package is a tree of files, each named, sized and digested in advance, so that whoever keeps it can refuse one that is
not what was announced. The platform's own ZIP stands behind the port until an archiving service (SEDA, OAIS) does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a package: its path inside, its size in bytes, its SHA-256 (hexadecimal), and how to read it."""

    path: str
    size: int
    sha256: str
    read: Callable[[], Iterable[bytes]]


@runtime_checkable
class PackageFormat(Protocol):
    """How a package becomes bytes and comes back.

    ``write`` gives the bytes while they are made, in bounded memory; the same pieces always give the same bytes.
    ``read`` gives the pieces of such bytes in their order, verified against the manifest that travels inside. Raises
    Invalid for anything that ``write`` would not have made: so ``write(read(p))`` is ``p``, byte for byte.
    """

    media_type: str
    suffix: str

    def write(self, pieces: Iterable[Piece]) -> Iterator[bytes]: ...

    def read(self, source: IO[bytes]) -> list[Piece]: ...
