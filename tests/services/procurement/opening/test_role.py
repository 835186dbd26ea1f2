"""The time-keeper's own database role: it does its work, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection

from territoires.config.environment import TIME_KEEPER
from territoires.config.preparation import set_roles
from territoires.services.procurement.actions import destroying
from territoires.services.procurement.domain import session
from territoires.services.procurement.models import OpenedFile, TimeKey
from tests.services.procurement.conftest import make_body

from .world import AFTER, make_world, present


@contextmanager
def as_time_keeper() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {TIME_KEEPER}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def test_it_makes_keys_and_gives_its_part_and_writes_nothing_else(live_database: str, tmp_path: Path) -> None:
    set_roles()
    world = make_world(make_body(), tmp_path)
    for officer in world.officers:
        officer.accept(world.consultation)
        officer.try_key(world.consultation)
    with as_time_keeper():
        world.keeper.work_once()
    world.opener.work_once()
    world.published()
    world.bid(0)
    order = world.closed().ask()
    with as_time_keeper():
        world.keeper.work_once()
    for officer in world.officers:
        officer.give(order)
    world.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED and OpenedFile.objects.filter(verdict="clear").exists()
    world._in_state("unsuccessful", ended_at=AFTER)
    destroying.order_destruction(
        actor=present(world.secretary, AFTER.replace(year=2032)),
        consultation=world.consultation,
        visa_by="Archives départementales",
        visa_reference="118",
        visa_on=date(2031, 5, 2),
    )
    with as_time_keeper():
        world.keeper.work_once()
    assert TimeKey.objects.get().destroyed_at is not None
    for statement in (
        "UPDATE t_procurement_policyversion SET deadline_at = now()",
        "UPDATE t_procurement_openingorder SET state = 'ready'",
        "DELETE FROM t_procurement_holderrelease",
        "UPDATE t_procurement_deposit SET state = 'sealed'",
        "DELETE FROM journal_entry",
    ):
        with as_time_keeper(), pytest.raises(ProgrammingError), connection.cursor() as cursor:
            cursor.execute(statement)
