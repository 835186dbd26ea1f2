"""Before the signature: the file of the contract, its pieces, the authority to sign, or its end without signature."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from territoires.contracts import procurement_contracts as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid

from ...domain import contract_life as states
from ...domain.wording import one_line, stated
from ...models import LONGEST_REASON, Contract, ContractPiece, KnownAct
from ...permissions import Procurement
from ...queries.award import known_act
from ...queries.files import received
from ..numbering import numbers_taken
from .moving import follow, step, told_of

PIECE_TYPES = ("11_AE", "11_AP", "11_TP", "11_RC", "11_PV", "11_RP", "11_RA", "11_AT", "10_DE", "99_AU")


MOST_PIECES = 50


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


@action(Procurement.SIGN_CONTRACT, on="contract", along=("consultation", "organisation"))
def give_up_contract(*, actor: Actor, contract: Contract, reason: str) -> Outcome[Contract]:
    """The contract will not be signed: the enterprise withdrew, or could not. Raises Conflict once signed."""
    step(contract, "give_up", actor)
    contract.end_reason = stated(reason, limit=LONGEST_REASON)
    contract.save()
    worklist.close_items(contract.subject)
    follow(contract, actor)
    return Outcome(contract, facts.ContractGivenUp(**told_of(contract), reason=contract.end_reason))


def _declared(text: str, since: date | None, actor: Actor) -> str:
    said = one_line(text)[:45]
    if not said or since is None or since > legal_day(actor.now()):
        fault = Fault(
            "declared",
            "authority-missing",
            "The act and the day since which it is executory are not said.",
            "Choose one of your acts, or give its number and the day since which it is executory.",
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
    if said != contract.number and said in numbers_taken(contract.organisation_id, contract.pk):
        raise Conflict("number-taken", "Another contract of your body has this number.", "Give another one.")
    return said
