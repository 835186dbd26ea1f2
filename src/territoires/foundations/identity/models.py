"""Accounts, persons, organisations, memberships, roles, mandates, keys. Constraints live in the database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from territoires.kernel.clock import legal_day
from territoires.kernel.ids import new_id
from territoires.kernel.text import fold


class Kind(models.TextChoices):
    """What an organisation is, for its members and for the rules that depend on it."""

    COMMUNE = "commune", _("commune")
    EPCI = "epci", _("grouping of communes (EPCI)")
    DEPARTMENT = "department", _("department")
    REGION = "region", _("region")
    SCHOOL = "school", _("school")
    HOSPITAL = "hospital", _("hospital")
    CARE_HOME = "care_home", _("retirement home")
    ASSOCIATION = "association", _("association")
    ENTERPRISE = "enterprise", _("enterprise")
    OPERATOR = "operator", _("operator of the platform")
    OTHER = "other", _("other public body")


TERRITORIAL = (Kind.COMMUNE, Kind.EPCI, Kind.DEPARTMENT, Kind.REGION)


class Organisation(models.Model):
    """A legal unit (SIREN) or one of its establishments (SIRET). ``reference`` stands in addresses."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=14, unique=True)
    siren = models.CharField(max_length=9)
    siret = models.CharField(max_length=14, blank=True)
    name = models.CharField(max_length=200)
    name_folded = models.CharField(max_length=200, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    legal_category = models.CharField(max_length=4, blank=True)
    insee_code = models.CharField(max_length=5, blank=True)
    department = models.CharField(max_length=3, blank=True)
    region = models.CharField(max_length=2, blank=True)
    postal_codes = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    population = models.PositiveIntegerField(null=True)
    population_vintage = models.CharField(max_length=40, blank=True)
    official_email = models.EmailField(blank=True)
    college = models.CharField(max_length=40, blank=True)
    member_since = models.DateField(null=True)
    member_until = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="predecessors")
    # The body whose certificates serve this one too: the commune of a CCAS.
    attached_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="attached")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(siren__regex=r"^[0-9]{9}$"), name="organisation_siren_form"),
            models.CheckConstraint(
                condition=Q(siret="") | Q(siret__regex=r"^[0-9]{14}$"), name="organisation_siret_form"
            ),
            models.CheckConstraint(
                condition=Q(reference=F("siren")) | Q(reference=F("siret")), name="organisation_reference"
            ),
            models.CheckConstraint(
                condition=Q(member_until=None) | Q(member_until__gte=F("member_since")),
                name="organisation_membership",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(closed_on__isnull=False), name="organisation_succession"
            ),
            models.CheckConstraint(
                condition=Q(attached_to=None) | ~Q(attached_to=F("id")), name="organisation_attachment"
            ),
            # One platform, one operator.
            models.UniqueConstraint(
                fields=["kind"], condition=Q(kind="operator"), name="organisation_one_operator"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "name_folded"], name="organisation_by_name"),
            models.Index(fields=["insee_code"], name="organisation_by_insee"),
            models.Index(fields=["siren"], name="organisation_by_siren"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **options: Any) -> None:
        self.name_folded = fold(self.name)
        super().save(**options)

    @property
    def is_operator(self) -> bool:
        return self.kind == Kind.OPERATOR


class OrganisationName(models.Model):
    """A name that an organisation bore: acts of that time keep it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="names")
    name = models.CharField(max_length=200)
    until_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "until_on"], name="organisation_name_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.until_on})"


class GroupingMember(models.Model):
    """A commune in its grouping, from a day, perhaps until another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    grouping = models.ForeignKey(Organisation, models.CASCADE, related_name="grouping_members")
    member = models.ForeignKey(Organisation, models.CASCADE, related_name="grouping_places")
    since_on = models.DateField()
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["grouping", "member"], condition=Q(until_on=None), name="grouping_member_once"
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("since_on")), name="grouping_member_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.grouping_id}"


class Person(models.Model):
    """A natural person; never deleted while an act names it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    given_names = models.CharField(max_length=120)
    usual_name = models.CharField(max_length=120)
    name_folded = models.CharField(max_length=250, editable=False)
    language = models.CharField(max_length=2, default="fr")
    is_demonstration = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["name_folded"], name="person_by_name")]

    def __str__(self) -> str:
        return self.display_name

    def save(self, **options: Any) -> None:
        self.name_folded = fold(f"{self.usual_name} {self.given_names}")
        super().save(**options)

    @property
    def display_name(self) -> str:
        return f"{self.given_names} {self.usual_name}".strip()


class AccountManager(BaseUserManager["Account"]):
    """Accounts by e-mail, case-insensitive."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Account:
        account: Account = self.model(email=email.strip().lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """How a person signs in. Rights never hang on it: see roles and mandates."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254)
    person = models.OneToOneField(Person, models.PROTECT, null=True, related_name="account")
    is_active = models.BooleanField(default=True)
    suspended_at = models.DateTimeField(null=True)
    is_demonstration = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects = AccountManager()

    class Meta:
        # UPPER, as Django compares without case (iexact): signing in and every other look-up find by this index.
        constraints = [models.UniqueConstraint(Upper("email"), name="account_email_once")]

    def __str__(self) -> str:
        return self.email


class Verification(models.TextChoices):
    """How the link of a person with an organisation was proved: the values that State services exchange, and ours."""

    OFFICER = "organization_dirigeant", _("legal representative, found in the registers")
    OFFICIAL_EMAIL = "official_contact_email", _("address of the national directory")
    CODE_SENT = "code_sent_to_official_contact_email", _("code sent to the official address")
    DOMAIN = "domain", _("e-mail domain of the organisation")
    PROOF = "proof_received", _("document checked by a person")
    INVITED = "invited_by_administrator", _("invited by an administrator")
    IMPORTED = "imported", _("named in the file of the operator")
    UNVERIFIED = "no_validation_means_available", _("accepted, not verified")


def in_force(instant: datetime, path: str = "") -> Q:
    """Memberships, roles or mandates in force at an instant; ``path`` leads to them from the rows of the query.

    Days say what was decided, both included, in Paris; ``ended_at`` is the instant at which somebody ended it before.
    """
    day = legal_day(instant)

    def held(column: str, value: object) -> Q:
        return Q(**{f"{path}{column}": value})

    return (
        held("since_on__lte", day)
        & (held("until_on", None) | held("until_on__gte", day))
        & (held("ended_at", None) | held("ended_at__gt", instant))
    )


class Membership(models.Model):
    """A person in an organisation, with the way in which it was verified (identity ladder)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    job_title = models.CharField(max_length=120, blank=True)
    verification = models.CharField(max_length=60, choices=Verification, default=Verification.INVITED)
    is_external = models.BooleanField(default=False)
    since_on = models.DateField()
    until_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"],
                condition=Q(until_on=None, ended_at=None),
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("since_on")), name="membership_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.organisation_id}"


class RoleAssignment(models.Model):
    """A role that a member holds, between two days, given by somebody, perhaps by an act."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="roles")
    role = models.CharField(max_length=40)
    scope = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # services; empty: all
    since_on = models.DateField()
    until_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    instrument = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "role"], condition=Q(until_on=None, ended_at=None), name="role_once"
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("since_on")), name="role_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.membership_id}"


class Mandate(models.Model):
    """The power to act for ``principal``, lent to a person, with its instrument and its days."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    principal = models.ForeignKey(Organisation, models.PROTECT, related_name="mandates_given")
    representative = models.ForeignKey(Person, models.PROTECT, related_name="mandates")
    role = models.CharField(max_length=40)
    scope = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # services; empty: all
    since_on = models.DateField()
    until_on = models.DateField(null=True)
    instrument = models.CharField(max_length=200)
    document = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("since_on")), name="mandate_dates"
            ),
            models.CheckConstraint(condition=~Q(instrument=""), name="mandate_instrument"),
        ]

    def __str__(self) -> str:
        return f"{self.representative_id} for {self.principal_id}"


class ServiceActivation(models.Model):
    """A service switched on for an organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="activations")
    service = models.CharField(max_length=40)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "service"], condition=Q(until_at=None), name="activation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} for {self.organisation_id}"


class ApiKey(models.Model):
    """A machine's key for one organisation: 256 random bits, kept as a salted digest, with an owner and an end."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="api_keys")
    label = models.CharField(max_length=120)
    prefix = models.CharField(max_length=12, unique=True)
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)
    permissions = ArrayField(models.CharField(max_length=80), default=list)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="api_keys")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_key_ends"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def until_on(self) -> date:
        """The last day of the key, included."""
        return legal_day(self.expires_at - timedelta(microseconds=1))


class PersonCertificate(models.Model):
    """A client certificate that a person showed to be hers, and which says for which body (SIREN) she uses it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates")
    fingerprint = models.CharField(max_length=64)
    der = models.BinaryField()
    siren = models.CharField(max_length=9)
    valid_until = models.DateTimeField()
    enrolled_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    announced_days = models.PositiveSmallIntegerField(
        null=True
    )  # the last announcement of its expiry: 60, 30 or 7

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=Q(ended_at=None), name="person_certificate_once"
            ),
            models.CheckConstraint(
                condition=Q(fingerprint__regex=r"^[0-9a-f]{64}$"), name="person_certificate_fingerprint"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("enrolled_at")), name="person_certificate_ends"
            ),
        ]
        indexes = [
            models.Index(fields=["valid_until"], condition=Q(ended_at=None), name="person_certificate_expiry")
        ]

    def __str__(self) -> str:
        return f"{self.fingerprint[:8]} of {self.person_id}"


class Invitation(models.Model):
    """An address invited into an organisation with roles; single use. Its token is signed, never stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    given_names = models.CharField(max_length=120)
    usual_name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True)
    roles = ArrayField(models.CharField(max_length=40))
    roles_scope = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    roles_until_on = models.DateField(null=True)
    verification = models.CharField(max_length=60, choices=Verification, default=Verification.INVITED)
    language = models.CharField(max_length=2, default="fr")
    invited_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Upper("email"),
                F("organisation"),
                condition=Q(accepted_at=None, cancelled_at=None),
                name="invitation_open_once",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="invitation_ends"),
            models.CheckConstraint(condition=~Q(roles=[]), name="invitation_roles"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organisation_id}"
