"""The keys of programs: what an organisation has, taking one back. A person issues them, on a page."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from territoires.foundations.identity import api as identity

from ..permissions import Governance
from ..queries import keys as queries
from ..queries.people import held_here
from .shared import MEMBER, actor_of, member_in

router = Router()


class KeyOut(Schema):
    """``prefix`` is what the key begins with; its text is nowhere. ``state``: in-force, idle, ended, revoked."""

    id: UUID
    label: str
    prefix: str
    permissions: list[str]
    owner: str
    created_on: date
    until: date
    last_used_on: date | None
    state: str


@router.get(MEMBER + "/keys", response={200: list[KeyOut]}, summary="The keys of an organisation's programs")
def list_keys(request: HttpRequest, member: str) -> list[KeyOut]:
    found = member_in(request, member, Governance.KEEP_KEYS)
    return [
        KeyOut(
            **{name: getattr(one, name) for name in KeyOut.model_fields if name != "permissions"},
            permissions=[str(permission) for permission in one.permissions],
        )
        for one in queries.keys_of(actor_of(request), found)
    ]


@router.delete(MEMBER + "/keys/{key}", response={200: list[KeyOut]}, summary="Take a key back, at once")
def revoke_key(request: HttpRequest, member: str, key: UUID) -> list[KeyOut]:
    """The very key of the call, too."""
    found = member_in(request, member, Governance.KEEP_KEYS)
    identity.revoke_api_key(actor=actor_of(request), key=held_here(found, "ApiKey", key))
    return list_keys(request, member)
