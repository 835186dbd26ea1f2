"""The life of an act as a table, with the legal meaning of each state."""

from __future__ import annotations

from territoires.kernel.machine import Machine, State, Transition

DRAFT = "draft"
SIGNED = "signed"
PUBLISHED = "published"
NOTIFIED = "notified"
WITHDRAWN = "withdrawn"
DISCARDED = "discarded"

# An act whose number is taken; a discarded or withdrawn act frees its own.
LIVE = (DRAFT, SIGNED, PUBLISHED, NOTIFIED)
# From its signature on, an act is complete: the database refuses one that lacks a number, a date or a file.
COMPLETE = (SIGNED, PUBLISHED, NOTIFIED, WITHDRAWN)

LIFE = Machine(
    "act",
    initial=DRAFT,
    states=[
        State(
            DRAFT,
            "Draft",
            "Nothing is decided yet: the act has no effect and can still be changed or discarded.",
            "wait",
        ),
        State(
            SIGNED,
            "Signed by hand",
            "The act exists and its paper original is kept by the body. It binds nobody before it is published"
            " or notified.",
            "run",
        ),
        State(
            PUBLISHED,
            "Published",
            "The act is on line in the public register. Third parties may contest it for two months from that"
            " day; an act that must be transmitted to the prefecture is executory only once that is done too.",
            "ok",
        ),
        State(
            NOTIFIED,
            "Notified",
            "The person concerned received the act: it can be set up against them, and they may contest it for"
            " two months from that day.",
            "ok",
        ),
        State(
            WITHDRAWN,
            "Withdrawn",
            "The act is no longer on line; its address says when it was withdrawn and why. Its proofs remain.",
            "bad",
            final=True,
        ),
        State(
            DISCARDED,
            "Discarded",
            "The draft was thrown away before it was signed; its number is free again.",
            "none",
            final=True,
        ),
    ],
    transitions=[
        Transition("revise", (DRAFT,), DRAFT),
        Transition("declare_signed", (DRAFT,), SIGNED),
        Transition("discard", (DRAFT,), DISCARDED),
        Transition("publish", (SIGNED,), PUBLISHED),
        Transition("notify", (SIGNED, NOTIFIED), NOTIFIED),
        Transition("reopen", (SIGNED,), DRAFT),
        Transition("withdraw", (PUBLISHED, NOTIFIED), WITHDRAWN),
    ],
)
