"""The ``territoires`` command."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs a Django management command, or one of ours."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
