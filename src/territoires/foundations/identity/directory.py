"""Reads of the public directory of organisations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, Value, When

from territoires.kernel.errors import Missing

from .models import Kind, Organisation, Person


def organisation_by_reference(reference: str) -> Organisation:
    """The organisation of a SIREN or SIRET as it stands in addresses. Raises Missing."""
    if not (reference.isascii() and reference.isdigit()):
        raise unknown_organisation()
    found = Organisation.objects.filter(reference=reference).first()
    if found is None:
        raise unknown_organisation()
    return found


def unknown_organisation() -> Missing:
    """The refusal of a number that names nobody here."""
    return Missing(
        "unknown-organisation",
        "No organisation of the platform has this number.",
        "Look for it by its name on the home page.",
    )


def operator() -> Organisation | None:
    """The organisation that runs the platform; None before it is declared."""
    return Organisation.objects.filter(kind=Kind.OPERATOR).first()


def count_by_kind() -> dict[str, int]:
    """How many open organisations there are of each kind."""
    rows = Organisation.objects.filter(closed_on=None).values_list("kind").annotate(count=Count("id"))
    return dict(rows.order_by("kind"))


def public_body(reference: str) -> Organisation:
    """A body as its public page shows it: with its groupings and department. Raises Missing for a private one."""
    found = organisation_by_reference(reference)
    if found.kind in (Kind.ENTERPRISE, Kind.OPERATOR):
        raise unknown_organisation()
    return found


def groupings_of(organisation: Organisation) -> list[Organisation]:
    """The groupings that a commune belongs to today."""
    return list(
        Organisation.objects.filter(
            grouping_members__member=organisation, grouping_members__until_on=None
        ).order_by("name_folded")
    )


def department_names() -> dict[str, str]:
    """Names of departments by code: a commune's name is only unique with it."""
    return dict(Organisation.objects.filter(kind=Kind.DEPARTMENT).values_list("department", "name"))


def names_of(organisations: Iterable[UUID]) -> dict[UUID, str]:
    """Names by id, one query."""
    return dict(Organisation.objects.filter(pk__in=set(organisations)).values_list("pk", "name"))


def persons_named(persons: Iterable[UUID]) -> dict[UUID, str]:
    """First and usual name of persons by id, one query; the caller may know who they are."""
    found = Person.objects.filter(pk__in=set(persons))
    return {person.pk: person.display_name for person in found}


def find(
    *, kinds: Sequence[str], words: Sequence[str] = (), siren: str = "", code: str = "", limit: int = 20
) -> list[Organisation]:
    """Open organisations of these kinds: by SIREN, by postal or INSEE code, or by words that start words of the name.

    ``words`` are folded. The exact name first, then names that begin so, then the most populated.
    """
    rows = Organisation.objects.filter(kind__in=kinds, closed_on=None)
    if siren:
        return list(rows.filter(siren=siren)[:limit])
    if code:
        return list(
            rows.filter(Q(insee_code=code) | Q(postal_codes__contains=[code])).order_by("name_folded")[:limit]
        )
    for word in words:
        rows = rows.filter(Q(name_folded__startswith=word) | Q(name_folded__contains=f" {word}"))
    text = " ".join(words)
    nearness = Case(
        When(name_folded=text, then=Value(0)),
        When(name_folded__startswith=text, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(rows.order_by(nearness, "-population", "name_folded")[:limit])
