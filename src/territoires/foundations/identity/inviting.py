"""Actions that bring people in: invitation, sign-up of an enterprise, enrolment from the operator's file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop

from territoires.contracts.identity import (
    EnterpriseSignedUp,
    InvitationAccepted,
    InvitationCancelled,
    PersonInvited,
)
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Fault, Gone, Invalid, Missing
from territoires.kernel.fact import Fact, Subject
from territoires.kernel.siret import compact, is_siret
from territoires.kernel.text import clean

from .jobs import send_invitation
from .models import Account, Invitation, Kind, Membership, Organisation, Person, Verification, in_force
from .permissions import Identity
from .roles import ADMINISTRATOR, assigned, check_role, give_role
from .tokens import invitation_in

INVITATION_LIVES = timedelta(days=14)
REPRESENTATIVE = "representative"


@action(Identity.INVITE, on="organisation")
def invite_person(
    *,
    actor: Actor,
    organisation: Organisation,
    email: str,
    given_names: str,
    usual_name: str,
    roles: Sequence[str],
    scope: Collection[str] = (),
    until: date | None = None,
    job_title: str = "",
) -> Outcome[Invitation]:
    """Invites an address with roles; the mail leaves by a job. An invitation still open is replaced.

    Raises Invalid for a malformed address, missing names or an unknown role, Denied for a role above the actor's own.
    """
    for role in roles:
        check_role(actor, organisation, role, until, scope)
    invitation = _invite(
        actor,
        organisation=organisation,
        email=email,
        given_names=given_names,
        usual_name=usual_name,
        job_title=job_title,
        roles=list(roles),
        roles_scope=sorted(set(scope)),
        roles_until_on=until,
    )
    return Outcome(invitation, _invited(invitation))


@action(Identity.CORRECT_INVITATION, on="invitation")
def send_again(*, actor: Actor, invitation: Invitation, email: str = "") -> Outcome[Invitation]:
    """Sends another mail in place of an open invitation, to the corrected address if there is one.

    The former link dies. Raises Gone for an invitation used or cancelled, Invalid for a malformed address, Denied for
    a role above the actor's own.
    """
    _not_answered(invitation)
    for role in invitation.roles:
        check_role(actor, invitation.organisation, role, invitation.roles_until_on, invitation.roles_scope)
    invitation.cancelled_at = actor.now()
    invitation.save(update_fields=["cancelled_at"])
    kept = (
        "given_names",
        "usual_name",
        "job_title",
        "roles",
        "roles_scope",
        "roles_until_on",
        "verification",
    )
    renewed = _invite(
        actor,
        organisation=invitation.organisation,
        email=email or invitation.email,
        **{name: getattr(invitation, name) for name in kept},
    )
    return Outcome(renewed, _cancelled(invitation), _invited(renewed))


@action(Identity.CORRECT_INVITATION, on="invitation")
def cancel_invitation(*, actor: Actor, invitation: Invitation) -> Outcome[Invitation]:
    """The link of an invitation opens nothing any more. Raises Gone for one used or cancelled already."""
    _not_answered(invitation)
    invitation.cancelled_at = actor.now()
    invitation.save(update_fields=["cancelled_at"])
    return Outcome(invitation, _cancelled(invitation))


@action(Identity.SIGN_UP)
def sign_up_enterprise(
    *, actor: Actor, siret: str, name: str, email: str, given_names: str, usual_name: str
) -> Outcome[Invitation]:
    """Asks to act for an enterprise: nothing is granted before the mail sent to ``email`` is answered.

    Raises Invalid for a SIRET whose key is wrong, Conflict for an enterprise that has people already or is closed.
    """
    number = compact(siret)
    if not is_siret(number):
        raise _refused(
            "siret", "not-a-siret", gettext_noop("This is not a SIRET: its 14 digits do not agree.")
        )
    organisation = _enterprise(number, clean(name)[:200], actor.now())
    invitation = _invite(
        actor,
        organisation=organisation,
        email=email,
        given_names=given_names,
        usual_name=usual_name,
        roles=[REPRESENTATIVE, ADMINISTRATOR],
        verification=Verification.UNVERIFIED,
    )
    return Outcome(
        invitation,
        EnterpriseSignedUp(
            subject=Subject("identity.organisation", organisation.pk),
            siret=number,
            invitation=invitation.pk,
            email=invitation.email,
        ),
    )


@action(Identity.ACCEPT)
def accept_invitation(*, actor: Actor, token: str, password: str | None = None) -> Outcome[Membership]:
    """The person invited becomes a member, with the roles of the invitation; the token proves the address.

    A new address makes an account with ``password`` (already judged by the password policy). A known one must be
    signed in. Raises Gone for a token used, cancelled or too old, Denied while the known address is not signed in.
    """
    invitation = Invitation.objects.select_for_update().get(pk=invitation_of(token, actor).pk)
    _still_open(invitation, actor)
    if _lost_its_enterprise(invitation, actor.now()):
        raise _already_managed()
    person = _holder(actor, invitation, password)
    membership, _is_new = become_member(
        person, invitation.organisation, actor, invitation.verification, invitation.job_title
    )
    invitation.accepted_at = actor.now()
    invitation.save(update_fields=["accepted_at"])
    facts: list[Fact] = [
        InvitationAccepted(
            subject=Subject("identity.membership", membership.pk),
            matter=membership.pk,
            organisation=membership.organisation_id,
            person=person.pk,
            invitation=invitation.pk,
            verification=membership.verification,
        )
    ]
    for role in invitation.roles:
        given = give_role(actor, membership, role, invitation.roles_until_on, scope=invitation.roles_scope)
        facts.append(assigned(given, membership))
    return Outcome(membership, *facts)


def invitation_of(token: str, actor: Actor) -> Invitation:
    """The open invitation of a token. Raises Missing for a forged one, Gone for one used, cancelled or too old."""
    invitation = (
        Invitation.objects.select_related("organisation").filter(pk=key).first()
        if (key := invitation_in(token))
        else None
    )
    if invitation is None:
        raise _no_invitation()
    _still_open(invitation, actor)
    return invitation


def account_at(address: str) -> Account | None:
    """The account of an address: the one it signs in with, or another that its holder proved."""
    rows = Account.objects.select_related("person")
    own = rows.filter(email__iexact=address).first()
    return own or rows.filter(emailaddress__email__iexact=address, emailaddress__verified=True).first()


def become_member(
    person: Person, organisation: Organisation, actor: Actor, verification: str, job_title: str = ""
) -> tuple[Membership, bool]:
    """The membership in force, and whether it was made now."""
    held = Membership.objects.filter(in_force(actor.now()), person=person, organisation=organisation).first()
    if held is not None:
        return held, False
    made = Membership.objects.create(
        person=person,
        organisation=organisation,
        job_title=clean(job_title)[:120],
        verification=verification,
        since_on=legal_day(actor.now()),
    )
    return made, True


def _invite(actor: Actor, *, organisation: Organisation, email: str, **values: Any) -> Invitation:
    address = address_of(email)
    names = {name: clean(values.pop(name))[:120] for name in ("given_names", "usual_name")}
    if not all(names.values()) or not values["roles"]:
        raise _refused("usual_name", "incomplete", gettext_noop("Names and a role are needed."))
    Invitation.objects.filter(
        email__iexact=address, organisation=organisation, accepted_at=None, cancelled_at=None
    ).update(cancelled_at=actor.now())
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=address,
        language=actor.language[:2],
        invited_by_id=actor.person,
        created_at=actor.now(),
        expires_at=actor.now() + INVITATION_LIVES,
        **names,
        **values,
    )
    send_invitation.defer(invitation=str(invitation.pk))
    return invitation


def enterprise_of(siret: str, name: str) -> Organisation:
    """Who has that SIRET; an enterprise without people where it is unknown here: who signs up for it finds it."""
    known = Organisation.objects.filter(siret=siret).first()
    return known or _entered(siret, name or siret)


def _entered(siret: str, name: str) -> Organisation:
    row, _made = Organisation.objects.get_or_create(
        reference=siret,
        defaults={"siren": siret[:9], "siret": siret, "name": name, "kind": Kind.ENTERPRISE},
    )
    return row


def _enterprise(siret: str, name: str, now: datetime) -> Organisation:
    if not name:
        raise _refused("name", "no-name", gettext_noop("The name of the enterprise is needed."))
    row = _entered(siret, name)
    row = Organisation.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.closed_on is not None:
        raise Conflict(
            "closed-establishment",
            gettext_noop("This establishment is closed since %(day)s; nothing was done."),
            gettext_noop("Sign up with the SIRET of an open establishment."),
            params={"day": row.closed_on},
        )
    if Membership.objects.filter(in_force(now), organisation=row).exists():
        raise _already_managed()
    if row.name != name:
        row.name = name
        row.save(update_fields=["name", "name_folded"])
    return row


def _lost_its_enterprise(invitation: Invitation, now: datetime) -> bool:
    """Two sign-ups for one SIRET: the first address proved wins, the second asks its administrator."""
    return (
        invitation.verification == Verification.UNVERIFIED
        and Membership.objects.filter(in_force(now), organisation=invitation.organisation_id).exists()
    )


def _holder(actor: Actor, invitation: Invitation, password: str | None) -> Person:
    account = account_at(invitation.email)
    if account is not None and account.person is not None:
        if actor.person != account.person_id:
            raise Denied(
                "sign-in-to-accept",
                gettext_noop("This address has an account already."),
                gettext_noop("Sign in with it, then open the link of the mail again."),
            )
        return account.person
    if not password:
        raise _refused("password", "no-password", gettext_noop("Choose a password."))
    person = _new_person(invitation.given_names, invitation.usual_name, invitation.language)
    _attach_account(account, invitation.email, person, password)
    return person


def _attach_account(account: Account | None, email: str, person: Person, password: str | None) -> None:
    if account is None:
        Account.objects.create_user(email, password, person=person)
    else:
        account.person = person
        account.set_password(password)
        account.save()


def _new_person(given_names: str, usual_name: str, language: str) -> Person:
    return Person.objects.create(
        given_names=clean(given_names)[:120], usual_name=clean(usual_name)[:120], language=language
    )


def address_of(text: str) -> str:
    """An address in the form in which accounts keep it. Raises Invalid when it is none."""
    address = clean(text).lower()
    try:
        validate_email(address)
    except ValidationError:
        raise _refused("email", "not-an-address", gettext_noop("This is not an e-mail address.")) from None
    # Letters of other alphabets look like ours: an address that people compare by eye stays in ASCII.
    if not address.isascii():
        raise _refused("email", "not-an-address", gettext_noop("This is not an e-mail address."))
    return address


def _invited(invitation: Invitation) -> PersonInvited:
    return PersonInvited(
        subject=Subject("identity.invitation", invitation.pk),
        organisation=invitation.organisation_id,
        roles=tuple(invitation.roles),
        email=invitation.email,
    )


def _cancelled(invitation: Invitation) -> InvitationCancelled:
    return InvitationCancelled(
        subject=Subject("identity.invitation", invitation.pk), organisation=invitation.organisation_id
    )


def _still_open(invitation: Invitation, actor: Actor) -> None:
    _not_answered(invitation)
    if invitation.expires_at <= actor.now():
        raise _over()


def _not_answered(invitation: Invitation) -> None:
    if invitation.accepted_at or invitation.cancelled_at:
        raise _over()


def _over() -> Gone:
    return Gone(
        "invitation-over",
        gettext_noop("This invitation was used, replaced or is too old."),
        gettext_noop("Sign in, or ask the administrator who invited you to send another."),
    )


def _no_invitation() -> Missing:
    return Missing(
        "no-invitation",
        gettext_noop("There is no such invitation."),
        gettext_noop("Copy the whole link of the mail."),
    )


def _already_managed() -> Conflict:
    return Conflict(
        "enterprise-has-people",
        gettext_noop("Somebody already acts for this establishment here; nothing was done."),
        gettext_noop("Ask its administrator to invite you, or write to the support."),
    )


def _refused(field: str, code: str, message: str) -> Invalid:
    return Invalid(
        code,
        message,
        gettext_noop("Correct it and send it again."),
        faults=[Fault(field=field, code=code, message=message)],
    )
