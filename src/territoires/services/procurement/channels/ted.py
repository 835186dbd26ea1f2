"""The European publisher (TED): notices posted, asked after, taken back."""

from __future__ import annotations

import contextlib
import json
from datetime import date
from typing import Any

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
from . import validation
from .asking import UNKNOWN, Silent, ask, post, words_in

API = "/api/v2/notice/notices"
WORKER = "worker"
ACCEPTED = ("PUBLISHING",)
REFUSED = ("VALIDATION_FAILED", "NOT_PUBLISHED")


def deliver(outgoing: exchange.Outgoing) -> exchange.Delivery:
    """Posts a notice, or asks for it back; what is known there already is not posted twice."""
    way = way_to(NoticeChannel.TED)
    if way is None:
        return exchange.NotSent("not-configured")
    if outgoing.key.endswith(notices.STOP):
        name = outgoing.key.removesuffix(notices.STOP)
        return post(way, f"{API}/{name}/stop-publication", headers=_key(way), fields=[("id", name)], files=())
    if way.validation is not None and (refused := validation.check(way.validation, outgoing)):
        return refused
    metadata = json.dumps({"noticeAuthorEmail": way.contact, "noticeAuthorLocale": "fr"})
    delivery = post(
        way,
        f"{API}/submit",
        headers=_key(way),
        fields=[("metadata", metadata)],
        files=[FilePart("notice", f"{outgoing.key}.xml", outgoing, "application/xml")],
    )
    if isinstance(delivery, exchange.Refused) and isinstance(known := enquire(outgoing), exchange.Accepted):
        return known
    return delivery


def enquire(outgoing: exchange.Outgoing) -> exchange.Delivery:
    """Asks whether the publisher has a notice that may have arrived."""
    way = way_to(NoticeChannel.TED)
    if way is None:
        return exchange.Doubtful("not-configured")
    try:
        status, answer = ask(way, f"{API}/{outgoing.key.removesuffix(notices.STOP)}", _key(way))
    except Silent as silent:
        return exchange.Doubtful(silent.reason, silent.detail)
    if status == UNKNOWN:
        return exchange.NotSent("unknown-there")
    if outgoing.key.endswith(notices.STOP) and status == 200 and _state(answer) != "STOPPED":
        return exchange.NotSent("unknown-there")
    return exchange.Accepted(_state(answer)) if status == 200 else exchange.Doubtful("odd-answer")


def collect() -> None:
    """Asks what became of each notice that the publisher has; one that it does not answer for waits. Raises Silent of
    the last, so that the operator sees it."""
    way = way_to(NoticeChannel.TED)
    if way is None:
        return
    trouble: Silent | None = None
    for notice in unsettled(NoticeChannel.TED):
        try:
            status, answer = ask(way, f"{API}/{notice.name}", _key(way))
        except Silent as silent:
            trouble = silent
            continue
        if status == 200:
            follow(notice, answer)
    if trouble is not None:
        raise trouble


def follow(notice: Notice, answer: Any) -> None:
    """Records what the publisher says of a notice; the same again changes nothing."""
    actor = system_actor(WORKER, organisation=notice.organisation_id)
    state = _state(answer)
    with contextlib.suppress(Conflict):  # somebody was faster
        if state in REFUSED:
            notice_records.record_rejected(actor=actor, notice=notice, reason=words_in(answer) or state)
        elif state == "STOPPED":
            notice_records.record_stopped(actor=actor, notice=notice)
        elif state == "PUBLISHED":
            notice_records.record_published(
                actor=actor,
                notice=notice,
                number=str(answer.get("publicationId", "")) or notice.name,
                published_on=_day(answer.get("publicationDate")),
            )
        elif state in ACCEPTED and NOTICE.allows(notice.state, "acknowledge"):
            notice_records.record_acknowledged(actor=actor, notice=notice)


def _state(answer: Any) -> str:
    return str(answer.get("status", "")) if isinstance(answer, dict) else ""


def _day(said: Any) -> date:
    """The day of publication; that of the answer where it is not told."""
    try:
        return date.fromisoformat(str(said)[:10])
    except ValueError:
        return legal_day(system_clock())


def _key(way: Way) -> dict[str, str]:
    return {"Authorization": f"Bearer {way.key}", "Accept": "application/json"}


def absorb(incoming: exchange.Incoming) -> None:
    """Nothing comes by itself: the publisher is asked."""


TED = exchange.Channel(
    code=NoticeChannel.TED.value,
    label=_("Notices, to the Official Journal of the European Union"),
    deliver=deliver,
    absorb=absorb,
    enquire=enquire,
    collect=collect,
)
