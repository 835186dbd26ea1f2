"""For whom a body buys: the members of its group, as this platform knows them, and what they bought of the same need.

What another body has not made public is neither counted nor named: its estimates are its own. A published consultation
of a member counts by the amounts of its signed contracts, or by its estimate where the member shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q, Sum

from territoires.kernel.clock import legal_day

from ..domain import life
from ..domain.need import Purchase
from ..models import Consultation, Contract, Participant

# What ended without a contract spends nothing.
_WITHOUT = (life.WITHDRAWN, life.ABANDONED, life.UNSUCCESSFUL)


def body_of(key: UUID) -> Any:
    """The body of that key."""
    rows: Any = apps.get_model("identity", "Organisation")._default_manager
    return rows.get(pk=key)


def buyers_of(consultation: Consultation) -> list[Participant]:
    """The other buyers for whom the body buys."""
    return list(Participant.objects.filter(consultation=consultation))


def bodies_of(consultation: Consultation) -> list[tuple[Participant, Any]]:
    """The same, each with its body on this platform; None where it has none."""
    members = buyers_of(consultation)
    known = _known([one.siret for one in members])
    return [(one, known.get(one.siret)) for one in members]


def names_by_siret(sirets: Sequence[str]) -> dict[str, str]:
    """The names of those that this platform knows."""
    return {siret: row.name for siret, row in _known(sirets).items()}


def purchases_of_members(consultation: Consultation) -> tuple[list[Purchase], list[Purchase]]:
    """What the group's other members published of their own: with a public value, and without one."""
    members = {row.pk: row.name for row in _known([one.siret for one in buyers_of(consultation)]).values()}
    members.pop(consultation.organisation_id, None)
    if not members:
        return [], []
    rows = (
        Consultation.objects.filter(organisation__in=members, published_at__isnull=False)
        .exclude(state__in=_WITHOUT)
        .exclude(family="")
    )
    valued: list[Purchase] = []
    unvalued: list[Purchase] = []
    signed = _signed([row.pk for row in rows])
    for row in rows:
        value = signed.get(row.pk) or (row.estimated_value if row.shows_value else None)
        purchase = Purchase(
            row.title,
            row.main_procurement_category,
            row.family,
            value or Decimal(0),
            legal_day(row.published_at or row.started_at),
            members[row.organisation_id],
        )
        (unvalued if value is None else valued).append(purchase)
    return valued, unvalued


def _signed(keys: Sequence[UUID]) -> dict[UUID, Decimal]:
    """The amounts of contracts in force, which are public data, by consultation."""
    found = (
        Contract.objects.filter(consultation__in=keys, notified_on__isnull=False)
        .values_list("consultation")
        .annotate(Sum("amount"))
    )
    return {key: amount for key, amount in found.order_by("consultation") if amount}


def _known(sirets: Sequence[str]) -> dict[str, Any]:
    """The bodies of this platform, by the SIRET by which they were named: their own, or another of the same SIREN."""
    rows: Any = apps.get_model("identity.Organisation")._default_manager
    found: dict[str, Any] = {}
    for row in rows.filter(Q(siret__in=sirets) | Q(siren__in=[siret[:9] for siret in sirets])):
        for siret in sirets:
            if siret == row.siret or (siret[:9] == row.siren and siret not in found):
                found[siret] = row
    return found
