"""What became of a notice, as jobs and publishers tell it: judged, taken, published, refused, stopped."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from territoires.contracts import procurement_notices as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict
from territoires.kernel.text import clean

from ..domain.notices import life
from ..domain.notices.judging import WARNING, Judgement
from ..domain.notices.life import NOTICE
from ..domain.notices.svrl import ELSEWHERE
from ..models import Notice
from ..permissions import Procurement
from .notice_life import LONGEST_REASON, about, publish_notice, save_notice, wait_for_notice

VALID, NOT_VALID, UNASKED = "valid", "invalid", "unasked"
"""What the European validation service said of a notice."""
MOST_FINDINGS = 200


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_judgement(
    *,
    actor: Actor,
    notice: Notice,
    document: Any,
    findings: Sequence[Judgement],
    rules: str,
) -> Outcome[Notice]:
    """Keeps the bytes and what the official rules said of them. Raises Conflict when it was judged meanwhile."""
    if notice.state != life.DRAFT or notice.sha256:
        raise Conflict("notice-judged", "This notice was judged meanwhile.", "Nothing to do.")
    notice.content = documents.attach(document, holder=notice.subject)
    notice.sha256 = document.sha256
    notice.findings = [_kept(one) for one in findings[:MOST_FINDINGS]]
    notice.rules = rules
    errors = sum(one.stops for one in findings)
    if not errors:
        notice.state = NOTICE.after(notice.state, "approve")
    save_notice(notice)
    wait_for_notice(notice)
    fact = facts.NoticeJudged(
        **about(notice),
        rules=rules,
        errors=errors,
        warnings=len(findings) - errors,
        content=document.sha256,
    )
    return Outcome(notice, fact)


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_checked(
    *, actor: Actor, notice: Notice, answer: str, findings: Sequence[Judgement], trouble: str = ""
) -> Outcome[Notice]:
    """Keeps what the European validation service said of a notice that is about to leave, in place of its former answer;
    ``trouble`` says why it could not be asked."""
    told = list(findings)
    if answer == UNASKED:
        told = [Judgement("", WARNING, ELSEWHERE, detail=trouble)]
    own = [one for one in notice.findings if one["stage"] != ELSEWHERE]
    notice.findings = [*own, *(_kept(one) for one in told)][:MOST_FINDINGS]
    save_notice(notice)
    errors = sum(one.stops for one in findings)
    fact = facts.NoticeChecked(
        **about(notice),
        answer=answer,
        errors=errors,
        warnings=len(findings) - errors,
        trouble=trouble,
        content=notice.sha256,
    )
    return Outcome(notice, fact)


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_obstacle(*, actor: Actor, notice: Notice, reason: str) -> Outcome[Notice]:
    """Says why a notice cannot be made yet. The agent mends it and has it written anew."""
    if notice.state != life.DRAFT or notice.sha256:
        raise Conflict("notice-judged", "This notice was judged meanwhile.", "Nothing to do.")
    notice.sha256 = "-"
    notice.reason = reason[:LONGEST_REASON]
    save_notice(notice)
    return Outcome(notice, facts.NoticeRejected(**about(notice), reason=notice.reason))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_sent(*, actor: Actor, notice: Notice, sent_at: datetime) -> Outcome[Notice]:
    """The publisher has it."""
    notice.state, notice.sent_at = NOTICE.after(notice.state, "record_sent"), sent_at
    save_notice(notice)
    wait_for_notice(notice)
    return Outcome(notice, facts.NoticeSent(**about(notice), sent_at=sent_at))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_acknowledged(*, actor: Actor, notice: Notice) -> Outcome[Notice]:
    """The publisher accepted it."""
    notice.state, notice.acknowledged_at = NOTICE.after(notice.state, "acknowledge"), actor.now()
    save_notice(notice)
    return Outcome(notice, facts.NoticeAcknowledged(**about(notice)))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_published(*, actor: Actor, notice: Notice, number: str, published_on: date) -> Outcome[Notice]:
    """It is published under a number."""
    return Outcome(notice, publish_notice(notice, number[:40], published_on, by_hand=False))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_rejected(*, actor: Actor, notice: Notice, reason: str) -> Outcome[Notice]:
    """The publisher did not take it, for a reason in its words."""
    notice.state, notice.reason = NOTICE.after(notice.state, "reject"), clean(reason)[:LONGEST_REASON]
    save_notice(notice)
    wait_for_notice(notice)
    return Outcome(notice, facts.NoticeRejected(**about(notice), reason=notice.reason))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_stopped(*, actor: Actor, notice: Notice) -> Outcome[Notice]:
    """The publisher will not publish it."""
    notice.state = NOTICE.after(notice.state, "stop")
    save_notice(notice)
    wait_for_notice(notice)
    return Outcome(notice, facts.NoticeStopped(**about(notice)))


def _kept(one: Judgement) -> dict[str, str]:
    said = dataclasses.asdict(one)
    return said if one.stage == ELSEWHERE else {name: said[name] for name in said if name != "detail"}
