"""An import of past acts from end to end, outside any transaction: read whole, then taken over all or none.

Jobs and the command do it; either finds nothing to do when the other was first.
"""

from __future__ import annotations

import contextlib
from typing import Any

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict

from ..domain.history import ORDERED, RECEIVED, PastAct
from ..domain.preflight import TOTAL_SIZE
from ..models import HistoryImport
from ..queries import history as reading
from ..queries.readiness import classification
from . import history as taking
from .history import PastFiles

WORKER = "worker"


def read_whole(key: str) -> None:
    """Reads every line and file of an import that was brought, and keeps what was told; nothing else is touched."""
    found = _import(key, RECEIVED)
    if found is not None:
        actor = system_actor(WORKER, organisation=found.organisation_id)
        with contextlib.suppress(Conflict):  # somebody else was first
            taking.record_check(actor=actor, history=found, found=reading.examined(found, actor))


def take_whole(key: str) -> None:
    """Takes an ordered import over; what became faulty since it was read is told in place of it."""
    found = _import(key, ORDERED)
    if found is None:
        return
    actor = system_actor(WORKER, organisation=found.organisation_id)
    examination = reading.examined(found, actor)
    with contextlib.suppress(Conflict):  # somebody else was first
        if examination.faults:
            taking.record_check(actor=actor, history=found, found=examination)
            return
        with reading.opened(found) as bundle:
            acts = [(past, _files_of(past, bundle, actor)) for past in examination.new]
        lists = classification(legal_day(actor.now()))
        taking.take_over(actor=actor, history=found, acts=acts, lists=lists)


def unfinished() -> list[tuple[str, HistoryImport]]:
    """The imports that a job has still to read or to take over, with the name of that job, the oldest first."""
    jobs = {RECEIVED: taking.READ, ORDERED: taking.TAKE}
    rows = HistoryImport.objects.filter(state__in=jobs).order_by("brought_at", "id")
    return [(jobs[history.state], history) for history in rows]


def _import(key: str, state: str) -> HistoryImport | None:
    rows = HistoryImport.objects.select_related("document", "organisation")
    return rows.filter(pk=key, state=state).first()


def _files_of(past: PastAct, bundle: documents.TableBundle, actor: Actor) -> PastFiles:
    """Receives the files of a past act, one at a time: until the act exists nothing holds them."""

    def received(name: str) -> Any:
        entry = bundle.find(name) if name else None
        if entry is None:
            return None
        return documents.receive(
            bundle.stream(entry),
            name=name.rpartition("/")[2],
            organisation=actor.acting_organisation(),
            actor=actor,
            limit=TOTAL_SIZE,
        )

    return PastFiles(received(past.main), tuple(map(received, past.annexes)), received(past.acknowledgement))
