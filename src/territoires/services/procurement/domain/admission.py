"""The place of an enterprise in a dynamic purchasing system: asked for at any time, examined within the delay of the law.

CCP R2162-37 to R2162-51: every enterprise that meets the conditions is admitted, without limit of number.
"""

from __future__ import annotations

from territoires.kernel.machine import Machine, State, Transition

RECEIVED = "received"
ADMITTED = "admitted"
REFUSED = "refused"
LEFT = "left"

ADMISSION = Machine(
    "admission",
    initial=RECEIVED,
    states=[
        State(
            RECEIVED, "To examine", "The enterprise asks to be admitted; the buyer has not answered.", "wait"
        ),
        State(ADMITTED, "Admitted", "The enterprise is invited to each contract of its categories.", "ok"),
        State(
            REFUSED,
            "Not admitted",
            "The conditions are not met, for the reason kept here; the enterprise may ask again.",
            "bad",
        ),
        State(LEFT, "Left", "The enterprise withdrew; it may ask again.", "none"),
    ],
    transitions=[
        Transition("prolong", (RECEIVED,), RECEIVED),
        Transition("admit", (RECEIVED,), ADMITTED),
        Transition("refuse", (RECEIVED, ADMITTED), REFUSED),
        Transition("leave", (RECEIVED, ADMITTED), LEFT),
    ],
)
# A place that counts: an enterprise has one at most.
HELD = (RECEIVED, ADMITTED)
