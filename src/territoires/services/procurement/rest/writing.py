"""The documents that the platform writes from a consultation, and the body's own models of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import if_match
from territoires.kernel.clock import legal_day

from ..actions import writing
from ..models import DocumentTemplate
from ..permissions import Procurement
from ..queries import drafts as queries
from ..queries import written as files
from .shared import FILE_READ, FILE_SENT, State, actor_of, consultation_in, require, state_of

router = Router()
Code = Literal["rules", "engagement", "prices"]
ONE = "/templates/{template}"


class WritingIn(Schema):
    """Which documents: the rules of the consultation, the act of engagement, the price schedule."""

    codes: list[Code] = Field(min_length=1, max_length=3)


class TemplateOut(Schema):
    """A model of the body, which stands in the place of the platform's."""

    code: str
    name: str
    sha256: str
    kept_at: datetime


@router.post(
    "/consultations/{consultation}/written-documents",
    response={200: State},
    summary="Have documents written from the consultation, and added to it",
)
def write_documents(
    request: HttpRequest, response: HttpResponse, consultation: UUID, given: WritingIn
) -> State:
    """Each takes the place of the one that was written before; they are then listed with the other documents."""
    found = consultation_in(request, consultation, Procurement.PREPARE)
    writing.write_documents(
        actor=actor_of(request),
        consultation=found,
        codes=list(dict.fromkeys(given.codes)),
        version=if_match(request),
    )
    return state_of(response, found)


@router.get("/templates", response={200: list[TemplateOut]}, summary="The models of documents of your body")
def list_templates(request: HttpRequest) -> list[TemplateOut]:
    """One that is not there is the platform's."""
    actor = require(request, Procurement.TEMPLATES)
    return [_template(one) for one in queries.templates_of(actor.acting_organisation()).values()]


@router.put(ONE, response={200: TemplateOut}, summary="Keep a model of your body", openapi_extra=FILE_SENT)
def choose_template(request: HttpRequest, template: Code, name: str) -> TemplateOut:
    """The body of the request is the .docx; the next documents are written from it."""
    actor = require(request, Procurement.TEMPLATES)
    organisation = actor.acting_organisation()
    kept = documents.receive_body(
        request, name=name, organisation=organisation, actor=actor, limit=files.LARGEST_TEMPLATE
    )
    writing.choose_template(actor=actor, code=template, document=kept.pk)
    return _template(queries.templates_of(organisation)[template])


@router.delete(ONE, response={204: None}, summary="Go back to the platform's model")
def drop_template(request: HttpRequest, template: Code) -> tuple[int, None]:
    actor = require(request, Procurement.TEMPLATES)
    writing.choose_template(actor=actor, code=template, document=None)
    return 204, None


@router.get(ONE, summary="A model, as .docx: your body's own, else the platform's", openapi_extra=FILE_READ)
def read_template(request: HttpRequest, template: Code) -> HttpResponseBase:
    actor = require(request, Procurement.TEMPLATES)
    own = queries.templates_of(actor.acting_organisation()).get(template)
    if own is not None:
        return documents.download_response(own.document, request)
    content, _name = files.blank_model(template, legal_day(actor.now()))
    return HttpResponse(content, content_type=files.DOCX_TYPE)


def _template(one: DocumentTemplate) -> TemplateOut:
    return TemplateOut(code=one.code, name=one.document.name, sha256=one.sha256, kept_at=one.kept_at)
