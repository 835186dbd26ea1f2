"""What the worker does for notices and open data: makes and judges bytes, hands the file of a body to the portal."""

from __future__ import annotations

import contextlib
import logging
from datetime import timedelta
from uuid import UUID

from procrastinate.contrib.django import app

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import sentence
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict, TerritoiresError, Unavailable

from ..actions import notice_records, notices, public_record
from ..domain.notices import eforms
from ..models import Notice
from ..queries.notice_data import sheet_of, systems_in_force
from ..queries.notice_rules import judge_on, sdk_on
from ..queries.notices import notice_by_key, to_judge

WORKER = "worker"
LARGEST = 32 * 1024 * 1024
LEFT_ALONE = timedelta(minutes=2)
NEWEST = "1.15"
"""What notices say that they follow while no rules are on the platform."""

log = logging.getLogger(__name__)


@app.task(name=notices.JUDGE, pass_context=False)
def judge_notice(notice: str) -> None:
    """Makes the bytes of a notice and asks the official rules."""
    found = notice_by_key(UUID(notice))
    if found is not None:
        judge(found)


@app.periodic(cron="* * * * *")
@app.task(name="procurement.judge_notices", queueing_lock="procurement.judge_notices", pass_context=False)
def judge_notices(timestamp: int) -> None:
    """Every minute: what a lost job left."""
    for notice in to_judge(system_clock() - LEFT_ALONE):
        try:
            judge(notice)
        except TerritoiresError:
            log.exception("procurement: notice %s could not be judged", notice.pk)


@app.periodic(cron="30 4 * * *")
@app.task(name="procurement.group_results", queueing_lock="procurement.group_results", pass_context=False)
def group_results(timestamp: int) -> None:
    """Every night: the results of the quarters before, for each dynamic purchasing system whose contracts nobody told."""
    for system in systems_in_force():
        actor = system_actor(WORKER, organisation=system.organisation_id)
        try:
            public_record.propose_results_of_system(actor=actor, system=system)
        except TerritoiresError:
            log.exception("procurement: the results of the system %s could not be grouped", system.pk)


def judge(notice: Notice) -> None:
    """The bytes, what the rules say of them, and the gesture that keeps both. Raises nothing that the agent can mend."""
    actor = system_actor(WORKER, organisation=notice.organisation_id)
    at = notice.prepared_at
    try:
        judge, sdk = judge_on(legal_day(at)), sdk_on(legal_day(at)).short
    except Unavailable:
        judge, sdk = None, NEWEST
    with contextlib.suppress(Conflict):
        try:
            content = eforms.build(sheet_of(notice, at, sdk))
            findings = judge.judge(content) if judge else []
        except TerritoiresError as obstacle:
            reason = (
                f"{sentence(obstacle.message, obstacle.params)} {sentence(obstacle.remedy, obstacle.params)}"
            )
            notice_records.record_obstacle(actor=actor, notice=notice, reason=reason)
            return
        document = documents.receive(
            [content],
            name=f"{notice.name}.xml",
            organisation=notice.organisation_id,
            actor=actor,
            limit=LARGEST,
        )
        notice_records.record_judgement(
            actor=actor,
            notice=notice,
            document=document,
            findings=findings,
            rules=judge.version if judge else "",
        )
