"""Emptying a demonstration: what it wrote is deleted, its keys stay; the next preparation fills it again."""

from __future__ import annotations

import shutil
import subprocess
import sys

from django.conf import settings
from django.db import OperationalError, connection
from django.utils.translation import gettext_noop

from territoires.foundations.packs import api as packs
from territoires.foundations.registry import api as registry
from territoires.kernel.clock import legal_day, system_clock
from territoires.kernel.errors import Conflict

# The embedded database, the documents, the journal's witnesses and the mails all speak of the same facts.
WRITTEN = ("postgres", "files", "witness", "simulators/witness", "mail", "loaded")


def empty_installation() -> None:
    """Deletes what a stopped demonstration wrote.

    Raises Conflict while it runs, or on a database of its own; Unavailable when a list that fills it again is missing.
    """
    if settings.ENVIRONMENT.database_url is not None:
        raise Conflict(
            "outside-database",
            gettext_noop("The database is not the embedded one: it is not emptied from here."),
            gettext_noop("Create it anew, then run territoires prepare."),
        )
    if _is_running():
        raise Conflict(
            "platform-running",
            gettext_noop("The platform runs; nothing was deleted."),
            gettext_noop("Stop it with Ctrl-C, then: territoires demo reset."),
        )
    _require_lists()
    for name in WRITTEN:
        path = settings.ENVIRONMENT.var / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def prepare_again() -> None:
    """Database, territory and demonstration anew, as at a first start; a failure has already said why."""
    command = "from territoires.config.cli import main; main(['prepare'])"
    done = subprocess.run([sys.executable, "-c", command])
    if done.returncode:
        sys.exit(done.returncode)


def _require_lists() -> None:
    today = legal_day(system_clock())
    for manifest in registry.manifests().values():
        for name in manifest.packs:
            packs.pack(name, on=today)


def _is_running() -> bool:
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    return True
