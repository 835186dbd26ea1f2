"""Thousands of persons written down at once: what stands is read in a few queries, judged in memory, written in a few.

A trial stops before the writing; so what it tells is what is done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models.functions import Upper

from territoires.contracts.identity import PersonEnrolled
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.fact import Fact, Subject
from territoires.kernel.text import clean, fold

from .inviting import address_of
from .models import Account, Membership, Organisation, Person, RoleAssignment, Verification, in_force
from .permissions import Identity
from .roles import assigned, check_role

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person and the role that a line of the operator's file gives in an organisation, perhaps not saved yet."""

    organisation: Organisation
    email: str
    given_names: str
    usual_name: str
    role: str
    scope: Collection[str] = ()
    job_title: str = ""
    until: date | None = None


@dataclass
class Enrolments:
    """What stands for these addresses and organisations, and what the enrolments judged so far would add to it."""

    actor: Actor
    accounts: dict[str, Account] = field(default_factory=dict)
    memberships: dict[tuple[UUID, UUID], Membership] = field(default_factory=dict)
    roles: dict[tuple[UUID, str], RoleAssignment] = field(default_factory=dict)
    persons: list[Person] = field(default_factory=list)
    new_accounts: list[Account] = field(default_factory=list)
    joined: list[Membership] = field(default_factory=list)
    given: dict[UUID, RoleAssignment] = field(default_factory=dict)
    corrected: dict[UUID, RoleAssignment] = field(default_factory=dict)

    def judge(self, line: Enrolment) -> tuple[bool, bool]:
        """Takes one enrolment in; answers whether it makes a member, and whether it gives or corrects a role.

        Raises Invalid for a malformed address or an unknown role, Denied for a role above the actor's; nothing of it
        is then taken in.
        """
        check_role(self.actor, line.organisation, line.role, line.until, line.scope)
        person = self._person(address_of(line.email), line)
        membership, is_new = self._membership(person, line)
        return is_new, self._role(membership, line)

    def _person(self, address: str, line: Enrolment) -> Person:
        account = self.accounts.get(address)
        if account is not None and account.person is not None:
            return account.person
        person = Person(given_names=clean(line.given_names)[:120], usual_name=clean(line.usual_name)[:120])
        person.name_folded = fold(f"{person.usual_name} {person.given_names}")
        self.persons.append(person)
        account = account or Account(email=address)
        account.person = person
        account.set_unusable_password()  # the reset by mail makes one
        self.accounts[address] = account
        self.new_accounts.append(account)
        return person

    def _membership(self, person: Person, line: Enrolment) -> tuple[Membership, bool]:
        key = (person.pk, line.organisation.pk)
        if held := self.memberships.get(key):
            return held, False
        made = self.memberships[key] = Membership(
            person=person,
            organisation=line.organisation,
            job_title=clean(line.job_title)[:120],
            verification=Verification.IMPORTED,
            since_on=legal_day(self.actor.now()),
        )
        self.joined.append(made)
        return made, True

    def _role(self, membership: Membership, line: Enrolment) -> bool:
        key, terms = (membership.pk, line.role), (line.until, sorted(set(line.scope)))
        held = self.roles.get(key)
        if held is not None and (held.until_on, held.scope) == terms:
            return False
        if held is None:
            held = self.roles[key] = RoleAssignment(
                membership=membership, role=line.role, since_on=legal_day(self.actor.now())
            )
            self.given[held.pk] = held
        elif held.pk not in self.given:
            self.corrected[held.pk] = held
        held.until_on, held.scope = terms
        held.granted_by_id = self.actor.person
        return True

    def write(self) -> list[Fact]:
        """Writes what was judged; answers the facts of it."""
        Person.objects.bulk_create(self.persons, batch_size=BATCH)
        fresh = [account for account in self.new_accounts if account._state.adding]
        known = [account for account in self.new_accounts if not account._state.adding]
        Account.objects.bulk_create(fresh, batch_size=BATCH)
        Account.objects.bulk_update(known, ["person", "password"], batch_size=BATCH)
        Membership.objects.bulk_create(self.joined, batch_size=BATCH)
        RoleAssignment.objects.bulk_create(self.given.values(), batch_size=BATCH)
        columns = ["until_on", "scope", "granted_by"]
        RoleAssignment.objects.bulk_update(self.corrected.values(), columns, batch_size=BATCH)
        roles = [*self.given.values(), *self.corrected.values()]
        return [*map(_enrolled, self.joined), *(assigned(role, role.membership) for role in roles)]


def prepare_enrolments(
    actor: Actor, *, emails: Iterable[str], organisations: Collection[Organisation]
) -> Enrolments:
    """Reads what stands for these addresses and organisations, to judge enrolments by."""
    asked = {email.upper() for email in emails}
    rows = Account.objects.select_related("person")
    others = rows.filter(emailaddress__verified=True).annotate(address=Upper("emailaddress__email"))
    accounts: dict[str, Account] = {
        account.address.lower(): account
        for found in (others, rows.annotate(address=Upper("email")))  # the own address counts before another
        for account in found.filter(address__in=asked)
    }
    memberships = Membership.objects.filter(
        in_force(actor.now()),
        person__in={account.person_id for account in accounts.values() if account.person_id},
        organisation__in=[row.pk for row in organisations],
    )
    held = {(one.person_id, one.organisation_id): one for one in memberships}
    roles = RoleAssignment.objects.filter(
        in_force(actor.now()), membership__in=[one.pk for one in held.values()]
    ).select_related("membership")
    return Enrolments(actor, accounts, held, {(role.membership_id, role.role): role for role in roles})


@action(Identity.ENROL, on="organisations")
def enrol_people(*, actor: Actor, organisations: list[Organisation], enrolments: Enrolments) -> Outcome[None]:
    """Writes down what was judged for these organisations, all of it or nothing; call it when that is something."""
    return Outcome(None, *enrolments.write())


def _enrolled(membership: Membership) -> PersonEnrolled:
    return PersonEnrolled(
        subject=Subject("identity.membership", membership.pk),
        matter=membership.pk,
        organisation=membership.organisation_id,
        person=membership.person_id,
        verification=membership.verification,
    )
