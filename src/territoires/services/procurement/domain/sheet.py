"""A consultation as the rules see it: plain values, no row of a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .law import AUTHORITY, CATEGORIES, CONCESSION, DIRECT, PRIVATE
from .need import Need

__all__ = ["CATEGORIES", "LONGEST_TITLE", "CriterionSheet", "LotSheet", "Sheet"]

LONGEST_TITLE = 300
FRAMEWORK = "framework"
GROUP, CENTRAL = "group", "central"
NOTHING_ELSE = Need()


@dataclass(frozen=True, slots=True, kw_only=True)
class LotSheet:
    """``value`` in euros without VAT; ``is_small``: the buyer lets it by a lighter procedure than the whole.
    ``minimum_turnover`` None: what is asked for the whole."""

    number: int
    title: str = ""
    cpv: str = ""
    value: Decimal | None = None
    is_small: bool = False
    additional_cpvs: Sequence[str] = ()
    nuts: str = ""
    reserved_for: str = ""
    minimum_turnover: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSheet:
    """A part of a criterion; ``weight`` in percent of the whole note."""

    name: str
    weight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionSheet:
    """``weight`` in percent; ``lot`` None: for every lot that has no criteria of its own."""

    kind: str
    label: str
    weight: Decimal
    lot: int | None = None
    parts: Sequence[PartSheet] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSheet:
    """``value`` for each of ``times``; ``lot`` None: of the whole. ``months``: what one renewal lasts."""

    kind: str
    name: str
    value: Decimal | None = None
    times: int = 1
    months: int | None = None
    lot: int | None = None

    @property
    def whole(self) -> Decimal:
        return (self.value or Decimal(0)) * self.times


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionSheet:
    """What a candidate must be able to do; ``level`` is the least that is asked."""

    kind: str
    text: str
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPieceSheet:
    """A piece asked; ``code`` is one of the pack, or empty."""

    asked_from: str
    name: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Values in euros without VAT; the deadline is an aware instant, other moments are legal days.

    ``invited`` counts the enterprises that the buyer names, where nothing is public. ``framework_left`` is what the
    agreement under which it is called may still be worth.
    """

    title: str = ""
    description: str = ""
    category: str = ""
    regime: str = AUTHORITY
    is_social_service: bool = False
    estimated_value: Decimal | None = None
    need: Need = NOTHING_ELSE
    family: str = ""
    cpv: str = ""
    additional_cpvs: Sequence[str] = ()
    nuts: str = ""
    purchasing_form: str = ""
    group_agreement: str = ""
    buyers: Sequence[str] = ()
    procedure: str = ""
    procedure_ground: str = ""
    is_two_stage: bool = False
    invited: int = 0
    technique: str = ""
    framework_maximum: Decimal | None = None
    framework_left: Decimal | None = None
    duration_months: int | None = None
    validity_days: int | None = None
    division_reason: str = ""
    lots: Sequence[LotSheet] = ()
    criteria: Sequence[CriterionSheet] = ()
    options: Sequence[OptionSheet] = ()
    allows_variants: bool = False
    variant_conditions: str = ""
    reserved_for: str = ""
    selection: Sequence[SelectionSheet] = ()
    asked_pieces: Sequence[AskedPieceSheet] = ()
    fewest_candidates: int | None = None
    most_candidates: int | None = None
    prize: Decimal | None = None
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
    stale_documents: Sequence[str] = ()

    @property
    def is_concession(self) -> bool:
        return self.procedure == CONCESSION

    @property
    def is_competitive(self) -> bool:
        return bool(self.procedure) and self.procedure != DIRECT

    @property
    def is_private(self) -> bool:
        return self.procedure in PRIVATE

    def turnover_asked(self, lot: LotSheet) -> Decimal | None:
        """For one lot: its own, else that of all."""
        return self.minimum_turnover if lot.minimum_turnover is None else lot.minimum_turnover

    @property
    def reference_value(self) -> Decimal | None:
        """What is compared to the thresholds: the whole need, not this consultation alone."""
        return None if self.estimated_value is None else self.need.total(self.estimated_value)
