"""Actions that end: a departure ends sessions, keys, mandates and roles at once; a suspension closes the account."""

from __future__ import annotations

from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils.translation import gettext_noop

from territoires.contracts.identity import AccountSuspended, MembershipEnded
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Invalid
from territoires.kernel.fact import Subject
from territoires.kernel.text import clean

from .models import Account, ApiKey, Invitation, Mandate, Membership, RoleAssignment
from .permissions import Identity
from .roles import end_at_once, keep_administered


@action(Identity.END_MEMBERSHIP, on="membership")
def end_membership(*, actor: Actor, membership: Membership) -> Outcome[Membership]:
    """The person leaves: roles, mandates and keys there end now, and every session of the person; so do the invitations that the
    person sent from there and that nobody accepted.

    Raises Conflict when too few administrators would remain.
    """
    now, person, organisation = actor.now(), membership.person_id, membership.organisation_id
    keep_administered(organisation, without=person, at=now)
    still = Q(until_on=None) | Q(until_on__gte=legal_day(now))
    roles = end_at_once(RoleAssignment.objects.filter(still, membership=membership), now)
    mandates = end_at_once(Mandate.objects.filter(still, principal=organisation, representative=person), now)
    # Who leaves brings nobody in any more: an invitation sent on the last day is not a way back.
    Invitation.objects.filter(
        organisation=organisation, invited_by=person, accepted_at=None, cancelled_at=None
    ).update(cancelled_at=now)
    end_at_once(Membership.objects.filter(pk=membership.pk), now)
    keys = ApiKey.objects.filter(organisation=organisation, owner=person, revoked_at=None).update(
        revoked_at=now
    )
    return Outcome(
        membership,
        MembershipEnded(
            subject=Subject("identity.membership", membership.pk),
            matter=membership.pk,
            organisation=organisation,
            person=person,
            roles=roles,
            mandates=mandates,
            keys=keys,
            sessions=end_sessions(person),
        ),
    )


@action(Identity.SUSPEND, on="account")
def suspend_account(*, actor: Actor, account: Account, reason: str) -> Outcome[Account]:
    """The account signs in no more, its sessions end, its keys are refused. Raises Invalid without a reason."""
    said = clean(reason)[:500]
    if not said:
        raise Invalid(
            "no-reason",
            gettext_noop("A suspension needs its reason; nothing was done."),
            gettext_noop("Write it in a sentence."),
        )
    account.is_active, account.suspended_at = False, actor.now()
    account.save(update_fields=["is_active", "suspended_at"])
    return Outcome(
        account,
        AccountSuspended(
            subject=Subject("identity.account", account.pk),
            person=account.person_id,
            sessions=end_sessions(account.person_id) if account.person_id else 0,
            reason=said,
        ),
    )


def end_sessions(person: UUID) -> int:
    """Ends every session of a person, in the caller's transaction; returns how many."""
    known = UserSession.objects.filter(user__person=person)
    keys = list(known.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    known.delete()
    return len(keys)
