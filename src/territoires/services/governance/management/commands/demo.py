"""``territoires demo load|reset|accounts``: the demonstration and who can sign in to it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from ...actions.demonstration import load_demonstration, require_demonstration_mode
from ...domain.demonstration import PASSWORD
from ...permissions import Governance
from ...queries.demonstration import accounts
from ..authority import platform_actor
from ..emptying import empty_installation, prepare_again


class Command(BaseCommand):
    help = "Loads, resets or lists the demonstration; refuses in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["load", "reset", "accounts"])

    def handle(self, *args: Any, **options: Any) -> None:
        require_demonstration_mode()
        match options["what"]:
            case "accounts":
                self._list()
            case "reset":
                empty_installation()
                prepare_again()
            case _:
                self._load()

    def _load(self) -> None:
        is_new = load_demonstration(actor=platform_actor("demonstration", Governance.LOAD_DEMONSTRATION))
        self.stdout.write(
            _("The demonstration is in place.") if is_new else _("The demonstration was in place already.")
        )
        self._list()

    def _list(self) -> None:
        for account in accounts():
            self.stdout.write(f"  {account.email:<42} {account.role:<22} {account.name:<18} {account.place}")
        self.stdout.write(_("  The same password for all: %(password)s") % {"password": PASSWORD})
