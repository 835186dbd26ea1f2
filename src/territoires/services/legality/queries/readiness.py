"""What an act still lacks before it can be signed, by the lists in force on that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from territoires.foundations.packs import api as packs
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Fault

from ..domain import life
from ..domain.classification import Classification, adopted, read_classification
from ..domain.preflight import ActSheet, File, advice, preflight
from ..domain.wording import ActWords
from ..models import Act, ClassificationVersion, Convention


@lru_cache(maxsize=8)
def classification(on: date) -> Classification:
    """Natures, matters and types of pieces in force on a legal day."""
    natures, matters, types = (
        packs.pack(name, on=on).entries for name in ("actes-natures", "actes-matters", "actes-piece-types")
    )
    return read_classification(natures=natures, matters=matters, piece_types=types)


@dataclass(frozen=True, slots=True)
class InForce:
    """The lists that hold for a body, and the date by which the State knows them."""

    dated_on: date
    lists: Classification


def lists_in_force(organisation: UUID | None, on: date) -> InForce:
    """The lists of the body's prefecture as it last answered them; before its first answer, the national ones."""
    return lists_of(department_of(organisation, on) if organisation else "", on)


def lists_of(department: str, on: date) -> InForce:
    """The same for the bodies of a department."""
    version = version_in_force(department) if department else None
    if version is None:
        return InForce(packs.pack("actes-matters", on=on).valid_from, classification(on))
    return InForce(version.dated_on, _narrowed(version.pk, on))


def classification_of(organisation: UUID | None, on: date) -> Classification:
    """Natures, matters and types of pieces for the acts of a body."""
    return lists_in_force(organisation, on).lists


def department_of(organisation: UUID, on: date) -> str:
    """The department whose prefecture controls the body, as its agreement says; empty without one."""
    rows = Convention.objects.filter(organisation=organisation, from_on__lte=on).order_by("-from_on")
    return rows.values_list("department", flat=True).first() or ""


def version_in_force(department: str) -> ClassificationVersion | None:
    """The latest classification that the prefecture answered; its lists, which are long, are read when asked."""
    rows = ClassificationVersion.objects.filter(department=department).defer("lists")
    return rows.order_by("-dated_on").first()


def version_dated(department: str, dated_on: date) -> ClassificationVersion | None:
    """The prefecture's classification of that date."""
    return ClassificationVersion.objects.filter(department=department, dated_on=dated_on).first()


@lru_cache(maxsize=256)
def _narrowed(version: UUID, on: date) -> Classification:
    return adopted(classification(on), ClassificationVersion.objects.get(pk=version).lists)


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


def faults_of(act: Act, *, now: datetime, lists: Classification | None = None) -> list[Fault]:
    """Everything that forbids signing the act, see ``domain.preflight``; ``lists`` are the body's, if known already."""
    today = legal_day(now)
    lists = lists or classification_of(act.organisation_id, today)
    return preflight(sheet_of(act), lists, today=today, number_is_taken=number_is_taken(act))


def advice_of(act: Act, *, now: datetime) -> list[Fault]:
    """What could be better told to the State, and forbids nothing: see ``domain.preflight.advice``."""
    return advice(sheet_of(act), classification_of(act.organisation_id, legal_day(now)))


_BEAR_NUMBER = (*life.NUMBERED, life.TAKEN_OVER)


def number_is_taken(act: Act) -> bool:
    """Whether another act of the same body, signed already, bears the act's number."""
    others = Act.objects.filter(organisation=act.organisation_id, number=act.number, state__in=_BEAR_NUMBER)
    return bool(act.number) and others.exclude(pk=act.pk).exists()


def _file(document: Any, piece_type: str) -> File:
    return File(document.name, document.media_type, document.size, piece_type)
