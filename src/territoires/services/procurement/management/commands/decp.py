"""``territoires decp SCHEMA``: puts the official schema of essential data in the operator's folder of packs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from territoires.kernel.clock import legal_day, system_clock

SINCE = "2024-01-01"
HEADER = """name = "decp-schema"
subject = "procurement"
version = "{version}"
valid_from = {since}
checked_on = {checked_on}

[title]
fr = "Schéma officiel des données essentielles de la commande publique"
en = "Official schema of the essential data of public contracts"

[[source]]
text = "Format réglementaire de publication des données essentielles, version {version}"
url = "https://github.com/139bercy/format-commande-publique"

[[entries]]
code = "{version}"
file = "decp-{version}.json"
"""


class Command(BaseCommand):
    help = "Makes a pack of the official JSON schema of essential data, in the operator's folder of packs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("schema", type=Path, help="schema_decp_v2.0.3.json")
        parser.add_argument("--into", type=Path, default=None, help="another folder than TERRITOIRES_PACKS")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["into"] or settings.ENVIRONMENT.operator_packs
        if folder is None or not folder.is_dir():
            raise CommandError("No folder of packs: set TERRITOIRES_PACKS, or say --into FOLDER.")
        version = put_schema(options["schema"], folder, checked_on=legal_day(system_clock()).isoformat())
        self.stdout.write(f"DECP {version} in {folder}; it counts from the next start")


def put_schema(schema: Path, folder: Path, *, checked_on: str) -> str:
    """Copies the schema and writes its pack; answers the version. Raises CommandError."""
    named = re.search(r"(\d+\.\d+\.\d+)", schema.name)
    content = schema.read_text(encoding="utf-8")
    if named is None or "definitions" not in json.loads(content):
        raise CommandError(f"{schema} is no schema of essential data named with its version.")
    version = named[1]
    (folder / f"decp-{version}.json").write_text(content, encoding="utf-8")
    (folder / f"decp-schema.{SINCE}.toml").write_text(
        HEADER.format(version=version, since=SINCE, checked_on=checked_on), encoding="utf-8"
    )
    return version
