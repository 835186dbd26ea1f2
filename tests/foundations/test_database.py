"""The test database itself: a clone of the migrated template."""

import pytest
from django.db import connection

from territoires.foundations.actions.models import IdempotentAnswer


@pytest.mark.django_db
def test_migrated_tables_are_there() -> None:
    assert IdempotentAnswer.objects.count() == 0


def test_live_database_commits_and_is_thrown_away(live_database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("live_")
