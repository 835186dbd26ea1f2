"""A bid under evaluation as a table: what may be wrong with it, and how it ends (CCP L2152-1 to L2152-6)."""

from __future__ import annotations

from territoires.kernel.machine import Machine, State, Transition

OPENED = "opened"
EXPLAINING = "explaining"
ADMISSIBLE = "admissible"
IRREGULAR = "irregular"
UNACCEPTABLE = "unacceptable"
INAPPROPRIATE = "inappropriate"
ABNORMALLY_LOW = "abnormally_low"

ELIMINATED = (IRREGULAR, UNACCEPTABLE, INAPPROPRIATE, ABNORMALLY_LOW)

BID = Machine(
    "bid",
    initial=OPENED,
    states=[
        State(OPENED, "To examine", "Nobody has said yet whether this bid can be compared.", "wait"),
        State(
            EXPLAINING,
            "Explanations asked",
            "Its price looks abnormally low: the bidder is asked to explain it before anything is decided.",
            "wait",
        ),
        State(ADMISSIBLE, "Admissible", "It answers what was asked and is compared with the others.", "ok"),
        State(
            IRREGULAR,
            "Irregular",
            "It is incomplete, or does not respect what the documents or the law require (CCP L2152-2).",
            "bad",
        ),
        State(
            UNACCEPTABLE,
            "Unacceptable",
            "Its price exceeds the budget that was set before the procedure began (CCP L2152-3).",
            "bad",
        ),
        State(
            INAPPROPRIATE,
            "Inappropriate",
            "It is without relation to the need, or cannot meet it without substantial changes (CCP L2152-4).",
            "bad",
        ),
        State(
            ABNORMALLY_LOW,
            "Abnormally low",
            "The explanations did not justify the price: it is rejected (CCP L2152-6).",
            "bad",
        ),
    ],
    transitions=[
        Transition("price", (OPENED, EXPLAINING, ADMISSIBLE), OPENED),
        Transition("admit", (OPENED, EXPLAINING), ADMISSIBLE),
        Transition("ask_price", (OPENED, ADMISSIBLE, EXPLAINING), EXPLAINING),
        Transition("reject_as_low", (EXPLAINING,), ABNORMALLY_LOW),
        Transition("declare_irregular", (OPENED, EXPLAINING, ADMISSIBLE), IRREGULAR),
        Transition("declare_unacceptable", (OPENED, EXPLAINING, ADMISSIBLE), UNACCEPTABLE),
        Transition("declare_inappropriate", (OPENED, EXPLAINING, ADMISSIBLE), INAPPROPRIATE),
        Transition("examine_again", (ADMISSIBLE, *ELIMINATED), OPENED),
    ],
)

VERB_OF = {
    ADMISSIBLE: "admit",
    IRREGULAR: "declare_irregular",
    UNACCEPTABLE: "declare_unacceptable",
    INAPPROPRIATE: "declare_inappropriate",
    ABNORMALLY_LOW: "reject_as_low",
}
