"""``territoires trust``: the fingerprint to publish, the state of the clock, and its clearing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from territoires.foundations.trust import api as trust


class Command(BaseCommand):
    help = "Shows the root's fingerprint and the clock's state; clear-clock lets time-stamps start again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", choices=["show", "clear-clock"], default="show")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        if what == "clear-clock":
            trust.clear_clock()
            self.stdout.write("The clock is cleared: time-stamps are given again.")
            return
        chain = trust.trust_chain()
        self.stdout.write(f"Root certificate, SHA-256: {chain.root_fingerprint}")
        self.stdout.write(f"Log: {trust.log_key().origin}")
        self.stdout.write(f"Clock: {trust.clock_fault() or 'certified.'}")
        for name in trust.demonstration_material():
            self.stdout.write(f"Demonstration, proves nothing: {name}")
