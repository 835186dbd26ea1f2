"""``territoires trust``: the fingerprint to publish, the state of the clock, and its clearing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from territoires.contracts.trust import ClockCleared
from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import system_actor
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from .upkeep import database_running


def command(arguments: Sequence[str]) -> int:
    """Shows the root's fingerprint and the clock's state; ``clear-clock`` lets time-stamps start again."""
    parser = argparse.ArgumentParser(
        prog="territoires trust", description="Show what others may trust, or clear the clock."
    )
    parser.add_argument("what", nargs="?", choices=["show", "clear-clock"], default="show")
    given = parser.parse_args(arguments)
    with database_running():
        clear_clock() if given.what == "clear-clock" else _show()
    return 0


def clear_clock() -> None:
    """Clears the clock. The book is told first: no clearing is without its fact."""
    fact = ClockCleared(subject=Subject("trust.clock", new_id()), fault=trust.clock_fault())
    journal.append(fact, actor=system_actor("trust"))
    trust.clear_clock()
    print("The clock is cleared: time-stamps are given again. The journal says so.")


def _show() -> None:
    chain = trust.trust_chain()
    print(f"Root certificate, SHA-256: {chain.root_fingerprint}")
    print(f"Log: {journal.log_origin()}")
    print(f"Clock: {trust.clock_fault() or 'certified.'}")
    for name in trust.demonstration_material():
        print(f"Demonstration, proves nothing: {name}")
