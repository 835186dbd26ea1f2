"""Evidence bundles: facts with all that lets anybody check them offline, without the platform.

Layout and formats: docs/operations/journal.md. Nothing in a bundle needs us: entries, C2SP tlog-proofs, RFC 3161 tokens,
certificates, a page in French and English, and the verifier for convenience.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from base64 import b64encode
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any, cast
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.utils import translation

from territoires.foundations.trust import api as trust
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Corrupt, Missing
from territoires.kernel.fact import instant_text

from .canonical import canonical
from .disclosures import opened
from .entries import Recorded, read
from .keys import key_spans, log_origin, published_log_keys
from .lines import Group, GroupProof
from .proofs import disclosed
from .store import read_hashes
from .tree import Frontier, inclusion, leaf_hash
from .witnesses import cosignatures

FORMAT = "territoires-evidence/1"
PROOF_FORMAT = "c2sp.org/tlog-proof@v1"
LOG_PROOF_FORMAT = "territoires/log-proof@v1"
LANGUAGES = ("fr", "en")
CHUNK = 256 * 1024
MOST_SHOWN = 100
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}")

Content = Path | Iterable[bytes]


@dataclass(frozen=True, slots=True)
class _Head:
    """The checkpoint that the bundle's proofs lead to, and its tokens by authority."""

    size: int
    note: bytes
    at: datetime
    tokens: tuple[tuple[str, bytes], ...]

    @property
    def cosigned(self) -> bytes:
        """The note with the lines of its witnesses below."""
        return self.note + b"".join(cosignatures(self.size))


@dataclass(frozen=True, slots=True)
class _Proved:
    """An entry of the bundle with the disclosures that the reader may see."""

    recorded: Recorded
    body: bytes
    private: Mapping[str, str]

    @property
    def personal(self) -> list[tuple[str, Any]]:
        return [opened(disclosure) for disclosure in self.private.values()]


def build_bundle(
    entries: Sequence[UUID],
    files: Mapping[str, tuple[str, Content]] | None = None,
    *,
    logs: Sequence[GroupProof] = (),
    private: bool = True,
) -> Iterator[bytes]:
    """The ZIP, in chunks, in bounded memory.

    ``files`` maps the name of a digest in an entry to the file's original name and content (a path or chunks); ``logs``
    are lines below the roots of entries, at most one group an entry; ``private=False`` leaves personal values out. Raises
    Missing for an unknown entry, Conflict while an entry is not sealed yet, Corrupt when a file or lines are not those
    that an entry names.
    """
    proved = [_proved(entry, private) for entry in dict.fromkeys([*entries, *(one.entry for one in logs)])]
    head = _head(max(one.recorded.seq for one in proved))
    return _written(proved, head, dict(files or {}), logs)


def _written(
    proved: list[_Proved], head: _Head, files: dict[str, tuple[str, Content]], logs: Sequence[GroupProof]
) -> Iterator[bytes]:
    bundle = _Bundle()
    shown = []
    for name, (original, content) in files.items():
        path = f"files/{_safe(name)}{_suffix(original)}"
        digest = yield from bundle.stream(path, "file", content, {"name": name, "original-name": original})
        if not any(one.recorded.files.get(name) == digest for one in proved):
            raise Corrupt(
                "file-not-recorded",
                "The file %(name)s is not the one that the journal recorded; no evidence was made.",
                "Call the operator: the file store does not hold what was written.",
                params={"name": original},
            )
        shown.append({"name": name, "original": original, "digest": digest})
    found = {one.recorded.id: one.recorded for one in proved}
    told = []
    for log in logs:
        told.append((yield from _add_log(bundle, found[log.entry], log)))
    for one in proved:
        _add_entry(bundle, one, head)
    for authority, token in head.tokens:
        bundle.add(f"tokens/checkpoint-{head.size}-{authority}.tst", "token", token)
    for one in proved:
        for place, (authority, token) in enumerate(_tokens(entry=one.recorded.id)):
            bundle.add(f"tokens/entry-{one.recorded.seq}-{authority}-{place}.tst", "token", token)
    chain = trust.trust_chain()
    signers = [span.certificate.pem for span in key_spans() if span.signs(head.size)]
    bundle.add("certificates/log.pem", "certificate", b"".join(signers))
    bundle.add("certificates/log-keys.json", "certificate", published_log_keys())
    bundle.add("certificates/untrusted.pem", "certificate", chain.untrusted_pem)
    bundle.add("certificates/claimed-roots.pem", "certificate", chain.root_pem)
    if lists := trust.revocation_lists():
        bundle.add("certificates/crls.pem", "certificate", lists)
    bundle.add("validation.json", "report", _report(proved, head))
    bundle.add("verify_evidence.py", "tool", verifier_path().read_bytes())
    bundle.add("index.html", "page", _page(proved, head, shown, told))
    bundle.add("manifest.json", "", canonical(_manifest(proved, bundle)))
    yield from bundle.end()


def verifier_path() -> Path:
    """The verifier: one file, the standard library and the openssl command."""
    return _verifier()


@cache
def _verifier() -> Path:
    here = Path(__file__).resolve()
    for folder in (here.parents[4] / "tools", here.parents[2] / "tools"):  # the repository, then the wheel
        if (folder / "verify_evidence.py").is_file():
            return folder / "verify_evidence.py"
    raise Missing(
        "verifier-missing", "The evidence verifier is not installed.", "Install the platform again."
    )


class _Bundle:
    """A ZIP written forward only, drained as it grows, that remembers what it holds."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(cast(IO[bytes], self._sink), "w", zipfile.ZIP_DEFLATED)
        self._at = datetime.now(UTC).timetuple()[:6]

    def add(self, path: str, role: str, content: bytes) -> None:
        self._zip.writestr(self._info(path), content)
        if role:
            self._list(path, role, hashlib.sha256(content).hexdigest(), len(content), {})

    def stream(
        self, path: str, role: str, content: Content, said: dict[str, Any]
    ) -> Generator[bytes, None, str]:
        digest, size = hashlib.sha256(), 0
        with self._zip.open(self._info(path), "w", force_zip64=True) as member:
            for chunk in _chunks(content):
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
                yield self._sink.drain()
        self._list(path, role, digest.hexdigest(), size, said)
        return digest.hexdigest()

    def end(self) -> Iterator[bytes]:
        self._zip.close()
        yield self._sink.drain()

    def _list(self, path: str, role: str, digest: str, size: int, said: dict[str, Any]) -> None:
        self.listed.append({"path": path, "role": role, "sha256": digest, "size": size, **said})

    def _info(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, self._at)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info


class _Sink:
    """What the ZIP writer takes for a pipe; ``drain`` takes what came."""

    def __init__(self) -> None:
        self._came = bytearray()

    def write(self, data: bytes) -> int:
        self._came += data
        return len(data)

    def flush(self) -> None:
        """A pipe has one."""

    def drain(self) -> bytes:
        came, self._came = bytes(self._came), bytearray()
        return came


def _proved(entry: UUID, private: bool) -> _Proved:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, hash, body FROM journal_entry AS e LEFT JOIN journal_leaf ON entry = e.id WHERE e.id = %s",
            [entry],
        )
        row = cursor.fetchone()
    if row is None:
        raise Missing("entry-missing", "The journal holds no such fact.", "Check the number on the receipt.")
    if row[0] is None:
        raise _not_sealed()
    body = bytes(row[2])
    if leaf_hash(body) != bytes(row[1]):
        raise Corrupt(
            "journal-altered",
            "Fact %(seq)s of the journal is not what was sequenced; no evidence was made.",
            "Run territoires journal verify.",
            params={"seq": row[0]},
        )
    return _Proved(read(row[0], body), body, disclosed(entry) if private else {})


def _head(seq: int) -> _Head:
    """The first checkpoint that holds ``seq`` and was stamped outside; else one that a witness cosigned; else the first:
    the earliest date counts.

    It is noted as cited, so that it is never thinned.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH head AS (SELECT size, note, at FROM journal_checkpoint WHERE size > %s ORDER BY NOT EXISTS ("
            " SELECT FROM journal_token WHERE checkpoint = size AND authority = 'outside'), NOT EXISTS ("
            " SELECT FROM journal_cosignature WHERE checkpoint = size), size LIMIT 1),"
            " cited AS (INSERT INTO journal_citation SELECT size FROM head ON CONFLICT DO NOTHING)"
            " SELECT size, note, at FROM head",
            [seq],
        )
        row = cursor.fetchone()
    if row is None:
        raise _not_sealed()
    return _Head(row[0], bytes(row[1]), row[2], tuple(_tokens(checkpoint=row[0])))


def _tokens(*, checkpoint: int | None = None, entry: UUID | None = None) -> list[tuple[str, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT authority, token FROM journal_token WHERE checkpoint = %s OR entry = %s ORDER BY id",
            [checkpoint, entry],
        )
        return [(authority, bytes(token)) for authority, token in cursor.fetchall()]


def _not_sealed() -> Conflict:
    return Conflict(
        "proof-not-sealed",
        "The proof is being sealed: the fact is recorded, its checkpoint follows within seconds.",
        "Try again in a moment.",
    )


def _add_entry(bundle: _Bundle, one: _Proved, head: _Head) -> None:
    seq = one.recorded.seq
    bundle.add(f"entries/{seq}.json", "entry", one.body)
    if one.private:
        bundle.add(f"private/{seq}.txt", "private", "".join(f"{d}\n" for d in one.private.values()).encode())
    path = inclusion(read_hashes, seq, head.size)
    lines = [PROOF_FORMAT, f"index {seq}", *(b64encode(step).decode() for step in path)]
    bundle.add(f"proofs/{seq}.tlog-proof", "proof", "\n".join(lines).encode() + b"\n\n" + head.cosigned)


def _add_log(bundle: _Bundle, entry: Recorded, log: GroupProof) -> Generator[bytes, None, dict[str, Any]]:
    """Adds the lines and their path; answers what the page shows of them. Raises Corrupt."""
    edge, shown = Frontier(), []

    def counted() -> Iterator[bytes]:
        for line in log.lines:
            edge.add(leaf_hash(line))
            if edge.size <= MOST_SHOWN:
                shown.append(line.decode("utf-8", "replace").rstrip("\n").split("\t"))
            yield line

    yield from bundle.stream(f"logs/{entry.seq}.tsv", "log", counted(), {})
    group = Group(log.name, edge.size, edge.root())
    reached = log.leads_to(group)
    if reached is None or reached.hex() != entry.files.get("root"):
        raise Corrupt(
            "log-altered",
            "The lines of %(name)s are not those whose root the journal holds; no evidence was made.",
            "Call the operator: the log does not hold what was written.",
            params={"name": log.name},
        )
    lines = [
        LOG_PROOF_FORMAT,
        f"group {log.name} {group.lines}",
        f"index {log.index} {log.size}",
        *(b64encode(step).decode() for step in log.path),
    ]
    bundle.add(f"logs/{entry.seq}.log-proof", "proof", "".join(f"{line}\n" for line in lines).encode())
    return {
        "seq": entry.seq,
        "group": group,
        "groups": log.size,
        "columns": log.columns,
        "lines": shown,
        "others": group.lines - len(shown),
    }


def _manifest(proved: list[_Proved], bundle: _Bundle) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "origin": log_origin(),
        "entries": [one.recorded.seq for one in proved],
        "files": bundle.listed,
    }


def _report(proved: list[_Proved], head: _Head) -> bytes:
    """Our own word of the day: what was checked here before the bundle left. It proves nothing by itself."""
    return canonical(
        {
            "made_at": instant_text(system_clock()),
            "origin": log_origin(),
            "checkpoint": {"size": head.size, "at": instant_text(head.at)},
            "authorities": [authority for authority, _ in head.tokens],
            "entries": [
                {"seq": one.recorded.seq, "id": str(one.recorded.id), "leaf": leaf_hash(one.body).hex()}
                for one in proved
            ],
            "demonstration": trust.trust_chain().is_demonstration,
        }
    )


def _page(
    proved: list[_Proved], head: _Head, files: list[dict[str, str]], logs: list[dict[str, Any]]
) -> bytes:
    chain = trust.trust_chain()
    context = {
        "origin": log_origin(),
        "platform": settings.PLATFORM_NAME,
        "proved": proved,
        "head": head,
        "authorities": [authority for authority, _ in head.tokens],
        "files": files,
        "logs": logs,
        "fingerprint": chain.root_fingerprint,
        "demonstration": chain.is_demonstration,
    }
    parts = []
    for language in LANGUAGES:
        with translation.override(language):
            parts.append(render_to_string("journal/evidence_part.html", {**context, "language": language}))
    return render_to_string(
        "journal/evidence.html", {"parts": parts, "platform": settings.PLATFORM_NAME}
    ).encode()


def _chunks(content: Content) -> Iterable[bytes]:
    if not isinstance(content, Path):
        return content
    return _read(content)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _suffix(original: str) -> str:
    suffix = Path(original).suffix
    return suffix.lower() if _SUFFIX.fullmatch(suffix) else ""
