"""Who acts when a command is typed on the server: the platform itself, or the administrator whom the command names."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_noop

from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor, Assurance, Grant
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Missing

from ..models import identity_rows


def platform_actor(machine: str, *permissions: StrEnum) -> Actor:
    """The platform as a named machine. Whoever has the server has these rights already."""
    return Actor(
        machine=machine,
        grants={str(p): Grant(str(p), through="platform", label=machine) for p in permissions},
        services=frozenset({"governance", "identity"}),
        is_operator=True,
    )


def at_the_server(email: str, organisation: Any) -> Actor:
    """The person of this address acting for the organisation, present since whoever types has the server.

    The journal says both: the person who answers for it, and that a command did it. Raises Missing.
    """
    account = (
        identity_rows("Account").filter(email__iexact=email, is_active=True, person__isnull=False).first()
    )
    if account is None:
        raise Missing(
            "unknown-account",
            gettext_noop("Nobody signs in here with %(email)s."),
            gettext_noop("Check the address."),
            params={"email": email},
        )
    present = Assurance(level=2, methods=("server",), proved_at=system_clock())
    acting = identity.actor_for_person(account.person, organisation, assurance=present)
    return replace(acting, machine="command")
