"""``territoires packs``: the lists in use, their dates and sources; refuses, in words, a file that does not hold."""

from typing import Any

from django.core.management.base import BaseCommand

from territoires.foundations.packs.catalogue import all_packs


class Command(BaseCommand):
    help = "Lists the packs of law and codes, with their dates and sources."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for pack in all_packs():
            until = f" to {pack.valid_until}" if pack.valid_until else ""
            origin = " (operator)" if pack.is_operators else ""
            self.stdout.write(
                f"{pack.name} {pack.version}: from {pack.valid_from}{until}, {len(pack.entries)} entries{origin}"
            )
            for source in pack.source:
                self.stdout.write(f"    {source.text} <{source.url}>")
            for doubt in pack.unverified:
                self.stdout.write(f"    unverified: {doubt}")
