"""Facts of the publication of a consultation. ``subject`` and ``matter`` are the consultation, unless said otherwise.

``version`` is that of the publication: 1 as published, one more with each amendment. Instants are UTC. Reasons, questions,
names and addresses are personal values: kept beside the tree and erasable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from territoires.kernel.fact import Fact, digest, personal


@dataclass(frozen=True, kw_only=True)
class ConsultationScheduled(Fact):
    """It will be published at the appointed time."""

    KIND: ClassVar[str] = "procurement.consultation.scheduled"
    publish_at: datetime


@dataclass(frozen=True, kw_only=True)
class ConsultationCalledOff(Fact):
    """A scheduled publication will not take place. ``obstacles``: what stopped the platform; empty: somebody did."""

    KIND: ClassVar[str] = "procurement.consultation.called-off"
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ConsultationPublished(Fact):
    """Anybody may read it and answer. ``policy_sha256`` is that of the rule by which the bids will be opened, if any.

    ``documents`` are the digests of its files, in their order.
    """

    KIND: ClassVar[str] = "procurement.consultation.published"
    reference: str
    procedure: str
    lots: int
    documents: tuple[str, ...]
    applications_until: datetime | None
    tenders_until: datetime | None
    policy_sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsultationAmended(Fact):
    """A published consultation was changed. ``verb`` is amend, suspend or resume; ``fields`` names what was corrected.

    ``added`` and ``retired`` are digests of documents.
    """

    KIND: ClassVar[str] = "procurement.consultation.amended"
    version: int
    verb: str
    is_substantial: bool
    fields: tuple[str, ...]
    added: tuple[str, ...]
    retired: tuple[str, ...]
    applications_until: datetime | None
    tenders_until: datetime | None
    questions_until: date | None
    reason: str = personal()
    summary: str = personal()


@dataclass(frozen=True, kw_only=True)
class ConsultationEnded(Fact):
    """It ended without a contract. ``outcome`` is withdrawn (before the deadline) or abandoned (without follow-up)."""

    KIND: ClassVar[str] = "procurement.consultation.ended"
    outcome: str
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class ConsultationClosed(Fact):
    """Its deadline passed: ``deadline`` is what counted, the instant of the fact is when the platform took note."""

    KIND: ClassVar[str] = "procurement.consultation.closed"
    deadline: datetime


@dataclass(frozen=True, kw_only=True)
class DocumentsTaken(Fact):
    """A file, or all of them (no ``sha256``), left for somebody or for nobody known. ``files`` counts them."""

    KIND: ClassVar[str] = "procurement.documents.taken"
    version: int
    files: int
    sha256: str
    correspondent: UUID | None


@dataclass(frozen=True, kw_only=True)
class CorrespondentJoined(Fact):
    """Somebody left a name and an address to be told of changes. ``subject`` is that correspondent."""

    KIND: ClassVar[str] = "procurement.correspondent.joined"
    name: str = personal()
    email: str = personal()


@dataclass(frozen=True, kw_only=True)
class CorrespondentLeft(Fact):
    """A correspondent wants to hear no more. ``subject`` is that correspondent."""

    KIND: ClassVar[str] = "procurement.correspondent.left"


@dataclass(frozen=True, kw_only=True)
class EnterpriseInvited(Fact):
    """An enterprise was invited by its SIRET where nothing is public. ``subject`` is the invitation."""

    KIND: ClassVar[str] = "procurement.invitation.sent"
    siret: str
    name: str = personal()
    email: str = personal()


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(Fact):
    """The enterprise of that SIRET reads the call and may answer. ``subject`` is the invitation."""

    KIND: ClassVar[str] = "procurement.invitation.accepted"
    siret: str


@dataclass(frozen=True, kw_only=True)
class InvitationWithdrawn(Fact):
    """The buyer took an invitation back: it opens nothing any more. ``subject`` is the invitation."""

    KIND: ClassVar[str] = "procurement.invitation.withdrawn"
    siret: str
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class CorrespondentsTold(Fact):
    """Those who left an address were told of a change, or of an answer."""

    KIND: ClassVar[str] = "procurement.correspondents.told"
    version: int
    about: UUID
    count: int


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Fact):
    """An enterprise asked. ``subject`` is the question."""

    KIND: ClassVar[str] = "procurement.question.asked"
    lot_number: int | None
    text: str = personal()
    asker: str = personal(default="")
    email: str = personal(default="")


@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Fact):
    """The answer was published to all. ``subject`` is the question; ``is_late``: closer to the deadline than the law asks."""

    KIND: ClassVar[str] = "procurement.question.answered"
    number: int
    is_late: bool
    question: str = personal()
    answer: str = personal()


@dataclass(frozen=True, kw_only=True)
class QuestionDismissed(Fact):
    """The buyer leaves a question without a public answer. ``subject`` is the question."""

    KIND: ClassVar[str] = "procurement.question.dismissed"
    reason: str = personal()


@dataclass(frozen=True, kw_only=True)
class SearchSaved(Fact):
    """Somebody asked for mails on a search; nothing is sent before the address is confirmed. ``subject`` is the search."""

    KIND: ClassVar[str] = "procurement.search.saved"
    frequency: str
    email: str = personal()


@dataclass(frozen=True, kw_only=True)
class SearchConfirmed(Fact):
    """The holder of the address wants the mails. ``subject`` is the search."""

    KIND: ClassVar[str] = "procurement.search.confirmed"


@dataclass(frozen=True, kw_only=True)
class SearchStopped(Fact):
    """The mails of a search end. ``subject`` is the search."""

    KIND: ClassVar[str] = "procurement.search.stopped"


@dataclass(frozen=True, kw_only=True)
class AlertSent(Fact):
    """New results of a saved search were mailed. ``subject`` is the search."""

    KIND: ClassVar[str] = "procurement.alert.sent"
    listings: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class PublishedDocumentAdded(Fact):
    """A document joined a published consultation, in the place of ``replaces`` if it names one."""

    KIND: ClassVar[str] = "procurement.document.published"
    version: int
    document_kind: str
    media_type: str
    size: int
    replaces: str
    content: str = digest()
    name: str = personal()


FACTS: tuple[type[Fact], ...] = (
    ConsultationScheduled,
    ConsultationCalledOff,
    ConsultationPublished,
    ConsultationAmended,
    ConsultationEnded,
    ConsultationClosed,
    DocumentsTaken,
    CorrespondentJoined,
    CorrespondentLeft,
    EnterpriseInvited,
    InvitationAccepted,
    InvitationWithdrawn,
    CorrespondentsTold,
    QuestionAsked,
    QuestionAnswered,
    QuestionDismissed,
    SearchSaved,
    SearchConfirmed,
    SearchStopped,
    AlertSent,
    PublishedDocumentAdded,
)
