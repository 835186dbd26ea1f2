"""Who acts, for whom, with what rights and what proof of presence: a value built by ``identity``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from territoires.kernel.clock import Clock, fixed_clock, system_clock
from territoires.kernel.errors import Denied
from territoires.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission held in the acting organisation, and through what."""

    permission: str
    through: Literal["role", "mandate", "key", "platform"]
    label: str
    reference: UUID | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Assurance:
    """What the session proved of the person: level 0 to 4 (A0..A4), methods, and when.

    ``certificate`` is the fingerprint (SHA-256, hexadecimal) of the client certificate whose key this very connection
    proved; empty without one. That it is the person's own is for ``identity`` to judge.
    """

    level: int = 0
    methods: tuple[str, ...] = ()
    proved_at: datetime | None = None
    certificate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The one who calls an action.

    ``organisation`` is the acting organisation, taken from the address or the API key, never from the session.
    ``grants`` maps each permission code held there to its source. ``services`` are those switched on for that
    organisation. ``is_operator`` is true when the acting organisation runs the platform.
    """

    person: UUID | None = None
    machine: str | None = None
    organisation: UUID | None = None
    mandate: UUID | None = None
    grants: Mapping[str, Grant] = field(default_factory=dict)
    services: frozenset[str] = frozenset()
    is_operator: bool = False
    assurance: Assurance = Assurance()
    language: str = "fr"
    clock: Clock = system_clock
    correlation: UUID = field(default_factory=new_id)
    causation: UUID | None = None
    idempotency_key: str | None = None

    def now(self) -> datetime:
        """The present instant for this actor, aware, UTC."""
        return self.clock()

    def holds(self, permission: str) -> bool:
        """True when the acting organisation grants this permission and its service is switched on."""
        return permission in self.grants and self.reaches(permission)

    def reaches(self, permission: str) -> bool:
        """True when the service that owns the permission is switched on for the acting organisation."""
        return permission.partition(":")[0] in self.services

    def acting_organisation(self) -> UUID:
        """The acting organisation. Raises Denied without one."""
        if self.organisation is None:
            raise Denied(
                "no-acting-organisation",
                "This is done for an organisation, and none was named.",
                "Start again from the desk of your organisation.",
            )
        return self.organisation

    @property
    def is_anonymous(self) -> bool:
        return self.person is None and self.machine is None

    def once(self, key: str) -> Actor:
        """The same actor, whose next gesture is done once however often it arrives with this key; empty: no key."""
        return replace(self, idempotency_key=key or None)

    def at(self, instant: datetime) -> Actor:
        """The same actor with a clock that stands still."""
        return replace(self, clock=fixed_clock(instant))


def system_actor(machine: str, *, organisation: UUID | None = None, causation: UUID | None = None) -> Actor:
    """The platform itself, as a named machine ("worker", "seed"); holds no grant of its own."""
    return Actor(machine=machine, organisation=organisation, causation=causation)
