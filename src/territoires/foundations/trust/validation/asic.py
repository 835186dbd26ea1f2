"""What the CAdES signatures of an ASiC container are worth (EN 319 162-1), and the other signatures that an archive holds."""

from __future__ import annotations

import hashlib
import re
import zipfile
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from cryptography.hazmat.primitives import hashes
from django.utils.translation import gettext_noop as _

from territoires.kernel.errors import Invalid
from territoires.kernel.xml import parse_xml

from .cms import judge_cms, open_cms
from .report import Changes, FileReport, Finding, Format, Signature, Unjudged
from .xml import DS, holds_xml_signature

ENTRIES_LIMIT = 1000
UNPACKED_LIMIT = 1 << 30
SMALL = 4 * 1024 * 1024
"""Bytes of a signature or a manifest."""
PIECE = 1 << 20
ASIC = "{http://uri.etsi.org/02918/v1.2.1#}"
DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
"""What a manifest may use (TS 119 312): SHA-1 proves nothing any more."""

_CADES = re.compile(r"META-INF/[^/]*signature[^/]*\.p7s", re.IGNORECASE)
_MANIFEST = re.compile(r"META-INF/ASiCManifest[^/]*\.xml", re.IGNORECASE)
_OFFICE = re.compile(r"META-INF/(document|macro)signatures\.xml|_xmlsignatures/.+\.xml", re.IGNORECASE)
_XADES = re.compile(r"META-INF/[^/]*signature[^/]*\.xml", re.IGNORECASE)
_PROOFS = re.compile(r"META-INF/[^/]*(timestamp|evidencerecord)[^/]*\.(tst|ers|xml)", re.IGNORECASE)
_INSIDE = re.compile(r"(?!META-INF/).+\.(p7s|p7m|p7c|pkcs7|asice|asics|sce|scs)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says was signed: the digests of files, by name, each with its algorithm."""

    name: str
    signature: str
    files: Mapping[str, tuple[str, bytes]]


def judge_archive(path: Path, now: datetime) -> FileReport:
    """The report of a ZIP archive of any kind. Raises Invalid when it is made to deceive, or cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            signatures = [name for name in archive.namelist() if _CADES.fullmatch(name)]
            judged = _judged(archive, signatures, now) if signatures else []
            unjudged = dict.fromkeys(_unjudged(archive))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as fault:
        raise Invalid(
            "archive-unreadable",
            _("This archive is damaged or locked: its signatures cannot be checked."),
            _("Ask whoever gave it to you for the file as it was signed."),
        ) from fault
    return FileReport(tuple(judged), tuple(unjudged))


def _unjudged(archive: zipfile.ZipFile) -> Iterator[Unjudged]:
    for name in archive.namelist():
        if _OFFICE.fullmatch(name):
            yield Unjudged.OFFICE
        elif _XADES.fullmatch(name) and holds_xml_signature(_pieces(archive, name)):
            yield Unjudged.XML
        elif _PROOFS.fullmatch(name):
            yield Unjudged.PROOFS
        elif _INSIDE.fullmatch(name):
            yield Unjudged.INSIDE


def _judged(archive: zipfile.ZipFile, signatures: Sequence[str], now: datetime) -> list[Signature]:
    _require_plain(archive)
    manifests = [_read_manifest(archive, name) for name in archive.namelist() if _MANIFEST.fullmatch(name)]
    return [one for name in signatures for one in _judge_one(archive, name, manifests, now)]


def _require_plain(archive: zipfile.ZipFile) -> None:
    """Raises Invalid for an archive of which two programs could see two contents, or that would fill the memory."""
    entries = archive.infolist()
    names = [one.filename for one in entries]
    is_large = len(entries) > ENTRIES_LIMIT or sum(one.file_size for one in entries) > UNPACKED_LIMIT
    is_ambiguous = len({name.casefold() for name in names}) < len(names)
    leaves = any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names)
    if is_large or is_ambiguous or leaves:
        raise Invalid(
            "container-refused",
            _("This container is made in a way that could show one content here and another elsewhere."),
            _("Do not rely on it. Ask whoever gave it to you for the documents, each with its signature."),
        )


def _judge_one(
    archive: zipfile.ZipFile, name: str, manifests: Sequence[Manifest | None], now: datetime
) -> list[Signature]:
    """The signers of one signature file: over a manifest (ASiC-E), else over the only document (ASiC-S)."""
    documents = [
        one.filename
        for one in archive.infolist()
        if not one.is_dir() and one.filename != "mimetype" and not one.filename.startswith("META-INF/")
    ]
    naming = [one for one in manifests if one and one.signature == name]
    form = Format.ASIC_E if manifests else Format.ASIC_S
    if len(naming) > 1 or (manifests and None in manifests):
        return [Signature(name, form, (Finding.UNREADABLE,))]
    signed = naming[0].name if naming else documents[0] if not manifests and len(documents) == 1 else None
    try:
        content = open_cms(_small(archive, name))
    except Invalid:
        return [Signature(name, form, (Finding.UNREADABLE,))]
    document = partial(_feed, archive, signed) if signed else None
    found = judge_cms(content, now, document=document, field=name, container=form)
    faults = tuple(_faults(archive, naming[0], documents)) if naming else ()
    return [_with_faults(one, faults) for one in found]


def _with_faults(signature: Signature, faults: tuple[Finding, ...]) -> Signature:
    """The same, with what is wrong with the files that its manifest names."""
    if not faults:
        return signature
    is_whole = Finding.BROKEN not in faults and Finding.FILES_MISSING not in faults
    return replace(
        signature,
        findings=(*faults, *signature.findings),
        is_intact=signature.is_intact and is_whole,
        covers_document=False,
        changes=Changes.DOCUMENT,
    )


def _faults(archive: zipfile.ZipFile, manifest: Manifest, documents: Sequence[str]) -> Iterator[Finding]:
    present = set(archive.namelist())
    if manifest.files.keys() - present:
        yield Finding.FILES_MISSING
    if any(
        _digest(archive, name, how) != digest
        for name, (how, digest) in manifest.files.items()
        if name in present
    ):
        yield Finding.BROKEN
    if set(documents) - manifest.files.keys():
        yield Finding.FILES_ADDED


def _read_manifest(archive: zipfile.ZipFile, name: str) -> Manifest | None:
    """None for one that cannot be understood."""
    try:
        root = parse_xml(_small(archive, name))
        (signature,) = root.findall(f"{ASIC}SigReference")
        files = {}
        for reference in root.findall(f"{ASIC}DataObjectReference"):
            (method,), (value,) = (
                reference.findall(f"{DS}DigestMethod"),
                reference.findall(f"{DS}DigestValue"),
            )
            target = unquote(reference.attrib["URI"])
            if target in files:
                return None
            files[target] = (DIGESTS[method.attrib["Algorithm"]], b64decode(value.text or ""))
        return Manifest(name, unquote(signature.attrib["URI"]), files) if files else None
    except (Invalid, KeyError, ValueError):
        return None


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > SMALL:
        raise ValueError(f"{name} is too large")
    return archive.read(name)


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as file:
        while piece := file.read(PIECE):
            yield piece


def _feed(archive: zipfile.ZipFile, name: str, digest: hashes.Hash) -> None:
    for piece in _pieces(archive, name):
        digest.update(piece)


def _digest(archive: zipfile.ZipFile, name: str, algorithm: str) -> bytes:
    digest = hashlib.new(algorithm)
    for piece in _pieces(archive, name):
        digest.update(piece)
    return digest.digest()
