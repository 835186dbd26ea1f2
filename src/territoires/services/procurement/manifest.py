"""What the platform knows of the service."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from territoires.contracts.procurement import FACTS
from territoires.contracts.procurement_award import FACTS as AWARD
from territoires.contracts.procurement_bids import FACTS as BIDS
from territoires.contracts.procurement_continuity import FACTS as CONTINUITY
from territoires.contracts.procurement_contracts import FACTS as CONTRACTS
from territoires.contracts.procurement_notices import FACTS as TOLD
from territoires.contracts.procurement_opening import FACTS as OPENING
from territoires.contracts.procurement_publication import FACTS as PUBLICATION
from territoires.foundations.registry.api import (
    BodyDoor,
    Entry,
    HealthCheck,
    Lack,
    Link,
    Manifest,
    Publication,
    Tile,
)
from territoires.kernel.actor import Actor

from .channels.boamp import BOAMP
from .channels.open_data import OPEN_DATA_PORTAL
from .channels.ted import TED
from .permissions import ROLES, Procurement
from .queries.availability import availability_alarm
from .queries.drafts import PACK as CLAUSES
from .queries.enterprise import ATTESTATIONS
from .queries.evaluation import SCORING
from .queries.incidents import CONTINUITY as CONTINUITY_PACK
from .queries.law import PACKS
from .queries.listings import latest as latest_listings
from .queries.notice_rules import DECP, EFORMS, rules_alarm
from .queries.opening import custodian_alarm, early_opening_alarm
from .queries.safety_copies import PACK as SAFETY_COPIES_PACK
from .subscriptions import ACTS, DEPARTURES, NOTICES, PUBLIC_RECORD, SIGNATURES
from .web.finding import SOURCES


def latest(actor: Actor, organisation: UUID | None, count: int) -> Sequence[Publication]:
    """The consultations published last, of one body or of all."""
    return [
        Publication(
            title=one.title,
            kind=gettext("Consultation of enterprises"),
            body=one.buyer,
            url=reverse("procurement:consultation", kwargs={"consultation": one.pk}),
            published_at=one.published_at,
        )
        for one in latest_listings(organisation, count)
    ]


MANIFEST = Manifest(
    code="procurement",
    label=_("Public procurement"),
    summary=_("Consultations of enterprises, from the need to the contract"),
    audiences=["agent", "elected", "enterprise"],
    on_for=["enterprise", "association"],
    permissions=Procurement,
    roles=ROLES,
    tiles=[
        Tile(
            _("Public procurement"),
            _("What public bodies buy: read, take the documents, answer"),
            "procurement:search",
        )
    ],
    body_doors=[
        BodyDoor(
            _("Public procurement"),
            _("What this body buys, and until when"),
            "procurement:of-body",
            stays=True,
        )
    ],
    footer=[Link(_("Availability of the deposit of bids"), "procurement:availability")],
    navigation=[
        Entry(_("Consultations"), "procurement_desk:consultations", Procurement.READ),
        Entry(_("Contracts"), "procurement_desk:contracts", Procurement.READ),
        Entry(_("Committees"), "procurement_desk:committees", Procurement.KEEP_COMMITTEES, is_rare=True),
        Entry(_("Letters and contracts"), "procurement_desk:post", Procurement.READ_LETTER),
        Entry(
            _("Our bids"),
            "procurement_desk:our-bids",
            Procurement.BID_READ,
            beside=("procurement_desk:enterprise-sheet", "procurement_desk:safe"),
        ),
        Entry(_("Opening officer"), "procurement_desk:officer", Procurement.OPENING_HOLD, is_rare=True),
        Entry(_("Deposits: support"), "procurement_desk:deposit-support", Procurement.DEPOSIT_SUPPORT),
        Entry(_("Essential data"), "procurement_desk:open-data", Procurement.OPEN_DATA_WRITE, is_rare=True),
        Entry(_("Interruptions"), "procurement_desk:incidents", Procurement.READ_INCIDENTS, is_rare=True),
        Entry(_("Kept files"), "procurement_desk:packages", Procurement.READ_PACKAGES, is_rare=True),
        Entry(_("Switch"), "procurement_desk:imports", Procurement.BRING, is_rare=True),
    ],
    gestures=[Entry(_("New consultation"), "procurement_desk:new", Procurement.START)],
    public_urls="territoires.services.procurement.web.public_urls",
    agent_urls="territoires.services.procurement.web.agent_urls",
    rest="territoires.services.procurement.rest.routes",
    publishes=(*FACTS, *AWARD, *CONTRACTS, *PUBLICATION, *BIDS, *OPENING, *TOLD, *CONTINUITY),
    optional_packs={
        EFORMS: Lack(
            _(
                "Without the official rules of European notices, a notice for the Official Journal cannot be checked,"
                " nor sent from here."
            ),
            _("If your bodies publish some: territoires eforms FOLDER-OF-THE-SDK."),
        ),
        DECP: Lack(
            _("Without the official format of essential data, they are kept and not published."),
            _("If your bodies make contracts: territoires decp schema_decp_v2.0.3.json."),
        ),
    },
    packs=[*PACKS, ATTESTATIONS, SCORING, CONTINUITY_PACK, SAFETY_COPIES_PACK, CLAUSES],
    follows=[ACTS, PUBLIC_RECORD, NOTICES, SIGNATURES, DEPARTURES],
    channels=[TED, BOAMP, OPEN_DATA_PORTAL],
    alarms=[
        HealthCheck("deposit-path", _("Deposit path"), availability_alarm),
        HealthCheck("early-openings", _("Attempts to open bids too early"), early_opening_alarm),
        HealthCheck("notice-rules", _("Official rules of notices and essential data"), rules_alarm),
        HealthCheck("custodian", _("Keys of the custodian"), custodian_alarm),
    ],
    search=SOURCES,
    latest=latest,
    demonstration="territoires.services.procurement.management.demonstration.fill",
)
