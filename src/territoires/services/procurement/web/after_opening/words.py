"""States, steps and proofs as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from territoires.kernel.machine import Machine

from ...actions.next_step import VERBS
from ...domain import next_step as steps
from ...domain.bid_life import BID
from ...domain.committees import MEETING
from ...domain.contract_life import CONTRACT
from ...domain.examination import CANDIDACY
from ...domain.findings import Finding
from ...models import Consultation
from ...queries.wording import filled
from ..words import article_of


@dataclass(frozen=True, slots=True)
class State:
    """A state as a word with its tone, and what it means in law."""

    label: str
    meaning: str
    tone: str


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: the words, where it is done; ``waits``: nobody here has to do anything yet."""

    code: str
    label: str
    address: str
    waits: bool
    count: int


def state_of(machine: Machine, name: str) -> State:
    found = machine.states[name]
    return State(_(found.label), _(found.meaning), found.tone)


def candidacy_state(name: str) -> State:
    return state_of(CANDIDACY, name)


def bid_state(name: str) -> State:
    return state_of(BID, name)


def contract_state(name: str) -> State:
    return state_of(CONTRACT, name)


def meeting_state(name: str) -> State:
    return state_of(MEETING, name)


_PAGES = {
    steps.EXAMINE: "award",
    steps.CANDIDATES: "candidates",
    steps.BIDS: "bids",
    steps.NOTES: "bids",
    steps.RANK: "bids",
    steps.COMMITTEE: "convene",
    steps.DECIDE: "decide",
    steps.SELECT: "rounds",
    steps.INVITE: "rounds",
    steps.ROUND: "rounds",
    steps.LETTERS: "letters",
    steps.STANDSTILL: "letters",
}


def step_shown(consultation: Consultation, step: steps.NextStep | None) -> Step | None:
    """The next step with its page: contracts have theirs on the page of the award."""
    if step is None:
        return None
    name = _PAGES.get(step.code, "award")
    place = {"organisation": consultation.organisation.reference, "consultation": consultation.pk}
    address = reverse(f"procurement_desk:{name}", kwargs=place)
    if name == "award" and step.code != steps.EXAMINE:
        address += "#contracts"
    return Step(step.code, _(VERBS[step.code]), address, step.waits, step.count)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What forbids something, as it is read, with its article."""

    message: str
    remedy: str
    article: str


def finding(found: Finding) -> Refusal:
    return Refusal(
        filled(found.message, found.params), filled(found.remedy, found.params), article_of(found.article)
    )


def request_kind(kind: str) -> str:
    return {
        "candidacy": _("Complete your candidature"),
        "bid": _("Put your bid in order"),
        "price": _("Explain your price"),
        "precision": _("Say more precisely what your bid means"),
        "proofs": _("Give the proofs of the chosen enterprise"),
    }.get(kind, kind)


def letter_title(letter: Any) -> str:
    return {
        "candidacy": _("Your candidature was not admitted"),
        "unselected": _("Your candidature was not selected"),
        "bid": _("Your bid was not chosen"),
        "chosen": _("Your bid was chosen"),
        "closed": _("The procedure ends without contract"),
        "invitation": _("You are invited to submit a bid"),
        "reasons": _("The reasons that you asked for"),
    }.get(str(letter.kind), str(letter.kind))


def manner_worth(manner: str) -> str:
    """What a way of signing is worth."""
    return {
        "hand": _(
            "Signed by hand: the paper is the contract and the body keeps it; the file here is its scan. It is as good"
            " in law as any other."
        ),
        "electronic": _(
            "Signed electronically: the file itself is the contract; its signatures and its time can be verified by"
            " anyone, offline."
        ),
        "mixed": _(
            "One side signed by hand, the other electronically: both are as good in law. The paper and the file are"
            " kept together: neither is the contract alone."
        ),
    }.get(manner, "")
