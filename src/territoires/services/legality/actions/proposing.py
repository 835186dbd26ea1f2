"""A draft that another service proposes: a contract that it had signed, and that goes to the State before it takes effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor

from ..domain.life import DISCARDED, WITHDRAWN
from ..domain.wording import OBJECT_LENGTH, one_line, propose_number, transliterate, with_suffix
from ..models import Act, Annex
from ..permissions import Legality
from ..queries.files import received
from .filing import suggest_main_type, type_code
from .telling import about
from .waiting import wait_for_next_step

CONTRACT = "4"
PUBLIC_CONTRACTS = "1.1"
GONE = (DISCARDED, WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What the other service says of it. ``act`` is the id that the draft takes, ``matter`` what it belongs to there.

    ``pieces`` are documents of the same body, each with its type for the State.
    """

    act: UUID
    matter: UUID
    number: str
    object: str
    decided_on: date
    document: UUID
    main_type: str
    pieces: Sequence[tuple[UUID, str]] = ()
    given_names: str = ""
    usual_name: str = ""
    quality: str = ""


@action(Legality.PROPOSE)
def propose_contract(*, actor: Actor, proposed: Proposed) -> Outcome[Act]:
    """Opens the draft of a signed contract, complete but for its declaration as signed; said again, it changes nothing."""
    found = Act.objects.filter(pk=proposed.act).first()
    if found is None:
        found = _drafted(actor, proposed)
    return Outcome(found, facts.ActProposed(**about(found), act=found.pk))


def _drafted(actor: Actor, proposed: Proposed) -> Act:
    now = actor.now()
    act = Act(
        id=proposed.act,
        part_of=proposed.matter,
        organisation_id=actor.acting_organisation(),
        drafted_at=now,
        changed_at=now,
        nature=CONTRACT,
        matter_code=PUBLIC_CONTRACTS,
        number=_free_number(actor, propose_number(proposed.number)),
        object=transliterate(one_line(proposed.object))[:OBJECT_LENGTH],
        decided_on=proposed.decided_on,
        given_names=proposed.given_names[:100],
        usual_name=proposed.usual_name[:100],
        quality=proposed.quality[:150],
    )
    act.main = documents.attach(received(actor, proposed.document), holder=act.subject)
    act.main_sha256, act.main_type = act.main.sha256, type_code(proposed.main_type)
    suggest_main_type(act)
    act.save(force_insert=True)
    for place, (key, kind) in enumerate(proposed.pieces, start=1):
        document = documents.attach(received(actor, key), holder=act.subject)
        if document.sha256 != act.main_sha256:
            Annex.objects.get_or_create(
                act=act,
                sha256=document.sha256,
                defaults={"document": document, "piece_type": type_code(kind), "position": place},
            )
    wait_for_next_step(act, actor)
    return act


def _free_number(actor: Actor, number: str) -> str:
    """The number, with a suffix when another act of the body bears it already."""
    acts = Act.objects.filter(organisation=actor.acting_organisation()).exclude(state__in=GONE)
    taken = set(acts.values_list("number", flat=True))
    return with_suffix(number, taken) if number in taken else number
