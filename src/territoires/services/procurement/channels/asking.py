"""One question to a publisher and its answer in JSON; what a broken line leaves known is told as the bus understands it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports import https
from territoires.kernel.errors import Unavailable

from ..queries.notice_ways import Way

MOST_WORDS = 900
UNKNOWN = 404


class Silent(Unavailable):
    """No answer that can be used; ``reason`` is a code of the bus."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(
            "publisher-silent",
            gettext_noop(
                "The publisher does not answer as agreed (%(reason)s). Nothing is lost: it is asked again."
            ),
            gettext_noop("See that its address and our key are right."),
            params={"reason": detail or reason},
        )
        self.reason, self.detail = reason, detail


def ask(way: Way, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    """The status and the JSON of an answer; None where it is none. Raises Silent."""
    try:
        reply = https.request("GET", f"{way.url}{path}", trust=way.trust, headers=headers)
    except https.Unsettled as unsettled:
        raise Silent(unsettled.delivery.reason, unsettled.delivery.detail) from unsettled
    if reply.status in (401, 403):
        raise Silent("not-let-in", f"HTTP {reply.status}")
    if reply.status >= 500:
        raise Silent("not-available", f"HTTP {reply.status}")
    return reply.status, read(reply.body)


def post(
    way: Way,
    path: str,
    *,
    headers: dict[str, str],
    fields: Sequence[tuple[str, str]],
    files: Sequence[https.FilePart],
) -> exchange.Delivery:
    """Posts a form; a refusal carries the publisher's words."""
    try:
        reply = https.request(
            "POST", f"{way.url}{path}", trust=way.trust, headers=headers, fields=fields, files=files
        )
    except https.Unsettled as unsettled:
        return unsettled.delivery
    delivery = https.verdict(reply, frozenset({200, 201, 202}))
    if isinstance(delivery, exchange.Refused):
        return exchange.Refused(delivery.reason, words_in(read(reply.body)) or delivery.detail)
    return delivery


def words_in(answer: Any) -> str:
    """Why a publisher refuses, in its words."""
    if not isinstance(answer, dict):
        return ""
    said = answer.get("message") or answer.get("motif") or answer.get("detail") or ""
    report = answer.get("errors") or answer.get("report") or []
    lines = [str(one) for one in report] if isinstance(report, list) else [str(report)]
    return " ; ".join(filter(None, [str(said), *lines]))[:MOST_WORDS]


def read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
