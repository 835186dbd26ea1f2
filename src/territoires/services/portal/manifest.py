from django.utils.translation import gettext_lazy as _

from territoires.foundations.registry.api import Entry, Manifest, Tile

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
            _("Verify a document"),
            _("An act, a receipt, a proof: what it proves, without keeping it"),
            "portal:verify",
        )
    ],
)
