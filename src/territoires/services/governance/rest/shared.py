"""What the operations share: who calls, and the member that the address names."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.http import HttpRequest

from territoires.foundations.actions import api as rights
from territoires.kernel.actor import Actor

from ..queries import members as queries

MEMBER = "/members/{member}"


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def require(request: HttpRequest, permission: StrEnum) -> Actor:
    """The caller, who holds the permission."""
    rights.require(actor_of(request), permission)
    return actor_of(request)


def member_in(request: HttpRequest, reference: str, *permissions: StrEnum) -> Any:
    """The organisation of this SIREN or SIRET: the key's own, or for the operator any. Raises Denied, Missing."""
    found = queries.member(actor_of(request), reference)
    for permission in permissions:
        rights.require(actor_of(request), permission, found)
    return found
