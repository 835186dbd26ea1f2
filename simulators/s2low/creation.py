"""Transactions made from what was posted: what the third party checks, what the State will answer and when."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from lxml import etree

from ..ministry import answers
from ..ministry.archives import File
from ..ministry.checks import TEXTS, ActRefused, Message, check_act
from ..ministry.classification import Classification
from ..ministry.norm import LARGEST_ARCHIVE, MessageName, Unreadable, holds_what_it_says, read
from . import memory, messages
from .behaviours import Behaviour
from .forms import Form, Posted
from .memory import (
    ACKNOWLEDGED,
    CANCELLED,
    ERROR,
    POSTED,
    TO_BE_CONFIRMED,
    TRANSMITTED,
    WAITING,
    Account,
    Step,
    Transaction,
)

MOST_ANNEXES = 200
LONGEST_SUBJECT = 500
HEAD = 1024
_NUMBER = re.compile(r"([A-Z0-9][A-Z0-9_]{0,13})?[A-Z0-9]", re.ASCII)
_TYPE = re.compile(r"[A-Z0-9_]{5}", re.ASCII)
_LEVEL = re.compile(r"[1-9]\d?", re.ASCII)


class Refused(Exception):
    """``KO`` with these words."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Where orders are taken: the store's transaction, the body that is served, how it is to be treated, the day."""

    database: sqlite3.Connection
    account: Account
    behaviour: Behaviour
    today: date


@dataclass(frozen=True, slots=True)
class Piece:
    """A posted file with its type, and the name that the norm gives it."""

    name: str
    type: str
    posted: Posted


def create(at: Counter, form: Form) -> int:
    """Makes a transaction of an act; answers its number. Raises Refused."""
    act, pieces = _read(at, form)
    known = memory.settings(at.database)
    if memory.is_taken(at.database, at.account.siren, act.number, failed_too=known.numbers_once):
        raise Refused(
            "Un acte portant le même numéro interne existe déjà dans la base de données.\n"
            "Il faut peut-être ajouter un suffixe au numéro."
        )
    held = memory.classification(at.database, at.account.siren)
    message = messages.act(act, held.dated_on.isoformat())
    try:
        element = read(message)
    except Unreadable as failure:
        raise Refused(f"Erreur lors de la génération de l'acte : {failure}") from failure
    steps = _steps_of_act(at, act, element, pieces)
    if form.first("en_attente") == "1":
        steps = [Step(TO_BE_CONFIRMED)]
    made = Transaction(
        0, at.account.siren, "1", act.number, act.subject, act.decided_on, act.nature,
        ".".join(act.levels), act.identifier, None,
    )  # fmt: skip
    for _copy in range(at.behaviour.copies):
        number = memory.keep(at.database, made, steps)
        memory.keep_file(at.database, number, act.message_name, "", "", message)
        for piece in pieces:
            memory.keep_file(
                at.database, number, piece.name, piece.posted.name, piece.type, piece.posted.content
            )
    return number


def confirm(at: Counter, number: int) -> None:
    """The holder of a certificate confirms what waits to be posted. Raises Refused."""
    made = memory.transaction(at.database, at.account.siren, number)
    if made is None or memory.status(at.database, number) != TO_BE_CONFIRMED:
        raise Refused("La transaction n'est pas en attente d'être postée.")
    message, *rest = memory.files(at.database, number)
    contents = {
        row["name"]: memory.file_content(at.database, at.account.siren, row["id"]) or b""
        for row in [message, *rest]
    }
    element = read(contents[message["name"]])
    pieces = [Piece(row["name"], row["type"], Posted("", contents[row["name"]])) for row in rest]
    act = _act_of(made, [piece.name for piece in pieces])
    for step in _steps_of_act(at, act, element, pieces):
        memory.add_step(at.database, number, step)


def cancel(at: Counter, form: Form) -> int:
    """Asks the State to forget an acknowledged act; answers the number of that transaction. Raises Refused."""
    asked = form.first("id")
    if not asked:
        raise Refused("Pas d'identifiant de transaction à annuler spécifié.")
    act = memory.transaction(at.database, at.account.siren, int(asked)) if asked.isdecimal() else None
    if act is None:
        raise Refused("Erreur d'initialisation de la transaction.")
    if act.type != "1":
        raise Refused("Ce type de transaction ne peut pas être annulé.")
    if memory.pending_cancellation(at.database, act.number):
        raise Refused("Une demande d'annulation est déjà en cours pour cette transaction.")
    if memory.status(at.database, act.number) != ACKNOWLEDGED:
        raise Refused("Impossible d'annuler une transaction qui n'est pas en état « Acquittement reçu ».")
    steps = on_their_way()
    if at.behaviour.answer:
        due_at = due(at.behaviour)
        if at.behaviour.anomaly:
            steps.append(Step(ERROR, words(at.behaviour), due_at=due_at))
        else:
            flow = answers.cancellation_acknowledged(act.act, at.today)
            steps.append(Step(ACKNOWLEDGED, "Annulation acquittée", flow, due_at))
            memory.add_step(at.database, act.number, Step(CANCELLED, "Annulé", flow, due_at))
    made = Transaction(
        0, act.siren, "6", act.act_number, act.subject, act.decided_on, act.nature, act.matter, act.act,
        act.number,
    )  # fmt: skip
    number = memory.keep(at.database, made, steps)
    memory.keep_file(at.database, number, f"{act.act}-6-1_0.xml", "", "", messages.cancellation(act.act))
    return number


def _read(at: Counter, form: Form) -> tuple[messages.Act, list[Piece]]:
    number, decided_on = form.first("number"), form.first("decision_date")
    if _NUMBER.fullmatch(number) is None:
        raise Refused("Le numéro n'est pas correct")
    day = _day(decided_on)
    if day > at.today:
        raise Refused("La date de décision est une date dans le futur")
    held = memory.classification(at.database, at.account.siren)
    code = form.first("nature_code")
    nature = held.nature(int(code)) if code.isdecimal() and len(code) == 1 else None
    if nature is None:
        raise Refused("La nature de l'acte n'est pas correcte")
    levels = _levels(form)
    if not held.is_leaf(".".join(levels)):
        raise Refused("La classification de l'acte n'est pas correcte")
    subject = form.first("subject").strip()
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise Refused("L'objet de l'acte est vide ou trop long (500 caractères au plus)")
    sender = at.account.sender
    identifier = f"{sender.department}-{sender.siren}-{day:%Y%m%d}-{number}-{nature.abbreviation}"
    pieces = _pieces(form, identifier, set(nature.types))
    act = messages.Act(
        identifier, number, day.isoformat(), nature.code, levels, subject,
        form.first("document_papier") == "1", [piece.name for piece in pieces],
    )  # fmt: skip
    return act, pieces


def _pieces(form: Form, identifier: str, types: set[str]) -> list[Piece]:
    act = form.file("acte_pdf_file")
    if act is None:
        raise Refused("Aucun fichier acte n'a été posté ")
    annexes = [posted for posted in form.files.get("acte_attachments[]", []) if posted.name]
    if len(annexes) > MOST_ANNEXES:
        raise Refused(f"Le nombre d'annexes est trop important (max : {MOST_ANNEXES})")
    if sum(len(posted.content) for posted in [act, *annexes]) > LARGEST_ARCHIVE:
        raise Refused(f"La taille totale des fichiers est trop importante (max : {LARGEST_ARCHIVE})")
    codes = [form.first("type_acte"), *form.fields.get("type_pj[]", [])]
    return [
        _piece(posted, code or "", identifier, rank, types)
        for rank, (posted, code) in enumerate(zip_longest([act, *annexes], codes[: 1 + len(annexes)]), 1)
    ]


def _piece(posted: Posted, code: str, identifier: str, rank: int, types: set[str]) -> Piece:
    kind = "du fichier" if rank == 1 else "du fichier annexe"
    if not code:
        raise Refused(f"Erreur lors de la réception {kind} {posted.name} : typologie absente")
    if _TYPE.fullmatch(code) is None or code not in types:
        raise Refused(f"Erreur de validation {kind} {posted.name} : la typologie {code} n'est pas admise")
    extension = posted.name.rpartition(".")[2].lower()
    if not holds_what_it_says(extension, posted.content[:HEAD]):
        raise Refused(
            f"Erreur de validation {kind} {posted.name} :\nLe type du fichier n'est pas autorisé, ou le fichier est vide."
        )
    return Piece(f"{code}-{identifier}-1-1_{rank}.{extension}", code, posted)


def _levels(form: Form) -> list[str]:
    levels = [form.first(f"classif{rank}") for rank in range(1, 6)]
    while levels and levels[-1] in ("", "0"):
        levels.pop()
    if not levels or any(_LEVEL.fullmatch(level) is None for level in levels):
        raise Refused("La classification de l'acte n'est pas correcte")
    return levels


def _steps_of_act(
    at: Counter, act: messages.Act, element: etree._Element, pieces: Sequence[Piece]
) -> list[Step]:
    due_at = due(at.behaviour)
    if at.behaviour.anomaly and at.behaviour.by == "operator":
        return [Step(POSTED), Step(ERROR, words(at.behaviour), due_at=due_at)]
    steps = on_their_way()
    if not at.behaviour.answer:
        return steps
    in_force = memory.classification(at.database, at.account.sender.department)
    try:
        if at.behaviour.anomaly:
            raise ActRefused(words(at.behaviour))
        _check(at, act, element, pieces, in_force)
    except ActRefused as refusal:
        flow = answers.act_refused(at.today, refusal.nature, refusal.detail, element, in_force.dated_on)
        return [*steps, Step(ERROR, refusal.detail, flow, due_at)]
    named = act.identifier
    if at.behaviour.recipient:
        named = named.replace(at.account.siren, at.behaviour.recipient)
    flow = answers.act_acknowledged(named, at.today, element, in_force.dated_on)
    return [*steps, Step(ACKNOWLEDGED, "Acquittement reçu", flow, due_at)]


def _check(
    at: Counter,
    act: messages.Act,
    element: etree._Element,
    pieces: Sequence[Piece],
    in_force: Classification,
) -> None:
    """What the ministry verifies, as it does for whoever sends directly."""
    parsed = MessageName.parse(act.message_name)
    assert parsed is not None
    files: Mapping[str, File] = {
        piece.name: File(piece.posted.content[:HEAD], len(piece.posted.content), None) for piece in pieces
    }
    is_taken = memory.is_acknowledged(at.database, at.account.siren, act.number, act.decided_on)
    check_act(Message(act.message_name, parsed, element), files, in_force, is_taken, at.today)


def _act_of(made: Transaction, files: Sequence[str]) -> messages.Act:
    return messages.Act(
        made.act, made.act_number, made.decided_on, made.nature, made.matter.split("."), made.subject,
        False, files,
    )  # fmt: skip


def on_their_way() -> list[Step]:
    return [
        Step(POSTED),
        Step(WAITING, "Accepté par le TdT : validation OK"),
        Step(TRANSMITTED, "Transmis au MI"),
    ]


def due(behaviour: Behaviour) -> float:
    """When the State answers; 0 for at once, after the steps that come before."""
    return time.time() + behaviour.delay if behaviour.delay else 0.0


def words(behaviour: Behaviour) -> str:
    return TEXTS.get(behaviour.anomaly, behaviour.anomaly)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as failure:
        raise Refused("La date de décision n'est pas correcte") from failure
