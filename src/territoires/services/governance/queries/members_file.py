"""The file of members, read with the words that its columns may hold today."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import override

from territoires.foundations.actions.api import ROLES
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.text import fold

from ..domain.members_file import MembersFile, read_members_file
from .members import kind_choices

MODEL = (
    "SIREN;Organisme;Nature;Catégorie juridique;Membre depuis;"
    "Prénoms;Nom;Courriel;Fonction;Rôle;Services;Jusqu'au\r\n"
)


def read_file(content: bytes, actor: Actor) -> MembersFile:
    """Its lines and the faults of the others. Raises Invalid for what is no such file."""
    return read_members_file(
        content,
        roles=_spellings((role.code, role.label) for role in ROLES.values()),
        kinds=_spellings(kind_choices()),
        today=legal_day(actor.now()),
    )


def _spellings(words: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """The code of each word that may stand in a column: the code itself, and its label in each language."""
    found: dict[str, str] = {}
    for code, label in words:
        found[fold(code)] = code
        for language, _name in settings.LANGUAGES:
            with override(language):
                found[fold(str(label))] = code
    return found
