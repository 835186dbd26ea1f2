"""Who may keep the people, mandates, keys and services of an organisation."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import (
    Ground,
    Right,
    anyone,
    declare,
    in_acting_organisation,
    oneself,
    platform_wide,
)
from territoires.kernel.actor import Actor


class Identity(StrEnum):
    INVITE = "identity:person:invite"
    CORRECT_INVITATION = "identity:invitation:correct"
    ENROL = "identity:person:enrol"
    ACCEPT = "identity:invitation:accept"
    SIGN_UP = "identity:enterprise:sign-up"
    ASSIGN_ROLE = "identity:role:assign"
    END_ROLE = "identity:role:end"
    GIVE_MANDATE = "identity:mandate:give"
    REVOKE_MANDATE = "identity:mandate:revoke"
    END_MEMBERSHIP = "identity:membership:end"
    SUSPEND = "identity:account:suspend"
    ISSUE_KEY = "identity:key:issue"
    REVOKE_KEY = "identity:key:revoke"
    ACTIVATE_SERVICE = "identity:service:activate"
    ENROL_CERTIFICATE = "identity:certificate:enrol"
    END_CERTIFICATE = "identity:certificate:end"
    ANNOUNCE_EXPIRY = "identity:certificate:announce"
    ATTACH = "identity:organisation:attach"
    NUMBER = "identity:organisation:number"


def _kept_by(path: str) -> tuple[Ground, ...]:
    return platform_wide(), in_acting_organisation(path)


def _worker(actor: Actor, permission: str) -> Q | None:
    return Q() if actor.machine and actor.person is None and actor.organisation is None else None


ORGANISATION = "identity.Organisation"

declare(
    Right(Identity.INVITE, _("invite a person"), _kept_by("id"), on=ORGANISATION),
    Right(
        Identity.CORRECT_INVITATION,
        _("send an invitation again or cancel it"),
        _kept_by("organisation_id"),
        on="identity.Invitation",
    ),
    Right(Identity.ENROL, _("enrol a person from a file"), (platform_wide(),), on=ORGANISATION),
    # The signed token is the proof, and the address proved by it the only thing gained.
    Right(Identity.ACCEPT, _("accept an invitation"), (anyone(),)),
    Right(Identity.SIGN_UP, _("sign up an enterprise"), (anyone(),)),
    Right(Identity.ASSIGN_ROLE, _("give a role"), _kept_by("organisation_id"), on="identity.Membership"),
    Right(
        Identity.END_ROLE,
        _("take a role back"),
        _kept_by("membership__organisation_id"),
        on="identity.RoleAssignment",
    ),
    Right(Identity.GIVE_MANDATE, _("give a mandate"), _kept_by("id"), on=ORGANISATION),
    Right(Identity.REVOKE_MANDATE, _("take a mandate back"), _kept_by("principal_id"), on="identity.Mandate"),
    Right(
        Identity.END_MEMBERSHIP, _("let a person go"), _kept_by("organisation_id"), on="identity.Membership"
    ),
    Right(Identity.SUSPEND, _("suspend an account"), (platform_wide(),), on="identity.Account"),
    Right(Identity.ISSUE_KEY, _("give a key to a program"), (in_acting_organisation("id"),), on=ORGANISATION),
    Right(Identity.REVOKE_KEY, _("take a key back"), _kept_by("organisation_id"), on="identity.ApiKey"),
    Right(Identity.ACTIVATE_SERVICE, _("switch a service on or off"), _kept_by("id"), on=ORGANISATION),
    Right(Identity.ENROL_CERTIFICATE, _("enrol one's certificate"), (oneself("id"),), on="identity.Person"),
    Right(
        Identity.END_CERTIFICATE,
        _("end the use of a certificate"),
        (oneself("person_id"), platform_wide()),
        on="identity.PersonCertificate",
    ),
    Right(
        Identity.ANNOUNCE_EXPIRY,
        _("announce that a certificate expires"),
        (Ground("platform", _("the platform itself"), _worker),),
        on="identity.PersonCertificate",
    ),
    Right(Identity.ATTACH, _("attach a body to another"), (platform_wide(),), on=ORGANISATION),
    Right(Identity.NUMBER, _("say by which establishment a body is known"), _kept_by("id"), on=ORGANISATION),
)

_OWN = (
    Identity.INVITE,
    Identity.CORRECT_INVITATION,
    Identity.ASSIGN_ROLE,
    Identity.END_ROLE,
    Identity.GIVE_MANDATE,
    Identity.REVOKE_MANDATE,
    Identity.END_MEMBERSHIP,
    Identity.ISSUE_KEY,
    Identity.REVOKE_KEY,
    Identity.ACTIVATE_SERVICE,
    Identity.NUMBER,
)

# By which SIRET a body buys: asked of those who write what its notices and essential data say.
_NUMBERING = (Identity.NUMBER,)

ROLES = {
    "administrator": _OWN,
    "operator": tuple(Identity),
    "secretary": _NUMBERING,
    "executive": _NUMBERING,
}
