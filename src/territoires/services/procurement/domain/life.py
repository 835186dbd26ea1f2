"""The life of a consultation as a table, with the legal meaning of each state.

A round to which candidates are invited is ``negotiating``, ``round_closed``, ``round_opening``, back to ``analysis``: the
tenders of a procedure in two stages, then each round of negotiation. A dynamic purchasing system goes from ``analysis`` to
``in_force``: its contracts are consultations of their own.
"""

from __future__ import annotations

from territoires.kernel.machine import Machine, State, Transition

DRAFT = "draft"
VALIDATED = "validated"
SCHEDULED = "scheduled"
PUBLISHED = "published"
SUSPENDED = "suspended"
CLOSED = "closed"
OPENING = "opening"
ANALYSIS = "analysis"
NEGOTIATING = "negotiating"
ROUND_CLOSED = "round_closed"
ROUND_OPENING = "round_opening"
IN_FORCE = "in_force"
DECIDED = "decided"
STANDSTILL = "standstill"
SIGNED = "signed"
TRANSMITTED = "transmitted"
ACKNOWLEDGED = "acknowledged"
NOTIFIED = "notified"
AWARD_PUBLISHED = "award_published"
EXECUTION = "execution"
ENDED = "ended"
ARCHIVED = "archived"
DISCARDED = "discarded"
WITHDRAWN = "withdrawn"
ABANDONED = "abandoned"
UNSUCCESSFUL = "unsuccessful"

# What may still be written: from the publication on, criteria and weights are frozen.
CHANGEABLE = (DRAFT,)
# What nobody outside knows of.
BEFORE_PUBLICATION = (DRAFT, VALIDATED, SCHEDULED, DISCARDED)
# What a state is read as once its deadline has passed, whenever the platform takes note.
AFTER_DEADLINE = {PUBLISHED: CLOSED, NEGOTIATING: ROUND_CLOSED}
# The states in which what a round received may be opened.
OPENABLE = (CLOSED, OPENING, ROUND_CLOSED, ROUND_OPENING, ANALYSIS)
# What the buyer may still give up for a reason of general interest, in the order of the procedure.
UNDER_WAY = (
    PUBLISHED,
    SUSPENDED,
    CLOSED,
    OPENING,
    ANALYSIS,
    NEGOTIATING,
    ROUND_CLOSED,
    ROUND_OPENING,
    DECIDED,
    STANDSTILL,
)
# In which a dynamic purchasing system, once its first candidatures are in, takes requests to be admitted.
TAKES_REQUESTS = (CLOSED, OPENING, ANALYSIS, IN_FORCE)

LIFE = Machine(
    "consultation",
    initial=DRAFT,
    states=[
        State(DRAFT, "In preparation", "Nothing is public yet: everything can still be changed.", "wait"),
        State(
            VALIDATED,
            "Validated",
            "The file is complete and approved. Nobody outside knows of it yet.",
            "run",
        ),
        State(SCHEDULED, "Scheduled", "It will be published at the appointed time.", "run"),
        State(
            PUBLISHED,
            "Open",
            "Answers are awaited until the deadline. Criteria and weights no longer change; the deadline may be put off.",
            "run",
        ),
        State(
            SUSPENDED, "Suspended", "The call is interrupted; it resumes with a new deadline, or ends.", "bad"
        ),
        State(
            CLOSED, "Closed", "The deadline has passed. The bids are sealed: nobody has read them.", "wait"
        ),
        State(OPENING, "Being opened", "The named officers open the bids, with minutes.", "run"),
        State(
            ANALYSIS,
            "Under analysis",
            "Candidates are examined and bids evaluated, on the frozen criteria.",
            "run",
        ),
        State(
            NEGOTIATING,
            "Round under way",
            "The candidates invited may submit their bid, equally informed.",
            "run",
        ),
        State(
            ROUND_CLOSED, "Round closed", "The bids of this round are sealed until they are opened.", "wait"
        ),
        State(ROUND_OPENING, "Round being opened", "The bids of this round are opened, with minutes.", "run"),
        State(
            IN_FORCE,
            "In force",
            "Enterprises may ask to be admitted at any time; each purchase puts the admitted ones in competition.",
            "ok",
        ),
        State(DECIDED, "Awarded", "The contract is awarded; nobody has signed yet.", "run"),
        State(
            STANDSTILL,
            "Standstill",
            "The unsuccessful bidders were told and may go to the judge before the signature.",
            "wait",
        ),
        State(SIGNED, "Signed", "The contract is signed. It is not in force before it is notified.", "run"),
        State(
            TRANSMITTED,
            "Transmitted to the State",
            "The contract was sent to the prefecture, as it must be.",
            "wait",
        ),
        State(ACKNOWLEDGED, "Received by the State", "The prefecture acknowledged the contract.", "run"),
        State(NOTIFIED, "Contract notified", "The holder received the contract: it is in force.", "ok"),
        State(AWARD_PUBLISHED, "Award published", "The result is public.", "ok"),
        State(EXECUTION, "Being carried out", "The contract is under way.", "ok"),
        State(ENDED, "Ended", "The contract is finished; its file is kept as long as the law asks.", "none"),
        State(ARCHIVED, "Archived", "The file is in the archives.", "none", final=True),
        State(DISCARDED, "Draft discarded", "Thrown away before it was published.", "none", final=True),
        State(
            WITHDRAWN,
            "Call withdrawn",
            "Published and withdrawn before the deadline, with its reason.",
            "bad",
            final=True,
        ),
        State(
            ABANDONED,
            "Declared without follow-up",
            "Ended for a reason of general interest, told to the candidates.",
            "none",
            final=True,
        ),
        State(UNSUCCESSFUL, "Unsuccessful", "No bid, or none that could be accepted.", "none", final=True),
    ],
    transitions=[
        Transition("prepare", (DRAFT,), DRAFT),
        Transition("validate", (DRAFT,), VALIDATED),
        Transition("reopen", (VALIDATED, SCHEDULED), DRAFT),
        Transition("discard", (DRAFT, VALIDATED), DISCARDED),
        Transition("schedule", (VALIDATED,), SCHEDULED),
        Transition("call_off", (SCHEDULED,), VALIDATED),
        Transition("publish", (VALIDATED, SCHEDULED), PUBLISHED),
        Transition("amend", (PUBLISHED, SUSPENDED), PUBLISHED),
        Transition("suspend", (PUBLISHED,), SUSPENDED),
        Transition("withdraw", (PUBLISHED, SUSPENDED), WITHDRAWN),
        Transition("close", (PUBLISHED,), CLOSED),
        Transition("reopen_call", (CLOSED,), PUBLISHED),
        Transition("begin_opening", (CLOSED,), OPENING),
        Transition("end_opening", (CLOSED, OPENING), ANALYSIS),
        Transition("negotiate", (ANALYSIS,), NEGOTIATING),
        Transition("close_round", (NEGOTIATING,), ROUND_CLOSED),
        Transition("reopen_round", (ROUND_CLOSED,), NEGOTIATING),
        Transition("begin_round_opening", (ROUND_CLOSED,), ROUND_OPENING),
        Transition("end_round_opening", (ROUND_CLOSED, ROUND_OPENING), ANALYSIS),
        Transition("set_up", (ANALYSIS,), IN_FORCE),
        Transition("decide", (ANALYSIS,), DECIDED),
        Transition("reconsider", (DECIDED,), ANALYSIS),
        Transition("tell_losers", (DECIDED,), STANDSTILL),
        Transition("sign", (DECIDED, STANDSTILL), SIGNED),
        Transition("transmit", (SIGNED,), TRANSMITTED),
        Transition("acknowledge", (TRANSMITTED,), ACKNOWLEDGED),
        Transition("notify", (SIGNED, ACKNOWLEDGED), NOTIFIED),
        Transition("publish_award", (NOTIFIED,), AWARD_PUBLISHED),
        Transition("execute", (NOTIFIED, AWARD_PUBLISHED), EXECUTION),
        Transition("end", (EXECUTION, IN_FORCE), ENDED),
        Transition("archive", (ENDED,), ARCHIVED),
        Transition("abandon", UNDER_WAY, ABANDONED),
        Transition(
            "declare_unsuccessful", (CLOSED, OPENING, ANALYSIS, ROUND_CLOSED, ROUND_OPENING), UNSUCCESSFUL
        ),
    ],
)
