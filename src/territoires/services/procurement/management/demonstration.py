"""Consultations of the demonstration's village: one under way with a warning, one validated, one on line."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from os import urandom
from typing import Any
from uuid import uuid4

from territoires.contracts.governance import Demonstration
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, Assurance, system_actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict

from ..actions import amending, answering, filing, holders, preparing, publishing, staffing, validating
from ..domain import timetable
from ..domain.quorum import SUITE
from ..domain.sealing import suites
from ..domain.sealing.slots import PASSPHRASE, RECOVERY, RECOVERY_BYTES, make_slot, phrase_secret
from ..domain.wording import CriterionWords, LotWords
from ..models import Consultation
from ..queries.law import law_on
from ..queries.quorum import time_key_of
from ..queries.rounds import FIRST
from ..queries.sheets import sheet_of
from ..queries.time_vault import time_vault

ROOF: dict[str, Any] = {
    "description": (
        "Exemple de démonstration. Dépose et remplacement de la couverture de l'école, reprise de la charpente, isolation"
        " des combles, pendant les vacances d'été."
    ),
    "estimated_value": Decimal(180000),
    "family": "École : toiture 2027",
    "cpv": "45261200",
    "nuts": "FRC11",
    "procedure": "adapted",
    "is_negotiated": True,
    "duration_months": 4,
    "validity_days": 120,
    "environmental_clause": "Les tuiles déposées sont réemployées ou recyclées; l'entreprise en donne la trace.",
    "contact_email": "mairie@village.example",
    "review_body": "Tribunal administratif de Dijon",
}
ROOF_LOTS = (
    LotWords(title="Charpente et couverture", cpv="45261200", estimated_value=Decimal(135000)),
    LotWords(title="Isolation des combles", cpv="45261200", estimated_value=Decimal(45000)),
)
MEALS: dict[str, Any] = {
    "description": "Exemple de démonstration. Repas de la cantine, quatre jours par semaine, livrés chauds.",
    "estimated_value": Decimal(72000),
    "family": "Restauration scolaire",
    "cpv": "55523100",
    "nuts": "FRC11",
    "procedure": "adapted",
    "duration_months": 12,
    "contact_email": "mairie@village.example",
}
PLAYGROUND: dict[str, Any] = {
    "description": "Exemple de démonstration. Jeux, sols amortissants, clôture et plantations, au cœur du village.",
    "estimated_value": Decimal(64000),
    "family": "Aire de jeux 2027",
    "cpv": "45112723",
    "nuts": "FRC11",
    "procedure": "adapted",
    "duration_months": 3,
    "validity_days": 90,
    "environmental_clause": "Le bois des jeux provient de forêts gérées durablement; l'entreprise en donne la preuve.",
    "contact_email": "mairie@village.example",
    "review_body": "Tribunal administratif de Dijon",
}
PLAYGROUND_LOTS = (
    LotWords(title="Jeux et sols", cpv="45112723", estimated_value=Decimal(48000)),
    LotWords(title="Plantations et clôture", cpv="45112700", estimated_value=Decimal(16000)),
)
# What opens the keys of the demonstration's officers: invented people keep no secret.
PHRASE = "les cloches du village sonnent midi"
CRITERIA = (
    CriterionWords(kind="price", weight=Decimal(50)),
    CriterionWords(kind="technical", name="Mémoire technique", weight=Decimal(30)),
    CriterionWords(kind="environment", weight=Decimal(20)),
)
FILES = (("reglement-de-consultation", "rules"), ("cahier-des-clauses", "contract"))


CUSTODIAN = "Gardien de démonstration"
STOCK = 40


def fill(given: Demonstration) -> None:
    """Adds the consultations to the demonstration that governance has just put in place."""
    stock_custodian()
    secretary = given.actors["village.secretary"]
    roof = _invent(secretary, "Réfection de la toiture de l'école (exemple)", "works", ROOF)
    roof = preparing.write_lots(actor=secretary, consultation=roof, lots=ROOF_LOTS)
    roof = preparing.write_criteria(actor=secretary, consultation=roof, criteria=CRITERIA)
    for name, kind in FILES:
        filing.add_document(actor=secretary, consultation=roof, document=_file(secretary, name), kind=kind)
        roof.refresh_from_db()
    validating.validate_consultation(actor=secretary, consultation=roof)
    publish_playground(given)
    meals = _invent(secretary, "Repas de la cantine scolaire (exemple)", "services", MEALS)
    preparing.write_criteria(actor=secretary, consultation=meals, criteria=CRITERIA)


def publish_playground(given: Demonstration) -> None:
    """A consultation on line: two officers with keys, a document, a question answered, a change that puts the deadline off."""
    secretary = given.actors["village.secretary"]
    made = _invent(secretary, "Aménagement de l'aire de jeux (exemple)", "works", PLAYGROUND)
    made = preparing.write_lots(actor=secretary, consultation=made, lots=PLAYGROUND_LOTS)
    made = preparing.write_criteria(actor=secretary, consultation=made, criteria=CRITERIA)
    for name, kind in FILES:
        filing.add_document(
            actor=secretary, consultation=made, document=_file(secretary, f"aire-{name}"), kind=kind
        )
        made.refresh_from_db()
    made = validating.validate_consultation(actor=secretary, consultation=made)
    _name_officers(made, secretary, given.actors["village.executive"])
    made = publishing.publish_consultation(actor=secretary, consultation=made, shows_value=True)
    asked = answering.ask_question(
        actor=Actor(clock=secretary.clock),
        consultation=made,
        text="Le sol amortissant est-il compris dans le lot 1 ?",
    )
    answering.answer_question(
        actor=secretary,
        consultation=made,
        question=asked.pk,
        public_text=asked.text,
        answer="Oui, fourniture et pose comprises.",
    )
    assert made.tenders_until is not None
    made.refresh_from_db()
    amending.amend_consultation(
        actor=secretary,
        consultation=made,
        summary="Le plan de l'aire est ajouté; la date limite est reportée d'une semaine.",
        reason="Ce plan manquait au dossier; les entreprises ont le temps de s'en servir.",
        values={"tenders_until": made.tenders_until + timedelta(days=7)},
        pieces=[amending.NewPiece(document=_file(secretary, "plan-de-l-aire"), kind="technical")],
    )


def _name_officers(consultation: Consultation, *people: Actor) -> None:
    """The people open the bids: each accepted and tried a key that opens with ``PHRASE``, as anybody may try."""
    for one in people:
        assert one.person is not None
        staffing.join_team(actor=people[0], consultation=consultation, person=one.person, role="open")
    for one in people:
        here = replace(one, assurance=Assurance(2, ("demonstration",), one.now()))
        holder, key = uuid4(), suites.suite(SUITE).generate()
        slot = make_slot(holder, uuid4(), PASSPHRASE, phrase_secret(PHRASE), suites.private_bytes(key))
        paper = make_slot(holder, uuid4(), RECOVERY, urandom(RECOVERY_BYTES), suites.private_bytes(key))
        holders.accept_holder(
            actor=here,
            consultation=consultation,
            round=FIRST,
            holder=holder,
            public_key=suites.suite(SUITE).public_bytes(key),
            slots=[slot.written(), paper.written()],
        )
        tried = sha256(holder.bytes).digest()
        holders.record_trial(
            actor=here, consultation=consultation, round=FIRST, slot=slot.slot, expected=tried, opened=tried
        )
    _keep_time(consultation)
    holders.prepare_quorum(actor=people[0], consultation=consultation, round=FIRST)


def _keep_time(consultation: Consultation) -> None:
    """The time-keeper's part, in its own vault: it releases the key after the deadline, as for any other consultation."""
    asked = time_key_of(consultation)
    assert asked is not None
    vault = time_vault()
    vault.keep(asked.pk, suites.suite(asked.suite).generate())
    with suppress(Conflict):  # a running time-keeper was faster: it keeps the same key
        holders.record_time_key(
            actor=system_actor("timekeeper", organisation=consultation.organisation_id),
            time_key=asked,
            public_key=suites.suite(asked.suite).public_bytes(vault.private(asked.pk, asked.suite)),
            backup=None,
            recovery=None,
        )


def stock_custodian() -> None:
    """An invented custodian's keys, whose private halves nobody keeps: two officers open, the third key never serves."""
    for recovery, count in ((False, STOCK), (True, 1)):
        pairs = [suites.suite(SUITE).generate() for _ in range(count)]
        holders.import_custodian_keys(
            actor=system_actor("demonstration"),
            name=CUSTODIAN,
            suite=SUITE,
            keys=[holders.Offered(uuid4(), suites.suite(SUITE).public_bytes(one)) for one in pairs],
            for_recovery=recovery,
        )


def _invent(actor: Actor, title: str, category: str, words: dict[str, Any]) -> Consultation:
    """A draft with its words and the calendar that is proposed for it, from next week on."""
    started = preparing.start_consultation(actor=actor, title=title, category=category)
    written = preparing.revise_consultation(actor=actor, consultation=started, values=words)
    today = legal_day(actor.now())
    law = law_on(today)
    proposed = timetable.propose(sheet_of(written, today), law, publish_on=today + timedelta(days=7))
    dates = {name: getattr(proposed, name) for name in ("publish_on", "questions_until", "tenders_until")}
    return preparing.revise_consultation(actor=actor, consultation=written, values=dates)


def _file(actor: Actor, name: str) -> Any:
    text = f"{name} (exemple de démonstration)\n".encode()
    found = documents.receive(
        [text], name=f"{name}.txt", organisation=actor.acting_organisation(), actor=actor, limit=100_000
    )
    return found.pk
