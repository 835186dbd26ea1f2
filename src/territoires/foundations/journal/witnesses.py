"""Witnesses over HTTP (C2SP tlog-witness): others who cosign the book's checkpoints once they continue what they saw.

They are named, with their keys, in the operator's file. Each is asked every ten minutes for the last checkpoint.
"""

from __future__ import annotations

import http.client
import json
import logging
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import connection

from territoires.foundations.trust import api as trust
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Corrupt, TerritoiresError, Unavailable

from . import failures, notes
from .keys import log_origin
from .note_keys import COSIGNATURE, key_id, read_cosigner
from .store import read_hashes
from .tree import consistency

EVERY = timedelta(minutes=10)
FARTHEST = timedelta(minutes=1)
FORK = "journal-fork-witnessed"
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n?")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Witness:
    """Who it is: its name, its Ed25519 key (32 bytes), and the prefix of the address where it takes checkpoints."""

    name: str
    key: bytes
    url: str

    @property
    def part(self) -> str:
        """Its name among what fails."""
        return f"{failures.WITNESS}{self.name}"


@dataclass(frozen=True, slots=True)
class WitnessState:
    """What a witness has cosigned last (0: nothing) and when, since when a checkpoint has waited for it, and what fails."""

    name: str
    size: int
    cosigned_at: datetime | None
    waiting_since: datetime | None
    reason: str

    @property
    def saw_a_fork(self) -> bool:
        return FORK in self.reason

    @property
    def is_late(self) -> bool:
        since = self.waiting_since
        return since is not None and system_clock() - since > settings.WITNESSED_WITHIN

    @property
    def needs_somebody(self) -> bool:
        return self.is_late or self.saw_a_fork


def witnesses() -> list[Witness]:
    """Those of the operator's file; none without one. Raises Unavailable when it cannot be read."""
    file = settings.WITNESSES_CONNECTION
    try:
        said = json.loads(file.read_text())["witnesses"]
        found = [Witness(*read_cosigner(one["key"]), one["url"]) for one in said]
        if len({one.name for one in found}) < len(found) or log_origin() in {one.name for one in found}:
            raise ValueError("a name occurs twice, or is the log's own")
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Unavailable(
            "witnesses-unreadable",
            "The file of the witnesses, %(file)s, cannot be used: %(fault)s.",
            "Compare it with docs/operations/journal.md.",
            params={"file": str(file), "fault": str(fault) or type(fault).__name__},
        ) from fault
    return found


def cosign_due() -> int:
    """Asks each witness whose time came to cosign the last checkpoint; answers how many did.

    A failure is kept with its reason and tried again at the next call; it holds back neither the others nor the book.
    """
    head = _last_checkpoint()
    if head is None:
        return 0
    count = 0
    for witness in witnesses():
        size, at = _last_cosigned(witness)
        if size >= head[0] or (at is not None and system_clock() - at < EVERY):
            continue
        try:
            line = _ask(witness, size, *head)
        except TerritoiresError as failure:
            tell = log.critical if failure.code == FORK else log.warning
            tell("journal: the witness %s did not cosign %s facts: %s", witness.name, head[0], failure.code)
            failures.note(witness.part, failure)
            continue
        _keep(witness, head[0], line)
        failures.forget(witness.part)
        count += 1
    return count


def witness_states() -> list[WitnessState]:
    """How each configured witness is doing."""
    return [_state(one) for one in witnesses()]


def cosignatures(size: int) -> list[bytes]:
    """The lines that witnesses have put under a checkpoint, each with its newline."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT line FROM journal_cosignature WHERE checkpoint = %s ORDER BY at, name", [size])
        return [line.encode() for (line,) in cursor.fetchall()]


def request(old: int, size: int, note: bytes) -> bytes:
    """The body of add-checkpoint: the size that the witness knows, the proof from there, the checkpoint."""
    proof = consistency(read_hashes, old, size) if 0 < old < size else []
    lines = [f"old {old}", *(b64encode(step).decode() for step in proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + note


def cosignature_time(text: bytes, line: str, name: str, key: bytes) -> datetime | None:
    """When a witness saw the checkpoint of this text, as its line says; None when the line is not by this key or does
    not hold (C2SP tlog-cosignature)."""
    try:
        said, signed = notes.read_signature(line)
        if said != name or signed[:4] != key_id(name, key, COSIGNATURE) or len(signed) != 4 + 72:
            return None
        seconds = int.from_bytes(signed[4:12], "big")
        Ed25519PublicKey.from_public_bytes(key).verify(
            signed[12:], f"cosignature/v1\ntime {seconds}\n".encode() + text
        )
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError, InvalidSignature):
        return None


def _ask(witness: Witness, known: int, size: int, note: bytes) -> str:
    """The witness's line under the note. It may know more than we noted: then it is asked once more, from there."""
    for _ in range(2):
        answer = _post(witness, request(known, size, note))
        if answer.status != 409:
            break
        told = _told_size(witness, answer)
        if told == known or told > _tree_size():
            raise _fork(witness, told, size)
        if told > size:
            raise _refused(witness, "it knows a later checkpoint by now")
        known = told
    if answer.status == 422:
        raise _fork(witness, known, size)
    if answer.status != 200:
        raise _refused(witness, f"HTTP {answer.status}")
    text = notes.read(note).text
    for line in answer.body.decode(errors="replace").split("\n"):
        at = cosignature_time(text, line, witness.name, witness.key)
        if at is not None:
            if abs(at - system_clock()) > FARTHEST:
                raise _refused(witness, "its time is more than one minute from ours")
            return line
    raise _refused(witness, "its answer holds no cosignature by its key")


def _post(witness: Witness, body: bytes) -> trust.OutsideAnswer:
    try:
        return trust.post_outside(
            f"{witness.url.rstrip('/')}/add-checkpoint", body, "text/plain; charset=utf-8"
        )
    except (OSError, ValueError, http.client.HTTPException) as fault:
        raise _refused(witness, str(fault) or type(fault).__name__) from fault


def _told_size(witness: Witness, answer: trust.OutsideAnswer) -> int:
    found = _SIZE.fullmatch(answer.body)
    if found is None or answer.media_type.partition(";")[0].strip() != "text/x.tlog.size":
        raise _refused(witness, "HTTP 409")
    return int(found[1])


def _refused(witness: Witness, fault: str) -> Unavailable:
    return Unavailable(
        "witness-refuses",
        "The witness %(name)s gave no cosignature: %(fault)s.",
        "Nothing is lost: it is asked again each minute. After HTTP 403 or 404, give it the present keys of the log"
        " (territoires journal keys).",
        params={"name": witness.name, "fault": fault},
    )


def _fork(witness: Witness, known: int, size: int) -> Corrupt:
    return Corrupt(
        FORK,
        "The witness %(name)s has seen a history of %(known)s facts that this book of %(size)s facts does not continue.",
        "Compare at once: territoires journal verify, against a copy of the witness file kept elsewhere.",
        params={"name": witness.name, "known": known, "size": size},
    )


def _last_checkpoint() -> tuple[int, bytes] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, note FROM journal_checkpoint ORDER BY size DESC LIMIT 1")
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else None


def _tree_size() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM journal_state")
        return int(cursor.fetchone()[0])


def _last_cosigned(witness: Witness) -> tuple[int, datetime | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT checkpoint, at FROM journal_cosignature WHERE name = %s AND key = %s"
            " ORDER BY checkpoint DESC LIMIT 1",
            [witness.name, witness.key],
        )
        return cursor.fetchone() or (0, None)


def _keep(witness: Witness, size: int, line: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_cosignature (checkpoint, name, key, line, at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",  # two workers at once
            [size, witness.name, witness.key, f"{line}\n", system_clock()],
        )


def _state(witness: Witness) -> WitnessState:
    size, at = _last_cosigned(witness)
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM journal_checkpoint WHERE size > %s ORDER BY size LIMIT 1", [size])
        row = cursor.fetchone()
    return WitnessState(witness.name, size, at, row[0] if row else None, failures.reason_of(witness.part))
