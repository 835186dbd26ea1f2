"""Facts of the life of a consultation. ``subject`` is the consultation, ``matter`` its id from end to end.

Titles, reasons and names are personal values: kept beside the tree and erasable. Values are euros without VAT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class ConsultationStarted(Fact):
    """A buyer began to prepare a consultation. ``category`` is one of OCDS: goods, services, works, or empty."""

    KIND: ClassVar[str] = "procurement.consultation.started"
    category: str
    copied_from: UUID | None = None
    title: str = personal()


@dataclass(frozen=True, kw_only=True)
class ConsultationRevised(Fact):
    """Its draft was changed; ``fields`` names what changed."""

    KIND: ClassVar[str] = "procurement.consultation.revised"
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LotsWritten(Fact):
    """Its lots were written anew; none: it is not divided."""

    KIND: ClassVar[str] = "procurement.lots.written"
    numbers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class CriteriaWritten(Fact):
    """Its award criteria were written anew: codes and weights in percent, in their order."""

    KIND: ClassVar[str] = "procurement.criteria.written"
    kinds: tuple[str, ...]
    weights: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OptionsWritten(Fact):
    """Its options were written anew: their kinds, in their order; ``added`` went to the estimated value with them."""

    KIND: ClassVar[str] = "procurement.options.written"
    kinds: tuple[str, ...]
    added: str = "0"


@dataclass(frozen=True, kw_only=True)
class SelectionWritten(Fact):
    """What is asked of candidates was written anew: kinds of criteria, and codes of pieces (empty: the body's own)."""

    KIND: ClassVar[str] = "procurement.selection.written"
    kinds: tuple[str, ...]
    pieces: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DocumentsWritten(Fact):
    """The platform wrote documents from the consultation's own data: ``made`` names them (``rules.pdf``)."""

    KIND: ClassVar[str] = "procurement.documents.written"
    made: tuple[str, ...]
    contents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TemplateChosen(Fact):
    """The body keeps its own model of a document, or (``sha256`` empty) goes back to the platform's."""

    KIND: ClassVar[str] = "procurement.template.chosen"
    template: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DocumentAdded(Fact):
    """A file joined the documents of the consultation."""

    KIND: ClassVar[str] = "procurement.document.added"
    document_kind: str
    media_type: str
    size: int
    content: str = digest()
    name: str = personal()


@dataclass(frozen=True, kw_only=True)
class DocumentRemoved(Fact):
    """A file left the documents of the consultation before its publication."""

    KIND: ClassVar[str] = "procurement.document.removed"
    document_kind: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class TeamChanged(Fact):
    """A person joined the team in a role, or left it."""

    KIND: ClassVar[str] = "procurement.team.changed"
    person: UUID
    role: str
    joined: bool


@dataclass(frozen=True, kw_only=True)
class WarningOverridden(Fact):
    """The buyer goes on in spite of a warning, for a reason that stays in the file."""

    KIND: ClassVar[str] = "procurement.warning.overridden"
    finding: str
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ConsultationSubmitted(Fact):
    """Who prepares holds the file for complete and asks for its validation."""

    KIND: ClassVar[str] = "procurement.consultation.submitted"


@dataclass(frozen=True, kw_only=True)
class ConsultationReturned(Fact):
    """Who validates sends the file back to who prepares."""

    KIND: ClassVar[str] = "procurement.consultation.returned"
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ConsultationValidated(Fact):
    """Its file is complete and approved. ``law_of`` is the day whose law it was checked against."""

    KIND: ClassVar[str] = "procurement.consultation.validated"
    reference: str
    procedure: str
    lots: int
    law_of: str
    overridden: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConsultationReopened(Fact):
    """A validated consultation is prepared again."""

    KIND: ClassVar[str] = "procurement.consultation.reopened"
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ConsultationDiscarded(Fact):
    """A consultation was thrown away before it was published."""

    KIND: ClassVar[str] = "procurement.consultation.discarded"


FACTS: tuple[type[Fact], ...] = (
    ConsultationStarted,
    ConsultationRevised,
    LotsWritten,
    CriteriaWritten,
    OptionsWritten,
    SelectionWritten,
    DocumentsWritten,
    TemplateChosen,
    DocumentAdded,
    DocumentRemoved,
    TeamChanged,
    WarningOverridden,
    ConsultationSubmitted,
    ConsultationReturned,
    ConsultationValidated,
    ConsultationReopened,
    ConsultationDiscarded,
)
