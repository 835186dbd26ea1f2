"""Decisions, letters, the standstill, contracts: how far a consultation is on its way to contracts in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Min, QuerySet

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ..domain import life
from ..domain.committees import AWARDED, CAO, CDSP, CLOSED, OPINION, awaited
from ..domain.contract_life import DRAFTED
from ..domain.law import CONCESSION, Law, Procedure
from ..domain.standstill import Standstill, standstill
from ..models import (
    Admission,
    Award,
    AwardOutcome,
    Bid,
    BidderRequest,
    Candidacy,
    CommitteeDecision,
    Consultation,
    Contract,
    ContractChange,
    ContractSignature,
    KnownAct,
    Letter,
    LetterKind,
    Lot,
    ReasonsAsked,
    Subcontract,
    Told,
)
from ..permissions import Procurement
from .addressees import mails_of
from .evaluation import scopes
from .holding import first_holders
from .law import law_on
from .publication import state_at

DECISIONS = (LetterKind.REJECTED_CANDIDACY, LetterKind.REJECTED_BID, LetterKind.CHOSEN)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Decided:
    """A lot (None: the whole) and the decision on it, None while there is none."""

    lot: Lot | None
    award: Award | None
    committee: CommitteeDecision | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves that somebody was told: when a mail server took each mail, when it was first opened here."""

    letter: Letter
    accepted_at: list[Any]
    failed: int

    @property
    def is_sent(self) -> bool:
        return bool(self.accepted_at)


def awards_of(consultation: Consultation) -> list[Award]:
    """The decisions that hold."""
    rows = Award.objects.filter(consultation=consultation, withdrawn_at=None)
    return list(rows.select_related("lot", "supplier", "bid", "bid__candidacy").order_by("lot__number"))


def decided(consultation: Consultation) -> list[Decided]:
    """Every lot with its decision, and what the committee said of it."""
    awards = {one.lot_id: one for one in awards_of(consultation)}
    said = {one.lot_id: one for one in committee_decisions(consultation)}
    return [
        Decided(lot, awards.get(key := lot.pk if lot else None), said.get(key))
        for lot in scopes(consultation)
    ]


def committee_decisions(consultation: Consultation) -> list[CommitteeDecision]:
    """What committees decided of it in meetings that are over, the latest last."""
    rows = CommitteeDecision.objects.filter(meeting__consultation=consultation, meeting__state=CLOSED)
    return list(
        rows.select_related("meeting", "meeting__committee", "lot", "bid").order_by("meeting__held_at")
    )


def procedure_of(consultation: Consultation, day: date) -> Procedure:
    """The procedure as the law of the day knows it."""
    return law_on(day).procedures[consultation.procedure]


def awaited_committee(consultation: Consultation, day: date) -> str | None:
    """The kind of committee whose choice, or whose opinion on a concession, must come before the award."""
    procedure = procedure_of(consultation, day)
    return awaited(
        is_formal=procedure.is_formal and is_above_threshold(consultation, law_on(day)),
        is_concession=procedure.code == CONCESSION,
    )


def is_above_threshold(consultation: Consultation, law: Law) -> bool:
    """Whether the whole reaches the European threshold (CGCT L1414-2 looks at the value, not at the procedure's name,
    but concessions and social services have a threshold of their own)."""
    threshold = law.european_threshold(
        consultation.main_procurement_category,
        consultation.regime,
        is_concession=consultation.procedure == CONCESSION,
        is_social=consultation.is_social_service,
    )
    return consultation.estimated_value is not None and consultation.estimated_value >= threshold.value


def said_by(consultation: Consultation, kind: str | None) -> dict[UUID | None, CommitteeDecision]:
    """What a kind of committee said last of each lot; of a concession, its opinions on the bids alone, none older."""
    found = [one for one in committee_decisions(consultation) if one.meeting.committee.kind == kind]
    if kind == CDSP:
        bids = Bid.objects.filter(consultation=consultation).aggregate(since=Min("deposit__deadline_at"))
        since = bids["since"]
        found = [one for one in found if one.outcome == OPINION and since and one.meeting.meets_at > since]
    return {one.lot_id: one for one in found}


def lots_for_committee(consultation: Consultation, day: date) -> list[UUID | None]:
    """The lots of which the committee that the law wants to hear has said nothing yet; None for the whole."""
    kind = awaited_committee(consultation, day)
    if kind is None:
        return []
    said = said_by(consultation, kind)
    lots = [lot.pk if lot else None for lot in scopes(consultation)]
    return [lot for lot in lots if lot not in said]


def committee_award(consultation: Consultation, lot: UUID | None) -> CommitteeDecision | None:
    """The award that a tender committee decided of a lot, if it did."""
    found = said_by(consultation, CAO).get(lot)
    return found if found is not None and found.outcome == AWARDED else None


def letters_of(consultation: Consultation) -> list[Proof]:
    """The letters with what proves their sending and their first opening."""
    letters = list(
        Letter.objects.filter(consultation=consultation)
        .exclude(kind=LetterKind.INVITATION)
        .select_related("bidder", "document", "opened_by")
    )
    return proofs(letters)


def proofs(letters: list[Letter]) -> list[Proof]:
    told = Told.objects.filter(about__in=[one.pk for one in letters])
    by_letter: dict[UUID, list[UUID]] = {}
    for row in told:
        by_letter.setdefault(row.about, []).append(row.notification)
    mails = mails_of(row.notification for row in told)
    found = []
    for letter in letters:
        own = [mails[key] for key in by_letter.get(letter.pk, ()) if key in mails]
        accepted = sorted(one.accepted_at for one in own if one.accepted_at is not None)
        found.append(Proof(letter, accepted, sum(one.state == "failed" for one in own)))
    return found


def letter_sent(consultation: Consultation, key: UUID) -> Any:
    """The file of a letter as it left. Raises Missing."""
    found = Letter.objects.filter(consultation=consultation, pk=key).select_related("document").first()
    if found is None or found.document is None:
        raise Missing("no-letter", "There is no such letter.", "Go back to the letters.")
    return found.document


def decision_letters(consultation: Consultation) -> list[Letter]:
    """The letters that told of the decision that holds."""
    rows = Letter.objects.filter(consultation=consultation, kind__in=DECISIONS, round=None)
    return list(rows.select_related("bidder"))


def has_untold(consultation: Consultation) -> bool:
    """Whether a candidate that was not chosen has received no letter that says so."""
    told = [*DECISIONS, LetterKind.UNSELECTED, LetterKind.CLOSED]
    letters = Letter.objects.filter(consultation=consultation, kind__in=told)
    chosen = {one.supplier_id for one in awarded(consultation)}
    waiting = Candidacy.objects.filter(consultation=consultation).exclude(bidder__in=chosen)
    return waiting.exclude(bidder__in=letters.values("bidder")).exists()


def public_state_at(consultation: Consultation, at: datetime) -> str:
    """The state that anybody reads: bids stay under analysis until the letters of the decision have left."""
    state = state_at(consultation, at)
    return life.ANALYSIS if state == life.DECIDED and not decision_letters(consultation) else state


def standstill_of(consultation: Consultation, law: Law) -> Standstill | None:
    """What is due before the signature; None while the letters have not left."""
    letters = decision_letters(consultation)
    if not letters:
        return None
    told = set(Told.objects.filter(about__in=[one.pk for one in letters]).values_list("about", flat=True))
    return standstill(
        procedure=law.procedures[consultation.procedure],
        participants=Candidacy.objects.filter(consultation=consultation).count(),
        all_electronic=all(one.pk in told for one in letters),
        sent_on=max(legal_day(one.sent_at) for one in letters),
        law=law,
        is_kept=consultation.keeps_standstill,
    )


def contracts_of(consultation: Consultation) -> list[Contract]:
    rows = Contract.objects.filter(consultation=consultation)
    return list(rows.select_related("holder", "lot", "document", "authority"))


def contract_of(actor: Actor, key: UUID, permission: Procurement = Procurement.CARRY_OUT) -> Contract:
    """A contract on which the actor has the permission. Raises Missing."""
    rows: QuerySet[Contract] = actions.visible(actor, permission)
    found = (
        rows.filter(pk=key)
        .select_related("holder", "lot", "document", "consultation", "organisation", "authority", "award")
        .first()
    )
    if found is None:
        raise Missing("no-contract", "There is no such contract here.", "Search for it in the list.")
    return found


def contract_read(actor: Actor, key: UUID) -> Contract:
    """A contract of a consultation that the actor may read. Raises Missing."""
    consultations: QuerySet[Consultation] = actions.visible(actor, Procurement.READ)
    readable = consultations.values("pk")
    rows = Contract.objects.filter(pk=key, consultation__in=readable)
    found = rows.select_related(
        "holder", "lot", "document", "consultation", "organisation", "authority"
    ).first()
    if found is None:
        raise Missing("no-contract", "There is no such contract here.", "Search for it in the list.")
    return found


def contracts_read(actor: Actor) -> QuerySet[Contract]:
    """The contracts of the acting body that the actor may read, the latest first."""
    consultations: QuerySet[Consultation] = actions.visible(actor, Procurement.READ)
    readable = consultations.values("pk")
    return (
        Contract.objects.filter(consultation__in=readable)
        .select_related("holder", "lot")
        .order_by("-created_at", "number")
    )


def contract_of_act(act: UUID) -> Contract | None:
    """The contract that goes to the State by that act."""
    return Contract.objects.filter(act=act).select_related("consultation").first()


def change_of_act(act: UUID) -> ContractChange | None:
    rows = ContractChange.objects.filter(act=act).select_related("contract", "contract__consultation")
    return rows.first()


def signatures_of(contract: Contract) -> list[ContractSignature]:
    return list(ContractSignature.objects.filter(contract=contract))


def changes_of(contract: Contract) -> list[ContractChange]:
    return list(ContractChange.objects.filter(contract=contract).select_related("document"))


def subcontracts_of(contract: Contract) -> list[Subcontract]:
    return list(Subcontract.objects.filter(contract=contract))


def present_amount(contract: Contract) -> Decimal:
    """What the contract is worth with its changes, euros without VAT."""
    last = ContractChange.objects.filter(contract=contract).order_by("-number").first()
    amount: Decimal = last.new_amount if last else contract.amount
    return amount


def authorities_of(organisation: UUID) -> list[KnownAct]:
    """The acts of a body that are in force and may empower somebody to sign: deliberations and orders, latest first."""
    rows = KnownAct.objects.filter(organisation=organisation, nature__in=["1", "2", "3"], withdrawn_on=None)
    return [one for one in rows.order_by("-decided_on")[:200] if one.is_executory]


def known_act(key: UUID, organisation: UUID) -> KnownAct:
    """Raises Missing."""
    found = KnownAct.objects.filter(pk=key, organisation=organisation).first()
    if found is None:
        raise Missing("no-act", "This act is not known here.", "Choose one in the list.")
    return found


def ranked_first(consultation: Consultation, lot: UUID | None) -> list[Bid]:
    """The bids that come first in the last ranking of a lot; several when they are tied."""
    rows = Bid.objects.filter(consultation=consultation, lot=lot, rank=1)
    return list(rows.select_related("candidacy", "candidacy__bidder", "deposit"))


def awarded(consultation: Consultation) -> list[Award]:
    return [one for one in awards_of(consultation) if one.outcome == AwardOutcome.AWARDED]


def letter_of(actor: Actor, key: UUID) -> Letter:
    """A letter to the acting enterprise. Raises Missing."""
    rows: QuerySet[Letter] = actions.visible(actor, Procurement.READ_LETTER)
    found = (
        rows.filter(pk=key)
        .select_related("consultation", "consultation__organisation", "document", "candidacy")
        .first()
    )
    if found is None:
        raise Missing("no-letter", "There is no such letter here.", "Look in the list of your letters.")
    return found


def request_of(actor: Actor, key: UUID) -> BidderRequest:
    """What the acting enterprise is asked. Raises Missing."""
    rows: QuerySet[BidderRequest] = actions.visible(actor, Procurement.ANSWER_REQUEST)
    found = (
        rows.filter(pk=key).select_related("consultation", "consultation__organisation", "candidacy").first()
    )
    if found is None:
        raise Missing("no-request", "There is no such request here.", "Look in the list of your letters.")
    return found


def held_contract(actor: Actor, key: UUID) -> Contract:
    """A contract that the acting enterprise holds. Raises Missing."""
    return contract_of(actor, key, Procurement.HOLD_CONTRACT)


def their_contract(actor: Actor, key: UUID) -> Contract:
    """A contract that the acting enterprise holds, or held first: ``shown_to`` is what it reads of it. Raises Missing."""
    return contract_of(actor, key, Procurement.READ_HELD_CONTRACT)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an enterprise reads of a contract: whole while it holds it, then as it was with the change that replaced it.

    ``present_amount``: euros without VAT, with the changes shown.
    """

    is_holder: bool
    changes: list[ContractChange]
    subcontracts: list[Subcontract]
    present_amount: Decimal


def shown_to(actor: Actor, contract: Contract) -> Shown:
    """What the acting enterprise reads of a contract that it holds, or held first."""
    is_holder = contract.holder_id == actor.organisation
    changes, subcontracts = changes_of(contract), subcontracts_of(contract)
    if changes and not is_holder:
        changes = _until_replaced(changes, next(iter(first_holders(contract))))
        subcontracts = [one for one in subcontracts if one.recorded_at <= changes[-1].recorded_at]
    amount = changes[-1].new_amount if changes else contract.amount
    return Shown(is_holder, changes, subcontracts, amount)


def _until_replaced(changes: list[ContractChange], siret: str) -> list[ContractChange]:
    for place, one in enumerate(changes, 1):
        if one.sent_to_holder_at and one.new_holder_siret and one.replaced_siret in (siret, ""):
            return changes[:place]
    return changes


@dataclass(frozen=True, slots=True)
class Post:
    """What an enterprise has to read, to answer and to keep, the latest first."""

    requests: list[BidderRequest]
    letters: list[Letter]
    contracts: list[Contract]
    admissions: list[Admission]


def post_of(actor: Actor) -> Post:
    """Everything that buyers sent to the acting enterprise."""
    admissions: QuerySet[Admission] = actions.visible(actor, Procurement.HOLD_ADMISSION)
    return Post(
        list(requests_to(actor)[:PAGE]),
        list(letters_to(actor)[:PAGE]),
        list(contracts_held(actor).order_by("-created_at")[:PAGE]),
        list(admissions.select_related("consultation", "consultation__organisation")[:PAGE]),
    )


def requests_to(actor: Actor) -> QuerySet[BidderRequest]:
    """What buyers ask of the acting enterprise, the latest first."""
    rows: QuerySet[BidderRequest] = actions.visible(actor, Procurement.ANSWER_REQUEST)
    return rows.select_related("consultation", "consultation__organisation")


def letters_to(actor: Actor) -> QuerySet[Letter]:
    """The letters to the acting enterprise, the latest first."""
    rows: QuerySet[Letter] = actions.visible(actor, Procurement.READ_LETTER)
    return rows.select_related("consultation", "consultation__organisation")


def file_of_letter(letter: Letter) -> Any:
    """The letter as a PDF. Raises Missing where only its page has the words."""
    if letter.document is None:
        raise Missing("no-document", "This letter has no file.", "Read it on its page.")
    return letter.document


def contracts_held(actor: Actor) -> QuerySet[Contract]:
    """The contracts that the acting enterprise holds, or held first, once there is something to read."""
    rows: QuerySet[Contract] = actions.visible(actor, Procurement.READ_HELD_CONTRACT)
    shown = rows.exclude(state=DRAFTED, document=None)
    return shown.select_related("lot", "consultation", "consultation__organisation")


def reasons_waiting(consultation: Consultation) -> list[ReasonsAsked]:
    rows = ReasonsAsked.objects.filter(consultation=consultation, answer=None)
    return list(rows.select_related("candidacy", "candidacy__bidder"))


def file_of_contract(contract: Contract, sha256: str) -> Any:
    """A document of a contract by its digest: itself, a piece, a change, a subcontractor's act. Raises Missing."""
    pieces = contract.pieces.select_related("document")
    return _file_of(sha256, [contract, *pieces, *changes_of(contract), *subcontracts_of(contract)])


def file_for_holder(actor: Actor, contract: Contract, sha256: str) -> Any:
    """The same for an enterprise, of what it reads: the pieces are the State's to judge, the analysis of others' bids
    among them."""
    shown = shown_to(actor, contract)
    return _file_of(sha256, [contract, *shown.changes, *shown.subcontracts])


def _file_of(sha256: str, rows: Iterable[Any]) -> Any:
    for one in rows:
        if one.sha256 == sha256 and one.document is not None:
            return one.document
    raise Missing("no-document", "This file is not part of the contract.", "Go back to the contract.")
