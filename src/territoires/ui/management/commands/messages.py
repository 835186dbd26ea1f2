"""``territoires messages extract | compile | check``: the catalogues of every application."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from territoires.ui import messages


class Command(BaseCommand):
    help = "Finds new messages, compiles the catalogues, or checks that French is complete."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("gesture", choices=["extract", "compile", "check"])
        parser.add_argument(
            "applications", nargs="*", help="names such as ui or services/legality; all if none"
        )

    def handle(self, *, gesture: str, applications: list[str], **options: Any) -> None:
        known = {one.name: one for one in messages.applications()}
        if unknown := set(applications) - known.keys():
            raise CommandError(
                f"No such application: {', '.join(sorted(unknown))}. Known: {', '.join(known)}."
            )
        chosen = [known[name] for name in applications] or list(known.values())
        {"extract": self._extract, "compile": self._compile, "check": self._check}[gesture](chosen)

    def _extract(self, chosen: list[messages.Application]) -> None:
        """Adds what is new, untranslated."""
        for application in chosen:
            if number := messages.add_new(application):
                self.stdout.write(f"{application.name}: {number} new")

    def _compile(self, chosen: list[messages.Application]) -> None:
        """Writes the ``.mo`` files, which are never committed."""
        number = sum(messages.compile_catalog(application) for application in chosen)
        self.stdout.write(f"{number} catalogues compiled")

    def _check(self, chosen: list[messages.Application]) -> None:
        """Fails, and says why, where French is not complete."""
        if found := [fault for application in chosen for fault in messages.faults(application)]:
            raise CommandError("\n".join(found))
        self.stdout.write("French is complete")
