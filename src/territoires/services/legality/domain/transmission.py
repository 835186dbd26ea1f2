"""The way of an act to the State as a table, and what an answer of the State means to a clerk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from territoires.kernel.machine import Machine, State, Transition

from .classification import Label

TO_CONFIRM = "to_confirm"
CONFIRMED = "confirmed"
SENT = "sent"
ACKNOWLEDGED = "acknowledged"
REFUSED = "refused"
CANCELLING = "cancelling"
CANCELLED = "cancelled"

# One of these at most for an act; a refused or cancelled transmission lets it be sent again.
LIVE = (TO_CONFIRM, CONFIRMED, SENT, ACKNOWLEDGED, CANCELLING)
# What the prefecture has: received on a day that counts.
RECEIVED = (ACKNOWLEDGED, CANCELLING)

ANSWER_DUE = timedelta(hours=4)
"""The acknowledgement usually comes within minutes; later than this, somebody must look."""

STALE_CLASSIFICATION = "ODT-VERIF-01"
NUMBER_REFUSALS = frozenset({"number-taken", "number-used-there"})
"""Lines of ``actes-anomalies``: the number is known where the act was sent, by the State or by the third party alone."""

TRANSMISSION = Machine(
    "transmission",
    initial=TO_CONFIRM,
    states=[
        State(
            TO_CONFIRM,
            "To be confirmed",
            "The file for the State is ready. A person who holds the right to transmit must confirm it with a"
            " certificate; nothing has left.",
            "wait",
        ),
        State(
            CONFIRMED,
            "Leaving",
            "The transmission is confirmed: the envelope is built and leaves by itself, even if the State's"
            " service is closed for the moment.",
            "run",
        ),
        State(
            SENT,
            "Sent, not yet acknowledged",
            "The State has the envelope. The acknowledgement usually comes within minutes; the act counts as"
            " received only with it.",
            "run",
        ),
        State(
            ACKNOWLEDGED,
            "Received at the prefecture",
            "The acknowledgement proves the day of reception. It says nothing on the legality of the act.",
            "ok",
        ),
        State(
            REFUSED,
            "Refused",
            "The State's service did not take the act: it counts as not transmitted. Correct what is told below,"
            " then send it again under the same number.",
            "bad",
        ),
        State(
            CANCELLING,
            "Cancellation asked",
            "The body asked the State to cancel the transmission; until the answer comes it still holds.",
            "run",
        ),
        State(
            CANCELLED,
            "Transmission cancelled",
            "The act counts as never transmitted.",
            "none",
            final=True,
        ),
    ],
    transitions=[
        Transition("confirm", (TO_CONFIRM,), CONFIRMED),
        Transition("abandon", (TO_CONFIRM,), CANCELLED),
        Transition("record_sent", (CONFIRMED,), SENT),
        # An answer may be faster than the record of the sending. It also outweighs a refusal that came before it: an
        # envelope sent a second time is refused by its name although the first one was taken.
        Transition("acknowledge", (CONFIRMED, SENT, REFUSED), ACKNOWLEDGED),
        Transition("refuse", (CONFIRMED, SENT), REFUSED),
        Transition("cancel", (ACKNOWLEDGED,), CANCELLING),
        Transition("acknowledge_cancellation", (CANCELLING,), CANCELLED),
        Transition("refuse_cancellation", (CANCELLING,), ACKNOWLEDGED),
    ],
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an anomaly means and what to do, in both languages."""

    code: str
    meaning: Label
    remedy: Label


def explanation_of(detail: str, entries: Iterable[Mapping[str, Any]]) -> Explanation:
    """The line of ``actes-anomalies`` for the words of an anomaly; the line without words stands for all others.

    An entry holds where its code starts ``detail``, or where one of its ``words`` is found in it, whatever the case.
    """
    said = detail.strip().casefold()
    rest = None
    for entry in entries:
        signs = [str(sign).casefold() for sign in entry.get("words", ())]
        if _starts(said, str(entry["code"]).casefold()) or any(sign in said for sign in signs):
            return _explanation(entry)
        if not signs and entry["code"] == "other":
            rest = entry
    if rest is None:
        raise LookupError("actes-anomalies has no line “other”")
    return _explanation(rest)


def executory_since(*, took_effect_on: date | None, received_on: date | None) -> date | None:
    """The day from which an act to be transmitted is executory: both published or notified, and received by the State.

    Source: CGCT L.2131-1. None as long as one of the two lacks.
    """
    if took_effect_on is None or received_on is None:
        return None
    return max(took_effect_on, received_on)


def _starts(text: str, code: str) -> bool:
    return bool(re.match(rf"{re.escape(code)}(?![0-9a-z])", text))


def _explanation(entry: Mapping[str, Any]) -> Explanation:
    return Explanation(
        entry["code"],
        Label(entry["meaning_fr"], entry["meaning_en"]),
        Label(entry["remedy_fr"], entry["remedy_en"]),
    )
