from django.utils.translation import gettext_lazy as _

from territoires.foundations.registry.api import Manifest

MANIFEST = Manifest(code="legality", label=_("Legality"), summary=_("Legality"), audiences=["agent"])
