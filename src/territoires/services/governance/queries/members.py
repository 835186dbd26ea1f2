"""Members and colleges, scoped by the actor. Lists are paged by key: what was added meanwhile shifts nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from territoires.foundations.actions import api as actions
from territoires.foundations.packs.api import Pack, pack
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing
from territoires.kernel.text import fold

from ..models import organisations
from ..permissions import Governance
from .territory import open_attachments

PAGE = 50


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """What stands in the address: each empty means any. ``text`` is a part of the name, or a SIREN."""

    kind: str = ""
    department: str = ""
    college: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Rows in the order of names; ``next`` is the reference of the last one when more follow."""

    rows: tuple[Any, ...]
    total: int
    next: str


def members(actor: Actor, asked: MemberFilter, *, after: str = "") -> MemberPage:
    """A page of the organisations that the actor may see."""
    return page_of(actions.visible(actor, Governance.READ_MEMBER), asked, after=after)


def page_of(organisations: QuerySet[Any], asked: MemberFilter, *, after: str = "") -> MemberPage:
    """A page of organisations, filtered."""
    found = _filtered(organisations, asked)
    rows = list(_after(found, after)[: PAGE + 1])
    return MemberPage(
        rows=tuple(rows[:PAGE]),
        total=found.count(),
        next=rows[PAGE - 1].reference if len(rows) > PAGE else "",
    )


def all_members(actor: Actor, asked: MemberFilter) -> Iterator[Any]:
    """Every organisation that the actor may see, streamed: for exports."""
    return _filtered(actions.visible(actor, Governance.READ_MEMBER), asked).iterator(chunk_size=500)


def member(actor: Actor, reference: str) -> Any:
    """One organisation that the actor may see. Raises Missing, whether it does not exist or is not theirs."""
    found = (
        actions.visible(actor, Governance.READ_MEMBER)
        .select_related("successor")
        .filter(reference=reference)
        .first()
    )
    if found is None:
        raise Missing(
            "unknown-organisation",
            "There is no organisation %(reference)s that you may see.",
            "Check the number, or start again from the list.",
            params={"reference": reference},
        )
    return found


def has_unchecked_siren(organisation: Any, on: date) -> bool:
    """Whether the SIREN comes from our list of departments and regions, which says that SIRENE was not asked."""
    listed = pack("upper-authorities", on=on).entries
    return any(entry["siren"] == organisation.siren and not entry.get("verified") for entry in listed)


def groupings_of(organisation: Any) -> list[Any]:
    """The EPCI to which a commune belongs now."""
    return [a.grouping for a in open_attachments().filter(member=organisation).select_related("grouping")]


def count_communes_of(organisation: Any) -> int:
    """How many communes of the platform belong to an EPCI now."""
    return open_attachments().filter(grouping=organisation).count()


def kind_choices() -> list[tuple[str, Any]]:
    """The kinds of organisation that identity knows, with their labels."""
    return list(organisations().model._meta.get_field("kind").choices or ())


def departments(actor: Actor) -> list[str]:
    """The department codes that occur among the organisations that the actor may see."""
    rows: QuerySet[Any] = actions.visible(actor, Governance.READ_MEMBER).exclude(department="")
    return sorted(set(rows.order_by().values_list("department", flat=True).distinct()))


@dataclass(frozen=True, slots=True)
class College:
    """One college of the list in force and how many organisations it holds."""

    code: str
    labels: Mapping[str, str]
    count: int

    def label(self, language: str) -> str:
        return self.labels["en" if language.startswith("en") else "fr"]


def colleges_pack(on: date) -> Pack:
    """The list of colleges in force on a day."""
    return pack("colleges", on=on)


def colleges(actor: Actor) -> list[College]:
    """The colleges in force, with how many open organisations the actor may see in each."""
    rows: QuerySet[Any] = actions.visible(actor, Governance.READ_MEMBER).filter(closed_on__isnull=True)
    counted = dict(rows.order_by().values_list("college").annotate(n=Count("id")))
    return [
        College(
            entry["code"], {"fr": entry["label_fr"], "en": entry["label_en"]}, counted.get(entry["code"], 0)
        )
        for entry in colleges_pack(legal_day(actor.now())).entries
    ]


def _filtered(found: QuerySet[Any], asked: MemberFilter) -> QuerySet[Any]:
    for name, value in (("kind", asked.kind), ("department", asked.department), ("college", asked.college)):
        if value:
            found = found.filter(**{name: value})
    if text := fold(asked.text):
        digits = text.replace(" ", "")
        found = found.filter(Q(siren=digits) if digits.isdigit() else Q(name_folded__contains=text))
    return found.order_by("name_folded", "id")


def _after(found: QuerySet[Any], reference: str) -> QuerySet[Any]:
    last = (
        organisations().filter(reference=reference).only("name_folded", "id").first() if reference else None
    )
    if last is None:
        return found
    return found.filter(Q(name_folded__gt=last.name_folded) | Q(name_folded=last.name_folded, id__gt=last.id))
