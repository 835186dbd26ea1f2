"""State machines as tables: states with their legal meaning, transitions with their guards.

Tests walk the table, docs draw it, pages ask it which buttons to show, the database column is constrained to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from territoires.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class State:
    """``label`` and ``meaning`` are message ids; ``tone`` is the status colour (ok, wait, bad, run, none)."""

    name: str
    label: str
    meaning: str
    tone: str = "none"
    final: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """``verb`` is the action's name; a transition may leave from several states."""

    verb: str
    sources: tuple[str, ...]
    target: str


class Machine:
    """Reads a table. Refuses, at import, a table with unknown states, doubles or unreachable states.

    ``entrances`` are states in which a row may begin beside ``initial``: what comes from elsewhere.
    """

    def __init__(
        self,
        name: str,
        *,
        initial: str,
        states: Sequence[State],
        transitions: Sequence[Transition],
        entrances: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.initial = initial
        self.entrances = tuple(entrances)
        self.states = {state.name: state for state in states}
        self.transitions = tuple(transitions)
        self._table = {(s, t.verb): t for t in transitions for s in t.sources}
        self._check(states)

    def _check(self, states: Sequence[State]) -> None:
        if len(self.states) != len(states):
            raise ValueError(f"{self.name}: a state is declared twice")
        if len(self._table) != sum(len(t.sources) for t in self.transitions):
            raise ValueError(f"{self.name}: a verb leaves the same state twice")
        used = (
            {self.initial, *self.entrances}
            | {t.target for t in self.transitions}
            | {s for s, _ in self._table}
        )
        if unknown := used - self.states.keys():
            raise ValueError(f"{self.name}: unknown states {sorted(unknown)}")
        if lost := self.states.keys() - set(self.reachable()):
            raise ValueError(f"{self.name}: unreachable states {sorted(lost)}")
        for source, verb in self._table:
            if self.states[source].final:
                raise ValueError(f"{self.name}: {verb} leaves the final state {source}")

    def reachable(self) -> Iterator[str]:
        """Every state that can be reached from the initial one, or from an entrance."""
        waiting = [self.initial, *self.entrances]
        seen = set(waiting)
        while waiting:
            state = waiting.pop()
            yield state
            for verb in self.verbs(state):
                target = self._table[state, verb].target
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)

    def verbs(self, state: str) -> list[str]:
        """The verbs that may leave ``state``, in the order of the table."""
        return [t.verb for t in self.transitions if state in t.sources]

    def allows(self, state: str, verb: str) -> bool:
        return (state, verb) in self._table

    def after(self, state: str, verb: str) -> str:
        """The state that ``verb`` leads to from ``state``. Raises Conflict when the table has no such line."""
        if transition := self._table.get((state, verb)):
            return transition.target
        raise Conflict(
            f"{self.name}-state",
            "This is no longer possible: the state has changed meanwhile.",
            "Reload the page to see where it stands.",
            params={"state": state, "verb": verb},
        )

    def choices(self) -> list[tuple[str, str]]:
        """For a constrained database column."""
        return [(state.name, state.label) for state in self.states.values()]
