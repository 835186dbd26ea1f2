"""Envelopes: posted once their archive is made; the request for a classification, which concerns no act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from territoires.contracts import legality_transmission as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict
from territoires.kernel.fact import Subject

from ..models import ClassificationVersion, Envelope
from ..permissions import Legality
from ..queries.envelopes import is_still_ordered
from ..queries.readiness import version_dated, version_in_force
from .transmitting import draw_envelope

PATIENCE = timedelta(hours=1)
"""How long one request for a classification is given before another is made."""


@action(Legality.POST, on="envelope", along=("route", "transmission"))
def post_envelope(*, actor: Actor, envelope: Envelope, document: Any) -> Outcome[Envelope]:
    """Keeps the archive and hands it to the bus.

    Raises Conflict when another job made it meanwhile, or what it carries is no longer to leave.
    """
    if envelope.archive_id is not None:
        raise Conflict("envelope-made", "This envelope was made meanwhile.", "Nothing to do.")
    if not is_still_ordered(envelope):
        raise Conflict("envelope-dead", "What this envelope carries is no longer to leave.", "Nothing to do.")
    envelope.archive = documents.attach(document, holder=envelope.subject)
    envelope.save(update_fields=["archive"])
    matter = envelope.transmission.act.matter if envelope.transmission else None
    exchange.post(
        actor=actor,
        channel=envelope.route.channel,
        organisation=envelope.organisation_id,
        key=envelope.archive_name,
        document=document,
        subject=envelope.subject,
        matter=matter,
        ordered_at=envelope.made_at,
    )
    fact = facts.EnvelopePosted(
        subject=envelope.subject,
        matter=matter,
        name=envelope.name,
        message=envelope.kind,
        sha256=document.sha256,
    )
    return Outcome(envelope, fact)


@action(Legality.CLASSIFY)
def request_classification(*, actor: Actor, organisation: Any, department: str) -> Outcome[Envelope]:
    """Asks the prefecture of a department, in a body's name, for what is newer than what we know (message 7-1)."""
    version = version_in_force(department)
    known_on = version.dated_on if version else None
    envelope = draw_envelope(actor, organisation, Envelope.Kind.CLASSIFICATION, known_on=known_on)
    fact = facts.ClassificationRequested(
        subject=envelope.subject, department=department, envelope=envelope.name, known_on=known_on
    )
    return Outcome(envelope, fact)


@action(Legality.CLASSIFY)
def record_classification(
    *, actor: Actor, department: str, dated_on: date, lists: Mapping[str, Any], document: Any
) -> Outcome[ClassificationVersion]:
    """Keeps a prefecture's classification by its date; the same again changes nothing."""
    version = version_dated(department, dated_on)
    is_new = version is None
    if version is None:
        version = ClassificationVersion(
            department=department,
            dated_on=dated_on,
            received_at=actor.now(),
            lists=dict(lists),
            answer=document,
        )
        version.save(force_insert=True)
    subject = Subject("legality.classification", version.pk)
    if is_new:
        documents.attach(document, holder=subject)
    fact = facts.ClassificationReceived(
        subject=subject,
        department=department,
        dated_on=dated_on,
        is_new=is_new,
        answer=document.sha256,
    )
    return Outcome(version, fact)
