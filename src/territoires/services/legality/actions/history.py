"""The acts of before the platform: brought, read without effect, ordered by a person, taken over all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant
from territoires.kernel.errors import Conflict
from territoires.kernel.ids import new_id
from territoires.kernel.text import fold

from ..domain import history as rules
from ..domain import life
from ..domain.classification import PUBLISH, Classification
from ..domain.history import HISTORY, PastAct
from ..domain.wording import one_line
from ..models import Act, Annex, FormerTransmission, HistoryImport, known
from ..permissions import Legality
from ..queries.history import Examination
from .telling import with_nature

READ, TAKE = "legality.read_history", "legality.take_over_history"
MOST_FAULTS_KEPT = 500
DEVICE_LENGTH = 100


@dataclass(frozen=True, slots=True)
class PastFiles:
    """The documents of a past act, received already."""

    main: Any = None
    annexes: tuple[Any, ...] = ()
    acknowledgement: Any = None


@action(Legality.BRING)
def bring_history(*, actor: Actor, document: UUID, device: str = "") -> Outcome[HistoryImport]:
    """Hands over a received table, or an archive with one; a job reads it whole, and nothing is taken over yet."""
    history = HistoryImport(
        organisation_id=actor.acting_organisation(),
        device=one_line(device)[:DEVICE_LENGTH],
        brought_by=actor.person,
        brought_at=actor.now(),
    )
    history.document = documents.attach(document, holder=history.subject)
    history.save(force_insert=True)
    app.configure_task(READ, lock=f"{READ}.{history.organisation_id}").defer(history=str(history.pk))
    return Outcome(history, facts.HistoryBrought(**_about(history), device=history.device))


@action(Legality.TAKE_OVER, on="history")
def record_check(*, actor: Actor, history: HistoryImport, found: Examination) -> Outcome[HistoryImport]:
    """Keeps what reading it told, for a person to decide. Raises Conflict when it was decided meanwhile."""
    history.state = HISTORY.after(history.state, "check")
    history.new_count, history.known_count = len(found.new), found.known
    history.fault_count, history.unnamed = len(found.faults), found.unnamed
    history.faults = [
        {
            "line": one.line,
            "column": one.fault.field,
            "message": one.fault.message,
            "remedy": one.fault.remedy,
            "params": dict(one.fault.params),
        }
        for one in found.faults[:MOST_FAULTS_KEPT]
    ]
    history.save()
    return Outcome(
        history,
        facts.HistoryChecked(
            **_about(history), new=history.new_count, known=history.known_count, faults=history.fault_count
        ),
    )


@action(Legality.ORDER, on="history")
def order_history(*, actor: Actor, history: HistoryImport) -> Outcome[HistoryImport]:
    """Orders the acts to be taken over; a job does it, all or none.

    Raises Conflict while there are faults, when nothing is new, or when it was ordered already.
    """
    history.state = HISTORY.after(history.state, "order")
    if history.fault_count or not history.new_count:
        raise Conflict(
            "history-not-ready",
            "Nothing is taken over: a line is faulty, or every act is here already.",
            "Correct the table and send it again.",
        )
    history.save()
    app.configure_task(TAKE, lock=f"{TAKE}.{history.organisation_id}").defer(history=str(history.pk))
    return Outcome(history, facts.HistoryOrdered(**_about(history), new=history.new_count))


@action(Legality.TAKE_OVER, on="history")
def take_over(
    *,
    actor: Actor,
    history: HistoryImport,
    acts: Sequence[tuple[PastAct, PastFiles]],
    lists: Classification,
) -> Outcome[HistoryImport]:
    """Makes every act at once, with its files: after a failure there is none of them.

    Raises Conflict when it was done meanwhile.
    """
    history.state = HISTORY.after(history.state, "take_over")
    history.done_at, history.new_count = actor.now(), len(acts)
    history.save()
    made = [_made(history, past, files, lists) for past, files in acts]
    Act.objects.bulk_create([act for act, _former, _annexes in made], batch_size=500)
    FormerTransmission.objects.bulk_create([former for _act, former, _annexes in made], batch_size=500)
    Annex.objects.bulk_create([annex for _act, _former, own in made for annex in own], batch_size=500)
    for act, former, own in made:
        for document in (act.main, former.acknowledgement, *(annex.document for annex in own)):
            if document is not None:
                documents.attach(document, holder=act.subject)
    told = facts.HistoryTakenOver(**_about(history), new=len(made))
    return Outcome(history, told, *(_told(*one) for one in made))


def _made(
    history: HistoryImport, past: PastAct, files: PastFiles, lists: Classification
) -> tuple[Act, FormerTransmission, list[Annex]]:
    is_on_line = (
        past.published_on is not None
        and files.main is not None
        and past.status != rules.CANCELLED_THEN
        and PUBLISH in lists.natures[past.nature].ways
    )
    act = Act(
        id=new_id(),
        organisation_id=history.organisation_id,
        state=life.PUBLISHED if is_on_line else life.TAKEN_OVER,
        number=past.number,
        nature=past.nature,
        matter_code=past.matter_code,
        object=past.object,
        words_folded=fold(f"{past.number} {past.object} {past.identifier}"),
        decided_on=past.decided_on,
        given_names=past.given_names,
        usual_name=past.usual_name,
        quality=past.quality,
        main=files.main,
        main_sha256=files.main.sha256 if files.main else "",
        drafted_at=first_instant(past.decided_on),
        changed_at=known(history.done_at),
        published_at=first_instant(past.published_on) if is_on_line and past.published_on else None,
        taken_over_at=history.done_at,
    )
    former = FormerTransmission(
        act=act,
        history=history,
        status=past.status,
        identifier=past.identifier,
        published_on=past.published_on,
        sent_on=past.sent_on,
        received_on=past.received_on,
        acknowledgement=files.acknowledgement,
    )
    distinct = {one.sha256: one for one in files.annexes if one.sha256 != act.main_sha256}
    annexes = [
        Annex(act=act, document=document, sha256=sha256, position=position)
        for position, (sha256, document) in enumerate(distinct.items())
    ]
    return act, former, annexes


def _told(act: Act, former: FormerTransmission, annexes: list[Annex]) -> facts.ActTakenOver:
    return facts.ActTakenOver(
        **with_nature(act),
        status=former.status,
        identifier=former.identifier,
        matter_code=act.matter_code,
        decided_on=known(act.decided_on),
        published_on=former.published_on,
        received_on=former.received_on,
        content=act.main_sha256,
        annexes=tuple(annex.sha256 for annex in annexes),
        acknowledgement=former.acknowledgement.sha256 if former.acknowledgement else "",
        object=act.object,
    )


def _about(history: HistoryImport) -> dict[str, Any]:
    return {"subject": history.subject, "matter": history.pk, "content": history.document.sha256}
