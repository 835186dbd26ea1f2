from django.utils.translation import gettext_lazy as _

from territoires.foundations.registry.api import Manifest

MANIFEST = Manifest(code="governance", label=_("Governance"), summary=_("Governance"), audiences=["agent"])
