"""Every file that a consultation sent out of the platform, each judged by the official schemas and rules.

Files are taken where their readers have them: at the simulated publishers, at the public addresses, in the archives that
the ministry had, in the package that was taken out. Each is judged by the official schema of its kind, and a notice by the
rules of its type besides; nothing that the platform said of them before counts.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
from lxml import etree
from referencing import Registry
from referencing.jsonschema import DRAFT4

from territoires.services.procurement.domain.notices.judging import Judge
from territoires.services.procurement.management.commands.decp import put_schema
from territoires.services.procurement.management.commands.eforms import put_sdk
from territoires.services.procurement.models import Consultation
from territoires.services.procurement.queries.notice_data import folder_of
from tests.conftest import SHARED

from .clerk import VILLAGE, Clerk
from .conftest import Town
from .proving import messages_in

DATA = SHARED / "data/procurement"
ACTES = SHARED / "data/legality-accounting/actes/xsd/actesv1_1.xsd"
TED, BOAMP, PORTAL, PUBLIC_DECP = "ted", "boamp", "decp-portal", "decp-public"
RELEASES, RECORD, PACKAGE, STATE, ESPD = "ocds-releases", "ocds-record", "package", "act-to-the-state", "espd"
EXPECTED = frozenset({BOAMP, PORTAL, PUBLIC_DECP, RELEASES, RECORD, PACKAGE, STATE})
"""The kinds of which a consultation below the European thresholds, carried to its end, has sent one at least."""
LARGEST_JUDGED = 4 * 1024 * 1024


class Unsound(AssertionError):
    """A file that an official schema, or its reader, would refuse."""


@dataclass(frozen=True)
class Emitted:
    """A file as its reader has it; ``kind`` is one of the names above."""

    kind: str
    name: str
    content: bytes


def official_rules(folder: Path) -> Path:
    """The official rules and schemas as an operator's folder of packs (``TERRITOIRES_PACKS``)."""
    folder.mkdir(parents=True, exist_ok=True)
    put_sdk(DATA / "eforms", folder, checked_on="2026-11-30")
    put_schema(DATA / "decp/schema_decp_v2.0.3.json", folder, checked_on="2026-11-30")
    return folder


def all_emitted_are_valid(
    town: Town,
    clerk: Clerk,
    consultation: str,
    *,
    package: Path | None = None,
    expected: frozenset[str] = EXPECTED,
) -> Counter[str]:
    """Judges all that a consultation sent out, and answers how many files of each kind there were.

    ``consultation`` is its key or any address that holds it; ``package`` the ZIP that was taken out. Raises Unsound with
    the name of each unsound file and its reason, and each kind of ``expected`` that was never seen.
    """
    key = _key_in(consultation)

    def read(path: str) -> bytes:
        answer = clerk.page.request.get(f"{clerk.site}{path}")
        if not answer.ok:
            raise Unsound(f"{path}: HTTP {answer.status}")
        return answer.body()

    return judge_all(
        emitted(town.var, read, key, organisation=clerk.organisation, package=package),
        Official(town.var / "official"),
        expected,
    )


def judge_all(
    files: Iterator[Emitted], official: Official, expected: frozenset[str] = EXPECTED
) -> Counter[str]:
    """The same for files however they were gathered."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for one in files:
        found += [f"{one.kind} {one.name}: {wrong}" for wrong in official.faults(one)]
        seen[one.kind] += 1
        if one.kind in (TED, BOAMP):
            seen[f"{one.kind}:{subtype_in(one.content)}"] += 1
    if missing := sorted(expected - set(seen)):
        found.append(f"never emitted: {', '.join(missing)}")
    if found:
        raise Unsound("\n".join(found))
    return seen


def emitted(
    var: Path,
    read: Callable[[str], bytes],
    key: UUID,
    *,
    organisation: str = VILLAGE,
    package: Path | None = None,
) -> Iterator[Emitted]:
    """The files of a consultation: those of a platform's folder, of its public addresses by ``read``, of its package."""
    releases = read(f"/marches/donnees/{key}/ocds.json")
    yield Emitted(RELEASES, f"{key}/ocds.json", releases)
    yield Emitted(RECORD, f"{key}/record.json", read(f"/marches/donnees/{key}/record.json"))
    contracts = contracts_in(releases)
    for publisher in (TED, BOAMP):
        for name, content in received(var, publisher):
            if folder_in(content) == _folder_of(key):
                yield Emitted(publisher, f"{name}.xml", content)
    if contracts:
        public = read(f"/marches/donnees/decp/{organisation}.json")
        yield _with_contracts(Emitted(PUBLIC_DECP, f"decp/{organisation}.json", public), contracts)
    for name, content in received(var, "opendata"):
        if contracts & numbers_in(content):
            yield _with_contracts(Emitted(PORTAL, name, content), contracts)
    yield from _to_the_state(var, contracts)
    if package is not None:
        yield Emitted(PACKAGE, package.name, package.read_bytes())
        yield from _in_package(package)


def received(var: Path, publisher: str) -> list[tuple[str, bytes]]:
    """What a simulated publisher had, the oldest first."""
    memory = var / "simulators" / publisher / "memory.db"
    if not memory.exists():
        return []
    with sqlite3.connect(f"file:{memory}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT name, content FROM received ORDER BY at").fetchall()
    return [(str(name), bytes(content)) for name, content in rows]


def contracts_in(releases: bytes) -> set[str]:
    """The numbers of the contracts that the releases tell."""
    return {
        contract["id"] for one in json.loads(releases)["releases"] for contract in one.get("contracts", ())
    }


def numbers_in(decp: bytes) -> set[str]:
    """The numbers of the contracts of a file of essential data."""
    found = json.loads(decp)["marches"]
    return {one["id"] for kind in ("marche", "contrat-concession") for one in found.get(kind, ())}


def folder_in(notice: bytes) -> str:
    """The procedure that a notice names."""
    return str(etree.fromstring(notice).findtext("{*}ContractFolderID") or "")


def subtype_in(notice: bytes) -> str:
    return str(etree.fromstring(notice).findtext(".//{*}NoticeSubType/{*}SubTypeCode") or "")


class Official:
    """The official schemas and rules, each read once; ``folder`` is where they are put to be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def faults(self, one: Emitted) -> Iterator[str]:
        """What its reader has against a file."""
        match one.kind:
            case "ted" | "boamp":
                yield from self._notice(one.content)
            case "decp-portal" | "decp-public":
                yield from self._by(self._decp, json.loads(one.content))
            case "ocds-releases":
                content = json.loads(one.content)
                yield from self._by(self._ocds("release-package-schema.json"), content)
                yield from _history(content["releases"])
            case "ocds-record":
                yield from self._by(self._ocds("record-package-schema.json"), json.loads(one.content))
            case "act-to-the-state":
                yield from _against(self._actes, one.content)
            case "espd":
                root = etree.QName(etree.fromstring(one.content)).localname
                yield from _against(self._espd(root), one.content)
            case "package":
                yield from _package(one.content)
            case _:
                yield "nobody knows this kind"

    def _notice(self, content: bytes) -> Iterator[str]:
        for found in self._judge.judge(content):
            yield f"{found.rule} {found.field} {found.lot} {found.detail or found.place}"

    def _by(self, validator: Any, content: Any) -> Iterator[str]:
        for error in validator.iter_errors(content):
            yield f"{error.json_path}: {error.message[:300]}"

    @cached_property
    def _judge(self) -> Judge:
        (sdk,) = official_rules(self._folder).glob("eforms-*/")
        return Judge(
            sdk.name.removeprefix("eforms-"),
            lambda name: (sdk / "schematrons/static" / name).read_bytes(),
            lambda root: etree.XMLSchema(file=str(sdk / f"schemas/maindoc/UBL-{root}-2.3.xsd")),
        )

    @cached_property
    def _decp(self) -> Any:
        return jsonschema.Draft7Validator(json.loads((DATA / "decp/schema_decp_v2.0.3.json").read_text()))

    @cached_property
    def _ocds_schemas(self) -> tuple[dict[str, Any], Any]:
        read = {one.name: json.loads(one.read_text()) for one in (DATA / "ocds/schema").glob("*.json")}
        registry: Any = Registry()
        for schema in read.values():
            registry = registry.with_resource(schema["id"], DRAFT4.create_resource(schema))
        return read, registry

    def _ocds(self, name: str) -> Any:
        read, registry = self._ocds_schemas
        return jsonschema.Draft4Validator(read[name], registry=registry)

    @cached_property
    def _actes(self) -> etree.XMLSchema:
        return etree.XMLSchema(etree.parse(str(ACTES)))

    def _espd(self, root: str) -> etree.XMLSchema:
        """The ESPD's schemas import those of UBL from beside them, as in the eForms SDK."""
        schemas = self._folder / "espd"
        for source, place in ((DATA / "eforms/schemas/common", "common"), (DATA / "espd", "maindoc")):
            (schemas / place).mkdir(parents=True, exist_ok=True)
            for file in source.glob("*.xsd"):
                (schemas / place / file.name).write_bytes(file.read_bytes())
        return etree.XMLSchema(file=str(schemas / f"maindoc/UBL-{root}-2.3.xsd"))


def _against(schema: etree.XMLSchema, content: bytes) -> Iterator[str]:
    if not schema.validate(etree.fromstring(content)):
        yield from (f"line {one.line}: {one.message}" for one in schema.error_log)


def _history(releases: list[dict[str, Any]]) -> Iterator[str]:
    """What the schema cannot say of releases: each has a name of its own, in the order of its date, of one procedure."""
    if len({one["id"] for one in releases}) < len(releases):
        yield "two releases bear the same id"
    if [one["date"] for one in releases] != sorted(one["date"] for one in releases):
        yield "releases are not in the order of their dates"
    if len({one["ocid"] for one in releases}) != 1:
        yield "releases of several procedures"


def _with_contracts(one: Emitted, contracts: set[str]) -> Emitted:
    if lacking := sorted(contracts - numbers_in(one.content)):
        raise Unsound(f"{one.kind} {one.name}: the contracts {', '.join(lacking)} are not in it")
    return one


def _to_the_state(var: Path, contracts: set[str]) -> Iterator[Emitted]:
    """The envelopes and messages of the archives that the ministry had about these contracts."""
    memory = var / "simulators/ministry/ministry.sqlite"
    if not memory.exists() or not contracts:
        return
    with sqlite3.connect(f"file:{memory}?mode=ro", uri=True) as database:
        digests = [row[0] for row in database.execute("SELECT sha256 FROM envelopes ORDER BY id")]
    acts = {re.sub(r"\W", "_", number) for number in contracts}
    for digest in digests:
        messages = messages_in(var, digest)
        if any(act in message.decode("latin-1") for act in acts for message in messages.values()):
            yield from (Emitted(STATE, name, content) for name, content in messages.items())


def _package(content: bytes) -> Iterator[str]:
    """What a reader of the package checks: the list of its parts agrees with them, and its tables are JSON."""
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        pieces = json.loads(whole.read("manifest.json"))["pieces"]
        if sorted(whole.namelist()) != sorted([*(one["path"] for one in pieces), "manifest.json"]):
            yield "manifest.json does not name what is there"
            return
        for one in pieces:
            part = whole.read(one["path"])
            if (len(part), hashlib.sha256(part).hexdigest()) != (one["size"], one["sha256"]):
                yield f"{one['path']} is not what manifest.json says"
            if one["path"].endswith(".jsonl"):
                yield from _lines(one["path"], part)


def _lines(path: str, content: bytes) -> Iterator[str]:
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            json.loads(line)
        except ValueError as failure:
            yield f"{path}, line {number}: {failure}"


def _in_package(package: Path) -> Iterator[Emitted]:
    """The answers of enterprises in the European form (ESPD) among the documents of the package."""
    with zipfile.ZipFile(package) as whole:
        for entry in whole.infolist():
            if entry.filename.startswith("documents/") and entry.file_size <= LARGEST_JUDGED:
                content = whole.read(entry)
                if _is_espd(content):
                    yield Emitted(ESPD, entry.filename, content)


def _is_espd(content: bytes) -> bool:
    if not content.lstrip().startswith(b"<"):
        return False
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return False  # what a bidder sent is no file of ours
    return etree.QName(root).localname.startswith("QualificationApplication")


def _key_in(address: str) -> UUID:
    found = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", address)
    assert found, address
    return UUID(found[0])


def _folder_of(key: UUID) -> str:
    """The name that all notices give to the procedure."""
    return str(folder_of(Consultation(pk=key)))
