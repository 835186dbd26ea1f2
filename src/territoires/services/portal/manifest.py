from django.utils.translation import gettext_lazy as _

from territoires.contracts.portal import FACTS
from territoires.foundations.registry.api import Entry, HealthCheck, Link, Manifest, Tile
from territoires.foundations.search.api import SearchSource

from .permissions import ROLES, Portal
from .queries import doors as queries
from .web.search import communes

MANIFEST = Manifest(
    code="portal",
    label=_("Portal"),
    summary=_("The doors of the platform"),
    audiences=["agent", "elected", "enterprise", "citizen", "operator"],
    permissions=Portal,
    roles=ROLES,
    always_on=True,
    public_urls="territoires.services.portal.web.public_urls",
    agent_urls="territoires.services.portal.web.agent_urls",
    rest="territoires.services.portal.rest.routes",
    navigation=[
        Entry(_("My desk"), "portal_desk:desk", Portal.READ_DESK),
        Entry(_("Console"), "portal_desk:console", Portal.READ_CONSOLE),
    ],
    search=[SearchSource("portal.commune", _("Communes"), communes)],
    publishes=FACTS,
    alarms=[
        HealthCheck("exchanges", _("Exchanges with the outside"), queries.exchange_alarm),
        HealthCheck("following", _("Handing of facts to the services"), queries.following_alarm),
        HealthCheck("jobs", _("Jobs of the worker"), queries.jobs_alarm),
        HealthCheck("witnesses", _("Witnesses of the journal"), queries.witness_alarm),
    ],
    tiles=[
        Tile(
            _("Enterprises and associations"),
            _("Open an account to act for an establishment"),
            "enterprise_sign_up",
        ),
        Tile(
            _("Programming interface"),
            _("The same verbs as the pages, for the software of members"),
            "portal:api",
        ),
    ],
    footer=[
        Link(_("Search"), "portal:search"),
        Link(_("Verify a document"), "portal:verify"),
        Link(_("Accessibility: partially compliant"), "portal:accessibility"),
        Link(_("Legal notice"), "portal:legal-notice"),
        Link(_("Programming interface"), "portal:api"),
    ],
)
