"""The life of one contract as a table; a consultation follows the contract that is least advanced.

The order is the law's: standstill, signature, transmission to the State where it is due, notification, and only then
execution (CCP R2182-1, L2182-1, R2182-4; CGCT L2131-1, L2131-2).
"""

from __future__ import annotations

from collections.abc import Iterable

from territoires.kernel.machine import Machine, State, Transition

from . import life

DRAFTED = "drafted"
SIGNING = "signing"
SIGNED = "signed"
SENT = "sent"
RECEIVED = "received"
NOTIFYING = "notifying"
NOTIFIED = "notified"
EXECUTION = "execution"
ENDED = "ended"
GIVEN_UP = "given_up"

CONTRACT = Machine(
    "contract",
    initial=DRAFTED,
    states=[
        State(
            DRAFTED, "To sign", "The contract is awarded; it exists only once both sides have signed.", "wait"
        ),
        State(SIGNING, "Being signed", "One side has signed; the other has not yet.", "wait"),
        State(
            SIGNED,
            "Signed by both sides",
            "Both sides have signed. It binds nobody before it is notified.",
            "run",
        ),
        State(
            SENT,
            "With the prefecture",
            "It is above the threshold: it must be received by the State's representative before it is notified.",
            "wait",
        ),
        State(
            RECEIVED,
            "Received by the prefecture",
            "The prefecture acknowledged it; it may be notified.",
            "run",
        ),
        State(
            NOTIFYING,
            "Sent to the holder",
            "The notification left; it takes effect when the holder receives it.",
            "wait",
        ),
        State(NOTIFIED, "Notified", "The holder received it: it is in force and may be carried out.", "ok"),
        State(EXECUTION, "Being carried out", "The work has begun.", "ok"),
        State(ENDED, "Ended", "What it was about is done, or it was ended.", "none", final=True),
        State(
            GIVEN_UP,
            "Not concluded",
            "It was awarded and never signed; the reason is kept.",
            "none",
            final=True,
        ),
    ],
    transitions=[
        Transition("sign_one", (DRAFTED, SIGNING), SIGNING),
        Transition("sign", (DRAFTED, SIGNING), SIGNED),
        Transition("transmit", (SIGNED,), SENT),
        Transition("return_from_state", (SENT,), SIGNED),
        Transition("acknowledge", (SIGNED, SENT), RECEIVED),
        Transition("notify", (SIGNED, RECEIVED), NOTIFYING),
        Transition("receive", (NOTIFYING,), NOTIFIED),
        Transition("execute", (NOTIFIED,), EXECUTION),
        Transition("end", (NOTIFIED, EXECUTION), ENDED),
        Transition("give_up", (DRAFTED, SIGNING), GIVEN_UP),
    ],
)

BINDING = (NOTIFIED, EXECUTION)
"""In force: changes, subcontracts and invoices belong here."""

# How far a consultation is when its least advanced contract stands there.
_LEADS = (
    ((DRAFTED, SIGNING), ""),
    ((SIGNED,), "sign"),
    ((SENT,), "transmit"),
    ((RECEIVED,), "acknowledge"),
    ((NOTIFYING,), "acknowledge"),
    ((NOTIFIED,), "notify"),
    ((EXECUTION,), "execute"),
    ((ENDED,), "end"),
)
_RANK = {state: rank for rank, (states, _) in enumerate(_LEADS) for state in states}
_BY_THE_STATE = ("transmit", "acknowledge")
_PATH = ("sign", "transmit", "acknowledge", "notify", "execute", "end")


def next_verbs(consultation: str, contracts: Iterable[str], *, through_state: bool = False) -> list[str]:
    """The verbs that bring a consultation, from its state, to where its least advanced contract stands.

    Contracts given up do not count; ``through_state``: one of them goes to the prefecture. Nothing moves back: an answer
    of the prefecture that refuses leaves the consultation where it is.
    """
    live = [state for state in contracts if state != GIVEN_UP]
    if not live:
        return []
    least = min(live, key=_RANK.__getitem__)
    verbs = []
    for verb in _PATH:
        if _RANK[least] < _rank_of(verb):
            break
        if verb in _BY_THE_STATE and not through_state:
            continue
        if life.LIFE.allows(consultation, verb):
            consultation = life.LIFE.after(consultation, verb)
            verbs.append(verb)
    return verbs


def _rank_of(verb: str) -> int:
    return next(rank for rank, (_, leads) in enumerate(_LEADS) if leads == verb)
