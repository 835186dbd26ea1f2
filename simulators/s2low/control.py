"""The third party as a whole: started in a folder, and asked through the control API to behave well or badly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from .. import certificates, clock
from ..control_api import Answer, Unfit, as_json, is_json, obeyed, password_in, replace
from ..ministry import answers, letters
from ..ministry.checks import Sender
from ..ministry.norm import is_siren
from ..servers import TlsServer
from ..store import Store
from . import creation, door, memory
from .behaviours import Behaviour, Settings
from .calls import PARIS
from .memory import LETTER_ACKNOWLEDGED, LETTER_WITHOUT_ANSWER, STATUSES, Account, Step, Transaction

SUMMARY = "An approved third party of the S2LOW API: HTTPS with a client certificate and a login, asked for answers."
USUAL_WORDS = "Examen de l'acte au titre du contrôle de légalité."


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """A running third party; ``connection`` is what the platform needs to know of it."""

    store: Store
    connection: Mapping[str, Any]


_running: list[ThirdParty] = []


def start(folder: Path) -> None:
    """Opens the door. ``folder/connection.json`` says where it is: it is written last, at each start anew."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = folder / "certificates"
    certificates.ensure(keys, "S2LOW")
    store = Store(folder / "s2low.sqlite", memory.TABLES)
    password = password_in(folder / "login.password")
    server = TlsServer(
        door.door(store, folder, password, _now), certificates.server_context(keys, asks_for_certificate=True)
    )
    server.start()
    connection = {
        "url": f"https://127.0.0.1:{server.port}",
        "authority": str((keys / f"{certificates.AUTHORITY}.pem").resolve()),
        "certificate": str((keys / f"{certificates.TRANSMITTER}.pem").resolve()),
        "key": str((keys / f"{certificates.TRANSMITTER}.key").resolve()),
        "accounts": {"*": {"password": password}},
    }
    _running[:] = [ThirdParty(store, connection)]
    replace(folder / "connection.json", json.dumps(connection, indent=2))


def answer(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """One call of the control API: JSON in and out. What cannot be done is 400 with the reason."""
    if not _running:
        return as_json(503, {"error": "not started"})
    (running,) = _running
    if method == "GET":
        question = _QUESTIONS.get(path)
        return as_json(200, question(running)) if question else as_json(404, {"error": path})
    if not is_json(headers):
        return as_json(415, {"error": "Content-Type: application/json"})
    order = _ORDERS.get(path)
    return obeyed(partial(order, running), body) if order else as_json(404, {"error": path})


def _state(running: ThirdParty) -> dict[str, Any]:
    with running.store.transaction() as database:
        settings = asdict(memory.settings(database))
    return {"connection": {**running.connection, "accounts": "***"}, "settings": settings}


def _transactions(running: ThirdParty) -> list[dict[str, Any]]:
    with running.store.transaction() as database:
        rows = [dict(row) for row in database.execute("SELECT * FROM transactions ORDER BY id").fetchall()]
        return [{**row, "status": memory.status(database, row["id"])} for row in rows]


def _calls(running: ThirdParty) -> list[dict[str, Any]]:
    with running.store.transaction() as database:
        return [dict(row) for row in database.execute("SELECT * FROM calls ORDER BY id")]


def _behave(running: ThirdParty, asked: Mapping[str, Any]) -> None:
    behaviour = Behaviour.read(asked)
    with running.store.transaction() as database:
        memory.add_behaviour(database, behaviour)


def _clear(running: ThirdParty, asked: Mapping[str, Any]) -> None:
    with running.store.transaction() as database:
        database.execute("DELETE FROM behaviours")
        memory.hasten(database)


def _set_up(running: ThirdParty, asked: Mapping[str, Any]) -> None:
    settings = Settings.read(asked)
    with running.store.transaction() as database:
        memory.set_up(database, settings)


def _declare(running: ThirdParty, asked: Mapping[str, Any]) -> None:
    names = ("siren", "department", "arrondissement", "nature")
    if set(asked) != set(names):
        raise Unfit("siren, department, arrondissement and nature are expected")
    sender = Sender(*(str(asked[name]) for name in names))
    if not is_siren(sender.siren):
        raise Unfit("siren has nine digits whose Luhn sum holds")
    with running.store.transaction() as database:
        memory.declare(database, sender)


def _publish(running: ThirdParty, asked: Mapping[str, Any]) -> None:
    if not set(asked) <= {"department", "dated_on", "matters"} or "dated_on" not in asked:
        raise Unfit("department (021), dated_on and further matters are expected")
    matters = asked.get("matters", {})
    if not isinstance(matters, dict):
        raise Unfit("matters go from code (7.1.2) to label")
    day = date.fromisoformat(asked["dated_on"])
    with running.store.transaction() as database:
        memory.publish(database, str(asked.get("department", "")), day, matters)


def _move(running: ThirdParty, asked: Mapping[str, Any]) -> None:
    """A person at the third party changed a transaction's status."""
    if set(asked) - {"transaction", "status", "words"} or asked.get("status") not in STATUSES:
        raise Unfit("transaction, a known status and words are expected")
    with running.store.transaction() as database:
        found = _found(database, asked)
        memory.add_step(database, found.number, Step(asked["status"], str(asked.get("words", ""))))


def _confirm(running: ThirdParty, asked: Mapping[str, Any]) -> None:
    """The holder of a certificate confirms what was created ``en_attente``."""
    with running.store.transaction() as database:
        found = _found(database, asked)
        counter = creation.Counter(database, _account(database, found), Behaviour(), _today())
        try:
            creation.confirm(counter, found.number)
        except creation.Refused as refusal:
            raise Unfit(str(refusal)) from refusal


def _write_letter(running: ThirdParty, asked: Mapping[str, Any]) -> None:
    kind, words = str(asked.get("kind", "")), str(asked.get("words", "")) or USUAL_WORDS
    if set(asked) - {"kind", "transaction", "words", "dated_on"} or kind not in ("2-1", "3-1", "4-1", "5-1"):
        raise Unfit("kind (2-1, 3-1, 4-1, 5-1), transaction, words and dated_on are expected")
    day = date.fromisoformat(asked["dated_on"]) if "dated_on" in asked else _today()
    with running.store.transaction() as database:
        act = _found(database, asked)
        if memory.acknowledgement(database, act.number) is None:
            raise Unfit("the act is not acknowledged")
        document = f"{act.act}-{kind}_1.pdf"
        write = answers.referred if kind == "5-1" else answers.letter_of(kind)
        status = LETTER_ACKNOWLEDGED if kind in ("3-1", "4-1") else LETTER_WITHOUT_ANSWER
        made = Transaction(
            0, act.siren, kind[0], act.act_number, act.subject, act.decided_on, act.nature, act.matter, act.act,
            act.number,
        )  # fmt: skip
        number = memory.keep(database, made, [Step(status)])
        message = f"{act.act}-{kind}_{number}.xml"
        memory.keep_file(database, number, message, "", "", write(act.act, day, words, document))
        paper = letters.paper([f"Acte {act.act}", f"Courrier du {day:%d/%m/%Y}", words])
        memory.keep_file(database, number, document, "", "", paper)


def _found(database: Any, asked: Mapping[str, Any]) -> Transaction:
    row = database.execute(
        "SELECT siren FROM transactions WHERE id = ?", [asked.get("transaction")]
    ).fetchone()
    found = memory.transaction(database, row["siren"], asked["transaction"]) if row else None
    if found is None:
        raise Unfit("no such transaction")
    return found


def _account(database: Any, made: Transaction) -> Account:
    found = memory.account(database, made.siren)
    assert found is not None  # whose transactions it has
    return found


def _now() -> datetime:
    return clock.now()


def _today() -> date:
    return _now().astimezone(PARIS).date()


_QUESTIONS: dict[str, Callable[[ThirdParty], Any]] = {
    "/": _state,
    "/transactions": _transactions,
    "/calls": _calls,
}
_ORDERS: dict[str, Callable[[ThirdParty, Mapping[str, Any]], None]] = {
    "/behaviours": _behave,
    "/behaviours/clear": _clear,
    "/settings": _set_up,
    "/accounts": _declare,
    "/classification": _publish,
    "/status": _move,
    "/confirm": _confirm,
    "/letters": _write_letter,
}
