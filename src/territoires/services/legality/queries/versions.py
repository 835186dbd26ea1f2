"""What an act was when it was sent, and whether it is still that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from ..domain.actes.names import ActIdentifier
from ..models import Act, SentVersion, Transmission

# What an act says of itself, with its file; ``unsigned`` goes with its electronic signatures.
KEPT = (
    "number", "nature", "matter_code", "object", "decided_on", "given_names", "usual_name", "quality",
    "main_id", "main_sha256", "main_type", "unsigned_id", "signed_on",
)  # fmt: skip
_OF_THE_DRAFT = ("unsigned_id", "signed_on", "main_id", "main_sha256")


def version_of(act: Act) -> dict[str, Any]:
    """The columns of ``SentVersion`` for the act as it is."""
    return {
        "act": {name: getattr(act, name) for name in KEPT},
        "annexes": _rows(act.annexes.all()),
        "signatories": _rows(act.signatories.all()),
    }


def sent_version(transmission: Transmission) -> SentVersion | None:
    """The act as the transmission had it; None while it has not changed since."""
    rows = SentVersion.objects.filter(
        transmission__act=transmission.act_id, transmission__rank__gte=transmission.rank
    )
    found = rows.order_by("transmission__rank").first()
    if found is not None:  # a suffix may have come to the number after this sending
        found.act["number"] = ActIdentifier.parse(transmission.identifier).number
    return found


def is_corrected(act: Act, sent: SentVersion) -> bool:
    """Whether the draft differs from what was sent, its signatures apart."""
    unsigned = sent.act["unsigned_id"] or sent.act["main_id"]
    present = (act.unsigned_id or act.main_id, *_files(_rows(act.annexes.all())))
    if tuple(map(str, present)) != tuple(map(str, (unsigned, *_files(sent.annexes)))):
        return True
    words = [name for name in KEPT if name not in _OF_THE_DRAFT]
    return any(str(getattr(act, name)) != str(sent.act[name]) for name in words)


def documents_in(version: dict[str, Any] | SentVersion) -> set[str]:
    """The keys of every document that a version names."""
    named = version if isinstance(version, dict) else vars(version)
    keys = [named["act"]["main_id"], named["act"]["unsigned_id"]]
    keys += [row["document_id"] for row in (*named["annexes"], *named["signatories"])]
    return {str(key) for key in keys if key}


def _files(annexes: Iterable[dict[str, Any]]) -> list[Any]:
    return [row["document_id"] for row in annexes]


def _rows(found: Iterable[Model]) -> list[dict[str, Any]]:
    return [
        {
            field.attname: getattr(row, field.attname)
            for field in row._meta.concrete_fields
            if field.attname not in ("id", "act_id")
        }
        for row in found
    ]
