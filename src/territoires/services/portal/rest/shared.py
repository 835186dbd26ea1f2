"""What the operations share: who calls."""

from __future__ import annotations

from django.http import HttpRequest

from territoires.foundations.actions import api as rights
from territoires.kernel.actor import Actor

from ..permissions import Portal


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def require(request: HttpRequest, permission: Portal) -> Actor:
    """The caller, who holds the permission."""
    rights.require(actor_of(request), permission)
    return actor_of(request)
