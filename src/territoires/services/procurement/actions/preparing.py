"""A consultation begins, is written, copied or thrown away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from territoires.contracts import procurement as facts
from territoires.foundations.actions.api import Outcome, action, require
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Fault, Invalid
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean

from ..domain.life import DISCARDED
from ..domain.sheet import CATEGORIES, LONGEST_TITLE
from ..domain.wording import (
    MOST_CODES,
    BuyerWords,
    CriterionWords,
    InvitedWords,
    LotWords,
    is_cpv,
    one_line,
    sound_criteria,
    sound_invited,
    sound_lots,
)
from ..models import Consultation, Correspondent, Criterion, Lot, Member, Participant, SubCriterion, TeamRole
from ..permissions import Procurement
from ..queries.buyers import buyers_of, names_by_siret
from ..queries.law import law_on
from ..queries.sheets import asked_pieces_of, criteria_of, lots_of, options_of, pieces_of, selection_of
from .filing import let_go
from .frozen import CRITERIA, tells_attempts
from .inviting import invitation_to
from .moving import about, move

# What an agent writes; the rest belongs to verbs of their own.
WRITTEN = (
    "reference",
    "title",
    "description",
    "main_procurement_category",
    "regime",
    "is_social_service",
    "estimated_value",
    "family",
    "committed_elsewhere",
    "cpv",
    "additional_cpvs",
    "nuts",
    "purchasing_form",
    "group_agreement",
    "procedure",
    "procedure_ground",
    "is_negotiated",
    "is_two_stage",
    "technique",
    "framework_maximum",
    "division_reason",
    "duration_months",
    "validity_days",
    "allows_variants",
    "variant_conditions",
    "reserved_for",
    "fewest_candidates",
    "most_candidates",
    "prize",
    "environmental_clause",
    "social_clause",
    "minimum_turnover",
    "signature_time",
    "contact_email",
    "review_body",
    "is_urgent",
    "urgency_reason",
    "has_prior_notice",
    "publish_on",
    "questions_until",
    "applications_until",
    "invite_on",
    "tenders_until",
)
_LINES = ("reference", "title", "family", "review_body", "group_agreement")
# What a copy takes along: everything but what belongs to the moment.
_COPIED = tuple(
    name
    for name in WRITTEN
    if name
    not in ("reference", "publish_on", "questions_until", "applications_until", "invite_on", "tenders_until")
    and name not in ("is_urgent", "urgency_reason", "has_prior_notice", "committed_elsewhere")
)


NO_BUYERS = ("enterprise", "association")


@action(Procurement.START)
def start_consultation(*, actor: Actor, title: str, category: str = "") -> Outcome[Consultation]:
    """Opens a draft in the acting organisation, with who starts it on its team. Raises Invalid."""
    started = _new(actor, title=_title(title))
    started.main_procurement_category = category if category in CATEGORIES else ""
    return _begun(actor, started)


@action(Procurement.READ, on="source")
def copy_consultation(*, actor: Actor, source: Consultation, title: str) -> Outcome[Consultation]:
    """A new draft with the words, lots and criteria of another; neither its calendar nor its files. Raises Invalid."""
    require(actor, Procurement.START)
    outcome = begin(actor, title, {name: getattr(source, name) for name in _COPIED} | {"copied_from": source})
    copy = outcome.value
    for lot in lots_of(source):
        lot.pk, lot.consultation = new_id(), copy
        lot.save(force_insert=True)
    copy_criteria(criteria_of(source), copy)
    copy_rows(options_of(source), copy)
    copy_rows(selection_of(source), copy)
    copy_rows(asked_pieces_of(source), copy)
    copy_rows(buyers_of(source), copy)
    return outcome


@action(Procurement.PREPARE, on="consultation")
def revise_consultation(
    *, actor: Actor, consultation: Consultation, values: Mapping[str, Any], version: int | None = None
) -> Outcome[Consultation]:
    """Writes fields of a draft, those of ``WRITTEN``. Raises Invalid, Conflict when it is no draft or has changed."""
    move(consultation, "prepare", actor, version)
    changed = _write(consultation, values)
    if "reference" in changed and consultation.reference:
        _require_free(consultation)
    law = law_on(legal_day(actor.now()))
    if not law.has_two_stages(consultation):  # the dates of a procedure that was chosen before
        consultation.applications_until = consultation.invite_on = None
    consultation.save()
    return Outcome(consultation, facts.ConsultationRevised(**about(consultation), fields=tuple(changed)))


@action(Procurement.PREPARE, on="consultation")
def write_participants(
    *, actor: Actor, consultation: Consultation, buyers: Sequence[BuyerWords], version: int | None = None
) -> Outcome[Consultation]:
    """Names the other buyers for whom the body buys; one that the platform knows bears its name there."""
    move(consultation, "prepare", actor, version)
    known = names_by_siret([one.siret for one in buyers])
    Participant.objects.filter(consultation=consultation).delete()
    for one in buyers:
        name = known.get(one.siret) or one.name
        Participant(consultation=consultation, siret=one.siret, name=name).save(force_insert=True)
    consultation.save()
    return Outcome(consultation, facts.ConsultationRevised(**about(consultation), fields=("participants",)))


@action(Procurement.PREPARE, on="consultation")
def write_invited(
    *, actor: Actor, consultation: Consultation, invited: Sequence[InvitedWords], version: int | None = None
) -> Outcome[Consultation]:
    """Names the enterprises that are invited where nothing is public; nothing leaves before the publication."""
    move(consultation, "prepare", actor, version)
    sound = sound_invited(invited)
    Correspondent.objects.filter(consultation=consultation).delete()
    for one in sound:
        invitation_to(actor, consultation, one).save(force_insert=True)
    consultation.save()
    return Outcome(consultation, facts.ConsultationRevised(**about(consultation), fields=("invited",)))


@action(Procurement.PREPARE, on="consultation")
def write_lots(
    *, actor: Actor, consultation: Consultation, lots: Sequence[LotWords], version: int | None = None
) -> Outcome[Consultation]:
    """Writes the lots anew, numbered in their order; a lot that keeps its number keeps its id. Raises Invalid."""
    move(consultation, "prepare", actor, version)
    sound = sound_lots(lots, longest=LONGEST_TITLE)
    reservations = law_on(legal_day(actor.now())).reservations
    present = {lot.number: lot for lot in lots_of(consultation)}
    for number, words in enumerate(sound, start=1):
        lot = present.pop(number, None) or Lot(consultation=consultation, number=number)
        lot.title, lot.cpv = words.title, words.cpv
        lot.estimated_value, lot.is_small = words.estimated_value, words.is_small
        lot.additional_cpvs, lot.nuts = list(words.additional_cpvs), words.nuts
        lot.minimum_turnover = words.minimum_turnover
        lot.reserved_for = words.reserved_for if words.reserved_for in reservations else ""
        lot.save()
    for lot in present.values():
        lot.delete()
    Criterion.objects.filter(consultation=consultation, lot_number__gt=len(sound)).delete()
    consultation.save()
    numbers = tuple(range(1, len(sound) + 1))
    return Outcome(consultation, facts.LotsWritten(**about(consultation), numbers=numbers))


@tells_attempts(CRITERIA)
@action(Procurement.PREPARE, on="consultation")
def write_criteria(
    *,
    actor: Actor,
    consultation: Consultation,
    criteria: Sequence[CriterionWords],
    version: int | None = None,
) -> Outcome[Consultation]:
    """Writes the award criteria anew, in their order. Raises Invalid, and Conflict once they are public."""
    move(consultation, "prepare", actor, version)
    kinds = law_on(legal_day(actor.now())).criteria
    sound = sound_criteria(criteria, known=kinds)
    numbers = {lot.number for lot in lots_of(consultation)}
    Criterion.objects.filter(consultation=consultation).delete()
    for position, words in enumerate(sound, start=1):
        criterion = Criterion(
            consultation=consultation,
            position=position,
            lot_number=words.lot_number if words.lot_number in numbers else None,
            kind=words.kind,
            name=words.name or kinds[words.kind].label.fr,
            weight=words.weight,
        )
        criterion.save(force_insert=True)
        for place, part in enumerate(words.parts, start=1):
            SubCriterion(criterion=criterion, position=place, name=part.name, weight=part.weight).save()
    consultation.save()
    fact = facts.CriteriaWritten(
        **about(consultation),
        kinds=tuple(one.kind for one in sound),
        weights=tuple(str(one.weight) for one in sound),
    )
    return Outcome(consultation, fact)


@action(Procurement.PREPARE, on="consultation")
def discard_consultation(
    *, actor: Actor, consultation: Consultation, version: int | None = None
) -> Outcome[Consultation]:
    """Throws away a consultation that was never public, with its files; the book keeps that it existed."""
    move(consultation, "discard", actor, version)
    for piece in pieces_of(consultation):
        piece.delete()
        let_go(actor, consultation, piece.document, "discarded")
    consultation.save()
    return Outcome(consultation, facts.ConsultationDiscarded(**about(consultation)))


def begin(actor: Actor, title: str, values: Mapping[str, Any]) -> Outcome[Consultation]:
    """Inside an action: a new draft with these fields. Raises Invalid, Denied."""
    return _begun(actor, _new(actor, **{**values, "title": _title(title)}))


def copy_criteria(criteria: Sequence[Criterion], draft: Consultation, **values: Any) -> None:
    """Writes criteria and their parts anew on a draft; ``values`` are other there."""
    for criterion in criteria:
        parts = list(criterion.parts.all())
        for name, value in values.items():
            setattr(criterion, name, value)
        copy_rows([criterion], draft)
        for part in parts:
            part.pk, part.criterion = new_id(), criterion
            part.save(force_insert=True)


def copy_rows(rows: Sequence[Any], draft: Consultation) -> None:
    for row in rows:
        row.pk, row.consultation = new_id(), draft
        row.save(force_insert=True)


def _new(actor: Actor, **values: Any) -> Consultation:
    now = actor.now()
    return Consultation(
        id=new_id(), organisation_id=actor.acting_organisation(), started_at=now, changed_at=now, **values
    )


def _begun(actor: Actor, started: Consultation) -> Outcome[Consultation]:
    if started.organisation.kind in NO_BUYERS:
        raise Denied(
            "not-a-buyer",
            "An enterprise answers consultations; it does not publish any here.",
            "If your organisation buys under the code of public procurement, ask the operator to register it as a body.",
        )
    started.save(force_insert=True)
    if actor.person is not None:
        Member(consultation=started, person_id=actor.person, role=TeamRole.PREPARE).save()
    fact = facts.ConsultationStarted(
        **about(started),
        category=started.main_procurement_category,
        copied_from=started.copied_from_id,
        title=started.title,
    )
    return Outcome(started, fact)


def _write(consultation: Consultation, values: Mapping[str, Any]) -> list[str]:
    """Sets the fields and names those that changed. Raises Invalid with a fault for each that cannot be kept."""
    tidied = {name: _tidied(name, value) for name, value in values.items() if name in WRITTEN}
    if faults := [*_faults(consultation, tidied)]:
        raise Invalid("consultation-refused", "The consultation was not saved.", "Correct it.", faults=faults)
    changed = [name for name, value in tidied.items() if getattr(consultation, name) != value]
    for name in changed:
        setattr(consultation, name, tidied[name])
    return changed


def _tidied(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return one_line(value) if name in _LINES else clean(value)


def _faults(consultation: Consultation, values: Mapping[str, Any]) -> Iterator[Fault]:
    for name, value in values.items():
        field: Any = consultation._meta.get_field(name)
        try:
            field.clean(value, consultation)
        except ValidationError:
            is_allowed_blank = value in ("", None) and (field.blank or field.null)
            if not is_allowed_blank:
                yield Fault(name, f"{name.replace('_', '-')}-refused", "This cannot be kept.", "Correct it.")
    if values.get("estimated_value") is not None and values["estimated_value"] <= 0:
        yield Fault(
            "estimated_value", "value-not-positive", "A value is more than zero.", "Estimate it without VAT."
        )
    if values.get("cpv") and not is_cpv(values["cpv"]):
        yield Fault("cpv", "cpv-form", "A CPV code has eight digits.", "Search for it by words.")
    codes = values.get("additional_cpvs", ())
    if len(codes) > MOST_CODES or not all(is_cpv(code) for code in codes):
        yield Fault(
            "additional_cpvs",
            "cpv-form",
            "A CPV code has eight digits.",
            "Write each with its eight digits; twenty at most.",
        )
    if values.get("main_procurement_category", "") not in ("", *CATEGORIES):
        yield Fault(
            "main_procurement_category",
            "category-unknown",
            "This kind is unknown.",
            "Choose one in the list.",
        )


def _require_free(consultation: Consultation) -> None:
    taken = (
        Consultation.objects.filter(
            organisation=consultation.organisation_id, reference=consultation.reference
        )
        .exclude(pk=consultation.pk)
        .exclude(state=DISCARDED)
    )
    if taken.exists():
        raise Conflict(
            "reference-taken",
            "Another consultation of your body already bears the reference %(reference)s.",
            "Give the next free one.",
            params={"reference": consultation.reference},
        )


def _title(given: str) -> str:
    found = one_line(given)
    if 0 < len(found) <= LONGEST_TITLE:
        return found
    fault = Fault(
        "title",
        "title-length",
        "The title is empty or has more than %(limit)d characters.",
        "Say in one line what you buy.",
        {"limit": LONGEST_TITLE},
    )
    raise Invalid(
        "consultation-refused", "The consultation was not saved.", "Correct its title.", faults=[fault]
    )
