"""States, steps and proofs as they are read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from territoires.foundations.actions import api as rights
from territoires.kernel.actor import Actor
from territoires.kernel.machine import Machine

from ...actions.examining import VERBS as ASKED_VERBS
from ...actions.next_step import VERBS, address_of, overview_of, permission_of
from ...domain.bid_life import BID
from ...domain.committees import MEETING
from ...domain.contract_life import CONTRACT
from ...domain.examination import CANDIDACY
from ...domain.findings import Finding
from ...domain.law import DIALOGUE
from ...domain.next_step import NextStep
from ...models import Consultation, RequestKind
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


def step_shown(actor: Actor, consultation: Consultation, step: NextStep | None) -> Step | None:
    """The next step with its page; who may not make it is led to where all of it is seen."""
    if step is None:
        return None
    is_mine = rights.may(actor, permission_of(step), consultation)
    address = address_of(consultation, step) if is_mine else overview_of(consultation)
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


@dataclass(frozen=True, slots=True)
class Authority:
    """The act by which the signatory may sign; ``since``: the day that the body declared."""

    number: str
    since: date | None = None


def authority(kept: str) -> Authority:
    """A declared act is kept with its day in one text: "DEL 12 (05/06/2026)"."""
    number, _between, day = kept.rpartition(" (")
    try:
        return Authority(number, date(*time.strptime(day, "%d/%m/%Y)")[:3]))
    except ValueError:
        return Authority(kept)


def request_kind(kind: str) -> str:
    return _(ASKED_VERBS[RequestKind(kind)])


def letter_title(letter: Any) -> str:
    if (
        letter.kind == "invitation"
        and letter.consultation.procedure == DIALOGUE
        and not letter.body["is_final"]
    ):
        return _("You are invited to the dialogue")
    return {
        "dialogue": _("The dialogue is over"),
        "prize": _("Your project and its prize"),
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
