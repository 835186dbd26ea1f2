"""A package as one ZIP that is the same for the same files: stored, in the order of the paths, with one date for all.

``manifest.json`` comes last and names every file with its size and SHA-256. Nothing depends on the day, the machine or the
person who makes it.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from territoires.contracts.archives import Piece
from territoires.kernel.errors import Corrupt, Invalid

FORMAT = "territoires-package/1"
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 64 * 1024 * 1024
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP can tell
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the manifest."""

    path: str
    size: int
    sha256: str


def written(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """The bytes of the package while it is made. Raises Corrupt for a piece that is not the one announced."""
    sink = _Sink()
    listed = []
    with zipfile.ZipFile(cast(Any, sink), "w", zipfile.ZIP_STORED, allowZip64=True) as whole:
        for piece in sorted(pieces, key=lambda one: one.path):
            digest, size = hashlib.sha256(), 0
            with whole.open(_info(piece.path), "w", force_zip64=True) as member:
                for chunk in piece.read():
                    digest.update(chunk)
                    size += len(chunk)
                    member.write(chunk)
                    yield sink.drained()
            if piece.sha256 and digest.hexdigest() != piece.sha256:
                raise Corrupt(
                    "package-piece-altered",
                    "A stored file is not the one that was received: the package was not made.",
                    "Tell the operator: the file must be restored from a backup.",
                    params={"path": piece.path, "sha256": piece.sha256},
                )
            listed.append(Listed(piece.path, size, digest.hexdigest()))
        with whole.open(_info(MANIFEST), "w", force_zip64=True) as member:
            member.write(manifest_bytes(listed))
    yield sink.drained()


def manifest_bytes(listed: Iterable[Listed]) -> bytes:
    pieces = [{"path": one.path, "sha256": one.sha256, "size": one.size} for one in listed]
    return json.dumps(
        {"format": FORMAT, "pieces": pieces}, ensure_ascii=False, indent=1, sort_keys=True
    ).encode()


def read_manifest(content: bytes) -> list[Listed]:
    """The lines of a manifest. Raises Invalid for another shape, another format, a path twice or out of order."""
    try:
        said = json.loads(content)
        listed = [Listed(one["path"], one["size"], one["sha256"]) for one in said["pieces"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise refused("package-manifest") from None
    if said.get("format") != FORMAT or not all(_is_sound(one) for one in listed):
        raise refused("package-manifest")
    paths = [one.path for one in listed]
    if paths != sorted(set(paths)) or MANIFEST in paths:
        raise refused("package-order")
    return listed


def refused(code: str) -> Invalid:
    return Invalid(
        code,
        "This is not a package of the platform, or it was changed since it was made; nothing was kept.",
        "Take the package again where it was made.",
    )


def _is_sound(one: Listed) -> bool:
    return (
        isinstance(one.path, str)
        and isinstance(one.size, int)
        and not isinstance(one.size, bool)
        and one.size >= 0
        and isinstance(one.sha256, str)
        and bool(_SHA256.fullmatch(one.sha256))
    )


def _info(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, _DATE)
    info.create_system = 3  # whatever the machine
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_STORED
    return info


class _Sink:
    """Where the ZIP is written: forward only, emptied as it grows."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back elsewhere."""

    def drained(self) -> bytes:
        found = bytes(self._waiting)
        self._waiting.clear()
        return found
