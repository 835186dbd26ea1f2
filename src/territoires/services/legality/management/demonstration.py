"""A few acts of the demonstration's village and town, in every state, with real small PDFs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from territoires.contracts.governance import Demonstration
from territoires.foundations.documents import api as documents
from territoires.foundations.printing import api as printing
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day

from ..actions import (
    configuring,
    drafting,
    filing,
    notifying,
    publishing,
    signing,
    sittings,
    withdrawing,
)
from ..domain.files import MAIN
from ..domain.preflight import TOTAL_SIZE
from ..domain.signature import DELIBERATION
from ..domain.sitting import ADOPTED, COUNCIL, Ballot, Name, SittingWords
from ..domain.wording import ActWords
from ..models import Act, ChannelCode, Sitting
from ..queries.configuration import body_at
from ..queries.files import SoundFile, sound_file


@dataclass(frozen=True, slots=True)
class Model:
    """One act to invent: ``days_ago`` dates its decision, ``state`` is where it stops."""

    number: str
    nature: str
    matter_code: str
    object: str
    days_ago: int
    state: str

    @property
    def is_of_the_evening(self) -> bool:
        return self.nature == DELIBERATION and self.days_ago == EVENING


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
EVENING = 5  # days ago
AGREED_ON = date(2026, 1, 5)
COMMUNE = "31"  # of the list authority-natures
AUTHORS = {"village": ("Paul", "Essai", "Maire"), "town": ("Nadia", "Essai", "Maire")}


def fill(given: Demonstration) -> None:
    """Adds the acts to the demonstration that governance has just put in place."""
    for place in ("village", "town"):
        _open_way_to_state(given.actors["operator.operator"], given.organisations[place])
    for place, models in (("village", VILLAGE), ("town", TOWN)):
        secretary = given.actors[f"{place}.secretary"]
        evening = _evening(secretary) if place == "village" else None
        for model in models:
            _invent(secretary, model, AUTHORS[place], evening if model.is_of_the_evening else None)
        if evening is not None:
            _vote(secretary, evening)


def _open_way_to_state(operator: Actor, organisation: UUID) -> None:
    """The agreement with the prefect and the direct channel, to the simulated ministry."""
    body = body_at(organisation)
    agreement = configuring.Agreement(
        office="Préfecture (démonstration)",
        department=f"{body.department:0>3}",
        arrondissement="1",
        nature=COMMUNE,
        signed_on=AGREED_ON,
        from_on=AGREED_ON,
    )
    configuring.record_convention(actor=operator, organisation=body, agreement=agreement)
    way = configuring.Way(
        channel=ChannelCode.MINISTRY,
        from_at=first_instant(AGREED_ON),
        transmitter="TER",
        return_address="actes@plateforme.test",
    )
    configuring.record_route(actor=operator, organisation=body, way=way)


def _evening(secretary: Actor) -> Sitting:
    """The village council of five days ago, whose list of deliberations is still to be published."""
    return sittings.open_sitting(
        actor=secretary,
        words=SittingWords(
            held_on=legal_day(secretary.now()) - timedelta(days=EVENING),
            kind=COUNCIL,
            presiding=Name("Paul", "Essai"),
            quality="Maire",
            secretaries=[Name("Émile", "Modèle")],
            in_office=11,
            present=8,
            represented=2,
        ),
    )


def _vote(secretary: Actor, evening: Sitting) -> None:
    """Everybody agreed, but for one who abstained on the first."""
    acts = list(evening.acts.order_by("number"))
    ballots = {act.pk: Ballot(outcome=ADOPTED, votes_for=10, against=0, abstention=0) for act in acts}
    ballots[acts[0].pk] = Ballot(outcome=ADOPTED, votes_for=9, against=0, abstention=1)
    sittings.capture_votes(actor=secretary, sitting=evening, ballots=ballots)


def _invent(actor: Actor, model: Model, author: tuple[str, str, str], evening: Sitting | None = None) -> Act:
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
    act = drafting.draft_act(actor=actor, words=words, sitting=evening.pk if evening else None)
    act = filing.attach_main(actor=actor, act=act, file=_file(actor, words))
    if model.state == "draft":
        return act
    act = signing.declare_signed(actor=actor, act=act, signed_on=decided_on, original_is_kept=True)
    if model.state == "notified":
        notice = notifying.Notice(
            recipient="Dominique Modèle", notified_on=decided_on + timedelta(days=2), means="hand"
        )
        return notifying.notify_act(actor=actor, act=act, notice=notice)
    if model.state in ("published", "withdrawn"):
        act = publishing.publish_act(actor=actor, act=act)
    if model.state == "withdrawn":
        act = withdrawing.withdraw_act(
            actor=actor, act=act, reason="Le délai d'affichage préalable n'avait pas été respecté (exemple)."
        )
    return act


def _file(actor: Actor, words: ActWords) -> SoundFile:
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
    document = documents.receive(
        [pdf],
        name=f"{words.number}.pdf",
        organisation=actor.acting_organisation(),
        actor=actor,
        limit=TOTAL_SIZE,
    )
    return sound_file(actor, document.pk, MAIN)


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""
