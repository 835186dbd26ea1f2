"""The door of ``identity``."""

from .actors import Acting, Place, actor_for_person, place_of, places_of, session_assurance
from .certificates import (
    PresentedCertificate,
    announce_expiry,
    attach_organisation,
    end_certificate,
    enrol_certificate,
    expiring_certificates,
    judge_presented_certificate,
    require_serving,
)
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
from .enrolling import Enrolment, enrol_people, prepare_enrolments
from .inviting import (
    accept_invitation,
    cancel_invitation,
    enterprise_of,
    invite_person,
    send_again,
    sign_up_enterprise,
)
from .leaving import end_membership, suspend_account
from .machines import LONGEST_KEY_LIFE, PRESENCE_FOR_KEYS, issue_api_key, revoke_api_key
from .middleware import enter
from .models import TERRITORIAL, Kind, in_force
from .numbering import number_organisation
from .permissions import Identity
from .presenting import (
    CERTIFICATE_FIELD,
    SECRET_FIELD,
    address_with_certificate,
    network_address,
    presented_certificate,
    takes_certificates,
)
from .roles import (
    administrators,
    assign_role,
    end_role,
    give_mandate,
    permissions_for_programs,
    revoke_mandate,
    roles_for,
)
from .services import (
    register_always_on,
    register_on_for,
    register_services,
    role_label,
    services_of,
    switchable_services,
)
from .switching import activate_service, deactivate_service, switch_service

__all__ = [
    "CERTIFICATE_FIELD",
    "LONGEST_KEY_LIFE",
    "PRESENCE_FOR_KEYS",
    "SECRET_FIELD",
    "TERRITORIAL",
    "Acting",
    "Enrolment",
    "Identity",
    "Kind",
    "Place",
    "PresentedCertificate",
    "accept_invitation",
    "activate_service",
    "actor_for_person",
    "address_with_certificate",
    "administrators",
    "announce_expiry",
    "assign_role",
    "attach_organisation",
    "cancel_invitation",
    "count_by_kind",
    "deactivate_service",
    "department_names",
    "end_certificate",
    "end_membership",
    "end_role",
    "enrol_certificate",
    "enrol_people",
    "enter",
    "enterprise_of",
    "expiring_certificates",
    "find",
    "give_mandate",
    "groupings_of",
    "in_force",
    "invite_person",
    "issue_api_key",
    "judge_presented_certificate",
    "names_of",
    "network_address",
    "number_organisation",
    "operator",
    "organisation_by_reference",
    "permissions_for_programs",
    "persons_named",
    "place_of",
    "places_of",
    "prepare_enrolments",
    "presented_certificate",
    "public_body",
    "register_always_on",
    "register_on_for",
    "register_services",
    "require_serving",
    "revoke_api_key",
    "revoke_mandate",
    "role_label",
    "roles_for",
    "send_again",
    "services_of",
    "session_assurance",
    "sign_up_enterprise",
    "suspend_account",
    "switch_service",
    "switchable_services",
    "takes_certificates",
]
