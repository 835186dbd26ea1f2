"""The signatures of a contract: asked of the desk, recorded side by side, concluded with the second one.

Nothing goes before its turn: the letters, the standstill and an executory authority come before the buyer's signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext_noop as _

from territoires.contracts import procurement_contracts as facts
from territoires.contracts.signature_desk import ToSign
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.ids import new_id

from ...domain.contract_life import CONTRACT
from ...domain.findings import Finding
from ...domain.signing import BUYER, BY_HAND, ELECTRONIC, HOLDER, SIDES, awaited, manner_of
from ...domain.wording import one_line
from ...models import Contract, ContractSignature
from ...permissions import Procurement
from ...queries.award import decision_letters, signatures_of
from ...queries.law import law_on
from ...queries.signing import (
    CIRCUIT,
    candidates_not_told,
    desk,
    file_of,
    must_be_received,
    signature_obstacles,
)
from ..telling import tell_enterprise
from .holding import SIGN, holder_did, let_holder
from .moving import follow, step, told_of
from .preparing import require_executory

MAIN_TYPE = "11_AE"


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


@action(Procurement.SIGN_CONTRACT, on="contract", along=("consultation", "organisation"))
def ask_signatures(*, actor: Actor, contract: Contract) -> Outcome[Contract]:
    """Puts the contract before those who sign, through the signature desk.

    Raises Conflict without its file, or before the candidates were told: the holder's mail would tell it the decision.
    """
    _require_file(contract)
    if not decision_letters(contract.consultation):
        raise _forbidden([candidates_not_told()])
    asked = desk().request(
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
    if HOLDER in awaited(one.side for one in signatures_of(contract)):
        let_holder(actor, contract, SIGN)
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


@action(Procurement.FOLLOW_CONTRACT, on="contract", along=("consultation", "organisation"))
def record_desk_signature(*, actor: Actor, contract: Contract, signature: Signature) -> Outcome[Contract]:
    """Records the signature that the signature desk tells of. See ``_record``: the order of the law holds here too."""
    return _record(actor, contract, signature, None)


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
    if signature.side == HOLDER:
        holder_did(contract, SIGN)
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
        raise _forbidden(found)
    if not contract.authority_number:
        raise Conflict(
            "authority-missing",
            "It is not said by which deliberation or delegation the signatory may sign.",
            "Choose the act that empowers her: it must be executory already.",
        )
    if contract.authority is not None:
        require_executory(contract.authority, signature.signed_on)


def _forbidden(found: Sequence[Finding]) -> Conflict:
    return Conflict(
        found[0].code,
        found[0].message,
        found[0].remedy,
        params=found[0].params,
        faults=[one.as_fault() for one in found],
    )


def _require_file(contract: Contract) -> None:
    if contract.document_id is None:
        raise Conflict(
            "contract-without-file", "The contract has no file yet.", "Add the contract as one PDF first."
        )
