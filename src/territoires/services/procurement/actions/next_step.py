"""The desk: the one item that says what a consultation waits for between its publication and its contracts in force."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..domain import next_step as steps
from ..domain.life import LIFE
from ..models import Consultation
from ..permissions import Procurement
from ..queries.next_step import due_of, step_of

KIND = "next-step"
VERBS = {
    steps.ANSWER: _("Answer the questions"),
    steps.READY: _("Be ready to open the bids"),
    steps.OPEN: _("Open the bids"),
    steps.NO_BID: _("End the procedure: no bid came in time"),
    steps.EARLIER_BIDS: _("Go on with the earlier bids: this round brought none"),
    steps.EXAMINE: _("Begin the examination"),
    steps.CANDIDATES: _("Examine the candidatures"),
    steps.BIDS: _("Examine the bids"),
    steps.NOTES: _("Note the bids"),
    steps.RANK: _("Rank the bids"),
    steps.COMMITTEE: _("Have the tender committee decide"),
    steps.OPINION: _("Have the concession committee give its opinion"),
    steps.DECIDE: _("Decide the award"),
    steps.SELECT: _("Prepare the invitation to tender"),
    steps.JURY: _("Have the jury give its opinion"),
    steps.LIFT: _("Lift the anonymity"),
    steps.DIALOGUE: _("Lead the dialogue, or declare its end"),
    steps.SET_UP: _("Set the system up"),
    steps.REQUESTS: _("Answer the requests to be admitted"),
    steps.SYSTEM: _("Receive requests, call contracts"),
    steps.END_SYSTEM: _("End the system: its time is over"),
    steps.KEYS: _("Have the keys of the round made ready"),
    steps.INVITE: _("Invite the candidates"),
    steps.ROUND: _("Wait for the bids of this round"),
    steps.LETTERS: _("Tell the candidates"),
    steps.STANDSTILL: _("Wait for the end of the standstill"),
    steps.SIGN: _("Have the contract signed"),
    steps.TRANSMIT: _("Transmit to the prefecture"),
    steps.STATE: _("Wait for the prefecture"),
    steps.NOTIFY: _("Notify the contract"),
    steps.RECEIPT: _("Wait for the holder's receipt"),
    steps.BEGIN: _("Begin the execution"),
    steps.CARRY_OUT: _("Follow the execution"),
}
_PAGES = {
    steps.ANSWER: "questions",
    steps.READY: "opening",
    steps.OPEN: "opening",
    steps.NO_BID: "end-without",
    steps.EARLIER_BIDS: "opening",
    steps.CANDIDATES: "candidates",
    steps.BIDS: "bids",
    steps.NOTES: "bids",
    steps.RANK: "bids",
    steps.COMMITTEE: "convene",
    steps.OPINION: "convene",
    steps.DECIDE: "decide",
    steps.SELECT: "rounds",
    steps.JURY: "convene",
    steps.LIFT: "lift-anonymity",
    steps.DIALOGUE: "rounds",
    steps.SET_UP: "system",
    steps.REQUESTS: "system",
    steps.SYSTEM: "system",
    steps.END_SYSTEM: "system",
    steps.KEYS: "rounds",
    steps.INVITE: "rounds",
    steps.ROUND: "rounds",
    steps.LETTERS: "letters",
    steps.STANDSTILL: "letters",
}
_PERMISSIONS = {
    steps.ANSWER: Procurement.ANSWER,
    steps.READY: Procurement.OPENING_CONDUCT,
    steps.OPEN: Procurement.OPENING_CONDUCT,
    steps.NO_BID: Procurement.AWARD,
    steps.EARLIER_BIDS: Procurement.OPENING_CONDUCT,
    steps.COMMITTEE: Procurement.CONVENE,
    steps.OPINION: Procurement.CONVENE,
    steps.DECIDE: Procurement.AWARD,
    steps.SELECT: Procurement.NEGOTIATE,
    steps.JURY: Procurement.CONVENE,
    steps.LIFT: Procurement.AWARD,
    steps.DIALOGUE: Procurement.NEGOTIATE,
    steps.SET_UP: Procurement.AWARD,
    steps.END_SYSTEM: Procurement.AWARD,
    steps.KEYS: Procurement.NEGOTIATE,
    steps.INVITE: Procurement.NEGOTIATE,
    steps.LETTERS: Procurement.AWARD,
    steps.SIGN: Procurement.SIGN_CONTRACT,
    steps.TRANSMIT: Procurement.CARRY_OUT,
    steps.NOTIFY: Procurement.CARRY_OUT,
    steps.BEGIN: Procurement.CARRY_OUT,
}


def overview_of(consultation: Consultation) -> str:
    """The page that shows the whole way from the bids to the contracts."""
    return _address("award", consultation)


def address_of(consultation: Consultation, step: steps.NextStep) -> str:
    """Where the step is made: contracts have theirs on the page of the whole way."""
    if step.code in _PAGES:
        return _address(_PAGES[step.code], consultation)
    return overview_of(consultation) + ("" if step.code == steps.EXAMINE else "#contracts")


def _address(page: str, consultation: Consultation) -> str:
    place = {"organisation": consultation.organisation.reference, "consultation": consultation.pk}
    return reverse(f"procurement_desk:{page}", kwargs=place)


def permission_of(step: steps.NextStep) -> Procurement:
    """What whoever makes the step holds."""
    return _PERMISSIONS.get(step.code, Procurement.ANALYSE)


def wait_for_next_step(consultation: Consultation, actor: Actor) -> None:
    """Puts what comes next on the desk of those who may do it; what only waits is on nobody's."""
    step = step_of(consultation, legal_day(actor.now()))
    if step is not None and step.code == steps.ANSWER:
        step = steps.NextStep(steps.READY)  # each question has an item of its own
    if step is None or step.waits:
        worklist.close_items(consultation.subject, KIND)
        return
    worklist.open_item(
        organisation=consultation.organisation_id,
        subject=consultation.subject,
        matter=consultation.pk,
        kind=KIND,
        title=f"{consultation.reference} {consultation.title}",
        verb=VERBS[step.code],
        address=address_of(consultation, step),
        permission=permission_of(step),
        state_label=LIFE.states[consultation.state].label,
        tone=LIFE.states[consultation.state].tone,
        due_at=due_of(consultation, step),
        at=actor.now(),
    )
