"""The people of a consultation, and those who may join it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q

from territoires.foundations.identity import api as identity

from ..models import Consultation, Member


def team_of(consultation: Consultation) -> list[Member]:
    return list(Member.objects.filter(consultation=consultation).select_related("person"))


def candidates_of(organisation: UUID, at: datetime) -> dict[UUID, str]:
    """Names by id of the members of the body and of those who hold a mandate of it, by name."""
    persons = {*_persons("identity.Membership", Q(organisation=organisation), at, "person")}
    persons |= {*_persons("identity.Mandate", Q(principal=organisation), at, "representative")}
    names = identity.persons_named(persons)
    return dict(sorted(names.items(), key=lambda item: item[1].casefold()))


def _persons(model: str, whose: Q, at: datetime, field: str) -> Iterable[UUID]:
    rows: Any = apps.get_model(model)._default_manager
    in_force = identity.in_force(at)
    return rows.filter(whose, in_force).values_list(f"{field}_id", flat=True)  # type: ignore[no-any-return]
