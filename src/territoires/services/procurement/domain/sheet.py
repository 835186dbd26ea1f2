"""A consultation as the rules see it: plain values, no row of a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .law import AUTHORITY, CATEGORIES, CONCESSION, DIRECT
from .need import Need

__all__ = ["CATEGORIES", "LONGEST_TITLE", "CriterionSheet", "LotSheet", "Sheet"]

LONGEST_TITLE = 300
FRAMEWORK = "framework"
NOTHING_ELSE = Need()


@dataclass(frozen=True, slots=True, kw_only=True)
class LotSheet:
    """``value`` in euros without VAT; ``is_small``: the buyer lets it by a lighter procedure than the whole."""

    number: int
    title: str = ""
    cpv: str = ""
    value: Decimal | None = None
    is_small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionSheet:
    """``weight`` in percent; ``lot`` None: for every lot that has no criteria of its own."""

    kind: str
    label: str
    weight: Decimal
    lot: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Values in euros without VAT; the deadline is an aware instant, other moments are legal days."""

    title: str = ""
    description: str = ""
    category: str = ""
    regime: str = AUTHORITY
    is_social_service: bool = False
    estimated_value: Decimal | None = None
    need: Need = NOTHING_ELSE
    family: str = ""
    cpv: str = ""
    nuts: str = ""
    procedure: str = ""
    procedure_ground: str = ""
    technique: str = ""
    framework_maximum: Decimal | None = None
    duration_months: int | None = None
    validity_days: int | None = None
    division_reason: str = ""
    lots: Sequence[LotSheet] = ()
    criteria: Sequence[CriterionSheet] = ()
    environmental_clause: str = ""
    social_clause: str = ""
    minimum_turnover: Decimal | None = None
    contact_email: str = ""
    review_body: str = ""
    is_urgent: bool = False
    urgency_reason: str = ""
    has_prior_notice: bool = False
    publish_on: date | None = None
    questions_until: date | None = None
    applications_until: datetime | None = None
    invite_on: date | None = None
    tenders_until: datetime | None = None
    documents: Sequence[str] = ()

    @property
    def is_concession(self) -> bool:
        return self.procedure == CONCESSION

    @property
    def is_competitive(self) -> bool:
        return bool(self.procedure) and self.procedure != DIRECT

    @property
    def reference_value(self) -> Decimal | None:
        """What is compared to the thresholds: the whole need, not this consultation alone."""
        return None if self.estimated_value is None else self.need.total(self.estimated_value)
