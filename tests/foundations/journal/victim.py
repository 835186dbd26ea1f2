"""A process to be killed: writes, sequences or follows for ever, and dies at a chosen point."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import checkpoints, sequencer
from territoires.foundations.journal import witness as kept
from territoires.kernel.actor import system_actor

from .book import LetterSent, letter

POINTS = {
    "lock": ("take_lock", "after"),
    "leaves": ("_write", "before"),
    "nodes": ("_write", "after"),
}


def run(role: str, witness: Path, point: str = "") -> None:
    kept.path = lambda: witness
    match role:
        case "writer":
            write(witness.parent.parent / f"writer-{os.getpid()}")
        case "sequencer":
            sequence(point)
        case "follower":
            follow(point)


def write(output: Path) -> None:
    """A business row and its fact in one transaction, some of them rolled back; notes what was acknowledged."""
    number = 0
    while True:
        number += 1
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("INSERT INTO business VALUES (%s, %s)", [os.getpid(), number])
                entry = journal.append(letter(weight=number), actor=system_actor(str(os.getpid())))
                cursor.execute(
                    "UPDATE business SET entry = %s WHERE pid = %s AND number = %s",
                    [entry, os.getpid(), number],
                )
                if random.random() < 0.05:
                    raise InterruptedError
        except InterruptedError:
            continue
        with output.open("a") as acknowledged:
            acknowledged.write(f"{entry}\n")


def sequence(point: str) -> None:
    victim = sequencer.Sequencer()
    if point:
        kill_at(sequencer, *POINTS[point])
    while True:
        victim.batch()
        checkpoints.issue()


def follow(point: str) -> None:
    def handle(fact: journal.Recorded) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO followed (seq) VALUES (%s)", [fact.seq])
        if point and random.random() < 0.01:
            os.kill(os.getpid(), signal.SIGKILL)

    journal.subscribe(journal.Subscription("victim", [LetterSent.KIND], handle))
    while True:
        journal.follow_once()


def kill_at(module: Any, name: str, when: str) -> None:
    """Makes a function of a module fatal, before or after its work, once it has entries to lose."""
    work = getattr(module, name)

    def fatal(*arguments: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = work(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(module, name, fatal)
