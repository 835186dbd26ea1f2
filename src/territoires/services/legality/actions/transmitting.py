"""Transmission to the State, by people: prepared by whoever may, confirmed by somebody with a certificate, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from territoires.contracts import legality as facts
from territoires.contracts import legality_transmission as sending
from territoires.foundations.actions.api import Outcome, StepUp, action, unchanged
from territoires.foundations.exchange import api as exchange
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.kernel.ids import new_id

from ..domain import life
from ..domain import transmission as rules
from ..domain.actes.names import EnvelopeName
from ..domain.transmission import TRANSMISSION
from ..models import Act, Convention, Envelope, Route, Transmission, known
from ..permissions import Legality
from ..queries.connection import application, require_open
from ..queries.effect import must_be_transmitted
from ..queries.files import annexes_of
from ..queries.preceding import state_identifier
from ..queries.readiness import faults_of
from ..queries.transmissions import (
    Way,
    envelope_of,
    identifier_of,
    required_convention,
    required_live,
    required_route,
    required_way,
)
from .filing import type_code
from .renumbering import renumber
from .telling import about_transmission, with_files
from .waiting import wait_for_next_step

PRESENCE_FOR_SENDING = StepUp(level=2, within=timedelta(minutes=15))
SENDABLE = tuple(state for state in life.COMPLETE if state != life.WITHDRAWN)
MAKE = "legality.make_archives_of"
# The ministry counts the envelopes of a day by SIREN, whichever body or channel they come from.
SERIALS = "actes"
_SIRENS = UUID("9b0c9b0e-9d5b-5b4e-8a34-2f1d4c1f7a10")


@action(Legality.PREPARE, on="act", along=("organisation",))
def prepare_transmission(*, actor: Actor, act: Act, version: int | None = None) -> Outcome[Act]:
    """Makes a signed act ready for the State; nothing leaves before somebody who may send confirms it.

    Raises Conflict without agreement or channel, or when it is on its way already; Invalid with every fault.
    """
    unchanged(act, version)
    return Outcome(act, _prepare(actor, act))


@action(Legality.PREPARE, on="act", along=("organisation",))
def reissue_transmission(
    *,
    actor: Actor,
    act: Act,
    matter_code: str,
    main_type: str,
    annex_types: Sequence[tuple[UUID, str]] = (),
    number: str = "",
    version: int | None = None,
) -> Outcome[Act]:
    """Corrects what the State is told of a refused act and makes it ready again.

    What was signed does not change: an act whose words are wrong goes back to draft. The number stays, but for a
    suffix where it was refused for its number (``renumber``). Raises as ``prepare_transmission`` and ``renumber``.
    """
    unchanged(act, version)
    last = act.transmissions.order_by("-rank").first()
    if last is None or last.state != rules.REFUSED:
        raise Conflict(
            "nothing-refused",
            "The State has not refused this act: there is nothing to correct.",
            "Reload the page to see where it stands.",
        )
    renumbered = renumber(act, number)
    act.matter_code, act.main_type = matter_code, type_code(main_type)
    chosen = {key: type_code(code) for key, code in annex_types}
    for annex in annexes_of(act):
        annex.piece_type = chosen.get(annex.pk, annex.piece_type)
        annex.save(update_fields=["piece_type"])
    act.version += 1
    act.save()
    told = facts.ActReclassified(
        subject=act.subject,
        matter=act.matter,
        number=act.number,
        matter_code=act.matter_code,
        piece_types=(act.main_type, *(annex.piece_type for annex in annexes_of(act))),
    )
    return Outcome(act, *renumbered, told, _prepare(actor, act))


@action(Legality.SEND, on="act", along=("organisation",), step_up=PRESENCE_FOR_SENDING)
def confirm_transmission(*, actor: Actor, act: Act, version: int | None = None) -> Outcome[Act]:
    """Orders the act to leave, in the name of the person whose certificate this request presents.

    Raises Denied or Invalid for the certificate, Conflict when nothing waits or the way to the State is closed.
    """
    unchanged(act, version)
    transmission = required_live(act)
    certificate = identity.judge_presented_certificate(actor, act.organisation)
    transmission.state = TRANSMISSION.after(transmission.state, "confirm")
    way = required_way(act.organisation_id, actor.now())
    _require_ready(actor, act, way)
    require_open(way.route.channel, act.organisation.siren)
    # What holds now is what is sent: the lists, the agreement or the channel may have changed since it was prepared.
    _describe(transmission, act, way)
    transmission.confirmed_by, transmission.confirmed_at = actor.person, actor.now()
    transmission.certificate = certificate.fingerprint
    transmission.save()
    envelope = draw_envelope(
        actor,
        act.organisation,
        Envelope.Kind.ACT,
        transmission=transmission,
        route=way.route,
        convention=way.convention,
    )
    wait_for_next_step(act, actor, latest=transmission)
    fact = sending.TransmissionConfirmed(
        **about_transmission(transmission),
        **with_files(act),
        channel=transmission.channel,
        envelope=envelope.name,
        certificate=transmission.certificate,
    )
    return Outcome(act, fact)


@action(Legality.PREPARE, on="act", along=("organisation",))
def abandon_transmission(*, actor: Actor, act: Act, version: int | None = None) -> Outcome[Act]:
    """Gives up a transmission that nobody has confirmed. Raises Conflict once it is."""
    unchanged(act, version)
    told = abandon(required_live(act))
    wait_for_next_step(act, actor)
    return Outcome(act, told)


@action(Legality.SEND, on="act", along=("organisation",), step_up=PRESENCE_FOR_SENDING)
def cancel_transmission(*, actor: Actor, act: Act, version: int | None = None) -> Outcome[Act]:
    """Asks the State to count the act as never transmitted (message 6-1), with the same proofs as sending it.

    It leaves by the channel that took the act, whichever serves new ones. Raises Conflict unless the State has
    acknowledged it.
    """
    unchanged(act, version)
    transmission = required_live(act)
    certificate = identity.judge_presented_certificate(actor, act.organisation)
    transmission.state = TRANSMISSION.after(transmission.state, "cancel")
    route = known(envelope_of(transmission, Envelope.Kind.ACT)).route
    require_open(route.channel, act.organisation.siren)
    transmission.save()
    envelope = draw_envelope(
        actor, act.organisation, Envelope.Kind.CANCELLATION, transmission=transmission, route=route
    )
    wait_for_next_step(act, actor)
    fact = sending.TransmissionCancellationAsked(
        **about_transmission(transmission), envelope=envelope.name, certificate=certificate.fingerprint
    )
    return Outcome(act, fact)


def abandon(transmission: Transmission) -> sending.TransmissionAbandoned:
    """Ends a transmission that nobody has confirmed; the caller leaves the fact and tells the desk."""
    transmission.state = TRANSMISSION.after(transmission.state, "abandon")
    transmission.save()
    return sending.TransmissionAbandoned(**about_transmission(transmission))


def draw_envelope(
    actor: Actor,
    organisation: Any,
    kind: str,
    *,
    transmission: Transmission | None = None,
    route: Route | None = None,
    convention: Convention | None = None,
    **options: Any,
) -> Envelope:
    """Takes the next name of the day; a job makes the archive after the commit.

    ``route`` is the channel to take, when it is not the one in force or known already; so for ``convention``.
    """
    now = actor.now()
    route = route or required_route(organisation.pk, now)
    convention = convention or required_convention(organisation.pk, legal_day(now))
    serial = exchange.next_serial(
        channel=SERIALS,
        organisation=uuid5(_SIRENS, organisation.siren),
        day=legal_day(now),
        start=route.first_serial,
    )
    envelope = Envelope(
        organisation=organisation,
        kind=kind,
        transmission=transmission,
        convention=convention,
        route=route,
        name=str(EnvelopeName(application(), organisation.siren, legal_day(now), serial)),
        made_at=now,
        **options,
    )
    envelope.save(force_insert=True)
    # One at a time for a body: its envelopes leave in the order of their serials.
    exchange.wake_for(MAKE, f"{MAKE}.{organisation.pk}", organisation=str(organisation.pk))
    return envelope


def _prepare(actor: Actor, act: Act) -> sending.TransmissionPrepared:
    if act.taken_over_at is not None:
        raise Conflict(
            "act-of-before",
            "This act comes from the body's history: what had to be transmitted was, elsewhere; nothing is sent twice.",
            "If it was never transmitted, enter it here as a new act.",
        )
    if act.state not in SENDABLE:
        raise Conflict(
            "act-not-sendable",
            "Only a signed act is sent to the State, and none that was withdrawn.",
            "Have it signed first.",
        )
    if not must_be_transmitted(act):
        raise Conflict(
            "not-for-the-state",
            "The law does not make this act transmit to the State: it takes effect without it (CGCT L.2131-2).",
            "If this one must be sent all the same, declare the exception with its reason.",
        )
    before = list(act.transmissions.all())
    if any(one.state in rules.LIVE for one in before):
        raise Conflict(
            "already-under-way",
            "This act is already on its way to the State; nothing was done twice.",
            "Reload the page to see where it stands.",
        )
    way = required_way(act.organisation_id, actor.now())
    _require_ready(actor, act, way)
    transmission = Transmission(
        id=new_id(),
        act=act,
        organisation_id=act.organisation_id,
        rank=1 + max((one.rank for one in before), default=0),
        prepared_by=actor.person,
        prepared_at=actor.now(),
    )
    _describe(transmission, act, way)
    transmission.save(force_insert=True)
    wait_for_next_step(act, actor, latest=transmission)
    return sending.TransmissionPrepared(
        **about_transmission(transmission),
        channel=transmission.channel,
        classification_on=transmission.classification_on,
    )


def _describe(transmission: Transmission, act: Act, way: Way) -> None:
    transmission.channel = way.route.channel
    transmission.identifier = str(identifier_of(act, way.convention))
    transmission.preceding = state_identifier(act.preceding) if act.preceding else ""
    transmission.classification_on = way.in_force.dated_on


def _require_ready(actor: Actor, act: Act, way: Way) -> None:
    if faults := faults_of(act, now=actor.now(), lists=way.in_force.lists):
        raise Invalid(
            "act-not-ready-for-state",
            "The State would refuse this act as it is; nothing was sent.",
            "Correct each point below; what was signed is corrected by sending the act back to draft.",
            faults=faults,
        )
