"""A few acts of the demonstration's village and town, in every state, with real small PDFs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from territoires.contracts.governance import Demonstration
from territoires.foundations.documents import api as documents
from territoires.foundations.printing import api as printing
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from .. import actions
from ..domain.preflight import TOTAL_SIZE
from ..domain.wording import ActWords
from ..models import Act


@dataclass(frozen=True, slots=True)
class Model:
    """One act to invent: ``days_ago`` dates its decision, ``state`` is where it stops."""

    number: str
    nature: str
    matter_code: str
    object: str
    days_ago: int
    state: str


VILLAGE = (
    Model("DEL_2026_038", "1", "7.10", "Tarifs de location de la salle des fêtes pour 2027", 40, "published"),
    Model(
        "DEL_2026_039", "1", "3.5", "Reprise de concessions en état d'abandon au cimetière", 40, "withdrawn"
    ),
    Model("DEL_2026_040", "1", "5.7", "Convention avec le syndicat des eaux", 12, "published"),
    Model("ARR_2026_118", "2", "6.1", "Circulation rue du Lavoir pendant les travaux", 9, "published"),
    Model("ARR_2026_119", "3", "4.1", "Avancement d'échelon d'un agent (exemple)", 8, "notified"),
    Model("CON_2026_004", "4", "1.4", "Contrat d'entretien de la chaudière de l'école", 6, "signed"),
    Model("DEL_2026_041", "1", "7.1", "Budget primitif de l'eau", 5, "signed"),
    Model("DEL_2026_042", "1", "8.1", "Participation à la sortie scolaire du printemps", 5, "draft"),
)
TOWN = (
    Model("DEL2026_112", "1", "7.5", "Subventions aux associations sportives", 20, "published"),
    Model("DEL2026_113", "1", "2.1", "Modification simplifiée du plan local d'urbanisme", 20, "published"),
    Model(
        "ARR2026_301", "2", "6.1", "Marché de Noël : occupation de la place de l'Hôtel de Ville", 4, "signed"
    ),
)
AUTHORS = {"village": ("Paul", "Essai", "Maire"), "town": ("Nadia", "Essai", "Maire")}


def fill(given: Demonstration) -> None:
    """Adds the acts to the demonstration that governance has just put in place."""
    for place, models in (("village", VILLAGE), ("town", TOWN)):
        for model in models:
            _invent(given.actors[f"{place}.secretary"], model, AUTHORS[place])


def _invent(actor: Actor, model: Model, author: tuple[str, str, str]) -> Act:
    today = legal_day(actor.now())
    decided_on = today - timedelta(days=model.days_ago)
    given_names, usual_name, quality = author
    words = ActWords(
        number=model.number,
        nature=model.nature,
        matter_code=model.matter_code,
        object=model.object,
        decided_on=decided_on,
        given_names=given_names,
        usual_name=usual_name,
        quality=quality,
    )
    act = actions.draft_act(actor=actor, words=words)
    act = actions.attach_main(actor=actor, act=act, document=_document(actor, words))
    if model.state == "draft":
        return act
    act = actions.declare_signed(actor=actor, act=act, signed_on=decided_on, original_is_kept=True)
    if model.state == "notified":
        notice = actions.Notice(
            recipient="Dominique Modèle", notified_on=decided_on + timedelta(days=2), means="hand"
        )
        return actions.notify_act(actor=actor, act=act, notice=notice)
    if model.state in ("published", "withdrawn"):
        act = actions.publish_act(actor=actor, act=act)
    if model.state == "withdrawn":
        act = actions.withdraw_act(
            actor=actor, act=act, reason="Le délai d'affichage préalable n'avait pas été respecté (exemple)."
        )
    return act


def _document(actor: Actor, words: ActWords) -> UUID:
    """The text of the act as PDF, as a town hall would print it."""
    text = {
        "title": words.object,
        "recipient": [],
        "place_and_date": f"{words.number}, le {_day(words.decided_on)}",
        "salutation": "Le conseil municipal, réuni en séance publique,",
        "paragraphs": [
            "Vu le code général des collectivités territoriales ;",
            f"Décide : {words.object}.",
            "Document de démonstration, sans effet juridique.",
        ],
        "signatory": f"{words.given_names} {words.usual_name}, {words.quality} (exemple)",
    }
    pdf = printing.render("printing/letter", text, language="fr", issuer="Démonstration")
    assert actor.organisation is not None
    return documents.receive(
        [pdf], name=f"{words.number}.pdf", organisation=actor.organisation, actor=actor, limit=TOTAL_SIZE
    ).pk


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""
