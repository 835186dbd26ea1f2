"""The keys of an organisation's programs, scoped by the actor, and what a new one may bear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from territoires.foundations.actions import api as actions
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import manifests
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..models import identity_rows
from ..permissions import Governance


@dataclass(frozen=True, slots=True)
class KeyHeld:
    """A key as its organisation sees it: never its text, which nobody has. ``prefix`` is its public beginning."""

    id: UUID
    label: str
    prefix: str
    permissions: tuple[Any, ...]
    owner: str
    created_on: date
    until: date
    last_used_on: date | None
    state: str  # in-force, idle (its owner may no longer issue it), ended or revoked


def keys_of(actor: Actor, organisation: Any) -> list[KeyHeld]:
    """Every key that an organisation ever had, those in force first, the last one first. Raises Denied."""
    actions.require(actor, Governance.KEEP_KEYS, organisation)
    rows = identity_rows("ApiKey").filter(organisation=organisation).select_related("owner__account")
    issuers: dict[UUID, bool] = {}
    held = [_held(row, organisation, issuers, actor) for row in rows.order_by("-created_at", "-id")]
    return sorted(held, key=lambda key: key.state != "in-force")


def bearable(actor: Actor, organisation: Any) -> Iterator[tuple[Any, list[tuple[str, Any]]]]:
    """What a new key may bear: by service that has a REST interface and is switched on, permissions with their words."""
    allowed, switched = (
        identity.permissions_for_programs(organisation, actor),
        identity.services_of(organisation),
    )
    for manifest in manifests().values():
        if manifest.rest is None or manifest.code not in switched:
            continue
        offered = [
            (str(permission), _words(permission))
            for permission in (*(manifest.permissions or ()), *_foreign(manifest.code))
            if permission in allowed
        ]
        if offered:
            yield manifest.label, offered


def _foreign(service: str) -> tuple[Any, ...]:
    """The rights on people and bodies, which are identity's, are exercised by the verbs of governance."""
    return tuple(identity.Identity) if service == "governance" else ()


def _held(row: Any, organisation: Any, issuers: dict[UUID, bool], actor: Actor) -> KeyHeld:
    return KeyHeld(
        id=row.pk,
        label=row.label,
        prefix=row.prefix,
        permissions=tuple(_words(permission) for permission in row.permissions),
        owner=row.owner.display_name,
        created_on=legal_day(row.created_at),
        until=row.until_on,
        last_used_on=legal_day(row.last_used_at) if row.last_used_at else None,
        state=_state(row, organisation, issuers, actor),
    )


def _state(row: Any, organisation: Any, issuers: dict[UUID, bool], actor: Actor) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at <= actor.now():
        return "ended"
    if row.owner_id not in issuers:
        acting = identity.actor_for_person(row.owner, organisation, at=actor.now())
        issuers[row.owner_id] = row.owner.account.is_active and acting.holds(identity.Identity.ISSUE_KEY)
    return "in-force" if issuers[row.owner_id] else "idle"


def _words(permission: str) -> Any:
    right = actions.declared().get(permission)
    return right.label if right else permission
