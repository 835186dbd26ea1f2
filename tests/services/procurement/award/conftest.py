"""A consultation whose bids were opened, its candidates, its evaluators, a committee: brought on by their own verbs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from territoires.foundations.actions.api import permissions_of
from territoires.kernel.actor import Actor, Grant
from territoires.kernel.clock import fixed_clock, legal_day
from territoires.services.procurement.actions import (
    awarding,
    examining,
    letters,
    meeting,
    scoring,
)
from territoires.services.procurement.actions.contracts import preparing, signatures
from territoires.services.procurement.actions.meeting import MemberWords
from territoires.services.procurement.domain.examination import Noted
from territoires.services.procurement.models import Bid, Consultation, Contract, KnownAct
from territoires.services.procurement.queries import evaluation as queries
from territoires.services.procurement.queries.sheets import criteria_of, lots_of
from tests.services.procurement.conftest import (
    TITLE,
    make_actor,
    make_body,
    make_consultation,
    make_person,
    receive,
    rows,
)

DEADLINE = datetime(2027, 1, 11, 11, tzinfo=UTC)
OPENED = datetime(2027, 1, 12, 9, tzinfo=UTC)
REASON = "Le mémoire répond point par point au cahier des charges."
_SERIAL = itertools.count(1)
NAMES = ("Travaux Modèle", "Couverture Exemple", "Charpente Essai")


def make_enterprise(name: str, number: int) -> Any:
    siren = f"9999{number:05}"
    return rows("identity.Organisation").create(
        reference=f"{siren}00017", siren=siren, siret=f"{siren}00017", name=name, kind="enterprise"
    )


def make_representative(enterprise: Any, *, at: datetime = OPENED, with_account: bool = True) -> Actor:
    person = make_person(enterprise, "Manon")
    if with_account:
        rows("identity.Account").create(
            email=f"manon.{next(_SERIAL)}@entreprise.example", person=person, is_active=True
        )
    return Actor(
        person=person.pk,
        organisation=enterprise.pk,
        grants={p: Grant(p, "role", "representative") for p in permissions_of("representative")},
        services=frozenset({"procurement"}),
        clock=fixed_clock(at),
    )


def set_state(consultation: Consultation, state: str, **values: Any) -> None:
    """Puts it where other verbs lead to: publication and opening have tests of their own."""
    rows("t_procurement.Consultation").filter(pk=consultation.pk).update(state=state, **values)
    consultation.refresh_from_db()


def make_deposit(
    consultation: Consultation, bidder: Actor, lots: Sequence[Any], *, number: int, round: int = 1
) -> Any:
    draft = rows("t_procurement.BidDraft").create(
        consultation=consultation, round=round, bidder_id=bidder.organisation, started_at=DEADLINE
    )
    deposit = rows("t_procurement.Deposit").create(
        id=uuid4(),
        draft=draft,
        consultation=consultation,
        round=round,
        bidder_id=bidder.organisation,
        person_id=bidder.person,
        manifest=b"{}",
        root=uuid4().hex * 2,
        policy="0" * 64,
        completed_at=DEADLINE - timedelta(hours=number),
        deadline_at=DEADLINE,
        number=number,
        state="sealed",
    )
    for lot in lots or [None]:
        rows("t_procurement.DepositLot").create(deposit=deposit, lot=lot)
    return deposit


@dataclass
class Case:
    """A consultation under analysis and everybody around it. ``at`` is the day on which they act."""

    consultation: Consultation
    secretary: Actor
    evaluators: list[Actor]
    bidders: list[Actor]
    at: datetime = OPENED
    moved: dict[str, Any] = field(default_factory=dict)

    @property
    def buyer(self) -> Actor:
        return self.secretary.at(self.at)

    @property
    def lots(self) -> list[Any]:
        return list(lots_of(self.consultation)) or [None]

    def later(self, **delta: float) -> Case:
        self.at += timedelta(**delta)
        return self

    def fresh(self) -> Consultation:
        self.consultation.refresh_from_db()
        return self.consultation

    def bids(self, lot: Any = ...) -> list[Bid]:
        found = queries.bids_of(self.consultation)
        return found if lot is ... else [one for one in found if one.lot_id == (lot.pk if lot else None)]

    def examine(self) -> Case:
        """Admits every candidate and every bid, at 100 000, 110 000, 120 000..."""
        examining.begin_examination(actor=self.buyer, consultation=self.consultation)
        for candidacy in queries.candidacies_of(self.consultation):
            examining.note_pieces(
                actor=self.buyer,
                consultation=self.consultation,
                candidacy=candidacy.pk,
                pieces=[Noted("letter", "present"), Noted("capacity", "present")],
            )
            examining.decide_candidacy(
                actor=self.buyer, consultation=self.consultation, candidacy=candidacy.pk, verb="admit"
            )
        return self.judge()

    def judge(self) -> Case:
        """Finds every bid of the last round sound, at 100 000, 110 000, 120 000..."""
        places = {bidder.organisation: place for place, bidder in enumerate(self.bidders)}
        last = max((one.round for one in self.bids()), default=1)
        for bid in self.bids():
            if bid.round < last:
                continue
            price = Decimal(100_000 + 10_000 * places[bid.candidacy.bidder_id])
            examining.price_bid(actor=self.buyer, consultation=self.consultation, bid=bid.pk, price=price)
            examining.judge_bid(
                actor=self.buyer, consultation=self.consultation, bid=bid.pk, state="admissible"
            )
        return self

    def note(self, value: int = 4) -> Case:
        """Every evaluator gives the same note everywhere, on which they then agree."""
        for bid in self.bids():
            for criterion in criteria_of(self.consultation):
                if criterion.kind == "price":
                    continue
                given = {"bid": bid.pk, "criterion": criterion.pk, "value": Decimal(value)}
                for evaluator in self.evaluators:
                    scoring.score_bid(
                        actor=evaluator.at(self.at),
                        consultation=self.consultation,
                        justification=REASON,
                        **given,
                    )
                scoring.agree_score(
                    actor=self.buyer, consultation=self.consultation, justification=REASON, **given
                )
        return self

    def rank(self) -> Case:
        for lot in self.lots:
            scoring.rank_bids(actor=self.buyer, consultation=self.consultation, lot=lot.pk if lot else None)
        return self

    def first(self, lot: Any = ...) -> Bid:
        chosen = self.lots[0] if lot is ... else lot
        return next(one for one in self.bids(chosen) if one.rank == 1)

    def award(self) -> Case:
        for lot in self.lots:
            awarding.award_lot(
                actor=self.buyer,
                consultation=self.consultation,
                lot=lot.pk if lot else None,
                bid=self.first(lot).pk,
                reason="Offre économiquement la plus avantageuse.",
                proofs_are_complete=True,
            )
        return self

    def tell(self) -> Case:
        letters.tell_candidates(actor=self.buyer, consultation=self.fresh())
        return self

    @property
    def contract(self) -> Contract:
        found: Contract = rows("t_procurement.Contract").filter(consultation=self.consultation).first()
        return found

    def authority(self, **values: Any) -> KnownAct:
        known: KnownAct = rows("t_procurement.KnownAct").create(
            **{
                "act": uuid4(),
                "organisation": self.consultation.organisation_id,
                "number": "DEL_2027_004",
                "nature": "1",
                "decided_on": date(2027, 1, 5),
                "public_on": date(2027, 1, 6),
                "received_on": date(2027, 1, 6),
            }
            | values
        )
        return known

    def prepare_contract(self, contract: Contract | None = None, content: bytes = b"") -> Contract:
        found = contract or self.contract
        document = receive(self.buyer, content or b"%PDF-1.4 marche " + str(found.pk).encode(), "marche.pdf")
        preparing.prepare_contract(actor=self.buyer, contract=found, document=document.pk)
        return preparing.choose_authority(actor=self.buyer, contract=found, act=self.authority_key())

    def authority_key(self) -> Any:
        known = rows("t_procurement.KnownAct").first()
        return (known or self.authority()).pk

    def sign(self, contract: Contract, side: str, **values: Any) -> Contract:
        signature = signatures.Signature(
            **{
                "side": side,
                "means": "hand",
                "signed_on": legal_day(self.at),
                "name": "Paul Essai" if side == "buyer" else "Manon Modèle",
                "quality": "maire" if side == "buyer" else "gérante",
            }
            | values
        )
        return signatures.record_signature(actor=self.buyer, contract=contract, signature=signature)

    def sign_all(self) -> Case:
        for contract in rows("t_procurement.Contract").filter(consultation=self.consultation):
            self.prepare_contract(contract)
            self.sign(contract, "holder")
            self.sign(contract, "buyer")
        return self

    def contract_after_bids(self) -> Contract:
        """From bids on the first lot alone to its contract, that both sides signed."""
        day = legal_day(self.at) - timedelta(days=30)
        self.authority(decided_on=day, public_on=day, received_on=day)
        self.judge().note()
        first, *others = self.lots
        scoring.rank_bids(actor=self.buyer, consultation=self.consultation, lot=first.pk)
        said: dict[str, Any] = {"actor": self.buyer, "consultation": self.consultation, "reason": REASON}
        awarding.award_lot(lot=first.pk, bid=self.first(first).pk, proofs_are_complete=True, **said)
        for lot in others:
            awarding.close_lot(lot=lot.pk, outcome="unsuccessful", **said)
        self.tell().later(days=20).sign_all()  # after the standstill, where one is due
        return self.contract

    def award_by_committee(self) -> Case:
        """The tender committee meets and decides every lot for the bid that comes first."""
        held = convene(self)
        meeting.note_presence(
            actor=self.buyer,
            consultation=self.consultation,
            meeting=held.pk,
            present=[one.pk for one in held.attendances.all()],
        )
        for lot in self.lots:
            meeting.record_decision(
                actor=self.buyer,
                consultation=self.consultation,
                meeting=held.pk,
                lot=lot.pk if lot else None,
                outcome="awarded",
                bid=self.first(lot).pk,
                votes_for=3,
                reason="Offre économiquement la plus avantageuse.",
            )
        meeting.hold_to_its_end(actor=self.buyer, consultation=self.consultation, meeting=held.pk)
        return self

    def give_opinion(self) -> Case:
        """The concession committee meets and gives its opinion on the bids of every lot."""
        committee = rows("t_procurement.Committee").filter(kind="cdsp").first()
        held = convene(self, committee or make_committee(self, "cdsp"))
        meeting.note_presence(
            actor=self.buyer,
            consultation=self.consultation,
            meeting=held.pk,
            present=[one.pk for one in held.attendances.all()],
        )
        for lot in self.lots:
            meeting.record_decision(
                actor=self.buyer,
                consultation=self.consultation,
                meeting=held.pk,
                lot=lot.pk if lot else None,
                outcome="opinion",
                votes_for=3,
                reason="Avis favorable à la négociation avec tous les soumissionnaires.",
            )
        meeting.hold_to_its_end(actor=self.buyer, consultation=self.consultation, meeting=held.pk)
        return self


def make_committee(case: Case, kind: str = "cao") -> Any:
    made = meeting.set_up_committee(actor=case.buyer, name="Commission d'appel d'offres", kind=kind)
    members = [
        MemberWords("Paul Essai", "paul@village.example", "president", "maire"),
        MemberWords("Jeanne Modèle", "jeanne@village.example", "titular"),
        MemberWords("Ali Exemple", "ali@village.example", "titular"),
        MemberWords("Rose Essai", "rose@village.example", "substitute"),
        MemberWords("Yves Modèle", "yves@village.example", "adviser"),
    ]
    return meeting.name_members(actor=case.buyer, committee=made.pk, members=members)


def convene(case: Case, committee: Any = None, *, wait: bool = True, **values: Any) -> Any:
    """A meeting a week later; the case then stands at its hour."""
    found = committee or rows("t_procurement.Committee").first() or make_committee(case)
    held = meeting.convene(
        actor=case.buyer,
        consultation=case.consultation,
        committee=found.pk,
        **{
            "meets_at": case.at + timedelta(days=7),
            "place": "Salle du conseil",
            "agenda": "Choix des titulaires",
        }
        | values,
    )
    if wait:
        case.later(days=7, minutes=5)
    return held


def make_case(bidders: int = 3, parts: Mapping[str, int] | None = None, **values: Any) -> Case:
    """Opened bids on two lots of an adapted procedure; ``values`` are written on the consultation, a CPV on its lots too.

    ``parts``: those of the technical value, each with its weight.
    """
    secretary = values.pop("secretary", None)
    body = values.pop("body", None) or make_body()
    secretary = secretary or make_actor(body)
    number = next(_SERIAL)
    consultation = make_consultation(secretary, "validated", title=values.pop("title", TITLE))
    technical = next(one for one in criteria_of(consultation) if one.kind == "technical")
    for position, (name, weight) in enumerate((parts or {}).items(), start=1):
        rows("t_procurement.SubCriterion").create(
            criterion=technical, position=position, name=name, weight=weight
        )
    people = [make_actor(body, "agent"), make_actor(body, "elected")]
    for evaluator in people:
        rows("t_procurement.Member").create(
            consultation=consultation, person_id=evaluator.person, role="evaluate"
        )
    first = values.pop("first", None)
    found = [
        make_representative(make_enterprise(name, 100 * number + place))
        for place, name in enumerate((NAMES * 3)[:bidders])
    ]
    if first is not None:
        found[0] = first
    if "cpv" in values:
        rows("t_procurement.Lot").filter(consultation=consultation).update(cpv=values["cpv"])
    lots = list(lots_of(consultation))
    set_state(
        consultation,
        "analysis",
        published_at=DEADLINE - timedelta(days=30),
        publication_version=1,
        tenders_until=DEADLINE,
        **values,
    )
    for place, bidder in enumerate(found, start=1):
        make_deposit(consultation, bidder, lots, number=place)
    return Case(consultation, secretary, people, found)


@pytest.fixture
def case(db: None) -> Case:
    return make_case()


@pytest.fixture
def formal_case(db: None) -> Case:
    """An open call above the European threshold: the tender committee awards, and the standstill is due."""
    return make_case(procedure="open", main_procurement_category="services", estimated_value=Decimal(900_000))


def present(actor: Actor, **fields: Any) -> Actor:
    return replace(actor, **fields)
