"""``territoires cpv code_fr.xml [--english code_en.xml]``: puts the official CPV list in the operator's folder of packs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from territoires.foundations.packs.api import Source

from ...domain.cpv import labels_in

SINCE = "2008-09-15"
SOURCE = Source(
    "Règlement (CE) n° 213/2008; eForms SDK, translations", "https://github.com/OP-TED/eForms-SDK"
)
HEADER = f"""name = "cpv"
subject = "procurement"
version = "{SINCE}"
valid_from = {SINCE}
checked_on = {{checked_on}}

[title]
fr = "Vocabulaire commun des marchés publics (CPV)"
en = "Common procurement vocabulary (CPV)"

[[source]]
text = "{SOURCE.text}"
url = "{SOURCE.url}"
"""


class Command(BaseCommand):
    help = "Makes a pack of the official CPV labels, in the operator's folder of packs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("french", type=Path, help="translations/code_fr.xml of the eForms SDK")
        parser.add_argument(
            "--english", type=Path, help="translations/code_en.xml; French serves where absent"
        )
        parser.add_argument("--into", type=Path, default=None, help="another folder than TERRITOIRES_PACKS")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["into"] or settings.ENVIRONMENT.operator_packs
        if folder is None or not folder.is_dir():
            raise CommandError("No folder of packs: set TERRITOIRES_PACKS, or say --into FOLDER.")
        french = labels_in(options["french"].read_text(encoding="utf-8"))
        english = labels_in(options["english"].read_text(encoding="utf-8")) if options["english"] else {}
        write_pack(folder, french, english, checked_on=self._day())
        self.stdout.write(f"{len(french)} codes in {folder}; they count from the next start")

    def _day(self) -> str:
        from territoires.kernel.clock import legal_day, system_clock

        return legal_day(system_clock()).isoformat()


def write_pack(folder: Path, french: dict[str, str], english: dict[str, str], *, checked_on: str) -> None:
    """Writes ``cpv.<since>.toml`` and the table beside it."""
    with (folder / f"cpv.{SINCE}.csv").open("w", encoding="utf-8", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(["code", "label_fr", "label_en"])
        rows.writerows([code, label, english.get(code, label)] for code, label in sorted(french.items()))
    (folder / f"cpv.{SINCE}.toml").write_text(HEADER.format(checked_on=checked_on), encoding="utf-8")
