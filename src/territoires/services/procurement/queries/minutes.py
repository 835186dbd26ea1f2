"""The minutes of a committee's meeting, printed: who was there, who abstained, what was decided and by how many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from territoires.foundations.printing import api as printing
from territoires.ui.dates import long_date

from ..domain.committees import AWARDED, LEGAL_QUORUM, UNSUCCESSFUL, seats, voters
from ..models import Attendance, CommitteeDecision, CommitteeMeeting
from .committees import attendances_of, decisions_of, seats_of


def minutes_of(meeting: CommitteeMeeting, *, at: datetime, language: str = "fr") -> bytes:
    """The PDF, in French or English."""
    with translation.override(language):
        data = _data(meeting)
    return printing.render(
        "procurement/minutes_of_committee",
        data,
        language=language,
        issuer=meeting.consultation.organisation.name,
        at=at,
    )


def _data(meeting: CommitteeMeeting) -> dict[str, Any]:
    consultation, found = meeting.consultation, seats_of(meeting)
    places = attendances_of(meeting)
    held = meeting.held_at or meeting.meets_at
    return {
        "title": _("Minutes of the meeting: %(committee)s") % {"committee": meeting.committee.name},
        "facts": [
            {"label": _("Consultation"), "value": f"{consultation.reference} {consultation.title}"},
            {"label": _("Held on"), "value": long_date(held)},
            {"label": _("Place"), "value": meeting.place},
            {"label": _("Convened on"), "value": long_date(meeting.convened_at)},
            {"label": _("Quorum"), "value": _quorum(meeting, len(voters(found)), seats(found))},
        ],
        "present_title": _("Members"),
        "members": [_member(one) for one in places],
        "agenda_title": _("Agenda"),
        "agenda": meeting.agenda,
        "decisions_title": _("Decisions"),
        "decisions": [_decision(one) for one in decisions_of(meeting)],
        "remarks_title": _("Remarks"),
        "remarks": meeting.remarks,
        "signature": _("The president and the members present"),
    }


def _quorum(meeting: CommitteeMeeting, present: int, every: int) -> str:
    said = _("%(present)d of %(every)d seats with a vote") % {"present": present, "every": every}
    if meeting.after_id is not None and meeting.committee.kind in LEGAL_QUORUM:
        return said + " – " + _("second meeting, valid without quorum (CGCT L1411-5)")
    return said


def _member(one: Attendance) -> dict[str, str]:
    state = _("present") if one.is_present else _("absent")
    if one.replaces is not None and one.is_present:
        state = _("present, in place of %(name)s") % {"name": one.replaces.name}
    if one.conflict:
        state += " – " + _("conflict of interest, abstains: %(reason)s") % {"reason": one.conflict}
    return {"name": one.name, "capacity": one.quality or str(one.get_capacity_display()), "state": state}


def _decision(one: CommitteeDecision) -> dict[str, str]:
    if one.outcome == AWARDED and one.bid is not None:
        said = _("awarded to %(name)s") % {"name": one.bid.shown_name}
    elif one.outcome == UNSUCCESSFUL:
        said = _("declared unsuccessful")
    else:
        said = _("opinion given")
    votes = _("%(yes)d for, %(no)d against, %(none)d abstaining") % {
        "yes": one.votes_for,
        "no": one.votes_against,
        "none": one.abstentions,
    }
    return {
        "lot": str(one.lot) if one.lot else _("The whole"),
        "outcome": said,
        "votes": votes,
        "reason": one.reason,
    }
