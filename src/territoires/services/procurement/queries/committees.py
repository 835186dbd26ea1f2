"""The committees of a body, their meetings, who is there with a vote."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Missing

from ..domain.committees import CLOSED, NO_QUORUM, Seat
from ..models import (
    Attendance,
    Committee,
    CommitteeDecision,
    CommitteeMeeting,
    CommitteeMember,
    Consultation,
)


def committees_of(organisation: UUID) -> list[Committee]:
    return list(Committee.objects.filter(organisation=organisation).order_by("name"))


def committee_of(actor: Actor, key: UUID) -> Committee:
    """A committee of the acting body. Raises Missing."""
    found = Committee.objects.filter(pk=key, organisation=actor.acting_organisation()).first()
    if found is None:
        raise Missing("no-committee", "There is no such committee here.", "Go back to the list.")
    return found


def members_of(committee: Committee) -> list[CommitteeMember]:
    """Those who sit now: the president, full members, substitutes, advisers."""
    order = ("president", "titular", "substitute", "adviser")
    rows = CommitteeMember.objects.filter(committee=committee, left_at=None)
    return sorted(rows, key=lambda one: (order.index(one.capacity), one.name))


def meetings_of(consultation: Consultation) -> list[CommitteeMeeting]:
    rows = CommitteeMeeting.objects.filter(consultation=consultation)
    return list(rows.select_related("committee", "minutes"))


def meeting_of(consultation: Consultation, key: UUID) -> CommitteeMeeting:
    """Raises Missing."""
    rows = CommitteeMeeting.objects.filter(consultation=consultation, pk=key)
    found = rows.select_related("committee", "minutes", "after").first()
    if found is None:
        raise Missing("no-meeting", "There is no such meeting here.", "Go back to the consultation.")
    return found


def minutes_kept(meeting: CommitteeMeeting) -> Any:
    """The printed minutes of a meeting. Raises Missing while it is not over."""
    if meeting.minutes is None:
        raise Missing("no-minutes", "The meeting is not over: it has no minutes yet.", "End it first.")
    return meeting.minutes


def attendances_of(meeting: CommitteeMeeting) -> list[Attendance]:
    order = ("president", "titular", "substitute", "adviser")
    rows = Attendance.objects.filter(meeting=meeting).select_related("member", "replaces")
    return sorted(rows, key=lambda one: (order.index(one.capacity), one.name))


def seats_of(meeting: CommitteeMeeting) -> list[Seat]:
    """The members of a meeting as the rules of quorum see them."""
    return [
        Seat(
            str(one.pk),
            one.capacity,
            one.is_present,
            str(one.replaces_id) if one.replaces_id else None,
            bool(one.conflict),
        )
        for one in attendances_of(meeting)
    ]


def decisions_of(meeting: CommitteeMeeting) -> list[CommitteeDecision]:
    rows = CommitteeDecision.objects.filter(meeting=meeting)
    return list(rows.select_related("lot", "bid", "bid__candidacy__bidder"))


def lacked_quorum(committee: Committee, consultation: Consultation) -> CommitteeMeeting | None:
    """The last meeting, if it lacked its quorum: the next one is then the second."""
    last = (
        CommitteeMeeting.objects.filter(committee=committee, consultation=consultation)
        .filter(state__in=[NO_QUORUM, CLOSED])
        .order_by("-meets_at")
        .first()
    )
    return last if last is not None and last.state == NO_QUORUM else None
