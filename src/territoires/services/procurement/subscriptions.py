"""What the facts of acts say to procurement: authorities in force, and contracts on their way to the State."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from territoires.contracts import legality
from territoires.contracts import legality_transmission as sending
from territoires.contracts import procurement_award as award
from territoires.contracts import procurement_contracts as contracting
from territoires.contracts import procurement_publication as publication
from territoires.contracts.exchange import ParcelRefused, ParcelSent
from territoires.contracts.identity import MembershipEnded
from territoires.contracts.signature_desk import SideSigned
from territoires.foundations.exchange import api as exchange
from territoires.foundations.journal import api as journal
from territoires.foundations.journal.api import Recorded, Subscription
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day

from .actions import knowing, notice_records, notices, open_data, public_record
from .actions.contracts import signatures
from .actions.waiting_to_open import ask_to_replace
from .domain import life
from .domain.notices import ocds
from .domain.notices.life import NOTICE
from .models import ContractChange
from .queries.award import change_of_act, contract_of_act
from .queries.duties import opened_by
from .queries.notices import consultation_at, contract_at, notice_by_key
from .queries.open_data import file_by_key

FOLLOWER, CONTRACT = "procurement.acts", "procurement.contract"
SENT = (sending.TransmissionConfirmed.KIND, sending.TransmissionSent.KIND)
RETURNED = (sending.TransmissionRefused.KIND, sending.TransmissionCancelled.KIND)


def follow(fact: Recorded) -> None:
    """Notes what an act became, and moves the contract that it carries."""
    act = _act_of(fact)
    if act is None or fact.organisation is None:
        return
    if changes := _known(fact):
        knowing.know_act(act, fact.organisation, changes)
    contract, change = contract_of_act(act), change_of_act(act)
    actor = system_actor("follower", organisation=fact.organisation, causation=fact.id)
    if change is not None:
        _follow_change(fact, actor, change, act)
    elif contract is None:
        return
    elif fact.kind in SENT:
        knowing.mark_transmitted(actor=actor, contract=contract, act=act)
    elif fact.kind == sending.TransmissionAcknowledged.KIND:
        knowing.mark_received(
            actor=actor, contract=contract, act=act, received_on=_day(fact.facts["received_on"])
        )
    elif fact.kind in RETURNED:
        knowing.mark_returned(actor=actor, contract=contract, act=act)


def _follow_change(fact: Recorded, actor: Actor, change: ContractChange, act: UUID) -> None:
    if fact.kind == sending.TransmissionAcknowledged.KIND:
        knowing.mark_change_received(
            actor=actor,
            contract=change.contract,
            number=change.number,
            act=act,
            received_on=_day(fact.facts["received_on"]),
        )


def _act_of(fact: Recorded) -> UUID | None:
    """The act itself: its matter may be that of the consultation whose contract it is."""
    if fact.subject_type == "legality.act":
        return fact.subject_id
    return UUID(fact.facts["act"]) if fact.facts.get("act") else fact.matter


def _known(fact: Recorded) -> dict[str, Any]:
    said = fact.facts
    match fact.kind:
        case legality.ActSigned.KIND:
            return {
                "number": said["number"],
                "nature": said["nature"],
                "decided_on": _day(said["decided_on"]),
                "withdrawn_on": None,
            }
        case legality.ActPublished.KIND:
            return {
                "number": said["number"],
                "nature": said["nature"],
                "matter_code": said["matter_code"],
                "public_on": legal_day(datetime.fromisoformat(said["published_at"])),
            }
        case legality.ActPosted.KIND:
            return {"public_on": _day(said["posted_on"])}
        case legality.ActNotified.KIND:
            return {"public_on": _day(said["notified_on"])}
        case sending.TransmissionAcknowledged.KIND:
            return {"received_on": _day(said["received_on"])}
        case sending.TransmissionCancelled.KIND:
            return {"received_on": None}
        case legality.ActDutyDeclared.KIND:
            return {"must_be_received": said["is_transmitted"]}
        case legality.ActRenumbered.KIND:
            return {"number": said["number"]}
        case legality.ActWithdrawn.KIND | legality.ActReopened.KIND:
            return {"withdrawn_on": legal_day(fact.at)}
        case legality.ActTakenOver.KIND:
            return {
                "number": said["number"],
                "nature": said["nature"],
                "matter_code": said["matter_code"],
                "decided_on": _day(said["decided_on"]),
                "public_on": _day(said["published_on"]) if said["published_on"] else None,
                "received_on": _day(said["received_on"]) if said["received_on"] else None,
            }
    return {}


def _day(text: str) -> date:
    return date.fromisoformat(text)


ACTS = Subscription(
    FOLLOWER,
    (
        legality.ActSigned.KIND,
        legality.ActPublished.KIND,
        legality.ActPosted.KIND,
        legality.ActNotified.KIND,
        legality.ActDutyDeclared.KIND,
        legality.ActRenumbered.KIND,
        legality.ActReopened.KIND,
        legality.ActWithdrawn.KIND,
        legality.ActTakenOver.KIND,
        sending.TransmissionAcknowledged.KIND,
        *SENT,
        *RETURNED,
    ),
    follow,
)


def follow_signature(fact: Recorded) -> None:
    """A side signed a contract at the signature desk."""
    said = fact.facts
    contract = contract_at(UUID(said["about"])) if said["about_type"] == CONTRACT else None
    if contract is None:
        return
    private = journal.personal_values(fact.id)
    signatures.record_desk_signature(
        actor=system_actor("follower", organisation=fact.organisation, causation=fact.id),
        contract=contract,
        signature=signatures.Signature(
            side=said["side"],
            means=said["means"],
            signed_on=_day(said["signed_on"]),
            name=private.get("name", ""),
            quality=private.get("quality", ""),
            document=UUID(said["document"]),
            certificate=said["certificate"],
            issuer=said["issuer"],
            source=said["source"],
        ),
    )


SIGNATURES = Subscription("procurement.signatures", (SideSigned.KIND,), follow_signature)

PUBLIC_FOLLOWER = "procurement.public-record"
# What each fact of a call or of a contract is in OCDS.
CALLS = {
    publication.ConsultationPublished.KIND: ocds.TENDER,
    publication.ConsultationAmended.KIND: ocds.AMENDMENT,
    publication.ConsultationClosed.KIND: ocds.UPDATE,
    publication.ConsultationEnded.KIND: ocds.CANCELLATION,
    award.ConsultationEndedWithout.KIND: ocds.CANCELLATION,
}
# Decided without a winner, the candidates are told in the same gesture; else by the letters, which name the winner.
AWARDS = (award.ConsultationDecided.KIND, award.LettersSent.KIND)
CONTRACTS = {
    contracting.ContractNotified.KIND: ocds.CONTRACT,
    contracting.ContractChanged.KIND: ocds.CHANGE,
    contracting.ContractBegun.KIND: ocds.IMPLEMENTATION,
    contracting.ContractEnded.KIND: ocds.TERMINATION,
    contracting.SubcontractDecided.KIND: ocds.IMPLEMENTATION,
}


def tell_public(fact: Recorded) -> None:
    """A procedure moved: releases, essential data and proposed notices follow."""
    found = consultation_at(fact.matter) if fact.matter else None
    if found is None:
        return
    actor = system_actor("follower", organisation=fact.organisation, causation=fact.id)
    if fact.kind in CALLS:
        public_record.follow_call(
            actor=actor,
            consultation=found,
            tag=CALLS[fact.kind],
            cause=fact.id,
            version=int(fact.facts.get("version", 1)),
        )
    elif fact.kind == award.SystemTermChanged.KIND:
        public_record.follow_term(actor=actor, consultation=found)
    elif fact.kind == award.SystemEnded.KIND:
        public_record.propose_results_of_system(actor=actor, system=found)
    elif fact.kind in AWARDS:
        if fact.facts.get("state") == life.DECIDED:  # public once the candidates are told, and not before
            return
        public_record.follow_award(actor=actor, consultation=found, cause=fact.id)
    elif contract := contract_at(_contract_of(fact)):
        public_record.follow_contract(
            actor=actor,
            contract=contract,
            tag=CONTRACTS[fact.kind],
            cause=fact.id,
            change=int(fact.facts.get("change") or 0),
        )


def _contract_of(fact: Recorded) -> UUID:
    said = fact.facts.get("contract")
    return UUID(said) if said else fact.subject_id


PUBLIC_RECORD = Subscription(
    PUBLIC_FOLLOWER,
    (*CALLS, *CONTRACTS, *AWARDS, award.SystemTermChanged.KIND, award.SystemEnded.KIND),
    tell_public,
)

NOTICE_FOLLOWER = "procurement.notices"


def follow_notice(fact: Recorded) -> None:
    """A notice, or a file of essential data, left or was refused at the door."""
    is_sent = fact.kind == ParcelSent.KIND
    if fact.facts["about_type"] == "procurement.notice":
        _follow_notice(fact, is_sent)
    elif fact.facts["about_type"] == "procurement.open_file":
        file = file_by_key(UUID(fact.facts["about"]))
        if file is not None and file.state == file.State.ORDERED:
            state = file.State.PUBLISHED if is_sent else file.State.REJECTED
            actor = system_actor("follower", organisation=fact.organisation, causation=fact.id)
            open_data.settle_file(actor=actor, file=file, state=state, reason="" if is_sent else _words(fact))


def _follow_notice(fact: Recorded, is_sent: bool) -> None:
    notice = notice_by_key(UUID(fact.facts["about"]))
    if notice is None:
        return
    actor = system_actor("follower", organisation=notice.organisation_id, causation=fact.id)
    if fact.facts["key"].endswith(notices.STOP):
        if is_sent and NOTICE.allows(notice.state, "stop"):
            notice_records.record_stopped(actor=actor, notice=notice)
    elif is_sent:
        if NOTICE.allows(notice.state, "record_sent"):  # an answer may have been faster
            notice_records.record_sent(actor=actor, notice=notice, sent_at=fact.at)
    elif NOTICE.allows(notice.state, "reject"):
        notice_records.record_rejected(actor=actor, notice=notice, reason=_words(fact))


def _words(fact: Recorded) -> str:
    parcel = exchange.parcel_of(channel=fact.facts["channel"], key=fact.facts["key"])
    return parcel.detail if parcel and parcel.detail else str(fact.facts["reason"])


NOTICES = Subscription(NOTICE_FOLLOWER, (ParcelSent.KIND, ParcelRefused.KIND), follow_notice)


def follow_departure(fact: Recorded) -> None:
    """Somebody left a body: where she was to open bids, the body replaces her."""
    organisation, person = UUID(fact.facts["organisation"]), UUID(fact.facts["person"])
    for consultation in opened_by(organisation, person):
        ask_to_replace(consultation, fact.at)


DEPARTURES = Subscription("procurement.departures", (MembershipEnded.KIND,), follow_departure)
