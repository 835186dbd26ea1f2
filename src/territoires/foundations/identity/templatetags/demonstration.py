"""The one-click people, for the sign-in page."""

from __future__ import annotations

from django import template

from territoires.foundations.identity.demonstration import InventedRole, invented_roles

register = template.Library()


@register.simple_tag
def people_to_try() -> list[InventedRole]:
    """The invented people by role; nobody in production."""
    return invented_roles()
