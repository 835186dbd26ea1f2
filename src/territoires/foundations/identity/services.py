"""Which services exist, which are switched on for an organisation, and which permissions a scope leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from territoires.foundations.actions.api import ROLES, permissions_of
from territoires.kernel.errors import Invalid

from .models import Organisation, ServiceActivation

FOUNDATIONS = frozenset(
    {
        "packs",
        "trust",
        "journal",
        "actions",
        "documents",
        "identity",
        "worklist",
        "notifications",
        "search",
        "printing",
        "registry",
    }
)
_always_on: set[str] = set(FOUNDATIONS)
_on_for: dict[str, frozenset[str]] = {}
_labels: dict[str, str | Promise] = {}


def register_services(labels: Mapping[str, str | Promise]) -> None:
    """The enabled services and their names; the registry tells, from the manifests."""
    _labels.update(labels)


def register_always_on(codes: Iterable[str]) -> None:
    """Services that no organisation can switch off; the registry tells, from the manifests."""
    _always_on.update(codes)


def register_on_for(kinds: Mapping[str, Iterable[str]]) -> None:
    """Which kinds of organisations have a service without anybody switching it on; the registry tells, by code."""
    for code, those in kinds.items():
        for kind in those:
            _on_for[kind] = _on_for.get(kind, frozenset()) | {code}


def switchable_services() -> dict[str, str | Promise]:
    """The services that an organisation switches on, and to which a role may be limited: name by code."""
    return {code: label for code, label in _labels.items() if code not in _always_on}


def unknown_service(code: str) -> Invalid:
    """The refusal of a code that names no service, or one that is always there."""
    return Invalid(
        "unknown-service",
        gettext_noop("There is no service %(service)s to choose; nothing was done."),
        gettext_noop("Choose one of the list."),
        params={"service": code[:40]},
    )


def services_of(organisation: Organisation | None, *, ever: bool = False) -> frozenset[str]:
    """The codes of what is switched on for the organisation, or with ``ever`` of what was one day."""
    if organisation is None:
        return frozenset(_always_on)
    switched = ServiceActivation.objects.filter(organisation=organisation)
    if not ever:
        switched = switched.filter(until_at=None)
    own = _on_for.get(organisation.kind, frozenset())
    return own.union(_always_on, switched.values_list("service", flat=True))


def permissions_within(role: str, scope: Collection[str]) -> frozenset[str]:
    """What a role limited to the services of ``scope`` permits; an empty scope is the whole organisation.

    What cannot be switched off (the desk, the people) follows the role: without it nobody finds the service.
    """
    held = permissions_of(role)
    if not scope:
        return held
    reached = _always_on.union(scope)
    return frozenset(permission for permission in held if permission.partition(":")[0] in reached)


def role_label(role: str, scope: Collection[str] = ()) -> str:
    """The role in words, with the services to which it is limited."""
    label = str(ROLES[role].label) if role in ROLES else role
    if not scope:
        return label
    names = ", ".join(str(_labels.get(code, code)) for code in scope)
    return _("%(role)s, for %(services)s only") % {"role": label, "services": names}
