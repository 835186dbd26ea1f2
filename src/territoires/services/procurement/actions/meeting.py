"""Committees: their members, the convening, who came, who abstains, what was decided, the minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.notifications import api as notifications
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.text import clean

from ..domain import committees as rules
from ..domain.committees import MEETING
from ..domain.wording import one_line, stated
from ..models import (
    LONGEST_REASON,
    LONGEST_TEXT,
    Attendance,
    Committee,
    CommitteeDecision,
    CommitteeMeeting,
    CommitteeMember,
    Consultation,
)
from ..permissions import Procurement
from ..queries.committees import (
    attendances_of,
    committee_of,
    decisions_of,
    lacked_quorum,
    meeting_of,
    members_of,
    seats_of,
)
from ..queries.evaluation import bid_of, scope_of
from ..queries.law import law_on
from ..queries.minutes import minutes_of
from .examining import require_analysis
from .next_step import wait_for_next_step

LARGEST_MINUTES = 20_000_000
MOST_MEMBERS = 60


@dataclass(frozen=True, slots=True)
class MemberWords:
    """A member as written."""

    name: str
    email: str
    capacity: str
    quality: str = ""


@action(Procurement.KEEP_COMMITTEES)
def set_up_committee(
    *, actor: Actor, name: str, kind: str, instrument: str = "", key: UUID | None = None
) -> Outcome[Committee]:
    """Sets a committee up in the acting body, or renames it. Raises Invalid, Conflict for a name that is taken."""
    said = one_line(name)[:200]
    if not said or kind not in rules.KINDS:
        fault = Fault("name", "committee-name", "A committee has a name and a kind.", "Write its name.")
        raise Invalid("committee-refused", "The committee was not saved.", "Correct it.", faults=[fault])
    body = actor.acting_organisation()
    found = committee_of(actor, key) if key else Committee(organisation_id=body, created_at=actor.now())
    if Committee.objects.filter(organisation=body, name=said).exclude(pk=found.pk).exists():
        raise Conflict("committee-taken", "A committee of your body has this name.", "Give another name.")
    found.name, found.kind, found.instrument = said, kind, one_line(instrument)[:200]
    found.save()
    return Outcome(found, _changed(found))


@action(Procurement.KEEP_COMMITTEES)
def name_members(*, actor: Actor, committee: UUID, members: Sequence[MemberWords]) -> Outcome[Committee]:
    """Says who sits from now on: those who are no longer named leave. Raises Invalid."""
    found = committee_of(actor, committee)
    sound = [
        replace(
            one,
            name=one_line(one.name)[:200],
            email=one.email.strip().lower(),
            quality=one_line(one.quality)[:200],
        )
        for one in members
    ]
    if faults := [*_member_faults(sound)]:
        raise Invalid("members-refused", "The members were not saved.", "Correct them.", faults=faults)
    present = {one.email: one for one in members_of(found)}
    CommitteeMember.objects.filter(committee=found, left_at=None).exclude(
        email__in=[one.email for one in sound]
    ).update(left_at=actor.now())
    # The only president first leaves the chair, so that another may take it.
    CommitteeMember.objects.filter(committee=found, left_at=None, capacity=rules.PRESIDENT).update(
        capacity=rules.ADVISER
    )
    for words in sound:
        member = present.get(words.email) or CommitteeMember(committee=found, email=words.email)
        member.name, member.capacity, member.quality = words.name, words.capacity, words.quality
        member.save()
    return Outcome(found, _changed(found))


@action(Procurement.CONVENE, on="consultation")
def convene(
    *,
    actor: Actor,
    consultation: Consultation,
    committee: UUID,
    meets_at: datetime,
    place: str,
    agenda: str,
    shortened_because: str = "",
) -> Outcome[CommitteeMeeting]:
    """Convenes every member of a committee by mail, substitutes too. Raises Invalid, with the delay that is not kept.

    The delay is that of the pack, which no text sets any more: a shorter one is possible, with its reason.
    """
    require_analysis(consultation)
    found = committee_of(actor, committee)
    members = members_of(found)
    faults = [*_convening_faults(actor, members, meets_at, shortened_because)]
    if faults:
        raise Invalid("meeting-refused", "Nobody was convened.", "Correct it.", faults=faults)
    meeting = CommitteeMeeting.objects.create(
        committee=found,
        consultation=consultation,
        after=lacked_quorum(found, consultation),
        meets_at=meets_at,
        place=one_line(place)[:200],
        agenda=clean(agenda)[:LONGEST_TEXT],
        convened_at=actor.now(),
        remarks=clean(shortened_because)[:LONGEST_TEXT],
    )
    for member in members:
        _convene_one(actor, meeting, member)
    fact = facts.MeetingConvened(
        subject=meeting.subject,
        matter=consultation.pk,
        committee=found.pk,
        committee_kind=found.kind,
        meets_at=meets_at,
        members=len(members),
        after=meeting.after_id,
    )
    return Outcome(meeting, fact)


@action(Procurement.CONVENE, on="consultation")
def declare_conflict(
    *, actor: Actor, consultation: Consultation, meeting: UUID, attendance: UUID, reason: str
) -> Outcome[Attendance]:
    """Records that a member has a conflict of interest: she abstains, and the minutes say it. Raises Conflict once over."""
    found = meeting_of(consultation, meeting)
    if MEETING.states[found.state].final:
        raise Conflict("meeting-over", "The meeting is over.", "Its minutes are kept as they are.")
    place = _place(found, attendance)
    place.conflict, place.conflict_declared_at = stated(reason, limit=LONGEST_REASON), actor.now()
    place.save()
    fact = facts.ConflictDeclared(
        subject=found.subject, matter=consultation.pk, member=place.member_id, reason=place.conflict
    )
    return Outcome(place, fact)


@action(Procurement.CONVENE, on="consultation")
def note_presence(
    *,
    actor: Actor,
    consultation: Consultation,
    meeting: UUID,
    present: Sequence[UUID],
    replacing: Mapping[UUID, UUID] | None = None,
) -> Outcome[CommitteeMeeting]:
    """Notes who came, and whom each substitute replaces. Without quorum the meeting is over: a second one is convened.

    Raises Conflict before the hour of the meeting, or once it is over.
    """
    require_analysis(consultation)
    found = meeting_of(consultation, meeting)
    if actor.now() < found.meets_at:
        raise Conflict(
            "meeting-not-begun",
            "The meeting begins later; nobody is there yet.",
            "Note who came once it has begun.",
        )
    places = attendances_of(found)
    keys = {one.pk for one in places}
    replacing = replacing or {}
    for one in places:
        takes = replacing.get(one.pk)
        one.is_present = one.pk in present
        one.replaces_id = takes if takes in keys and one.capacity == rules.SUBSTITUTE else None
        one.save()
    seats = seats_of(found)
    has_quorum = rules.has_quorum(found.committee.kind, seats, is_second=found.after_id is not None)
    found.state = MEETING.after(found.state, "note_presence" if has_quorum else "note_lack")
    found.held_at = found.held_at or actor.now()
    found.save()
    fact = facts.PresenceNoted(
        subject=found.subject,
        matter=consultation.pk,
        seats=rules.seats(seats),
        voters=len(rules.voters(seats)),
        has_quorum=has_quorum,
    )
    return Outcome(found, fact)


@action(Procurement.CONVENE, on="consultation")
def record_decision(
    *,
    actor: Actor,
    consultation: Consultation,
    meeting: UUID,
    lot: UUID | None,
    outcome: str,
    bid: UUID | None = None,
    votes_for: int,
    votes_against: int = 0,
    abstentions: int = 0,
    reason: str,
) -> Outcome[CommitteeDecision]:
    """Records what the committee decided of a lot. Raises Conflict without quorum, Invalid when the votes do not add up.

    Those who declared a conflict do not vote.
    """
    require_analysis(consultation)
    found = meeting_of(consultation, meeting)
    if found.state != rules.OPEN:
        raise Conflict(
            "no-quorum",
            "The committee is not in session with its quorum: it decides nothing.",
            "Note who came; without quorum, convene a second meeting.",
        )
    scope = scope_of(consultation, lot)
    chosen = bid_of(consultation, bid) if bid else None
    if outcome not in rules.OUTCOMES or (outcome == rules.AWARDED) != (chosen is not None):
        raise Invalid("outcome-unknown", "This decision is not whole.", "Choose the decision and the bid.")
    if chosen is not None and found.committee.kind == rules.CDSP:
        raise Invalid(
            "opinion-alone",
            "The concession committee gives an opinion: the body chooses (CGCT L1411-5).",
            "Record its opinion, and write in it which bid it prefers.",
        )
    if chosen is not None and (chosen.lot_id != lot or chosen.rank is None):
        raise Conflict("bid-not-ranked", "This bid is not ranked for this lot.", "Choose one that is.")
    _require_votes(found, outcome, votes_for, votes_against, abstentions)
    decision, _created = CommitteeDecision.objects.update_or_create(
        meeting=found,
        lot=scope,
        defaults={
            "outcome": outcome,
            "bid": chosen,
            "votes_for": votes_for,
            "votes_against": votes_against,
            "abstentions": abstentions,
            "reason": stated(reason, limit=LONGEST_REASON),
        },
    )
    found.state = MEETING.after(found.state, "decide")
    found.save()
    fact = facts.CommitteeDecided(
        subject=found.subject,
        matter=consultation.pk,
        lot=lot,
        outcome=outcome,
        bid=bid,
        votes_for=votes_for,
        votes_against=votes_against,
        abstentions=abstentions,
        reason=decision.reason,
    )
    return Outcome(decision, fact)


@action(Procurement.CONVENE, on="consultation")
def hold_to_its_end(
    *, actor: Actor, consultation: Consultation, meeting: UUID, remarks: str = ""
) -> Outcome[CommitteeMeeting]:
    """Ends the meeting with its minutes. Raises Conflict when nothing was decided, or when it is over already.

    Printed inside, so that a call sent again prints nothing.
    """
    found = meeting_of(consultation, meeting)
    if found.state != rules.OPEN or not decisions_of(found):
        raise Conflict(
            "nothing-decided",
            "The committee decided nothing yet, or its meeting is not in session.",
            "Record what it decided of each lot first.",
        )
    found.state = MEETING.after(found.state, "close")
    found.remarks = clean(remarks)[:LONGEST_TEXT] or found.remarks
    printed = documents.receive(
        [minutes_of(found, at=actor.now(), language=actor.language)],
        name=f"pv-commission-{legal_day(found.meets_at):%Y-%m-%d}.pdf",
        organisation=consultation.organisation_id,
        actor=replace(actor, idempotency_key=None),
        limit=LARGEST_MINUTES,
    )
    found.minutes = documents.attach(printed, holder=found.subject)
    found.minutes_sha256, found.closed_at = printed.sha256, actor.now()
    found.save()
    wait_for_next_step(consultation, actor)
    fact = facts.MeetingClosed(subject=found.subject, matter=consultation.pk, content=printed.sha256)
    return Outcome(found, fact)


def _member_faults(members: Sequence[MemberWords]) -> Iterator[Fault]:
    if len(members) > MOST_MEMBERS:
        yield Fault("members", "members-many", "A committee has at most 60 members.", "Take some off.")
    if sum(one.capacity == rules.PRESIDENT for one in members) > 1:
        yield Fault("members", "two-presidents", "A committee has one president.", "Choose one.")
    emails = [one.email for one in members]
    for place, one in enumerate(members, start=1):
        try:
            validate_email(one.email)
        except ValidationError:
            yield Fault(f"members.{place}.email", "member-email", "This is no e-mail address.", "Correct it.")
        if not one.name or one.capacity not in rules.CAPACITIES:
            yield Fault(f"members.{place}.name", "member-name", "A member has a name.", "Write it.")
        if emails.count(one.email) > 1:
            yield Fault(
                f"members.{place}.email", "member-twice", "Two members have this address.", "Correct it."
            )


def _convening_faults(
    actor: Actor, members: Sequence[CommitteeMember], meets_at: datetime, reason: str
) -> Iterator[Fault]:
    if not any(one.capacity in rules.SEATS for one in members):
        yield Fault("committee", "committee-empty", "This committee has no member.", "Name its members.")
    today, days = legal_day(actor.now()), int(law_on(legal_day(actor.now())).rules["convening-days"].value)
    first = rules.earliest_meeting(today, days)
    if meets_at <= actor.now():
        yield Fault("meets_on", "meeting-past", "This moment has passed.", "Give one to come.")
    elif legal_day(meets_at) < first and len(clean(reason)) < 10:
        yield Fault(
            "meets_on",
            "meeting-soon",
            "Members are usually convened %(days)d clear days before: not before %(first)s.",
            "Choose a later day, or say why the delay is shorter.",
            {"days": days, "first": first},
        )


def _convene_one(actor: Actor, meeting: CommitteeMeeting, member: CommitteeMember) -> None:
    (told,) = notifications.notify(
        recipients=[notifications.Recipient(member.person_id, member.email)],
        template="procurement/convened",
        context={
            "committee": meeting.committee.name,
            "body": meeting.consultation.organisation.name,
            "title": meeting.consultation.title,
            "reference": meeting.consultation.reference,
            "when": meeting.meets_at.isoformat(),
            "place": meeting.place,
            "agenda": meeting.agenda,
            "is_second": meeting.after_id is not None,
        },
        matter=meeting.consultation_id,
        organisation=meeting.consultation.organisation_id,
        binding=True,
        at=actor.now(),
    )
    Attendance.objects.create(
        meeting=meeting,
        member=member,
        name=member.name,
        quality=member.quality,
        capacity=member.capacity,
        notification=told.pk,
    )


def _place(meeting: CommitteeMeeting, key: UUID) -> Attendance:
    found = next((one for one in attendances_of(meeting) if one.pk == key), None)
    if found is None:
        raise Invalid("no-member", "This member was not convened.", "Choose one in the list.")
    return found


def _require_votes(
    meeting: CommitteeMeeting, outcome: str, votes_for: int, against: int, abstentions: int
) -> None:
    voters = len(rules.may_vote(seats_of(meeting)))
    total = votes_for + against + abstentions
    if min(votes_for, against, abstentions) < 0 or total > voters:
        fault = Fault(
            "votes_for",
            "votes-many",
            "There are %(total)d votes, and %(voters)d members may vote.",
            "Who declared a conflict of interest does not vote.",
            {"total": total, "voters": voters},
        )
        raise Invalid("votes-refused", "The decision was not recorded.", "Correct the votes.", faults=[fault])
    if not votes_for and outcome != rules.OPINION:
        fault = Fault("votes_for", "votes-none", "Nobody voted for it.", "Record what the majority decided.")
        raise Invalid("votes-refused", "The decision was not recorded.", "Correct it.", faults=[fault])
    if votes_for < against:
        fault = Fault(
            "votes_for",
            "votes-against",
            "More members voted against it than for it.",
            "Record what the majority decided.",
        )
        raise Invalid("votes-refused", "The decision was not recorded.", "Correct it.", faults=[fault])


def _changed(committee: Committee) -> facts.CommitteeChanged:
    seats = sum(one.capacity in rules.SEATS for one in members_of(committee))
    return facts.CommitteeChanged(
        subject=committee.subject, committee_kind=committee.kind, seats=seats, name=committee.name
    )
