"""The national publisher (BOAMP), through an eSender that takes deposits; its open data tell what is published."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports.https import FilePart
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict

from ..actions import notice_records, notices
from ..domain.notices.life import NOTICE
from ..models import Notice, NoticeChannel
from ..queries.notice_ways import Way, way_to
from ..queries.notices import unsettled
from .asking import UNKNOWN, Silent, ask, post, words_in

DEPOSITS = "/depots"
RECORDS = "/api/explore/v2.1/catalog/datasets/boamp/records"
WORKER = "worker"


def deliver(outgoing: exchange.Outgoing) -> exchange.Delivery:
    """Deposits a notice, or asks for it back."""
    way = way_to(NoticeChannel.BOAMP)
    if way is None:
        return exchange.NotSent("not-configured")
    if outgoing.key.endswith(notices.STOP):
        name = outgoing.key.removesuffix(notices.STOP)
        return post(way, f"{DEPOSITS}/{name}/retrait", headers=_key(way), fields=[("id", name)], files=())
    delivery = post(
        way,
        DEPOSITS,
        headers=_key(way),
        fields=[("id", outgoing.key), ("contact", way.contact)],
        files=[FilePart("avis", f"{outgoing.key}.xml", outgoing, "application/xml")],
    )
    if isinstance(delivery, exchange.Refused) and isinstance(known := enquire(outgoing), exchange.Accepted):
        return known
    return delivery


def enquire(outgoing: exchange.Outgoing) -> exchange.Delivery:
    """Asks whether the eSender has a notice that may have arrived."""
    way = way_to(NoticeChannel.BOAMP)
    if way is None:
        return exchange.Doubtful("not-configured")
    try:
        status, answer = ask(way, f"{DEPOSITS}/{outgoing.key.removesuffix(notices.STOP)}", _key(way))
    except Silent as silent:
        return exchange.Doubtful(silent.reason, silent.detail)
    if status == UNKNOWN:
        return exchange.NotSent("unknown-there")
    if outgoing.key.endswith(notices.STOP) and status == 200 and _state(answer) != "retire":
        return exchange.NotSent("unknown-there")
    return exchange.Accepted(_state(answer)) if status == 200 else exchange.Doubtful("odd-answer")


def collect() -> None:
    """Asks the eSender, then the open data of the BOAMP, what became of each notice. Raises Silent of the last failure."""
    way = way_to(NoticeChannel.BOAMP)
    if way is None:
        return
    trouble: Silent | None = None
    for notice in unsettled(NoticeChannel.BOAMP):
        try:
            _ask_after(way, notice)
        except Silent as silent:
            trouble = silent
    if trouble is not None:
        raise trouble


def _ask_after(way: Way, notice: Notice) -> None:
    status, answer = ask(way, f"{DEPOSITS}/{notice.name}", _key(way))
    if status == 200:
        follow(notice, answer)
    if _state(answer) == "accepte":
        _look_in_open_data(way, notice)


def _look_in_open_data(way: Way, notice: Notice) -> None:
    """A notice that is public has its web id there before the eSender tells it."""
    where = quote(f'id="{notice.name}"')
    status, answer = ask(way, f"{RECORDS}?where={where}&limit=1", {"Accept": "application/json"})
    found = answer.get("results") if status == 200 and isinstance(answer, dict) else None
    if isinstance(found, list) and found and isinstance(found[0], dict):
        follow(notice, {"etat": "publie", **found[0]})


def follow(notice: Notice, answer: Any) -> None:
    """Records what is said of a notice; the same again changes nothing."""
    actor = system_actor(WORKER, organisation=notice.organisation_id)
    state = _state(answer)
    with contextlib.suppress(Conflict):  # somebody was faster
        if state == "rejete":
            notice_records.record_rejected(actor=actor, notice=notice, reason=words_in(answer) or state)
        elif state == "retire":
            notice_records.record_stopped(actor=actor, notice=notice)
        elif state == "publie":
            notice_records.record_published(
                actor=actor,
                notice=notice,
                number=str(answer.get("idweb", "")) or notice.name,
                published_on=_day(answer.get("dateparution")),
            )
        elif state == "accepte" and NOTICE.allows(notice.state, "acknowledge"):
            notice_records.record_acknowledged(actor=actor, notice=notice)


def _state(answer: Any) -> str:
    return str(answer.get("etat", "")) if isinstance(answer, dict) else ""


def _day(said: Any) -> date:
    try:
        return date.fromisoformat(str(said)[:10])
    except ValueError:
        return legal_day(system_clock())


def _key(way: Way) -> dict[str, str]:
    return {"X-Api-Key": way.key, "Accept": "application/json"}


def absorb(incoming: exchange.Incoming) -> None:
    """Nothing comes by itself: the publisher is asked."""


BOAMP = exchange.Channel(
    code=NoticeChannel.BOAMP.value,
    label=_("Notices, to the BOAMP"),
    deliver=deliver,
    absorb=absorb,
    enquire=enquire,
    collect=collect,
)
