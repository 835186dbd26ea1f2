"""What becomes of a transmission by the State's answers, and by what the bus tells of its envelopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from territoires.contracts import legality_transmission as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict
from territoires.kernel.fact import Fact

from ..domain import transmission as rules
from ..domain.transmission import TRANSMISSION, explanation_of
from ..models import Envelope, Transmission, known
from ..permissions import Legality
from ..queries.anomalies import anomalies
from ..queries.transmissions import live_transmission
from .informing import tell_refusal
from .restoring import take_as_sent
from .telling import about_transmission
from .transmitting import abandon
from .waiting import wait_for_next_step, wait_for_next_steps

LONGEST_DETAIL = 1000
RECEIVED_FIELDS = (
    "state",
    "received_on",
    "acknowledgement",
    "answer",
    "anomaly_nature",
    "anomaly_detail",
)


@action(Legality.RECORD, on="transmission", along=("act",))
def record_sent(*, actor: Actor, transmission: Transmission, sent_at: datetime) -> Outcome[Transmission]:
    """The State's service took the envelope. Raises Conflict when an answer was faster than this record."""
    transmission.state = TRANSMISSION.after(transmission.state, "record_sent")
    transmission.sent_at = sent_at
    transmission.save()
    return Outcome(transmission, facts.TransmissionSent(**about_transmission(transmission), sent_at=sent_at))


@action(Legality.RECORD, on="transmission", along=("act__organisation",))
def acknowledge(
    *,
    actor: Actor,
    transmission: Transmission,
    envelope: Envelope | None = None,
    received_on: date,
    document: Any,
) -> Outcome[Transmission]:
    """The prefecture received the act on that legal day. ``envelope`` is the one that this proves to have arrived."""
    told: list[Fact] = []
    if transmission.state == rules.REFUSED:
        # The State has the act after all: what was being prepared in its place is pointless.
        replaced = live_transmission(transmission.act, locked=True)
        told += [abandon(replaced)] if replaced else []
        told += take_as_sent(actor, transmission)
    is_latest = transmission.state != rules.REFUSED
    _receive(transmission, Receipt(received_on, document))
    if envelope is not None:
        _confirm(actor, envelope)
    transmission.sent_at = transmission.sent_at or actor.now()
    documents.attach(document, holder=transmission.subject)
    transmission.save()
    wait_for_next_step(transmission.act, actor, latest=transmission if is_latest else None)
    fact = facts.TransmissionAcknowledged(
        **about_transmission(transmission), received_on=received_on, answer=document.sha256
    )
    return Outcome(transmission, *told, fact)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an acknowledgement says: the legal day on which the prefecture received the act, and its bytes."""

    received_on: date
    document: Any


@action(Legality.RECORD, on="transmissions", along=("act__organisation",))
def acknowledge_all(
    *, actor: Actor, transmissions: list[Any], receipts: Mapping[UUID, Receipt]
) -> Outcome[list[Transmission]]:
    """The prefecture received several acts of one body, of which the sending is recorded; see ``acknowledge``.

    ``receipts`` are by transmission. Raises Conflict when one of them is no longer sent and unanswered.
    """
    for one in transmissions:
        if one.state != rules.SENT:
            raise Conflict(
                "not-awaiting-answer",
                "This sending awaits no acknowledgement, or was answered meanwhile.",
                "Nothing to do.",
            )
        _receive(one, receipts[one.pk])
    documents.attach_all([(receipts[one.pk].document, one.subject) for one in transmissions])
    Transmission.objects.bulk_update(transmissions, RECEIVED_FIELDS)
    wait_for_next_steps([(one.act, one) for one in transmissions], actor)
    told = [
        facts.TransmissionAcknowledged(
            **about_transmission(one),
            received_on=known(one.received_on),
            answer=receipts[one.pk].document.sha256,
        )
        for one in transmissions
    ]
    return Outcome(transmissions, *told)


@action(Legality.RECORD, on="transmission", along=("act__organisation",))
def refuse(
    *,
    actor: Actor,
    transmission: Transmission,
    nature: str,
    detail: str,
    envelope: Envelope | None = None,
    document: Any = None,
) -> Outcome[Transmission]:
    """The act counts as not transmitted. ``envelope`` is the one that the refusal proves to have arrived."""
    transmission.state = TRANSMISSION.after(transmission.state, "refuse")
    if envelope is not None:
        _confirm(actor, envelope)
    _keep_answer(transmission, document)
    transmission.anomaly_nature = nature[:20]
    transmission.anomaly_detail = detail[:LONGEST_DETAIL]
    transmission.save()
    explained = explanation_of(detail, anomalies(legal_day(actor.now())))
    wait_for_next_step(transmission.act, actor)
    tell_refusal(transmission, explained, actor)
    fact = facts.TransmissionRefused(
        **about_transmission(transmission),
        nature=transmission.anomaly_nature,
        code=explained.code,
        detail=transmission.anomaly_detail,
        answer=document.sha256 if document else "",
    )
    return Outcome(transmission, fact)


@action(Legality.RECORD, on="transmission", along=("act",))
def record_cancelled(
    *, actor: Actor, transmission: Transmission, envelope: Envelope, cancelled_on: date, document: Any
) -> Outcome[Transmission]:
    """The State cancelled the transmission: the act counts as never transmitted."""
    transmission.state = TRANSMISSION.after(transmission.state, "acknowledge_cancellation")
    _confirm(actor, envelope)
    transmission.cancelled_on = cancelled_on
    _keep_answer(transmission, document)
    transmission.save()
    wait_for_next_step(transmission.act, actor)
    fact = facts.TransmissionCancelled(
        **about_transmission(transmission), cancelled_on=cancelled_on, answer=document.sha256
    )
    return Outcome(transmission, fact)


@action(Legality.RECORD, on="transmission", along=("act",))
def refuse_cancellation(
    *, actor: Actor, transmission: Transmission, detail: str, document: Any = None
) -> Outcome[Transmission]:
    """The State did not cancel the transmission: it holds as before."""
    transmission.state = TRANSMISSION.after(transmission.state, "refuse_cancellation")
    _keep_answer(transmission, document)
    transmission.save()
    wait_for_next_step(transmission.act, actor)
    fact = facts.TransmissionCancellationRefused(
        **about_transmission(transmission),
        detail=detail[:LONGEST_DETAIL],
        answer=document.sha256 if document else "",
    )
    return Outcome(transmission, fact)


def _receive(transmission: Transmission, receipt: Receipt) -> None:
    transmission.state = TRANSMISSION.after(transmission.state, "acknowledge")
    transmission.received_on = receipt.received_on
    transmission.acknowledgement = transmission.answer = receipt.document
    transmission.anomaly_nature = transmission.anomaly_detail = ""


def _confirm(actor: Actor, envelope: Envelope) -> None:
    exchange.confirm_sent(actor=actor, channel=envelope.route.channel, key=envelope.archive_name)


def _keep_answer(transmission: Transmission, document: Any) -> None:
    if document is not None:
        transmission.answer = documents.attach(document, holder=transmission.subject)
