"""The way of acts to the State: agreements, channels, transmissions, and to which one an answer belongs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import F, Max, Q, QuerySet

from territoires.foundations.actions import api as actions
from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, Invalid, Missing

from ..domain import letters
from ..domain import transmission as rules
from ..domain.actes.names import ActIdentifier
from ..domain.actes.reading import ReceivedAct
from ..models import Act, Convention, Envelope, LetterReply, Route, StateLetter, Transmission, known
from ..permissions import Legality
from .readiness import InForce, classification, lists_of

MOST_TO_CONFIRM = 100
HOUR = timedelta(hours=1)
STILL_ORDERED = (
    Q(kind=Envelope.Kind.CLASSIFICATION)
    | Q(kind=Envelope.Kind.ACT, transmission__state=rules.CONFIRMED)
    | Q(kind=Envelope.Kind.CANCELLATION, transmission__state=rules.CANCELLING)
    | Q(reply__state=letters.CONFIRMED)
)
"""Envelopes to make and post: that of an act refused for its size is dead, whatever becomes of the act."""


def convention_of(organisation: UUID, on: date) -> Convention | None:
    """The body's agreement with its prefect in force on a legal day."""
    in_force = Q(until_on=None) | Q(until_on__gte=on)
    return (
        Convention.objects.filter(in_force, organisation=organisation, from_on__lte=on)
        .order_by("-from_on")
        .first()
    )


def conventions_in_force(on: date) -> Iterator[Convention]:
    """The agreement in force of each body on a legal day."""
    for convention in Convention.objects.select_related("organisation").order_by("organisation_id"):
        if convention == convention_of(convention.organisation_id, on):
            yield convention


def accounts_of(persons: Iterable[UUID | None]) -> list[Any]:
    """The accounts by which these persons are told something."""
    rows: Any = apps.get_model("identity.Account")._default_manager
    return list(rows.filter(person__in=persons, is_active=True).select_related("person"))


def required_convention(organisation: UUID, on: date) -> Convention:
    """The same. Raises Conflict without one: nothing is sent for the body then."""
    if found := convention_of(organisation, on):
        return found
    raise Conflict(
        "no-convention",
        "Your body has no agreement with its prefect in force here (CGCT R.2131-3): nothing can be sent for it.",
        "Send the signed agreement to the operator of the platform, who records it.",
    )


def required_route(organisation: UUID, at: datetime) -> Route:
    """The channel in force at an instant. Raises Conflict without one."""
    found = Route.objects.filter(organisation=organisation, from_at__lte=at).order_by("-from_at").first()
    if found is not None:
        return found
    raise Conflict(
        "no-route",
        "No way to the State is set up for your body yet: nothing can be sent for it.",
        "Ask the operator of the platform, who chooses it.",
    )


@dataclass(frozen=True, slots=True)
class Way:
    """What holds for a body that sends: its agreement, its channel, the lists of its prefecture."""

    convention: Convention
    route: Route
    in_force: InForce


def required_way(organisation: UUID, at: datetime) -> Way:
    """The way to the State in force at an instant. Raises Conflict without agreement or channel."""
    convention = required_convention(organisation, legal_day(at))
    return Way(convention, required_route(organisation, at), lists_of(convention.department, legal_day(at)))


def live_transmission(act: Act, *, locked: bool = False) -> Transmission | None:
    """The one transmission of an act that counts: neither refused nor cancelled."""
    rows = Transmission.objects.select_for_update() if locked else Transmission.objects
    found = rows.filter(act=act, state__in=rules.LIVE).first()
    if found is not None:
        found.act = act  # known already: not to be read again
    return found


def required_live(act: Act) -> Transmission:
    """The same, locked. Raises Conflict when the act has none."""
    if found := live_transmission(act, locked=True):
        return found
    raise Conflict(
        "no-transmission",
        "This act is not on its way to the State.",
        "Reload the page to see where it stands.",
    )


def require_none_live(act: Act) -> None:
    """Raises Conflict when the act is on its way to the State, or arrived there."""
    if live_transmission(act) is None:
        return
    raise Conflict(
        "transmission-lives",
        "This act is on its way to the State, or was received there; nothing was done.",
        "Give up or cancel its transmission first.",
    )


def transmissions_of(act: Act) -> list[Transmission]:
    """Every sending of the act, the first one first, with its letters."""
    return list(act.transmissions.select_related("acknowledgement", "answer").prefetch_related("letters"))


def to_confirm(actor: Actor) -> list[Transmission]:
    """What waits in the acting organisation for somebody who may send, the oldest first."""
    rows = Transmission.objects.filter(
        state=rules.TO_CONFIRM, act__in=actions.visible(actor, Legality.SEND), organisation=actor.organisation
    )
    return list(rows.select_related("act__main").order_by("prepared_at", "id")[:MOST_TO_CONFIRM])


def unanswered(now: datetime) -> dict[str, list[datetime]]:
    """Since when waits what has waited longer than an answer of the State takes, by what it is, the oldest first.

    Acts sent, cancellations asked, answers to letters sent that the State acknowledges, and envelopes never made.
    """
    due = now - rules.ANSWER_DUE
    cancelling = Transmission.objects.filter(state=rules.CANCELLING)
    asked = Max("envelopes__made_at", filter=Q(envelopes__kind=Envelope.Kind.CANCELLATION))
    replies = LetterReply.objects.filter(state=letters.SENT, kind__in=letters.ACKNOWLEDGED_BY)
    waiting = {
        "acts": Transmission.objects.filter(state=rules.SENT).annotate(since=F("sent_at")),
        "cancellations": cancelling.annotate(since=asked),
        "replies": replies.annotate(since=F("sent_at")),
        "unmade": Envelope.objects.filter(STILL_ORDERED, archive=None).annotate(since=F("made_at")),
    }
    return {
        name: list(rows.filter(since__lt=due).order_by("since").values_list("since", flat=True))
        for name, rows in waiting.items()
    }


def unanswered_alarm() -> str:
    """For the console and ``/health``: raises Conflict when the State owes answers for longer than it takes."""
    now = system_clock()
    late = unanswered(now)
    oldest = min((since[0] for since in late.values() if since), default=None)
    if oldest is None:
        return ""
    raise Conflict(
        "acknowledgements-late",
        "For more than four hours, %(acts)s acts sent, %(cancellations)s cancellations and %(replies)s answers to letters"
        " have waited for the State's answer, and %(unmade)s envelopes for their making; the oldest for %(hours)s hours.",
        "See on the console whether the answers can be fetched, and in the worker's log what fails; else ask the ministry.",
        params={**{name: len(since) for name, since in late.items()}, "hours": (now - oldest) // HOUR},
    )


def identifier_of(act: Act, convention: Convention) -> ActIdentifier:
    """The name that the State knows the act by."""
    decided_on = known(act.decided_on)
    nature = classification(legal_day(act.changed_at)).natures[act.nature]
    siren = act.organisation.siren
    return ActIdentifier(convention.department, siren, decided_on, act.number, nature.abbreviation)


# -- to which transmission an answer belongs ----------------------------------------------------------------------------


def answered(identifier: str, *, channel: str) -> Transmission:
    """The transmission that an answer about this act answers. Raises Invalid when none of ours can be meant.

    It comes back by the channel by which that one left. Of several, the one that is under way; else the one that the
    State has; else the one that it refused, whose acknowledgement may come late (a second envelope of the same name
    is refused, the first one counts).
    """
    return _answered(Transmission.objects.filter(identifier=identifier, channel=channel), identifier)


def answered_all(identifiers: Iterable[str], *, channel: str) -> dict[str, Transmission]:
    """The same for several acts at once, by identifier."""
    wanted, found = set(identifiers), defaultdict(list)
    rows = Transmission.objects.filter(identifier__in=wanted, channel=channel).order_by("-rank")
    for row in rows:
        found[row.identifier].append(row)
    return {identifier: _meant(found[identifier], identifier) for identifier in wanted}


def written_about(identifier: str) -> Transmission:
    """The same for a letter of the prefecture, whichever way it takes."""
    return _answered(Transmission.objects.filter(identifier=identifier), identifier)


def refused_act(siren: str, received: ReceivedAct, *, channel: str) -> Transmission:
    """The transmission that a refusal without identifier speaks of, by what the State copied of the act."""
    departments = (
        Convention.objects.filter(organisation__siren=siren).values_list("department", flat=True).distinct()
    )
    nature = classification(received.decided_on).natures.get(received.nature_code)
    if nature is None:
        raise answers_nothing(received.number)
    names = [
        str(ActIdentifier(department, siren, received.decided_on, received.number, nature.abbreviation))
        for department in departments
    ]
    rows = Transmission.objects.filter(identifier__in=names, channel=channel)
    return _answered(rows, received.number)


def envelope_named(name: str, siren: str, *, channel: str) -> Envelope:
    """An envelope of ours. Raises Invalid when no body of that SIREN sent one of that name by the channel."""
    rows = Envelope.objects.select_related("transmission", "route")
    found = rows.filter(name=name, route__channel=channel, organisation__siren=siren).first()
    if found is None:
        raise answers_nothing(name)
    require_left(found)
    return found


def envelope_of(transmission: Transmission, kind: str) -> Envelope | None:
    """The latest envelope of a transmission that holds such a message."""
    rows = transmission.envelopes.filter(kind=kind).select_related("route")
    return rows.order_by("-made_at", "-id").first()


def left(transmission: Transmission, kind: str) -> Envelope:
    """The envelope that an answer proves to have arrived. Raises Invalid when it has never left."""
    envelope = envelope_of(transmission, kind)
    if envelope is None:
        raise _too_early()
    require_left(envelope)
    return envelope


def letters_of(transmissions: Sequence[Transmission]) -> list[StateLetter]:
    return [letter for one in transmissions for letter in one.letters.all()]


def answer_of(act: Act, sha256: str) -> Any:
    """A document of these bytes that the State sent about the act, or the body answered to a letter. Raises Missing."""
    for one in transmissions_of(act):
        kept = [one.acknowledgement, one.answer]
        for letter in one.letters.all():
            kept += documents.documents_of(letter.subject)
            for reply in letter.replies.all():
                kept += documents.documents_of(reply.subject)
        for document in kept:
            if document is not None and document.sha256 == sha256:
                return document
    raise Missing("no-answer", "The State has not sent this file.", "Go back to the page of the act.")


def _answered(rows: QuerySet[Transmission], about: str) -> Transmission:
    return _meant(rows.order_by("-rank"), about)


def _meant(rows: Iterable[Transmission], about: str) -> Transmission:
    found = [row for row in rows if row.confirmed_at]
    for states in ((rules.CONFIRMED, rules.SENT), rules.RECEIVED, (rules.CANCELLED,), (rules.REFUSED,)):
        for one in found:
            if one.state in states:
                return one
    raise answers_nothing(about)


def require_left(envelope: Envelope) -> None:
    """Raises Invalid for an envelope that has never left: nothing can answer it."""
    parcel = exchange.parcel_of(channel=envelope.route.channel, key=envelope.archive_name)
    if parcel is None or (parcel.state == "waiting" and not parcel.attempts):
        raise _too_early()


def _too_early() -> Invalid:
    return Invalid(
        "answer-before-sending",
        "This answers something that has not left the platform: it cannot be the State's.",
        "Check who wrote it; read it again once the sending is recorded.",
    )


def answers_nothing(about: str) -> Invalid:
    """What is raised for an answer to something that was not sent from here."""
    return Invalid(
        "answer-to-nothing",
        "Nothing that was sent from here is answered by this (%(about)s).",
        "Check for which body and by which device it was sent.",
        params={"about": about[:80]},
    )
