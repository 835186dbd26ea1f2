"""Faults, states and facts in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from territoires.foundations.registry.api import sentence
from territoires.kernel.errors import Fault

from ..domain.classification import Classification
from ..domain.life import LIFE
from ..models import Act, Annex


@dataclass(frozen=True, slots=True)
class Told:
    """A fault as it is read: ``field`` is the form's field to go to, ``proposal`` what could stand there instead."""

    field: str
    code: str
    message: str
    remedy: str
    proposal: str


def told(faults: Iterable[Fault]) -> list[Told]:
    return [
        Told(
            f.field,
            f.code,
            sentence(f.message, f.params),
            sentence(f.remedy, f.params),
            str(f.params.get("proposal", "")),
        )
        for f in faults
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """An act with the words that a page needs beside it."""

    act: Act
    nature: str
    matter: str
    state: str
    meaning: str
    tone: str


def shown(act: Act, lists: Classification) -> Shown:
    """The act with its labels; a code that the lists no longer hold is shown as it is."""
    language = get_language() or "fr"
    nature, matter = lists.natures.get(act.nature), lists.matters.get(act.matter_code)
    state = LIFE.states[act.state]
    return Shown(
        act,
        nature.name.in_language(language) if nature else act.nature,
        f"{matter.code} {matter.label.in_language(language)}" if matter else act.matter_code,
        _(state.label),
        _(state.meaning),
        state.tone,
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of an act; ``type`` in words, empty as long as none is chosen."""

    document: Any
    type: str


def pieces(act: Act, annexes: Iterable[Annex], lists: Classification) -> list[Piece]:
    """The file of the act, then its annexes; a type that the lists no longer hold is shown as its code."""
    language = get_language() or "fr"
    typed = [(act.main, act.main_type)] if act.main else []
    typed += [(annex.document, annex.piece_type) for annex in annexes]
    return [
        Piece(document, known.label.in_language(language) if (known := lists.piece_types.get(code)) else code)
        for document, code in typed
    ]
