"""Brings an installation to the state that its code expects; doing it again changes nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from territoires.foundations.journal import api as journal

from .database import address_as, entry
from .environment import APPLICATION, OWNER, SEQUENCER, TIME_KEEPER

# The insert trigger's NOTIFY makes each commit wait for the one before: workers poll in its place.
QUIET_JOBS = "DROP TRIGGER IF EXISTS procrastinate_jobs_notify_queue_job_inserted_v1 ON procrastinate_jobs;"
Say = Callable[[str], None]


def prepare(say: Say) -> None:
    """Schema, database roles, territory and demonstration, whichever are not as they should be."""
    changed = _migrate(say)
    if changed or not _roles_are_there():
        _step(say, "Database roles", set_roles)
    _load(say)


def bring_up_to_date(say: Say) -> None:
    """Schema and database roles of what was just restored: a backup may be of an older version than the program."""
    _migrate(say)
    set_roles()


def pending_migrations() -> list[str]:
    """The migrations that the code has and the database has not."""
    executor = MigrationExecutor(connection)
    return [
        f"{migration.app_label}.{migration.name}"
        for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())
    ]


def set_roles() -> None:
    """Gives the application and the sequencer what they need and nothing more (in the embedded database, makes them).

    The journal's own tables are left to the journal: there the application may only insert.
    """
    with connection.cursor() as cursor:
        if settings.ENVIRONMENT.database_url is None:
            for role in (APPLICATION, SEQUENCER, TIME_KEEPER):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        application, sequencer = (role_name(role) for role in (APPLICATION, SEQUENCER))
        if application == role_name(OWNER):
            return  # one role for all: production refuses it, a developer's database may have it
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND NOT starts_with(tablename, 'journal_')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(
                    sql.Identifier(table), sql.Identifier(application)
                )
            )
        for role in {application, sequencer}:
            cursor.execute(
                sql.SQL(
                    "GRANT USAGE ON SCHEMA public TO {0}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {0}"
                ).format(sql.Identifier(role))
            )
        # every part beats in the shared cache; whoever stamps moves the clock's mark
        cursor.execute(
            sql.SQL(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON registry_cache TO {0};"
                " GRANT SELECT, UPDATE ON trust_clock TO {0}"
            ).format(sql.Identifier(sequencer))
        )
        cursor.execute(journal.grants_sql(application, sequencer))
        _grant_time_keeper(cursor, role_name(TIME_KEEPER), application)
        cursor.execute(QUIET_JOBS)


# What the time-keeper writes: time keys, its releases and refusals, facts, its beat, the clock's mark. It reads the rest.
TIME_KEEPER_WRITES = (
    "UPDATE ON t_procurement_timekey",
    "UPDATE (time_refusal) ON t_procurement_openingorder",
    "INSERT ON t_procurement_holderrelease",
    "INSERT (id, body, mac) ON journal_entry",
    "INSERT ON journal_private, journal_copy",
    "SELECT, INSERT, UPDATE, DELETE ON registry_cache",
    "UPDATE ON trust_clock",
)


def _grant_time_keeper(cursor: Any, role: str, application: str) -> None:
    if role == application:
        return  # an outside database without a role of its own for it
    name = sql.Identifier(role)
    cursor.execute(
        sql.SQL(
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {0}; GRANT USAGE ON SCHEMA public TO {0};"
            " GRANT SELECT ON ALL TABLES IN SCHEMA public TO {0};"
            " GRANT USAGE ON SEQUENCE journal_entry_n TO {0}"
        ).format(name)
    )
    for right in TIME_KEEPER_WRITES:
        cursor.execute(sql.SQL("GRANT " + right + " TO {}").format(name))


def role_name(role: str) -> str:
    """The name that a role bears in the database in use."""
    return str(entry(address_as(settings.ENVIRONMENT, role))["USER"])


def _migrate(say: Say) -> bool:
    pending = pending_migrations()
    if pending:
        _step(say, "Database schema", lambda: call_command("migrate", verbosity=0, interactive=False))
    return bool(pending)


def _roles_are_there() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role_name(SEQUENCER)])
        return cursor.fetchone() is not None


def _load(say: Say) -> None:
    """The territory first, then the demonstration that is drawn from it; each command does nothing twice."""
    mark = settings.ENVIRONMENT.var / "loaded"
    if mark.exists() or not settings.ENVIRONMENT.is_demonstration:
        return
    for title, command, arguments in (
        ("Territory", "load", ["territory"]),
        ("Demonstration", "demo", ["load"]),
    ):
        if command in get_commands():
            _step(say, title, lambda: _run_apart(command, *arguments))  # noqa: B023
    mark.touch()


def _run_apart(*command: str) -> None:
    """A management command in a process of its own: the parts are forked from this one, which must have no thread.

    Printing a PDF starts some; a child that inherits their locks without them waits for ever at its first PDF.
    """
    program = f"from territoires.config.cli import main; main({list(command)})"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL)
    if done.returncode:  # it said why
        raise SystemExit(done.returncode)


def _step(say: Say, title: str, work: Callable[[], object]) -> None:
    started = time.monotonic()
    work()
    say(f"  {title:<28}{time.monotonic() - started:6.1f} s")
