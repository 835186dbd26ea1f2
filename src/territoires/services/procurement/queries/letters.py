"""The letters that tell of the decision: one to each candidate, its words and its PDF made from what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from territoires.foundations.printing import api as printing
from territoires.kernel.clock import legal_day
from territoires.ui.dates import long_date

from ..domain.examination import REJECTED, UNSELECTED
from ..domain.standstill import Standstill, standstill
from ..models import Award, AwardOutcome, Bid, Candidacy, Consultation, Letter, LetterKind
from .addressees import people_of
from .award import awards_of, procedure_of
from .evaluation import bids_of, candidacies_of, points_of
from .law import law_on
from .rounds import FIRST

LANGUAGE = "fr"
"""What a French body writes to an enterprise."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before it leaves: to whom, of which kind, what it says lot by lot, and the words to print."""

    candidacy: Candidacy
    kind: str
    lots: list[dict[str, Any]]
    paragraphs: list[str]

    @property
    def body(self) -> dict[str, Any]:
        return {"lots": self.lots, "paragraphs": self.paragraphs}


def expected_standstill(consultation: Consultation, now: datetime) -> Standstill:
    """What would be due if the letters left now."""
    day = legal_day(now)
    candidates = candidacies_of(consultation)
    return standstill(
        procedure=procedure_of(consultation, day),
        participants=len(candidates),
        all_electronic=all(people_of(one.bidder_id, now) for one in candidates),
        sent_on=day,
        law=law_on(day),
        is_kept=consultation.keeps_standstill,
    )


def drafts_of(consultation: Consultation, now: datetime) -> list[Draft]:
    """A letter for each candidate that still takes part, in the order of the deposits."""
    told = set(
        Letter.objects.filter(consultation=consultation, round=FIRST).values_list("candidacy", flat=True)
    )
    due = expected_standstill(consultation, now)
    awards = {one.lot_id: one for one in awards_of(consultation)}
    bids = bids_of(consultation)
    is_formal = procedure_of(consultation, legal_day(now)).is_formal
    with translation.override(LANGUAGE):
        return [
            _draft(one, [bid for bid in bids if bid.candidacy_id == one.pk], awards, due, is_formal=is_formal)
            for one in candidacies_of(consultation)
            if one.pk not in told
        ]


def refusal_of(candidacy: Candidacy) -> list[str]:
    """What a candidate reads that takes no further part, where candidates are told before the tenders (CCP R2181-1)."""
    with translation.override(LANGUAGE):
        return [
            _refused(candidacy),
            _("You may ask for further reasons: they are given within fifteen days of your request."),
            _(
                "You may go to the administrative court before the contract is signed (pre-contractual referral)."
            ),
        ]


def printed(draft: Draft, consultation: Consultation, now: datetime) -> bytes:
    """The letter as a PDF."""
    body, to = consultation.organisation, draft.candidacy.bidder
    with translation.override(LANGUAGE):
        data = {
            "title": f"{_object(draft.kind)} – {consultation.reference} {consultation.title}",
            "recipient": [to.name, f"SIRET {to.siret or to.siren}"],
            "place_and_date": _("on %(day)s") % {"day": long_date(legal_day(now))},
            "salutation": _("Madam, Sir,"),
            "paragraphs": draft.paragraphs,
            "signatory": body.name,
        }
    return printing.render("printing/letter", data, language=LANGUAGE, issuer=body.name, at=now)


def _object(kind: str) -> str:
    """What the letter is, in its object: whoever files it sees it at once."""
    said = str(LetterKind(kind).label)
    return said[:1].upper() + said[1:]


def _draft(
    candidacy: Candidacy,
    bids: list[Bid],
    awards: dict[Any, Award],
    due: Standstill,
    *,
    is_formal: bool,
) -> Draft:
    if candidacy.state == REJECTED:
        said = [_refused(candidacy), *_ends(due, is_formal=is_formal)]
        return Draft(candidacy, LetterKind.REJECTED_CANDIDACY, [], said)
    lots = [_lot(bid, awards[bid.lot_id], is_formal=is_formal) for bid in bids if bid.lot_id in awards]
    won = [one for one in lots if one["outcome"] == "won"]
    kind = LetterKind.CHOSEN if won else LetterKind.REJECTED_BID
    paragraphs = [line for one in lots for line in one["paragraphs"]]
    lost = len(won) < len(lots)
    return Draft(
        candidacy, kind, lots, [*paragraphs, *_ends(due, is_formal=is_formal, lost=lost, won=bool(won))]
    )


def _refused(candidacy: Candidacy) -> str:
    said = (
        _("Your candidature was not among those selected to submit a bid. Reason: %(reason)s")
        if candidacy.state == UNSELECTED
        else _("Your candidature was not admitted. Reason: %(reason)s")
    )
    return said % {"reason": candidacy.reason}


def _lot(bid: Bid, award: Award, *, is_formal: bool) -> dict[str, Any]:
    named = _("Lot %(lot)s: ") % {"lot": bid.lot} if bid.lot else ""
    if award.bid_id == bid.pk:
        said = [
            named
            + _("your bid was chosen, for %(amount)s euros without VAT. This letter is not the contract.")
            % {"amount": euros(award.amount)}
        ]
        return {"lot": str(bid.lot or ""), "outcome": "won", "paragraphs": said}
    if award.outcome != AwardOutcome.AWARDED:
        ended = (
            _("the procedure is declared unsuccessful.")
            if award.outcome == AwardOutcome.UNSUCCESSFUL
            else _("the procedure is declared without follow-up.")
        )
        said = [f"{named}{ended} " + _("Reason: %(reason)s") % {"reason": award.reason}]
        return {"lot": str(bid.lot or ""), "outcome": "closed", "paragraphs": said}
    said = [named + _why_not(bid)]
    if is_formal:
        said.append(
            _("The contract is awarded to %(name)s, for this reason: %(reason)s")
            % {"name": award.supplier.name if award.supplier else "", "reason": award.reason}
        )
    return {"lot": str(bid.lot or ""), "outcome": "lost", "paragraphs": said}


def _why_not(bid: Bid) -> str:
    if bid.reason:
        return _("your bid was not compared with the others. Reason: %(reason)s") % {"reason": bid.reason}
    if bid.rank is not None and bid.total is not None:
        place = _(
            "your bid was not chosen: it comes in place %(rank)d, with %(total)s points out of 100."
        ) % {
            "rank": bid.rank,
            "total": _points(bid.total),
        }
        notes = " ; ".join(
            _("%(criterion)s: %(points)s out of %(weight)s")
            % {"criterion": one.name, "points": _points(one.points), "weight": _points(one.weight)}
            for one in points_of(bid)
        )
        return f"{place} {notes}." if notes else place
    return _("your bid was not chosen.")


def _points(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


def _ends(due: Standstill, *, is_formal: bool, lost: bool = True, won: bool = False) -> list[str]:
    said = []
    if due.until is not None:
        said.append(
            _(
                "The contract will not be signed before %(day)s: %(days)d days run from the day after this letter"
                " (%(article)s)."
            )
            % {"day": day_text(due.sign_from), "days": due.days, "article": due.article or _("our choice")}
        )
    if won:
        said.append(_("It binds once it is signed and you have received it."))
    if lost:
        said.append(
            _("You may ask for further reasons: they are given within fifteen days of your request.")
            if is_formal
            else _("You may ask why your bid was not chosen: it is told within fifteen days of your request.")
        )
        said.append(
            _(
                "You may go to the administrative court before the contract is signed (pre-contractual referral)."
            )
        )
    return said


def euros(amount: Decimal | None) -> str:
    return f"{amount or 0:,.2f}".replace(",", "\u202f").replace(".", ",")


def day_text(day: date | None) -> str:
    return long_date(day) if day else ""
