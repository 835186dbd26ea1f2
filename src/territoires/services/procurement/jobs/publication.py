"""What the clock does: publishes and closes at the appointed time, tells who asked to be told."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, TerritoiresError

from ..actions import alerting, amending, closing, publishing
from ..domain.searching import read_criteria
from ..models import Consultation, SavedSearch
from ..queries import listings
from ..queries.publication import named, to_close, to_publish

WORKER = "worker"

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="procurement.keep_time", queueing_lock="procurement.keep_time", pass_context=False)
def keep_time(timestamp: int) -> None:
    """Every minute: publishes what is due, closes what is over. Until then the pages read it as it stands by the clock."""
    now = system_clock()
    _each(to_publish(now), publishing.publish_on_time)
    _each(to_close(now), closing.close_round)


@app.task(name=amending.TELL, pass_context=False)
def tell_correspondents(consultation: str, about: str) -> None:
    """Tells who left an address of one change or answer; once, however often the job runs."""
    found = named(UUID(consultation))
    actor = _actor(found, key=f"tell:{about}")
    amending.tell_correspondents(actor=actor, consultation=found, about_id=UUID(about))


@app.periodic(cron="40 5 * * *")
@app.task(name="procurement.daily_alerts", queueing_lock="procurement.daily_alerts", pass_context=False)
def daily_alerts(timestamp: int) -> None:
    """Every morning: what is new for the searches of each day; addresses that never confirmed are dropped."""
    alerting.forget_unconfirmed(system_actor(WORKER))
    look(SavedSearch.Frequency.DAILY)


@app.periodic(cron="50 5 * * 1")
@app.task(name="procurement.weekly_alerts", queueing_lock="procurement.weekly_alerts", pass_context=False)
def weekly_alerts(timestamp: int) -> None:
    """Every Monday: the same for the searches of each week."""
    look(SavedSearch.Frequency.WEEKLY)


def look(frequency: str) -> int:
    """Looks at the searches of a frequency; answers how many mails left."""
    sent = 0
    for search in listings.searches_to_look(frequency):
        actor = system_actor(WORKER)
        found = listings.new_for(search, read_criteria(search.criteria), actor.now())
        if not found:
            continue
        try:
            with contextlib.suppress(Conflict):  # told or ended meanwhile
                alerting.send_alert(actor=actor, search=search, listings=found)
                sent += 1
        except TerritoiresError:
            log.exception("procurement: the alert of the search %s was not sent", search.pk)
    return sent


def _each(due: Iterable[Consultation], verb: Callable[..., Any]) -> None:
    for one in due:
        try:
            with contextlib.suppress(Conflict):  # somebody was faster
                verb(actor=_actor(one), consultation=one)
        except TerritoiresError:
            log.exception("procurement: %s of %s failed", verb.__name__, one.pk)


def _actor(consultation: Consultation, key: str | None = None) -> Actor:
    return Actor(machine=WORKER, organisation=consultation.organisation_id, idempotency_key=key)
