"""Two communes, the operator, and one person for each way of holding, or not holding, a right among them."""

from __future__ import annotations

import json
from copy import copy, deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.test import Client

from territoires.foundations.actions.api import ROLES, permissions_of
from territoires.foundations.identity import keys
from territoires.foundations.identity.api import switchable_services
from territoires.foundations.identity.sessions import BEGAN, SEEN
from territoires.kernel.ids import new_id
from tests.services.legality.conftest import make_act, make_actor, make_body
from tests.services.legality.evening.conftest import make_sitting
from tests.services.procurement.conftest import make_actor as buyer_of
from tests.services.procurement.conftest import make_consultation

# Stands in everything that belongs to the foreign commune: no page of another one may show it.
SECRET = "Zéphyrine"
SINCE = date(2026, 1, 5)
YESTERDAY = date.today() - timedelta(days=1)


def rows(label: str) -> Any:
    return apps.get_model(label)._default_manager


@dataclass
class World:
    """``home`` is where the tests knock; ``foreign`` holds the same things, which never show there."""

    home: Any
    foreign: Any
    operator: Any
    idle: Any  # a commune where only what is always on is switched on
    acts: dict[str, Any] = field(default_factory=dict)
    sitting: Any = None
    foreign_act: Any = None
    annex: Any = None
    foreign_annex: Any = None
    consultation: Any = None
    foreign_consultation: Any = None

    def person(
        self, organisation: Any = None, *roles: str, until: date | None = None, name: str = "Claire"
    ) -> Any:
        """A person with an account; with a membership and roles where an organisation is given."""
        person = rows("identity.Person").create(given_names=name, usual_name="Exemple")
        rows("identity.Account").create_user(f"{new_id().hex}@exemple.test", person=person)
        if organisation is not None:
            self.seat(person, organisation, *roles, until=until)
        return person

    def seat(self, person: Any, organisation: Any, *roles: str, until: date | None = None) -> None:
        """A membership, with roles until a day."""
        membership = rows("identity.Membership").create(
            person=person, organisation=organisation, since_on=SINCE
        )
        for role in roles:
            rows("identity.RoleAssignment").create(
                membership=membership, role=role, since_on=SINCE, until_on=until
            )

    def key(self, organisation: Any, role: str, permissions: list[str] | None = None) -> str:
        """The text of a key that may do what ``role`` may, or less; an administrator answers for it, who is of the
        platform too where the role is."""
        text, prefix, salt, digest = keys.draw()
        now = datetime.now(UTC)
        rows("identity.ApiKey").create(
            organisation=organisation,
            label="essai",
            prefix=prefix,
            salt=salt,
            digest=digest,
            permissions=sorted(permissions_of(role)) if permissions is None else permissions,
            owner=self.person(
                organisation, "administrator", *([role] if ROLES[role].audience == "operator" else [])
            ),
            created_at=now,
            expires_at=now + timedelta(days=30),
        )
        return text

    def client(self, person: Any) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(person.account, backend="allauth.account.auth_backends.AuthenticationBackend")
        _note_as_seen(client)
        return client

    def seat_of(self, role: str) -> Any:
        """Where a role is held: those of the platform live at the operator's alone."""
        return self.operator if ROLES[role].audience == "operator" else self.home


def _note_as_seen(client: Client) -> None:
    """The first gesture of a session writes it: done here once, what is rolled back after each test stays noted."""
    session = client.session
    session[BEGAN] = session[SEEN] = datetime.now(UTC).timestamp()
    session.save()


def again(client: Client) -> Client:
    """A browser as it was when that one signed in; that one is left untouched."""
    fresh = copy(client)
    fresh.cookies = deepcopy(client.cookies)
    return fresh


def build() -> World:
    world = World(
        home=make_body("Commune d'Exemple", "217104389"),
        foreign=make_body(f"Commune de {SECRET}", "217004999"),
        operator=make_body("Opérateur Essai", "130012345"),
        idle=make_body("Commune au Repos", "217104397"),
    )
    rows("identity.Organisation").filter(pk=world.operator.pk).update(kind="operator")
    for organisation in (world.home, world.foreign, world.operator):
        for service in switchable_services():
            rows("identity.ServiceActivation").create(
                organisation=organisation, service=service, since_at=datetime.now(UTC)
            )
    secretary = make_actor(world.home)
    for state in ("draft", "signed", "published", "withdrawn"):
        world.acts[state] = make_act(secretary, state, number=f"DEL_{state.upper()}")
    world.sitting = make_sitting(secretary)
    stranger = make_actor(world.foreign)
    world.foreign_act = make_act(stranger, "draft", object=f"Affaire de {SECRET}")
    world.annex = _annex(secretary, world.acts["draft"])
    world.foreign_annex = _annex(stranger, world.foreign_act)
    world.person(world.foreign, "agent", name=SECRET)
    world.consultation = make_consultation(buyer_of(world.home))
    world.foreign_consultation = make_consultation(buyer_of(world.foreign), title=f"Toiture de {SECRET}")
    return world


def _annex(actor: Any, act: Any) -> Any:
    from territoires.services.legality.actions import filing
    from tests.services.legality.conftest import pdf, sound

    file = sound(actor, pdf(f"annexe {act.pk}"), "plan.pdf")
    filing.add_annex(actor=actor, act=act, file=file)
    act.refresh_from_db()
    return act.annexes.get()


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def json_of(response: Any) -> Any:
    return json.loads(content_of(response))
