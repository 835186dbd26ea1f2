"""Sign-ins and changes of credentials go to the journal; accounts start with a proved address."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import (
    email_added,
    email_changed,
    email_removed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from territoires.contracts.identity import CredentialChanged, SignedIn, SignInFailed
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.fact import Fact, Subject

from .models import Account


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest, user: Account, **_: Any) -> None:
    records = get_authentication_records(request, user)
    methods = tuple(sorted({str(record.get("type", record["method"])) for record in records}))
    _append(SignedIn(subject=_subject(user), methods=methods), user)


@receiver(user_login_failed)
def note_failure(credentials: dict[str, Any], **_: Any) -> None:
    """For a known account alone: what was typed for an unknown one may be a password, and is not ours to keep."""
    address = str(credentials.get("email") or credentials.get("username") or "")
    account = Account.objects.filter(email__iexact=address).first() if address else None
    if account is not None:
        with transaction.atomic():
            journal.append(SignInFailed(subject=_subject(account)), actor=system_actor("sign-in"))


@receiver(password_changed)
@receiver(password_set)
@receiver(password_reset)
def note_password(user: Account, **_: Any) -> None:
    _append(CredentialChanged(subject=_subject(user), credential="password", change="changed"), user)


@receiver(email_changed)
def note_address_changed(user: Account, **_: Any) -> None:
    _append(CredentialChanged(subject=_subject(user), credential="email", change="changed"), user)


@receiver(email_added)
def note_address_added(user: Account, **_: Any) -> None:
    _append(CredentialChanged(subject=_subject(user), credential="email", change="added"), user)


@receiver(email_removed)
def note_address_removed(user: Account, **_: Any) -> None:
    _append(CredentialChanged(subject=_subject(user), credential="email", change="removed"), user)


@receiver(authenticator_added)
def note_factor_added(user: Account, authenticator: Any, **_: Any) -> None:
    _factor(user, authenticator, "added")


@receiver(authenticator_removed)
def note_factor_removed(user: Account, authenticator: Any, **_: Any) -> None:
    _factor(user, authenticator, "removed")


@receiver(authenticator_reset)
def note_factor_reset(user: Account, authenticator: Any, **_: Any) -> None:
    _factor(user, authenticator, "reset")


@receiver(post_save, sender=Account)
def know_address(instance: Account, created: bool, **_: Any) -> None:
    """An account is made for an address that answered a mail or that the operator enrolled: allauth is told so."""
    if created:
        EmailAddress.objects.create(user=instance, email=instance.email, verified=True, primary=True)


def _factor(user: Account, authenticator: Any, change: str) -> None:
    kind = str(authenticator.type)
    _append(CredentialChanged(subject=_subject(user), credential=kind, change=change), user)


def _append(fact: Fact, account: Account) -> None:
    with transaction.atomic():
        journal.append(fact, actor=Actor(person=account.person_id))


def _subject(account: Account) -> Subject:
    return Subject("identity.account", account.pk)
