"""The calls of the API: each from what was asked to the bytes of its answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..ministry import answers, letters
from ..ministry.classification import national
from . import creation, memory, replies
from .creation import Counter, Refused
from .forms import Form
from .memory import ACKNOWLEDGED, ERROR, STATUSES, Step, Transaction

PARIS = ZoneInfo("Europe/Paris")
LATIN, XML, PDF, JSON = "text/plain", "application/xml", "application/pdf", "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes to answer with status 200, in ISO-8859-1 where they are words."""

    content: bytes
    media_type: str = LATIN


@dataclass(frozen=True, slots=True)
class Question:
    """What came with a call: the query of its address and, posted, its form."""

    query: Mapping[str, str]
    form: Form

    def number(self, *names: str) -> int:
        """The transaction that is named by one of these; 0 without one."""
        for name in names:
            value = self.query.get(name) or self.form.first(name)
            if value.isdecimal() and len(value) < 16:
                return int(value)
        return 0


@dataclass(frozen=True, slots=True)
class Call:
    """``kind`` is what behaviours choose by; ``about`` are the parameters that may name a transaction."""

    kind: str
    answer: Callable[[Counter, Question], Reply]
    about: tuple[str, ...] = ()


def ok(*lines: object) -> Reply:
    """``OK``, then what was asked."""
    return Reply("\n".join(["OK", *map(str, lines), ""]).encode("latin-1", "replace"))


def ko(words: str) -> Reply:
    """``KO``, then why, with status 200 all the same."""
    return Reply(f"KO\n{words}\n".encode("latin-1", "replace"))


def _create(at: Counter, question: Question) -> Reply:
    number, answered = question.form.first("number"), Reply(b"")
    try:
        made = creation.create(at, question.form)
        verdict, answered = str(made), ok(made)
    except Refused as refusal:
        verdict, answered = str(refusal), ko(str(refusal))
    memory.note_call(at.database, "create", at.account.siren, number, verdict)
    return answered


def _cancel(at: Counter, question: Question) -> Reply:
    try:
        made = creation.cancel(at, question.form)
        verdict, answered = str(made), ok(made)
    except Refused as refusal:
        verdict, answered = str(refusal), ko(str(refusal))
    memory.note_call(at.database, "cancel", at.account.siren, question.form.first("id"), verdict)
    return answered


def _reply(at: Counter, question: Question) -> Reply:
    try:
        made = replies.reply(at, question.form)
        verdict, answered = str(made), ok(made)
    except Refused as refusal:
        verdict, answered = str(refusal), ko(str(refusal))
    memory.note_call(at.database, "reply", at.account.siren, question.form.first("id"), verdict)
    return answered


def _status(at: Counter, question: Question) -> Reply:
    number = question.number("transaction")
    if unique := question.query.get("unique_id"):
        number = next(iter(memory.acts_named(at.database, at.account.siren, unique)), 0)
    if memory.transaction(at.database, at.account.siren, number) is None:
        return ko("Numéro de transaction invalide.")
    now = memory.step(at.database, number)
    words = now.words.encode("latin-1", "replace") if now.status == ERROR else b""
    return Reply(b"OK\n%d\n" % now.status + (now.flow or b"") + words)


def _acknowledgement(at: Counter, question: Question) -> Reply:
    number = question.number("id")
    found = memory.transaction(at.database, at.account.siren, number)
    flow = memory.acknowledgement(at.database, number) if found else None
    if flow is None:
        return Reply(PAGE, "text/html")
    return Reply(flow, XML)


def _files(at: Counter, question: Question) -> Reply:
    number = question.number("transaction")
    if memory.transaction(at.database, at.account.siren, number) is None:
        return ko("Numéro de transaction invalide.")
    return _json(
        [
            {
                "id": str(row["id"]),
                "name": row["name"],
                "posted_filename": row["posted_name"],
                "mimetype": "application/pdf" if row["name"].endswith(".pdf") else "text/xml",
                "size": str(row["size"]),
                "sign": "",
                "code_pj": row["type"],
            }
            for row in memory.files(at.database, number)
        ]
    )


def _file(at: Counter, question: Question) -> Reply:
    content = memory.file_content(at.database, at.account.siren, question.number("file"))
    return Reply(PAGE, "text/html") if content is None else Reply(content, "application/octet-stream")


def _receipt(at: Counter, question: Question) -> Reply:
    made = memory.transaction(at.database, at.account.siren, question.number("trans_id"))
    if made is None:
        return Reply(PAGE, "text/html")
    where = STATUSES.get(memory.status(at.database, made.number), "")
    return Reply(letters.paper([f"Acte {made.act}", made.subject, where]), PDF)


def _list(at: Counter, question: Question) -> Reply:
    wanted = question.query.get("status_id", "0")
    offset, limit = question.number("offset"), question.number("limit") or 100
    since = _hour(question.query.get("min_date"), 0)
    until = _hour(question.query.get("max_date"), 1, float("inf"))
    status = int(wanted) if wanted.removeprefix("-").isdecimal() else 0
    found = memory.in_status(at.database, at.account.siren, status, since, until)
    return _json(
        {
            "status_id": str(status),
            "authority_id": str(at.account.number),
            "offset": str(offset),
            "limit": str(limit),
            "transactions": [_listed(made) for made in found[offset : offset + limit]],
        }
    )


def _count(at: Counter, question: Question) -> Reply:
    wanted = question.query.get("status_id", "0")
    status = int(wanted) if wanted.removeprefix("-").isdecimal() else 0
    found = memory.in_status(at.database, at.account.siren, status, 0, float("inf"))
    return _json({"status_id": status, "authority_id": at.account.number, "nb_transactions": len(found)})


def _statuses(at: Counter, question: Question) -> Reply:
    return _json([{"id": str(code), "name": name} for code, name in STATUSES.items()])


def _letters_about(at: Counter, question: Question) -> Reply:
    number = question.number("id")
    if memory.transaction(at.database, at.account.siren, number) is None:
        return ko("Numéro de transaction invalide.")
    found = memory.letters(at.database, at.account.siren, unread=False, about=number)
    lines = [
        f"{letter.type}-{memory.status(at.database, letter.number)}-{letter.number}\n" for letter in found
    ]
    return Reply("".join(lines).encode())


def _unread_letters(at: Counter, question: Question) -> Reply:
    return _json(
        [
            {
                "id": str(letter.number),
                "type": letter.type,
                "related_transaction_id": str(letter.related),
                "number": letter.act_number,
                "unique_id": letter.act,
                "last_status_id": str(memory.status(at.database, letter.number)),
            }
            for letter in memory.letters(at.database, at.account.siren, unread=True)
        ]
    )


def _mark_read(at: Counter, question: Question) -> Reply:
    memory.mark_read(at.database, at.account.siren, question.number("transaction_id"))
    return _json({"result": "ok"})


def _classification(at: Counter, question: Question) -> Reply:
    return Reply(answers.classification(memory.classification(at.database, at.account.siren)), XML)


def _request_classification(at: Counter, question: Question) -> Reply:
    sender = at.account.sender
    memory.copy_classification(at.database, sender.department, sender.siren)
    made = Transaction(0, sender.siren, "7", "", "", "", 0, "", "", None)
    return ok(memory.keep(at.database, made, [Step(ACKNOWLEDGED)]))


def _connection(at: Counter, question: Question) -> Reply:
    return Reply(b"OK")


def _logins(at: Counter, question: Question) -> Reply:
    return _json([at.account.siren])


def _listed(made: Transaction) -> dict[str, str]:
    return {
        "id": str(made.number),
        "subject": made.subject,
        "number": made.act_number,
        "date": made.decided_on,
        "nature_descr": _nature_label(made.nature),
        "classification": made.matter,
        "type": made.type,
    }


def _nature_label(code: int) -> str:
    """The label of a nature of acts; empty for what has none."""
    nature = national().nature(code)
    return nature.label if nature else ""


def _json(content: Any) -> Reply:
    return Reply(json.dumps(content).encode(), JSON)


def _hour(day: str | None, days_later: int, otherwise: float = 0.0) -> float:
    try:
        wanted = date.fromisoformat(day or "") + timedelta(days=days_later)
    except ValueError:
        return otherwise
    return datetime.combine(wanted, time(), PARIS).timestamp()


PAGE = b"<html><head><title>S2LOW (simulateur)</title></head><body><h1>Acc\xe8s refus\xe9</h1></body></html>"
_ACTES = "/modules/actes"
CALLS: Mapping[tuple[str, str], Call] = {
    ("POST", f"{_ACTES}/actes_transac_create.php"): Call("create", _create),
    ("POST", f"{_ACTES}/actes_transac_cancel.php"): Call("cancel", _cancel, ("id",)),
    ("POST", f"{_ACTES}/actes_transac_reponse_create.php"): Call("reply", _reply, ("id",)),
    ("GET", f"{_ACTES}/actes_transac_get_status.php"): Call("status", _status, ("transaction",)),
    ("GET", f"{_ACTES}/actes_transac_get_ARActe.php"): Call("status", _acknowledgement, ("id",)),
    ("GET", f"{_ACTES}/actes_transac_get_files_list.php"): Call("files", _files, ("transaction",)),
    ("GET", f"{_ACTES}/actes_download_file.php"): Call("files", _file),
    ("GET", f"{_ACTES}/actes_create_pdf.php"): Call("files", _receipt, ("trans_id",)),
    ("GET", f"{_ACTES}/api/list_actes.php"): Call("list", _list),
    ("GET", f"{_ACTES}/api/number_actes.php"): Call("list", _count),
    ("GET", f"{_ACTES}/api/actes_status.php"): Call("list", _statuses),
    ("GET", f"{_ACTES}/actes_transac_get_document.php"): Call("letters", _letters_about, ("id",)),
    ("GET", f"{_ACTES}/api/list_document_prefecture.php"): Call("letters", _unread_letters),
    ("GET", f"{_ACTES}/api/document_prefecture_mark_as_read.php"): Call("letters", _mark_read),
    ("GET", f"{_ACTES}/actes_classification_fetch.php"): Call("classification", _classification),
    ("GET", f"{_ACTES}/actes_classification_request.php"): Call("classification", _request_classification),
    ("GET", "/api/test-connexion.php"): Call("status", _connection),
    ("GET", "/admin/users/api-list-login.php"): Call("status", _logins),
}
"""By method and path."""
