"""What comes from another platform: the kinds of table, the life of an import, what a line becomes."""

from __future__ import annotations

from enum import StrEnum

from territoires.kernel.machine import Machine, State, Transition


class Kind(StrEnum):
    """What a table brings. The first three are of the enterprises and come through the operator."""

    ACCOUNTS = "accounts"
    ALERTS = "alerts"
    ATTESTATIONS = "attestations"
    CONTRACTS = "contracts"
    PACKAGES = "packages"
    NOTICES = "notices"
    REDIRECTS = "redirects"


OF_ENTERPRISES = (Kind.ACCOUNTS, Kind.ALERTS, Kind.ATTESTATIONS)


class Fate(StrEnum):
    """What a line does, or did. KNOWN: it is here already, and nothing changes."""

    NEW = "new"
    KNOWN = "known"
    CHANGED = "changed"
    MERGED = "merged"
    REFUSED = "refused"


RECEIVED, CHECKED, ORDERED, DONE = "received", "checked", "ordered", "done"
IMPORT = Machine(
    "import",
    initial=RECEIVED,
    states=[
        State(
            RECEIVED,
            "Being read",
            "Every line and every file is being read; nothing is taken over yet.",
            "run",
        ),
        State(CHECKED, "Read", "Nothing is taken over yet.", "wait"),
        State(ORDERED, "Being taken over", "The sound lines come together, or none.", "run"),
        State(DONE, "Taken over", "What the sound lines say is here.", "ok", final=True),
    ],
    transitions=[
        Transition("check", (RECEIVED, ORDERED), CHECKED),
        Transition("order", (CHECKED,), ORDERED),
        Transition("take_over", (ORDERED,), DONE),
    ],
)
