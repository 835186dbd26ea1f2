"""An agent's reads of notices, and what the worker looks for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from territoires.foundations.actions import api as actions
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Missing

from ..domain.notices import life
from ..domain.notices.subtypes import CALL, SUBTYPES
from ..models import Amendment, Consultation, Contract, ContractChange, Notice
from ..permissions import Procurement


def notices_of(consultation: Consultation) -> list[Notice]:
    """The notices of a consultation, the latest first."""
    return list(Notice.objects.filter(consultation=consultation).order_by("-prepared_at", "-id"))


def notice_of(actor: Actor, consultation: UUID, key: UUID) -> Notice:
    """A notice of a consultation that the actor may read. Raises Missing."""
    visible: QuerySet[Consultation] = actions.visible(actor, Procurement.READ)
    found = (
        Notice.objects.filter(pk=key, consultation=consultation, consultation__in=visible.values("pk"))
        .select_related("consultation__organisation", "organisation", "changes", "content")
        .first()
    )
    if found is None:
        raise Missing(
            "no-notice",
            "There is no such notice here, or it is not open to you.",
            "Look at the notices of the consultation.",
        )
    return found


def notice_named(name: str) -> Notice | None:
    """A notice by the name that its publisher knows."""
    identifier, _dash, edition = name.rpartition("-")
    try:
        key = UUID(identifier)
    except ValueError:
        return None
    found = Notice.objects.select_related("organisation", "consultation__organisation")
    return found.filter(identifier=key, edition=int(edition) if edition.isdigit() else 0).first()


def notice_by_key(key: UUID) -> Notice | None:
    rows = Notice.objects.select_related("organisation", "consultation__organisation", "changes", "content")
    return rows.filter(pk=key).first()


def to_judge(before: datetime) -> list[Notice]:
    """The drafts whose bytes were never made, prepared before an instant: what a lost job left."""
    rows = Notice.objects.filter(state=life.DRAFT, sha256="", prepared_at__lte=before)
    return list(rows.select_related("organisation", "consultation__organisation", "changes"))


def unsettled(channel: str) -> list[Notice]:
    """What a publisher has and has not settled yet, the oldest first."""
    rows = Notice.objects.filter(channel=channel, state__in=life.UNSETTLED)
    return list(rows.select_related("organisation", "consultation__organisation").order_by("sent_at"))


def document_of(notice: Notice) -> Any:
    """The file of a notice as it was judged. Raises Missing before it was made."""
    if notice.content is None:
        raise Missing("notice-not-made", "This notice is still being written.", "Come back in a few seconds.")
    return notice.content


def content_of(notice: Notice) -> bytes:
    """The bytes of a notice as they were judged. Raises Missing before they were made."""
    return b"".join(documents.open_stream(document_of(notice)))


def published_of(consultation: Consultation) -> list[Notice]:
    """The published notices, which a further one may correct."""
    rows = Notice.objects.filter(consultation=consultation, state=life.PUBLISHED)
    return list(rows.order_by("-published_on"))


def has_notice(consultation: Consultation, subtypes: list[str], contract: UUID | None = None) -> bool:
    """Whether a notice of one of these subtypes is there already, given up ones apart."""
    rows = Notice.objects.filter(consultation=consultation, subtype__in=subtypes)
    if contract is not None:
        rows = rows.filter(contract=contract)
    return rows.exclude(state=life.STOPPED).exists()


def consultation_at(key: UUID) -> Consultation | None:
    """A consultation for the platform's own work."""
    return Consultation.objects.select_related("organisation").filter(pk=key).first()


def contract_at(key: UUID) -> Contract | None:
    """A contract for the platform's own work."""
    rows = Contract.objects.select_related(
        "consultation__organisation", "organisation", "holder", "lot", "award"
    )
    return rows.filter(pk=key).first()


def latest_change(contract: Contract) -> ContractChange | None:
    return ContractChange.objects.filter(contract=contract).order_by("-number").first()


def summary_of_amendment(consultation: Consultation, version: int) -> str:
    """What an amendment changed, in the buyer's words."""
    found = Amendment.objects.filter(consultation=consultation, version=version).first()
    return found.summary if found else ""


def unsent_call_of(consultation: Consultation) -> list[Notice]:
    """The notices of the call that have not left: they must say what the consultation says now."""
    calls = [code for code, kind in SUBTYPES.items() if kind.does == CALL]
    return list(
        Notice.objects.filter(
            consultation=consultation, subtype__in=calls, state__in=[life.DRAFT, life.READY]
        )
    )
