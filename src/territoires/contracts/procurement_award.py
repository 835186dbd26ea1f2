"""Facts from the opened bids to the letters of the decision. ``matter`` is the consultation from end to end.

Amounts are euros without VAT; names, reasons and texts are personal values. A bid, a letter, a meeting is the
``subject`` of its own facts. ``lot`` is the id of a lot, None where the consultation is not divided.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class ScoringChosen(Fact):
    """How one criterion will be noted was chosen, before any bid was opened."""

    KIND: ClassVar[str] = "procurement.scoring.chosen"
    criterion: UUID
    method: str
    scale: int | None


@dataclass(frozen=True, kw_only=True)
class FrozenChangeRefused(Fact):
    """Somebody tried to change what publication or opening froze, and was refused; ``what``: criteria or scoring."""

    KIND: ClassVar[str] = "procurement.frozen.refused"
    what: str


@dataclass(frozen=True, kw_only=True)
class ExaminationBegun(Fact):
    """The bids of a round are there to be examined: so many candidates, so many bids."""

    KIND: ClassVar[str] = "procurement.examination.begun"
    round: int
    candidates: int
    bids: int


@dataclass(frozen=True, kw_only=True)
class PiecesNoted(Fact):
    """What was found of each piece of a candidature: codes, in their order, and the state of each."""

    KIND: ClassVar[str] = "procurement.candidacy.noted"
    candidacy: UUID
    kinds: tuple[str, ...]
    states: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CandidacyDecided(Fact):
    """A candidature was admitted, refused, or is examined again."""

    KIND: ClassVar[str] = "procurement.candidacy.decided"
    candidacy: UUID
    bidder: UUID
    state: str
    reason: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class BiddersAsked(Fact):
    """Bidders were asked something, together and until the same instant."""

    KIND: ClassVar[str] = "procurement.bidders.asked"
    batch: UUID
    request_kind: str
    bidders: tuple[UUID, ...]
    until_at: datetime
    text: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class RequestOpened(Fact):
    """Somebody of the enterprise first opened what it was asked."""

    KIND: ClassVar[str] = "procurement.request.opened"
    bidder: UUID


@dataclass(frozen=True, kw_only=True)
class RequestAnswered(Fact):
    """The enterprise answered what it was asked, in time or not; the bytes of its files are named by their order."""

    KIND: ClassVar[str] = "procurement.request.answered"
    bidder: UUID
    in_time: bool
    files: tuple[str, ...] = digest(default=())
    answer: str = personal(default="")

    def digests(self) -> dict[str, str]:
        return {f"answer_{rank}": one for rank, one in enumerate(self.files, start=1)}


@dataclass(frozen=True, kw_only=True)
class BidPriced(Fact):
    """The price that is compared was read off a bid."""

    KIND: ClassVar[str] = "procurement.offer.priced"
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class BidJudged(Fact):
    """A bid was found admissible, or eliminated for a reason, or is examined again."""

    KIND: ClassVar[str] = "procurement.offer.judged"
    state: str
    reason: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class BidScored(Fact):
    """An evaluator gave a note, on a criterion or one ``part`` of it; a corrected one is the next version, the former stays."""

    KIND: ClassVar[str] = "procurement.offer.scored"
    criterion: UUID
    part: UUID | None = None
    evaluator: UUID
    version: int
    value: Decimal
    justification: str = personal()


@dataclass(frozen=True, kw_only=True)
class FinalScoreGiven(Fact):
    """The note of the body for a bid on a criterion, agreed by its evaluators."""

    KIND: ClassVar[str] = "procurement.offer.finally-scored"
    criterion: UUID
    part: UUID | None = None
    version: int
    value: Decimal
    points: Decimal
    justification: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class BidsRanked(Fact):
    """The bids of a lot were put in order, by formula and by final notes: ids, points and ranks in this order."""

    KIND: ClassVar[str] = "procurement.offers.ranked"
    lot: UUID | None
    bids: tuple[UUID, ...]
    totals: tuple[Decimal, ...]
    ranks: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ReportMade(Fact):
    """The report of analysis was printed."""

    KIND: ClassVar[str] = "procurement.report.made"
    number: int
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class RoundPrepared(Fact):
    """A round of negotiation was made ready, or changed before its invitations left."""

    KIND: ClassVar[str] = "procurement.round.prepared"
    round: int
    deadline_at: datetime
    is_final: bool


@dataclass(frozen=True, kw_only=True)
class RoundOpened(Fact):
    """The candidates were invited to a round, all with the same words.

    ``lots``: for who was selected for some of its lots alone, its id and the number of each ("<uuid> 2").
    """

    KIND: ClassVar[str] = "procurement.round.opened"
    round: int
    deadline_at: datetime
    is_final: bool
    bidders: tuple[UUID, ...]
    lots: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RoundClosed(Fact):
    """The deadline of a round passed."""

    KIND: ClassVar[str] = "procurement.round.closed"
    round: int


@dataclass(frozen=True, kw_only=True)
class DialogueMet(Fact):
    """A session of a competitive dialogue was held with one candidate."""

    KIND: ClassVar[str] = "procurement.dialogue.met"
    bidder: UUID
    held_on: date
    content: str = digest(default="")
    summary: str = personal()


@dataclass(frozen=True, kw_only=True)
class DialogueEnded(Fact):
    """The dialogue is over: the candidates that remain are asked for their final tenders."""

    KIND: ClassVar[str] = "procurement.dialogue.ended"
    bidders: tuple[UUID, ...]
    conclusion: str = personal()


@dataclass(frozen=True, kw_only=True)
class AnonymityLifted(Fact):
    """Names were put to the projects of a contest, by number; ``prizes`` in euros without VAT, in the same order."""

    KIND: ClassVar[str] = "procurement.contest.anonymity-lifted"
    meeting: UUID
    aliases: tuple[int, ...]
    bidders: tuple[UUID, ...]
    prizes: tuple[Decimal, ...]
    reason: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class SystemSetUp(Fact):
    """A dynamic purchasing system is in force until that day; ``admitted`` are the enterprises of its first candidatures."""

    KIND: ClassVar[str] = "procurement.system.set-up"
    in_force_until: date
    admitted: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class SystemTermChanged(Fact):
    """It is in force until another day."""

    KIND: ClassVar[str] = "procurement.system.term-changed"
    in_force_until: date
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class SystemEnded(Fact):
    """It takes no more requests, and no contract is called under it any more."""

    KIND: ClassVar[str] = "procurement.system.ended"
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class AdmissionAsked(Fact):
    """An enterprise asks to be admitted, for these categories; the answer is due on that day."""

    KIND: ClassVar[str] = "procurement.admission.asked"
    bidder: UUID
    lots: tuple[int, ...]
    examine_until: date
    files: tuple[str, ...] = digest(default=())

    def digests(self) -> dict[str, str]:
        return {f"file_{rank}": one for rank, one in enumerate(self.files, start=1)}


@dataclass(frozen=True, kw_only=True)
class AdmissionChanged(Fact):
    """It was admitted, refused, its examination prolonged, or it left: ``verb`` says which, ``state`` where it then stands."""

    KIND: ClassVar[str] = "procurement.admission.changed"
    bidder: UUID
    verb: str
    state: str
    reason: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class CalledUnder(Fact):
    """A consultation was begun under a framework agreement or a dynamic purchasing system: of whom it calls."""

    KIND: ClassVar[str] = "procurement.consultation.called-under"
    parent: UUID
    parent_lot: int | None
    invited: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class CommitteeChanged(Fact):
    """A committee was set up, or its members changed."""

    KIND: ClassVar[str] = "procurement.committee.changed"
    committee_kind: str
    seats: int
    name: str = personal()


@dataclass(frozen=True, kw_only=True)
class MeetingConvened(Fact):
    """The members of a committee were convened; ``after``: the meeting that lacked its quorum."""

    KIND: ClassVar[str] = "procurement.meeting.convened"
    committee: UUID
    committee_kind: str
    meets_at: datetime
    members: int
    after: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ConflictDeclared(Fact):
    """A member declared a conflict of interest: she takes no part in the meeting."""

    KIND: ClassVar[str] = "procurement.conflict.declared"
    member: UUID
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class PresenceNoted(Fact):
    """Who came to a meeting was noted; without quorum nothing is decided."""

    KIND: ClassVar[str] = "procurement.meeting.presence-noted"
    seats: int
    voters: int
    has_quorum: bool


@dataclass(frozen=True, kw_only=True)
class CommitteeDecided(Fact):
    """A committee gave its opinion on a lot, or awarded it."""

    KIND: ClassVar[str] = "procurement.meeting.decided"
    lot: UUID | None
    outcome: str
    bid: UUID | None
    votes_for: int
    votes_against: int
    abstentions: int
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class MeetingClosed(Fact):
    """A meeting is over; its minutes are these bytes."""

    KIND: ClassVar[str] = "procurement.meeting.closed"
    content: str = digest(default="")


@dataclass(frozen=True, kw_only=True)
class LotDecided(Fact):
    """A lot was awarded, found unsuccessful, or given up."""

    KIND: ClassVar[str] = "procurement.lot.decided"
    lot: UUID | None
    outcome: str
    bid: UUID | None
    supplier: UUID | None
    amount: Decimal | None
    decided_on: date
    by_committee: bool
    reason: str = personal()
    without_committee: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class LotDecisionWithdrawn(Fact):
    """A decision on a lot was taken back before the contract was signed."""

    KIND: ClassVar[str] = "procurement.lot.decision-withdrawn"
    lot: UUID | None
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ConsultationDecided(Fact):
    """Every lot has its decision: awarded so many, unsuccessful so many, given up so many."""

    KIND: ClassVar[str] = "procurement.consultation.decided"
    state: str
    awarded: int
    unsuccessful: int
    abandoned: int


@dataclass(frozen=True, kw_only=True)
class ConsultationEndedWithout(Fact):
    """The whole procedure ended without contract: ``unsuccessful`` or ``abandoned``, for a reason told to all."""

    KIND: ClassVar[str] = "procurement.consultation.ended-without"
    state: str
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class StandstillChosen(Fact):
    """In a procedure that owes no standstill, the buyer keeps one all the same, or no more."""

    KIND: ClassVar[str] = "procurement.standstill.chosen"
    keeps: bool


@dataclass(frozen=True, kw_only=True)
class LettersSent(Fact):
    """Every candidate was told of the decision, in one gesture. ``sign_from``: the first day of the signature."""

    KIND: ClassVar[str] = "procurement.letters.sent"
    bidders: tuple[UUID, ...]
    electronic: bool
    standstill_days: int
    sign_from: date | None
    letters: tuple[str, ...] = digest(default=())

    def digests(self) -> dict[str, str]:
        return {f"letter_{rank}": one for rank, one in enumerate(self.letters, start=1)}


@dataclass(frozen=True, kw_only=True)
class LetterOpened(Fact):
    """Somebody of the enterprise first opened a letter."""

    KIND: ClassVar[str] = "procurement.letter.opened"
    bidder: UUID
    letter_kind: str


@dataclass(frozen=True, kw_only=True)
class ReasonsRequested(Fact):
    """A candidate asked why it was not chosen: the answer is due within the time of the law."""

    KIND: ClassVar[str] = "procurement.reasons.asked"
    bidder: UUID
    due_on: date


@dataclass(frozen=True, kw_only=True)
class ReasonsGiven(Fact):
    """The reasons were given, with the characteristics of the chosen bid."""

    KIND: ClassVar[str] = "procurement.reasons.given"
    bidder: UUID
    content: str = digest(default="")


FACTS: tuple[type[Fact], ...] = (
    ScoringChosen,
    FrozenChangeRefused,
    ExaminationBegun,
    PiecesNoted,
    CandidacyDecided,
    BiddersAsked,
    RequestOpened,
    RequestAnswered,
    BidPriced,
    BidJudged,
    BidScored,
    FinalScoreGiven,
    BidsRanked,
    ReportMade,
    RoundPrepared,
    RoundOpened,
    RoundClosed,
    DialogueMet,
    DialogueEnded,
    AnonymityLifted,
    SystemSetUp,
    SystemTermChanged,
    SystemEnded,
    AdmissionAsked,
    AdmissionChanged,
    CalledUnder,
    CommitteeChanged,
    MeetingConvened,
    ConflictDeclared,
    PresenceNoted,
    CommitteeDecided,
    MeetingClosed,
    LotDecided,
    LotDecisionWithdrawn,
    ConsultationDecided,
    ConsultationEndedWithout,
    StandstillChosen,
    LettersSent,
    LetterOpened,
    ReasonsRequested,
    ReasonsGiven,
)
