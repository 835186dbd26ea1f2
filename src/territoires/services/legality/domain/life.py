"""The life of an act as a table, with the legal meaning of each state."""

from __future__ import annotations

from territoires.kernel.machine import Machine, State, Transition

DRAFT = "draft"
SIGNING = "signing"
SIGNED = "signed"
POSTED = "posted"
PUBLISHED = "published"
NOTIFIED = "notified"
TAKEN_OVER = "taken_over"
WITHDRAWN = "withdrawn"
DISCARDED = "discarded"

# What the body has under way or in force; a discarded or withdrawn act frees its number.
LIVE = (DRAFT, SIGNING, SIGNED, POSTED, PUBLISHED, NOTIFIED, TAKEN_OVER)
# A number is taken once signatures are asked: two drafts that bear the same one do not block each other.
NUMBERED = (SIGNING, SIGNED, POSTED, PUBLISHED, NOTIFIED)
# From its signature on, an act is complete: the database refuses one that lacks a number, a date or a file.
COMPLETE = (SIGNED, POSTED, PUBLISHED, NOTIFIED, WITHDRAWN)

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
            SIGNING,
            "Awaiting signatures",
            "The file of the act is closed: those whom the law names sign it electronically, in any order. It exists"
            " with the last signature.",
            "wait",
        ),
        State(
            SIGNED,
            "Signed",
            "The act exists, signed by hand on paper that the body keeps, or electronically. It binds nobody before it"
            " is published or notified.",
            "run",
        ),
        State(
            POSTED,
            "Published on paper",
            "The act is posted at the seat of the body, or held there for whoever asks. Third parties may contest it for"
            " two months from that day; an act that must be transmitted to the prefecture is executory only once that"
            " is done too.",
            "ok",
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
            TAKEN_OVER,
            "Taken over",
            "The act comes from the body's history: it took effect, or lost it, before the body used this platform, and"
            " was transmitted elsewhere if it had to be. It is kept here to be found; nothing is sent again.",
            "none",
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
            "The draft was thrown away before it was signed.",
            "none",
            final=True,
        ),
    ],
    transitions=[
        Transition("revise", (DRAFT,), DRAFT),
        Transition("declare_signed", (DRAFT,), SIGNED),
        Transition("ask_signatures", (DRAFT,), SIGNING),
        Transition("sign", (SIGNING,), SIGNING),
        Transition("sign_last", (SIGNING,), SIGNED),
        Transition("discard", (DRAFT,), DISCARDED),
        Transition("post", (SIGNED,), POSTED),
        Transition("publish", (SIGNED, POSTED), PUBLISHED),
        Transition("notify", (SIGNED, NOTIFIED), NOTIFIED),
        Transition("reopen", (SIGNING, SIGNED), DRAFT),
        Transition("withdraw", (POSTED, PUBLISHED, NOTIFIED, TAKEN_OVER), WITHDRAWN),
    ],
    entrances=[TAKEN_OVER],
)
