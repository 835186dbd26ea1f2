"""What the journal is told of documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class DocumentReceived(Fact):
    """Bytes were received and stored; ``size`` in bytes, ``media_type`` found in the content."""

    KIND: ClassVar[str] = "documents.document.received"
    sha256: str = digest()
    size: int
    media_type: str
    name: str = personal()


@dataclass(frozen=True, kw_only=True)
class DocumentReleased(Fact):
    """A holder let the document go; ``purged`` when it was the last and the bytes went with it."""

    KIND: ClassVar[str] = "documents.document.released"
    sha256: str = digest()
    reason: str
    purged: bool
