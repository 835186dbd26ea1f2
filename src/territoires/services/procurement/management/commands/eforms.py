"""``territoires eforms SDK``: puts the official rules of European notices in the operator's folder of packs."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from territoires.kernel.clock import legal_day, system_clock

SINCE = "2023-10-25"
TAKEN = ("schemas", "codelists", "translations", "fields", "notice-types")
HEADER = """name = "eforms-sdk"
subject = "procurement"
version = "{version}"
valid_from = {since}
checked_on = {checked_on}

[title]
fr = "Schémas et règles officiels des avis européens (eForms SDK)"
en = "Official schemas and rules of European notices (eForms SDK)"

[[source]]
text = "eForms SDK {version}, Office des publications de l'Union européenne (CC-BY 4.0)"
url = "https://github.com/OP-TED/eForms-SDK"

[[entries]]
code = "{version}"
folder = "eforms-{version}"
"""


class Command(BaseCommand):
    help = "Makes a pack of the eForms SDK (schemas, rules, code lists), in the operator's folder of packs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sdk", type=Path, help="the folder of the eForms SDK, unpacked")
        parser.add_argument("--into", type=Path, default=None, help="another folder than TERRITOIRES_PACKS")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["into"] or settings.ENVIRONMENT.operator_packs
        if folder is None or not folder.is_dir():
            raise CommandError("No folder of packs: set TERRITOIRES_PACKS, or say --into FOLDER.")
        version = put_sdk(options["sdk"], folder, checked_on=legal_day(system_clock()).isoformat())
        self.stdout.write(f"eForms SDK {version} in {folder}; it counts from the next start")


def put_sdk(sdk: Path, folder: Path, *, checked_on: str) -> str:
    """Copies what notices are judged by, and writes its pack; answers the version. Raises CommandError."""
    version = _version(sdk)
    place = folder / f"eforms-{version}"
    for name in TAKEN:
        if (sdk / name).is_dir():
            shutil.copytree(sdk / name, place / name, dirs_exist_ok=True, copy_function=shutil.copyfile)
    _put_rules(sdk, place)
    (folder / f"eforms-sdk.{SINCE}.toml").write_text(
        HEADER.format(version=version, since=SINCE, checked_on=checked_on), encoding="utf-8"
    )
    return version


def _version(sdk: Path) -> str:
    """The version of the rules: of their archive where they are packed, else what the metadata say."""
    for archive in sorted(sdk.glob("eforms-schematrons-static-*.tar.xz"), reverse=True):
        return archive.name.removeprefix("eforms-schematrons-static-").removesuffix(".tar.xz")
    metadata = sdk / "fields" / "fields.json"
    if not metadata.is_file():
        raise CommandError(f"{sdk} is no eForms SDK: it has no fields/fields.json.")
    said = str(json.loads(metadata.read_text(encoding="utf-8")).get("sdkVersion", ""))
    version = said.removeprefix("eforms-sdk-")
    if re.fullmatch(r"\d+\.\d+\.\d+", version) is None:
        raise CommandError(f"{sdk} holds {version}, which is no released version: take a tagged one.")
    return version


def _put_rules(sdk: Path, place: Path) -> None:
    """The rules as a folder, or packed as one archive."""
    if (sdk / "schematrons").is_dir():
        shutil.copytree(
            sdk / "schematrons", place / "schematrons", dirs_exist_ok=True, copy_function=shutil.copyfile
        )
        return
    archives = sorted(sdk.glob("eforms-schematrons-static-*.tar.xz"))
    if not archives:
        raise CommandError(f"{sdk} has no schematrons folder.")
    with tarfile.open(archives[-1]) as archive:
        archive.extractall(place, filter="data")
