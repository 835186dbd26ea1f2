from django.utils.translation import gettext_lazy as _

from territoires.foundations.registry.api import Entry, Link, Manifest, Tile

from .permissions import ROLES, Portal

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
    navigation=[
        Entry(_("My desk"), "portal_desk:desk", Portal.READ_DESK),
        Entry(_("Console"), "portal_desk:console", Portal.READ_CONSOLE),
    ],
    tiles=[
        Tile(
            _("Programming interface"),
            _("The same verbs as the pages, for the software of members"),
            "portal:api",
        ),
    ],
    footer=[
        Link(_("Verify a document"), "portal:verify"),
        Link(_("Accessibility: partially compliant"), "portal:accessibility"),
        Link(_("Legal notice"), "portal:legal-notice"),
        Link(_("Programming interface"), "portal:api"),
    ],
)
