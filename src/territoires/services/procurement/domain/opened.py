"""What an opening gives, as values: blocks, files and their verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from .sealing import documents as doc

CLEAR, UNREADABLE, INFECTED = "clear", "unreadable", "infected"
LONGEST_FAULT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """One file. ``document`` names its kept clear bytes, for a clear one alone; ``size`` is the true size in bytes."""

    sealed: UUID
    position: int
    verdict: str
    name: str = ""
    media_type: str = ""
    size: int = 0
    sha256: str = ""
    document: UUID | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockResult:
    """One block: its key encrypted under the platform's, or why there is none; and its files."""

    block: UUID
    deposit: UUID
    lot: UUID | None
    master: bytes | None
    fault: str = ""
    files: Sequence[FileResult] = field(default_factory=tuple)


def results_digest(results: Sequence[BlockResult]) -> str:
    """The SHA-256 of the results in canonical form: what the journal holds of them as one value."""
    plain = [
        {
            "block": str(one.block),
            "fault": one.fault,
            "files": [
                {"file": str(file.sealed), "verdict": file.verdict, "sha256": file.sha256}
                for file in one.files
            ],
        }
        for one in results
    ]
    return hashlib.sha256(doc.canonical(plain)).hexdigest()
