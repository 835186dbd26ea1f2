"""Dynamic purchasing systems and framework agreements: who is in, what is called under them, how much is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from territoires.foundations.actions import api as actions
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing

from ..domain import contract_life, life
from ..domain.admission import ADMITTED, HELD, RECEIVED
from ..domain.law import DYNAMIC, SPECIFIC
from ..domain.sheet import FRAMEWORK
from ..models import Admission, Consultation, Contract, ContractChange, Lot
from ..permissions import Procurement
from .publication import state_at

HOLDING = (contract_life.NOTIFIED, contract_life.EXECUTION)


@dataclass(frozen=True, slots=True)
class Called:
    """An enterprise that may be invited under a parent; ``person`` is who answered for it, told before all others."""

    enterprise: Any
    person: UUID | None


def takes_requests(consultation: Consultation, at: datetime) -> bool:
    """Whether an enterprise may ask to be admitted now: until the last day of the system, once its call is over."""
    if consultation.procedure != DYNAMIC or state_at(consultation, at) not in life.TAKES_REQUESTS:
        return False
    last = consultation.in_force_until
    return last is None or legal_day(at) <= last


def admissions_of(consultation: Consultation) -> list[Admission]:
    """Every place that was asked for, the latest first."""
    rows = Admission.objects.filter(consultation=consultation)
    return list(rows.select_related("bidder").prefetch_related("files__document"))


def admission_of(consultation: Consultation, key: UUID) -> Admission:
    """Raises Missing."""
    for one in admissions_of(consultation):
        if one.pk == key:
            return one
    raise Missing("no-admission", "There is no such request here.", "Go back to the system.")


def file_of_admission(admission: Admission, sha256: str) -> Any:
    """A file that came with a request. Raises Missing."""
    for one in admission.files.all():
        if one.sha256 == sha256:
            return one.document
    raise Missing("no-document", "This file is not part of the request.", "Go back to the request.")


def held_admission(actor: Actor, key: UUID) -> Admission:
    """The place of the acting enterprise. Raises Missing."""
    rows: QuerySet[Admission] = actions.visible(actor, Procurement.HOLD_ADMISSION)
    found = rows.filter(pk=key).select_related("consultation__organisation", "bidder").first()
    if found is None:
        raise Missing("no-admission", "There is no such request here.", "Look in the list of your letters.")
    return found


def own_admission(actor: Actor, consultation: Consultation) -> Admission | None:
    """The place that the acting enterprise has or asks for in a system."""
    rows: QuerySet[Admission] = actions.visible(actor, Procurement.HOLD_ADMISSION)
    return rows.filter(consultation=consultation, state__in=HELD).first()


def to_examine(consultation: Consultation) -> list[Admission]:
    """The requests that wait for an answer, the first due first."""
    rows = Admission.objects.filter(consultation=consultation, state=RECEIVED)
    return list(rows.order_by("examine_until", "received_at"))


def carries_contracts(consultation: Consultation) -> bool:
    """Whether contracts are called under it: a system in force, or a framework agreement that somebody holds."""
    if consultation.procedure == DYNAMIC:
        return consultation.state == life.IN_FORCE
    return consultation.technique == FRAMEWORK and _held(consultation).exists()


def called_under(consultation: Consultation, lot: int | None) -> list[Called]:
    """Who is invited to a contract of a lot: all who are admitted to it, or all who hold it, once each."""
    if consultation.procedure == DYNAMIC:
        rows = Admission.objects.filter(consultation=consultation, state=ADMITTED)
        rows = rows.select_related("bidder").order_by("received_at", "id")
        return [Called(one.bidder, one.person_id) for one in rows if lot is None or lot in one.lots]
    held = _held(consultation)
    if lot is not None:
        held = held.filter(lot__number=lot)
    found = {}
    for one in held:
        answered = one.award.deposit
        found[one.holder_id] = Called(one.holder, answered.person_id if answered else None)
    return list(found.values())


def calls_all_admitted(consultation: Consultation) -> bool:
    """Whether whom it invites is no choice of the buyer: all who are admitted in a system of this platform."""
    return consultation.procedure == SPECIFIC and consultation.parent_id is not None


def lot_numbered(consultation: Consultation, number: int | None) -> Lot | None:
    """Raises Missing for a lot that it has not, and for none where there are some."""
    lots = list(Lot.objects.filter(consultation=consultation))
    for one in lots:
        if one.number == number:
            return one
    if lots or number is not None:
        raise Missing("no-lot", "There is no such lot in this consultation.", "Choose one in the list.")
    return None


def children_of(consultation: Consultation) -> Sequence[Consultation]:
    """The consultations called under it, the latest first."""
    rows = Consultation.objects.filter(parent=consultation).exclude(state=life.DISCARDED)
    return list(rows.order_by("-started_at"))


def committed_under(consultation: Consultation) -> Decimal:
    """What the contracts called under it are worth together with their changes, euros without VAT; those given up do not
    count."""
    rows = Contract.objects.filter(consultation__parent=consultation).exclude(state=contract_life.GIVEN_UP)
    at_first = rows.aggregate(whole=Sum("amount"))["whole"] or Decimal(0)
    changed = ContractChange.objects.filter(contract__in=rows).aggregate(whole=Sum("amount"))["whole"]
    return at_first + (changed or Decimal(0))


def agreement_held(called: Consultation, holder: UUID) -> str:
    """The number of the agreement under which a contract is called: that of its holder, for the lot called.

    ``holder`` is who was called: it holds the agreement, or did until another took its place. Empty where it has none there.
    """
    rows = Contract.objects.filter(
        Q(holder=holder) | Q(award__supplier=holder), consultation=called.parent_id
    )
    if called.parent_lot is not None:
        rows = rows.filter(lot__number=called.parent_lot)
    rows = rows.exclude(state=contract_life.GIVEN_UP).order_by("number")
    return rows.values_list("number", flat=True).first() or ""


def framework_left(consultation: Consultation) -> Decimal | None:
    """What is left of the maximum of the framework agreement under which it is called; None where there is none."""
    parent = consultation.parent
    if parent is None or parent.framework_maximum is None:
        return None
    left: Decimal = parent.framework_maximum - committed_under(parent)
    return left


def _held(consultation: Consultation) -> QuerySet[Contract]:
    rows = Contract.objects.filter(consultation=consultation, state__in=HOLDING)
    return rows.select_related("holder", "award__deposit")
