"""The world is built once a module; what a test writes in it is rolled back to that point."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from territoires.foundations.actions.api import ROLES

from .world import World, build


class _RolledBack(Exception):
    pass


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                yield build()
                raise _RolledBack
        except _RolledBack:
            pass


@pytest.fixture(scope="module")
def seats(built: World, django_db_blocker) -> dict[str, Client]:
    """Who holds one role and no other, by the role, signed in before the tests begin: take ``again`` of one."""
    with django_db_blocker.unblock():
        return {role: built.client(built.person(built.seat_of(role), role)) for role in ROLES}


@pytest.fixture(scope="module")
def everybody(built: World, django_db_blocker) -> Client:
    """Who may open as much as one person can: every role of a commune, and the operator's at the operator's."""
    with django_db_blocker.unblock():
        person = built.person(built.home, *(role for role in ROLES if ROLES[role].audience != "operator"))
        built.seat(person, built.operator, "operator")
        return built.client(person)


@pytest.fixture
def world(built: World, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                yield built
                raise _RolledBack
        except _RolledBack:
            pass
