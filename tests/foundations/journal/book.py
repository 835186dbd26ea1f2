"""What the journal's tests write, and how they reach behind its back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import system_actor
from territoires.kernel.fact import Fact, Subject, digest, personal
from territoires.kernel.ids import new_id


@dataclass(frozen=True, kw_only=True)
class LetterSent(Fact):
    """A fact of the tests."""

    KIND: ClassVar[str] = "post.letter.sent"
    VERSION: ClassVar[int] = 2
    weight: int = 20
    content: str = digest(default="ab" * 32)
    recipient: str = personal(default="Camille Exemple")


def letter(subject: UUID | None = None, **changes: Any) -> LetterSent:
    return LetterSent(subject=Subject("post.letter", subject or new_id()), **changes)


def write(count: int = 1, **changes: Any) -> list[UUID]:
    """That many entries, each in a transaction of its own."""
    return [journal.append(letter(**changes), actor=system_actor("test")) for _ in range(count)]


def rows(query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def tamper(*statements: tuple[str, Sequence[Any]] | str) -> None:
    """Runs statements as the superuser, with every trigger off: what the tree is for."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(*((statement,) if isinstance(statement, str) else statement))
        cursor.execute("RESET session_replication_role")


def let_a_day_pass() -> None:
    """For checkpoints: it is the limit that moves, since their time-stamps are of now."""
    tamper(
        "CREATE OR REPLACE FUNCTION journal_thinning_age() RETURNS interval LANGUAGE sql IMMUTABLE"
        " AS $$ SELECT interval '-1 hour' $$"
    )


def leaves() -> list[tuple[int, UUID, bytes]]:
    return [(seq, entry, bytes(kept)) for seq, entry, kept in rows("SELECT * FROM journal_leaf ORDER BY seq")]
