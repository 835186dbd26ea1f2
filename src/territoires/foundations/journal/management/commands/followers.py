"""``territoires followers``: hands facts to the services that follow them until it is told to stop."""

from typing import Any

from django.core.management.base import BaseCommand

from territoires.foundations.journal.loops import run_followers, until_signalled


class Command(BaseCommand):
    help = "Hands facts to their followers; any number may run."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        run_followers(until_signalled())
