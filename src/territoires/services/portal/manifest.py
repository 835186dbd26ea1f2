from django.utils.translation import gettext_lazy as _

from territoires.foundations.registry.api import Manifest

from .permissions import ROLES, Portal

MANIFEST = Manifest(
    code="portal",
    label=_("Portal"),
    summary=_("The doors of the platform"),
    audiences=["agent", "elected", "enterprise", "citizen", "operator"],
    permissions=Portal,
    roles=ROLES,
    always_on=True,
)
