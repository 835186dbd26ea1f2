"""What the platform knows of the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from territoires.contracts.procurement import FACTS
from territoires.foundations.registry.api import Entry, Manifest

from .permissions import ROLES, Procurement
from .queries.law import PACKS
from .web.finding import SOURCES

MANIFEST = Manifest(
    code="procurement",
    label=_("Public procurement"),
    summary=_("Consultations of enterprises, from the need to the contract"),
    audiences=["agent", "elected"],
    permissions=Procurement,
    roles=ROLES,
    navigation=[Entry(_("Consultations"), "procurement_desk:consultations", Procurement.READ)],
    gestures=[Entry(_("New consultation"), "procurement_desk:new", Procurement.START)],
    agent_urls="territoires.services.procurement.web.agent_urls",
    rest="territoires.services.procurement.rest",
    publishes=FACTS,
    packs=list(PACKS),
    search=SOURCES,
    demonstration="territoires.services.procurement.management.demonstration.fill",
)
