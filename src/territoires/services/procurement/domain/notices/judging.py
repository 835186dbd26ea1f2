"""A notice judged by the official schema and rules, in this process.

Each pattern of the rules is compiled once for all subtypes that it judges: the seven that are in all of them take about
two seconds and 200 MB, the four of its own that a subtype adds some tenths of a second and 10 to 25 MB. Those that were
asked for last are kept. All of Saxon lives in one thread of its own: its compiled stylesheets belong to the thread that made them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from lxml import etree

from territoires.kernel.xml import Element, parse_xml

from . import schematron
from .schematron import Reader, Rules

ERROR, WARNING = "error", "warning"
MOST_COMPILED = 40
"""How many patterns: the common ones and those of eight subtypes."""
EXT = (
    "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension"
    "/efac:NoticeSubType/cbc:SubTypeCode"
)
NAMES = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
    "efbc": "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1",
    "efext": "http://data.europa.eu/p27/eforms-ubl-extensions/1",
}
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One thing that the rules found. ``rule`` is its official id, ``field`` that of the mention (``BT-21-Lot``),
    ``asks`` present or absent, ``lot`` the lot's id, ``place`` the path of elements; ``detail`` the schema's words.
    """

    rule: str
    severity: str
    stage: str
    field: str = ""
    asks: str = ""
    lot: str = ""
    place: str = ""
    detail: str = ""

    @property
    def stops(self) -> bool:
        return self.severity == ERROR


class Judge:
    """The schema and rules of one version of the SDK; ``schemas`` makes the schema of a document by its root's name."""

    def __init__(self, version: str, read: Reader, schemas: Callable[[str], etree.XMLSchema]) -> None:
        self.version = version
        self._read = read
        self._schemas = schemas
        self._known_schemas: dict[str, etree.XMLSchema] = {}
        self._rules: Rules | None = None
        self._compiled: dict[str, Any] = {}
        self._processor: Any = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="notice-rules")
        self._lock = threading.Lock()

    def judge(self, content: bytes) -> list[Judgement]:
        """What stands against a notice: the schema's faults, or where it has none the rules'. Raises Invalid for what
        is no XML, or of a subtype that the rules do not know."""
        root = parse_xml(content)
        if faults := self._against_schema(root):
            return faults
        subtype = root.findtext(EXT, "", NAMES).strip()
        return self._in_thread(lambda: self._by_rules(subtype, etree.tostring(root, encoding="unicode")))

    def warm(self, subtype: str) -> None:
        """Compiles the rules of a subtype now."""
        self._in_thread(lambda: self._stylesheets(subtype))

    def _against_schema(self, root: Element) -> list[Judgement]:
        name = etree.QName(root).localname
        with self._lock:
            schema = self._known_schemas.get(name) or self._known_schemas.setdefault(
                name, self._schemas(name)
            )
            if schema.validate(root):
                return []
            return [
                Judgement("XSD", ERROR, "schema", place=(one.path or "")[:300], detail=one.message[:500])
                for one in schema.error_log
            ]

    def _by_rules(self, subtype: str, text: str) -> list[Judgement]:
        sheets = self._stylesheets(subtype)
        node = self._processor.parse_xml(xml_text=text)
        fields = self._head().fields
        return [_judgement(one, fields) for sheet in sheets for one in _failures(sheet, node)]

    def _stylesheets(self, subtype: str) -> list[Any]:
        names = schematron.patterns_of(self._head(), f"eforms-{subtype}")
        return [self._stylesheet(name) for name in names]

    def _stylesheet(self, pattern: str) -> Any:
        if pattern not in self._compiled:
            if self._processor is None:
                from saxonche import PySaxonProcessor  # a heavy native library: only where notices are judged

                self._processor = PySaxonProcessor(license=False)
            written = schematron.compile_patterns(self._head(), [pattern], self._read)
            while len(self._compiled) >= MOST_COMPILED:
                del self._compiled[next(iter(self._compiled))]  # the one that was asked for the longest ago
            compiler = self._processor.new_xslt30_processor()
            self._compiled[pattern] = compiler.compile_stylesheet(stylesheet_text=written.decode())
        self._compiled[pattern] = self._compiled.pop(pattern)
        return self._compiled[pattern]

    def _head(self) -> Rules:
        if self._rules is None:
            self._rules = schematron.read_rules(self._read)
        return self._rules

    def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        return self._thread.submit(work).result()


def _failures(sheet: Any, node: Any) -> Element:
    sheet.set_global_context_item(xdm_item=node)
    return parse_xml(sheet.transform_to_string(xdm_node=node).encode())


def _judgement(one: Element, fields: dict[str, str]) -> Judgement:
    about = one.get("about", "").split(" ")[0]
    return Judgement(
        rule=one.get("rule", ""),
        severity=ERROR if one.get("role") == "ERROR" else WARNING,
        stage=one.get("stage", ""),
        field=fields.get(about, about),
        asks=one.get("asks", ""),
        lot=one.get("within", ""),
        place=one.get("place", ""),
    )
