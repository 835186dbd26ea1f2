"""``territoires sequencer``: numbers, seals and time-stamps facts until it is told to stop."""

from typing import Any

from django.core.management.base import BaseCommand

from territoires.foundations.journal.loops import run_sequencer, until_signalled


class Command(BaseCommand):
    help = "Numbers and seals the facts of the journal; any number may run."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        run_sequencer(until_signalled())
