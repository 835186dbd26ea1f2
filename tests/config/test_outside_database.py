"""An outside PostgreSQL with three roles, as docs/operations/production.md asks for it, on a cluster of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from territoires.config.postgres import Cluster
from tests.conftest import FAST

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
OWNER, APPLICATION, SEQUENCER = "territoires_owner", "territoires", "territoires_sequencer"
PUBLISH = """
import django, json
django.setup()
from tests.services.legality.conftest import make_act, make_actor, make_body
from django.db import connection
act = make_act(make_actor(make_body()), "published")
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user, count(*) FROM journal_entry GROUP BY 1")
    print(json.dumps([str(act.pk), *cursor.fetchone()]))
"""
SEQUENCE = """
import django, json
django.setup()
from django.db import connection
from territoires.foundations.journal import api as journal
journal.sequence_once()
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user, count(*) FROM journal_leaf GROUP BY 1")
    print(json.dumps(cursor.fetchone()))
"""


@dataclass(frozen=True)
class Outside:
    """A database that somebody else runs, and an installation that is told of it."""

    cluster: Cluster
    var: Path

    def url(self, role: str) -> str:
        return self.cluster.url("territoires", role)

    def run(self, *command: str, **more: str) -> str:
        addresses = {
            "DATABASE_URL": self.url(APPLICATION),
            "DATABASE_OWNER_URL": self.url(OWNER),
            "DATABASE_SEQUENCER_URL": self.url(SEQUENCER),
        }
        environment = {**os.environ, **addresses, "TERRITOIRES_VAR": str(self.var), **more}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def command(self, *arguments: str) -> str:
        return self.run(str(Path(sys.executable).parent / "territoires"), *arguments)

    def as_role(self, role: str, program: str) -> list:
        """What a program prints that enters under a role, as the supervisor starts its parts."""
        return json.loads(self.run(sys.executable, "-c", program, TERRITOIRES_DATABASE_ROLE=role))

    def refuses(self, role: str, statement: str) -> bool:
        with psycopg.connect(self.url(role), autocommit=True) as connection:
            try:
                connection.execute(statement)
            except InsufficientPrivilege:
                return True
        return False


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Prepared by its owner, with an act published by the application and numbered by the sequencer."""
    folder = tmp_path_factory.mktemp("outside")
    cluster = Cluster(folder / "postgres")
    cluster.create()
    cluster.start(FAST)
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as administrator:
        for role in (OWNER, APPLICATION, SEQUENCER):
            administrator.execute(f"CREATE ROLE {role} LOGIN")
        administrator.execute(f"CREATE DATABASE territoires OWNER {OWNER}")
    made = Outside(cluster, folder / "var")
    made.var.mkdir(mode=0o700)
    (made.var / "loaded").touch()  # territory and demonstration have tests of their own
    try:
        made.command("prepare")
        yield made
    finally:
        cluster.remove()


def test_an_act_is_published_by_the_application_and_numbered_by_the_sequencer(outside: Outside) -> None:
    _, role, facts = outside.as_role("application", PUBLISH)
    assert role == APPLICATION and facts >= 4, "a draft, its file, its signature, its publication"
    assert outside.as_role("sequencer", SEQUENCE) == [SEQUENCER, facts]
    outside.command("journal", "verify")
    with psycopg.connect(outside.url(OWNER)) as connection:
        owners = connection.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    assert owners == [(OWNER,)], "the owner alone made the schema"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET body = body",
        "UPDATE journal_entry SET mac = mac",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry CASCADE",
        "INSERT INTO journal_entry (id, n, body, mac) VALUES (gen_random_uuid(), 1, '', '')",
        "INSERT INTO journal_leaf SELECT * FROM journal_leaf",
        "UPDATE journal_leaf SET entry = entry",
        "UPDATE journal_state SET size = 0",
        "DELETE FROM journal_checkpoint",
        "DELETE FROM journal_token",
        "UPDATE journal_private SET entry = entry",
        "ALTER TABLE journal_entry DISABLE TRIGGER ALL",
        "DROP TABLE journal_node",
        "CREATE TABLE public.mine (id int)",
        f"GRANT {OWNER} TO {APPLICATION}",
        f"SET ROLE {OWNER}",
        f"SET ROLE {SEQUENCER}",
    ],
)
def test_the_application_cannot_alter_the_journal(outside: Outside, statement: str) -> None:
    assert outside.refuses(APPLICATION, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO journal_entry (id, body, mac) VALUES (gen_random_uuid(), '', '')",
        "UPDATE journal_entry SET body = body",
        "DELETE FROM journal_leaf",
        "UPDATE t_legality_act SET state = 'draft'",
        "SELECT * FROM identity_account",
    ],
)
def test_the_sequencer_numbers_and_nothing_else(outside: Outside, statement: str) -> None:
    assert outside.refuses(SEQUENCER, statement)


def test_preparing_again_changes_nothing(outside: Outside) -> None:
    assert "Database schema" not in outside.command("prepare")
