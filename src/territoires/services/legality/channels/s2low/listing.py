"""Which transaction of a body an envelope of ours became, by listing them all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from territoires.kernel.clock import legal_day

from ...domain import s2low
from ...domain.actes.names import ActIdentifier
from ...domain.s2low import Odd
from ...models import Envelope, known
from ...queries import transmissions as queries
from ...queries.third_party import (
    transaction_of,
    transactions_of,
)
from .line import Line


def find(line: Line, envelope: Envelope) -> s2low.Listed | None:
    """The transaction that an envelope became; None when the body has none. Raises Declined, Odd, https.Unsettled."""
    transmission = known(envelope.transmission)
    act = ActIdentifier.parse(transmission.identifier)
    return s2low.mine(
        _listed(line, since=envelope.made_at),
        type=envelope.kind[0],
        act_number=act.number,
        decided_on=act.decided_on,
        after=_follows(envelope),
        known=transactions_of(transmission),
    )


def _listed(line: Line, since: datetime) -> Iterator[s2low.Listed]:
    """All transactions of the body that moved since the day before, whatever their clock."""
    day = legal_day(since) - timedelta(days=1)
    for status in s2low.FORWARD:
        offset = 0
        while True:
            page = line.get(
                s2low.LIST, status_id=status, offset=offset, limit=s2low.PAGE_LENGTH, min_date=day.isoformat()
            )
            rows = s2low.listed_in(page, status)
            yield from rows
            offset += s2low.PAGE_LENGTH
            if len(rows) < s2low.PAGE_LENGTH:
                break


def _follows(envelope: Envelope) -> int:
    """The number of the transaction after which that of the envelope came: the act's, or the letter's; 0 for an act."""
    if envelope.kind == Envelope.Kind.ACT:
        return 0
    return envelope.reply.letter.number if envelope.reply else act_transaction(envelope)


def act_transaction(envelope: Envelope) -> int:
    """The number of the act that a cancellation is about."""
    sent = queries.envelope_of(known(envelope.transmission), Envelope.Kind.ACT)
    number = transaction_of(sent) if sent else 0
    if not number:
        raise Odd("the act's own number is unknown")
    return number
