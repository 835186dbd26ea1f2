"""Documents that the platform writes from the consultation's own data, and the body's own models of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from territoires.contracts import procurement as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Invalid, Missing

from ..domain import drafting
from ..domain.terms import CONTRACT, PRICES, RULES
from ..models import Consultation, DocumentTemplate, Piece
from ..permissions import Procurement
from ..queries import written as files
from ..queries.drafts import NAMES, POLICY_HASH, draft_of, source_of, template_of, values_of
from ..queries.files import received
from ..queries.references import next_reference
from ..queries.sheets import Checked, checked, pieces_of
from .filing import let_go
from .moving import about, move

LARGEST = 20 * 1024 * 1024
KINDS = {
    drafting.RULES: RULES,
    drafting.ENGAGEMENT: CONTRACT,
    drafting.PRICES: PRICES,
    drafting.SEAL: RULES,
}


@dataclass(frozen=True, slots=True)
class Made:
    """A document that was written: ``made_as`` names it, ``made_from`` is the SHA-256 of what it was written from."""

    made_as: str
    made_from: str
    document: UUID


def write_documents(
    *, actor: Actor, consultation: Consultation, codes: Sequence[str], version: int | None = None
) -> Consultation:
    """Writes the documents of these codes (``domain.drafting``) and adds them to the consultation, in the place of
    those that it wrote before. Raises Invalid for an unknown code.
    """
    named = begin_writing(actor=actor.once(""), consultation=consultation, codes=codes, version=version)
    check = checked(named, legal_day(actor.now()))
    made = [one for code in codes for one in _made(actor, named, code, check)]
    return keep_written(actor=actor, consultation=named, made=made)


def print_policy_hash(actor: Actor, consultation: Consultation, sha256: str) -> None:
    """Inside the publication, so that both hold together: the hash of the opening rules is printed in the rules of the
    consultation where the platform wrote them, else in an annex to those that the buyer brought.
    """
    check = checked(consultation, legal_day(actor.now()))
    code = drafting.RULES if _may_print_in_rules(consultation, check) else drafting.SEAL
    _put(actor, consultation, _made(actor, consultation, code, check, sha256))


def _may_print_in_rules(consultation: Consultation, check: Checked) -> bool:
    """Whether the rules are the platform's to write again, with nothing new in them but the hash."""
    written = [one for one in pieces_of(consultation) if one.made_as.startswith(f"{drafting.RULES}.")]
    own = template_of(consultation, drafting.RULES)
    if own is not None and POLICY_HASH not in files.names_of(own.document):
        return False
    source = source_of(drafting.RULES, consultation, check.sheet, check.law)
    return bool(written) and all(one.made_from == source for one in written)


@action(Procurement.PREPARE, on="consultation", along=("organisation",))
def begin_writing(
    *, actor: Actor, consultation: Consultation, codes: Sequence[str], version: int | None = None
) -> Outcome[Consultation]:
    """Gives the consultation the reference that its documents bear. Raises Invalid."""
    if not codes or not set(codes) <= set(drafting.CODES):
        raise Invalid(
            "documents-unknown", "No document is chosen, or one that is unknown.", "Choose in the list."
        )
    move(consultation, "prepare", actor, version)
    had = consultation.reference
    consultation.reference = had or next_reference(consultation, legal_day(actor.now()))
    consultation.save()
    fields = () if had else ("reference",)
    return Outcome(consultation, facts.ConsultationRevised(**about(consultation), fields=fields))


@action(Procurement.PREPARE, on="consultation")
def keep_written(*, actor: Actor, consultation: Consultation, made: Sequence[Made]) -> Outcome[Consultation]:
    """Puts written documents among those of the consultation; each takes the place of the one made as the same."""
    move(consultation, "prepare", actor, None)
    written = _put(actor, consultation, made)
    consultation.save()
    fact = facts.DocumentsWritten(
        **about(consultation),
        made=tuple(piece.made_as for piece in written),
        contents=tuple(piece.sha256 for piece in written),
    )
    return Outcome(consultation, fact)


@action(Procurement.TEMPLATES)
def choose_template(*, actor: Actor, code: str, document: UUID | None) -> Outcome[None]:
    """The body's own model of a document, a received .docx; None goes back to the platform's.

    Raises Invalid for a file that cannot serve, Missing for an unknown document.
    """
    if code not in drafting.CODES:
        raise Missing("no-template", "There is no such document.", "Choose in the list.")
    organisation = actor.acting_organisation()
    present = DocumentTemplate.objects.filter(organisation=organisation, code=code).first()
    found = received(actor, document) if document is not None else None
    if found is not None:
        files.check_template(found, dict.fromkeys(NAMES, ""))
    former = present.subject if present is not None else None
    if present is not None:
        _leave(actor, present)
        present.delete()
    if found is not None:
        kept = DocumentTemplate(
            organisation_id=organisation,
            code=code,
            document=found,
            sha256=found.sha256,
            person_id=actor.person,
            kept_at=actor.now(),
        )
        documents.attach(found, holder=kept.subject)
        kept.save(force_insert=True)
        return Outcome(None, _chosen(kept.subject, code, found.sha256))
    if former is None:
        raise Missing("no-template", "Your body has no model of its own here.", "Nothing to do.")
    return Outcome(None, _chosen(former, code, ""))


def _chosen(subject: Any, code: str, sha256: str) -> facts.TemplateChosen:
    return facts.TemplateChosen(subject=subject, matter=None, template=code, sha256=sha256)


def _leave(actor: Actor, template: DocumentTemplate) -> None:
    documents.release(
        actor=replace(actor, idempotency_key=None),
        document=template.document,
        holder=template.subject,
        reason="replaced",
    )


def _made(
    actor: Actor, consultation: Consultation, code: str, check: Checked, policy_hash: str = ""
) -> list[Made]:
    """Writes and receives the files of a document."""
    source = source_of(code, consultation, check.sheet, check.law)
    return [
        Made(f"{code}.{form}", source, _kept(actor, consultation, name, content))
        for form, name, content in _files(actor, consultation, code, check, policy_hash)
    ]


def _put(actor: Actor, consultation: Consultation, made: Sequence[Made]) -> list[Piece]:
    """Each takes the place of the one made as the same, and of its other forms."""
    present = {piece.made_as: piece for piece in pieces_of(consultation) if piece.made_as}
    written = []
    for one in made:
        document = received(actor, one.document)
        before = present.get(one.made_as)
        if before is not None and before.sha256 != document.sha256:
            before.delete()
            let_go(actor, consultation, before.document, "written-again")
        written.append(_piece(consultation, one, document, before))
    for code in {one.made_as.partition(".")[0] for one in made}:
        _drop_other_forms(actor, consultation, code, {one.made_as for one in made}, present)
    return written


def _files(
    actor: Actor, consultation: Consultation, code: str, check: Checked, policy_hash: str
) -> list[tuple[str, str, bytes]]:
    """Form, name and bytes of each file of a document: the body's own model gives an office document alone."""
    draft = draft_of(code, consultation, check.sheet, check.law, policy_hash)
    own, issuer = template_of(consultation, code), consultation.organisation.name
    subtitle = f"{consultation.reference} · {consultation.title}"
    if own is not None:
        values = values_of(consultation, check.sheet, check.law, policy_hash)
        return [
            (drafting.DOCX, f"{draft.file_name}.docx", files.filled_template(own.document, values)),
        ]
    forms = {
        drafting.PDF: lambda: files.as_pdf(draft, issuer, subtitle, actor.now()),
        drafting.DOCX: lambda: files.as_docx(draft, issuer, subtitle),
    }
    return [(form, f"{draft.file_name}.{form}", forms[form]()) for form in drafting.FORMATS[code]]


def _kept(actor: Actor, consultation: Consultation, name: str, content: bytes) -> UUID:
    found = documents.receive(
        [content],
        name=name,
        organisation=consultation.organisation_id,
        actor=replace(actor, idempotency_key=None),
        limit=LARGEST,
    )
    key: UUID = found.pk
    return key


def _piece(consultation: Consultation, made: Made, document: Any, before: Piece | None) -> Piece:
    if before is not None and before.sha256 == document.sha256:
        before.made_from = made.made_from
        before.save()
        return before
    last = max((one.position for one in pieces_of(consultation)), default=0)
    piece = Piece(
        consultation=consultation,
        document=document,
        sha256=document.sha256,
        kind=KINDS[made.made_as.partition(".")[0]],
        position=before.position if before else last + 1,
        made_as=made.made_as,
        made_from=made.made_from,
    )
    documents.attach(document, holder=consultation.subject)
    piece.save(force_insert=True)
    return piece


def _drop_other_forms(
    actor: Actor, consultation: Consultation, code: str, made: set[str], present: dict[str, Piece]
) -> None:
    """A PDF of before has no place beside the body's own model that came since."""
    for name, piece in present.items():
        if name.startswith(f"{code}.") and name not in made:
            piece.delete()
            let_go(actor, consultation, piece.document, "written-again")
