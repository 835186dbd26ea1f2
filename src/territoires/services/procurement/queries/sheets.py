"""A consultation as the rules see it, and what they say of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Unavailable

from ..domain import checking, life
from ..domain.findings import Finding, Severity, msgid
from ..domain.law import Law
from ..domain.need import Need, Purchase, families, need_of
from ..domain.sheet import (
    AskedPieceSheet,
    CriterionSheet,
    LotSheet,
    OptionSheet,
    PartSheet,
    SelectionSheet,
    Sheet,
)
from ..models import (
    AskedPiece,
    Consultation,
    ContractOption,
    Criterion,
    Lot,
    Override,
    Participant,
    Piece,
    SelectionCriterion,
)
from .buyers import purchases_of_members
from .drafts import stale_documents
from .invitations import invited_of
from .law import law_on
from .systems import framework_left

# What a sheet reads of other rows than the consultation's own.
_OTHER = (
    "category",
    "need",
    "buyers",
    "invited",
    "framework_left",
    "lots",
    "criteria",
    "options",
    "selection",
    "asked_pieces",
    "documents",
    "stale_documents",
)
_SAME = tuple(name for name in Sheet.__dataclass_fields__ if name not in _OTHER)


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding and the reason for which the buyer goes on in spite of it, if any."""

    finding: Finding
    override: Override | None

    @property
    def stops(self) -> bool:
        return self.finding.stops or self.override is None


@dataclass(frozen=True, slots=True)
class Checked:
    """All that the check of a consultation needs and says."""

    sheet: Sheet
    law: Law
    standings: tuple[Standing, ...]

    @property
    def is_ready(self) -> bool:
        return not any(standing.stops for standing in self.standings)

    def of_step(self, step: str) -> list[Standing]:
        return [one for one in self.standings if one.finding.step == step]


def checked(consultation: Consultation, today: date) -> Checked:
    """The check against the law of the day of publication, or of today while none is set.

    Raises Unavailable when the law of today itself is not on the platform.
    """
    law, unknown = _law(consultation, today)
    sheet = sheet_of(consultation, today, months=int(law.rules["need-months"].value))
    sheet = _with_stale(consultation, sheet, law)
    reasons = {one.finding: one for one in Override.objects.filter(consultation=consultation)}
    findings = [*checking.check(sheet, law, today=today), *unknown]
    return Checked(sheet, law, tuple(Standing(f, reasons.get(f.key)) for f in findings))


def checked_for_publication(consultation: Consultation, today: date, day: date) -> Checked:
    """The same check as if it were published on ``day``, today or later: the calendar may have grown too short."""
    law, unknown = _law_of(day, today)
    sheet = sheet_of(consultation, today, months=int(law.rules["need-months"].value))
    sheet = dataclasses.replace(sheet, publish_on=day)
    reasons = {one.finding: one for one in Override.objects.filter(consultation=consultation)}
    findings = [*checking.check(sheet, law, today=day), *unknown]
    return Checked(sheet, law, tuple(Standing(f, reasons.get(f.key)) for f in findings))


def _with_stale(consultation: Consultation, sheet: Sheet, law: Law) -> Sheet:
    """With the written documents that no longer say the same; once public, changes have amendments of their own."""
    if consultation.state not in life.BEFORE_PUBLICATION:
        return sheet
    return dataclasses.replace(sheet, stale_documents=stale_documents(consultation, sheet, law))


def sheet_of(consultation: Consultation, today: date, *, months: int = 12) -> Sheet:
    need = _need(consultation, today, months)
    return Sheet(
        **{name: getattr(consultation, name) for name in _SAME},
        category=consultation.main_procurement_category,
        need=need,
        buyers=sirets_of(consultation),
        invited=len(invited_of(consultation)),
        framework_left=framework_left(consultation),
        lots=[_lot(lot) for lot in lots_of(consultation)],
        criteria=[_criterion(one) for one in criteria_of(consultation)],
        options=[_option(one) for one in options_of(consultation)],
        selection=[_selection(one) for one in selection_of(consultation)],
        asked_pieces=[_asked_piece(one) for one in asked_pieces_of(consultation)],
        documents=[piece.kind for piece in pieces_of(consultation)],
    )


def _need(consultation: Consultation, today: date, months: int) -> Need:
    """What the body and, when it buys for others, the group's members bought of the same need."""
    valued, unvalued = purchases_of_members(consultation)
    category, family = consultation.main_procurement_category, consultation.family
    need = need_of(
        category,
        family,
        [*purchases_beside(consultation), *valued],
        committed=consultation.committed_elsewhere,
        on=today,
        months=months,
    )
    unknown = need_of(category, family, unvalued, on=today, months=months)
    return dataclasses.replace(need, unvalued=len(unknown.others))


def purchases_beside(consultation: Consultation) -> list[Purchase]:
    """The other consultations of the body with a named need and a value, whatever became of them but thrown away."""
    rows = (
        Consultation.objects.filter(organisation=consultation.organisation_id, estimated_value__isnull=False)
        .exclude(pk=consultation.pk)
        .exclude(state__in=[life.DISCARDED, life.WITHDRAWN, life.ABANDONED, life.UNSUCCESSFUL])
        .exclude(family="")
    )
    return [
        Purchase(
            row.title,
            row.main_procurement_category,
            row.family,
            row.estimated_value,
            legal_day(row.started_at),
        )
        for row in rows.only("title", "main_procurement_category", "family", "estimated_value", "started_at")
        if row.estimated_value is not None
    ]


def families_of(consultation: Consultation) -> list[str]:
    """The names of needs that the body used before."""
    return families(purchases_beside(consultation))


def lots_of(consultation: Consultation) -> list[Lot]:
    return list(Lot.objects.filter(consultation=consultation))


def criteria_of(consultation: Consultation) -> list[Criterion]:
    """With their parts, already read."""
    return list(Criterion.objects.filter(consultation=consultation).prefetch_related("parts"))


def options_of(consultation: Consultation) -> list[ContractOption]:
    return list(ContractOption.objects.filter(consultation=consultation))


def selection_of(consultation: Consultation) -> list[SelectionCriterion]:
    return list(SelectionCriterion.objects.filter(consultation=consultation))


def asked_pieces_of(consultation: Consultation) -> list[AskedPiece]:
    return list(AskedPiece.objects.filter(consultation=consultation))


def pieces_of(consultation: Consultation) -> list[Piece]:
    """The documents in force."""
    found = Piece.objects.filter(consultation=consultation, retired_in=None)
    return list(found.select_related("document"))


def overrides_of(consultation: Consultation) -> list[Override]:
    return list(Override.objects.filter(consultation=consultation).select_related("person"))


def _law(consultation: Consultation, today: date) -> tuple[Law, Iterable[Finding]]:
    return _law_of(consultation.publish_on or today, today)


def _law_of(day: date, today: date) -> tuple[Law, Iterable[Finding]]:
    if day <= today:
        return law_on(today), ()
    try:
        return law_on(day), ()
    except Unavailable:
        return law_on(today), [_unknown(day)]


def _unknown(day: date) -> Finding:
    return Finding(
        code="law-unknown",
        step="calendar",
        field="publish_on",
        severity=Severity.MISSING,
        message=msgid("The thresholds in force on %(day)s are not on this platform yet."),
        remedy=msgid("Publish earlier, or ask the operator to add them to its folder of lists."),
        params={"day": day},
    )


def _lot(lot: Lot) -> LotSheet:
    return LotSheet(
        number=lot.number,
        title=lot.title,
        cpv=lot.cpv,
        value=lot.estimated_value,
        is_small=lot.is_small,
        additional_cpvs=lot.additional_cpvs,
        nuts=lot.nuts,
        reserved_for=lot.reserved_for,
        minimum_turnover=lot.minimum_turnover,
    )


def _criterion(one: Criterion) -> CriterionSheet:
    return CriterionSheet(
        kind=one.kind,
        label=one.name,
        weight=one.weight,
        lot=one.lot_number,
        parts=[PartSheet(name=part.name, weight=part.weight) for part in one.parts.all()],
    )


def _option(one: ContractOption) -> OptionSheet:
    return OptionSheet(
        kind=one.kind,
        name=one.name,
        value=one.value,
        times=one.times,
        months=one.months,
        lot=one.lot_number,
    )


def _selection(one: SelectionCriterion) -> SelectionSheet:
    return SelectionSheet(kind=one.kind, text=one.text, level=one.level)


def _asked_piece(one: AskedPiece) -> AskedPieceSheet:
    return AskedPieceSheet(asked_from=one.asked_from, name=one.name, code=one.code)


def sirets_of(consultation: Consultation) -> list[str]:
    """The other buyers for whom the body buys."""
    return list(Participant.objects.filter(consultation=consultation).values_list("siret", flat=True))
