"""The catalogue of roles: code, label, audience, and the permissions that each service adds to it.

Roles are sets of permissions; who holds one, where and until when, is ``identity``'s affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Role:
    """``audience`` is one of agent, elected, enterprise, citizen, operator."""

    code: str
    label: str | Promise
    description: str | Promise
    audience: str


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            "administrator",
            _("Administrator"),
            _("invites people and gives roles; does not read files"),
            "agent",
        ),
        Role("secretary", _("Secretary"), _("prepares, publishes and notifies the acts"), "agent"),
        Role("agent", _("Agent"), _("prepares files, without publishing"), "agent"),
        Role("executive", _("Mayor or president"), _("signs and decides"), "elected"),
        Role("elected", _("Elected member"), _("reads the files of the assembly"), "elected"),
        Role("observer", _("Observer"), _("reads, changes nothing"), "agent"),
        Role(
            "representative", _("Representative"), _("acts for an enterprise or an association"), "enterprise"
        ),
        Role("citizen", _("Citizen"), _("acts for oneself"), "citizen"),
        Role("operator", _("Operator"), _("runs the platform for its members"), "operator"),
        Role("support", _("Support"), _("helps users, without reading contents"), "operator"),
    )
}

_permissions: dict[str, set[str]] = {code: set() for code in ROLES}


def entrust(permissions_by_role: Mapping[str, Iterable[StrEnum]]) -> None:
    """Adds permissions to roles; called for each manifest. Unknown roles are refused."""
    for code, permissions in permissions_by_role.items():
        _permissions[code] |= {str(p) for p in permissions}


def permissions_of(code: str) -> frozenset[str]:
    """The permission codes of a role; an unknown role (retired meanwhile) gives none."""
    return frozenset(_permissions.get(code, ()))
