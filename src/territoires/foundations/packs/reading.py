"""Reads one pack file: a TOML header, with its entries inside or in a CSV file beside it.

A header that does not hold together is refused in words, with the file and the place, so that an operator who edits
a pack in a text editor can mend it alone.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_noop

from territoires.kernel.errors import Fault, Invalid, Missing

Entry = Mapping[str, Any]

FILE_NAME = re.compile(r"(?P<name>[a-z][a-z0-9-]*)\.(?P<valid_from>\d{4}-\d{2}-\d{2})\.toml")
_HEADER: Mapping[str, type] = {
    "name": str,
    "subject": str,
    "title": dict,
    "valid_from": date,
    "checked_on": date,
    "source": list,
}
_OPTIONAL: Mapping[str, type] = {
    "version": str,
    "valid_until": date,
    "unverified": list,
    "columns": dict,
    "entries": list,
}
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Source:
    """Where the data come from: the text of law or the publication, and its address."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Pack:
    """One dated version of one list. ``valid_until`` is the last day on which it applies, None while it does.

    Each entry has a ``code``, text and unique in its pack. ``unverified`` says, in words, what was not checked
    against the source. ``is_operators`` is true when the file comes from the operator's folder.
    """

    name: str
    subject: str
    title: Mapping[str, str]
    version: str
    source: tuple[Source, ...]
    checked_on: date
    valid_from: date
    valid_until: date | None
    entries: tuple[Entry, ...]
    unverified: tuple[str, ...] = ()
    is_operators: bool = False
    folder: Path = Path()
    """Where its file is: other files that its entries name lie beside it."""

    def applies(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

    def by_code(self, code: str) -> Entry:
        """The entry of this code. Raises Missing."""
        for entry in self.entries:
            if entry["code"] == code:
                return entry
        raise Missing(
            "unknown-code",
            gettext_noop("The list %(pack)s of %(version)s has no code %(code)s."),
            gettext_noop("Choose a code of the list, or add it to the operator's version of the list."),
            params={"pack": self.name, "version": self.version, "code": code},
        )


def read_pack(path: Path, *, is_operators: bool = False) -> Pack:
    """The pack of one ``<name>.<from>.toml`` file. Raises Invalid, whose faults say what to mend and where."""
    header = _parsed(path)
    faults = [*_header_faults(path, header), *_unknown_keys(header)]
    if faults:
        raise _refused(path, faults)
    return Pack(
        name=header["name"],
        subject=header["subject"],
        title=MappingProxyType(header["title"]),
        version=header.get("version", header["valid_from"].isoformat()),
        source=tuple(Source(one["text"], one["url"]) for one in header["source"]),
        checked_on=header["checked_on"],
        valid_from=header["valid_from"],
        valid_until=header.get("valid_until"),
        entries=_checked_entries(path, header),
        unverified=tuple(header.get("unverified", ())),
        is_operators=is_operators,
        folder=path.parent,
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise _refused(path, [_fault("", gettext_noop("The file is not UTF-8 text."))]) from None
    except tomllib.TOMLDecodeError as error:
        raise _refused(
            path, [_fault("", gettext_noop("The file is not TOML: %(detail)s."), detail=str(error))]
        ) from None


def _header_faults(path: Path, header: Mapping[str, Any]) -> Iterator[Fault]:
    for key, kind in {**_HEADER, **_OPTIONAL}.items():
        if key not in header:
            if key in _HEADER:
                yield _fault(key, gettext_noop("%(key)s is absent."), key=key)
        elif not _is_a(header[key], kind):
            yield _fault(key, gettext_noop("%(key)s must be a %(kind)s."), key=key, kind=kind.__name__)
    yield from _name_faults(path, header)
    yield from _source_faults(header.get("source"))
    title = header.get("title")
    if isinstance(title, dict) and set(title) != {"fr", "en"}:
        yield _fault("title", gettext_noop("title needs a French (fr) and an English (en) text."))
    if _is_before(header.get("valid_until"), header.get("valid_from")):
        yield _fault("valid_until", gettext_noop("valid_until is before valid_from."))


def _name_faults(path: Path, header: Mapping[str, Any]) -> Iterator[Fault]:
    named = FILE_NAME.fullmatch(path.name)
    if named is None:
        yield _fault("name", gettext_noop("The file name is not of the form name.YYYY-MM-DD.toml."))
        return
    if header.get("name") != named["name"] or str(header.get("valid_from")) != named["valid_from"]:
        yield _fault("name", gettext_noop("name and valid_from are not those of the file name."))


def _source_faults(source: Any) -> Iterator[Fault]:
    if not isinstance(source, list):
        return
    if not source:
        yield _fault("source", gettext_noop("A pack names at least one source."))
    for one in source:
        if not (isinstance(one, dict) and {"text", "url"} == set(one)):
            yield _fault("source", gettext_noop("A source has a text and a url, nothing else."))


def _unknown_keys(header: Mapping[str, Any]) -> Iterator[Fault]:
    for key in header.keys() - _HEADER.keys() - _OPTIONAL.keys():
        yield _fault(key, gettext_noop("%(key)s is not a key of a pack."), key=key)


def _checked_entries(path: Path, header: Mapping[str, Any]) -> tuple[Entry, ...]:
    table = path.with_suffix(".csv")
    if table.exists() == ("entries" in header):
        raise _refused(
            path,
            [_fault("entries", gettext_noop("The entries stand either in the file or in a CSV beside it."))],
        )
    entries = _read_table(table, header.get("columns", {})) if table.exists() else header["entries"]
    seen: set[str] = set()
    for place, entry in enumerate(entries, start=1):
        code = entry.get("code") if isinstance(entry, dict) else None
        if not isinstance(code, str) or not code or code in seen:
            raise _refused(
                path,
                [
                    _fault(
                        "entries",
                        gettext_noop(
                            "Entry %(place)s has no code, a code that is not text, or one used before."
                        ),
                        place=place,
                    )
                ],
            )
        seen.add(code)
    return tuple(MappingProxyType(entry) for entry in entries)


def _read_table(path: Path, columns: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of a CSV (UTF-8, comma, header line); ``columns`` gives the type of those that are not text."""
    if unknown := [name for name, kind in columns.items() if kind not in _READERS]:
        raise _refused(path, [_fault("columns", gettext_noop("Unknown type for: %(names)s."), names=unknown)])
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        return [_read_row(path, reader.line_num, row, columns) for row in reader]


def _read_row(path: Path, line: int, row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    try:
        return {name: _READERS[columns.get(name, "text")](value) for name, value in row.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _refused(
            path, [_fault("entries", gettext_noop("Line %(line)s does not fit the columns."), line=line)]
        ) from None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "text": str.strip,
    "texts": lambda value: tuple(value.split()),
    "integer": int,
    "date": date.fromisoformat,
    "boolean": lambda value: _BOOLEANS[value.strip().lower()],
}


def _is_a(value: Any, kind: type) -> bool:
    return type(value) is kind  # a TOML date-time is a date for isinstance, and would not be a legal day


def _is_before(first: Any, second: Any) -> bool:
    return _is_a(first, date) and _is_a(second, date) and first < second


def _fault(field: str, message: str, **params: Any) -> Fault:
    return Fault(field=field, code="pack-malformed", message=message, params=params)


def _refused(path: Path, faults: list[Fault]) -> Invalid:
    return Invalid(
        "pack-malformed",
        gettext_noop("The list %(file)s cannot be read; the lists that were in use stay in use."),
        gettext_noop("Mend the file as said below, then check it with: territoires packs."),
        params={"file": path.name},
        faults=faults,
    )
