"""What an act still lacks before it can be signed, by the lists in force on that day."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from territoires.foundations.packs import api as packs
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Fault

from ..domain import life
from ..domain.classification import Classification, read_classification
from ..domain.preflight import ActSheet, File, preflight
from ..domain.wording import ActWords
from ..models import Act


@lru_cache(maxsize=8)
def classification(on: date) -> Classification:
    """Natures, matters and types of pieces in force on a legal day."""
    natures, matters, types = (
        packs.pack(name, on=on).entries for name in ("actes-natures", "actes-matters", "actes-piece-types")
    )
    return read_classification(natures=natures, matters=matters, piece_types=types)


def sheet_of(act: Act) -> ActSheet:
    """The act as the domain judges it."""
    return ActSheet(
        **words_of(act),
        main=_file(act.main, act.main_type) if act.main else None,
        annexes=[_file(annex.document, annex.piece_type) for annex in act.annexes.select_related("document")],
    )


def words_of(act: Act) -> dict[str, Any]:
    """What is written of the act, by field of ``ActWords``."""
    return {name: getattr(act, name) for name in ActWords.__dataclass_fields__}


def faults_of(act: Act, *, now: datetime) -> list[Fault]:
    """Everything that forbids signing the act, see ``domain.preflight``."""
    today = legal_day(now)
    return preflight(sheet_of(act), classification(today), today=today, number_is_taken=number_is_taken(act))


def number_is_taken(act: Act) -> bool:
    """Whether another live act of the same body, drafts included, bears the act's number."""
    others = Act.objects.filter(organisation=act.organisation_id, number=act.number, state__in=life.LIVE)
    return bool(act.number) and others.exclude(pk=act.pk).exists()


def _file(document: Any, piece_type: str) -> File:
    return File(document.name, document.media_type, document.size, piece_type)
