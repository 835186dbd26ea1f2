"""The files of a draft: the act itself and its annexes, their types, what is taken off again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.kernel.fact import Fact

from ..domain.classification import PIECE_TYPE
from ..models import Act, Annex
from ..permissions import Legality
from ..queries.files import SoundFile, annex_of, annexes_of, holds, received
from ..queries.readiness import classification
from .moving import move
from .telling import with_nature

MOST_ANNEXES = 100


@action(Legality.REVISE, on="act")
def attach_main(
    *, actor: Actor, act: Act, file: SoundFile, piece_type: str = "", version: int | None = None
) -> Outcome[Act]:
    """Makes a file that was found sound the act itself, in place of the former one.

    Raises Conflict for the same bytes again.
    """
    move(act, "revise", actor, version)
    document = _attached(actor, act, file)
    former, former_sha256 = act.main_id, act.main_sha256
    act.main, act.main_sha256 = document, document.sha256
    act.main_type = type_code(piece_type) or act.main_type
    act.save()
    told: list[Fact] = [_told(act, document, "main", act.main_type)]
    if former is not None:
        let_go(actor, act, former, "replaced")
        told.insert(0, _removed(act, "main", former_sha256))
    return Outcome(act, *told)


@action(Legality.REVISE, on="act")
def add_annex(
    *, actor: Actor, act: Act, file: SoundFile, piece_type: str = "", version: int | None = None
) -> Outcome[Annex]:
    """Adds a file that was found sound to the draft. Raises Conflict for the same bytes again."""
    move(act, "revise", actor, version)
    document = _attached(actor, act, file)
    present = annexes_of(act)
    if len(present) >= MOST_ANNEXES:
        raise Invalid(
            "too-many-annexes",
            "An act takes at most %(most)d annexes.",
            "Put several pieces together in one PDF.",
            params={"most": MOST_ANNEXES},
        )
    annex = Annex(
        act=act,
        document=document,
        sha256=document.sha256,
        piece_type=type_code(piece_type),
        position=max((a.position for a in present), default=0) + 1,
    )
    annex.save()
    act.save()
    return Outcome(annex, _told(act, document, "annex", piece_type))


@action(Legality.REVISE, on="act")
def type_files(
    *,
    actor: Actor,
    act: Act,
    main_type: str,
    annex_types: Sequence[tuple[UUID, str]],
    version: int | None = None,
) -> Outcome[Act]:
    """Gives the files of a draft their type codes; annexes that are no longer there are passed over."""
    move(act, "revise", actor, version)
    act.main_type = type_code(main_type)
    suggest_main_type(act)
    chosen = {key: type_code(code) for key, code in annex_types}
    for annex in annexes_of(act):
        annex.piece_type = chosen.get(annex.pk, annex.piece_type)
        annex.save(update_fields=["piece_type"])
    act.save()
    return Outcome(act, facts.ActRevised(**with_nature(act), fields=("piece_types",)))


@action(Legality.REVISE, on="act")
def remove_annex(*, actor: Actor, act: Act, annex: UUID, version: int | None = None) -> Outcome[Act]:
    """Takes an annex off a draft. Raises Missing when it is no longer there."""
    move(act, "revise", actor, version)
    found = annex_of(act, annex)
    found.delete()
    let_go(actor, act, found.document_id, "removed")
    act.save()
    return Outcome(act, _removed(act, "annex", found.sha256))


def suggest_main_type(act: Act) -> None:
    """A nature has a usual type for its main file; a type that it does not take is replaced by that one."""
    lists = classification(legal_day(act.changed_at))
    nature = lists.natures.get(act.nature)
    if nature is not None and not lists.takes(act.main_type, act.nature):
        act.main_type = nature.default_piece


def let_go(actor: Actor, act: Act, document: Any, reason: str) -> None:
    """The act needs the document no more."""
    # The caller's idempotency key is already taken by the verb that contains this one.
    documents.release(
        actor=replace(actor, idempotency_key=None), document=document, holder=act.subject, reason=reason
    )


def type_code(code: str) -> str:
    """The code of a type of file. Raises Invalid when it cannot be one."""
    if code and not PIECE_TYPE.fullmatch(code):
        raise Invalid(
            "piece-type-shape",
            "A type of file has five capitals, digits or _.",
            "Choose it in the list of the nature of the act.",
        )
    return code


def _attached(actor: Actor, act: Act, file: SoundFile) -> Any:
    document = received(actor, file.document)
    if holds(act, document.sha256):
        raise Conflict(
            "file-already-there",
            "This very file is already part of the act; nothing was done twice.",
            "Choose another file, or leave it as it is.",
        )
    return documents.attach(document, holder=act.subject)


def _told(act: Act, document: Any, role: str, piece_type: str) -> facts.ActFileAttached:
    return facts.ActFileAttached(
        subject=act.subject,
        matter=act.matter,
        role=role,
        piece_type=piece_type,
        media_type=document.media_type,
        size=document.size,
        content=document.sha256,
        name=document.name,
    )


def _removed(act: Act, role: str, sha256: str) -> facts.ActFileRemoved:
    return facts.ActFileRemoved(subject=act.subject, matter=act.matter, role=role, sha256=sha256)
