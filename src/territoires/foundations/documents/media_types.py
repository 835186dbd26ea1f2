"""What a file is, told by its content; names and declared types are never believed."""

from __future__ import annotations

import puremagic

from territoires.kernel.errors import Fault

from .names import extension

UNKNOWN = "application/octet-stream"
PDF = "application/pdf"
ZIP = "application/zip"
TEXT = "text/plain"
XML = "application/xml"
HTML = "text/html"
EXECUTABLE = "application/vnd.microsoft.portable-executable"

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

_SIGNATURES = (
    (b"%PDF-", PDF),
    (b"MZ", EXECUTABLE),
    (b"\x7fELF", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"#!", "text/x-script"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x1f\x8b", "application/gzip"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_PROGRAMS = frozenset(
    {
        EXECUTABLE,
        "application/x-executable",
        "application/x-mach-binary",
        "application/java-vm",
        "text/x-script",
        "application/java-archive",
    }
)
_EXPECTED = {
    ".pdf": {PDF},
    ".png": {"image/png"},
    ".jpg": {"image/jpeg"},
    ".jpeg": {"image/jpeg"},
    ".gif": {"image/gif"},
    ".tif": {"image/tiff"},
    ".tiff": {"image/tiff"},
    ".xml": {XML},
    ".zip": {ZIP},
    ".docx": {_WORD},
    ".xlsx": {_SHEET},
    ".pptx": {_SLIDES},
    ".odt": {_OPEN_DOCUMENT + "text"},
    ".ods": {_OPEN_DOCUMENT + "spreadsheet"},
    ".odp": {_OPEN_DOCUMENT + "presentation"},
    ".txt": {TEXT},
    ".csv": {TEXT},
}
_ZIP_START = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"


def media_type_of(head: bytes, tail: bytes) -> str:
    """The media type of a content, from its first 8 KiB and its last 66 KiB."""
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if head.startswith(_ZIP_START):
        return _packaged(head, tail)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if (text := _as_text(head)) is not None:
        return _textual(text)
    return _guess(head)


def is_program(media_type: str) -> bool:
    """True for what a machine would run."""
    return media_type in _PROGRAMS


def is_disguised(name: str, media_type: str) -> bool:
    """True when the name's extension promises something else than the content holds."""
    expected = _EXPECTED.get(extension(name))
    return expected is not None and media_type not in expected


def has_second_face(media_type: str, tail: bytes) -> bool:
    """True when a PDF or an image is an archive as well: readers would not agree on what it says."""
    return media_type.startswith(("image/", PDF)) and _ZIP_END in tail


def disguise_fault(name: str, media_type: str) -> Fault:
    return Fault(
        "file",
        "file-disguised",
        "“%(name)s” is not what its name says: its content is %(media_type)s.",
        "Open it in the program that made it, save it again in the right format, and send that file.",
        {"name": name, "media_type": media_type},
    )


def _packaged(head: bytes, tail: bytes) -> str:
    """An archive by what is in it. ODF says its type in a first entry stored as it is (ODF 1.3, part 2, 3.3)."""
    if head[30:38] == b"mimetype":
        declared = head[38:120].split(b"PK", 1)[0].decode("ascii", "replace")
        if declared.startswith(_OPEN_DOCUMENT):
            return declared
    names = head + tail
    for entry, media_type in (
        (b"word/document.xml", _WORD),
        (b"xl/workbook.xml", _SHEET),
        (b"ppt/presentation.xml", _SLIDES),
        (b"META-INF/MANIFEST.MF", "application/java-archive"),
    ):
        if entry in names:
            return media_type
    return ZIP


def _as_text(head: bytes) -> str | None:
    """The head as UTF-8 text (a character cut at the end is forgiven), None when it is not."""
    if not head or b"\x00" in head:
        return None
    for cut in range(4):
        try:
            return head[: len(head) - cut].decode()
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:
                return None
    return None


def _textual(text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:2000].lower()
    if start.startswith(("<!doctype html", "<html")):
        return HTML
    if start.startswith("<?xml") or (start.startswith("<") and not start.startswith("<script")):
        if "<svg" in start:
            return "image/svg+xml"
        return HTML if "<html" in start else XML
    return HTML if "<script" in start else TEXT


def _guess(head: bytes) -> str:
    try:
        return puremagic.from_string(head, mime=True) or UNKNOWN
    except (puremagic.PureError, ValueError):
        return UNKNOWN
