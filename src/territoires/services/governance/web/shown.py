"""Organisations in the words of the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from territoires.foundations.packs.api import Pack

# What may befall an organisation, in the words of its history.
HAPPENINGS = {
    "governance.member.admitted": _("became a member of the grouping"),
    "governance.body.merged": _("ended, and merged"),
    "governance.demonstration.loaded": _("the demonstration was put in place"),
    "identity.enterprise.signed_up": _("somebody asked to act for it"),
    "identity.service.activated": _("a service was switched on"),
    "identity.service.deactivated": _("a service was switched off"),
}


def history(entries: Iterable[Any]) -> list[dict[str, Any]]:
    """The timeline of an organisation as the templates read it; a kind without words shows its code."""
    return [{"at": entry.at, "label": HAPPENINGS.get(entry.kind, entry.kind)} for entry in entries]


def label(entry: Mapping[str, Any]) -> str:
    """The label of a line of a pack in the reader's language."""
    return str(entry["label_en" if (get_language() or "fr").startswith("en") else "label_fr"])


def labels(pack: Pack) -> dict[str, str]:
    """The labels of a pack by code."""
    return {entry["code"]: label(entry) for entry in pack.entries}


def organisation(row: Any, *, colleges: Mapping[str, str], categories: Mapping[str, str]) -> dict[str, Any]:
    """One organisation as the templates read it."""
    return {
        "reference": row.reference,
        "name": row.name,
        "kind": row.kind,
        "kind_label": row.get_kind_display(),
        "siren": row.siren,
        "insee_code": row.insee_code,
        "department": row.department,
        "postal_codes": row.postal_codes,
        "population": row.population,
        "population_vintage": row.population_vintage,
        "college_label": colleges.get(row.college, ""),
        "legal_category": row.legal_category,
        "legal_category_label": categories.get(row.legal_category, ""),
        "closed_on": row.closed_on,
        "successor": row.successor,
    }
