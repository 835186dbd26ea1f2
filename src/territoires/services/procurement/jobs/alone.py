"""Long-lived work of which there is one in the whole installation, however many machines it has."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection

from territoires.kernel.errors import TerritoiresError

PAUSE_SECONDS = 0.5

log = logging.getLogger(__name__)


class Alone:
    """Holds an advisory lock on the connection in use: the database lets it go when this process dies."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._session: Any = None

    def holds(self) -> bool:
        """Takes the lock, or says that another process has it. True means that this process is the one."""
        if self._session is not None and self._session is connection.connection:
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [self.name])
            is_ours = bool(cursor.fetchone()[0])
        self._session = connection.connection if is_ours else None
        return is_ours


def keep_working(name: str, work: Callable[[], None], stop: threading.Event) -> None:
    """Calls ``work`` again and again until ``stop``, in one process of the installation; a fault is told and passed over."""
    alone = Alone(name)
    while not stop.wait(PAUSE_SECONDS):
        try:
            if alone.holds():
                work()
        except DatabaseError:
            log.exception("%s: the database does not answer", name)
            connection.close()
        except (TerritoiresError, OSError):
            log.exception("%s", name)
