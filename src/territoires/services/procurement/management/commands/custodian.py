"""``territoires custodian``: the custodian's stock of public keys, and time keys back from their backup."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from territoires.kernel.actor import system_actor
from territoires.kernel.errors import Invalid, Missing

from ...actions.holders import Offered, import_custodian_keys
from ...domain.sealing import suites
from ...domain.sealing.stock import read_stock, written_backup
from ...queries.opening import time_key
from ...queries.quorum import custodian_stock, recovery_key
from ...queries.time_vault import time_vault


class Command(BaseCommand):
    help = "Imports a custodian's public keys, tells the stock, hands out and restores backups of time keys."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        one = verbs.add_parser("import", help="public.json of tools/open_bids.py stock")
        one.add_argument("file", type=Path)
        verbs.add_parser("status", help="how many consultations the stock serves")
        one = verbs.add_parser("backup", help="writes a time key's sealed backup, for the recovery custodian")
        one.add_argument("time_key", type=UUID)
        one.add_argument("file", type=Path)
        one = verbs.add_parser(
            "restore", help="puts a time key back, from what the recovery custodian opened"
        )
        one.add_argument("time_key", type=UUID)
        one.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['verb']}")(**options)

    def _import(self, *, file: Path, **_options: Any) -> None:
        stock = read_stock(file.read_bytes())
        new = import_custodian_keys(
            actor=system_actor("custodian"),
            name=stock.name,
            suite=stock.suite,
            keys=[Offered(one.id, one.key) for one in stock.keys],
            for_recovery=stock.recovery,
        )
        self.stdout.write(_("New keys: %(new)d of %(all)d.") % {"new": new, "all": len(stock.keys)})

    def _status(self, **_options: Any) -> None:
        recovery = recovery_key()
        self.stdout.write(_("The stock serves %(count)d consultations.") % {"count": custodian_stock()})
        self.stdout.write(
            _("Time keys are backed up for %(name)s.") % {"name": recovery.name}
            if recovery
            else _("Time keys have no backup: import the recovery custodian's key.")
        )

    def _backup(self, *, time_key: UUID, file: Path, **_options: Any) -> None:
        key = _known(time_key)
        if key.backup is None or key.public_key is None:
            raise Missing("no-backup", "This time key has no backup.", "Import the recovery custodian's key.")
        file.write_bytes(written_backup(key.pk, key.suite, bytes(key.public_key), bytes(key.backup)))
        self.stdout.write(str(file))

    def _restore(self, *, time_key: UUID, file: Path, **_options: Any) -> None:
        key, plain = _known(time_key), file.read_bytes()
        public = suites.suite(key.suite).public_bytes(suites.read_private(key.suite, plain))
        if not hmac.compare_digest(public, bytes(key.public_key or b"")):
            raise Invalid("another-time-key", "This is the key of another round.", "Check its number.")
        time_vault().restore(key.pk, key.suite, plain)
        self.stdout.write(_("The time-keeper has its key again. Destroy the file %(file)s.") % {"file": file})


def _known(key: UUID) -> Any:
    return time_key(key)
