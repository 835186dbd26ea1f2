"""Checks an evidence bundle offline, with Python's standard library and the openssl command (3.0 or later) alone.

    python3 -I verify_evidence.py bundle.zip --root root.pem
    python3 -I verify_evidence.py bundle.zip --fingerprint SHA256
    python3 -I verify_evidence.py bundle.zip --root root.pem --witness NAME+ID+KEY
    python3 -I verify_evidence.py bundle.zip --root root.pem --log-keys log-keys.json

Status 0: verified under the root that you gave. Status 1: something is wrong, or no trusted root was given; the
reason is printed, also for a command that was not understood. The root, or its fingerprint, must come from elsewhere
than the bundle: a whole false bundle can be made with a whole false authority.

Formats: JCS (RFC 8785), Merkle tree of RFC 9162, signed notes, proofs and cosignatures of C2SP, time-stamps of
RFC 3161, disclosures of RFC 9901. See docs/operations/trust.md; lines of logs: docs/operations/journal.md.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

FORMAT = "territoires-evidence/1"
ENTRY_FORMAT = 1
PROOF = "c2sp.org/tlog-proof@v1"
LOG_PROOF = "territoires/log-proof@v1"
NAME = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*")
MOST_FILES = 10_000
LARGEST_FILE = 8 << 30
LARGEST_PART = 16 << 20
LARGEST_LINE = 1 << 16
LARGEST_RATIO = 1_100
SHA256, SHA384, SHA512 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"
DIGESTS = {SHA256: "sha256", SHA384: "sha384", SHA512: "sha512"}
TST_INFO = "1.2.840.113549.1.9.16.1.4"
SIGNED_DATA = "1.2.840.113549.1.7.2"
COSIGNATURE, COSIGNATURE_SIZE = b"\x04", 8 + 64  # Ed25519 with a time (C2SP tlog-cosignature)
# A time-stamping unit that stopped for these reasons had not lost its key: what it stamped before holds (RFC 3161, 4).
HARMLESS_REASONS = {3, 4, 5}  # affiliationChanged, superseded, cessationOfOperation
ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")
AHEAD = timedelta(minutes=5)
# Entries and time-stamps are dated by clocks that each may be off by a second.
ACCURACY = timedelta(seconds=2)

REASONS = {
    "not-a-bundle": (
        "Ce fichier n'est pas un dossier de preuve lisible : {}.",
        "This file is not a readable evidence bundle: {}.",
    ),
    "bad-name": (
        "Un nom n'est pas permis dans un dossier de preuve : {}.",
        "A name is not allowed in a bundle: {}.",
    ),
    "duplicate-name": ("Un nom figure deux fois : {}.", "A name occurs twice: {}."),
    "too-large": (
        "Le dossier dépasse les limites de taille : {}.",
        "The bundle exceeds the size limits: {}.",
    ),
    "missing-part": ("Une pièce manque : {}.", "A part is missing: {}."),
    "extra-part": ("Une pièce est en trop : {}.", "A part is not in the manifest: {}."),
    "manifest": ("Le manifeste n'est pas conforme : {}.", "The manifest is not as it should be: {}."),
    "part-changed": ("Une pièce diffère du manifeste : {}.", "A part differs from the manifest: {}."),
    "entry": ("Une écriture n'est pas conforme : {}.", "An entry is not as it should be: {}."),
    "file-changed": (
        "Le fichier n'est pas celui que l'écriture désigne : {}.",
        "The file is not the one that the entry names: {}.",
    ),
    "disclosure": (
        "Une donnée personnelle ne correspond pas à l'écriture : {}.",
        "A personal value does not match the entry: {}.",
    ),
    "proof": (
        "La preuve d'inclusion n'est pas conforme : {}.",
        "The inclusion proof is not as it should be: {}.",
    ),
    "not-in-tree": (
        "L'écriture n'est pas dans le journal que le point de contrôle résume : {}.",
        "The entry is not in the journal that the checkpoint sums up: {}.",
    ),
    "log": (
        "Les lignes d'un journal ne sont pas celles dont l'écriture porte la racine : {}.",
        "The lines of a log are not those whose root the entry holds: {}.",
    ),
    "root": ("La racine de confiance n'est pas utilisable : {}.", "The trusted root cannot be used: {}."),
    "log-certificate": (
        "Le certificat du journal n'est pas valable : {}.",
        "The certificate of the log is not valid: {}.",
    ),
    "note-signature": (
        "La signature du point de contrôle n'est pas valable : {}.",
        "The signature of the checkpoint is not valid: {}.",
    ),
    "log-keys": (
        "La liste des clés du journal n'est pas conforme : {}.",
        "The list of the log's keys is not as it should be: {}.",
    ),
    "log-key-retired": (
        "Les clés du journal en usage à cette taille n'ont pas signé le point de contrôle : {}.",
        "The keys of the log that were in use at this size did not sign the checkpoint: {}.",
    ),
    "cosignature": (
        "La contre-signature d'un témoin n'est pas valable : {}.",
        "The cosignature of a witness is not valid: {}.",
    ),
    "revocation-list": (
        "Une liste de révocation n'est pas utilisable : {}.",
        "A revocation list cannot be used: {}.",
    ),
    "revoked": ("Un certificat a été révoqué : {}.", "A certificate was revoked: {}."),
    "token": ("Un jeton d'horodatage n'est pas valable : {}.", "A time-stamp is not valid: {}."),
    "no-token": (
        "Aucun jeton d'horodatage sous vos racines ne date le point de contrôle : {}.",
        "No time-stamp under your roots dates the checkpoint: {}.",
    ),
    "times": ("L'ordre des dates est impossible : {}.", "The order of the dates is impossible: {}."),
    "openssl": ("La commande openssl n'est pas utilisable : {}.", "The openssl command cannot be used: {}."),
    "untrusted": (
        "Le dossier est cohérent, mais vous n'avez donné aucune racine de confiance. Empreintes à comparer avec celles"
        " que publie la plateforme (site, acte d'adoption imprimé, témoin) : {}",
        "The bundle is consistent, but no root that you trust was given. Compare these fingerprints with those that"
        " the platform publishes (site, printed act of adoption, witness): {}",
    ),
}
VERIFIED = (
    "Vérifié : les fichiers et les écritures sont ceux du journal « {origin} », sous la racine {root}.",
    "Verified: the files and the entries are those of the journal “{origin}”, under the root {root}.",
)
BUNDLED = (
    "Attention : la racine vient du dossier lui-même. Elle prouve que les pièces s'accordent, pas qui les a faites.",
    "Warning: the root comes from the bundle itself. It proves that the parts agree, not who made them.",
)
DEMONSTRATION = (
    "DÉMONSTRATION : les certificats sont ceux d'une démonstration, ce dossier n'a aucune valeur.",
    "DEMONSTRATION: the certificates are those of a demonstration, this bundle has no value.",
)
EXPIRED = (
    "Attention : le certificat d'horodatage {} a expiré et rien ne le renouvelle ; il est jugé à la date du jeton.",
    "Warning: the time-stamping certificate of {} has expired and nothing renews it; it is judged at its own time.",
)
UNREVOKED = (
    "La révocation des certificats n'a pas été examinée : demandez à l'autorité si l'un d'eux a été révoqué.",
    "Revocation of certificates was not looked at: ask the authority whether one of them was revoked.",
)
EXAMINED = (
    "Révocation examinée avec {count} liste(s), dont la plus ancienne est du {at} ; celle des certificats d'autres"
    " autorités ne l'a pas été. Une liste du dossier peut être vieille exprès : donnez celle du jour par --crl.",
    "Revocation was looked at with {count} list(s), the oldest of {at}; that of certificates of other authorities was"
    " not. A list of the bundle may be old on purpose: give today's with --crl.",
)
FOREIGN_LIST = (
    "Une liste de révocation ne vient pas d'une autorité sous vos racines : elle n'est pas comptée.",
    "A revocation list does not come from an authority under your roots: it is not counted.",
)
UNLISTED = (
    "Les clés du journal sont jugées d'après la liste du dossier lui-même : pour qu'une clé retirée soit toujours"
    " refusée, donnez celle que publie la plateforme par --log-keys.",
    "The log's keys are judged by the list of the bundle itself: for a retired key to be always refused, give the one"
    " that the platform publishes with --log-keys.",
)
EXPLAINED = (
    "Seuls les fichiers, les écritures et les données nommés ci-dessus sont prouvés. Les noms de fichiers d'origine,"
    " index.html et validation.json ne font qu'expliquer.",
    "Only the files, entries and values named above are proved. The original names of the files, index.html and"
    " validation.json only explain.",
)
COSIGNED = (
    "Le témoin {name} a vu ce point de contrôle le {at}.",
    "The witness {name} saw this checkpoint at {at}.",
)
UNKNOWN_WITNESS = (
    "La contre-signature de {} n'a pas été vérifiée : donnez la clé de ce témoin par --witness.",
    "The cosignature of {} was not checked: give the key of this witness with --witness.",
)
UNWITNESSED = (
    "Aucune contre-signature de témoin dans ce dossier.",
    "No witness cosignature in this bundle.",
)
LINE = ("Écriture {seq} : {kind}, inscrite le {at}.", "Entry {seq}: {kind}, written at {at}.")
FILE_LINE = (
    "  fichier « {name} » ({original}) : SHA-256 {digest}",
    "  file “{name}” ({original}): SHA-256 {digest}",
)
LOG_LINE = (
    "Lignes de {name} sous l'écriture {seq} : {lines}, toutes et dans l'ordre (un journal de {groups} dépôt(s)).",
    "Lines of {name} under entry {seq}: {lines}, all of them and in order (a log of {groups} group(s)).",
)
VALUE_LINE = ("  {name} : {value}", "  {name}: {value}")
STAMP_LINE = (
    "Horodaté le {at} ({name}, politique {policy}).",
    "Time-stamped at {at} ({name}, policy {policy}).",
)
RECORDS = (
    "Les enregistrements de preuve (RFC 4998) du dossier ne sont pas évalués.",
    "The evidence records (RFC 4998) of the bundle are not evaluated.",
)
UNKNOWN_AUTHORITY = (
    "Le jeton {} vient d'une autorité qui n'est pas sous vos racines : il n'est pas compté.",
    "The time-stamp {} comes from an authority that is not under your roots: it is not counted.",
)


class Refused(Exception):
    """The bundle fails a check; ``reason`` is a key of REASONS."""

    def __init__(self, reason: str, detail: object = "") -> None:
        self.reason, self.detail = reason, str(detail)
        super().__init__(reason, self.detail)


# --- DER ----------------------------------------------------------------------------------------------------------


def der(data: bytes, at: int = 0) -> tuple[int, bytes, int]:
    """The tag and the body of the element that starts at ``at``, and where it ends. Raises ValueError."""
    if at + 2 > len(data):
        raise ValueError("DER is cut")
    tag, size, start = data[at], data[at + 1], at + 2
    if size >= 0x80:
        octets = size & 0x7F
        if not 1 <= octets <= 4:
            raise ValueError("DER length")
        size, start = int.from_bytes(data[start : start + octets], "big"), start + octets
    if start + size > len(data):
        raise ValueError("DER is cut")
    return tag, data[start : start + size], start + size


def parts(body: bytes) -> list[tuple[int, bytes, bytes]]:
    """The (tag, body, encoding) of each element in a body."""
    found, at = [], 0
    while at < len(body):
        tag, inner, end = der(body, at)
        found.append((tag, inner, body[at:end]))
        at = end
    return found


def whole(data: bytes) -> bytes:
    """The body of the one element that ``data`` is."""
    _tag, body, end = der(data)
    if end != len(data):
        raise ValueError("something follows the end")
    return body


def dotted(body: bytes) -> str:
    """The dotted form of an object identifier."""
    arcs, value = [], 0
    for byte in body:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def instant(body: bytes) -> datetime:
    """A GeneralizedTime in UTC, with or without a fraction."""
    text = body.decode("ascii")
    head, _, fraction = text.removesuffix("Z").partition(".")
    if not text.endswith("Z"):
        raise ValueError("time not in UTC")
    moment = datetime.strptime(head, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return moment + timedelta(microseconds=int(fraction.ljust(6, "0")[:6]) if fraction else 0)


class Token:
    """What a TimeStampToken says: digest algorithm, imprint, time, policy, and its signer (issuer, serial number).

    Nothing here is verified.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self.name, self.data = name, data
        try:
            content = parts(whole(data))
            if dotted(content[0][1]) != SIGNED_DATA:
                raise ValueError("not a signed object")
            encapsulated = parts(parts(whole(content[1][1]))[2][1])
            if dotted(encapsulated[0][1]) != TST_INFO:
                raise ValueError("not a time-stamp")
            info = parts(whole(whole(encapsulated[1][1])))
            self.policy = dotted(info[1][1])
            imprint = parts(info[2][1])
            self.algorithm = DIGESTS[dotted(parts(imprint[0][1])[0][1])]
            self.imprint = imprint[1][1]
            self.at = instant(info[4][1])
            tag, signer, _ = parts(parts(parts(whole(content[1][1]))[-1][1])[0][1])[1]
            named = parts(signer) if tag == 0x30 else []  # or by a key identifier
            self.signer = (named[0][2], named[1][1]) if named else (b"", b"")
        except (ValueError, IndexError, KeyError, UnicodeDecodeError) as fault:
            raise Refused("token", f"{name} ({fault})") from fault


# --- the bundle ---------------------------------------------------------------------------------------------------


class Bundle:
    """The ZIP, its names and sizes already found harmless."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as fault:
            raise Refused("not-a-bundle", fault) from fault
        self.infos: dict[str, zipfile.ZipInfo] = {}
        for info in self.archive.infolist():
            self._admit(info)
        if (
            len(self.infos) > MOST_FILES
            or sum(info.file_size for info in self.infos.values()) > 2 * LARGEST_FILE
        ):
            raise Refused("too-large", path.name)

    def _admit(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        if not NAME.fullmatch(name) or name != info.orig_filename or info.is_dir():
            raise Refused("bad-name", ascii(name))
        if name in self.infos:
            raise Refused("duplicate-name", name)
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("not-a-bundle", name)
        largest = LARGEST_FILE if name.startswith(("files/", "logs/")) else LARGEST_PART
        if info.file_size > largest or info.file_size > LARGEST_RATIO * max(info.compress_size, 64):
            raise Refused("too-large", name)
        self.infos[name] = info

    def read(self, name: str) -> bytes:
        """The content of a part that is not a file."""
        return b"".join(self.chunks(name))

    def digest(self, name: str) -> tuple[str, int]:
        """SHA-256 and size of a part, read once."""
        found, size = hashlib.sha256(), 0
        for chunk in self.chunks(name):
            found.update(chunk)
            size += len(chunk)
        return found.hexdigest(), size

    def chunks(self, name: str):
        """The content, piece by piece; never more than the directory announced."""
        if name not in self.infos:
            raise Refused("missing-part", name)
        left = self.infos[name].file_size
        try:
            with self.archive.open(self.infos[name]) as file:
                while chunk := file.read(1 << 20):
                    left -= len(chunk)
                    if left < 0:
                        raise Refused("too-large", name)
                    yield chunk
        except (OSError, zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, zlib.error) as fault:
            raise Refused("not-a-bundle", f"{name} ({fault})") from fault

    def names(self, folder: str, suffix: str = "") -> list[str]:
        """The names in a folder, sorted."""
        return sorted(name for name in self.infos if name.startswith(f"{folder}/") and name.endswith(suffix))


def read_json(data: bytes, reason: str, name: str):
    """A JSON document in its canonical form (RFC 8785, on the subset that the journal writes)."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a member occurs twice")
        return dict(pairs)

    try:
        found = json.loads(data.decode("utf-8"), object_pairs_hook=unique)
        canonical = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if canonical.encode("utf-8") != data or not isinstance(found, dict):
            raise ValueError("not canonical")
    except (ValueError, RecursionError) as fault:
        raise Refused(reason, f"{name} ({fault})") from fault
    return found


def check_manifest(bundle: Bundle) -> dict:
    """The manifest equals the content: nothing more, nothing less, each digest and size right."""
    manifest = read_json(bundle.read("manifest.json"), "manifest", "manifest.json")
    if manifest.get("format") != FORMAT or not isinstance(manifest.get("origin"), str):
        raise Refused("manifest", "format, origin")
    listed = listed_parts(manifest)
    for name in sorted(set(listed) - set(bundle.infos)):
        raise Refused("missing-part", name)
    for name in sorted(set(bundle.infos) - set(listed) - {"manifest.json"}):
        raise Refused("extra-part", name)
    for name, said in listed.items():
        digest, size = bundle.digest(name)
        if said.get("sha256") != digest or said.get("size") != size:
            raise Refused("part-changed", name)
    return manifest


def listed_parts(manifest: dict) -> dict[str, dict]:
    """``files`` of the manifest: a list of {path, sha256, size, role, ...}, by path."""
    files = manifest.get("files")
    if not isinstance(files, list) or not all(
        isinstance(one, dict) and isinstance(one.get("path"), str) for one in files
    ):
        raise Refused("manifest", "files")
    found = {one["path"]: one for one in files}
    if len(found) != len(files) or "manifest.json" in found:
        raise Refused("manifest", "files")
    return found


# --- entries and the tree -----------------------------------------------------------------------------------------


class Entry:
    """One fact: its number, its exact bytes, what they say."""

    def __init__(self, seq: int, body: bytes) -> None:
        self.seq, self.body = seq, body
        said = read_json(body, "entry", f"entries/{seq}.json")
        self.shown: dict[str, object] = {}
        try:
            if said["v"] != ENTRY_FORMAT:
                raise ValueError("v")
            self.kind, self.files, self.private, self.facts = (
                str(said["kind"]),
                said.get("files", {}),
                said.get("private", {}),
                said.get("facts", {}),
            )
            self.at = datetime.fromisoformat(said["at"].removesuffix("Z") + "+00:00")
            if (
                not said["at"].endswith("Z")
                or not isinstance(self.files, dict)
                or not isinstance(self.private, dict)
                or not isinstance(self.facts, dict)
            ):
                raise ValueError("at, files, private, facts")
        except (KeyError, ValueError, AttributeError, TypeError) as fault:
            raise Refused("entry", f"{seq} ({fault})") from fault


def read_entries(bundle: Bundle, manifest: dict) -> list[Entry]:
    """The entries that the manifest announces, all of them and no other."""
    announced = manifest.get("entries")
    if (
        not isinstance(announced, list)
        or not announced
        or not all(type(seq) is int and seq >= 0 for seq in announced)
    ):
        raise Refused("manifest", "entries")
    for folder, suffix in (("entries", ".json"), ("proofs", ".tlog-proof")):
        wanted = {f"{folder}/{seq}{suffix}" for seq in announced}
        for name in sorted(wanted ^ set(bundle.names(folder))):
            raise Refused("missing-part" if name in wanted else "extra-part", name)
    return [Entry(seq, bundle.read(f"entries/{seq}.json")) for seq in sorted(set(announced))]


def check_files(bundle: Bundle, manifest: dict, entries: list[Entry]) -> list[tuple[str, str, str]]:
    """Each file has the digest that an entry gives to its name; returns name, original name and digest of each."""
    found = []
    for path, said in sorted(listed_parts(manifest).items()):
        if not path.startswith("files/"):
            continue
        name = said.get("name")
        if not any(said["sha256"] == entry.files.get(name) for entry in entries):
            raise Refused("file-changed", path)
        found.append((str(name), str(said.get("original-name", path)), said["sha256"]))
    return found


def check_disclosures(bundle: Bundle, entries: list[Entry]) -> None:
    """Each personal value that is shown is one that its entry committed to; the entry then shows it."""
    known = {f"private/{entry.seq}.txt": entry for entry in entries}
    for part in bundle.names("private"):
        if part not in known:
            raise Refused("extra-part", part)
        try:
            for line in bundle.read(part).decode("ascii").splitlines():
                _salt, name, value = json.loads(base64.urlsafe_b64decode(line + "=" * (-len(line) % 4)))
                digest = base64.urlsafe_b64encode(hashlib.sha256(line.encode()).digest()).decode().rstrip("=")
                if known[part].private[name] != digest:
                    raise ValueError(name)
                known[part].shown[name] = value
        except (ValueError, KeyError, TypeError) as fault:
            raise Refused("disclosure", f"{part} ({fault})") from fault


class Note:
    """A checkpoint: origin, size, root, the text that is signed, and its signature lines."""

    def __init__(self, data: bytes) -> None:
        text, separator, lines = data.partition(b"\n\n")
        self.text = text + b"\n"
        origin, size, root = self.text.decode("utf-8").split("\n")[:-1]
        if not separator or not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or not lines.endswith(b"\n"):
            raise ValueError("not a checkpoint")
        self.origin, self.size, self.root = origin, int(size), base64.b64decode(root, validate=True)
        self.signatures: list[tuple[bytes, bytes]] = []
        self.others: list[tuple[str, bytes, bytes]] = []
        own = []
        for line in lines.decode("utf-8").split("\n")[:-1]:
            dash, name, value = line.split(" ")
            if dash != "\u2014":
                raise ValueError("not a signature line")
            raw = base64.b64decode(value, validate=True)
            # Signatures of others, a witness for one, are added after the log's own: the time-stamp is not on them.
            if name == origin:
                self.signatures.append((raw[:4], raw[4:]))
                own.append(line + "\n")
            else:
                self.others.append((name, raw[:4], raw[4:]))
        self.issued = self.text + b"\n" + "".join(own).encode()


def read_proof(name: str, data: bytes) -> tuple[int, list[bytes], Note]:
    """The index, the hashes from leaf to root and the note of a C2SP tlog-proof."""
    try:
        head, separator, note = data.partition(b"\n\n")
        form, index, *hashes = head.decode("ascii").split("\n")
        if form != PROOF or not separator or not re.fullmatch(r"index (0|[1-9][0-9]{0,18})", index):
            raise ValueError("form")
        path = [base64.b64decode(one, validate=True) for one in hashes]
        if len(path) > 63 or any(len(one) != 32 for one in path):
            raise ValueError("hashes")
        return int(index[6:]), path, Note(note)
    except (ValueError, binascii.Error) as fault:
        raise Refused("proof", f"{name} ({fault})") from fault


def root_of(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes | None:
    """The root that a leaf and its path lead to (RFC 9162, section 2.1.3.2); None when the path does not fit."""
    if index >= size:
        return None
    node, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            found = hashlib.sha256(b"\x01" + step + found).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + step).digest()
        node, last = node >> 1, last >> 1
    return found if last == 0 else None


def check_inclusion(bundle: Bundle, entries: list[Entry], origin: str) -> list[tuple[Entry, Note]]:
    """Each entry with the note whose tree holds it."""
    found = []
    for entry in entries:
        name = f"proofs/{entry.seq}.tlog-proof"
        index, path, note = read_proof(name, bundle.read(name))
        if index != entry.seq or note.origin != origin:
            raise Refused("proof", f"{name} (index, origin)")
        leaf = hashlib.sha256(b"\x00" + entry.body).digest()
        if root_of(index, note.size, leaf, path) != note.root:
            raise Refused("not-in-tree", entry.seq)
        found.append((entry, note))
    return found


class Tree:
    """The root of leaves that come one by one (RFC 9162, section 2.1.1), in bounded memory."""

    def __init__(self) -> None:
        self.size, self.peaks = 0, []

    def add(self, body: bytes) -> None:
        found, index = hashlib.sha256(b"\x00" + body).digest(), self.size
        while index & 1:
            found, index = hashlib.sha256(b"\x01" + self.peaks.pop() + found).digest(), index >> 1
        self.peaks.append(found)
        self.size += 1

    def root(self) -> bytes:
        found = self.peaks[-1]
        for left in self.peaks[-2::-1]:
            found = hashlib.sha256(b"\x01" + left + found).digest()
        return found


def check_logs(bundle: Bundle, entries: list[Entry]) -> list[tuple[str, str]]:
    """The lines under a root that an entry holds: all of one group's, in order. Returns what to say of each."""
    said = []
    known = {entry.seq: entry for entry in entries}
    present = set(bundle.names("logs"))
    for seq in sorted(
        {int(found[1]) for name in present if (found := re.fullmatch(r"logs/([0-9]{1,19})\..+", name))}
    ):
        pair = {f"logs/{seq}.tsv", f"logs/{seq}.log-proof"}
        if seq not in known or not pair <= present:
            raise Refused("extra-part", f"logs/{seq}")
        said.append(check_log_lines(bundle, known[seq]))
        present -= pair
    for name in sorted(present):
        raise Refused("extra-part", name)
    return said


def check_log_lines(bundle: Bundle, entry: Entry) -> tuple[str, str]:
    """One group: the tree of its lines, then the path of that tree below the root over all groups."""
    name = f"logs/{entry.seq}.log-proof"
    said = re.fullmatch(
        rb"%b\ngroup ([A-Za-z0-9-]{1,64}) ([1-9][0-9]{0,18})\nindex (0|[1-9][0-9]{0,18}) ([1-9][0-9]{0,18})\n"
        rb"((?:[A-Za-z0-9+/]{43}=\n){0,63})" % re.escape(LOG_PROOF.encode()),
        bundle.read(name),
    )
    if said is None:
        raise Refused("log", name)
    tree = Tree()
    for line in log_lines(bundle, f"logs/{entry.seq}.tsv"):
        tree.add(line)
    group, lines, index, groups = said[1].decode(), int(said[2]), int(said[3]), int(said[4])
    path = [base64.b64decode(one) for one in said[5].split()]
    if tree.size != lines or groups != entry.facts.get("groups"):
        raise Refused("log", f"{name} ({group}, {tree.size})")
    leaf = hashlib.sha256(b"\x00" + f"{group}\t{lines}\t{tree.root().hex()}\n".encode()).digest()
    found = root_of(index, groups, leaf, path)
    if found is None or found.hex() != entry.files.get("root"):
        raise Refused("log", f"{name} ({group})")
    return filled(LOG_LINE, name=group, seq=entry.seq, lines=lines, groups=groups)


def log_lines(bundle: Bundle, name: str):
    """The lines of a log, each with its line feed."""
    left = b""
    for chunk in bundle.chunks(name):
        *lines, left = (left + chunk).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(left) > LARGEST_LINE:
            raise Refused("log", f"{name} (line)")
    if left:
        raise Refused("log", f"{name} (line)")


# --- certificates, signatures and tokens --------------------------------------------------------------------------


class OpenSSL:
    """The openssl command, without any configuration, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        done = self.run("version")
        if done.returncode or not re.match(r"OpenSSL [3-9]", done.stdout):
            raise Refused("openssl", done.stdout or done.stderr or "version")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "OPENSSL_CONF": os.devnull, "LC_ALL": "C"}
        try:
            return subprocess.run(
                ["openssl", *arguments],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise Refused("openssl", fault) from fault

    def ed25519_holds(self, key: bytes, text: bytes, signature: bytes) -> bool:
        """Whether a key (SubjectPublicKeyInfo) signed a text."""
        pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(key) + b"-----END PUBLIC KEY-----\n"
        done = self.run(
            "pkeyutl", "-verify", "-pubin", "-inkey", self.keep("key.pem", pem), "-rawin",
            "-in", self.keep("text", text), "-sigfile", self.keep("signature", signature),
        )  # fmt: skip
        return done.returncode == 0

    def keep(self, name: str, data: bytes) -> str:
        """Writes a file for the command and returns its name."""
        (self.folder / name).write_bytes(data)
        return name


def certificates(data: bytes, reason: str, name: str) -> list[bytes]:
    """The certificates of a PEM file, in DER."""
    found = re.findall(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----", data)
    try:
        ders = [base64.b64decode(b"".join(one.split()), validate=True) for one in found]
        for one in ders:
            whole(one)
    except (ValueError, binascii.Error) as fault:
        raise Refused(reason, f"{name} ({fault})") from fault
    if not ders:
        raise Refused(reason, name)
    return ders


def as_pem(ders: list[bytes]) -> bytes:
    """Certificates as PEM."""
    return b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(one) + b"-----END CERTIFICATE-----\n"
        for one in ders
    )


def public_key_and_extensions(certificate: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The SubjectPublicKeyInfo and the extensions, by name, of a certificate of version 3."""
    fields = parts(parts(whole(certificate))[0][1])
    extensions = {}
    for tag, body, _ in fields[7:]:
        if tag == 0xA3:
            for _tag, one, _ in parts(whole(body)):
                values = parts(one)
                extensions[dotted(values[0][1])] = values[-1][1]
    return fields[6][2], extensions


def check_log_certificate(openssl: OpenSSL, certificate: bytes, origin: str, at: datetime) -> bytes:
    """The log's certificate is under a trusted root, and made for this log and nothing else; returns its key.

    Without this a false log, with a key of its own, could have its notes stamped by the true authority.
    """
    openssl.keep("log.pem", as_pem([certificate]))
    done = openssl.run(
        "verify", "-no-CApath", "-no-CAstore", "-CAfile", "roots.pem", "-untrusted", "untrusted.pem",
        "-attime", str(int(at.timestamp())), "log.pem",
    )  # fmt: skip
    if done.returncode:
        raise Refused("log-certificate", last_line(done))
    try:
        key, extensions = public_key_and_extensions(certificate)
        names = [
            body for tag, body, _ in parts(whole(extensions.get("2.5.29.17", b"\x30\x00"))) if tag == 0x86
        ]
        usage = whole(extensions.get("2.5.29.15", b"\x03\x01\x00"))
    except (ValueError, IndexError) as fault:
        raise Refused("log-certificate", fault) from fault
    if names != [f"tlog:{origin}".encode()]:
        raise Refused("log-certificate", f"subjectAltName, {origin}")
    if "2.5.29.37" in extensions or usage[1:] != b"\x80":
        raise Refused("log-certificate", "keyUsage")
    return key


class LogKeys:
    """The list of a log's keys: by fingerprint of its certificate, the sizes of the checkpoints that each signs."""

    def __init__(self, name: str, data: bytes, origin: str) -> None:
        said = read_json(data.strip(), "log-keys", name)
        try:
            self.spans = {
                one["certificate"]: (int(one["first"]), None if one["last"] is None else int(one["last"]))
                for one in said["keys"]
            }
            if said["origin"] != origin or not self.spans:
                raise ValueError("origin")
        except (KeyError, ValueError, TypeError) as fault:
            raise Refused("log-keys", f"{name} ({fault})") from fault

    def in_use(self, size: int) -> set[str]:
        """The fingerprints of the certificates whose keys sign checkpoints of this size."""
        return {
            one
            for one, (first, last) in self.spans.items()
            if first <= size and (last is None or size <= last)
        }


def read_log_keys(bundle: Bundle, given: Path | None, origin: str) -> LogKeys | None:
    """The list that the reader gives, or else the bundle's; None for a bundle of before there was one."""
    name = "certificates/log-keys.json"
    if given is not None:
        try:
            return LogKeys(given.name, given.read_bytes(), origin)
        except OSError as fault:
            raise Refused("log-keys", fault) from fault
    return LogKeys(name, bundle.read(name), origin) if name in bundle.infos else None


def check_log(
    openssl: OpenSSL,
    note: Note,
    logs: list[bytes],
    listed: LogKeys | None,
    revocations: Revocations,
    at: datetime,
) -> None:
    """The log signed the note with each of its certified keys that was in use at this size."""
    found = {hashlib.sha256(one).hexdigest(): one for one in logs}
    wanted = set(found) if listed is None else listed.in_use(note.size)
    if not wanted or not wanted <= set(found):
        raise Refused("log-key-retired", note.size)
    for one in sorted(wanted):
        revocations.check(*issuer_and_serial(found[one]), at, "log.pem", stamps=False)
        check_note(openssl, note, check_log_certificate(openssl, found[one], note.origin, at))


def check_note(openssl: OpenSSL, note: Note, key: bytes) -> None:
    """The log signed the note with its Ed25519 key: no other algorithm is taken for a log's."""
    if not key.startswith(ED25519_PREFIX) or len(key) != len(ED25519_PREFIX) + 32:
        raise Refused("note-signature", f"{note.origin} (Ed25519)")
    wanted = key_id(note.origin, b"\x01", key[len(ED25519_PREFIX) :])
    signature = next((signed for named, signed in note.signatures if named == wanted), None)
    if signature is None:
        raise Refused("note-signature", note.origin)
    if not openssl.ed25519_holds(key, note.text, signature):
        raise Refused("note-signature", note.size)


def key_id(name: str, kind: bytes, public_key: bytes) -> bytes:
    """The four bytes that name a key in a signature line (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public_key).digest()[:4]


class Revocations:
    """What the revocation lists of authorities under the trusted roots say: by issuer and serial number."""

    def __init__(self) -> None:
        self.revoked: dict[tuple[bytes, bytes], tuple[datetime, int]] = {}
        self.made_at: list[datetime] = []

    def add(self, openssl: OpenSSL, data: bytes, authorities: list[bytes], name: str) -> bool:
        """Takes a list (DER); False when it is not by one of the authorities. Raises Refused when it has no form."""
        try:
            fields = [one for one in parts(parts(whole(data))[0][1]) if one[0] != 0x02]
            issuer, made_at = fields[1][2], moment(fields[2])
            rest = fields[4:] if len(fields) > 3 and fields[3][0] in (0x17, 0x18) else fields[3:]
            entries = parts(rest[0][1]) if rest and rest[0][0] == 0x30 else []
            revoked = {(issuer, parts(one[1])[0][1]): revocation(parts(one[1])) for one in entries}
        except (ValueError, IndexError) as fault:
            raise Refused("revocation-list", f"{name} ({fault})") from fault
        signers = [one for one in authorities if subject_of(one) == issuer]
        if not any(self._is_signed(openssl, data, one) for one in signers):
            return False
        self.made_at.append(made_at)
        self.revoked |= revoked
        return True

    def _is_signed(self, openssl: OpenSSL, data: bytes, signer: bytes) -> bool:
        """By an authority that is itself under the roots."""
        signed, by = openssl.keep("list.der", data), openssl.keep("authority.pem", as_pem([signer]))
        chain = ("-no-CApath", "-no-CAstore", "-CAfile", "roots.pem", "-untrusted", "untrusted.pem", by)
        if openssl.run("verify", *chain).returncode:
            return False
        done = openssl.run("crl", "-inform", "DER", "-in", signed, "-noout", "-CAfile", by)
        return "verify OK" in done.stderr + done.stdout

    def check(self, issuer: bytes, serial: bytes, at: datetime, what: str, *, stamps: bool) -> None:
        """Raises Refused when a certificate was revoked before ``at``; one that stamps, whenever it lost its key."""
        if (issuer, serial) not in self.revoked:
            return
        since, reason = self.revoked[issuer, serial]
        if since <= at or (stamps and reason not in HARMLESS_REASONS):
            raise Refused("revoked", f"{what}, {since:%Y-%m-%dT%H:%M:%SZ}")


def moment(field: tuple[int, bytes, bytes]) -> datetime:
    """A UTCTime or a GeneralizedTime (RFC 5280, 4.1.2.5)."""
    if field[0] == 0x17:
        century = b"19" if field[1][:2] >= b"50" else b"20"
        return instant(century + field[1])
    if field[0] != 0x18:
        raise ValueError("a time is expected")
    return instant(field[1])


def revocation(entry: list[tuple[int, bytes, bytes]]) -> tuple[datetime, int]:
    """The date and the reason (0 when none is given) of an entry of a revocation list."""
    reason = 0
    for _tag, one, _ in parts(entry[2][1]) if len(entry) > 2 else ():
        values = parts(one)
        if dotted(values[0][1]) == "2.5.29.21":
            reason = whole(values[-1][1])[-1]
    return moment(entry[1]), reason


def subject_of(certificate: bytes) -> bytes:
    """The subject of a certificate, encoded."""
    return parts(parts(whole(certificate))[0][1])[5][2]


def issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    """How a revocation list names a certificate."""
    fields = parts(parts(whole(certificate))[0][1])
    return fields[3][2], fields[1][1]


def read_revocations(
    openssl: OpenSSL,
    bundle: Bundle,
    given: list[Path],
    authorities: list[bytes],
    warnings: list[tuple[str, str]],
) -> Revocations:
    """The lists that the reader gives and those of the bundle."""
    found, sources = Revocations(), []
    name = "certificates/crls.pem"
    if name in bundle.infos:
        sources.append((name, bundle.read(name)))
    for path in given:
        try:
            sources.append((path.name, path.read_bytes()))
        except OSError as fault:
            raise Refused("revocation-list", fault) from fault
    for name, data in sources:
        lists = re.findall(rb"-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----", data)
        if not lists:
            raise Refused("revocation-list", name)
        for one in lists:
            try:
                encoded = base64.b64decode(b"".join(one.split()), validate=True)
            except binascii.Error as fault:
                raise Refused("revocation-list", f"{name} ({fault})") from fault
            if not found.add(openssl, encoded, authorities, name):
                warnings.append(FOREIGN_LIST)
    return found


def read_witness(text: str) -> tuple[str, bytes]:
    """The name and the Ed25519 key of a witness, given as C2SP has it: name+id+base64(0x04 || key)."""
    name, named, encoded = [*text.split("+", 2), "", ""][:3]
    try:
        raw = base64.b64decode(encoded, validate=True)
        if (
            raw[:1] != COSIGNATURE
            or len(raw) != 33
            or bytes.fromhex(named) != key_id(name, COSIGNATURE, raw[1:])
        ):
            raise ValueError("NAME+ID+KEY, Ed25519")
    except (ValueError, binascii.Error) as fault:
        raise Refused("cosignature", f"--witness {text} ({fault})") from fault
    return name, raw[1:]


def check_cosignatures(
    openssl: OpenSSL, notes: list[Note], witnesses: dict[str, bytes], warnings: list[tuple[str, str]]
) -> None:
    """Each cosignature of a witness that the reader knows holds; the others are named. Says when there is none."""
    lines = {(note.text, *other): note for note in notes for other in note.others}
    if not lines:
        warnings.append(UNWITNESSED)
    for (text, name, named, raw), note in lines.items():
        key = witnesses.get(name)
        if key is None or named != key_id(name, COSIGNATURE, key):
            warnings.append(filled(UNKNOWN_WITNESS, name))
            continue
        seconds = int.from_bytes(raw[:8], "big")
        signed = f"cosignature/v1\ntime {seconds}\n".encode() + text
        now = datetime.now(UTC).timestamp()
        if (
            len(raw) != COSIGNATURE_SIZE
            or seconds > now + AHEAD.total_seconds()
            or not openssl.ed25519_holds(ED25519_PREFIX + key, signed, raw[8:])
        ):
            raise Refused("cosignature", f"{name}, {note.size}")
        at = datetime.fromtimestamp(seconds, UTC)
        warnings.append(filled(COSIGNED, name=name, at=f"{at:%Y-%m-%dT%H:%M:%SZ}"))


def check_token(openssl: OpenSSL, token: Token, warnings: list[tuple[str, str]]) -> bool:
    """The token verifies at its own time; False, with a warning, when its authority is not under the trusted roots."""
    openssl.keep("token.tst", token.data)
    command = (
        "ts", "-verify", "-token_in", "-in", "token.tst", "-digest", token.imprint.hex(),
        "-CAfile", "roots.pem", "-untrusted", "untrusted.pem",
    )  # fmt: skip
    done = openssl.run(*command, "-attime", str(int(token.at.timestamp())))
    if done.returncode:
        if (
            "unable to get local issuer certificate" in done.stderr
            or "self-signed certificate" in done.stderr
        ):
            warnings.append(filled(UNKNOWN_AUTHORITY, token.name))
            return False
        raise Refused("token", f"{token.name} ({last_line(done)})")
    now = openssl.run(*command)
    if now.returncode:
        if "certificate has expired" not in now.stderr:
            raise Refused("token", f"{token.name} ({last_line(now)})")
        warnings.append(filled(EXPIRED, token.name))
    return True


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """The part of openssl's words that says why."""
    lines = [line for line in (done.stderr or done.stdout).splitlines() if "error" in line.lower()]
    return (lines or ["openssl"])[-1].strip()


def read_tokens(
    bundle: Bundle, proved: list[tuple[Entry, Note]], warnings: list[tuple[str, str]]
) -> list[tuple[Token, Entry | Note]]:
    """Each token with what it dates: its name says which, its imprint must agree."""
    notes = {note.size: note for _, note in proved}
    entries = {entry.seq: entry for entry, _ in proved}
    found: list[tuple[Token, Entry | Note]] = []
    for name in bundle.names("tokens"):
        said = re.fullmatch(r"tokens/(checkpoint|entry)-([0-9]{1,19})-[A-Za-z0-9_.-]+\.(tst|ers)", name)
        if said is None:
            raise Refused("token", name)
        dated = (notes if said[1] == "checkpoint" else entries).get(int(said[2]))
        if dated is None:
            raise Refused("extra-part", name)
        if said[3] == "ers":
            warnings.append(RECORDS)
            continue
        token = Token(name, bundle.read(name))
        data = dated.issued if isinstance(dated, Note) else dated.body
        if hashlib.new(token.algorithm, data).digest() != token.imprint:
            raise Refused("token", f"{name} (imprint)")
        found.append((token, dated))
    return found


def check_signatures(
    openssl: OpenSSL,
    bundle: Bundle,
    proved: list[tuple[Entry, Note]],
    listed: LogKeys | None,
    revocations: Revocations,
    warnings: list[tuple[str, str]],
) -> list[Token]:
    """Tokens, the log's certificates at their time, notes, and the order of the dates; returns the tokens that count.

    Only a token that counts dates anything: one of the forger's own would wake an expired certificate.
    """
    logs = certificates(bundle.read("certificates/log.pem"), "log-certificate", "log.pem")
    tokens = read_tokens(bundle, proved, warnings)
    counted = [(token, dated) for token, dated in tokens if check_token(openssl, token, warnings)]
    check_authorities(bundle, logs, [token for token, _ in counted], revocations)
    now = datetime.now(UTC)
    for entry, note in proved:
        dates = [token.at for token, dated in counted if isinstance(dated, Note) and dated.size == note.size]
        if not dates:
            raise Refused("no-token", note.size)
        check_log(openssl, note, logs, listed, revocations, min(dates))
        dates += [token.at for token, dated in counted if dated is entry]
        if entry.at > min(dates) + ACCURACY or max(dates) > now + AHEAD:
            raise Refused("times", f"{entry.at:%Y-%m-%dT%H:%M:%SZ}, {min(dates):%Y-%m-%dT%H:%M:%SZ}")
    return [token for token, _ in counted]


def check_authorities(
    bundle: Bundle, logs: list[bytes], tokens: list[Token], revocations: Revocations
) -> None:
    """Neither a unit that stamped nor an authority above it or above the log was revoked."""
    name = "certificates/untrusted.pem"
    untrusted = certificates(bundle.read(name), "root", name)
    issuers = {issuer_and_serial(one)[0] for one in [*untrusted, *logs]} | {one.signer[0] for one in tokens}
    for token in tokens:
        revocations.check(*token.signer, token.at, token.name, stamps=True)
        for one in untrusted:
            if subject_of(one) in issuers:
                revocations.check(*issuer_and_serial(one), token.at, name, stamps=True)


# --- the verdict --------------------------------------------------------------------------------------------------


def filled(pair: tuple[str, str], *values: object, **named: object) -> tuple[str, str]:
    """A sentence in both languages with its values, from which nothing can move the reader's cursor or forge a line."""
    shown, by_name = (
        [printable(value) for value in values],
        {key: printable(value) for key, value in named.items()},
    )
    return pair[0].format(*shown, **by_name), pair[1].format(*shown, **by_name)


def printable(value: object) -> str:
    """Text as it may be shown on a terminal: control characters and changes of direction are written out."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(value))


def trusted_roots(bundle: Bundle, arguments: argparse.Namespace) -> list[bytes]:
    """The roots to judge with: those given, the claimed one with the fingerprint given, or the claimed ones."""
    if arguments.root:
        found: list[bytes] = []
        for path in arguments.root:
            try:
                found += certificates(path.read_bytes(), "root", path.name)
            except OSError as fault:
                raise Refused("root", fault) from fault
        return found
    claimed = certificates(bundle.read("certificates/claimed-roots.pem"), "root", "claimed-roots.pem")
    if not arguments.fingerprint:
        return claimed
    wanted = {re.sub("[: ]", "", one).lower() for one in arguments.fingerprint}
    chosen = [one for one in claimed if hashlib.sha256(one).hexdigest() in wanted]
    if not chosen:
        raise Refused("root", ", ".join(sorted(wanted)))
    return chosen


def verify(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    """Every check in order. Returns what to say; raises Refused at the first failure."""
    bundle = Bundle(arguments.bundle)
    manifest = check_manifest(bundle)
    entries = read_entries(bundle, manifest)
    files = check_files(bundle, manifest, entries)
    check_disclosures(bundle, entries)
    origin = manifest["origin"]
    proved = check_inclusion(bundle, entries, origin)
    logs = check_logs(bundle, entries)
    roots = trusted_roots(bundle, arguments)
    listed = read_log_keys(bundle, arguments.log_keys, origin)
    warnings: list[tuple[str, str]] = [] if arguments.log_keys else [UNLISTED]
    with tempfile.TemporaryDirectory() as folder:
        openssl = OpenSSL(Path(folder))
        untrusted = certificates(bundle.read("certificates/untrusted.pem"), "root", "untrusted.pem")
        openssl.keep("roots.pem", as_pem(roots))
        openssl.keep("untrusted.pem", as_pem(untrusted))
        authorities = [*roots, *untrusted]
        revocations = read_revocations(openssl, bundle, arguments.crl or [], authorities, warnings)
        tokens = check_signatures(openssl, bundle, proved, listed, revocations, warnings)
        witnesses = dict(map(read_witness, arguments.witness or ()))
        check_cosignatures(openssl, [note for _, note in proved], witnesses, warnings)
    prints = ", ".join(hashlib.sha256(one).hexdigest() for one in roots)
    if not (arguments.root or arguments.fingerprint or arguments.accept_bundled_root):
        raise Refused("untrusted", prints)
    said = [filled(VERIFIED, origin=origin, root=prints)]
    if not (arguments.root or arguments.fingerprint):
        said.append(BUNDLED)
    if b"demonstration" in b"".join([*roots, *untrusted]).lower():
        said.append(DEMONSTRATION)
    for one in entries:
        said.append(filled(LINE, seq=one.seq, kind=one.kind, at=f"{one.at:%Y-%m-%dT%H:%M:%SZ}"))
        said += [filled(VALUE_LINE, name=name, value=value) for name, value in one.shown.items()]
    said += [
        filled(FILE_LINE, name=name, original=original, digest=digest) for name, original, digest in files
    ]
    said += logs
    said += [
        filled(STAMP_LINE, at=f"{one.at:%Y-%m-%dT%H:%M:%SZ}", name=one.name, policy=one.policy)
        for one in tokens
    ]
    if revocations.made_at:
        oldest = f"{min(revocations.made_at):%Y-%m-%dT%H:%M:%SZ}"
        warnings.append(filled(EXAMINED, count=len(revocations.made_at), at=oldest))
    else:
        warnings.append(UNREVOKED)
    return [*said, EXPLAINED, *warnings]


class Parser(argparse.ArgumentParser):
    """A command that is not understood verified nothing: status 1, as for every other reason."""

    def error(self, message: str) -> None:
        self.print_usage(sys.stderr)
        self.exit(1, f"{message}\n")


def main() -> int:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--root", type=Path, action="append", help="a PEM file of roots that you trust")
    parser.add_argument(
        "--fingerprint", action="append", help="SHA-256 of a root that you trust, in hexadecimal"
    )
    parser.add_argument(
        "--accept-bundled-root", action="store_true", help="believe the root that travels inside"
    )
    parser.add_argument(
        "--witness",
        action="append",
        metavar="NAME+ID+KEY",
        help="a witness that you know (C2SP verifier key)",
    )
    parser.add_argument(
        "--log-keys", type=Path, metavar="FILE", help="the list of the log's keys that the platform publishes"
    )
    parser.add_argument(
        "--crl", type=Path, action="append", metavar="FILE", help="a PEM file of today's revocation lists"
    )
    parser.add_argument("--language", choices=["fr", "en", "both"], default="both")
    arguments = parser.parse_args()
    try:
        said, status = verify(arguments), 0
    except Refused as refusal:
        said, status = [filled(REASONS[refusal.reason], refusal.detail)], 1
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    for place, language in enumerate(("fr", "en")):
        if arguments.language in (language, "both"):
            print("\n".join(pair[place] for pair in said))
    return status


if __name__ == "__main__":
    sys.exit(main())
