"""What the doors show: communes, public bodies, the console's figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from territoires.foundations.identity import api as identity
from territoires.foundations.journal import api as journal
from territoires.foundations.registry import api as registry

from .domain import Search, short_department

MOST = 20
ENTRIES = 50


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the platform on the console."""

    name: str
    is_up: bool
    detail: str


# How far the proof of a fact is, in words and colour.
PROOF = {
    "recorded": (_("recorded"), "wait"),
    "sequenced": (_("numbered"), "run"),
    "sealed": (_("sealed"), "ok"),
    "anchored": (_("anchored outside"), "ok"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A fact as the console shows it."""

    entry: Any
    organisation_name: str
    proof: Any
    tone: str


@dataclass(frozen=True, slots=True)
class Found:
    """A body with the name of its department, without which its own name is not unique."""

    organisation: Any
    department_name: str


def find_communes(search: Search, *, limit: int = MOST) -> list[Found]:
    """The communes that answer to what was typed; by SIREN, other territorial bodies too."""
    found = identity.find(
        kinds=identity.TERRITORIAL if search.siren else (identity.Kind.COMMUNE,),
        words=search.words,
        siren=search.siren,
        code=search.code,
        limit=limit,
    )
    departments = identity.department_names() if found else {}
    return [Found(one, short_department(departments.get(one.department, ""))) for one in found]


def public_body(reference: str) -> dict[str, Any]:
    """What the public page of a body shows. Raises Missing for a private one."""
    body = identity.public_body(reference)
    return {
        "body": body,
        "groupings": identity.groupings_of(body),
        "department_name": short_department(identity.department_names().get(body.department, "")),
    }


def count_communes() -> int:
    """How many communes are open, for the sentence on the home page."""
    return identity.count_by_kind().get(identity.Kind.COMMUNE, 0)


def console() -> dict[str, Any]:
    """Health, journal, dead letters and bodies in figures."""
    parts = [Part(name, state == registry.UP, state) for name, state in registry.parts().items()]
    return {
        "parts": sorted(parts, key=lambda part: part.is_up),
        "journal": journal.health(),
        "bodies": [(label, identity.count_by_kind().get(kind, 0)) for kind, label in identity.Kind.choices],
    }


def journal_page(before: str | None) -> dict[str, Any]:
    """A page of the book, latest first; ``before`` is the number under which it starts."""
    limit = int(before) if before and before.isascii() and before.isdigit() and len(before) < 16 else None
    entries = journal.latest(before=limit, count=ENTRIES)
    more = len(entries) == ENTRIES and entries[-1].seq
    names: Mapping[Any, str] = identity.names_of(
        entry.organisation for entry in entries if entry.organisation
    )
    return {
        "lines": [Line(entry, names.get(entry.organisation, ""), *PROOF[entry.state]) for entry in entries],
        "before": entries[-1].seq if more else None,
        "journal": journal.health(),
    }
