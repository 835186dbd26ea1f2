"""The life of an opening session as a table. The session's key lives in the opening worker's memory alone.

A worker that dies takes the key with it: the session is lost, nothing was opened, and another one is asked.
"""

from __future__ import annotations

from territoires.kernel.machine import Machine, State, Transition

ASKED = "asked"
READY = "ready"
OPENING = "opening"
OPENED = "opened"
LOST = "lost"
CANCELLED = "cancelled"
# One at a time for a round and an envelope.
UNDER_WAY = (ASKED, READY, OPENING)

SESSION = Machine(
    "opening_session",
    initial=ASKED,
    states=[
        State(ASKED, "Being prepared", "The opening worker makes the session's key and the order.", "run"),
        State(
            READY,
            "Waiting for the officers",
            "The order is fixed; each officer may now give her part.",
            "wait",
        ),
        State(OPENING, "Being opened", "The quorum is there: the bids are deciphered and examined.", "run"),
        State(OPENED, "Opened", "The bids are open and the minutes are written.", "ok", final=True),
        State(
            LOST,
            "Interrupted",
            "The session's key is gone: nothing was opened. Start again.",
            "bad",
            final=True,
        ),
        State(CANCELLED, "Given up", "Somebody ended the session before the opening.", "none", final=True),
    ],
    transitions=[
        Transition("prepare", (ASKED,), READY),
        Transition("decipher", (READY,), OPENING),
        Transition("finish", (OPENING,), OPENED),
        Transition("lose", (READY, OPENING), LOST),
        Transition("cancel", (ASKED, READY), CANCELLED),
    ],
)
