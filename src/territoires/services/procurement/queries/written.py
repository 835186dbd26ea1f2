"""A document of a consultation as a file: PDF for who reads, an office document for who writes in it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from territoires.foundations.documents import api as documents
from territoires.foundations.printing import api as printing
from territoires.kernel.errors import Invalid

from ..domain import drafting
from ..domain.drafting import PLACE, Draft, Table
from .drafts import model_of

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LARGEST_TEMPLATE = 5 * 1024 * 1024
LIMITS = documents.ArchiveLimits(entries=500, opened_bytes=50 * 1024 * 1024)
_PINE = (0x1F, 0x5A, 0x4C)


def as_pdf(draft: Draft, issuer: str, subtitle: str, at: datetime) -> bytes:
    """PDF/A, which archives keep and screen readers read."""
    data = {**asdict(draft), "subtitle": subtitle}
    return printing.render("procurement/written", data, language="fr", issuer=issuer, at=at)


def as_docx(draft: Draft, issuer: str, subtitle: str) -> bytes:
    """The same, to be changed or filled in."""
    from docx.shared import Pt, RGBColor

    made = _office_document()
    style = made.styles["Normal"]
    style.font.name, style.font.size = "Liberation Sans", Pt(10.5)
    style.element.rPr.append(_french(style.element))
    made.core_properties.title, made.core_properties.author = draft.title, issuer
    made.core_properties.language = "fr-FR"
    made.add_paragraph(issuer)
    made.add_heading(draft.title, level=0)
    made.add_paragraph(subtitle)
    for section in draft.sections:
        made.add_heading(section.title, level=1).runs[0].font.color.rgb = RGBColor(*_PINE)
        for text in section.paragraphs:
            made.add_paragraph(text)
        if section.table is not None and section.table.rows:
            _write_table(made, section.table)
    return _bytes(made)


def blank_model(code: str, on: date) -> tuple[bytes, str]:
    """The platform's model with its names, to begin one's own, and the name of its file."""
    draft = model_of(code, on)
    content = as_docx(draft, "{{ acheteur }}", "{{ reference }} · {{ objet }}")
    return content, f"{draft.file_name}.docx"


def filled_template(document: Any, values: dict[str, str]) -> bytes:
    """The body's own model, each ``{{ name }}`` replaced by what it stands for."""
    with documents.local_file(document) as path:
        made = _office_document(str(path))
    for paragraph in _paragraphs(made):
        if PLACE.search(paragraph.text):
            said = PLACE.sub(lambda found: values.get(found[1]) or "", paragraph.text)
            first, *rest = paragraph.runs or [paragraph.add_run()]
            first.text = said
            for run in rest:
                run.text = ""
    return _bytes(made)


def names_of(document: Any) -> set[str]:
    """The names between double braces of a body's own model."""
    with documents.local_file(document) as path:
        made = _office_document(str(path))
    return {name for paragraph in _paragraphs(made) for name in PLACE.findall(paragraph.text)}


def check_template(document: Any, known: dict[str, str]) -> None:
    """Raises Invalid for what is no office document, or names what nothing stands for."""
    if document.media_type != DOCX_TYPE:
        raise Invalid(
            "template-not-docx",
            "This file is no .docx document: the model was not kept.",
            "Save it as “Word (.docx)” in your office suite, and send it again.",
        )
    with documents.local_file(document) as path:
        documents.check_archive(path, LIMITS)
        try:
            texts = [paragraph.text for paragraph in _paragraphs(_office_document(str(path)))]
        except Exception as broken:  # whatever a hostile archive makes the reader stumble on
            raise Invalid(
                "template-broken",
                "This document cannot be read: the model was not kept.",
                "Open it in your office suite, save it again, and send it.",
            ) from broken
    if unknown := drafting.unknown_places(texts, known):
        raise Invalid(
            "template-unknown-names",
            "The model names what nothing stands for: %(names)s. It was not kept.",
            "Use the names of the list on this page.",
            params={"names": ", ".join(unknown)[:200]},
        )


def _office_document(path: str | None = None) -> Any:
    """A new one, or that of a file. Its library is loaded when one is asked for: most processes never do."""
    from docx import Document

    return Document(path)


def _in_word(name: str) -> str:
    from docx.oxml.ns import qn

    return qn(f"w:{name}")


def _paragraphs(made: Any) -> Iterator[Any]:
    """Those of the text, of its tables, of heads and feet."""
    yield from _within(made)
    for section in made.sections:
        yield from _within(section.header)
        yield from _within(section.footer)


def _within(room: Any) -> Iterator[Any]:
    yield from room.paragraphs
    for table in room.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from _within(cell)


def _write_table(made: Any, given: Table) -> None:
    table = made.add_table(rows=1, cols=len(given.columns), style="Table Grid")
    for cell, heading in zip(table.rows[0].cells, given.columns, strict=True):
        cell.paragraphs[0].add_run(heading).bold = True
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(properties.makeelement(_in_word("tblHeader"), {}))
    for row in given.rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    made.add_paragraph()


def _french(element: Any) -> Any:
    return element.makeelement(_in_word("lang"), {_in_word("val"): "fr-FR"})


def _bytes(made: Any) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
