"""The invented people who may be tried with one click, role by role; nobody outside demonstration mode."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Prefetch

from territoires.foundations.actions.api import ROLES
from territoires.kernel.clock import system_clock

from .models import Account, Membership, RoleAssignment, in_force
from .roles import ADMINISTRATOR
from .services import role_label

CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Invented:
    """An invented person: the address that signs in, the name, the organisation (empty for a citizen)."""

    email: str
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class InventedRole:
    """A role in words: the first person who holds it, and the others."""

    label: str
    first: Invented
    others: tuple[Invented, ...]


def invented_roles() -> list[InventedRole]:
    """Who can be tried, in the order of the catalogue of roles. Two queries a table; empty in production."""
    if not settings.ENVIRONMENT.is_demonstration:
        return []
    now = system_clock()
    memberships = Membership.objects.filter(in_force(now)).select_related("organisation")
    accounts = (
        Account.objects.filter(is_demonstration=True, is_active=True, person__isnull=False)
        .select_related("person")
        .prefetch_related(
            Prefetch("person__memberships", memberships),
            Prefetch("person__memberships__roles", RoleAssignment.objects.filter(in_force(now))),
        )
        .order_by("created_at", "id")
    )
    found: dict[str, list[Invented]] = {code: [] for code in ROLES}
    for account in accounts:
        role, place = _shown(account)
        found[role].append(Invented(account.email, str(account.person), place))
    return [
        InventedRole(role_label(code), people[0], tuple(people[1:]))
        for code, people in found.items()
        if people
    ]


def _shown(account: Account) -> tuple[str, str]:
    """The role by which a person is known, and its place: administrator only for who is nothing else."""
    person = account.person
    assert person is not None  # the query asks for it
    held = [
        (assignment.role, membership.organisation.name)
        for membership in person.memberships.all()
        for assignment in membership.roles.all()
        if assignment.role in ROLES
    ]
    return min(held, key=lambda pair: pair[0] == ADMINISTRATOR, default=(CITIZEN, ""))
