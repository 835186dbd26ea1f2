"""The ministry as a whole: started in a folder, and asked through the control API to behave well or badly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from .. import certificates
from ..control_api import Answer, Unfit, as_json, is_json, obeyed, password_in, replace
from ..servers import TlsServer
from ..store import Store
from . import mailbox, memory, reception
from .behaviours import Behaviour, Settings
from .checks import Sender
from .courier import Courier
from .desk import Desk

SUMMARY = "The ministry's side of ACTES: HTTPS with a client certificate, answers in an IMAP mailbox."
USER = "plateforme"
_DEPARTMENT = re.compile(r"[09][0-9][AB0-9]", re.ASCII)
_MATTER = re.compile(r"[1-9]\d?(\.[1-9]\d?){1,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ministry:
    """A running ministry; ``connection`` is what the platform needs to know of it."""

    desk: Desk
    store: Store
    connection: Mapping[str, Any]


_running: list[Ministry] = []


def start(folder: Path) -> None:
    """Opens the doors. ``folder/connection.json`` says where they are: it is written last, at each start anew."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = folder / "certificates"
    certificates.ensure(keys, "ACTES")
    store = Store(folder / "ministry.sqlite", memory.TABLES)
    desk = Desk(store)
    password = password_in(folder / "mailbox.password")
    door = TlsServer(
        reception.door(desk, folder), certificates.server_context(keys, asks_for_certificate=True)
    )
    box = TlsServer(
        mailbox.counter(store, USER, password), certificates.server_context(keys, asks_for_certificate=False)
    )
    for server in (door, box):
        server.start()
    Courier(store, desk).start()
    connection = {
        "url": f"https://127.0.0.1:{door.port}{reception.PATH}",
        "authority": str((keys / f"{certificates.AUTHORITY}.pem").resolve()),
        "certificate": str((keys / f"{certificates.TRANSMITTER}.pem").resolve()),
        "key": str((keys / f"{certificates.TRANSMITTER}.key").resolve()),
        "imap": {"host": "127.0.0.1", "port": box.port, "user": USER, "password": password},
    }
    _running[:] = [Ministry(desk, store, connection)]
    replace(folder / "connection.json", json.dumps(connection, indent=2))


def answer(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """One call of the control API: JSON in and out. What cannot be done is 400 with the reason."""
    if not _running:
        return as_json(503, {"error": "not started"})
    ministry = _running[0]
    if method == "GET":
        question = _QUESTIONS.get(path)
        return as_json(200, question(ministry)) if question else as_json(404, {"error": path})
    if path == "/mails" and headers.get("Content-Type") == "message/rfc822":
        _put_mail(ministry, body)
        return as_json(200, {})
    if not is_json(headers):
        return as_json(415, {"error": "Content-Type: application/json"})
    order = _ORDERS.get(path)
    return obeyed(partial(order, ministry), body) if order else as_json(404, {"error": path})


def _put_mail(ministry: Ministry, mail: bytes) -> None:
    """Any mail whatever, as the platform may find in its mailbox."""
    with ministry.store.transaction() as database:
        mailbox.put(database, mail)


def _state(ministry: Ministry) -> dict[str, Any]:
    shown = {**ministry.connection, "imap": {**ministry.connection["imap"], "password": "***"}}
    return {
        "connection": shown,
        "settings": asdict(ministry.desk.settings()),
        "waiting": ministry.desk.waiting(),
    }


def _declare(ministry: Ministry, asked: Mapping[str, Any]) -> None:
    values = {
        name: str(asked[name])
        for name in ("siren", "department", "arrondissement", "nature")
        if name in asked
    }
    if len(values) != 4 or len(asked) != 4:
        raise Unfit("siren, department, arrondissement and nature are expected")
    ministry.desk.declare(Sender(**values))


def _publish(ministry: Ministry, asked: Mapping[str, Any]) -> None:
    department, matters = str(asked.get("department", "")), asked.get("matters", {})
    if _DEPARTMENT.fullmatch(department) is None or "dated_on" not in asked:
        raise Unfit("department (021) and dated_on are expected")
    if not isinstance(matters, dict) or not all(
        _MATTER.fullmatch(code) and isinstance(label, str) and label.isprintable()
        for code, label in matters.items()
    ):
        raise Unfit("matters go from code (7.1.2) to label")
    ministry.desk.publish_classification(department, date.fromisoformat(asked["dated_on"]), matters)


def _write_letter(ministry: Ministry, asked: Mapping[str, Any]) -> None:
    if unknown := set(asked) - {"kind", "act", "words", "dated_on", "delay"}:
        raise Unfit(f"unknown: {min(unknown)}")
    day = asked.get("dated_on")
    ministry.desk.write_letter(
        str(asked.get("kind", "")),
        str(asked.get("act", "")),
        str(asked.get("words", "")),
        date.fromisoformat(day) if day else None,
        float(asked.get("delay", 0)),
    )


_QUESTIONS: dict[str, Callable[[Ministry], Any]] = {
    "/": _state,
    "/received": lambda ministry: ministry.desk.received(),
    "/replies": lambda ministry: ministry.desk.replies(),
}
_ORDERS: dict[str, Callable[[Ministry, Mapping[str, Any]], None]] = {
    "/behaviours": lambda ministry, asked: ministry.desk.behave(Behaviour.read(asked)),
    "/behaviours/clear": lambda ministry, asked: ministry.desk.clear(),
    "/settings": lambda ministry, asked: ministry.desk.set_up(Settings.read(asked)),
    "/senders": _declare,
    "/classification": _publish,
    "/letters": _write_letter,
}
