"""State machines refuse a faulty table at import, and an impossible verb with a sentence."""

import pytest

from territoires.kernel.errors import Conflict
from territoires.kernel.machine import Machine, State, Transition

DRAFT, DONE = State("draft", "Draft", "has no effect"), State("done", "Done", "binds", final=True)


def machine(*transitions: Transition, states: tuple[State, ...] = (DRAFT, DONE)) -> Machine:
    return Machine("thing", initial="draft", states=states, transitions=transitions)


def test_a_sound_table_is_walked() -> None:
    sound = machine(Transition("finish", ("draft",), "done"))
    assert sound.after("draft", "finish") == "done"
    assert sound.verbs("draft") == ["finish"]
    assert sound.verbs("done") == []
    with pytest.raises(Conflict, match="thing-state"):
        sound.after("done", "finish")


@pytest.mark.parametrize(
    ("transitions", "states", "reason"),
    [
        ((), (DRAFT, DONE), "unreachable"),
        ((Transition("go", ("draft",), "nowhere"),), (DRAFT, DONE), "unknown"),
        (
            (Transition("go", ("draft",), "done"), Transition("go", ("draft",), "draft")),
            (DRAFT, DONE),
            "twice",
        ),
        (
            (Transition("go", ("draft",), "done"), Transition("undo", ("done",), "draft")),
            (DRAFT, DONE),
            "final",
        ),
        ((Transition("go", ("draft",), "done"),), (DRAFT, DRAFT, DONE), "twice"),
    ],
)
def test_a_faulty_table_is_refused(
    transitions: tuple[Transition, ...], states: tuple[State, ...], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        machine(*transitions, states=states)
