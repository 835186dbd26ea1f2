"""Facts of a contract, from its signatures to its end. ``matter`` is the consultation from end to end.

Amounts are euros without VAT; names, reasons and texts are personal values. A contract is the ``subject`` of its own facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class AboutContract(Fact):
    """A fact of one contract, by its number; it is also the ``subject``."""

    number: str


@dataclass(frozen=True, kw_only=True)
class ContractPrepared(AboutContract):
    """A contract waits for its signatures: its file, its pieces, what invoices must bear."""

    KIND: ClassVar[str] = "procurement.contract.prepared"
    amount: Decimal
    content: str = digest(default="")


@dataclass(frozen=True, kw_only=True)
class SignaturesAsked(AboutContract):
    """The contract was put before those who sign."""

    KIND: ClassVar[str] = "procurement.contract.signatures-asked"
    request: UUID


@dataclass(frozen=True, kw_only=True)
class ContractSignatureGiven(AboutContract):
    """One side signed, by hand or electronically; ``certificate`` is its fingerprint (SHA-256), empty by hand."""

    KIND: ClassVar[str] = "procurement.contract.signature-given"
    side: str
    means: str
    signed_on: date
    certificate: str = ""
    content: str = digest(default="")
    name: str = personal()


@dataclass(frozen=True, kw_only=True)
class ContractSigned(AboutContract):
    """Both sides have signed. ``authority`` is the act that empowered the signatory, in force already.

    When it ``must_be_received`` by the State, ``act`` is the id that its draft act takes, ``document`` the file,
    ``pieces`` the others as pairs of a document's id and a code of @ctes, ``until`` the last day of the transmission.
    """

    KIND: ClassVar[str] = "procurement.contract.signed"
    contract: UUID
    change: int
    consultation: UUID
    holder: UUID
    amount: Decimal
    signed_on: date
    manner: str
    authority: UUID | None
    authority_number: str
    must_be_received: bool
    act: UUID | None
    document: UUID | None
    main_type: str
    pieces: tuple[tuple[str, str], ...]
    until: date | None
    content: str = digest()
    title: str = personal()
    given_names: str = personal(default="")
    usual_name: str = personal(default="")
    quality: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class ContractTransmitted(AboutContract):
    """It left for the prefecture."""

    KIND: ClassVar[str] = "procurement.contract.transmitted"
    act: UUID


@dataclass(frozen=True, kw_only=True)
class ContractReceivedByState(AboutContract):
    """The prefecture received it on that day."""

    KIND: ClassVar[str] = "procurement.contract.received-by-state"
    act: UUID
    received_on: date


@dataclass(frozen=True, kw_only=True)
class ContractReturned(AboutContract):
    """Its transmission counts for nothing: it is to be sent again."""

    KIND: ClassVar[str] = "procurement.contract.returned-by-state"
    act: UUID


@dataclass(frozen=True, kw_only=True)
class ContractSentToHolder(AboutContract):
    """The signed contract was sent to its holder."""

    KIND: ClassVar[str] = "procurement.contract.sent-to-holder"
    holder: UUID
    change: int
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class ContractNotified(AboutContract):
    """The holder received it: it is in force. ``means``: ``platform`` (opened here) or ``delivery`` (handed over).

    ``act`` is that of the contract which the State received, if it had to.
    """

    KIND: ClassVar[str] = "procurement.contract.notified"
    contract: UUID
    holder: UUID
    amount: Decimal
    signed_on: date
    notified_on: date
    means: str
    change: int
    act: UUID | None = None
    content: str = digest()


@dataclass(frozen=True, kw_only=True)
class ContractBegun(AboutContract):
    """Its execution began."""

    KIND: ClassVar[str] = "procurement.contract.begun"
    started_on: date


@dataclass(frozen=True, kw_only=True)
class ContractChanged(AboutContract):
    """A change (avenant) was concluded, on that ground, for so much more or less.

    Where another enterprise takes the place of a holder, both are named by their SIRET; else they are empty.
    """

    KIND: ClassVar[str] = "procurement.contract.changed"
    contract: UUID
    change: int
    ground: str
    amount: Decimal
    new_amount: Decimal
    months: int
    signed_on: date
    new_holder_siret: str = ""
    replaced_siret: str = ""
    content: str = digest(default="")
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class SubcontractDeclared(AboutContract):
    """The holder presented a subcontractor."""

    KIND: ClassVar[str] = "procurement.subcontract.declared"
    subcontract: int
    siret: str
    amount: Decimal
    decide_until: date


@dataclass(frozen=True, kw_only=True)
class SubcontractDecided(AboutContract):
    """A subcontractor was accepted with its terms of payment, or refused."""

    KIND: ClassVar[str] = "procurement.subcontract.decided"
    contract: UUID
    subcontract: int
    siret: str
    amount: Decimal
    state: str
    is_paid_directly: bool
    decided_on: date
    reason: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class InvoicingSet(AboutContract):
    """What the holder writes on its invoices."""

    KIND: ClassVar[str] = "procurement.contract.invoicing-set"
    siret: str
    service_code: str
    commitment_number: str


@dataclass(frozen=True, kw_only=True)
class ContractEnded(AboutContract):
    """It is finished, or was ended before its time (``end_kind``)."""

    KIND: ClassVar[str] = "procurement.contract.ended"
    contract: UUID
    ended_on: date
    end_kind: str
    final_amount: Decimal | None
    reason: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class ContractGivenUp(AboutContract):
    """It was awarded and never concluded."""

    KIND: ClassVar[str] = "procurement.contract.given-up"
    reason: str = personal()


FACTS: tuple[type[Fact], ...] = (
    ContractPrepared,
    SignaturesAsked,
    ContractSignatureGiven,
    ContractSigned,
    ContractTransmitted,
    ContractReceivedByState,
    ContractReturned,
    ContractSentToHolder,
    ContractNotified,
    ContractBegun,
    ContractChanged,
    SubcontractDeclared,
    SubcontractDecided,
    InvoicingSet,
    ContractEnded,
    ContractGivenUp,
)
