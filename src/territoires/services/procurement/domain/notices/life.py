"""The way of a notice to its publication, as a table."""

from __future__ import annotations

from territoires.kernel.machine import Machine, State, Transition

DRAFT = "draft"
READY = "ready"
ORDERED = "ordered"
SENT = "sent"
ACKNOWLEDGED = "acknowledged"
PUBLISHED = "published"
REJECTED = "rejected"
STOPPED = "stopped"

UNSETTLED = (SENT, ACKNOWLEDGED)
"""Sent, and nobody knows yet whether it will be published."""

NOTICE = Machine(
    "notice",
    initial=DRAFT,
    states=[
        State(
            DRAFT,
            "To complete",
            "The notice is prepared from the consultation; something in it must be mended before it can be sent.",
            "wait",
        ),
        State(READY, "Ready to send", "The official rules found nothing wrong. Nothing has left yet.", "run"),
        State(ORDERED, "Leaving", "The sending was ordered: it leaves by itself.", "run"),
        State(SENT, "Sent", "The publisher has it and has not answered yet.", "run"),
        State(
            ACKNOWLEDGED,
            "Acknowledged",
            "The publisher has accepted it; it will be published within a few days.",
            "run",
        ),
        State(
            PUBLISHED, "Published", "Everybody can read it under its publication number.", "ok", final=True
        ),
        State(
            REJECTED,
            "Refused",
            "The publisher did not take it: it counts as not published. Mend it, then send it again.",
            "bad",
        ),
        State(STOPPED, "Stopped", "It was taken back before it was published.", "none", final=True),
    ],
    transitions=[
        Transition("rewrite", (DRAFT, READY, REJECTED), DRAFT),
        Transition("approve", (DRAFT,), READY),
        Transition("order", (READY,), ORDERED),
        Transition("record_sent", (ORDERED,), SENT),
        # An answer may be faster than the record of the sending.
        Transition("acknowledge", (ORDERED, SENT), ACKNOWLEDGED),
        # From "ready" too: the agent may enter the notice at the publisher's own site, and tell it here.
        Transition("publish", (READY, ORDERED, SENT, ACKNOWLEDGED), PUBLISHED),
        Transition("reject", (ORDERED, SENT, ACKNOWLEDGED), REJECTED),
        Transition("stop", (DRAFT, READY, REJECTED, SENT, ACKNOWLEDGED), STOPPED),
    ],
)
