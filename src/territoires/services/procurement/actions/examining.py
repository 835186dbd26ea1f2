"""Candidatures and bids are examined: what is there, what is asked, who takes part, which bids are compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.ids import new_id

from ..domain import examination, life
from ..domain.bid_life import ABNORMALLY_LOW, BID, VERB_OF
from ..domain.examination import CANDIDACY, Noted
from ..domain.wording import stated
from ..models import (
    LONGEST_REASON,
    LONGEST_TEXT,
    Bid,
    BidderRequest,
    BidderRequestFile,
    Candidacy,
    CandidacyPiece,
    Consultation,
    LetterKind,
    RequestKind,
)
from ..permissions import Procurement
from ..queries.award import lots_for_committee
from ..queries.evaluation import (
    PROOF_STAGE,
    bid_of,
    candidacies_of,
    candidacy_of,
    deposited,
    piece_kinds,
    pieces_of,
)
from ..queries.files import examined
from ..queries.rounds import FIRST, awaits_tenders, current_round, require_named
from .moving import about
from .next_step import wait_for_next_step
from .telling import tell_enterprise

SHORTEST_HOURS = 24
MOST_FILES = 30
ASKED = "procurement.asked"
VERBS = {
    RequestKind.CANDIDACY: _("Complete your candidature"),
    RequestKind.BID: _("Put your bid in order"),
    RequestKind.PRICE: _("Explain your price"),
    RequestKind.PRECISION: _("Say more precisely what your bid means"),
    RequestKind.PROOFS: _("Give the proofs of the chosen enterprise"),
}
TOLD_OUT = (LetterKind.REJECTED_CANDIDACY, LetterKind.UNSELECTED)


def require_analysis(consultation: Consultation) -> None:
    """Raises Conflict unless the bids are open and nothing is decided yet."""
    if consultation.state != life.ANALYSIS:
        raise Conflict(
            "not-under-analysis",
            "This is done while the bids are under analysis, and they are not.",
            "Look at the page of the consultation: it says what comes next.",
        )


def require_opinions(consultation: Consultation, lots: Collection[UUID | None], day: date) -> None:
    """Raises Conflict while the committee that the law wants to hear of these lots has not said anything: that of a
    concession gives its opinion before any negotiation, and before the award (CGCT L1411-5)."""
    if set(lots) & set(lots_for_committee(consultation, day)):
        raise Conflict(
            "committee-opinion",
            "The concession committee (CDSP) has not given its opinion on the bids of every lot: neither negotiation nor"
            " award comes before it (CGCT L1411-5).",
            "Convene it, record its opinion lot by lot, then close its meeting.",
        )


@action(Procurement.ANALYSE, on="consultation")
def begin_examination(*, actor: Actor, consultation: Consultation) -> Outcome[int]:
    """Puts what was opened in the round on the table; again, it adds what is new and changes nothing. Answers how many.

    Candidates alone, as long as no tender was called for.
    """
    require_analysis(consultation)
    round = current_round(consultation)
    lots = deposited(consultation, round)
    has_tenders = not awaits_tenders(consultation)
    for one in lots:
        candidacy = _candidacy(consultation, one.deposit)
        if not has_tenders:
            continue
        Bid.objects.get_or_create(
            consultation=consultation,
            round=round,
            lot=one.lot,
            candidacy=candidacy,
            defaults={"deposit": one.deposit},
        )
    wait_for_next_step(consultation, actor)
    fact = facts.ExaminationBegun(
        **about(consultation),
        round=round,
        candidates=len({one.deposit.bidder_id for one in lots}),
        bids=len(lots) if has_tenders else 0,
    )
    return Outcome(len(lots), fact)


@action(Procurement.ANALYSE, on="consultation")
def note_pieces(
    *, actor: Actor, consultation: Consultation, candidacy: UUID, pieces: Sequence[Noted]
) -> Outcome[Candidacy]:
    """Writes what was found of each piece of a candidature. Raises Invalid for a piece that is none."""
    require_analysis(consultation)
    found = candidacy_of(consultation, candidacy)
    found.state = CANDIDACY.after(found.state, "note_pieces")
    known = piece_kinds(legal_day(actor.now()))
    if any(one.kind not in known or one.state not in examination.PIECE_STATES for one in pieces):
        raise Invalid("piece-unknown", "A piece or its state is unknown.", "Reload the page.")
    for one in pieces:
        CandidacyPiece.objects.update_or_create(
            candidacy=found, kind=one.kind, defaults={"state": one.state, "note": one.note[:500]}
        )
    fact = facts.PiecesNoted(
        **about(consultation),
        candidacy=found.pk,
        kinds=tuple(one.kind for one in pieces),
        states=tuple(one.state for one in pieces),
    )
    return Outcome(found, fact)


@action(Procurement.ANALYSE, on="consultation")
def decide_candidacy(
    *, actor: Actor, consultation: Consultation, candidacy: UUID, verb: str, reason: str = ""
) -> Outcome[Candidacy]:
    """Admits a candidate, refuses it with a reason, or examines it again. Raises Conflict, Invalid.

    A candidate is admitted once nothing is missing of its pieces; none is refused for a piece that it was never asked for.
    """
    require_analysis(consultation)
    found = candidacy_of(consultation, candidacy)
    _require_untold(found)
    found.state = CANDIDACY.after(found.state, verb)
    pieces = [Noted(one.kind, one.state) for one in pieces_of(found).values()]
    if verb == "admit" and not examination.is_complete(pieces):
        raise Conflict(
            "candidacy-incomplete",
            "Something is missing in this candidature, or its pieces were not noted.",
            "Note its pieces; ask for what is missing, or refuse the candidature with the reason.",
        )
    found.reason = stated(reason, limit=LONGEST_REASON) if verb == "reject" else ""
    found.decided_at, found.decided_by_id = actor.now(), actor.person
    found.save()
    wait_for_next_step(consultation, actor)
    fact = facts.CandidacyDecided(
        **about(consultation),
        candidacy=found.pk,
        bidder=found.bidder_id,
        state=found.state,
        reason=found.reason,
    )
    return Outcome(found, fact)


@action(Procurement.ANALYSE, on="consultation")
def ask_missing_pieces(
    *, actor: Actor, consultation: Consultation, until_at: datetime, text: str
) -> Outcome[int]:
    """Asks every candidate for what its candidature lacks, in one gesture and until the same instant (CCP R2144-2).

    Answers how many were asked. Raises Conflict when nothing is missing anywhere, Invalid for a deadline that is too short.
    """
    require_analysis(consultation)
    lacking = {
        one: examination.lacking([Noted(p.kind, p.state) for p in one.pieces.all()])
        for one in candidacies_of(consultation)
        if one.state == examination.RECEIVED
    }
    wanted = {one: kinds for one, kinds in lacking.items() if kinds}
    if not wanted:
        raise Conflict(
            "nothing-missing",
            "No piece is noted as missing; nobody was asked anything.",
            "Note the pieces of each candidature first.",
        )
    asked = _ask(actor, consultation, RequestKind.CANDIDACY, wanted, until_at, text)
    for candidacy, kinds in wanted.items():
        CandidacyPiece.objects.filter(candidacy=candidacy, kind__in=kinds).update(state=examination.ASKED)
    return asked


@action(Procurement.ANALYSE, on="consultation")
def ask_about_bids(
    *,
    actor: Actor,
    consultation: Consultation,
    kind: str,
    bids: Sequence[UUID],
    until_at: datetime,
    text: str,
) -> Outcome[int]:
    """Asks the authors of some bids to put them in order, to be precise, or to explain their price; the same time for all.

    Raises Invalid, Conflict for a bid that was eliminated.
    """
    require_analysis(consultation)
    require_named(consultation)
    if kind not in (RequestKind.BID, RequestKind.PRICE, RequestKind.PRECISION):
        raise Invalid("request-unknown", "This kind of request is unknown.", "Choose one in the list.")
    found = [bid_of(consultation, key) for key in dict.fromkeys(bids)]
    if not found:
        raise Invalid("no-bid-chosen", "No bid is chosen.", "Choose at least one.")
    for bid in found:
        if kind == RequestKind.PRICE:
            bid.state = BID.after(bid.state, "ask_price")
            bid.save()
        elif BID.states[bid.state].tone == "bad":
            BID.after(bid.state, "admit")
    return _ask(actor, consultation, kind, {bid.candidacy: [] for bid in found}, until_at, text, found)


@action(Procurement.ANALYSE, on="consultation")
def ask_proofs(
    *,
    actor: Actor,
    consultation: Consultation,
    candidacy: UUID,
    pieces: Sequence[str],
    until_at: datetime,
    text: str = "",
) -> Outcome[int]:
    """Asks the presumed winner alone for its proofs (CCP R2144-4). Raises Conflict for anybody else."""
    require_analysis(consultation)
    require_named(consultation)
    found = candidacy_of(consultation, candidacy)
    if not Bid.objects.filter(candidacy=found, rank=1).exists():
        raise Conflict(
            "not-presumed-winner",
            "Proofs are asked only of the candidate whose bid comes first, and this one does not.",
            "Rank the bids first; nobody else has to give proofs.",
        )
    known = piece_kinds(legal_day(actor.now()), PROOF_STAGE)
    chosen = [one for one in pieces if one in known]
    if not chosen:
        raise Invalid("no-proof-chosen", "No proof is chosen.", "Choose what you cannot get by yourself.")
    return _ask(actor, consultation, RequestKind.PROOFS, {found: chosen}, until_at, text)


@action(Procurement.ANALYSE, on="consultation")
def price_bid(*, actor: Actor, consultation: Consultation, bid: UUID, price: Decimal) -> Outcome[Bid]:
    """Writes the price that is compared, euros without VAT. Raises Invalid unless it is more than zero."""
    require_analysis(consultation)
    found = bid_of(consultation, bid)
    if price <= 0:
        fault = Fault("price", "price-not-positive", "A price is more than zero.", "Read it off the bid.")
        raise Invalid("price-refused", "The price was not saved.", "Correct it.", faults=[fault])
    if price != found.price:
        found.state = BID.after(found.state, "price")
        found.price = price
        _unranked(found)
        found.save()
    return Outcome(found, facts.BidPriced(subject=found.subject, matter=consultation.pk, price=price))


@action(Procurement.ANALYSE, on="consultation")
def judge_bid(
    *, actor: Actor, consultation: Consultation, bid: UUID, state: str, reason: str = ""
) -> Outcome[Bid]:
    """Finds a bid admissible, or eliminates it for a reason; ``opened`` examines it again.

    Raises Conflict: a price is rejected as abnormally low only after its explanations were asked, and their time is over
    or they came (CCP L2152-6).
    """
    require_analysis(consultation)
    found = bid_of(consultation, bid)
    verb = VERB_OF.get(state, "examine_again")
    if state == ABNORMALLY_LOW:
        _require_explained(found, actor)
    if verb == "admit" and found.price is None:
        raise Conflict("no-price", "The price of this bid is not written yet.", "Read it off the bid first.")
    found.state = BID.after(found.state, verb)
    found.reason = stated(reason, limit=LONGEST_REASON) if verb not in ("admit", "examine_again") else ""
    found.decided_at = actor.now()
    _unranked(found)
    found.save()
    wait_for_next_step(consultation, actor)
    fact = facts.BidJudged(
        subject=found.subject, matter=consultation.pk, state=found.state, reason=found.reason
    )
    return Outcome(found, fact)


@action(Procurement.ANSWER_REQUEST, on="request")
def open_request(*, actor: Actor, request: BidderRequest) -> Outcome[BidderRequest]:
    """Somebody of the enterprise reads what it is asked: the first time is the proof of its receipt."""
    if request.first_opened_at is None:
        request.first_opened_at, request.opened_by_id = actor.now(), actor.person
        request.save()
    fact = facts.RequestOpened(
        subject=request.subject, matter=request.consultation_id, bidder=request.candidacy.bidder_id
    )
    return Outcome(request, fact)


@action(Procurement.ANSWER_REQUEST, on="request")
def answer_request(
    *, actor: Actor, request: BidderRequest, text: str = "", files: Sequence[UUID] = ()
) -> Outcome[BidderRequest]:
    """Answers what the buyer asked; a late answer is kept, and said to be late. Raises Invalid for an empty one.

    It may be completed until its deadline.
    """
    now = actor.now()
    if request.answered_at is not None and now > request.until_at:
        raise Conflict(
            "request-answered",
            "Your enterprise has answered, and the time to complete the answer is over.",
            "Write to the buyer, if something is wrong.",
        )
    found = [examined(actor, key) for key in files]
    if not text.strip() and not found:
        fault = Fault("answer", "answer-empty", "The answer is empty.", "Write it, or add a file.")
        raise Invalid("answer-refused", "Nothing was sent.", "Correct it.", faults=[fault])
    if request.files.count() + len(found) > MOST_FILES:
        raise Invalid(
            "too-many-files",
            "An answer takes at most %(most)d files.",
            "Put several in one archive.",
            params={"most": MOST_FILES},
        )
    for document in found:
        documents.attach(document, holder=request.subject)
        BidderRequestFile.objects.get_or_create(
            request=request,
            sha256=document.sha256,
            defaults={"document": document, "received_at": now},
        )
    request.answer = text.strip()[:LONGEST_TEXT]
    request.answered_at, request.answered_by_id = now, actor.person
    request.first_opened_at = request.first_opened_at or now
    request.save()
    worklist.close_items(request.subject, ASKED)
    fact = facts.RequestAnswered(
        subject=request.subject,
        matter=request.consultation_id,
        bidder=request.candidacy.bidder_id,
        in_time=now <= request.until_at,
        files=tuple(document.sha256 for document in found),
        answer=request.answer,
    )
    return Outcome(request, fact)


def _require_untold(candidacy: Candidacy) -> None:
    if candidacy.letters.filter(kind__in=TOLD_OUT).exists():
        raise Conflict(
            "candidate-told",
            "This candidate was told that it takes no further part: the decision stands.",
            "Call your legal adviser if it was an error.",
        )


def _candidacy(consultation: Consultation, deposit: Any) -> Candidacy:
    found, _created = Candidacy.objects.get_or_create(
        consultation=consultation, bidder=deposit.bidder, defaults={"deposit": deposit}
    )
    if _created and current_round(consultation) > FIRST:
        raise Conflict(
            "not-invited",
            "A bid of this round comes from somebody who did not take part in the first one.",
            "Call the operator: this must not happen.",
        )
    return found


def _ask(
    actor: Actor,
    consultation: Consultation,
    kind: str,
    wanted: Mapping[Candidacy, Sequence[str]],
    until_at: datetime,
    text: str,
    bids: Sequence[Bid] = (),
) -> Outcome[int]:
    now = actor.now()
    if (until_at - now).total_seconds() < SHORTEST_HOURS * 3600:
        fault = Fault(
            "until_on",
            "delay-too-short",
            "The time to answer is shorter than a day.",
            "Leave the time that the request needs, the same for all.",
        )
        raise Invalid("delay-too-short", "Nobody was asked anything.", "Give more time.", faults=[fault])
    said = stated(text, limit=LONGEST_TEXT) if kind != RequestKind.PROOFS or text.strip() else ""
    batch, of = new_id(), {bid.candidacy_id: bid for bid in bids}
    made = [
        BidderRequest.objects.create(
            consultation=consultation,
            candidacy=candidacy,
            bid=of.get(candidacy.pk),
            batch=batch,
            kind=kind,
            pieces=list(kinds),
            text=said,
            asked_at=now,
            asked_by_id=actor.person,
            until_at=until_at,
        )
        for candidacy, kinds in wanted.items()
    ]
    for request in made:
        _let_answer(actor, consultation, request)
        tell_enterprise(
            actor,
            consultation,
            request.candidacy.bidder,
            about=request.pk,
            template="request",
            page="asked",
            first=request.candidacy.deposit.person_id,
            kind=kind,
            until=until_at.isoformat(),
        )
    fact = facts.BiddersAsked(
        **about(consultation),
        batch=batch,
        request_kind=kind,
        bidders=tuple(one.candidacy.bidder_id for one in made),
        until_at=until_at,
        text=said,
    )
    return Outcome(len(made), fact)


def _let_answer(actor: Actor, consultation: Consultation, request: BidderRequest) -> None:
    """The enterprise finds it on its desk."""
    enterprise = request.candidacy.bidder
    worklist.open_item(
        organisation=enterprise.pk,
        subject=request.subject,
        matter=consultation.pk,
        kind=ASKED,
        title=f"{consultation.reference} {consultation.title}",
        verb=VERBS[RequestKind(request.kind)],
        address=reverse(
            "procurement_desk:their-asked",
            kwargs={"organisation": enterprise.reference, "asked": request.pk},
        ),
        permission=Procurement.ANSWER_REQUEST,
        due_at=request.until_at,
        state_label=_("Request of the buyer"),
        at=actor.now(),
    )


def _require_explained(bid: Bid, actor: Actor) -> None:
    asked = BidderRequest.objects.filter(bid=bid, kind=RequestKind.PRICE)
    over = [one for one in asked if one.answered_at is not None or one.until_at < actor.now()]
    if not over:
        raise Conflict(
            "price-not-explained",
            "A bid is rejected as abnormally low only after its author was asked to explain the price.",
            "Ask for the explanations, and wait for them or for the end of their time.",
        )


def _unranked(bid: Bid) -> None:
    """What was ranked before holds no more: the whole lot is to be ranked again."""
    bid.rank = bid.total = None
    Bid.objects.filter(consultation=bid.consultation_id, lot=bid.lot_id).update(rank=None, total=None)
