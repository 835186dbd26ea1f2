"""Finds the packs: those shipped with the platform, then those of the operator, which replace them by name and day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_noop

from territoires.kernel.errors import Unavailable

from .reading import Pack, read_pack

_INSTALLED = Path(__file__).resolve().parent / "data"  # an installed wheel carries the folder here
_SOURCE_TREE = Path(__file__).resolve().parents[4] / "data"


class Catalogue:
    """The packs of some folders, later folders first. Reads every file once, at the start.

    Raises Invalid when a file does not hold together.
    """

    def __init__(self, shipped: Path, operator: Path | None = None) -> None:
        found = {_key(pack): pack for pack in _packs_in(shipped, is_operators=False)}
        if operator is not None:
            found |= {_key(pack): pack for pack in _packs_in(operator, is_operators=True)}
        self._packs = tuple(found[key] for key in sorted(found))

    def all(self) -> tuple[Pack, ...]:
        """Every version of every pack, by name and first day."""
        return self._packs

    def pack(self, name: str, *, on: date) -> Pack:
        """The version of a pack that applied on a day. Raises Unavailable, with the remedy, when there is none."""
        applicable = [pack for pack in self._packs if pack.name == name and pack.applies(on)]
        if applicable:
            return applicable[-1]
        known = [pack.valid_from.isoformat() for pack in self._packs if pack.name == name]
        raise Unavailable(
            "pack-missing",
            gettext_noop("The list %(pack)s, as it stood on %(day)s, is not on this platform."),
            gettext_noop(
                "Ask the operator to add %(pack)s.YYYY-MM-DD.toml to its folder of lists (known: %(known)s)."
            ),
            params={"pack": name, "day": on, "known": ", ".join(known) or "-"},
        )


def pack(name: str, *, on: date) -> Pack:
    """The version of a pack that applied on a day. Raises Unavailable, with the remedy, when there is none."""
    return catalogue().pack(name, on=on)


def all_packs() -> tuple[Pack, ...]:
    """Every version of every pack, by name and first day."""
    return catalogue().all()


@cache
def catalogue() -> Catalogue:
    """This installation's packs; a changed file counts from the next start."""
    return Catalogue(shipped_folder(), settings.ENVIRONMENT.operator_packs)


def shipped_folder() -> Path:
    """Where the packs of the platform are: beside this module once installed, else in the source tree."""
    return _INSTALLED if _INSTALLED.is_dir() else _SOURCE_TREE


def _packs_in(folder: Path, *, is_operators: bool) -> Iterable[Pack]:
    if not folder.is_dir():
        raise Unavailable(
            "packs-folder-missing",
            gettext_noop("The folder of lists %(folder)s does not exist or cannot be read."),
            gettext_noop("Create it, or correct TERRITOIRES_PACKS."),
            params={"folder": str(folder)},
        )
    return (read_pack(path, is_operators=is_operators) for path in sorted(folder.rglob("*.toml")))


def _key(found: Pack) -> tuple[str, date]:
    return found.name, found.valid_from
