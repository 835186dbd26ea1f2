"""The clock's durable mark: the one row of ``trust_clock``, shared by every process that stamps."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection

from .clock_guard import ClockRefused, Mark


class DatabaseMark:
    """Keeps the mark in PostgreSQL, on a connection of its own: the caller's transaction may be rolled back."""

    def advance(self, until: int) -> Mark:
        """See ``MarkKeeper``. Raises ClockRefused when the database does not answer."""
        try:
            row = _returning(
                "UPDATE trust_clock SET until = CASE fault WHEN '' THEN greatest(until, %s) ELSE until END"
                " RETURNING until, fault, (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint",
                [until],
            )
        except DatabaseError as error:
            raise ClockRefused(
                "The durable mark of the clock cannot be kept: the database does not answer."
            ) from error
        return Mark(*row)

    def refuse(self, fault: str) -> None:
        """See ``MarkKeeper``. The process refuses by itself when even this cannot be kept."""
        try:
            _returning("UPDATE trust_clock SET fault = %s RETURNING true", [fault])
        except DatabaseError as error:
            raise ClockRefused(fault) from error


def clock_fault() -> str:
    """Why time-stamps are refused, as kept for every process; empty when they are not."""
    fault: str = _returning("SELECT fault FROM trust_clock", [])[0]
    return fault


def clear_clock() -> None:
    """The operator has checked the clock: stamp again, from now on, even before times that were certified by error."""
    _returning("UPDATE trust_clock SET fault = '', until = %s RETURNING true", [time.time_ns()])


def _returning(statement: str, parameters: list[int | str]) -> tuple[Any, ...]:
    with closing(connection.copy()) as own, own.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] = cursor.fetchone()
        return row
