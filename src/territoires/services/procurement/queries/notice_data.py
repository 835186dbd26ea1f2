"""What a notice says, read from the consultation, its results and the body's profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from territoires.foundations.packs.api import pack
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict

from ..domain import life
from ..domain.contract_life import GIVEN_UP
from ..domain.law import CONCESSION, CONTEST, DIRECT, DYNAMIC, SUBSEQUENT, UTILITY, Law
from ..domain.notices import sheets
from ..domain.notices.life import STOPPED
from ..domain.notices.subtypes import (
    CALL,
    INTENTION,
    MODIFICATION,
    RESULT,
    SUBTYPES,
    Subtype,
    subtype_for,
)
from ..domain.quarters import first_of_quarter, last_of_quarter
from ..domain.sheet import CENTRAL
from ..models import (
    BuyerProfile,
    Consultation,
    Contract,
    ContractChange,
    ContractOption,
    Criterion,
    Notice,
    OptionKind,
    Participant,
)
from .award import is_above_threshold
from .buyers import bodies_of
from .law import law_on
from .notice_results import contracts_told, outcomes_of, told_of_enterprises
from .preparation import PreparedLot, parts_of, prepared_lots

_OF_THE_JOURNAL = re.compile(r"\d{1,8}-\d{4}")
NATURES = {"goods": "supplies", "services": "services", "works": "works"}
AWARD_DAYS, GROUPED_DAYS = "award-notice-days", "grouped-results-days"
RESULTS = [code for code, kind in SUBTYPES.items() if kind.does == RESULT]
MODIFICATIONS = {
    "additional": "add-wss",
    "unforeseen": "mod-cir",
    "holder": "mod-repl",
    "clause": "mod-rev",
    "low": "mod-minv",
    "not_substantial": "mod-nons",
}
"""The code of modification-justification for each ground of the law."""


def profile_of(consultation: Consultation) -> BuyerProfile:
    """What notices say of the body that buys."""
    return profile_of_body(consultation.organisation)


def profile_of_body(organisation: Any) -> BuyerProfile:
    """What notices say of a body; an empty one where nobody entered it."""
    found = BuyerProfile.objects.filter(organisation=organisation.pk).first()
    return found or BuyerProfile(organisation=organisation)


def subtype_of(consultation: Consultation, does: str, day: date) -> str:
    """The subtype that a notice of the consultation has: European from the thresholds on, voluntary below."""
    law = law_on(day)
    return subtype_for(
        does,
        is_formal=is_above_threshold(consultation, law),
        is_utility=consultation.regime == UTILITY,
        is_social=consultation.is_social_service,
        is_concession=consultation.procedure == CONCESSION,
        is_contest=consultation.procedure == CONTEST,
    )


def folder_of(consultation: Consultation) -> UUID:
    """The identifier of the procedure in all its notices: a UUID that the rules accept, the same for ever."""
    made = uuid5(NAMESPACE_URL, f"procurement.consultation:{consultation.pk}")
    return UUID(int=made.int & ~(0xF << 76) | (4 << 76))


def sheet_of(notice: Notice, at: datetime, sdk: str) -> sheets.NoticeSheet:
    """All that a notice says at an instant. Raises Conflict when there is no result to tell yet."""
    consultation = notice.consultation
    kind = SUBTYPES[notice.subtype]
    law = law_on(legal_day(at))
    procedure = procedure_of(consultation, law)
    if kind.does in (INTENTION,) and notice.justification:
        procedure = replace(
            procedure,
            direct_reason=notice.justification,
            justification=notice.change_text,
            code="neg-wo-call",
        )
    procedure = replace(procedure, members=_members_of_group(notice, procedure.buyer))
    _require_agreement(kind, procedure)
    contract = _contract(notice)
    outcomes = outcomes_of(notice, contract, told_of_enterprises(notice))
    if kind.does in (RESULT, INTENTION, MODIFICATION) and not outcomes:
        raise Conflict(
            "no-result-yet",
            "There is no result to tell yet: no lot is awarded or ended.",
            "Decide the lots first; the notice is prepared from the decisions.",
        )
    told_lots = {one.lot for one in outcomes}
    if kind.does in (INTENTION, MODIFICATION) or (consultation.procedure == DYNAMIC and outcomes):
        procedure = replace(procedure, lots=[lot for lot in procedure.lots if lot.number in told_lots])
    return sheets.NoticeSheet(
        head=sheets.Head(
            identifier=notice.identifier,
            edition=notice.edition,
            subtype=notice.subtype,
            issued_at=at,
            sdk=sdk,
            change=_change(notice),
        ),
        procedure=procedure,
        call=call_of(consultation, law) if kind.does == CALL else None,
        outcomes=outcomes,
        modification=_modification(notice, contract) if kind.does == MODIFICATION else None,
    )


def _require_agreement(kind: Subtype, procedure: sheets.ProcedureSheet) -> None:
    """Raises Conflict where the award notice of a contract under an agreement cannot name that of the agreement."""
    is_asked = kind.does == RESULT and kind.tells_techniques and not kind.is_voluntary
    if is_asked and any(lot.is_called and not lot.framework_notice for lot in procedure.lots):
        raise Conflict(
            "no-agreement-notice",
            "The award notice of a contract under a framework agreement names that of the agreement, and none is"
            " published here.",
            "Send the award notice of the agreement first, or tell on its page that it is published.",
        )


def procedure_of(consultation: Consultation, law: Law) -> sheets.ProcedureSheet:
    """The procedure as notices tell it."""
    profile = profile_of(consultation)
    body = consultation.organisation
    procedure = law.procedures.get(consultation.procedure)
    code = _eforms_code(consultation, law)
    is_direct = procedure is not None and procedure.code == DIRECT
    return sheets.ProcedureSheet(
        folder=folder_of(consultation),
        reference=consultation.reference,
        title=consultation.title,
        description=consultation.description or consultation.title,
        nature=NATURES.get(consultation.main_procurement_category, ""),
        cpv=consultation.cpv,
        additional_cpvs=[one for one in consultation.additional_cpvs if one != consultation.cpv],
        nuts=consultation.nuts,
        code=code,
        buyer=sheets.Buyer(
            party=sheets.Party(
                name=body.name,
                identifier=body.siret or body.siren or "",
                city=profile.city,
                postal_code=profile.postal_code,
                nuts=profile.nuts or consultation.nuts,
                street=profile.street,
                email=profile.email or consultation.contact_email,
                telephone=profile.telephone,
                website=profile.website,
            ),
            legal_type=profile.legal_type,
            activity=profile.activity,
            entity_activity=profile.entity_activity,
            is_utility=consultation.regime == UTILITY,
            is_central=consultation.purchasing_form == CENTRAL,
        ),
        review=sheets.Party(
            name=profile.review_name or consultation.review_body,
            identifier=profile.review_siret,
            city=profile.review_city,
            postal_code=profile.review_postal_code,
            nuts=profile.review_nuts,
            email=profile.review_email,
            telephone=profile.review_telephone,
        ),
        lots=_lots(consultation, law),
        value=public_amount(consultation),
        is_accelerated=consultation.is_urgent,
        acceleration_reason=consultation.urgency_reason,
        direct_reason="" if not is_direct else "other",
        justification=consultation.procedure_ground,
        planned_on=consultation.publish_on,
        is_covered_by_gpa=_is_covered_by_gpa(consultation, law),
    )


def _members_of_group(notice: Notice, leader: sheets.Buyer) -> list[sheets.Buyer]:
    """The other buyers: as each body says on this platform, else as the agent told for this notice.

    They are written to at the leader's address where they have given none: it answers for them.
    """
    return [
        _member(one, body, notice.answers.get("places", {}).get(one.siret, {}), leader)
        for one, body in bodies_of(notice.consultation)
    ]


def _member(one: Participant, body: Any, said: Mapping[str, str], leader: sheets.Buyer) -> sheets.Buyer:
    profile = profile_of_body(body) if body is not None else BuyerProfile(legal_type=leader.legal_type)
    return sheets.Buyer(
        party=sheets.Party(
            name=one.name or f"SIRET {one.siret}",
            identifier=one.siret,
            city=said.get("city") or profile.city,
            postal_code=said.get("postal_code") or profile.postal_code,
            nuts=said.get("nuts") or profile.nuts,
            street=profile.street,
            email=profile.email or leader.party.email,
            telephone=profile.telephone or leader.party.telephone,
            website=profile.website,
        ),
        legal_type=said.get("legal_type") or profile.legal_type,
        activity=profile.activity,
        entity_activity=profile.entity_activity,
        is_utility=leader.is_utility,
    )


def members_without_place(notice: Notice) -> dict[str, str]:
    """The other buyers that this platform knows too little of, by SIRET, with their names."""
    leader = procedure_of(notice.consultation, law_on(legal_day(notice.prepared_at))).buyer
    found = {}
    for one, body in bodies_of(notice.consultation):
        party = _member(one, body, {}, leader).party
        if not (party.city and party.postal_code and party.nuts):
            found[one.siret] = party.name
    return found


def public_amount(consultation: Consultation) -> Decimal | None:
    """The estimate, where the buyer made it public; else nobody outside knows it."""
    return consultation.estimated_value if consultation.shows_value else None


def call_of(consultation: Consultation, law: Law) -> sheets.Call:
    """How enterprises answer."""
    address = settings.SITE_URL + reverse(
        "procurement:consultation", kwargs={"consultation": consultation.pk}
    )
    return sheets.Call(
        documents_url=address,
        submission_url=address,
        tenders_until=consultation.tenders_until,
        applications_until=consultation.applications_until or consultation.tenders_until,
        questions_until=consultation.questions_until,
        validity_days=consultation.validity_days,
        minimum_candidates=consultation.fewest_candidates or _fewest(consultation, law),
        maximum_candidates=consultation.most_candidates,
        invites_on=consultation.invite_on,
        prize=consultation.prize,
    )


def _fewest(consultation: Consultation, law: Law) -> int | None:
    """How many candidates the law makes invite at least; None where it says nothing.

    A system takes every fit candidate (directive 2014/24, art. 34); the form of its call asks for a number all the same.
    """
    if consultation.procedure == DYNAMIC:
        return 1
    rule = law.rules.get(f"fewest-candidates-{consultation.procedure}")
    return int(rule.value) if rule else None


def result_until(notice: Notice) -> date | None:
    """The last legal day to send a notice of results: so many days after the first signature (CCP R2183-1), after the
    quarter of the first contract that a system groups (directive 2014/24, art. 50), or after the system ended.

    None while nothing is signed, or while the number of days is not on this platform.
    """
    consultation = notice.consultation
    if consultation.procedure == DYNAMIC:
        ended = consultation.ended_at
        signed = [one.signed_on for one in contracts_told(notice) if one.signed_on]
        days = [_after(last_of_quarter(signed[0]), GROUPED_DAYS)] if signed else []
        days += [_after(legal_day(ended), AWARD_DAYS)] if ended else []
        return min((one for one in days if one), default=None)
    first = (
        Contract.objects.filter(consultation=consultation, signed_on__isnull=False)
        .order_by("signed_on")
        .values_list("signed_on", flat=True)
        .first()
    )
    return _after(first, AWARD_DAYS) if first else None


def _after(day: date, rule: str) -> date | None:
    found = law_on(day).rules.get(rule)
    return day + timedelta(days=int(found.value)) if found else None


def contracts_to_group(system: Consultation, day: date) -> list[UUID]:
    """The contracts called under a system that no notice tells yet: signed before the quarter of a day, or all of them
    once the system has ended."""
    notices = Notice.objects.exclude(state=STOPPED).filter(subtype__in=RESULTS)
    grouped = [
        key
        for answers in notices.filter(consultation=system).values_list("answers", flat=True)
        for key in answers.get("contracts", ())
    ]
    alone = notices.filter(consultation__parent=system).values("consultation")
    before = day + timedelta(days=1) if system.state == life.ENDED else first_of_quarter(day)
    rows = Contract.objects.filter(consultation__parent=system, signed_on__lt=before)
    rows = rows.exclude(state=GIVEN_UP).exclude(pk__in=grouped).exclude(consultation__in=alone)
    return list(rows.order_by("signed_on", "number").values_list("pk", flat=True))


def has_told_its_end(system: Consultation) -> bool:
    """Whether a notice of results was prepared since the system ended."""
    rows = Notice.objects.filter(consultation=system, subtype__in=RESULTS, prepared_at__gte=system.ended_at)
    return rows.exclude(state=STOPPED).exists()


def systems_in_force() -> list[Consultation]:
    """The dynamic purchasing systems under which contracts may be called, of every body."""
    return list(
        Consultation.objects.filter(procedure=DYNAMIC, state=life.IN_FORCE).select_related("organisation")
    )


def _eforms_code(consultation: Consultation, law: Law) -> str:
    if not consultation.procedure:
        return ""
    entry = pack("procurement-procedures", on=law.on).by_code(consultation.procedure)
    if law.has_two_stages(consultation):
        entry = {**entry, **entry.get("in_two_stages", {})}
    return str(entry.get("eforms", "")) or "oth-single"


def _is_covered_by_gpa(consultation: Consultation, law: Law) -> bool:
    """The agreement on government procurement covers what reaches the European thresholds, light services apart."""
    return is_above_threshold(consultation, law) and not consultation.is_social_service


def _lots(consultation: Consultation, law: Law) -> list[sheets.LotSheet]:
    is_called = consultation.procedure == SUBSEQUENT
    agreement = _published_award(consultation.parent) if is_called and consultation.parent else None
    notice = _name_of(agreement) if agreement else ""
    return [
        replace(_lot(consultation, one, law), is_called=is_called, framework_notice=notice)
        for one in prepared_lots(consultation)
    ]


def _name_of(notice: Notice) -> str:
    """How other notices name a published one: by its number in the Official Journal where it has one."""
    is_in_journal = _OF_THE_JOURNAL.fullmatch(notice.publication_number) is not None
    return notice.publication_number if is_in_journal else notice.name


def _lot(consultation: Consultation, one: PreparedLot, law: Law) -> sheets.LotSheet:
    is_whole = one.lot is None
    renewals = [option for option in one.options if option.kind == OptionKind.RENEWAL]
    return sheets.LotSheet(
        number=one.number,
        title=one.title,
        description=(consultation.description if is_whole else "") or one.title,
        cpv=one.cpv,
        additional_cpvs=one.additional_cpvs,
        nature=NATURES.get(consultation.main_procurement_category, ""),
        nuts=one.nuts,
        value=public_amount(consultation) if is_whole else None,
        duration_months=consultation.duration_months,
        criteria=[_criterion(criterion, law) for criterion in one.criteria],
        allows_variants=consultation.allows_variants,
        is_framework=bool(consultation.technique),
        framework_maximum=consultation.framework_maximum if is_whole else None,
        is_dynamic=consultation.procedure == DYNAMIC,
        starts_on=legal_day(consultation.published_at) if consultation.published_at else None,
        ends_on=consultation.in_force_until,
        reserved=_reserved(one.reserved_for, law.on),
        options=" ; ".join(_option(option) for option in one.options if option not in renewals),
        renewals=sum(option.times for option in renewals),
        renewal=" ; ".join(_option(option) for option in renewals),
        environmental=consultation.environmental_clause,
        social=consultation.social_clause,
    )


def _reserved(code: str, day: date) -> str:
    """For whom it is reserved, as eForms name it."""
    return str(pack("procurement-reservations", on=day).by_code(code)["eforms"]) if code else "none"


def _option(one: ContractOption) -> str:
    """An option in the language of notices."""
    with override("fr"):
        kind = str(OptionKind(one.kind).label)
    months = f" ({one.months} mois)" if one.months else ""
    times = f", {one.times} fois" if one.times > 1 else ""
    return f"{kind[:1].upper()}{kind[1:]} : {one.name}{months}{times}"


def _criterion(one: Criterion, law: Law) -> sheets.CriterionSheet:
    return sheets.CriterionSheet(
        kind=_criterion_kind(one.kind, law.criteria),
        name=one.name,
        weight=one.weight,
        parts=[sheets.PartSheet(name=part.name, weight=part.weight) for part in parts_of(one)],
    )


def _criterion_kind(code: str, kinds: object) -> str:
    found = kinds.get(code) if isinstance(kinds, dict) else None
    if found is None:
        return "quality"
    return "price" if found.is_price else "cost" if found.is_cost else "quality"


def _change(notice: Notice) -> sheets.Change | None:
    if notice.changes is None:
        return None
    return sheets.Change(of=notice.changes.name, reason=notice.change_reason, text=notice.change_text)


def _contract(notice: Notice) -> Contract | None:
    return Contract.objects.filter(pk=notice.contract).first() if notice.contract else None


def _modification(notice: Notice, contract: Contract | None) -> sheets.Modification:
    change = (
        ContractChange.objects.filter(contract=contract).order_by("-number").first() if contract else None
    )
    award = _published_award(notice.consultation)
    if award is None:
        raise Conflict(
            "no-award-notice",
            "A modification names the award notice of its contract, and none is published here.",
            "Send the award notice first, or tell on its page that it is published.",
        )
    return sheets.Modification(
        of=_name_of(award),
        reason=MODIFICATIONS.get(change.ground, "mod-nons") if change else "mod-nons",
        text=change.object if change else notice.change_text,
        justification=change.reason if change else notice.change_text,
    )


def _published_award(consultation: Consultation) -> Notice | None:
    return (
        Notice.objects.filter(consultation=consultation, subtype__in=RESULTS, state="published")
        .order_by("-published_on")
        .first()
    )
