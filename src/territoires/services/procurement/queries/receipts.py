"""Receipts: what a bidder holds to prove a deposit, as JSON, as PDF, as a bundle that anybody checks without us."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from territoires.contracts import procurement_bids as facts
from territoires.foundations.identity import api as identity
from territoires.foundations.journal import api as journal
from territoires.foundations.printing import api as printing
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Missing, Unavailable
from territoires.ui.dates import proven_date

from ..domain.sealing import files
from ..domain.sealing.manifest import Manifest
from ..models import BidDraft, Deposit, Lot, Receipt
from . import upload_log

MOST_PRINTED = 200
LONGEST_OBJECT = 600
_PROVING = {
    kind.KIND
    for kind in (
        facts.DepositSealed,
        facts.DepositKeptLate,
        facts.DepositWithdrawn,
        facts.ReceiptTimeStamped,
    )
}


def receipt_fields(
    deposit: Deposit, manifest: Manifest, lots: Iterable[Lot | None], envelopes: Mapping[UUID, str]
) -> dict[str, Any]:
    """What the receipt of a deposit says; names of files are not in it: only the bidder's browser knows them.

    ``lots`` are those that the deposit covers, by number; ``envelopes`` those of the manifest's blocks, by id.
    """
    return {
        **_about(deposit, Receipt.Kind.DEPOSIT, deposit.person_id, lots),
        "envelopes": sorted(set(envelopes.values())),
        "files": [
            {
                "number": number,
                "file": one.file,
                "envelope": envelopes[one.block],
                "size": one.size,
                "root": one.root.hex(),
            }
            for number, one in enumerate(manifest.files, start=1)
        ],
        "size": files.total(manifest.files),
        "completed_at": deposit.completed_at,
        "deadline_at": deposit.deadline_at,
        "in_time": not deposit.is_late,
        "supersedes": manifest.supersedes.hex() if manifest.supersedes else None,
    }


def withdrawal_fields(deposit: Deposit, deadline: datetime, actor: Actor) -> dict[str, Any]:
    """What the receipt of a withdrawal says."""
    return {
        **_about(
            deposit,
            Receipt.Kind.WITHDRAWAL,
            actor.person,
            [one.lot for one in deposit.lots.select_related("lot")],
        ),
        "completed_at": deposit.completed_at,
        "withdrawn_at": deposit.withdrawn_at,
        "deadline_at": deadline,
    }


def _about(deposit: Deposit, kind: str, person: UUID | None, lots: Iterable[Lot | None]) -> dict[str, Any]:
    consultation, bidder = deposit.consultation, deposit.bidder
    names = identity.persons_named([person]) if person else {}
    return {
        "kind": str(kind),
        "deposit": deposit.pk,
        "number": deposit.number,
        "round": deposit.round,
        "depositor": {
            "person": names.get(person, "") if person else "",
            "organisation": bidder.name,
            "siret": bidder.siret or bidder.siren,
        },
        "buyer": {"name": consultation.organisation.name, "siret": consultation.organisation.siret},
        "consultation": {
            "id": consultation.pk,
            "reference": consultation.reference,
            "title": consultation.title,
            "object": consultation.description or consultation.title,
        },
        "lots": [{"number": one.number, "title": one.title} for one in lots if one],
        "root": deposit.root,
        "policy": deposit.policy,
    }


def receipt_of(draft: BidDraft, deposit: UUID, kind: str = Receipt.Kind.DEPOSIT) -> Receipt:
    """The receipt of a deposit of this bid. Raises Missing."""
    found = (
        Receipt.objects.filter(deposit__draft=draft, deposit=deposit, kind=kind)
        .select_related("deposit__consultation__organisation", "deposit__bidder")
        .first()
    )
    if found is None:
        raise Missing(
            "no-receipt", "There is no such receipt.", "Look in the list of your deposits for what there is."
        )
    return found


def receipts_to_stamp(before: datetime) -> list[Receipt]:
    """Receipts made before an instant that still wait for their time-stamp."""
    return list(Receipt.objects.filter(token=None, made_at__lt=before).order_by("made_at")[:500])


def unstamped(key: UUID) -> Receipt | None:
    """A receipt that has no time-stamp yet."""
    return Receipt.objects.filter(pk=key, token=None).first()


def sealed_receipt(receipt: Receipt, *, language: str, at: datetime) -> bytes:
    """The receipt as PDF under the platform's seal (PAdES B-T), which anybody's PDF reader checks; without one, as printed.

    ``at`` dates the seal. Raises Unavailable while no time-stamp can be given to it.
    """
    printed = printed_receipt(receipt, language=language)
    seal = _seal()
    if seal is None:
        return printed
    with tempfile.TemporaryDirectory() as folder:
        source, sealed = Path(folder, "receipt.pdf"), Path(folder, "sealed.pdf")
        source.write_bytes(printed)
        trust.sign_pdf(
            source,
            sealed,
            key=seal,
            reason=f"{receipt.get_kind_display()} {receipt.sha256}",
            place=settings.PLATFORM_NAME,
            at=at,
        )
        return sealed.read_bytes()


def _seal() -> trust.SigningKey | None:
    """The seal of who runs the platform; None where it has none yet."""
    operator = identity.operator()
    if operator is None:
        return None
    try:
        return trust.body_seal(operator.siren, name=operator.name)
    except Unavailable as fault:
        if fault.code == "no-demonstration-authority":
            return None
        raise


def printed_receipt(receipt: Receipt, *, language: str) -> bytes:
    """The receipt as PDF, in French or English."""
    said = json.loads(bytes(receipt.document))
    with override(language):
        data = (
            _withdrawn(receipt, said)
            if receipt.kind == Receipt.Kind.WITHDRAWAL
            else _deposited(receipt, said)
        )
        return printing.render(
            "printing/certificate",
            data,
            language=language,
            issuer=said["buyer"]["name"],
            verification=printing.Verification(
                settings.SITE_URL
                + reverse(
                    "procurement_desk:bid",
                    kwargs={
                        "organisation": receipt.deposit.bidder.reference,
                        "draft": receipt.deposit.draft_id,
                    },
                ),
                receipt.sha256[:16],
            ),
            at=receipt.made_at,
        )


def _deposited(receipt: Receipt, said: dict[str, Any]) -> dict[str, Any]:
    deposit = receipt.deposit
    listed = said["files"][:MOST_PRINTED]
    rows = [
        {
            "label": _("File %(number)s, %(envelope)s")
            % {"number": one["number"], "envelope": _envelope(one["envelope"])},
            "value": _("%(size)s bytes sealed, root %(root)s") % {"size": one["size"], "root": one["root"]},
        }
        for one in listed
    ]
    if len(said["files"]) > len(listed):
        rows.append({"label": _("Other files"), "value": _("listed in the receipt's JSON file")})
    return {
        "title": _("Receipt of a late deposit") if deposit.is_late else _("Receipt of a deposit"),
        "paragraphs": [_verdict(deposit)],
        "facts": [
            *_identity(said),
            {"label": _("Received whole on"), "value": proven_date(deposit.completed_at)},
            {"label": _("Deadline at that instant"), "value": proven_date(deposit.deadline_at)},
            {"label": _("Number in the register"), "value": str(said["number"])},
            {"label": _("Time-stamp"), "value": _stamp(receipt)},
            {"label": _("In the journal"), "value": _entry(receipt)},
            {"label": _("Bid root (SHA-256)"), "value": said["root"], "code": True},
            {"label": _("Policy hash (SHA-256)"), "value": said["policy"], "code": True},
            *(
                [{"label": _("Replaces the bid root"), "value": said["supersedes"], "code": True}]
                if said["supersedes"]
                else []
            ),
            *rows,
            {"label": _("This receipt (SHA-256)"), "value": receipt.sha256, "code": True},
        ],
        "conclusion": _(
            "Names of files are not written here: only your browser knew them, everything left it encrypted. The"
            " evidence bundle proves the same without the platform."
        ),
        "place_and_date": _("Made on %(moment)s") % {"moment": proven_date(receipt.made_at)},
    }


def _withdrawn(receipt: Receipt, said: dict[str, Any]) -> dict[str, Any]:
    deposit = receipt.deposit
    return {
        "title": _("Receipt of a withdrawal"),
        "paragraphs": [
            _(
                "The deposit below was withdrawn by the bidder before the deadline. It stays sealed and is not opened."
            )
        ],
        "facts": [
            *_identity(said),
            {"label": _("Deposited on"), "value": proven_date(deposit.completed_at)},
            {"label": _("Withdrawn on"), "value": proven_date(deposit.withdrawn_at or receipt.made_at)},
            {"label": _("Time-stamp"), "value": _stamp(receipt)},
            {"label": _("In the journal"), "value": _entry(receipt)},
            {"label": _("Bid root (SHA-256)"), "value": said["root"], "code": True},
            {"label": _("This receipt (SHA-256)"), "value": receipt.sha256, "code": True},
        ],
        "place_and_date": _("Made on %(moment)s") % {"moment": proven_date(receipt.made_at)},
    }


def _identity(said: dict[str, Any]) -> list[dict[str, str]]:
    lots = ", ".join(f"{one['number']}. {one['title']}" for one in said["lots"])
    return [
        {"label": _("Depositor"), "value": said["depositor"]["person"]},
        {
            "label": _("For"),
            "value": f"{said['depositor']['organisation']} ({said['depositor']['siret']})",
        },
        {"label": _("Buyer"), "value": said["buyer"]["name"]},
        {
            "label": _("Consultation"),
            "value": f"{said['consultation']['reference']} {said['consultation']['title']}",
        },
        *_object(said["consultation"]),
        *([{"label": _("Lots"), "value": lots}] if lots else []),
    ]


def _object(consultation: dict[str, str]) -> list[dict[str, str]]:
    """What it is about, where that is more than its title; a receipt that was made before it was told has none."""
    words = consultation.get("object", consultation["title"])
    if words == consultation["title"]:
        return []
    is_long = len(words) > LONGEST_OBJECT
    return [{"label": _("Object"), "value": f"{words[:LONGEST_OBJECT]}…" if is_long else words}]


def _verdict(deposit: Deposit) -> str:
    if deposit.is_late:
        return _(
            "The bid below came after the deadline. It is kept sealed and is not opened, unless the buyer decides"
            " otherwise with a reason, or a judge orders it."
        )
    return _(
        "The bid below was received whole, in time. It is sealed: nobody can read it before the opening."
    )


def _envelope(code: str) -> str:
    names = {"candidature": _("candidature"), "tender": _("tender")}
    return names.get(code, code)


def _stamp(receipt: Receipt) -> str:
    if receipt.token_at is None:
        return _("to follow; the deposit counts from the instant above")
    kind = _("qualified authority") if receipt.authority == "outside" else _("authority of the platform")
    return f"{proven_date(receipt.token_at)}, {kind}"


def _entry(receipt: Receipt) -> str:
    """Where the journal holds the receipt, once its entry has a number; the bundle holds the proof of it."""
    numbers = [str(one.seq) for one in _entries(receipt) if one.seq is not None]
    return _("entry %(numbers)s") % {"numbers": ", ".join(numbers)} if numbers else _("its number follows")


def _entries(receipt: Receipt) -> list[journal.TimelineEntry]:
    return [
        one
        for one in journal.timeline(receipt.deposit.consultation_id)
        if one.kind in _PROVING and one.files.get("receipt") == receipt.sha256
    ]


def bundle_of(receipt: Receipt) -> Iterator[bytes]:
    """The evidence of a receipt as a ZIP: its facts, the manifest, the receipt, its time-stamp, the bidder's lines of the
    upload log of the days that are over, and the checkpoint of the journal that the platform signed.

    Raises Conflict while unsealed.
    """
    entries = _entries(receipt)
    if not entries or any(one.state in ("recorded", "sequenced") for one in entries):
        raise Conflict(
            "proof-follows",
            "The deposit is made; the book of facts is sealing its entry, which takes a second.",
            "Ask for the evidence again.",
        )
    found = {
        "root": ("manifest.json", iter([bytes(receipt.deposit.manifest)])),
        "receipt": ("receipt.json", iter([bytes(receipt.document)])),
    }
    if any("token" in one.files for one in entries) and receipt.token is not None:
        found["token"] = ("receipt.tst", iter([bytes(receipt.token)]))
    return journal.build_bundle(
        [one.id for one in entries], found, logs=upload_log.proofs_of(receipt.deposit.draft_id)
    )
