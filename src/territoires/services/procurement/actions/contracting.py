"""From the award to the contract in force: its file, the authority, the signatures, the State, the notification.

Nothing goes before its turn: the letters and the standstill before the buyer's signature, the State's receipt before the
notification where it is due, both before the execution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop as _

from territoires.contracts import procurement_award as facts
from territoires.contracts.signature_desk import ToSign
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.ids import new_id
from territoires.kernel.siret import compact, is_siret

from ..domain import contract_life as states
from ..domain.contract_life import CONTRACT, next_verbs
from ..domain.signing import BUYER, BY_HAND, ELECTRONIC, HOLDER, SIDES, awaited, manner_of
from ..domain.wording import one_line, stated
from ..models import (
    LONGEST_REASON,
    Consultation,
    Contract,
    ContractPiece,
    ContractSignature,
    KnownAct,
)
from ..permissions import Procurement
from ..queries.award import contracts_of, known_act, signatures_of
from ..queries.files import received
from ..queries.law import law_on
from ..queries.signing import CIRCUIT, desk_of, file_of, must_be_received, signature_obstacles
from .moving import move
from .next_step import wait_for_next_step
from .telling import tell_enterprise

MAIN_TYPE = "11_AE"
PIECE_TYPES = ("11_AE", "11_AP", "11_TP", "11_RC", "11_PV", "11_RP", "11_RA", "11_AT", "10_DE", "99_AU")
MOST_PIECES = 50
TO_SIGN = "contract-to-sign"


@dataclass(frozen=True, slots=True)
class Signature:
    """One side's signature as it is recorded. By hand: ``document`` is the scan, electronically the signed file."""

    side: str
    means: str
    signed_on: date
    name: str
    quality: str = ""
    document: UUID | None = None
    certificate: str = ""
    issuer: str = ""
    source: str = ""


def step(contract: Contract, verb: str, actor: Actor, version: int | None = None) -> None:
    """Moves a contract; the caller saves it, then calls ``follow``. Raises Conflict."""
    unchanged(contract, version)
    contract.state = CONTRACT.after(contract.state, verb)
    contract.version += 1


def follow(contract: Contract, actor: Actor) -> None:
    """Brings the consultation to where its least advanced contract stands, and the desk with it."""
    consultation = Consultation.objects.select_related("organisation").get(pk=contract.consultation_id)
    contracts = contracts_of(consultation)
    verbs = next_verbs(
        consultation.state,
        [one.state for one in contracts],
        through_state=any(one.must_be_received for one in contracts),
    )
    for verb in verbs:
        move(consultation, verb, actor, None)
    if verbs:
        consultation.save()
    wait_for_next_step(consultation, actor)


def told_of(contract: Contract) -> dict[str, Any]:
    """The fields that every fact of a contract begins with."""
    return {"subject": contract.subject, "matter": contract.consultation_id, "number": contract.number}


@action(Procurement.SIGN_CONTRACT, on="contract", along=("consultation", "organisation"))
def prepare_contract(
    *,
    actor: Actor,
    contract: Contract,
    document: UUID | None = None,
    number: str = "",
    pieces: Sequence[tuple[UUID, str]] = (),
    version: int | None = None,
) -> Outcome[Contract]:
    """Gives the contract its file and its pieces, each with its type for the State. Raises Invalid, Conflict once signed."""
    if contract.state not in (states.DRAFTED, states.SIGNING):
        raise Conflict(
            "contract-signed", "The contract is signed: its file changes no more.", "Make a change."
        )
    if contract.state == states.SIGNING and document is not None:
        raise Conflict(
            "signature-given", "One side has signed this very file.", "Take that signature back first."
        )
    unchanged(contract, version)
    if number.strip():
        contract.number = _sound_number(contract, number)
    if document is not None:
        file = documents.attach(received(actor, document), holder=contract.subject)
        contract.document, contract.sha256 = file, file.sha256
    present = contract.pieces.count()
    if present + len(pieces) > MOST_PIECES:
        raise Invalid("too-many-pieces", "A contract has at most 50 pieces.", "Put some together.")
    for place, (key, kind) in enumerate(pieces, start=present + 1):
        if kind not in PIECE_TYPES:
            raise Invalid("piece-type", "This type of piece is unknown.", "Choose one in the list.")
        file = documents.attach(received(actor, key), holder=contract.subject)
        ContractPiece.objects.get_or_create(
            contract=contract,
            sha256=file.sha256,
            defaults={"kind": kind, "document": file, "position": place},
        )
    contract.version += 1
    contract.save()
    fact = facts.ContractPrepared(**told_of(contract), amount=contract.amount, content=contract.sha256)
    return Outcome(contract, fact)


@action(Procurement.SIGN_CONTRACT, on="contract", along=("consultation", "organisation"))
def choose_authority(
    *,
    actor: Actor,
    contract: Contract,
    act: UUID | None = None,
    declared: str = "",
    declared_on: date | None = None,
) -> Outcome[Contract]:
    """Says by which act the signatory may sign. It is in force already: known from its own facts, or declared with its day.

    Raises Conflict for an act that is not executory, Invalid when nothing is said.
    """
    if contract.state not in (states.DRAFTED, states.SIGNING):
        raise Conflict("contract-signed", "The contract is signed already.", "Nothing to do.")
    if act is not None:
        found = known_act(act, contract.organisation_id)
        require_executory(found, legal_day(actor.now()))
        contract.authority, contract.authority_number = found, found.number
        contract.authority_kind = "known"
    else:
        contract.authority, contract.authority_number = None, _declared(declared, declared_on, actor)
        contract.authority_kind = "declared"
    contract.version += 1
    contract.save()
    fact = facts.ContractPrepared(**told_of(contract), amount=contract.amount, content=contract.sha256)
    return Outcome(contract, fact)


@action(Procurement.SIGN_CONTRACT, on="contract", along=("consultation", "organisation"))
def ask_signatures(*, actor: Actor, contract: Contract) -> Outcome[Contract]:
    """Puts the contract before those who sign, through the signature desk. Raises Conflict without its file."""
    _require_file(contract)
    asked = desk_of(contract).request(
        actor=actor,
        about=contract.subject,
        documents=[ToSign(contract.document_id, contract.sha256)] if contract.document_id else [],
        circuit=CIRCUIT,
        matter=contract.consultation_id,
    )
    worklist.open_item(
        organisation=contract.organisation_id,
        subject=contract.subject,
        matter=contract.consultation_id,
        kind=TO_SIGN,
        title=f"{contract.number} {contract.title}",
        verb=_("Sign the contract"),
        address=asked.address,
        permission=Procurement.SIGN_CONTRACT,
        state_label=CONTRACT.states[contract.state].label,
        at=actor.now(),
    )
    tell_enterprise(
        actor,
        contract.consultation,
        contract.holder,
        about=contract.pk,
        template="contract_to_sign",
        page="contract",
        number=contract.number,
    )
    return Outcome(contract, facts.SignaturesAsked(**told_of(contract), request=asked.id))


@action(Procurement.SIGN_CONTRACT, on="contract", along=("consultation", "organisation"))
def record_signature(
    *, actor: Actor, contract: Contract, signature: Signature, version: int | None = None
) -> Outcome[Contract]:
    """Records a signature by hand of either side, or the buyer's electronic one. See ``_record``."""
    return _record(actor, contract, signature, version)


@action(Procurement.HOLD_CONTRACT, on="contract", along=("consultation", "organisation"))
def record_holder_signature(
    *, actor: Actor, contract: Contract, signature: Signature, version: int | None = None
) -> Outcome[Contract]:
    """Records the electronic signature that the holder put on the contract. Raises Conflict for the buyer's place."""
    if signature.side != HOLDER or signature.means != ELECTRONIC:
        raise Conflict("not-your-side", "Your enterprise signs for itself alone.", "Nothing was signed.")
    return _record(actor, contract, signature, version)


def _record(actor: Actor, contract: Contract, signature: Signature, version: int | None) -> Outcome[Contract]:
    """One side signs; with the second one the contract is signed.

    Raises Conflict when the side has signed, or the buyer may not yet (letters, standstill, authority), Invalid for a day
    or a name that cannot be.
    """
    if signature.side not in SIDES:
        raise Invalid("side-unknown", "This side is unknown.", "Reload the page.")
    given = signatures_of(contract)
    if signature.side not in awaited(one.side for one in given):
        raise Conflict(
            "already-signed", "This side has signed already; nothing was done twice.", "Nothing to do."
        )
    _require_sound(actor, contract, signature)
    if signature.side == BUYER:
        _require_buyer_may_sign(contract, signature)
    if signature.document is not None:
        file = documents.attach(file_of(contract, signature.document), holder=contract.subject)
        contract.document, contract.sha256 = file, file.sha256
    ContractSignature.objects.create(
        contract=contract,
        side=signature.side,
        means=signature.means,
        signed_on=signature.signed_on,
        name=one_line(signature.name)[:200],
        quality=one_line(signature.quality)[:200],
        certificate=signature.certificate,
        issuer=signature.issuer[:300],
        recorded_at=actor.now(),
        recorded_by_id=actor.person,
    )
    is_last = len(given) + 1 == len(SIDES)
    step(contract, "sign" if is_last else "sign_one", actor, version)
    fact = facts.ContractSignatureGiven(
        **told_of(contract),
        side=signature.side,
        means=signature.means,
        signed_on=signature.signed_on,
        certificate=signature.certificate,
        content=contract.sha256,
        name=signature.name,
    )
    if not is_last:
        contract.save()
        return Outcome(contract, fact)
    return Outcome(contract, fact, _concluded(actor, contract))


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation", "holder"))
def send_to_holder(*, actor: Actor, contract: Contract, version: int | None = None) -> Outcome[Contract]:
    """Sends the signed contract to its holder: it takes effect when the holder receives it.

    Raises Conflict before the State has acknowledged a contract that it must receive.
    """
    if contract.must_be_received and contract.received_on is None:
        raise Conflict(
            "state-first",
            "This contract is above the threshold: it is notified only once the prefecture has received it, and it"
            " has not (CGCT L2131-1).",
            "Transmit it first; the acknowledgement opens this step.",
        )
    step(contract, "notify", actor, version)
    contract.sent_to_holder_at = actor.now()
    contract.save()
    tell_enterprise(
        actor,
        contract.consultation,
        contract.holder,
        about=contract.pk,
        template="contract_notified",
        page="contract",
        number=contract.number,
    )
    follow(contract, actor)
    fact = facts.ContractSentToHolder(
        **told_of(contract), holder=contract.holder_id, change=0, content=contract.sha256
    )
    return Outcome(contract, fact)


@action(Procurement.HOLD_CONTRACT, on="contract", along=("consultation", "organisation"))
def acknowledge_contract(*, actor: Actor, contract: Contract) -> Outcome[Contract]:
    """The holder receives the contract on its page: this very instant is the notification. Raises Conflict twice."""
    return _notified(actor, contract, legal_day(actor.now()), "platform")


@action(Procurement.CARRY_OUT, on="contract", along=("consultation", "organisation"))
def record_delivery(*, actor: Actor, contract: Contract, received_on: date) -> Outcome[Contract]:
    """Records the day on which the holder received it otherwise: handed over, registered letter. Raises Invalid."""
    sent_on = legal_day(contract.sent_to_holder_at) if contract.sent_to_holder_at else None
    if sent_on is None or not sent_on <= received_on <= legal_day(actor.now()):
        fault = Fault(
            "received_on",
            "delivery-date",
            "The holder received it between its sending and today.",
            "Give the day on the receipt.",
        )
        raise Invalid("delivery-refused", "Nothing was recorded.", "Correct the day.", faults=[fault])
    return _notified(actor, contract, received_on, "delivery")


@action(Procurement.SIGN_CONTRACT, on="contract", along=("consultation", "organisation"))
def give_up_contract(*, actor: Actor, contract: Contract, reason: str) -> Outcome[Contract]:
    """The contract will not be signed: the enterprise withdrew, or could not. Raises Conflict once signed."""
    step(contract, "give_up", actor)
    contract.end_reason = stated(reason, limit=LONGEST_REASON)
    contract.save()
    worklist.close_items(contract.subject)
    follow(contract, actor)
    return Outcome(contract, facts.ContractGivenUp(**told_of(contract), reason=contract.end_reason))


def require_executory(act: KnownAct, on: date) -> None:
    """Raises Conflict for an act that does not empower anybody yet on that day."""
    begun = max((day for day in (act.public_on, act.received_on) if day is not None), default=None)
    if not act.is_executory or begun is None or begun > on:
        raise Conflict(
            "authority-not-executory",
            "The act %(number)s is not executory yet: nobody may sign by it (CGCT L2131-1).",
            "Publish it and have it received by the prefecture first, then sign.",
            params={"number": act.number},
        )


def _notified(actor: Actor, contract: Contract, on: date, means: str) -> Outcome[Contract]:
    step(contract, "receive", actor)
    contract.notified_at, contract.notified_on = actor.now(), on
    contract.notified_by_id = actor.person if means == "platform" else None
    contract.notification_proof = means
    contract.save()
    follow(contract, actor)
    fact = facts.ContractNotified(
        **told_of(contract),
        contract=contract.pk,
        holder=contract.holder_id,
        amount=contract.amount,
        signed_on=contract.signed_on or on,
        notified_on=on,
        means=means,
        change=0,
        content=contract.sha256,
    )
    return Outcome(contract, fact)


def _concluded(actor: Actor, contract: Contract) -> facts.ContractSigned:
    given = {one.side: one for one in signatures_of(contract)}
    contract.signed_on = max(one.signed_on for one in given.values())
    contract.manner = manner_of(one.means for one in given.values())
    contract.signatory = f"{given[BUYER].name}, {given[BUYER].quality}".strip(", ")
    law = law_on(contract.signed_on)
    contract.must_be_received = must_be_received(contract, law)
    if contract.must_be_received:
        days = int(law.rules["transmission-days"].value)
        contract.act = new_id()
        contract.transmit_until = contract.signed_on + timedelta(days=days)
    contract.save()
    worklist.close_items(contract.subject, TO_SIGN)
    follow(contract, actor)
    given_names, _space, usual_name = given[BUYER].name.rpartition(" ")
    return facts.ContractSigned(
        **told_of(contract),
        contract=contract.pk,
        change=0,
        consultation=contract.consultation_id,
        holder=contract.holder_id,
        amount=contract.amount,
        signed_on=contract.signed_on,
        manner=contract.manner,
        authority=contract.authority_id,
        authority_number=contract.authority_number,
        must_be_received=contract.must_be_received,
        act=contract.act,
        document=contract.document_id if contract.must_be_received else None,
        main_type=MAIN_TYPE,
        pieces=tuple((str(one.document_id), one.kind) for one in contract.pieces.all())
        if contract.must_be_received
        else (),
        until=contract.transmit_until,
        content=contract.sha256,
        title=contract.title,
        given_names=given_names,
        usual_name=usual_name,
        quality=given[BUYER].quality,
    )


def _require_sound(actor: Actor, contract: Contract, signature: Signature) -> None:
    today, faults = legal_day(actor.now()), []
    award_on = contract.award.decided_on
    if not award_on <= signature.signed_on <= today:
        faults.append(
            Fault(
                "signed_on",
                "signature-date",
                "The day of the signature lies between the award and today.",
                "Give the day on which that side signed.",
            )
        )
    if not one_line(signature.name):
        faults.append(
            Fault("name", "signatory-name", "Who signed is not named.", "Write first name and name.")
        )
    if signature.means == BY_HAND and signature.document is None and contract.document_id is None:
        faults.append(
            Fault(
                "document",
                "scan-missing",
                "The scan of the signed contract is missing.",
                "Add it: the body keeps the paper, the scan is its copy.",
            )
        )
    if faults:
        raise Invalid("signature-refused", "The signature was not recorded.", "Correct it.", faults=faults)
    if signature.means != BY_HAND and signature.source != contract.sha256:
        raise Conflict(
            "file-changed-meanwhile",
            "Somebody else signed this contract at the same moment; your signature was not recorded.",
            "Sign it again: both signatures then stand in the file.",
        )


def _require_buyer_may_sign(contract: Contract, signature: Signature) -> None:
    found = signature_obstacles(contract, signature.signed_on, law_on(signature.signed_on))
    if found:
        raise Conflict(
            found[0].code,
            found[0].message,
            found[0].remedy,
            params=_readable(found[0].params),
            faults=[one.as_fault() for one in found],
        )
    if not contract.authority_number:
        raise Conflict(
            "authority-missing",
            "It is not said by which deliberation or delegation the signatory may sign.",
            "Choose the act that empowers her: it must be executory already.",
        )
    if contract.authority is not None:
        require_executory(contract.authority, signature.signed_on)


def _readable(params: object) -> dict[str, object]:
    given = dict(params) if isinstance(params, dict) else {}
    return {name: f"{one:%d/%m/%Y}" if isinstance(one, date) else one for name, one in given.items()}


def _require_file(contract: Contract) -> None:
    if contract.document_id is None:
        raise Conflict(
            "contract-without-file", "The contract has no file yet.", "Add the contract as one PDF first."
        )


def _declared(text: str, since: date | None, actor: Actor) -> str:
    said = one_line(text)[:45]
    if not said or since is None or since > legal_day(actor.now()):
        fault = Fault(
            "declared",
            "authority-missing",
            "The act and the day since which it is executory are not said.",
            "Give its number and that day, which has come.",
        )
        raise Invalid("authority-refused", "Nothing was recorded.", "Complete it.", faults=[fault])
    return f"{said} ({since:%d/%m/%Y})"


def _sound_number(contract: Contract, number: str) -> str:
    said = one_line(number)
    if len(said) > 16 or not all(one.isalnum() or one in "-_./" for one in said):
        fault = Fault(
            "number",
            "number-form",
            "A number has at most 16 letters, digits and hyphens.",
            "Shorten it: the open data takes no more.",
        )
        raise Invalid("contract-refused", "Nothing was saved.", "Correct the number.", faults=[fault])
    taken = Contract.objects.filter(organisation=contract.organisation_id, number=said).exclude(
        pk=contract.pk
    )
    if taken.exists():
        raise Conflict("number-taken", "Another contract of your body has this number.", "Give another one.")
    return said


def own_siret(text: str, fallback: str) -> str:
    """A SIRET as typed. Raises Invalid for one whose digits do not agree."""
    found = compact(text)
    if not found:
        return fallback
    if not is_siret(found):
        fault = Fault("siret", "siret-wrong", "This is no SIRET.", "Copy its fourteen digits.")
        raise Invalid("siret-wrong", "Nothing was saved.", "Correct the SIRET.", faults=[fault])
    return found
