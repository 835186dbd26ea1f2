"""The HTTP API of S2LOW, which approved third parties speak: what is posted, and how its answers are read.

Answers are lines in ISO-8859-1: ``OK`` or ``KO``, then what was asked or why not, always with status 200. Some servers
write UTF-8, other ends of line, or a page in HTML where something went wrong: what cannot be read raises ``Odd``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from territoires.kernel.errors import Invalid
from territoires.kernel.text import fold

from .actes.reading import ReceivedAct

_MODULE = "/modules/actes"
CREATE = f"{_MODULE}/actes_transac_create.php"
CANCEL = f"{_MODULE}/actes_transac_cancel.php"
REPLY = f"{_MODULE}/actes_transac_reponse_create.php"
STATUS = f"{_MODULE}/actes_transac_get_status.php"
ACKNOWLEDGEMENT = f"{_MODULE}/actes_transac_get_ARActe.php"
LIST = f"{_MODULE}/api/list_actes.php"
UNREAD_LETTERS = f"{_MODULE}/api/list_document_prefecture.php"
LETTER_READ = f"{_MODULE}/api/document_prefecture_mark_as_read.php"
FILES = f"{_MODULE}/actes_transac_get_files_list.php"
DOWNLOAD = f"{_MODULE}/actes_download_file.php"
REQUEST_CLASSIFICATION = f"{_MODULE}/actes_classification_request.php"
FETCH_CLASSIFICATION = f"{_MODULE}/actes_classification_fetch.php"

ENCODING = "ISO-8859-1"
PAGE_LENGTH = 100
ERROR, REFUSED, CANCELLED = -1, 6, 0
ACKNOWLEDGED = frozenset({4, 5, 12, 13, 14, 19, 20, 22})
"""The State has it; what comes after 4 is closing and archiving at the third party."""
FAILED = frozenset({ERROR, REFUSED})
REPLY_RECEIVED = 11
FORWARD = (17, 18, 1, 2, 3, 4, REPLY_RECEIVED, 5, 19, 12, 13, 14, 20, 22, 6, 0, -1)
"""Every status in the order in which a transaction meets them: one that moves while we list is met further on."""

_NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_BOM = b"\xef\xbb\xbf"
# What ``KO`` says when it is about us and not about what we sent: the operator mends it, and the act waits.
_NOT_LET_IN = ("authentification", "acces refuse", "acces interdit", "certificat", "initialisation du module")


class Odd(Exception):
    """The answer is not one of the API: what became of the request is unknown."""


class Declined(Exception):
    """``KO``, with the third party's words; ``is_ours`` when they are about us and not about what was sent."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words

    @property
    def is_ours(self) -> bool:
        said = fold(self.words)
        return any(sign in said for sign in _NOT_LET_IN)


@dataclass(frozen=True, slots=True)
class Status:
    """Where a transaction is: ``message`` is the State's XML when it came with it, ``words`` the reason of an error."""

    code: int
    message: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A transaction of a list. ``decided_on`` is empty for what has no day of its own."""

    number: int
    type: str
    act_number: str
    decided_on: str
    status: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of the prefecture that nobody has read there."""

    number: int
    act: str


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A file of a letter; the first of them is the message."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a transaction was found to be: kept whole before it is read, so that what was answered can be proved.

    ``envelope`` is the name of the envelope that became the transaction, which makes reports of two transactions
    differ even where the third party said the same of both.
    """

    envelope: str
    siren: str
    transaction: int
    status: int
    answer: bytes

    def write(self) -> bytes:
        head = f"envelope: {self.envelope}\nsiren: {self.siren}\ntransaction: {self.transaction}\nstatus: {self.status}\n"
        return head.encode("ascii") + b"\n" + self.answer

    @property
    def message(self) -> bytes:
        """The State's XML, empty without one; it comes behind a status, or alone. Raises Declined or Odd."""
        try:
            return status_in(self.answer).message
        except Odd:
            return xml_in(self.answer)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Raises Invalid for bytes that this did not write."""
        head, _blank, answer = data.partition(b"\n\n")
        try:
            values = dict(line.split(": ", 1) for line in head.decode("ascii").splitlines())
            return cls(
                values["envelope"], values["siren"], int(values["transaction"]), int(values["status"]), answer
            )
        except (ValueError, KeyError) as error:
            raise Invalid(
                "s2low-report",
                "This is no report of what a third party answered.",
                "It is kept aside: the operator decides what to do with it.",
            ) from error


def fields_of(act: ReceivedAct, types: Sequence[str]) -> list[tuple[str, bytes]]:
    """The form that creates a transaction; ``types`` are the types of its pieces, the act's first."""
    values = {
        "api": "1",
        "nature_code": act.nature_code,
        **{f"classif{rank}": level for rank, level in enumerate(act.matter_code.split("."), 1)},
        "number": act.number,
        "subject": act.object,
        "decision_date": act.decided_on.isoformat(),
        "en_attente": "0",
        "document_papier": "0",
        "type_acte": types[0],
    }
    pairs = [*values.items(), *(("type_pj[]", code) for code in types[1:])]
    return [(name, value.encode(ENCODING)) for name, value in pairs]


def reply_fields_of(
    letter: int, kind: str, nature_code: str, types: Sequence[str]
) -> list[tuple[str, bytes]]:
    """The form that answers a letter; ``kind`` is the message (3-4), ``types`` are those of its files."""
    subject, flow = kind.split("-")
    values = {"api": "1", "id": str(letter), "nature_code": nature_code, "type_acte": types[0]}
    if subject != "2":  # a simple letter has one kind of answer
        values["type_envoie"] = flow
    pairs = [*values.items(), *(("type_pj[]", code) for code in types[1:])]
    return [(name, value.encode(ENCODING)) for name, value in pairs]


def number_in(body: bytes) -> int:
    """The number that was given to a new transaction. Raises Declined or Odd."""
    number = _lines(body)[1:2]
    if not number or _NUMBER.fullmatch(number[0]) is None:
        raise Odd("no number of a transaction")
    return int(number[0])


def status_in(body: bytes) -> Status:
    """Raises Declined or Odd."""
    code, *_rest = _lines(body)[1:] or [""]
    try:
        status = int(code)
    except ValueError as error:
        raise Odd("no status") from error
    message, words = _split_message(body.removeprefix(_BOM).split(b"\n", 2)[2:])
    return Status(status, message, _text(words).strip())


def listed_in(body: bytes, status: int) -> list[Listed]:
    """One page of a list of transactions in that status. Raises Declined or Odd."""
    answered = _json(body)
    rows = answered.get("transactions") if isinstance(answered, dict) else None
    if not isinstance(rows, list):
        raise Odd("no list of transactions")
    return [
        Listed(
            _number(row, "id"),
            str(row.get("type", "")),
            str(row.get("number") or ""),
            str(row.get("date") or "")[:10],
            status,
        )
        for row in _objects(rows)
    ]


def letters_in(body: bytes) -> list[Letter]:
    """The unread letters. Raises Declined or Odd."""
    return [Letter(_number(row, "id"), str(row.get("unique_id") or "")) for row in _objects(_json(body))]


def files_in(body: bytes) -> list[LetterFile]:
    """The files of a transaction, its message first. Raises Declined or Odd."""
    return [LetterFile(_number(row, "id"), str(row.get("name") or "")) for row in _objects(_json(body))]


def xml_in(body: bytes) -> bytes:
    """A document that comes alone. Raises Declined or Odd."""
    bare = body.removeprefix(_BOM).lstrip()
    if not bare.startswith(b"<") or bare[:200].lstrip().lower().startswith((b"<html", b"<!doctype")):
        _lines(body)
        raise Odd("no XML")
    return bare


def mine(
    listed: Iterable[Listed], *, type: str, act_number: str, decided_on: date, after: int, known: set[int]
) -> Listed | None:
    """The transaction that a request of ours made, though nobody told us its number; None when it made none.

    ``known`` are those whose number we have, and ``after`` the one that it follows. Of several, which only a mistake of
    the third party makes, the one that the State has, else the first that did not fail, else the first.
    """
    found = [
        one
        for one in listed
        if one.type == type
        and one.act_number == act_number
        and one.decided_on in ("", decided_on.isoformat())
        and one.number > after
        and one.number not in known
    ]
    by_worth = sorted(
        found, key=lambda one: (one.status not in ACKNOWLEDGED, one.status in FAILED, one.number)
    )
    return by_worth[0] if by_worth else None


def _lines(body: bytes) -> list[str]:
    """The lines of an answer that begins with ``OK``. Raises Declined or Odd."""
    lines = [line.strip() for line in _text(body).split("\n")]
    if lines[0] == "KO":
        raise Declined(" ".join(" ".join(lines[1:]).split()) or "KO")
    if lines[0] != "OK":
        raise Odd(f"it begins with {lines[0][:40]!r}")
    return lines


def _text(body: bytes) -> str:
    """In UTF-8 when it is: words in ISO-8859-1 that could be read so do not happen."""
    try:
        return body.removeprefix(_BOM).decode()
    except UnicodeDecodeError:
        return body.decode(ENCODING)


def _split_message(rest: list[bytes]) -> tuple[bytes, bytes]:
    """The State's message, and the words that follow it without a break."""
    content = rest[0].lstrip() if rest else b""
    root = re.match(rb"(?:<\?xml[^>]*\?>)?\s*<([A-Za-z][\w.:-]*)", content)
    if root is None:
        return b"", content
    closing = b"</" + root[1]
    start = content.rfind(closing)
    end = content.find(b">", start if start >= 0 else root.end()) + 1
    return content[:end], content[end:]


def _json(body: bytes) -> Any:
    try:
        return json.loads(_text(body))
    except (ValueError, RecursionError) as error:
        _lines(body)
        raise Odd("no JSON") from error


def _objects(rows: Any) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Odd("no list")
    return rows


def _number(row: dict[str, Any], name: str) -> int:
    value = str(row.get(name, ""))
    if _NUMBER.fullmatch(value) is None:
        raise Odd("no number of a transaction")
    return int(value)
