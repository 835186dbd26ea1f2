from django.utils.translation import gettext_lazy as _

from territoires.foundations.registry.api import Manifest

MANIFEST = Manifest(code="portal", label=_("Portal"), summary=_("Portal"), audiences=["agent"])
