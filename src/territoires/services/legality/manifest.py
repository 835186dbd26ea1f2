"""What the platform knows of the service."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from territoires.contracts.legality import FACTS
from territoires.contracts.legality_transmission import FACTS as TRANSMISSION
from territoires.foundations.registry.api import (
    BodyDoor,
    Entry,
    HealthCheck,
    Manifest,
    Publication,
    Recognition,
    Tile,
)
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from .channels.ministry import MINISTRY
from .channels.s2low.channel import S2LOW
from .models import Act, known
from .permissions import ROLES, Legality
from .queries import register
from .queries.lists import Filters
from .queries.readiness import classification
from .queries.transmissions import unanswered_alarm
from .subscriptions import CONTRACTS, TRANSMISSIONS
from .web.finding import SOURCES


def recognise(sha256: str) -> Sequence[Recognition]:
    """The acts on line that hold these bytes."""
    return [
        Recognition(
            title=f"{act.number} {act.object}",
            statement=gettext("published by %(body)s") % {"body": act.organisation.name},
            url=_address(act),
            recorded_at=known(act.published_at),
        )
        for act in register.published_with(sha256)
    ]


def latest(actor: Actor, organisation: UUID | None, count: int) -> Sequence[Publication]:
    """The acts put on line last, of one body or of all."""
    natures = classification(legal_day(actor.now())).natures
    language = get_language() or "fr"
    found = register.register_of(actor, organisation, Filters(), size=count).acts
    return [
        Publication(
            title=act.object,
            kind=natures[act.nature].name.in_language(language) if act.nature in natures else act.nature,
            body=act.organisation.name,
            url=_address(act),
            published_at=known(act.published_at),
        )
        for act in found
    ]


def _address(act: Act) -> str:
    return reverse("legality:act", kwargs={"organisation": act.organisation.reference, "act": act.pk})


MANIFEST = Manifest(
    code="legality",
    label=_("Acts"),
    summary=_("Deliberations, arrêtés and contracts, from the draft to the proof of their publication"),
    audiences=["agent", "elected", "citizen"],
    permissions=Legality,
    roles=ROLES,
    tiles=[
        Tile(
            _("Acts and decisions"),
            _("Deliberations and arrêtés, with the proof of their date"),
            "legality:latest",
        )
    ],
    body_doors=[
        BodyDoor(
            _("Acts and decisions"),
            _("The public register, with the proof of each act"),
            "legality:register",
            stays=True,
        )
    ],
    navigation=[
        Entry(_("Acts"), "legality_desk:acts", Legality.READ),
        Entry(_("Sittings"), "legality_desk:sittings", Legality.READ_SITTING),
        Entry(_("To sign"), "legality_desk:signatures", Legality.SIGN_ELECTRONICALLY),
        Entry(_("To be confirmed"), "legality_desk:to-confirm", Legality.SEND),
        Entry(_("Agreements with the State"), "legality_desk:agreements", Legality.CONFIGURE, is_rare=True),
    ],
    gestures=[
        Entry(_("New act"), "legality_desk:new", Legality.DRAFT),
        Entry(_("New sitting"), "legality_desk:new-sitting", Legality.OPEN_SITTING),
    ],
    public_urls="territoires.services.legality.web.public_urls",
    agent_urls="territoires.services.legality.web.agent_urls",
    rest="territoires.services.legality.rest.routes",
    publishes=(*FACTS, *TRANSMISSION),
    packs=["actes-natures", "actes-matters", "actes-piece-types"],
    follows=[TRANSMISSIONS, CONTRACTS],
    channels=[MINISTRY, S2LOW],
    alarms=[HealthCheck("acknowledgements", _("Acknowledgements of acts"), unanswered_alarm)],
    search=SOURCES,
    recognise=recognise,
    latest=latest,
    demonstration="territoires.services.legality.management.demonstration.fill",
)
