"""Facts of people and their rights. Names and addresses are personal values; codes and days are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class PersonInvited(Fact):
    """An address was invited. ``subject`` is the invitation."""

    KIND: ClassVar[str] = "identity.person.invited"
    organisation: UUID
    roles: tuple[str, ...]
    email: str = personal()


@dataclass(frozen=True, kw_only=True)
class InvitationCancelled(Fact):
    """The link of an invitation opens nothing any more, at once."""

    KIND: ClassVar[str] = "identity.invitation.cancelled"
    organisation: UUID


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(Fact):
    """The person invited is now a member. ``subject`` is the membership."""

    KIND: ClassVar[str] = "identity.invitation.accepted"
    organisation: UUID
    person: UUID
    invitation: UUID
    verification: str


@dataclass(frozen=True, kw_only=True)
class EnterpriseSignedUp(Fact):
    """Somebody asked to act for an enterprise; nothing is granted before the address is proved."""

    KIND: ClassVar[str] = "identity.enterprise.signed_up"
    siret: str
    invitation: UUID
    email: str = personal()


@dataclass(frozen=True, kw_only=True)
class PersonEnrolled(Fact):
    """A person became a member without invitation, by the operator's file. ``subject`` is the membership."""

    KIND: ClassVar[str] = "identity.person.enrolled"
    organisation: UUID
    person: UUID
    verification: str


@dataclass(frozen=True, kw_only=True)
class RoleAssigned(Fact):
    """A member holds a role until a day (included) or without end, in the services of ``scope`` or in all. ``subject`` is the assignment."""

    KIND: ClassVar[str] = "identity.role.assigned"
    organisation: UUID
    person: UUID
    role: str
    until: date | None
    scope: tuple[str, ...] = ()
    instrument: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class RoleEnded(Fact):
    """A role was taken back, at once."""

    KIND: ClassVar[str] = "identity.role.ended"
    organisation: UUID
    person: UUID
    role: str


@dataclass(frozen=True, kw_only=True)
class MandateGiven(Fact):
    """An organisation lends a role to a person, in the services of ``scope`` or in all. ``instrument`` names the decision, ``content`` is its SHA-256."""

    KIND: ClassVar[str] = "identity.mandate.given"
    organisation: UUID
    person: UUID
    role: str
    since: date
    until: date | None
    scope: tuple[str, ...] = ()
    instrument: str = personal()
    content: str = digest(default="")


@dataclass(frozen=True, kw_only=True)
class MandateRevoked(Fact):
    """A mandate was taken back, at once."""

    KIND: ClassVar[str] = "identity.mandate.revoked"
    organisation: UUID
    person: UUID


@dataclass(frozen=True, kw_only=True)
class MembershipEnded(Fact):
    """A person left an organisation: so many roles, mandates, keys and sessions ended with it."""

    KIND: ClassVar[str] = "identity.membership.ended"
    organisation: UUID
    person: UUID
    roles: int
    mandates: int
    keys: int
    sessions: int


@dataclass(frozen=True, kw_only=True)
class AccountSuspended(Fact):
    """An account can no longer sign in; its sessions ended."""

    KIND: ClassVar[str] = "identity.account.suspended"
    person: UUID | None
    sessions: int
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ApiKeyIssued(Fact):
    """A machine may act for an organisation, as far as the key's owner may."""

    KIND: ClassVar[str] = "identity.api_key.issued"
    organisation: UUID
    permissions: tuple[str, ...]
    until: date


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(Fact):
    """A key is dead, at once."""

    KIND: ClassVar[str] = "identity.api_key.revoked"
    organisation: UUID


@dataclass(frozen=True, kw_only=True)
class CertificateEnrolled(Fact):
    """A person proved that a certificate is hers. ``subject`` is the enrolment; ``fingerprint`` is in SHA-256."""

    KIND: ClassVar[str] = "identity.certificate.enrolled"
    fingerprint: str
    siren: str
    valid_until: datetime
    holder: str = personal()


@dataclass(frozen=True, kw_only=True)
class CertificateEnded(Fact):
    """An enrolled certificate serves no more, at once."""

    KIND: ClassVar[str] = "identity.certificate.ended"
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class CertificateExpiring(Fact):
    """The holder was told that an enrolled certificate ends within so many days."""

    KIND: ClassVar[str] = "identity.certificate.expiring"
    days: int
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class OrganisationAttached(Fact):
    """A body is served by the certificates of another (a CCAS by its commune). ``subject`` is the body."""

    KIND: ClassVar[str] = "identity.organisation.attached"
    to: UUID | None


@dataclass(frozen=True, kw_only=True)
class OrganisationNumbered(Fact):
    """A body said by which establishment it buys, pays and is known. ``subject`` is the body."""

    KIND: ClassVar[str] = "identity.organisation.numbered"
    siret: str


@dataclass(frozen=True, kw_only=True)
class ServiceActivated(Fact):
    """A service was switched on for an organisation. ``subject`` is the organisation."""

    KIND: ClassVar[str] = "identity.service.activated"
    service: str


@dataclass(frozen=True, kw_only=True)
class ServiceDeactivated(Fact):
    """A service was switched off for an organisation; what was done with it stays. ``subject`` is the organisation."""

    KIND: ClassVar[str] = "identity.service.deactivated"
    service: str


@dataclass(frozen=True, kw_only=True)
class SignedIn(Fact):
    """A session began. ``subject`` is the account."""

    KIND: ClassVar[str] = "identity.account.signed_in"
    methods: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SignInFailed(Fact):
    """A wrong secret for a known account. What was typed is never kept."""

    KIND: ClassVar[str] = "identity.account.sign_in_failed"


@dataclass(frozen=True, kw_only=True)
class CredentialChanged(Fact):
    """A password, an address or a second factor was added, replaced or removed. ``credential`` is its kind."""

    KIND: ClassVar[str] = "identity.credential.changed"
    credential: str
    change: str


FACTS: tuple[type[Fact], ...] = (
    PersonInvited,
    InvitationCancelled,
    InvitationAccepted,
    EnterpriseSignedUp,
    PersonEnrolled,
    RoleAssigned,
    RoleEnded,
    MandateGiven,
    MandateRevoked,
    MembershipEnded,
    AccountSuspended,
    ApiKeyIssued,
    ApiKeyRevoked,
    CertificateEnrolled,
    CertificateEnded,
    CertificateExpiring,
    OrganisationAttached,
    OrganisationNumbered,
    ServiceActivated,
    ServiceDeactivated,
    SignedIn,
    SignInFailed,
    CredentialChanged,
)
