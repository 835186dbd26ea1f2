"""The files of an act: those received, judged before they are taken, and those that it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Fault, Invalid, Missing

from ..domain.files import PDF, Place
from ..models import Act, Annex


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A received document that was read to its end and found good; ``sound_file`` alone makes one.

    ``warnings`` forbid nothing: what the person should know of it (a script, a file inside the file).
    """

    document: UUID
    warnings: tuple[Fault, ...] = ()


def sound_file(actor: Actor, key: UUID, place: Place) -> SoundFile:
    """Judges a received document for its place, before any action: reading it takes seconds, and no row waits for it.

    Raises Invalid, with the reasons, for a locked, empty, broken or disguised file, Missing for one that the acting
    organisation did not receive.
    """
    file = received(actor, key)
    faults, warnings = _judged(file, place)
    if faults:
        raise Invalid(
            "file-refused",
            "The file was not added to the act; the rest of your draft is kept.",
            "Correct the file and send it again.",
            faults=[replace(fault, field=place.field) for fault in faults],
        )
    return SoundFile(key, tuple(warnings))


def received(actor: Actor, key: UUID) -> Any:
    """A document that the acting organisation received and still holds. Raises Missing."""
    model = Act._meta.get_field("main").related_model
    found = model._default_manager.filter(pk=key, organisation_id=actor.organisation, purged_at=None).first()
    if found is None:
        raise Missing("no-file", "The file you sent is no longer there.", "Send it again.")
    return found


def annexes_of(act: Act) -> list[Annex]:
    return list(act.annexes.select_related("document"))


def annex_of(act: Act, key: UUID) -> Annex:
    """One annex of the act. Raises Missing."""
    annex = act.annexes.select_related("document").filter(pk=key).first()
    if annex is None:
        raise Missing("no-annex", "This annex is no longer there.", "Reload the page of the act.")
    return annex


def holds(act: Act, sha256: str) -> bool:
    """Whether the act or one of its annexes has these bytes."""
    return act.main_sha256 == sha256 or act.annexes.filter(sha256=sha256).exists()


def file_of(act: Act, sha256: str) -> Any:
    """The document of the act with these bytes: the act itself, an annex, a proof of notification. Raises Missing."""
    if act.main_sha256 == sha256:
        return act.main
    if act.taken_over_at and (answer := act.former.acknowledgement) and answer.sha256 == sha256:
        return answer
    holders = (
        (act.annexes, "document"),
        (act.notifications, "proof"),
        (act.signatories, "document"),
    )
    for holder, field in holders:
        found = holder.filter(**{f"{field}__sha256": sha256}).select_related(field).first()
        if found is not None:
            return getattr(found, field)
    raise _no_file()


def public_file_of(act: Act, sha256: str) -> Any:
    """The same among what is on line: never a proof of notification. Raises Missing."""
    if not holds(act, sha256):
        raise _no_file()
    return file_of(act, sha256)


def _no_file() -> Missing:
    return Missing("no-file", "This act holds no such file.", "Go back to the page of the act.")


def _judged(file: Any, place: Place) -> tuple[Sequence[Fault], Sequence[Fault]]:
    """What forbids the file in its place, and what deserves a warning."""
    faults = _faults_at_sight(file, place)
    if faults or file.media_type != PDF:
        return faults, ()
    inspection = documents.inspect_pdf(file)
    return inspection.faults, inspection.warnings


def _faults_at_sight(file: Any, place: Place) -> list[Fault]:
    named = {"name": file.name, "media_type": file.media_type}
    if file.size == 0:
        return [
            Fault(
                place.field,
                "file-empty",
                "The file “%(name)s” is empty.",
                "Save it again and send it.",
                named,
            )
        ]
    if documents.is_disguised(file.name, file.media_type):
        return [documents.disguise_fault(file.name, file.media_type)]
    if file.media_type not in place.formats:
        return [
            Fault(
                place.field,
                "file-format",
                "The file “%(name)s” is not accepted here: judged by its content, it is %(media_type)s.",
                "Save or scan it as PDF and send it again.",
                named,
            )
        ]
    return []
