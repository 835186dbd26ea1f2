"""Where the territory's files are, and of which year they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from territoires.foundations.packs.api import pack
from territoires.kernel.errors import Invalid, Unavailable

from ..domain.territory import Territory, read_territory

PACKAGE = Path("node_modules/@etalab/decoupage-administratif")
FILES = {"communes": "communes", "groupings": "epci", "departments": "departements", "regions": "regions"}
# Each major version of the package is one year of the official geographic code.
FIRST_VINTAGE = 2020


def default_source() -> Path:
    """The package as the build of the pages installs it."""
    return Path(settings.PACKAGE).parents[1] / "frontend" / PACKAGE


def read_source(folder: Path, *, region: str, vintage: int | None, on: date) -> Territory:
    """The territory of a region in a folder that holds the package, or its ``data`` alone.

    ``vintage`` (year) is read from the package's version when not given. Raises Unavailable when the files are not
    there, Invalid when they cannot be read.
    """
    data = folder / "data" if (folder / "data").is_dir() else folder
    files = {name: _rows(data / f"{stem}.json") for name, stem in FILES.items()}
    return read_territory(
        region=region,
        vintage=vintage or _vintage(data.parent / "package.json"),
        upper_authorities=pack("upper-authorities", on=on).entries,
        **files,
    )


def _rows(path: Path) -> list[Mapping[str, Any]]:
    try:
        found: list[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Unavailable(
            "territory-missing",
            gettext_noop("The file of the territory %(path)s is not here."),
            gettext_noop(
                "Run make install, or give a folder that holds the package: territoires load territory --source FOLDER."
            ),
            params={"path": str(path)},
        ) from None
    except (OSError, ValueError) as error:
        raise Invalid(
            "territory-unreadable",
            gettext_noop("The file of the territory %(path)s cannot be read: %(detail)s."),
            gettext_noop("Install the package again."),
            params={"path": str(path), "detail": str(error)},
        ) from None
    return found


def _vintage(path: Path) -> int:
    try:
        version = str(json.loads(path.read_text(encoding="utf-8"))["version"])
        return FIRST_VINTAGE + int(version.partition(".")[0])
    except (OSError, ValueError, KeyError, TypeError):
        raise Invalid(
            "vintage-unknown",
            gettext_noop(
                "The year of the territory's files is not known: %(path)s does not say its version."
            ),
            gettext_noop("Say the year: territoires load territory --vintage 2026."),
            params={"path": str(path)},
        ) from None
