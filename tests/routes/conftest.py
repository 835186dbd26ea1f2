"""The world is built once a module; what a test writes in it is rolled back to that point."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

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


@pytest.fixture
def world(built: World, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                yield built
                raise _RolledBack
        except _RolledBack:
            pass
