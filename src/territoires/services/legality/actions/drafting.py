"""The words of a draft: opening it, changing it, throwing it away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.ids import new_id

from ..domain.wording import ActWords
from ..models import Act
from ..permissions import Legality
from ..queries.files import annexes_of
from ..queries.sittings import sitting_of
from .filing import let_go, suggest_main_type
from .moving import move
from .telling import about, with_nature
from .waiting import nothing_waits, wait_for_next_step


@action(Legality.DRAFT)
def draft_act(*, actor: Actor, words: ActWords, sitting: UUID | None = None) -> Outcome[Act]:
    """Opens a draft in the acting organisation; nothing is required of it yet.

    Raises Invalid for endless texts, Missing for a ``sitting`` of another body.
    """
    now = actor.now()
    act = Act(
        id=new_id(),
        organisation_id=actor.acting_organisation(),
        sitting=sitting_of(actor, sitting) if sitting else None,
        drafted_at=now,
        changed_at=now,
    )
    _write(act, words)
    act.save(force_insert=True)
    wait_for_next_step(act, actor)
    return Outcome(act, facts.ActDrafted(**with_nature(act)))


@action(Legality.REVISE, on="act")
def revise_act(*, actor: Actor, act: Act, words: ActWords, version: int | None = None) -> Outcome[Act]:
    """Changes a draft's words. Raises Conflict when it is no draft any more or changed since ``version``."""
    move(act, "revise", actor, version)
    changed = _write(act, words)
    act.save()
    wait_for_next_step(act, actor)
    return Outcome(act, facts.ActRevised(**with_nature(act), fields=tuple(changed)))


@action(Legality.REVISE, on="act")
def discard_draft(*, actor: Actor, act: Act, version: int | None = None) -> Outcome[Act]:
    """Throws a draft away with its files; the book keeps that it existed."""
    move(act, "discard", actor, version)
    held = [act.main_id] if act.main_id else []
    held += [annex.document_id for annex in annexes_of(act)]
    act.main, act.main_sha256 = None, ""
    act.annexes.all().delete()
    act.save()
    for document in held:
        let_go(actor, act, document, "discarded")
    nothing_waits(act)
    return Outcome(act, facts.ActDiscarded(**about(act)))


def _write(act: Act, words: ActWords) -> list[str]:
    """Sets the act's words and names those that changed. Raises Invalid for texts longer than a draft holds."""
    tidied = words.tidied()
    if faults := [fault for name, value in tidied.items() for fault in _too_long(act, name, value)]:
        raise Invalid(
            "draft-too-long", "The draft was not changed: a text is too long.", "Shorten it.", faults=faults
        )
    changed = [name for name, value in tidied.items() if getattr(act, name) != value]
    for name in changed:
        setattr(act, name, tidied[name])
    if "nature" in changed:
        suggest_main_type(act)
    return changed


def _too_long(act: Act, name: str, value: Any) -> Iterator[Fault]:
    limit = act._meta.get_field(name).max_length  # type: ignore[union-attr]
    if isinstance(value, str) and limit is not None and len(value) > limit:
        yield Fault(
            name,
            "text-too-long",
            "This text has %(length)d characters; a draft holds %(limit)d.",
            "Shorten it.",
            {"length": len(value), "limit": limit},
        )
