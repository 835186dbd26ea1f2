"""Translations without gettext's programs: finds message ids, keeps the catalogues, compiles them, checks them.

English is the message id. Each application holds ``locale/fr/LC_MESSAGES/django.po``; the rooms that are no Django
application (kernel, contracts, config) are kept in ``ui``'s.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
LOCALE = "fr"
NO_BREAK_SPACE = "\u00a0"
HOMELESS = ("kernel", "contracts", "config")
KEYWORDS: Any = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop", "msgid"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}
# Values of the kernel that carry message ids, by the position (or name) of each: no framework marks them there.
FAMILIES = ("Invalid", "Denied", "Missing", "Gone", "Conflict", "TooLate", "Unavailable", "Corrupt")
CARRIERS = {
    **{family: {1: "message", 2: "remedy"} for family in FAMILIES},
    "Fault": {2: "message", 3: "remedy"},
    "State": {1: "label", 2: "meaning"},
}
HEADER = """\
msgid ""
msgstr ""
"Language: fr\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""

Key = tuple[str, ...] | str


@dataclass(frozen=True)
class Found:
    """A message id as written in a source file; a pair when it has a plural."""

    key: Key
    context: str | None
    path: Path


@dataclass(frozen=True)
class Application:
    """One folder with its catalogue."""

    root: Path

    @property
    def name(self) -> str:
        return str(self.root.relative_to(PACKAGE))

    @property
    def po(self) -> Path:
        return self.root / "locale" / LOCALE / "LC_MESSAGES" / "django.po"

    @cached_property
    def catalog(self) -> Catalog:
        """The catalogue as it stands; an empty one where there is none yet."""
        if not self.po.exists():
            return Catalog(locale=LOCALE, project="Territoires", fuzzy=False)
        with self.po.open("rb") as stream:
            return read_po(stream, locale=LOCALE, abort_invalid=True)

    def sources(self) -> Iterator[Path]:
        """The Python files and templates whose messages it keeps."""
        for pattern in ("*.py", "templates/**/*.html", "templates/**/*.txt"):
            yield from sorted(self.root.rglob(pattern))
        if self.name == "ui":
            for room in HOMELESS:
                yield from sorted((PACKAGE / room).rglob("*.py"))

    def messages(self) -> list[Found]:
        """What its sources say, each once."""
        found = {(m.key, m.context): m for path in self.sources() for m in messages_in(path)}
        return list(found.values())


def applications() -> list[Application]:
    """Every folder that is a Django application of ours."""
    return [Application(path.parent) for path in sorted(PACKAGE.rglob("apps.py"))]


def messages_in(path: Path) -> Iterator[Found]:
    """The message ids of one file."""
    source = path.read_text()
    if path.suffix == ".py":
        yield from (Found(key, None, path) for key in _carried(ast.parse(source)))
    else:
        # What templatize leaves is calls of gettext between runs of X, on lines whose indentation means nothing.
        source = "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())
    for _line, message, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
        key = tuple(message) if isinstance(message, (tuple, list)) else message
        if key:
            yield Found(key, context, path)


def _carried(tree: ast.AST) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            carrier = CARRIERS.get(name, {})
            by_name = {keyword.arg: keyword.value for keyword in call.keywords}
            for position, argument in carrier.items():
                value = call.args[position] if position < len(call.args) else by_name.get(argument)
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                    yield value.value


def add_new(application: Application) -> int:
    """Writes into the catalogue, untranslated, each message that it lacks; gives their number."""
    missing = [found for found in application.messages() if _held(application, found) is None]
    for found in missing:
        application.catalog.add(found.key, context=found.context)
    if missing:
        write(application)
    return len(missing)


def write(application: Application) -> None:
    """Writes the catalogue, sorted, so that two people's additions seldom meet."""
    application.po.parent.mkdir(parents=True, exist_ok=True)
    with application.po.open("wb") as stream:
        stream.write(HEADER.encode())
        write_po(stream, application.catalog, width=110, omit_header=True, sort_output=True)


def compile_catalog(application: Application) -> bool:
    """Writes the ``.mo`` beside the ``.po``; False where there is nothing to compile."""
    if not application.po.exists():
        return False
    for message in application.catalog:
        message.string = (
            tuple(typeset(one or "") for one in message.string)
            if isinstance(message.string, (tuple, list))
            else typeset(message.string or "")
        )
    compiled = application.po.with_suffix(".mo")
    written = compiled.with_suffix(f".{os.getpid()}.mo")
    with written.open("wb") as stream:
        write_mo(stream, application.catalog)
    written.replace(compiled)  # at once: another process may be reading the former one
    return True


def typeset(french: str) -> str:
    """No line starts with a French high punctuation mark, none parts a number: translators type plain spaces."""
    french = re.sub(r" (?=[;:!?»€]|%(?!\())|(?<=«) ", NO_BREAK_SPACE, french)
    return re.sub(r"(?<=\d) (?=\d{3}\b)", NO_BREAK_SPACE, french)


def faults(application: Application) -> Iterator[str]:
    """What stands between the catalogue and a complete French, one sentence each."""
    for found in application.messages():
        if _held(application, found) is None:
            yield f"{application.name}: missing {found.key!r} ({found.path.relative_to(PACKAGE)})"
    for message in application.catalog:
        if not message.id:
            continue
        if message.fuzzy:
            yield f"{application.name}: fuzzy {message.id!r}"
        if not _is_translated(message):
            yield f"{application.name}: untranslated {message.id!r}"
        for error in message.check(application.catalog):
            yield f"{application.name}: {error} in {message.id!r}"
        if _is_translated(message) and not _keeps_placeholders(message):
            yield f"{application.name}: other placeholders than those of {message.id!r}"


def _held(application: Application, found: Found) -> Message | None:
    singular = found.key if isinstance(found.key, str) else found.key[0]
    message = application.catalog.get(singular, found.context)
    if message and isinstance(found.key, tuple) and not message.pluralizable:
        return None
    return message


def _is_translated(message: Message) -> bool:
    return all(_forms(message.string))


def _keeps_placeholders(message: Message) -> bool:
    """Whether each form names what its English names; the French singular, which serves 0 too, may say the number."""
    english, french = (
        [_placeholders(form) for form in _forms(said)] for said in (message.id, message.string)
    )
    return french[-1] == english[-1] and french[0] in (english[0], english[-1])


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text))


def _forms(said: Any) -> Sequence[str]:
    """A message is one text, or its singular and its plural."""
    return said if isinstance(said, (tuple, list)) else (said,)
