"""``territoires history FILE``: takes over a body's acts of before, from the server, all or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import sentence
from territoires.kernel.errors import Invalid

from ...actions import history as taking
from ...actions import importing
from ...models import HistoryImport
from ...queries.history import agent_of

PIECE = 1024 * 1024


class Command(BaseCommand):
    help = "Reads a table of past acts (CSV, or ZIP with its files) and takes them over, in the name of an agent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", required=True, help="SIREN or SIRET")
        parser.add_argument("--agent", required=True, help="e-mail of who answers for it")
        parser.add_argument("--device", default="", help="what transmitted these acts")
        parser.add_argument("--dry-run", action="store_true", help="read everything, take nothing over")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = identity.organisation_by_reference(options["organisation"])
        actor = agent_of(options["agent"], organisation)
        file: Path = options["file"]
        document = documents.receive(
            _pieces(file),
            name=file.name,
            organisation=organisation.pk,
            actor=actor,
            limit=file.stat().st_size,
        )
        history = taking.bring_history(actor=actor, document=document.pk, device=options["device"])
        importing.read_whole(str(history.pk))
        history.refresh_from_db()
        self._tell(history)
        if not options["dry_run"] and history.new_count:
            taking.order_history(actor=actor, history=history)
            importing.take_whole(str(history.pk))
            history.refresh_from_db()
            self.stdout.write(_("Taken over: %(count)s.") % {"count": history.new_count})

    def _tell(self, history: HistoryImport) -> None:
        for one in history.faults:
            said = f"{sentence(one['message'], one['params'])} {sentence(one['remedy'], one['params'])}"
            self.stdout.write(f"{one['line']} {one['column']}: {said}")
        if history.fault_count:
            raise Invalid(
                "history-faulty",
                gettext_noop("Nothing was taken over: the table has %(count)s faults."),
                gettext_noop("Correct the lines told above and give it again."),
                params={"count": history.fault_count},
            )
        self.stdout.write(
            _("New: %(new)s; here already: %(known)s.")
            % {"new": history.new_count, "known": history.known_count}
        )


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece
