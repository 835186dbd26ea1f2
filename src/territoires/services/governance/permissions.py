"""Who may see and keep the members, their people and the territory.

The operator keeps all members; an administrator keeps the people of one organisation, never of another.
"""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import Right, declare, in_acting_organisation, platform_wide

ORGANISATION = "identity.Organisation"


class Governance(StrEnum):
    READ_MEMBER = "governance:member:read"
    LIST_MEMBERS = "governance:members:list"
    IMPORT_MEMBERS = "governance:members:import"
    READ_PEOPLE = "governance:people:read"
    KEEP_PEOPLE = "governance:people:keep"
    KEEP_KEYS = "governance:keys:keep"
    EXPLAIN_RIGHTS = "governance:rights:explain"
    SWITCH_SERVICES = "governance:services:switch"
    READ_TERRITORY = "governance:territory:read"
    LOAD_TERRITORY = "governance:territory:load"
    LOAD_DEMONSTRATION = "governance:demonstration:load"


_ONE_OWN = (platform_wide(), in_acting_organisation("id"))

declare(
    Right(Governance.READ_MEMBER, _("see an organisation"), _ONE_OWN, on=ORGANISATION),
    Right(Governance.LIST_MEMBERS, _("see the members of the grouping"), (platform_wide(),)),
    Right(Governance.IMPORT_MEMBERS, _("bring in members and people from a file"), (platform_wide(),)),
    Right(Governance.READ_PEOPLE, _("see the people of an organisation"), _ONE_OWN, on=ORGANISATION),
    Right(Governance.KEEP_PEOPLE, _("invite people, give and end roles"), _ONE_OWN, on=ORGANISATION),
    Right(Governance.KEEP_KEYS, _("see and keep the keys of programs"), _ONE_OWN, on=ORGANISATION),
    Right(Governance.EXPLAIN_RIGHTS, _("see who can do what, and why"), _ONE_OWN, on=ORGANISATION),
    Right(Governance.SWITCH_SERVICES, _("switch a service for many bodies"), (platform_wide(),)),
    Right(Governance.READ_TERRITORY, _("see the state of the territory"), (platform_wide(),)),
    Right(Governance.LOAD_TERRITORY, _("bring in a vintage of the territory"), (platform_wide(),)),
    Right(Governance.LOAD_DEMONSTRATION, _("fill and empty the demonstration"), (platform_wide(),)),
)

_OWN = (Governance.READ_MEMBER, Governance.READ_PEOPLE, Governance.EXPLAIN_RIGHTS)

ROLES = {
    "administrator": (*_OWN, Governance.KEEP_PEOPLE, Governance.KEEP_KEYS),
    "executive": _OWN,
    "secretary": (Governance.READ_MEMBER, Governance.READ_PEOPLE),
    "operator": tuple(Governance),
    "support": (Governance.READ_MEMBER, Governance.LIST_MEMBERS, Governance.READ_TERRITORY),
}
