"""Filling the demonstration: members drawn from the territory, invented people, roles and mandates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from territoires.contracts.governance import Demonstration, DemonstrationLoaded
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.identity import api as identity
from territoires.foundations.packs.api import pack
from territoires.foundations.registry.api import manifests
from territoires.kernel.actor import Actor, Assurance
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Denied
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain.colleges import college_of
from ..domain.demonstration import (
    BODIES,
    MANDATE_ROLE,
    MANDATED,
    MANDATES,
    PASSWORD,
    PEOPLE,
    InventedBody,
    InventedPerson,
    draw,
    keyed,
)
from ..models import identity_rows, organisations
from ..permissions import Governance
from ..queries import demonstration as queries

MEMBERS_SINCE = date(2026, 1, 5)
MANDATES_UNTIL = date(2028, 12, 31)
PRIVATE = ("enterprise",)


def load_demonstration(*, actor: Actor) -> bool:
    """Puts the demonstration in place and lets each service add its part. False when it was there already.

    Raises Denied outside of the demonstration mode, Unavailable without a territory.
    """
    require_demonstration_mode()
    if identity.operator() is not None:
        return False
    _fill(actor=actor)
    _let_services_add(actor)
    return True


def require_demonstration_mode() -> None:
    """Raises Denied in production: invented people have no place there."""
    if not settings.ENVIRONMENT.is_demonstration:
        raise Denied(
            "not-a-demonstration",
            gettext_noop(
                "This platform is in production: a demonstration is neither loaded nor emptied here."
            ),
            gettext_noop("Use another installation, with TERRITOIRES_MODE=demonstration."),
        )


@action(Governance.LOAD_DEMONSTRATION)
def _fill(*, actor: Actor) -> Outcome[None]:
    today = legal_day(actor.now())
    drawn = draw(queries.candidates())
    bodies = _members(drawn, today) | _invent(today)
    _switch_services_on(bodies, actor)
    memberships = _people(bodies, today)
    _mandates(bodies, memberships[MANDATED.email].person)
    return Outcome(
        None,
        DemonstrationLoaded(
            subject=Subject("identity.organisation", bodies["operator"].pk),
            organisations=len(bodies),
            persons=len(PEOPLE),
        ),
    )


def _members(drawn: Mapping[str, str], today: date) -> dict[str, Any]:
    organisations().filter(siren__in=drawn.values()).update(member_since=min(MEMBERS_SINCE, today))
    rows = {row.siren: row for row in organisations().filter(siren__in=drawn.values())}
    return {key: rows[siren] for key, siren in drawn.items()}


def _invent(today: date) -> dict[str, Any]:
    colleges = pack("colleges", on=today).entries
    return {body.key: _invented(body, colleges, today) for body in BODIES}


def _invented(body: InventedBody, colleges: Sequence[Mapping[str, Any]], today: date) -> Any:
    is_member = body.kind not in (*PRIVATE, "operator")
    row = organisations().model(
        id=new_id(),
        reference=body.siren,
        siren=body.siren,
        siret=body.siret,
        name=body.name,
        kind=body.kind,
        legal_category=body.category,
        region="27",
        member_since=min(MEMBERS_SINCE, today) if is_member else None,
        college=college_of(kind=body.kind, legal_category=body.category, population=None, colleges=colleges)
        if is_member
        else "",
    )
    row.save(force_insert=True)
    return row


def _switch_services_on(bodies: Mapping[str, Any], actor: Actor) -> None:
    """Public bodies get every service that can be switched."""
    activations = identity_rows("ServiceActivation")
    activations.bulk_create(
        activations.model(id=new_id(), organisation=row, service=manifest.code, since_at=actor.now())
        for row in bodies.values()
        for manifest in manifests().values()
        if not manifest.always_on and row.kind not in PRIVATE
    )


def _people(bodies: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Persons, accounts, memberships and roles; the memberships by e-mail."""
    password = make_password(PASSWORD)  # hashed once: it is the same for all and printed at every start
    memberships: dict[str, Any] = {}
    for invented in PEOPLE:
        person = _person(invented, password)
        if invented.place:
            memberships[invented.email] = _membership(invented, person, bodies[invented.place], today)
    return memberships


def _person(invented: InventedPerson, password: str) -> Any:
    person = identity_rows("Person").model(
        id=new_id(), given_names=invented.given_names, usual_name=invented.usual_name, is_demonstration=True
    )
    person.save(force_insert=True)
    identity_rows("Account").model(
        id=new_id(), email=invented.email, person=person, password=password, is_demonstration=True
    ).save(force_insert=True)
    return person


def _membership(invented: InventedPerson, person: Any, organisation: Any, today: date) -> Any:
    since = min(MEMBERS_SINCE, today)
    membership = identity_rows("Membership").model(
        id=new_id(), person=person, organisation=organisation, job_title=invented.job_title, since_on=since
    )
    membership.save(force_insert=True)
    roles = identity_rows("RoleAssignment")
    roles.bulk_create(
        roles.model(id=new_id(), membership=membership, role=role, since_on=since) for role in invented.roles
    )
    return membership


def _mandates(bodies: Mapping[str, Any], representative: Any) -> None:
    mandates = identity_rows("Mandate")
    mandates.bulk_create(
        mandates.model(
            id=new_id(),
            principal=bodies[key],
            representative=representative,
            role=MANDATE_ROLE,
            since_on=MEMBERS_SINCE,
            until_on=MANDATES_UNTIL,
            instrument=instrument,
        )
        for key, instrument in MANDATES.items()
    )


def _let_services_add(actor: Actor) -> None:
    given = demonstration(actor)
    for manifest in manifests().values():
        if manifest.demonstration:
            fill: Callable[[Demonstration], None] = import_string(manifest.demonstration)
            fill(given)


def demonstration(actor: Actor) -> Demonstration:
    """The demonstration in place: its organisations and, by place and role, actors who have just signed in."""
    bodies = queries.bodies_by_key()
    present = Assurance(level=2, methods=("password", "mfa"), proved_at=actor.now())
    persons = queries.persons_by_email()
    actors = {
        key: _acting(persons[person.email], bodies[person.place], present, actor)
        for key, person in keyed(PEOPLE).items()
    }
    actors |= {
        f"{key}.mandated": _acting(persons[MANDATED.email], bodies[key], present, actor) for key in MANDATES
    }
    return Demonstration(organisations={key: row.pk for key, row in bodies.items()}, actors=actors)


def _acting(person: Any, organisation: Any, present: Assurance, actor: Actor) -> Actor:
    acting = identity.actor_for_person(person, organisation, assurance=present, at=actor.now())
    return replace(acting, clock=actor.clock)
