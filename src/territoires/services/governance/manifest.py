"""What governance tells the platform of itself."""

from django.utils.translation import gettext_lazy as _

from territoires.contracts.governance import FACTS
from territoires.foundations.registry.api import Entry, Manifest

from .permissions import ROLES, Governance

MANIFEST = Manifest(
    code="governance",
    label=_("Governance"),
    summary=_("Members, people, roles and mandates; the territory they stand on"),
    audiences=["agent", "operator"],
    permissions=Governance,
    roles=ROLES,
    always_on=True,
    navigation=[
        Entry(
            _("Members"),
            "governance_desk:members",
            Governance.LIST_MEMBERS,
            beside=[f"governance_desk:{page}" for page in ("services", "colleges", "import", "territory")],
        ),
        Entry(
            _("People"),
            "governance_desk:people",
            Governance.READ_PEOPLE,
            beside=[f"governance_desk:{page}" for page in ("mandates", "keys", "rights")],
        ),
    ],
    agent_urls="territoires.services.governance.web.agent_urls",
    rest="territoires.services.governance.rest.routes",
    publishes=FACTS,
    packs=["colleges", "legal-categories", "upper-authorities"],
    help=_("An administrator invites people and gives roles here; the operator keeps members and territory."),
)
