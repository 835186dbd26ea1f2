"""What changes after the publication: each change is a new version, told to everybody who left an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from territoires.contracts import procurement_publication as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Fact
from territoires.kernel.text import clean

from ..domain import extending, life
from ..domain.wording import stated
from ..models import LONGEST_REASON, LONGEST_TEXT, Amendment, Consultation, DocumentKind, Piece
from ..permissions import Procurement
from ..queries.files import received
from ..queries.law import law_on
from ..queries.publication import first_deadline, is_open, require_open
from ..queries.sheets import pieces_of
from .announcing import announce
from .filing import MOST_PIECES
from .listing import write_listing
from .moving import about, move
from .next_step import wait_for_next_step
from .policies import settle_policy

TELL = "procurement.tell_correspondents"
# What may be corrected in words: the object and the criteria are not among them.
CORRECTED = ("title", "description", "contact_email", "review_body")
DEADLINES = ("applications_until", "tenders_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPiece:
    """A received file that joins the documents, in the place of the one whose digest ``replaces`` is, if any."""

    document: UUID
    kind: str = DocumentKind.OTHER
    replaces: str = ""


@action(Procurement.AMEND, on="consultation")
def amend_consultation(
    *,
    actor: Actor,
    consultation: Consultation,
    summary: str,
    reason: str,
    values: Mapping[str, Any] | None = None,
    pieces: Sequence[NewPiece] = (),
    retired: Sequence[str] = (),
    is_substantial: bool = False,
    version: int | None = None,
) -> Outcome[Amendment]:
    """Changes words, calendar or documents of an open consultation.

    ``values`` are fields of ``CORRECTED``, ``questions_until`` and the deadlines, which only move later. Raises TooLate
    after the deadline, Invalid when nothing changes or a substantial change leaves less time than the text asks.
    """
    if consultation.state == life.PUBLISHED:
        require_open(consultation, actor.now())
    move(consultation, "amend", actor, version)
    change = _Change(actor, consultation, "amend", summary, reason, is_substantial)
    change.write(values or {})
    change.replace(pieces)
    change.retire(retired)
    change.require_something()
    change.require_time()
    return change.done()


@action(Procurement.AMEND, on="consultation")
def suspend_consultation(
    *, actor: Actor, consultation: Consultation, reason: str, version: int | None = None
) -> Outcome[Consultation]:
    """Interrupts the call: nobody answers until it resumes with a new deadline. Raises TooLate after the deadline."""
    require_open(consultation, actor.now())
    move(consultation, "suspend", actor, version)
    change = _Change(actor, consultation, "suspend", reason, reason, False)
    return Outcome(consultation, *change.done().facts)


@action(Procurement.AMEND, on="consultation")
def resume_consultation(
    *,
    actor: Actor,
    consultation: Consultation,
    reason: str,
    values: Mapping[str, Any],
    version: int | None = None,
) -> Outcome[Consultation]:
    """Takes a suspended call up again, with a deadline to come. Raises Conflict when it is not suspended."""
    if consultation.state != life.SUSPENDED:
        raise Conflict("not-suspended", "This consultation is not suspended.", "Reload the page.")
    move(consultation, "amend", actor, version)
    change = _Change(actor, consultation, "resume", reason, reason, False)
    change.write(values)
    if not is_open(consultation, actor.now()):
        fault = Fault(
            "tenders_until", "deadline-past", "This deadline has already passed.", "Give a later one."
        )
        raise Invalid("deadline-past", "The call was not resumed.", "Give a new deadline.", faults=[fault])
    change.require_time()
    return Outcome(consultation, *change.done().facts)


@action(Procurement.AMEND, on="consultation")
def withdraw_consultation(
    *, actor: Actor, consultation: Consultation, reason: str, version: int | None = None
) -> Outcome[Consultation]:
    """Takes the call back before its deadline, for a reason that all may read. Raises TooLate after the deadline."""
    if consultation.state == life.PUBLISHED:
        require_open(consultation, actor.now())
    return Outcome(consultation, *_ended(actor, consultation, "withdraw", reason, version))


@action(Procurement.AMEND, on="consultation")
def abandon_consultation(
    *, actor: Actor, consultation: Consultation, reason: str, version: int | None = None
) -> Outcome[Consultation]:
    """Declares it without follow-up, for a reason of general interest that all may read."""
    return Outcome(consultation, *_ended(actor, consultation, "abandon", reason, version))


@action(Procurement.KEEP_TIME, on="consultation")
def tell_correspondents(*, actor: Actor, consultation: Consultation, about_id: UUID) -> Outcome[int]:
    """Tells those who left an address of a change or an answer, each once. ``about_id`` names the amendment or question."""
    count = announce(actor, consultation, about_id)
    fact = facts.CorrespondentsTold(
        **about(consultation), version=consultation.publication_version, about=about_id, count=count
    )
    return Outcome(count, fact)


def have_told(consultation: Consultation, about_id: UUID) -> None:
    """Has the worker tell them, once the verb that contains this has committed."""
    app.configure_task(TELL).defer(consultation=str(consultation.pk), about=str(about_id))


class _Change:
    """One change while it is written: the amendment that will be kept, and the facts of its documents."""

    def __init__(
        self,
        actor: Actor,
        consultation: Consultation,
        verb: str,
        summary: str,
        reason: str,
        is_substantial: bool,
    ) -> None:
        consultation.publication_version += 1
        self.actor, self.consultation = actor, consultation
        self.added: list[str] = []
        self.retired: list[str] = []
        self._facts: list[Fact] = []
        self.amendment = Amendment(
            consultation=consultation,
            version=consultation.publication_version,
            verb=verb,
            summary=_summary(summary),
            reason=stated(reason, limit=LONGEST_REASON),
            is_substantial=is_substantial,
            applications_before=consultation.applications_until,
            tenders_before=consultation.tenders_until,
            questions_before=consultation.questions_until,
            person_id=actor.person,
            made_at=actor.now(),
        )

    def write(self, values: Mapping[str, Any]) -> None:
        one = self.consultation
        for name in DEADLINES:
            if name in values:
                later = extending.require_later(name, getattr(one, name), values[name], self.actor.now())
                setattr(one, name, later)
        if values.get("questions_until") is not None:
            one.questions_until = _questions_until(one, values["questions_until"])
        for name in CORRECTED:
            if name in values and (after := _cleaned(one, name, values[name])) != getattr(one, name):
                before = getattr(one, name)
                self.amendment.changes.append({"field": name, "before": before, "after": after})
                setattr(one, name, after)

    def replace(self, pieces: Sequence[NewPiece]) -> None:
        present = {piece.sha256: piece for piece in pieces_of(self.consultation)}
        if len(present) + len(pieces) > MOST_PIECES:
            raise Invalid(
                "too-many-documents",
                "A consultation holds at most %(most)d documents.",
                "Put several in one archive.",
                params={"most": MOST_PIECES},
            )
        for new in pieces:
            former = present.pop(new.replaces, None) if new.replaces else None
            if new.replaces and former is None:
                raise _no_such_piece()
            self._add(new, former)

    def retire(self, digests: Sequence[str]) -> None:
        present = {piece.sha256: piece for piece in pieces_of(self.consultation)}
        for sha256 in digests:
            if sha256 not in present:
                raise _no_such_piece()
            self._retire(present[sha256])

    def require_something(self) -> None:
        moved = (
            self.amendment.applications_before,
            self.amendment.tenders_before,
            self.amendment.questions_before,
        ) != (
            self.consultation.applications_until,
            self.consultation.tenders_until,
            self.consultation.questions_until,
        )
        if not (moved or self.amendment.changes or self.added or self.retired):
            raise Invalid(
                "nothing-changed",
                "Nothing would change: no amendment was published.",
                "Correct a field, move the deadline, or add a document.",
            )

    def require_time(self) -> None:
        """A substantial change leaves the whole days that the text asks before the deadline."""
        now, deadline = self.actor.now(), first_deadline(self.consultation)
        law = law_on(legal_day(now))
        if deadline is None or not self.amendment.is_substantial:
            return
        is_urgent = self.consultation.is_urgent
        if extending.is_late(now, deadline, law, is_urgent=is_urgent):
            fault = Fault(
                "tenders_until",
                "deadline-too-near",
                "Fewer than %(days)s whole days are left after this change: the text asks that the deadline be put off.",
                "Give a later deadline.",
                {"days": extending.information_days(law, is_urgent=is_urgent)},
            )
            raise Invalid(
                "deadline-too-near", "The change was not published.", "Put the deadline off.", faults=[fault]
            )

    def done(self) -> Outcome[Amendment]:
        one, amendment = self.consultation, self.amendment
        amendment.applications_after, amendment.tenders_after = one.applications_until, one.tenders_until
        amendment.questions_after = one.questions_until
        one.save()
        amendment.save(force_insert=True)
        write_listing(self.actor, one)
        wait_for_next_step(one, self.actor)
        have_told(one, amendment.pk)
        fact = facts.ConsultationAmended(
            **about(one),
            version=amendment.version,
            verb=amendment.verb,
            is_substantial=amendment.is_substantial,
            fields=tuple(change["field"] for change in amendment.changes),
            added=tuple(self.added),
            retired=tuple(self.retired),
            applications_until=one.applications_until,
            tenders_until=one.tenders_until,
            questions_until=one.questions_until,
            reason=amendment.reason,
            summary=amendment.summary,
        )
        return Outcome(amendment, fact, *self._facts, *settle_policy(self.actor, one))

    def _add(self, new: NewPiece, former: Piece | None) -> None:
        file = received(self.actor, new.document)
        if Piece.objects.filter(consultation=self.consultation, sha256=file.sha256).exists():
            raise Conflict(
                "file-already-there",
                "This very file is already among the documents; nothing was done twice.",
                "Choose another file.",
            )
        documents.attach(file, holder=self.consultation.subject)
        kind = new.kind if new.kind in DocumentKind.values else DocumentKind.OTHER
        last = Piece.objects.filter(consultation=self.consultation).order_by("-position").first()
        piece = Piece(
            consultation=self.consultation,
            document=file,
            sha256=file.sha256,
            kind=former.kind if former else kind,
            position=(last.position if last else 0) + 1,
            since_version=self.amendment.version,
            replaces=former,
        )
        piece.save(force_insert=True)
        if former is not None:
            self._retire(former)
        self.added.append(piece.sha256)
        self._facts.append(
            facts.PublishedDocumentAdded(
                **about(self.consultation),
                version=self.amendment.version,
                document_kind=piece.kind,
                media_type=file.media_type,
                size=file.size,
                replaces=former.sha256 if former else "",
                content=file.sha256,
                name=file.name,
            )
        )

    def _retire(self, piece: Piece) -> None:
        piece.retired_in = self.amendment.version
        piece.save()
        self.retired.append(piece.sha256)


def extended(
    actor: Actor, consultation: Consultation, summary: str, reason: str, values: Mapping[str, Any]
) -> Outcome[Amendment]:
    """Inside another verb of this service: the deadline is put off, as an amendment of its own."""
    move(consultation, "amend", actor, None)
    change = _Change(actor, consultation, "amend", summary, reason, False)
    change.write(values)
    change.require_something()
    return change.done()


def _ended(
    actor: Actor, consultation: Consultation, verb: str, reason: str, version: int | None
) -> Sequence[Fact]:
    move(consultation, verb, actor, version)
    change = _Change(actor, consultation, verb, reason, reason, False)
    consultation.ended_at, consultation.end_reason = actor.now(), change.amendment.reason
    worklist.close_items(consultation.subject)
    told = change.done().facts
    ended = facts.ConsultationEnded(
        **about(consultation), outcome=consultation.state, reason=consultation.end_reason
    )
    return (ended, *told)


def _summary(given: str) -> str:
    found = clean(given)
    if 0 < len(found) <= LONGEST_TEXT:
        return found
    fault = Fault(
        "summary", "summary-missing", "What changes is not said, or is too long.", "Say it in a few lines."
    )
    raise Invalid("summary-missing", "Nothing was published.", "Say what changes.", faults=[fault])


def _cleaned(consultation: Consultation, name: str, value: str) -> str:
    field: Any = consultation._meta.get_field(name)
    found = clean(str(value))
    if name == "title":
        found = " ".join(found.split())
    if len(found) > field.max_length or (name == "title" and not found):
        fault = Fault(name, f"{name.replace('_', '-')}-refused", "This cannot be kept.", "Correct it.")
        raise Invalid("amendment-refused", "Nothing was published.", "Correct it.", faults=[fault])
    return found


def _questions_until(consultation: Consultation, after: date) -> date:
    deadline: datetime | None = first_deadline(consultation)
    if deadline is not None and after > legal_day(deadline):
        fault = Fault(
            "questions_until",
            "questions-after-deadline",
            "Questions cannot end after the deadline.",
            "Give an earlier day.",
        )
        raise Invalid("questions-late", "Nothing was published.", "Correct the day.", faults=[fault])
    return after


def _no_such_piece() -> Invalid:
    return Invalid(
        "no-such-document",
        "A document that was to be replaced is not in force any more.",
        "Reload the page and choose again.",
    )
