"""The kept files: those made here, those of another platform, those that were brought back."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from territoires.contracts.archives import Kept, Piece
from territoires.foundations.actions import api as actions
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Gone, Missing
from territoires.kernel.text import clean

from ..domain import life
from ..domain.keeping import keep_until
from ..domain.sheet import LONGEST_TITLE
from ..models import Consultation, Contract, Package, PackageEntry
from ..permissions import Procurement
from .incidents import rule_value
from .package import pieces_of_package
from .package_zip import ARCHIVES

# While the procedure lasts, its file names who answered: it is not taken out.
TAKEN = (
    life.SIGNED,
    life.TRANSMITTED,
    life.ACKNOWLEDGED,
    life.NOTIFIED,
    life.AWARD_PUBLISHED,
    life.EXECUTION,
    life.ENDED,
    life.ARCHIVED,
    life.WITHDRAWN,
    life.ABANDONED,
    life.UNSUCCESSFUL,
)
KEPT = (life.ENDED, life.WITHDRAWN, life.ABANDONED, life.UNSUCCESSFUL)
LARGEST_BROUGHT = 8 * 1024**3


@dataclass(frozen=True, slots=True)
class Brought:
    """A package that was read back: what it says of its consultation, and its files, received already."""

    reference: str
    title: str
    sha256: str
    size: int
    entries: list[tuple[Kept, Any]]


def taken_out(consultation: Consultation) -> Iterator[bytes]:
    """The whole file of a consultation, while it is made. Raises Conflict while its procedure lasts."""
    require_finished(consultation)
    return ARCHIVES.write(pieces_of_package(consultation))


def require_finished(consultation: Consultation) -> None:
    """Raises Conflict while the procedure lasts."""
    if consultation.state not in TAKEN:
        raise Conflict(
            "procedure-lasts",
            "The procedure is not finished: its whole file is not taken out before, since it names who answered.",
            "Come back once the contract is signed, or the procedure ended.",
        )


def keeping_of(consultation: Consultation, today: date) -> tuple[date, str]:
    """Until when its file is due, and the article: from the last signature and, when it was carried out, from its end."""
    signed = Contract.objects.filter(consultation=consultation).aggregate(last=Max("signed_on"))["last"]
    was_carried_out = consultation.state == life.ENDED
    return keep_until(
        signed_on=signed or (None if was_carried_out else today),
        ended_on=today if was_carried_out else None,
        is_works=consultation.main_procurement_category == "works",
        years=lambda code: rule_value(code, today),
    )


def packages_of(actor: Actor) -> list[Package]:
    """The kept files of the acting organisation, the latest first."""
    rows: QuerySet[Package] = actions.visible(actor, Procurement.READ_PACKAGES)
    return list(rows.select_related("document", "consultation")[:500])


def package_of(actor: Actor, key: UUID) -> Package:
    """One of them. Raises Missing."""
    rows: QuerySet[Package] = actions.visible(actor, Procurement.READ_PACKAGES)
    found = rows.select_related("document", "consultation", "organisation").filter(pk=key).first()
    if found is None:
        raise Missing("no-package", "There is no such kept file here.", "Go back to the list.")
    return found


def entries_of(package: Package) -> QuerySet[PackageEntry]:
    return PackageEntry.objects.filter(package=package).select_related("document")


def entry_of(package: Package, key: UUID) -> PackageEntry:
    """One file of a package that was brought back. Raises Missing, Gone once it was destroyed."""
    require_kept(package)
    found = entries_of(package).filter(pk=key).first()
    if found is None:
        raise Missing("no-package", "This file is not part of the package.", "Go back to the package.")
    return found


def bytes_of(package: Package) -> Iterator[bytes]:
    """Its very bytes, as they were kept or as they were brought. Raises Gone once it was destroyed."""
    require_kept(package)
    if package.document is not None:
        return documents.open_stream(package.document)
    return ARCHIVES.write(
        Piece(entry.path, _reader(entry), entry.sha256) for entry in entries_of(package).iterator(500)
    )


def require_kept(package: Package) -> None:
    if package.destroyed_at is not None:
        raise Gone(
            "package-destroyed",
            "This file was destroyed at its legal end; its digest and the reason stay.",
            "Ask the departmental archives.",
        )


def is_due(package: Package, today: date) -> bool:
    """Whether its legal end has passed."""
    return package.destroyed_at is None and package.keep_until is not None and package.keep_until < today


def due_on(actor: Actor) -> list[Package]:
    today = legal_day(actor.now())
    return [one for one in packages_of(actor) if is_due(one, today)]


def waiting_to_be_kept(key: str) -> Consultation | None:
    rows = Consultation.objects.select_related("organisation")
    return rows.filter(pk=key, state__in=KEPT).first()


@contextlib.contextmanager
def read_back(document: Any) -> Iterator[list[Kept]]:
    """The files of a package that was sent, judged whole. Raises Invalid for what is none, or was changed."""
    with documents.local_file(document) as path:
        yield ARCHIVES.read(path)


def count_entries(document: Any) -> int:
    """How many files a package of ours holds."""
    with documents.local_file(document) as path, zipfile.ZipFile(path) as archive:
        return len(archive.namelist()) - 1


def said_of(kept: list[Kept]) -> tuple[str, str]:
    """The reference and the title of the consultation that the package holds; empty where it says none."""
    for one in kept:
        if one.path == "tables/consultation.jsonl" and one.size < 1024 * 1024:
            try:
                said = json.loads(b"".join(one.read()).split(b"\n", 1)[0])
                return _words(said.get("reference"), 64), _words(said.get("title"), LONGEST_TITLE)
            except (ValueError, AttributeError):
                break
    return "", ""


def _words(value: Any, limit: int) -> str:
    return " ".join(clean(str(value or "")).split())[:limit]


def _reader(entry: PackageEntry) -> Any:
    return lambda: documents.open_stream(entry.document)
