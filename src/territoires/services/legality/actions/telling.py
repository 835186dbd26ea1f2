"""What the facts of an act say of it, field by field as ``contracts.legality`` and ``contracts.legality_transmission`` name them."""

from __future__ import annotations

from typing import Any

from ..models import Act, LetterReply, StateLetter, Transmission
from ..queries.files import annexes_of


def about(act: Act) -> dict[str, Any]:
    """The fields of ``AboutAct``."""
    return {"subject": act.subject, "matter": act.matter, "number": act.number}


def with_nature(act: Act) -> dict[str, Any]:
    """The fields of ``WithNature``."""
    return {**about(act), "nature": act.nature}


def with_author(act: Act) -> dict[str, Any]:
    """The fields of ``WithAuthor``."""
    return {"given_names": act.given_names, "usual_name": act.usual_name, "quality": act.quality}


def with_files(act: Act) -> dict[str, Any]:
    """The fields of ``WithFiles``."""
    return {"content": act.main_sha256, "annexes": tuple(annex.sha256 for annex in annexes_of(act))}


def about_transmission(transmission: Transmission) -> dict[str, Any]:
    """The fields of ``AboutTransmission``."""
    return {
        "subject": transmission.subject,
        "matter": transmission.act.matter,
        "act": transmission.act_id,
        "number": transmission.act.number,
        "rank": transmission.rank,
        "identifier": transmission.identifier,
    }


def about_letter(letter: StateLetter) -> dict[str, Any]:
    """The fields that a fact of a letter begins with."""
    return {
        "subject": letter.subject,
        "matter": letter.transmission.act.matter,
        "act": letter.transmission.act_id,
        "identifier": letter.transmission.identifier,
        "message": letter.kind,
        "dated_on": letter.dated_on,
    }


def about_reply(reply: LetterReply) -> dict[str, Any]:
    """The fields of ``AboutReply``."""
    return {
        "subject": reply.subject,
        "matter": reply.transmission.act.matter,
        "act": reply.transmission.act_id,
        "identifier": reply.transmission.identifier,
        "message": reply.kind,
        "letter_on": reply.letter.dated_on,
    }
