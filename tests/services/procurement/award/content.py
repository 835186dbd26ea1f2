"""Consultations after their opening, for the visits of pages: ranked, told, and one whose contract is carried out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from territoires.foundations.actions.api import permissions_of
from territoires.kernel.actor import Actor, Grant
from territoires.kernel.clock import legal_day, system_clock
from territoires.services.procurement.actions import (
    admitting,
    awarding,
    dialogue,
    examining,
    letters,
    meeting,
    negotiating,
    reporting,
)
from territoires.services.procurement.actions.contracts import (
    changing,
    executing,
    notifying,
    preparing,
    subcontracting,
)
from territoires.services.procurement.queries import evaluation as queries
from territoires.services.procurement.queries.committees import attendances_of
from territoires.services.procurement.queries.sheets import criteria_of
from tests.services.procurement.conftest import receive, rows

from .conftest import (
    DEADLINE,
    REASON,
    Case,
    convene,
    make_case,
    make_deposit,
    make_enterprise,
    make_representative,
)

SYSTEM: dict[str, Any] = {
    "procedure": "dynamic",
    "applications_until": DEADLINE,
    "duration_months": 24,
}


def fill(secretary: Actor, body: Any, enterprise: Any) -> dict[str, str]:
    """What stands in addresses: ``consultation ranked``, ``told``, ``carried out``, and what belongs to each."""
    person = enterprise.memberships.order_by("person__usual_name").first().person
    bidder = Actor(
        person=person.pk,
        organisation=enterprise.pk,
        grants={p: Grant(p, "role", "representative") for p in permissions_of("representative")},
        services=frozenset({"procurement"}),
    )

    def case(title: str, **values: Any) -> Case:
        made = make_case(body=body, secretary=secretary, first=bidder, title=title, **values)
        made.at = system_clock()
        rows("t_procurement.Member").create(
            consultation=made.consultation, person_id=secretary.person, role="evaluate"
        )
        return made

    opened = case("Cour d'école ouverte (exemple)")
    found = {"consultation to examine": str(opened.consultation.pk)}
    found |= _ranked(case("Préau classé (exemple)", is_negotiated=True))
    found |= _told(
        case("Chaufferie attribuée (exemple)", procedure="open", main_procurement_category="services")
    )
    found |= _carried_out(case("Clôture exécutée (exemple)"))
    found |= _in_force(case("Petites fournitures (exemple)", **SYSTEM), "in force")
    selecting = case("Halle en deux temps (exemple)", procedure="restricted", applications_until=DEADLINE)
    selecting.examine()
    found["consultation to select"] = str(selecting.consultation.pk)
    found |= _in_dialogue(
        case("Surélévation discutée (exemple)", procedure="dialogue", applications_until=DEADLINE)
    )
    found |= _anonymous(case("Médiathèque en concours (exemple)", procedure="contest", prize=15_000))
    other = make_case(body=body, secretary=secretary, title="Petits travaux (exemple)", **SYSTEM)
    other.at = system_clock()
    found |= _in_force(other, "to enter")
    return found


def _in_force(case: Case, state: str) -> dict[str, str]:
    """A system with its first enterprises, and a request that waits."""
    case.examine()
    admitting.set_up_system(
        actor=case.buyer,
        consultation=case.fresh(),
        in_force_until=legal_day(case.at) + timedelta(days=700),
    )
    first = rows("t_procurement.Admission").get(
        consultation=case.consultation, bidder=case.bidders[0].organisation
    )
    enterprise = make_enterprise("Nouvelle Exemple", 95_000 + rows("t_procurement.Consultation").count())
    newcomer = make_representative(enterprise, with_account=False).at(case.at)
    file = receive(newcomer, b"%PDF-1.4 dc1", "dc1.pdf")
    asked = admitting.ask_admission(
        actor=newcomer, consultation=case.fresh(), lots=[1], text="Notre candidature.", files=[file.pk]
    )
    return {
        f"consultation {state}": str(case.consultation.pk),
        f"admission {state}": str(first.pk),
        f"request {state}": str(asked.pk),
    }


def _anonymous(case: Case) -> dict[str, str]:
    """A contest whose projects are opened and bear no names."""
    rows("t_procurement.NegotiationRound").create(
        consultation=case.consultation,
        round=2,
        information="Remettez votre projet sans aucun nom.",
        deadline_at=case.at - timedelta(days=2),
        invited_at=case.at - timedelta(days=20),
    )
    for number, bidder in enumerate(case.bidders, start=1):
        made = make_deposit(case.consultation, bidder, case.lots, number=number, round=2)
        rows("t_procurement.Deposit").filter(pk=made.pk).update(alias=40 + number, is_anonymous=True)
        rows("t_procurement.Candidacy").create(
            consultation=case.consultation, bidder=made.bidder, deposit=made, state="admitted"
        )
    examining.begin_examination(actor=case.buyer, consultation=case.fresh())
    bid = case.bids()[0]
    return {"consultation anonymous": str(case.consultation.pk), "project": str(bid.pk)}


def _in_dialogue(case: Case) -> dict[str, str]:
    """A competitive dialogue after its first round, with a session noted."""
    case.examine()
    rows("t_procurement.NegotiationRound").create(
        consultation=case.consultation,
        round=2,
        information="Présentez votre solution et ce qu'elle suppose.",
        deadline_at=case.at - timedelta(days=2),
        invited_at=case.at - timedelta(days=20),
    )
    dialogue.note_meeting(
        actor=case.buyer,
        consultation=case.fresh(),
        candidacy=queries.candidacies_of(case.consultation)[0].pk,
        held_on=legal_day(case.at),
        present="Mme Exemple, M. Essai",
        summary="Le candidat propose une charpente en lamellé-collé ; le calendrier reste à préciser.",
    )
    return {"consultation in dialogue": str(case.consultation.pk)}


def _ranked(case: Case) -> dict[str, str]:
    case.examine().note().rank()
    reporting.make_report(actor=case.buyer, consultation=case.consultation)
    candidacy = queries.candidacies_of(case.consultation)[0]
    examining.ask_proofs(
        actor=case.buyer,
        consultation=case.consultation,
        candidacy=candidacy.pk,
        pieces=["tax", "social"],
        until_at=case.at + timedelta(days=6),
    )
    negotiating.prepare_round(
        actor=case.buyer,
        consultation=case.consultation,
        information="Le délai et la reprise des chéneaux.",
        deadline_at=case.at + timedelta(days=12),
    )
    held = convene(case, wait=False)
    now, case.at = case.at, held.meets_at + timedelta(minutes=5)
    meeting.note_presence(
        actor=case.buyer,
        consultation=case.consultation,
        meeting=held.pk,
        present=[one.pk for one in attendances_of(held)],
    )
    case.at = now
    technical = next(one for one in criteria_of(case.consultation) if one.kind == "technical")
    asked = rows("t_procurement.BidderRequest").get(consultation=case.consultation)
    return {
        "consultation ranked": str(case.consultation.pk),
        "lot": str(case.lots[0].pk),
        "candidacy": str(candidacy.pk),
        "examined bid": str(case.bids()[0].pk),
        "criterion": str(technical.pk),
        "committee": str(held.committee_id),
        "meeting": str(held.pk),
        "asked": str(asked.pk),
    }


def _told(case: Case) -> dict[str, str]:
    case.examine().note().rank().award()
    found = {"consultation told": str(case.consultation.pk)}
    case.tell()
    sent = rows("t_procurement.Letter").filter(consultation=case.consultation)
    loser = case.bidders[1]
    letters.ask_reasons(actor=loser.at(case.at), letter=sent.get(bidder=loser.organisation))
    return found | {
        "decision letter": str(sent.get(bidder=case.bidders[0].organisation).pk),
        "losing candidacy": str(sent.get(bidder=loser.organisation).candidacy_id),
        "contract to sign": str(case.contract.pk),
    }


def _carried_out(case: Case) -> dict[str, str]:
    case.examine().note().rank()
    awarding.close_lot(
        actor=case.buyer,
        consultation=case.consultation,
        lot=case.lots[1].pk,
        outcome="abandoned",
        reason=REASON,
    )
    awarding.award_lot(
        actor=case.buyer,
        consultation=case.consultation,
        lot=case.lots[0].pk,
        bid=case.first().pk,
        reason=REASON,
        proofs_are_complete=True,
    )
    found = {"consultation decided": str(case.consultation.pk)}
    case.tell()
    contract = case.contract
    document = receive(case.buyer, b"%PDF-1.4 marche de cloture", "marche.pdf")
    preparing.prepare_contract(actor=case.buyer, contract=contract, document=document.pk)
    preparing.choose_authority(
        actor=case.buyer, contract=contract, declared="DEL 2026 12", declared_on=legal_day(case.at)
    )
    case.sign(contract, "holder")
    case.sign(contract, "buyer")
    notifying.send_to_holder(actor=case.buyer, contract=contract)
    notifying.acknowledge_contract(actor=case.bidders[0].at(case.at), contract=contract)
    executing.begin_execution(actor=case.buyer, contract=contract, started_on=legal_day(case.at))
    changing.conclude_change(
        actor=case.buyer,
        contract=contract,
        ground="low",
        object="Portillon supplémentaire",
        reason=REASON,
        amount=4000,
        signed_on=legal_day(case.at),
    )
    subcontracting.declare_subcontractor(
        actor=case.buyer,
        contract=contract,
        siret="21710438900002",
        name="Ferronnerie Essai",
        services="Pose du portillon",
        amount=5000,
    )
    return found | {"contract carried out": str(contract.pk)}
