"""The hash of the opening rules is printed in the rules of the consultation by the publication itself."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from docx import Document

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.services.procurement.actions import filing, publishing, validating, writing
from territoires.services.procurement.models import Consultation
from territoires.services.procurement.queries.drafts import draft_of
from territoires.services.procurement.queries.sheets import checked, pieces_of
from territoires.services.procurement.queries.written import as_pdf

from ..conftest import make_consultation, receive, rows
from .conftest import PUBLISHED_AT, worker

HASH = "3f" * 32


def with_policy(consultation: Consultation) -> Consultation:
    rows("t_procurement.PolicyVersion").create(
        consultation=consultation,
        version=1,
        document=b"{}",
        sha256=HASH,
        deadline_at=consultation.tenders_until,
        made_at=consultation.changed_at,
    )
    return consultation


def written(secretary: Actor) -> Consultation:
    """A draft whose rules the platform wrote, in the place of those that were brought."""
    draft = make_consultation(secretary)
    brought = next(one for one in pieces_of(draft) if one.kind == "rules")
    filing.remove_document(actor=secretary, consultation=draft, sha256=brought.sha256)
    writing.write_documents(actor=secretary, consultation=draft, codes=["rules"])
    draft.refresh_from_db()
    return draft


def rules_in(consultation: Consultation) -> dict[str, Any]:
    return {one.made_as: one for one in pieces_of(consultation) if one.kind == "rules"}


def content_of(piece: Any) -> bytes:
    return b"".join(documents.open_stream(piece.document))


def assert_printed(piece: Any, consultation: Consultation) -> None:
    """The file is, byte for byte, what printing the document with the hash gives."""
    code, day = piece.made_as.removesuffix(".pdf"), legal_day(PUBLISHED_AT)
    check = checked(consultation, day)
    draft = draft_of(code, consultation, check.sheet, check.law, HASH)
    said = "\n".join(text for section in draft.sections for text in section.paragraphs)
    assert f"Leur empreinte SHA-256 est :\n{HASH}" in said and "Their SHA-256 hash is printed above" in said
    subtitle = f"{consultation.reference} · {consultation.title}"
    assert content_of(piece) == as_pdf(draft, consultation.organisation.name, subtitle, PUBLISHED_AT)


def test_it_is_printed_in_the_rules_that_the_platform_wrote(secretary: Actor, buyer: Actor) -> None:
    draft = written(secretary)
    ready = with_policy(validating.validate_consultation(actor=secretary, consultation=draft))
    public = publishing.publish_consultation(actor=buyer, consultation=ready)
    assert list(rules_in(public)) == ["rules.pdf"], "the same document, in its place"
    assert_printed(rules_in(public)["rules.pdf"], public)


def test_it_is_an_annex_to_the_rules_that_the_buyer_brought(secretary: Actor, buyer: Actor) -> None:
    ready = with_policy(make_consultation(secretary, "validated"))
    brought = rules_in(ready)[""].sha256
    public = publishing.publish_consultation(actor=buyer, consultation=ready)
    found = rules_in(public)
    assert found[""].sha256 == brought, "what was brought is not touched"
    assert_printed(found["seal.pdf"], public)


def test_a_scheduled_publication_prints_it_too(secretary: Actor) -> None:
    ready = with_policy(validating.validate_consultation(actor=secretary, consultation=written(secretary)))
    due = publishing.schedule_publication(actor=secretary, consultation=ready, publish_at=PUBLISHED_AT)
    public = publishing.publish_on_time(
        actor=replace(worker(PUBLISHED_AT), organisation=due.organisation_id), consultation=due
    )
    assert public.state == "published"
    assert_printed(rules_in(public)["rules.pdf"], public)


@pytest.mark.parametrize("names_it", [True, False])
def test_a_bodys_own_model_bears_it_where_it_names_it(secretary: Actor, buyer: Actor, names_it: bool) -> None:
    made: Any = Document()
    made.add_paragraph("{{ empreinte }}" if names_it else "{{ objet }}")
    out = io.BytesIO()
    made.save(out)
    model = receive(secretary, out.getvalue(), "modele.docx")
    writing.choose_template(actor=secretary, code="rules", document=model.pk)
    ready = with_policy(validating.validate_consultation(actor=secretary, consultation=written(secretary)))
    public = publishing.publish_consultation(actor=buyer, consultation=ready)
    office: Any = Document(io.BytesIO(content_of(rules_in(public)["rules.docx"])))
    assert (HASH in [one.text for one in office.paragraphs]) == names_it
    assert ("seal.pdf" in rules_in(public)) != names_it
