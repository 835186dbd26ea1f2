"""The line to the third party: requests by HTTPS in one body's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports import https

from ...domain.s2low import Odd
from ...queries.third_party import (
    ThirdParty,
    third_party,
)

TIMEOUTS = https.Timeouts()


@dataclass(frozen=True, slots=True)
class Line:
    """The way to the third party in one body's name."""

    way: ThirdParty
    headers: dict[str, str]

    def get(self, call: str, *, most: int = https.MOST_ANSWERED, **query: object) -> bytes:
        """The body of the answer. Raises Odd for another status than 200, https.Unsettled without an answer."""
        reply = self._ask("GET", f"{call}?{urlencode(query)}", most=most)
        if reply.status != 200:
            raise Odd(f"HTTP {reply.status}")
        if len(reply.body) == most:
            raise Odd("an answer that is too long")
        return reply.body

    def post(
        self, call: str, fields: Sequence[tuple[str, bytes]], files: Sequence[https.FilePart] = ()
    ) -> bytes:
        """The body of the answer. Raises as ``get``, and Ended where the status says what became of it."""
        reply = self._ask("POST", call, fields=fields, files=files)
        if reply.status == 500:  # a fault there, perhaps after it was kept
            raise Odd("HTTP 500")
        if reply.status != 200:
            raise Ended(https.verdict(reply, frozenset()))
        if not reply.is_whole and not reply.body.lstrip().startswith(b"KO"):
            raise Odd("an answer before everything had left")
        return reply.body

    def _ask(self, method: str, call: str, most: int = https.MOST_ANSWERED, **sent: Any) -> https.Reply:
        return https.request(
            method,
            f"{self.way.url}{call}",
            trust=self.way.trust,
            identity=self.way.identity,
            headers=self.headers,
            timeouts=TIMEOUTS,
            most_answered=most,
            **sent,
        )


class Ended(Exception):
    """The status of the answer says what became of the parcel."""

    def __init__(self, delivery: exchange.Delivery) -> None:
        super().__init__(type(delivery).__name__)
        self.delivery = delivery


def line_of(siren: str) -> Line | None:
    """The way there in a body's name; None while there is none, or no account for the body."""
    way = third_party()
    headers = way.headers_for(siren) if way else None
    return Line(way, headers) if way and headers else None
