"""``territoires reseal_factors``: after a new first line in ``keys/credentials``, before the old ones are erased."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from territoires.foundations.identity.credentials import reseal


class Command(BaseCommand):
    help = "Seals the secrets of second factors again by the first key of keys/credentials."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_("%(count)d secrets are sealed by the first key.") % {"count": reseal()})
