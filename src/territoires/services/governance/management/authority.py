"""Who acts when a command is typed on the server: the platform itself, with the one right that the command needs."""

from __future__ import annotations

from territoires.kernel.actor import Actor, Grant

from ..permissions import Governance


def platform_actor(machine: str, *permissions: Governance) -> Actor:
    """The platform as a named machine. Whoever has the server has these rights already."""
    return Actor(
        machine=machine,
        grants={str(p): Grant(str(p), through="platform", label=machine) for p in permissions},
        services=frozenset({"governance"}),
        is_operator=True,
    )
