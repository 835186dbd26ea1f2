"""What an enterprise says of itself for all its bids: its sheet, its partners, its safe of attestations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse

from territoires.contracts import procurement_bids as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.notifications import api as notifications
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Subject
from territoires.kernel.siret import compact, is_siret

from ..domain.findings import msgid
from ..domain.wording import one_line
from ..models import Attestation, BidDraft, ConsortiumMember, EnterpriseSheet
from ..permissions import Procurement
from ..queries.enterprise import accounts_of, attestation_kinds, attestation_of, sheet_of
from ..queries.files import examined

MOST_MEMBERS = 60
MOST_ATTESTATIONS = 200
SHEET_FIELDS = (
    "legal_form",
    "address",
    "postal_code",
    "town",
    "email",
    "telephone",
    "signatory",
    "signatory_title",
    "is_small",
    "headcount",
    "turnover_year",
    "turnover",
    "turnover_before",
    "turnover_two_before",
    "insurance",
    "qualifications",
    "references",
)


@dataclass(frozen=True, slots=True)
class MemberWords:
    """One partner as written."""

    siret: str
    name: str
    part: str = ""


@action(Procurement.SAFE)
def write_sheet(
    *, actor: Actor, values: Mapping[str, Any], version: int | None = None
) -> Outcome[EnterpriseSheet]:
    """Writes what DC1 and DC2 say of the enterprise. Raises Conflict when somebody changed it meanwhile."""
    sheet = sheet_of(actor)
    unchanged(sheet, version)
    changed = [name for name in SHEET_FIELDS if name in values and getattr(sheet, name) != values[name]]
    for name in changed:
        setattr(sheet, name, values[name])
    sheet.version += 1
    sheet.changed_at = actor.now()
    sheet.save()
    fact = facts.EnterpriseSheetWritten(
        subject=Subject("procurement.enterprise_sheet", sheet.organisation_id), fields=tuple(changed)
    )
    return Outcome(sheet, fact)


@action(Procurement.BID_PREPARE, on="draft")
def write_consortium(
    *, actor: Actor, draft: BidDraft, consortium: str, members: Sequence[MemberWords]
) -> Outcome[BidDraft]:
    """Says with whom the bidder, who leads, answers. Raises Invalid."""
    if consortium not in BidDraft.Consortium.values:
        raise Invalid("consortium-unknown", "This form of consortium is unknown.", "Choose one in the list.")
    sound = _sound(draft, members) if consortium else []
    if consortium and not sound:
        raise Invalid(
            "consortium-empty",
            "A consortium has other members than its lead: none was named; nothing was saved.",
            "Name them by their SIRET, or say that you answer alone.",
        )
    draft.consortium = consortium
    draft.save(update_fields=["consortium"])
    ConsortiumMember.objects.filter(draft=draft).delete()
    ConsortiumMember.objects.bulk_create(
        ConsortiumMember(draft=draft, siret=one.siret, name=one.name, part=one.part) for one in sound
    )
    fact = facts.ConsortiumWritten(
        subject=draft.subject, matter=draft.consultation_id, consortium=consortium, members=len(sound)
    )
    return Outcome(draft, fact)


def _sound(draft: BidDraft, members: Sequence[MemberWords]) -> list[MemberWords]:
    found: dict[str, MemberWords] = {}
    own = draft.bidder.siret if draft.bidder else ""
    for one in members:
        siret, name = compact(one.siret), one_line(one.name)[:200]
        if not is_siret(siret):
            raise _refused(one, msgid("%(siret)s is not a SIRET: its 14 digits do not agree."))
        if siret == own:
            raise _refused(one, msgid("%(siret)s is your own SIRET: you lead, you are not named twice."))
        if siret in found:
            raise _refused(one, msgid("%(siret)s is named twice."))
        if not name:
            raise _refused(one, msgid("The name of the enterprise %(siret)s is missing."))
        found[siret] = MemberWords(siret, name, one_line(one.part)[:300])
    if len(found) > MOST_MEMBERS:
        raise Invalid("consortium-large", "A consortium has at most 60 members here.", "Name the first 60.")
    return list(found.values())


def _refused(one: MemberWords, message: str) -> Invalid:
    fault = Fault("members", "member-refused", message, "Correct its line.", {"siret": one.siret[:20]})
    return Invalid("members-refused", "The members were not saved.", "Correct them.", faults=[fault])


@action(Procurement.SAFE)
def keep_attestation(
    *, actor: Actor, document: UUID, kind: str, valid_until: date | None
) -> Outcome[Attestation]:
    """Puts a received file in the safe. Raises Invalid for one that nobody could open, Conflict for the same bytes again."""
    file = examined(actor, document)
    organisation = actor.acting_organisation()
    present = Attestation.objects.filter(organisation=organisation)
    if present.filter(sha256=file.sha256).exists():
        raise Conflict("file-already-there", "This very file is already in the safe.", "Choose another file.")
    if present.count() >= MOST_ATTESTATIONS:
        raise Invalid("safe-full", "The safe holds 200 documents at most.", "Remove those that ended.")
    known = {one.code for one in attestation_kinds(legal_day(actor.now()))}
    kept = Attestation(
        organisation_id=organisation,
        kind=kind if kind in known else "other",
        document=file,
        sha256=file.sha256,
        valid_until=valid_until,
        added_at=actor.now(),
        person_id=actor.person,
    )
    kept.save(force_insert=True)
    documents.attach(file, holder=_subject(kept))
    fact = facts.AttestationKept(
        subject=_subject(kept),
        attestation_kind=kept.kind,
        valid_until=valid_until.isoformat() if valid_until else "",
        content=file.sha256,
        name=file.name,
    )
    return Outcome(kept, fact)


@action(Procurement.SAFE)
def remove_attestation(*, actor: Actor, attestation: UUID) -> Outcome[UUID]:
    """Takes a document out of the safe. Raises Missing."""
    found = attestation_of(actor, attestation)
    subject = _subject(found)
    found.delete()
    documents.release(
        actor=replace(actor, idempotency_key=None),
        document=found.document,
        holder=subject,
        reason="removed",
    )
    fact = facts.AttestationRemoved(subject=subject, attestation_kind=found.kind, content=found.sha256)
    return Outcome(attestation, fact)


@action(Procurement.BID_KEEP)
def remind_of_end(*, actor: Actor, attestation: Attestation) -> Outcome[Attestation]:
    """Tells the people of the enterprise that a document of its safe ends soon."""
    until = attestation.valid_until
    attestation.reminded_on = legal_day(actor.now())
    attestation.save(update_fields=["reminded_on"])
    organisation = attestation.organisation
    notifications.notify(
        recipients=[
            notifications.Recipient(one.person_id, one.email, one.person.language)
            for one in accounts_of(identity.administrators(organisation.pk, actor.now()))
        ],
        template="procurement/attestation_ending",
        context={
            "name": attestation.document.name,
            "until": until.isoformat() if until else "",
            "enterprise": organisation.name,
            "address": reverse("procurement_desk:safe", kwargs={"organisation": organisation.reference}),
        },
        organisation=organisation.pk,
        at=actor.now(),
    )
    fact = facts.AttestationExpiring(
        subject=_subject(attestation),
        attestation_kind=attestation.kind,
        valid_until=until.isoformat() if until else "",
    )
    return Outcome(attestation, fact)


def _subject(attestation: Attestation) -> Subject:
    return Subject("procurement.attestation", attestation.pk)
