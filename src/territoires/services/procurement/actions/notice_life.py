"""What every step in the life of a notice does beside its own: its version, its item on the desk, its facts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from territoires.contracts import procurement_notices as facts
from territoires.foundations.worklist import api as worklist
from territoires.kernel.clock import first_instant

from ..domain.notices import life
from ..domain.notices.life import NOTICE
from ..models import Notice
from ..permissions import Procurement

KIND = "notice"
LONGEST_REASON = 1000


def about(notice: Notice) -> dict[str, Any]:
    return {"subject": notice.subject, "matter": notice.consultation_id, "name": notice.name}


def publish_notice(
    notice: Notice, number: str, published_on: date, *, by_hand: bool
) -> facts.NoticePublished:
    notice.state = NOTICE.after(notice.state, "publish")
    notice.publication_number, notice.published_on = number, published_on
    save_notice(notice)
    wait_for_notice(notice)
    return facts.NoticePublished(
        **about(notice),
        subtype=notice.subtype,
        channel=notice.channel,
        number=number,
        published_on=published_on,
        by_hand=by_hand,
    )


def save_notice(notice: Notice) -> None:
    notice.version += 1
    notice.save()


_VERBS = {
    life.DRAFT: gettext_noop("Complete the notice"),
    life.READY: gettext_noop("Send the notice"),
    life.REJECTED: gettext_noop("Mend the refused notice"),
}


def wait_for_notice(notice: Notice) -> None:
    """On the desk while somebody must do something; a result bears its last day."""
    verb = _VERBS.get(notice.state)
    if verb is None:
        worklist.close_items(notice.subject, KIND)
        return
    worklist.open_item(
        organisation=notice.organisation_id,
        subject=notice.subject,
        matter=notice.consultation_id,
        kind=KIND,
        title=notice.consultation.title,
        verb=verb,
        address=reverse(
            "procurement_desk:notice",
            kwargs={
                "organisation": notice.organisation.reference,
                "consultation": notice.consultation_id,
                "notice": notice.pk,
            },
        ),
        permission=Procurement.NOTICE_SEND if notice.state == life.READY else Procurement.NOTICE_PREPARE,
        state_label=NOTICE.states[notice.state].label,
        tone="bad" if notice.state == life.REJECTED else "wait",
        due_at=first_instant(notice.last_on + timedelta(days=1)) if notice.last_on else None,
    )
