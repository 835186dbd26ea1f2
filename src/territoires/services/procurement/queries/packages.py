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

from territoires.contracts.archives import Description, Kept, Piece
from territoires.foundations.actions import api as actions
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Gone, Missing
from territoires.kernel.text import clean

from ..domain import life
from ..domain.archive_transfer import transfer
from ..domain.keeping import KEPT as KEPT_WHOLE
from ..domain.keeping import READING, keep_until
from ..domain.packages import LARGEST_MANIFEST, MANIFEST, Listed, read_manifest
from ..domain.sheet import LONGEST_TITLE
from ..models import Consultation, Contract, Package, PackageEntry, PackageOrigin
from ..permissions import Procurement
from . import archiving
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
_NO_DESCRIPTION = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Brought:
    """A package that was read back: what it says of its consultation, and its files, received already."""

    reference: str
    title: str
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
    days = Contract.objects.filter(consultation=consultation).aggregate(
        signed=Max("signed_on"), ended=Max("ended_on")
    )
    was_carried_out = consultation.state == life.ENDED
    return keep_until(
        signed_on=days["signed"] or (None if was_carried_out else today),
        ended_on=(days["ended"] or today) if was_carried_out else None,
        is_works=consultation.main_procurement_category == "works",
        years=lambda code: rule_value(code, today),
    )


def packages_of(actor: Actor) -> list[Package]:
    """The kept files of the acting organisation, the latest first."""
    rows: QuerySet[Package] = actions.visible(actor, Procurement.READ_PACKAGES)
    return list(rows.select_related("document", "consultation").distinct()[:500])


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
    require_verified(package)
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


def require_verified(package: Package) -> None:
    """Raises Conflict while a package that was brought is being verified, or when it was refused."""
    if package.state != KEPT_WHOLE:
        raise Conflict(
            "package-not-verified",
            "This package was not verified, or was refused: it is not taken out.",
            "Look at its page.",
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


def waiting_to_be_judged(key: str) -> Package | None:
    return Package.objects.select_related("document").filter(pk=key, state=READING).first()


def contents_of(document: Any) -> tuple[Description, list[Listed]]:
    """What a package of ours says of itself, and its files."""
    with documents.local_file(document) as path, zipfile.ZipFile(path) as archive:
        return archiving.read(archive.read(archiving.DESCRIPTION)), read_manifest(archive.read(MANIFEST))


def can_be_transferred(package: Package) -> bool:
    """Whether it holds a description: one of another platform, or an older one, does not."""
    if package.destroyed_at or package.state != KEPT_WHOLE or package.origin == PackageOrigin.FORMER:
        return False
    if package.origin == PackageOrigin.BROUGHT:
        told = entries_of(package).filter(path=archiving.DESCRIPTION, size__lte=LARGEST_MANIFEST)
        return told.exists()
    return True


def transfer_of(package: Package) -> bytes:
    """The SEDA manifest of a kept file. Raises Missing where it holds no description, Gone once it was destroyed."""
    require_kept(package)
    missing = Missing(
        "no-transfer", "This file holds no description for the archives.", "Take the package as it is."
    )
    if not can_be_transferred(package):
        raise missing
    try:
        description, listed = _contents(package)
        return transfer(
            description,
            listed,
            at=package.made_at,
            message=str(package.pk),
            archives=package.organisation.reference,
        )
    except _NO_DESCRIPTION as error:  # what was brought back was written by anybody
        raise missing from error


def _contents(package: Package) -> tuple[Description, list[Listed]]:
    if package.document is not None:
        return contents_of(package.document)
    entries = list(entries_of(package))
    told = next(one for one in entries if one.path == archiving.DESCRIPTION)
    description = archiving.read(b"".join(documents.open_stream(told.document)))
    return description, [Listed(one.path, one.size, one.sha256) for one in entries]


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
