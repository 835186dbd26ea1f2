"""Answers on their way: made up as mails, under names of their own, and put in the outbox."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from . import answers, letters
from .behaviours import Behaviour
from .checks import Sender


@dataclass(frozen=True, slots=True)
class Answer:
    """A message to send back. ``act`` is empty where its file name leaves it out; ``files`` go with it; ``refusal``
    says why an act was refused.
    """

    kind: str
    act: str
    content: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """To whom answers go, and with which application's letters (``EACT``, ``TACT``) they are named."""

    application: str
    sender: Sender
    addresses: Sequence[str]


def post(
    database: sqlite3.Connection,
    to: Correspondent,
    replies: Sequence[Answer],
    behaviour: Behaviour,
    today: date,
) -> None:
    """Puts one mail in the outbox, in as many copies as asked: envelope, messages, documents."""
    if behaviour.notice:
        act = next((reply.act for reply in replies if reply.act), "")
        _put_out(database, letters.notice(to.addresses, act), behaviour)
    for _copy in range(behaviour.copies):
        name, files = _made_up(database, to, replies, behaviour.recipient or to.sender.siren, today)
        _put_out(database, _mail(to, name, files, behaviour), behaviour)


def post_anomaly(
    database: sqlite3.Connection, to: Correspondent, envelope: str, content: bytes, behaviour: Behaviour
) -> None:
    """Puts ``ANO_`` in the outbox. It comes alone: it has no envelope of its own."""
    name = f"ANO_{envelope}"
    for _copy in range(behaviour.copies):
        _put_out(database, _mail(to, name, {name: content}, behaviour), behaviour)


def _made_up(
    database: sqlite3.Connection, to: Correspondent, replies: Sequence[Answer], recipient: str, today: date
) -> tuple[str, dict[str, bytes]]:
    """The name of the envelope and all files, itself first."""
    sender = to.sender
    messages: dict[str, bytes] = {}
    documents: dict[str, bytes] = {}
    for reply in replies:
        subject = reply.act or f"{sender.department}-{sender.siren}---"
        messages[f"{subject}-{reply.kind}_{_next_number(database, 'message')}.xml"] = reply.content
        documents.update(reply.files)
    serial = _next_number(database, f"envelope {recipient} {today}")
    name = answers.envelope_name(
        to.application, sender.department, sender.arrondissement, recipient, today, serial
    )
    envelope = answers.envelope(sender.department, sender.arrondissement, recipient, list(messages))
    return name, {name: envelope, **messages, **documents}


def _mail(to: Correspondent, name: str, files: Mapping[str, bytes], behaviour: Behaviour) -> bytes:
    if behaviour.packed:
        files = letters.packed(f"{name.removesuffix('.xml')}.tar.gz", files)
    return letters.mail(to.addresses, f"ACTES : {name}", files)


def _put_out(database: sqlite3.Connection, mail: bytes, behaviour: Behaviour) -> None:
    database.execute("INSERT INTO outbox (due_at, mail) VALUES (?, ?)", [time.time() + behaviour.delay, mail])


def _next_number(database: sqlite3.Connection, counter: str) -> int:
    """The next value of a counter, from 1."""
    found = database.execute(
        "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        [counter],
    ).fetchone()
    return int(found["value"])
