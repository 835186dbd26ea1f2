"""What a notice says, as plain values: no row of a database, no XML.

Amounts are euros without VAT; days are legal days, instants are aware. Codes are those of the eForms SDK.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

FRANCE = "FRA"
FRENCH = "FRA"
NETWORKS = (
    "airport",
    "electricity",
    "gas-heat",
    "gas-oil",
    "port",
    "post",
    "rail",
    "solid-fuel",
    "urttb",
    "water",
)
"""The codes of entity-activity: those of main-activity that a utility has."""
AUTHORITIES = (
    "body-pl",
    "body-pl-cga",
    "body-pl-la",
    "body-pl-ra",
    "cga",
    "def-cont",
    "eu-ins-bod-ag",
    "int-org",
    "la",
    "org-sub",
    "org-sub-cga",
    "org-sub-la",
    "org-sub-ra",
    "ra",
)
"""The codes of buyer-legal-type that have an activity as an authority; the others are undertakings."""
SELECTED, UNDECIDED, CLOSED = "selec-w", "open-nw", "clos-nw"


TERM_CHANGED = "Durée modifiée : le système d'acquisition dynamique est en vigueur jusqu'au {day:%d/%m/%Y}."
"""What a correction says, in French as notices are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An organisation that a notice names; ``identifier`` is its SIRET or foreign number, ``size`` a code of
    economic-operator-size for an enterprise."""

    name: str
    identifier: str
    city: str = ""
    postal_code: str = ""
    nuts: str = ""
    country: str = FRANCE
    street: str = ""
    email: str = ""
    telephone: str = ""
    website: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """``legal_type`` of buyer-legal-type; ``activity`` of authority-activity; ``entity_activity`` of entity-activity, for
    a body that runs a network. ``is_central``: it awards as a central purchasing body."""

    party: Party
    legal_type: str = "la"
    activity: str = "gen-pub"
    entity_activity: str = ""
    is_utility: bool = False
    is_central: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSheet:
    """A part of a criterion; ``weight`` in percent of the whole note."""

    name: str
    weight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionSheet:
    """``kind`` is price, cost or quality; ``weight`` in percent, which the weights of its ``parts`` add up to."""

    kind: str
    name: str
    weight: Decimal
    parts: Sequence[PartSheet] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LotSheet:
    """One lot; ``number`` 0 stands for a consultation that is not divided. ``framework_maximum`` only of a framework.
    ``is_called``: it is called under a framework agreement, which ``framework_notice`` created: its OJ number, or its name.

    ``starts_on``, ``ends_on``: first and last legal day, where they are known rather than a duration. ``reserved`` is a
    code of reserved-procurement. ``options`` and ``renewal`` describe what may be asked later without
    a new competition, ``renewals`` how many times the contract may be renewed.
    """

    number: int
    title: str
    description: str
    cpv: str
    nature: str
    nuts: str
    value: Decimal | None = None
    duration_months: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    criteria: Sequence[CriterionSheet] = ()
    allows_variants: bool = False
    is_framework: bool = False
    framework_maximum: Decimal | None = None
    is_called: bool = False
    framework_notice: str = ""
    is_dynamic: bool = False
    additional_cpvs: Sequence[str] = ()
    reserved: str = "none"
    options: str = ""
    renewals: int = 0
    renewal: str = ""
    environmental: str = ""
    social: str = ""

    @property
    def id(self) -> str:
        return f"LOT-{self.number:04}"

    @property
    def part_id(self) -> str:
        return f"PAR-{self.number:04}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How enterprises answer: addresses and deadline. ``applications_until`` instead for two-stage procedures, which
    invite to bid about the day ``invites_on``. ``prize``: what a contest gives each of its participants.

    The opening of bids is not public in France: no day of it is told.
    """

    documents_url: str
    submission_url: str
    tenders_until: datetime | None = None
    applications_until: datetime | None = None
    questions_until: date | None = None
    validity_days: int | None = None
    invites_on: date | None = None
    minimum_candidates: int | None = None
    maximum_candidates: int | None = None
    prize: Decimal | None = None
    terms: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureSheet:
    """The procedure that notices are about; ``folder`` is the same in all of them. ``code`` of
    procurement-procedure-type; ``members`` are the other buyers for whom the ``buyer`` leads; ``nature`` works, supplies or services; ``direct_reason`` of
    direct-award-justification, with its ``justification``."""

    folder: UUID
    reference: str
    title: str
    description: str
    nature: str
    cpv: str
    nuts: str
    code: str
    buyer: Buyer
    review: Party
    lots: Sequence[LotSheet]
    members: Sequence[Buyer] = ()
    value: Decimal | None = None
    additional_cpvs: Sequence[str] = ()
    is_accelerated: bool = False
    acceleration_reason: str = ""
    direct_reason: str = ""
    justification: str = ""
    planned_on: date | None = None
    is_covered_by_gpa: bool = False
    legal_text: str = "Code de la commande publique"
    review_deadline: str = "Les délais de recours se demandent au greffe de la juridiction nommée."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a notice corrects in a published one, named ``<identifier>-<edition>``; ``reason`` of
    change-corrig-justification; ``sections`` the ids of lots, empty for the procedure."""

    of: str
    reason: str
    text: str
    sections: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How a notice is named and dated. ``sdk`` is major.minor of the rules that it follows."""

    identifier: UUID
    edition: int
    subtype: str
    issued_at: datetime
    sdk: str
    change: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """How many bids were received for a lot, by the tenderer's size and place."""

    tenders: int
    electronic: int
    micro: int = 0
    small: int = 0
    medium: int = 0
    large: int = 0
    other_european: int = 0
    foreign: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WinnerSheet:
    """The bid that a lot was awarded to; ``members`` with the leader first. ``subcontracted`` None: not known.

    Of a concession: what the buyer and the users pay over its duration, None while it is not known, and how its value
    was estimated.
    """

    reference: str
    amount: Decimal
    members: Sequence[Party]
    rank: int = 1
    subcontracted: bool | None = None
    is_variant: bool = False
    paid_by_buyer: Decimal | None = None
    paid_by_users: Decimal | None = None
    valuation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSheet:
    """A signed contract; ``lots`` their numbers."""

    reference: str
    decided_on: date | None
    signed_on: date | None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOutcome:
    """What became of a lot: awarded with its winner and contract, or closed for ``reason`` of
    non-award-justification. ``system_ends``: of a dynamic purchasing system, whether it ends; None for any other lot.
    """

    lot: int
    statistics: Statistics | None = None
    winner: WinnerSheet | None = None
    contract: ContractSheet | None = None
    reason: str = ""
    lowest: Decimal | None = None
    highest: Decimal | None = None
    system_ends: bool | None = None

    @property
    def status(self) -> str:
        return SELECTED if self.winner is not None else CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """A change of a contract under execution; ``of`` is the award notice by its OJ number or its identifier,
    ``reason`` of modification-justification."""

    of: str
    reason: str
    text: str
    justification: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSheet:
    """All that one notice says."""

    head: Head
    procedure: ProcedureSheet
    call: Call | None = None
    outcomes: Sequence[LotOutcome] = ()
    modification: Modification | None = None
    platform: Party | None = None
