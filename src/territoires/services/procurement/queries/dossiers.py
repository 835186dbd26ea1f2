"""What happened to a deposit: the dossier of a late one, made at once for the buyer or a judge; the support's view.

No content is in it: uploads by instant, size and outcome, the health of the platform, the other deposits' times.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from territoires.foundations.journal import api as journal
from territoires.foundations.printing import api as printing
from territoires.kernel.errors import Missing
from territoires.kernel.fact import instant_text
from territoires.kernel.siret import compact
from territoires.ui.dates import proven_date

from ..domain.sealing import documents as doc
from ..domain.tables import defused
from ..models import BidDraft, ChunkEvent, Consultation, Deposit, Incident, SealIntent
from .availability import measures_between
from .upload_log import COLUMNS, proofs_of, rows_of

BEFORE, AFTER = timedelta(hours=24), timedelta(hours=1)
GOOD = ("stored", "again", "replaced", "discarded")
FOUND = 50


@dataclass(frozen=True, slots=True)
class Uploads:
    """A bid's uploads in short: from when to when, parts and bytes that arrived, parts that were refused."""

    first_at: datetime | None
    last_at: datetime | None
    parts: int
    refused: int
    agents: tuple[str, ...]


def uploads_of(draft: UUID) -> Uploads:
    """The uploads of a bid."""
    rows = ChunkEvent.objects.filter(draft=draft)
    told = rows.aggregate(
        first=Min("at"),
        last=Max("at"),
        parts=Count("id", filter=Q(outcome__in=GOOD)),
        refused=Count("id", filter=~Q(outcome__in=GOOD)),
    )
    agents = tuple(rows.order_by("agent").values_list("agent", flat=True).distinct()[:10])
    return Uploads(told["first"], told["last"], told["parts"], told["refused"], agents)


def late_deposit(consultation: Consultation, key: UUID) -> Deposit:
    """A late deposit of a consultation. Raises Missing."""
    found = (
        Deposit.objects.filter(consultation=consultation, pk=key, state=Deposit.State.LATE)
        .select_related("bidder", "person", "draft", "consultation__organisation")
        .first()
    )
    if found is None:
        raise Missing(
            "no-late-deposit", "There is no such late deposit.", "Look at the register of deposits."
        )
    return found


def dossier_of(deposit: Deposit, at: datetime) -> bytes:
    """The dossier as canonical JSON: its SHA-256 is what a decision refers to."""
    since, until = deposit.deadline_at - BEFORE, deposit.completed_at + AFTER
    uploads = uploads_of(deposit.draft_id)
    others = Deposit.objects.filter(consultation=deposit.consultation_id, round=deposit.round)
    near = Q(until_at=None) | Q(until_at__gte=since)
    said = {
        "v": 1,
        "type": "territoires/procurement/late-dossier",
        "made_at": instant_text(at),
        "consultation": {
            "id": str(deposit.consultation_id),
            "reference": deposit.consultation.reference,
            "title": deposit.consultation.title,
        },
        "deposit": {
            "id": str(deposit.pk),
            "number": deposit.number,
            "bidder": deposit.shown_name,
            "siret": "" if deposit.is_anonymous else deposit.bidder.siret,
            "root": deposit.root,
            "completed_at": instant_text(deposit.completed_at),
            "deadline_at": instant_text(deposit.deadline_at),
            "late_by_milliseconds": (deposit.completed_at - deposit.deadline_at) // timedelta(milliseconds=1),
        },
        "uploads": {
            "first_at": uploads.first_at and instant_text(uploads.first_at),
            "last_at": uploads.last_at and instant_text(uploads.last_at),
            "parts": uploads.parts,
            "refused": uploads.refused,
            "agents": list(uploads.agents),
            "log": [_plain(row) for row in rows_of(deposit.draft_id)],
            "proofs": [_proved(one) for one in proofs_of(deposit.draft_id)],
        },
        "seals": [_intent(one) for one in SealIntent.objects.filter(draft=deposit.draft_id)],
        "others": [
            {"number": one.number, "completed_at": instant_text(one.completed_at), "in_time": not one.is_late}
            for one in others.order_by("number")
        ],
        "platform": [list(one.cells) for one in measures_between(since, until)],
        "incidents": [
            {
                "from_at": instant_text(one.from_at),
                "until_at": one.until_at and instant_text(one.until_at),
                "what": one.what,
            }
            for one in Incident.objects.filter(near, from_at__lte=until)
        ],
    }
    return doc.canonical(said)


def _plain(row: Sequence[Any]) -> list[Any]:
    return [
        instant_text(one) if isinstance(one, datetime) else str(one) if isinstance(one, UUID) else one
        for one in row
    ]


def _proved(one: journal.GroupProof) -> dict[str, Any]:
    """Where the lines of a day stand below the root that an entry of the journal holds."""
    return {
        "entry": str(one.entry),
        "index": one.index,
        "size": one.size,
        "path": [step.hex() for step in one.path],
    }


def _intent(one: SealIntent) -> dict[str, Any]:
    return {
        "deposit": str(one.deposit),
        "completed_at": instant_text(one.completed_at),
        "outcome": one.outcome,
        "refusal": one.refusal,
    }


def dossier_zip(dossier: bytes, draft: UUID, *, language: str) -> bytes:
    """The dossier to read: a summary as PDF, each table as CSV, the JSON of which the decision keeps the hash, and the
    evidence of the upload log's lines for the days that are over (no name is in it)."""
    said = json.loads(dossier)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("dossier.pdf", _summary(said, language))
        bundle.writestr("dossier.json", dossier)
        bundle.writestr("upload-log.csv", _csv(COLUMNS, said["uploads"]["log"]))
        bundle.writestr(
            "deposits.csv",
            _csv(
                ("number", "completed_at", "in_time"),
                ([one["number"], one["completed_at"], one["in_time"]] for one in said["others"]),
            ),
        )
        bundle.writestr(
            "platform.csv", _csv(("minute", "part", "outcome", "milliseconds", "fault"), said["platform"])
        )
        if logs := proofs_of(draft):
            bundle.writestr(
                "upload-log-evidence.zip", b"".join(journal.build_bundle([], logs=logs, private=False))
            )
    return target.getvalue()


def _csv(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    """A table that a spreadsheet opens, with cells that it never runs."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow(head)
    for line in lines:
        writer.writerow([defused(one) if isinstance(one, str) else one for one in line])
    return "\ufeff" + target.getvalue()


def _summary(said: dict[str, Any], language: str) -> bytes:
    deposit, uploads = said["deposit"], said["uploads"]
    troubled = [one for one in said["platform"] if one[2] != "up"]
    with override(language):
        data = {
            "title": _("Dossier of a late deposit"),
            "paragraphs": [
                _(
                    "What the platform recorded of this deposit, for the buyer who decides whether it may be opened"
                    " (CCP R2151-5; Conseil d'État, 23 September 2021, 449250) or for a judge. Nothing of its contents is"
                    " here: it is sealed."
                )
            ],
            "facts": [
                {
                    "label": _("Consultation"),
                    "value": f"{said['consultation']['reference']} {said['consultation']['title']}",
                },
                {"label": _("Bidder"), "value": f"{deposit['bidder']} {deposit['siret']}"},
                {"label": _("Deadline"), "value": _moment(deposit["deadline_at"])},
                {"label": _("Received whole"), "value": _moment(deposit["completed_at"])},
                {
                    "label": _("Late by"),
                    "value": _("%(n)s s") % {"n": f"{deposit['late_by_milliseconds'] / 1000:.3f}"},
                },
                {"label": _("First part received"), "value": _moment(uploads["first_at"])},
                {"label": _("Last part received"), "value": _moment(uploads["last_at"])},
                {"label": _("Parts received"), "value": str(uploads["parts"])},
                {"label": _("Parts refused"), "value": str(uploads["refused"])},
                {"label": _("Browser"), "value": "; ".join(uploads["agents"])},
                {
                    "label": _("Other deposits of the round"),
                    "value": _("%(all)s, of which %(late)s late")
                    % {
                        "all": len(said["others"]) - 1,
                        "late": sum(1 for one in said["others"] if not one["in_time"]) - 1,
                    },
                },
                {
                    "label": _("Probes of the platform, 24 h before to 1 h after"),
                    "value": _("%(all)s, of which %(bad)s not well")
                    % {"all": len(said["platform"]), "bad": len(troubled)},
                },
                {
                    "label": _("Incidents declared"),
                    "value": "; ".join(one["what"] for one in said["incidents"]) or "—",
                },
            ],
            "conclusion": _(
                "The tables beside hold every line. The log of uploads is never changed: the night after, the journal"
                " holds the root of each day, and the evidence beside proves the lines of this bid without the platform."
            ),
            "place_and_date": _("Made on %(moment)s") % {"moment": _moment(said["made_at"])},
        }
        return printing.render("printing/certificate", data, language=language)


def _moment(text: str | None) -> str:
    return proven_date(datetime.fromisoformat(text)) if text else "—"


def drafts_for_support(words: str) -> QuerySet[BidDraft]:
    """Bids by SIRET, reference of the consultation, or id of a bid or deposit: for who helps by telephone."""
    rows = BidDraft.objects.filter(consultation__isnull=False).select_related(
        "bidder", "consultation__organisation"
    )
    text = words.strip()[:100]
    digits = compact(text)
    asked = Q(consultation__reference__iexact=text)
    if digits.isascii() and digits.isdigit() and len(digits) in (9, 14):
        asked |= Q(bidder__siret__startswith=digits)
    with contextlib.suppress(ValueError):
        asked |= Q(pk=UUID(text)) | Q(deposits=UUID(text))
    return rows.filter(asked).distinct().order_by("-started_at")[:FOUND] if text else rows.none()


def draft_for_support(key: UUID) -> BidDraft:
    """One bid, for the support. Raises Missing."""
    rows = BidDraft.objects.filter(consultation__isnull=False, pk=key)
    found = rows.select_related("bidder", "consultation__organisation").first()
    if found is None:
        raise Missing("no-bid", "There is no such bid.", "Search for it by its SIRET or its reference.")
    return found


def last_events(draft: UUID) -> list[ChunkEvent]:
    """The last lines of the upload log of a bid, the latest first."""
    return list(ChunkEvent.objects.filter(draft=draft).order_by("-id")[:200])
