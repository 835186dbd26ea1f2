"""Builds actors: who acts, for the organisation in the address, through which roles and mandates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from territoires.kernel.actor import Actor, Assurance, Grant
from territoires.kernel.clock import legal_day, system_clock

from .models import Mandate, Organisation, Person, RoleAssignment, in_force
from .services import permissions_within, role_label, services_of

DEMONSTRATION = "demonstration"
"""The method of the one-click sign-in; it exists in demonstration mode alone."""


@dataclass(frozen=True, slots=True)
class Acting:
    """The shell's view of who acts: organisation, person, the words for the role."""

    organisation: Organisation
    person: Person | None
    role_label: str


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation that a person may act for: through a role or a mandate, until a day or without end."""

    organisation: Organisation
    role_label: str
    until: date | None
    through: str


def actor_for_person(
    person: Person,
    organisation: Organisation | None,
    *,
    assurance: Assurance | None = None,
    at: datetime | None = None,
    **details: Any,
) -> Actor:
    """The person acting for the organisation at an instant (now by default).

    No role and no mandate there: an actor without grants, to whom everything is refused. A closed organisation, an
    ended membership or a suspended account give nothing.
    """
    instant = at or system_clock()
    grants, mandate = grants_of(person, organisation, instant) if organisation else ({}, None)
    return Actor(
        person=person.pk,
        organisation=organisation.pk if organisation else None,
        mandate=mandate,
        grants=grants,
        services=services_of(organisation),
        is_operator=bool(organisation and organisation.is_operator),
        assurance=assurance or Assurance(),
        **details,
    )


def grants_of(
    person: Person, organisation: Organisation, instant: datetime
) -> tuple[Mapping[str, Grant], UUID | None]:
    """Every permission of the person there at that instant, with its source; and the mandate, when there is no role."""
    grants: dict[str, Grant] = {}
    held = _held(person, organisation, instant)
    for one in held:
        label = _mandate_label(one) if one.through == "mandate" else role_label(one.role, one.scope)
        for permission in permissions_within(one.role, one.scope):
            grants[permission] = Grant(permission, one.through, label, one.pk, one.until_on)
    is_mandated = bool(held) and all(one.through == "mandate" for one in held)
    return grants, held[0].pk if is_mandated else None


def places_of(person: Person, *, at: datetime | None = None) -> list[Place]:
    """The organisations that the person may act for, by name."""
    instant = at or system_clock()
    found: dict[UUID, Place] = {}
    for mandate in _mandates(person, instant).select_related("principal"):
        found[mandate.principal_id] = Place(
            mandate.principal, _mandate_label(mandate), mandate.until_on, "mandate"
        )
    roles = _roles(person, instant).select_related("membership__organisation").order_by("role")
    labels: dict[UUID, list[str]] = {}
    for assignment in roles:
        organisation = assignment.membership.organisation
        label = role_label(assignment.role, assignment.scope)
        labels.setdefault(organisation.pk, []).append(label)
        found[organisation.pk] = Place(
            organisation, ", ".join(labels[organisation.pk]), assignment.until_on, "role"
        )
    return sorted(found.values(), key=lambda place: place.organisation.name_folded)


def place_of(person: str, reference: str) -> UUID | None:
    """The organisation, where the person of this id may act for it now; None elsewhere."""
    found = Person.objects.filter(pk=person).first()
    places = places_of(found) if found else []
    return next((one.organisation.pk for one in places if one.organisation.reference == reference), None)


def session_assurance(records: Iterable[Mapping[str, Any]]) -> Assurance:
    """What the session's own record of methods proves.

    A1: a password. A2: a password and a second factor, or a passkey alone (the key and the gesture that unlocks it).
    The instant of a pair is that of its older half, so that one half never refreshes the other.
    """
    latest: dict[str, float] = {}
    for record in records:
        method = "passkey" if record.get("passwordless") else record["method"]
        latest[method] = max(latest.get(method, 0.0), float(record.get("at", 0)))
    methods = tuple(sorted(latest))
    strong = [latest[method] for method in ("passkey", DEMONSTRATION) if method in latest]
    if {"password", "mfa"} <= latest.keys():
        strong.append(min(latest["password"], latest["mfa"]))
    if strong:
        return Assurance(2, methods, datetime.fromtimestamp(max(strong), UTC))
    if "password" in latest:
        return Assurance(1, methods, datetime.fromtimestamp(latest["password"], UTC))
    return Assurance(0, methods)


class _Held(NamedTuple):
    """A mandate or a role in force."""

    through: Literal["mandate", "role"]
    pk: UUID
    role: str
    scope: list[str]
    since_on: date
    until_on: date | None


def _held(person: Person, organisation: Organisation, instant: datetime) -> list[_Held]:
    """What the person holds there: mandates first, since a role prevails. One statement, asked by each request."""
    sql, order = _statement()
    values: dict[Any, Any] = {
        _PERSON: person.pk,
        _PLACE: organisation.pk,
        _INSTANT: instant,
        _DAY: legal_day(instant),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, [values.get(one, one) for one in order])
        rows = [_Held(*row) for row in cursor.fetchall()]
    return sorted(rows, key=lambda one: one.through)


# Stand for what is asked in the statement that is built once.
_PERSON, _PLACE = UUID(int=1), UUID(int=2)
_INSTANT = datetime(1900, 1, 1, 12, tzinfo=UTC)
_DAY = legal_day(_INSTANT)


@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    """The text of the two queries and the order of what they ask: building them takes longer than their answer."""
    person, place = Person(pk=_PERSON), Organisation(pk=_PLACE)
    columns = ("pk", "role", "scope", "since_on", "until_on")
    texts, order = [], []
    for through, rows in (
        ("mandate", _mandates(person, _INSTANT).filter(principal=place)),
        ("role", _roles(person, _INSTANT).filter(membership__organisation=place)),
    ):
        text, asked = rows.values_list(Value(through), *columns).query.sql_with_params()
        texts.append(f"({text})")
        order += asked
    return " UNION ALL ".join(texts), tuple(order)


def _roles(person: Person, instant: datetime) -> Any:
    return RoleAssignment.objects.filter(
        in_force(instant),
        in_force(instant, "membership__"),
        _open(instant, "membership__organisation__"),
        membership__person=person,
    )


def _mandates(person: Person, instant: datetime) -> Any:
    return Mandate.objects.filter(in_force(instant), _open(instant, "principal__"), representative=person)


def _open(instant: datetime, path: str) -> Q:
    return Q(**{f"{path}closed_on": None}) | Q(**{f"{path}closed_on__gt": legal_day(instant)})


def _mandate_label(mandate: Mandate | _Held) -> str:
    """The role and its mandate in words; its last day is told beside, as that of every grant."""
    role = role_label(mandate.role, mandate.scope)
    since = date_format(mandate.since_on, "DATE_FORMAT")
    return _("%(role)s, through the mandate of %(since)s") % {"role": role, "since": since}
