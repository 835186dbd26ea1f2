"""The prefecture's letters about an act and what a body answers: which message answers which, and its life as a table.

Source: ACTES, messages 2-1 to 5-1. The first digit is the subject, the second the flow: 1 is the prefecture's.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from territoires.kernel.machine import Machine, State, Transition

SIMPLE, PIECES_ASKED, OBSERVATIONS, REFERRAL = "2-1", "3-1", "4-1", "5-1"
KINDS = (SIMPLE, PIECES_ASKED, OBSERVATIONS, REFERRAL)

RECEIPTS = {PIECES_ASKED: "3-2", OBSERVATIONS: "4-2"}
"""What the transmitter sends by itself, without a document, once such a letter has come."""

PIECES_SENT = "3-4"
REPLIES = {SIMPLE: ("2-2",), PIECES_ASKED: (PIECES_SENT, "3-3"), OBSERVATIONS: ("4-4", "4-3"), REFERRAL: ()}
"""What a body may answer, the usual answer first; nothing answers a referral to the court but a defence there."""

SENT_BY_BODY = tuple(sorted({*RECEIPTS.values(), *(kind for kinds in REPLIES.values() for kind in kinds)}))
WITH_SEVERAL_FILES = frozenset({PIECES_SENT})
ACKNOWLEDGED_BY = {"3-3": "3-5", "3-4": "3-5", "4-3": "4-5", "4-4": "4-5"}
"""The State acknowledges these answers; a reply to a simple letter and a receipt end when they have left."""

TO_CONFIRM = "to_confirm"
CONFIRMED = "confirmed"
SENT = "sent"
ACKNOWLEDGED = "acknowledged"
REFUSED = "refused"
ABANDONED = "abandoned"

# One of these at most for a letter; what was refused or given up lets another be prepared.
LIVE = (TO_CONFIRM, CONFIRMED, SENT, ACKNOWLEDGED)
LEFT = (CONFIRMED, SENT, ACKNOWLEDGED, REFUSED)
UNDER_WAY = (CONFIRMED, SENT)

REPLY = Machine(
    "reply",
    initial=TO_CONFIRM,
    states=[
        State(
            TO_CONFIRM,
            "To be confirmed",
            "The answer is ready. A person who holds the right to transmit must confirm it with a certificate; nothing"
            " has left.",
            "wait",
        ),
        State(
            CONFIRMED,
            "Leaving",
            "The envelope is built and leaves by itself, even if the State's service is closed for the moment.",
            "run",
        ),
        State(SENT, "Sent", "The State has the envelope.", "ok"),
        State(
            ACKNOWLEDGED,
            "Received at the prefecture",
            "The prefecture's acknowledgement proves the day of reception.",
            "ok",
        ),
        State(
            REFUSED,
            "Refused",
            "The State's service did not take the answer: it counts as not sent. Prepare another.",
            "bad",
        ),
        State(ABANDONED, "Given up", "The answer was given up before it left.", "none", final=True),
    ],
    transitions=[
        Transition("confirm", (TO_CONFIRM,), CONFIRMED),
        Transition("abandon", (TO_CONFIRM,), ABANDONED),
        Transition("record_sent", (CONFIRMED,), SENT),
        # As for acts: an answer may be faster than the record of the sending, and outweighs a refusal before it.
        Transition("acknowledge", (CONFIRMED, SENT, REFUSED), ACKNOWLEDGED),
        Transition("refuse", (CONFIRMED, SENT), REFUSED),
    ],
    # A receipt leaves by itself.
    entrances=[CONFIRMED],
)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
