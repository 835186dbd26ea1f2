"""The door of ``identity``."""

from .actors import Acting, Place, actor_for_person, places_of, session_assurance
from .directory import (
    count_by_kind,
    department_names,
    find,
    groupings_of,
    names_of,
    operator,
    organisation_by_reference,
    persons_named,
    public_body,
)
from .inviting import (
    accept_invitation,
    cancel_invitation,
    enrol_person,
    invite_person,
    send_again,
    sign_up_enterprise,
)
from .leaving import end_membership, suspend_account
from .machines import activate_service, issue_api_key, revoke_api_key
from .middleware import enter
from .models import TERRITORIAL, Kind
from .permissions import Identity
from .roles import administrators, assign_role, end_role, give_mandate, revoke_mandate, roles_for
from .services import register_always_on, register_services, role_label, switchable_services

__all__ = [
    "TERRITORIAL",
    "Acting",
    "Identity",
    "Kind",
    "Place",
    "accept_invitation",
    "activate_service",
    "actor_for_person",
    "administrators",
    "assign_role",
    "cancel_invitation",
    "count_by_kind",
    "department_names",
    "end_membership",
    "end_role",
    "enrol_person",
    "enter",
    "find",
    "give_mandate",
    "groupings_of",
    "invite_person",
    "issue_api_key",
    "names_of",
    "operator",
    "organisation_by_reference",
    "persons_named",
    "places_of",
    "public_body",
    "register_always_on",
    "register_services",
    "revoke_api_key",
    "revoke_mandate",
    "role_label",
    "roles_for",
    "send_again",
    "session_assurance",
    "sign_up_enterprise",
    "suspend_account",
    "switchable_services",
]
