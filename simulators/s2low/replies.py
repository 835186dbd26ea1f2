"""What a body answers to a letter of the prefecture, made a transaction from what was posted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import zip_longest

from ..ministry import answers
from ..ministry.archives import File
from ..ministry.checks import ActRefused, Message, check_documents
from ..ministry.norm import MessageName, attribute, holds_what_it_says, read
from . import memory, messages
from .creation import HEAD, Counter, Piece, Refused, due, on_their_way, words
from .forms import Form, Posted
from .memory import (
    ERROR,
    LETTER_ACKNOWLEDGED,
    LETTER_RECEIVED,
    LETTER_WITHOUT_ANSWER,
    REPLY_RECEIVED,
    Step,
    Transaction,
)

KINDS = {"2": ("2-2",), "3": ("3-3", "3-4"), "4": ("4-3", "4-4")}
_TYPE = re.compile(r"[A-Z0-9_]{5}", re.ASCII)
_LETTERS = (LETTER_RECEIVED, LETTER_ACKNOWLEDGED, LETTER_WITHOUT_ANSWER)


def reply(at: Counter, form: Form) -> int:
    """Makes a transaction of an answer; answers its number. Raises Refused."""
    letter = _letter(at, form.first("id"))
    kind = _kind(letter, form.first("type_envoie"))
    pieces = _pieces(form, letter.act, kind)
    letter_on = _day_of(at, letter)
    name = f"{letter.act}-{kind}_0.xml"
    content = messages.reply(kind, letter.act, letter_on, [piece.name for piece in pieces])
    steps = _steps(at, Message(name, _parsed(name), read(content)), pieces, letter_on)
    made = Transaction(
        0, letter.siren, letter.type, letter.act_number, letter.subject, letter.decided_on, letter.nature,
        letter.matter, letter.act, letter.number,
    )  # fmt: skip
    for _copy in range(at.behaviour.copies):
        number = memory.keep(at.database, made, steps)
        memory.keep_file(at.database, number, name, "", "", content)
        for piece in pieces:
            memory.keep_file(
                at.database, number, piece.name, piece.posted.name, piece.type, piece.posted.content
            )
    return number


def _letter(at: Counter, asked: str) -> Transaction:
    found = memory.transaction(at.database, at.account.siren, int(asked)) if asked.isdecimal() else None
    if found is None:
        raise Refused("Accès refusé")
    if found.type not in KINDS or memory.status(at.database, found.number) not in _LETTERS:
        raise Refused("Il n'est pas possible de répondre à cette transaction.")
    return found


def _kind(letter: Transaction, flow: str) -> str:
    kind = f"{letter.type}-{'2' if letter.type == '2' else flow}"
    if kind not in KINDS[letter.type]:
        raise Refused("Le type d'envoi n'est pas correct (3 : refus, 4 : envoi)")
    return kind


def _pieces(form: Form, act: str, kind: str) -> list[Piece]:
    first = form.file("acte_pdf_file")
    if first is None or not holds_what_it_says("pdf", first.content[:HEAD]):
        raise Refused("Le fichier PDF contenant la réponse est absent, ou n'est pas un PDF")
    others = [posted for posted in form.files.get("acte_attachments[]", []) if posted.name]
    if others and kind != "3-4":
        raise Refused("Cette réponse ne prend qu'un fichier")
    codes = [form.first("type_acte"), *form.fields.get("type_pj[]", [])]
    posted = [first, *others]
    return [
        _piece(one, code or "", act, kind, rank)
        for rank, (one, code) in enumerate(zip_longest(posted, codes[: len(posted)]), 1)
    ]


def _piece(posted: Posted, code: str, act: str, kind: str, rank: int) -> Piece:
    if not code:
        raise Refused(f"Erreur lors de la réception du fichier {posted.name} : typologie absente")
    if _TYPE.fullmatch(code) is None:
        raise Refused("Le code de la PJ doit faire 5 caractères")
    extension = posted.name.rpartition(".")[2].lower()
    return Piece(f"{code}-{act}-{kind}_{rank}.{extension}", code, posted)


def _day_of(at: Counter, letter: Transaction) -> str:
    """The day that the letter bears, by which the State knows it."""
    message, *_papers = memory.files(at.database, letter.number)
    content = memory.file_content(at.database, letter.siren, message["id"]) or b""
    return attribute(read(content), "DateCourrierPref")


def _steps(at: Counter, message: Message, pieces: list[Piece], letter_on: str) -> list[Step]:
    """What the State makes of it, as for whoever sends directly; nothing acknowledges the answer to a simple letter."""
    steps, due_at = on_their_way(), due(at.behaviour)
    if not at.behaviour.answer:
        return steps
    files: Mapping[str, File] = {
        piece.name: File(piece.posted.content[:HEAD], len(piece.posted.content), None) for piece in pieces
    }
    try:
        if at.behaviour.anomaly:
            raise ActRefused(words(at.behaviour))
        check_documents(message, files, memory.classification(at.database, at.account.sender.department))
    except ActRefused as refusal:
        return [*steps, Step(ERROR, refusal.detail, due_at=due_at)]
    kind = {"3": "3-5", "4": "4-5"}.get(message.name.kind[0])
    if kind is None:
        return steps
    flow = answers.reply_acknowledged(kind, message.name.act, letter_on, at.today)
    return [*steps, Step(REPLY_RECEIVED, "Acquittement de la réponse reçu", flow, due_at)]


def _parsed(name: str) -> MessageName:
    parsed = MessageName.parse(name)
    assert parsed is not None  # written just above
    return parsed
