"""Builds the request's actor from the session, or a key, and from the organisation in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from territoires.kernel.actor import Actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Denied
from territoires.kernel.ids import new_id

from .actors import Acting, actor_for_person, session_assurance
from .directory import organisation_by_reference
from .keys import actor_of_key
from .models import Account, Organisation
from .presenting import presented_certificate

API_PREFIX = "/api/"
METHODS_IN_SESSION = "account_authentication_methods"  # allauth's own record of methods and instants
KEY_FIELD = "_key"
LONGEST_KEY = 200


class ActorMiddleware:
    """Sets ``request.actor``, lazily. Under ``/o/<reference>/`` the registry then calls ``enter``.

    The acting organisation is never in the session: two tabs for two communes do not mix.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.acting = None  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: _actor(request, None))  # type: ignore[attr-defined]
        return self.get_response(request)


def enter(request: HttpRequest, reference: str) -> None:
    """Sets actor and ``acting`` for the organisation in the address.

    Raises Missing for an unknown one, Denied for a stranger or for who has neither role nor mandate there.
    """
    if not request.user.is_authenticated:
        raise Denied("sign-in", "This page is for those who work here.", "Sign in first.")
    organisation = organisation_by_reference(reference)
    actor = _actor(request, organisation)
    if not actor.grants:
        raise Denied(
            "not-yours",
            "You have neither role nor mandate in this organisation.",
            "Ask one of its administrators to invite you, or choose another organisation.",
        )
    labels = dict.fromkeys(grant.label for grant in actor.grants.values())
    request.actor = actor  # type: ignore[attr-defined]
    request.acting = Acting(organisation, _account(request).person, ", ".join(labels))  # type: ignore[attr-defined]


def _actor(request: HttpRequest, organisation: Organisation | None) -> Actor:
    details: dict[str, Any] = {
        "language": get_language() or "fr",
        "idempotency_key": _idempotency_key(request),
        "correlation": _correlation(request),
    }
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    if request.path.startswith(API_PREFIX) and scheme.lower() == "bearer":
        return actor_of_key(key.strip(), system_clock(), **details) or Actor(**details)
    account = _account(request) if request.user.is_authenticated else None
    if account is None or account.person is None or request.path.startswith(API_PREFIX):
        return Actor(**details)
    assurance = session_assurance(request.session.get(METHODS_IN_SESSION, []))
    if presented := presented_certificate(request):
        assurance = replace(assurance, certificate=presented.fingerprint)
    return actor_for_person(account.person, organisation, assurance=assurance, **details)


def _account(request: HttpRequest) -> Account:
    account = request.user
    assert isinstance(account, Account)
    return account


def _idempotency_key(request: HttpRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    # A form with files is not read here: its view first says where they go, then takes the key itself.
    is_form = request.method == "POST" and request.content_type == "application/x-www-form-urlencoded"
    if key is None and is_form and not request.path.startswith(API_PREFIX):
        key = request.POST.get(KEY_FIELD)
    return key[:LONGEST_KEY] if key else None


def _correlation(request: HttpRequest) -> UUID:
    try:
        return UUID(request.headers.get("X-Correlation-Id", ""))
    except ValueError:
        return new_id()
