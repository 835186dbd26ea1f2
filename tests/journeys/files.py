"""Files that people send: sound ones and bad ones."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pikepdf


def pdf(title: str) -> bytes:
    """A small sound PDF, different for each title."""
    return _saved(_blank(title))


def locked_pdf() -> bytes:
    return _saved(_blank("locked"), encryption=pikepdf.Encryption(owner="o", user="u"))


def active_pdf() -> bytes:
    """A PDF that runs a script when it is opened."""
    file = _blank("active")
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    file.Root.OpenAction = script
    return _saved(file)


def bomb() -> bytes:
    """A ZIP of a few kilobytes that opens to 64 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(64 * 1024 * 1024))
    return buffer.getvalue()


def forged_bundle() -> bytes:
    """What looks like an evidence bundle and would open to 300 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("manifest.json", "index.html"):
            with archive.open(name, "w", force_zip64=True) as entry:
                for _piece in range(150):
                    entry.write(bytes(1024 * 1024))
    return buffer.getvalue()


def with_one_byte_changed(content: bytes) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def with_one_part_changed(bundle: bytes) -> bytes:
    """A bundle with one bit of its largest part changed. Elsewhere in a ZIP a bit may mean nothing, as a file's hour."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        largest = max(archive.infolist(), key=lambda part: part.compress_size)
    name_and_extra = struct.unpack_from("<HH", bundle, largest.header_offset + 26)
    start = largest.header_offset + 30 + sum(name_and_extra)
    place = start + largest.compress_size // 2
    return bundle[:place] + bytes([bundle[place] ^ 1]) + bundle[place + 1 :]


def in_file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _blank(title: str) -> pikepdf.Pdf:
    file = pikepdf.new()
    file.add_blank_page()
    file.docinfo["/Title"] = title
    return file


def _saved(file: pikepdf.Pdf, **options: object) -> bytes:
    buffer = io.BytesIO()
    file.save(buffer, **options)
    return buffer.getvalue()
