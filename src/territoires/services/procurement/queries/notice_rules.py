"""The official rules of notices and essential data, from the operator's folder: what they say, or that they are missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language, gettext, gettext_noop
from lxml import etree

from territoires.foundations.packs.api import Entry, pack
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, Unavailable
from territoires.kernel.xml import parse_xml

from ..domain.notices import life
from ..domain.notices.decp import Format
from ..domain.notices.judging import Judge, Judgement
from ..domain.notices.subtypes import SUBTYPES
from ..domain.notices.svrl import ELSEWHERE
from ..models import Notice, OpenRecord

EFORMS, DECP = "eforms-sdk", "decp-schema"
SCHEMAS = {
    "ContractNotice": "UBL-ContractNotice-2.3.xsd",
    "ContractAwardNotice": "UBL-ContractAwardNotice-2.3.xsd",
    "PriorInformationNotice": "UBL-PriorInformationNotice-2.3.xsd",
}
LANGUAGES = {"fr": "fra", "en": "eng"}


@dataclass(frozen=True, slots=True)
class Told:
    """One finding of the rules in plain words: ``label`` is the mention, ``step`` the page that mends it."""

    rule: str
    stops: bool
    label: str
    sentence: str
    lot: str
    step: str


@dataclass(frozen=True, slots=True)
class Sdk:
    """One version of the official rules in the operator's folder."""

    version: str
    folder: Path

    @property
    def short(self) -> str:
        """Major and minor: what a notice says that it follows."""
        return ".".join(self.version.split(".")[:2])


def sdk_on(day: date) -> Sdk:
    """The rules of notices of a day. Raises Unavailable, with what the operator must do."""
    entry = _entry(EFORMS, day)
    return Sdk(entry["code"], _folder(EFORMS, day) / entry["folder"])


def judge_on(day: date) -> Judge:
    """The judge of the rules of a day, kept with what it has compiled. Raises Unavailable."""
    found = sdk_on(day)
    return _judge(found.version, found.folder)


def decp_on(day: date) -> Format:
    """The schema of essential data of a day. Raises Unavailable."""
    entry = _entry(DECP, day)
    return _format(entry["code"], _folder(DECP, day) / entry["file"])


def missing_rules() -> list[str]:
    """The names of the official rules that are not on this platform."""
    today = legal_day(system_clock())
    missing = []
    for name, read in ((EFORMS, sdk_on), (DECP, decp_on)):
        try:
            read(today)
        except (Unavailable, OSError, ValueError):
            missing.append(name)
    return missing


def rules_alarm() -> str:
    """For the operator: raises Conflict while official rules are missing that something here waits for.

    An installation that tells nothing to Europe does without the former, one without contracts without the latter.
    """
    missing = missing_rules()
    waited_for = {EFORMS: _notices_wait, DECP: OpenRecord.objects.exists}
    if lacking := [name for name in missing if waited_for[name]()]:
        raise Conflict(
            "notice-rules-missing",
            "Notices or essential data wait: %(names)s is not on this platform.",
            "Add it to the folder of lists: territoires eforms, territoires decp.",
            params={"names": ", ".join(lacking)},
        )
    today = legal_day(system_clock())
    readers: dict[str, Callable[[date], Sdk | Format]] = {EFORMS: sdk_on, DECP: decp_on}
    return ", ".join(f"{name} {read(today).version}" for name, read in readers.items() if name not in missing)


def _notices_wait() -> bool:
    """Whether a European notice waits to be checked."""
    european = [code for code, kind in SUBTYPES.items() if not kind.is_voluntary]
    waiting = Notice.objects.filter(subtype__in=european, state__in=[life.DRAFT, life.READY], rules="")
    return waiting.exists()


def told(found: Judgement, day: date) -> Told:
    """A finding in the reader's language: the mention by its official name, and what is wrong with it."""
    label = _label(found.field, day)
    return Told(found.rule, found.stops, label, _sentence(found, label, day), found.lot, step_of(found.field))


def codes(name: str, day: date) -> dict[str, str]:
    """A code list of the rules with its labels in the reader's language; empty where it is not on this platform."""
    try:
        folder = sdk_on(day).folder
    except Unavailable:
        return {}
    return dict(
        _codes(folder / "codelists" / f"{name}.gc", LANGUAGES.get((get_language() or "fr")[:2], "fra"))
    )


OPEN_DATA = "open-data"
STEPS_OF_FIELDS = {
    "BT-500": "profile",
    "BT-501": "profile",
    "BT-502": "profile",
    "BT-503": "profile",
    "BT-505": "profile",
    "BT-506": "profile",
    "BT-507": "profile",
    "BT-509": "profile",
    "BT-510": "profile",
    "BT-512": "profile",
    "BT-513": "profile",
    "BT-514": "profile",
    "BT-10": "profile",
    "BT-11": "profile",
    "BT-610": "profile",
    "BT-740": "profile",
    "BT-99": "profile",
    "OPT-301": "profile",
    "BT-21": "need",
    "BT-24": "need",
    "BT-23": "need",
    "BT-26": "need",
    "BT-27": "need",
    "BT-262": "need",
    "BT-5071": "need",
    "BT-105": "procedure",
    "BT-106": "procedure",
    "BT-1351": "calendar",
    "BT-88": "need",
    "BT-131": "calendar",
    "BT-1311": "calendar",
    "BT-132": "calendar",
    "BT-127": "calendar",
    "BT-13": "calendar",
    "BT-98": "terms",
    "BT-36": "terms",
    "BT-539": "criteria",
    "BT-541": "criteria",
    "BT-734": "criteria",
    "BT-540": "criteria",
    "BT-271": "procedure",
    "BT-709": "procedure",
    "BT-160": OPEN_DATA,
    "BT-162": OPEN_DATA,
    "BT-163": OPEN_DATA,
}


def step_of(field: str) -> str:
    """The page that mends a mention; empty where it comes from what happened and not from a page of preparation."""
    return STEPS_OF_FIELDS.get("-".join(field.split("-")[:2]).split("(")[0], "")


def _entry(name: str, day: date) -> Entry:
    return pack(name, on=day).entries[-1]


def _folder(name: str, day: date) -> Path:
    folder = settings.ENVIRONMENT.operator_packs
    if folder is None:
        raise Unavailable(
            "notice-rules-missing",
            "The official rules %(name)s are not on this platform.",
            "Ask the operator to add them to its folder of lists (TERRITOIRES_PACKS).",
            params={"name": name, "day": day.isoformat()},
        )
    return Path(folder)


@lru_cache(maxsize=4)
def _judge(version: str, folder: Path) -> Judge:
    rules = folder / "schematrons" / "static"
    return Judge(version, lambda name: _read(rules / name), lambda name: _schema(folder, name))


@lru_cache(maxsize=4)
def _format(version: str, file: Path) -> Format:
    return Format(json.loads(_read(file)), version)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as failure:
        raise Unavailable(
            "notice-rules-missing",
            "The official rules %(name)s are not on this platform.",
            "Ask the operator to add them to its folder of lists (TERRITOIRES_PACKS).",
            params={"name": file.name},
        ) from failure


def _schema(folder: Path, name: str) -> etree.XMLSchema:
    file = folder / "schemas" / "maindoc" / SCHEMAS.get(name, "")
    if name not in SCHEMAS or not file.is_file():
        _read(file / "absent")
    return etree.XMLSchema(file=str(file))


def _label(field: str, day: date) -> str:
    """The official name of a mention in the reader's language; its code where the operator has no translations."""
    term = "-".join(field.split("-")[:2]).split("(")[0]
    return _names(day).get(f"business-term|name|{term}", "") or field


def _names(day: date) -> Mapping[str, str]:
    try:
        folder = sdk_on(day).folder / "translations"
    except Unavailable:
        return {}
    language = (get_language() or "fr")[:2]
    return _translations(folder, language) or _translations(folder, "fr")


@lru_cache(maxsize=8)
def _translations(folder: Path, language: str) -> Mapping[str, str]:
    """The sentences of the rules and the names of mentions, as far as the operator has them in a language."""
    found: dict[str, str] = {}
    for name in ("business-term", "rule"):
        file = folder / f"{name}_{language}.xml"
        if file.is_file():
            # The files declare a document type of their own, which the strict reader refuses.
            text = file.read_text(encoding="utf-8")
            head, _declaration, rest = text.partition("<!DOCTYPE")
            root = parse_xml((head + rest.partition(">")[2]).encode() if rest else text.encode())
            found |= {one.get("key", ""): one.text or "" for one in root.iter("entry")}
    return found


@lru_cache(maxsize=32)
def _codes(file: Path, language: str) -> tuple[tuple[str, str], ...]:
    if not file.is_file():
        return ()
    root = parse_xml(file.read_bytes())
    rows = []
    for row in root.iter("Row"):
        values = {one.get("ColumnRef", ""): one.findtext("SimpleValue", "") for one in row.iter("Value")}
        code = values.get("code", "")
        if code:
            rows.append((code, values.get(f"{language}_label") or values.get("Name") or code))
    return tuple(rows)


_SENTENCES = {
    "schema": gettext_noop("The notice has not the form that the European schema asks for (%(place)s)."),
    "present": gettext_noop("“%(label)s” is missing."),
    "absent": gettext_noop("“%(label)s” may not be told in this notice."),
    "value": gettext_noop("“%(label)s” has a value that the official lists do not allow."),
    "unasked": gettext_noop(
        "The European validation service could not be asked (%(trouble)s). The publisher checks the notice when it takes it."
    ),
    "other": gettext_noop("“%(label)s” does not agree with the rest of the notice."),
}


def _sentence(found: Judgement, label: str, day: date) -> str:
    official = _names(day).get(f"rule|text|{found.rule}", "")
    if official or (found.rule and found.detail):
        return official or found.detail
    kind = (
        "schema"
        if found.stage == "schema"
        else found.asks or ("value" if found.stage[:1] == "3" else "other")
    )
    if found.stage == ELSEWHERE and not found.rule:
        kind = "unasked"
    place = found.place.rpartition("/")[2].rpartition(":")[2]
    return gettext(_SENTENCES[kind]) % {"label": label, "place": place, "trouble": found.detail}
