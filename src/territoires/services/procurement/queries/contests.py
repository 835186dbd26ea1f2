"""A contest whose projects are anonymous: what its jury said of them, and which they are."""

from __future__ import annotations

from ..domain.committees import JURY
from ..models import CommitteeDecision, Consultation, Deposit, Lot
from .award import committee_decisions
from .evaluation import bids_of, deposited
from .rounds import current_round


def jury_opinions(consultation: Consultation) -> list[CommitteeDecision]:
    """What a jury said in meetings that are over, once the projects were submitted; the latest last."""
    projects = {bid.deposit.deadline_at for bid in bids_of(consultation)}
    return [
        one
        for one in committee_decisions(consultation)
        if one.meeting.committee.kind == JURY and projects and one.meeting.meets_at > max(projects)
    ]


def lots_for_jury(consultation: Consultation) -> list[Lot | None]:
    """The lots with projects of which the jury has said nothing yet."""
    said = {one.lot_id for one in jury_opinions(consultation)}
    waiting = {bid.lot_id: bid.lot for bid in bids_of(consultation) if bid.lot_id not in said}
    return list(waiting.values())


def projects_of(consultation: Consultation) -> list[Deposit]:
    """The projects that are judged, by number."""
    found = {one.deposit_id: one.deposit for one in deposited(consultation, current_round(consultation))}
    return sorted(found.values(), key=lambda one: one.alias or 0)
