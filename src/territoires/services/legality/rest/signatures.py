"""Electronic signatures: asked here, put by each person from a page, with a key that nobody else holds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from ..actions import electronic
from ..queries import acts as queries
from ..queries.signatories import signatories_of
from .acts import ActOut, performed
from .shared import actor_of

router = Router()


class Asking(Schema):
    """``meant`` says which person signs, for a name that several members of the body bear: by the end of the field
    that the refusal names, after ``meant-``."""

    meant: dict[str, UUID] = {}


class SignatoryOut(Schema):
    """Somebody whom the law wants to sign electronically; ``capacity`` is author or secretary."""

    capacity: str
    given_names: str
    usual_name: str
    quality: str
    signed_at: datetime | None
    certificate: str = Field(description="SHA-256 of the certificate")
    issuer: str


@router.get(
    "/acts/{act}/signatures", response={200: list[SignatoryOut]}, summary="Who signs an act, and who has"
)
def read_signatures(request: HttpRequest, act: UUID) -> list[SignatoryOut]:
    found = signatories_of(queries.act_of(actor_of(request), act))
    return [SignatoryOut(**{name: getattr(one, name) for name in SignatoryOut.model_fields}) for one in found]


@router.post(
    "/acts/{act}/ask-signatures",
    response={200: ActOut},
    summary="Close the file of an act and ask those whom the law names to sign it",
)
def ask_act_signatures(request: HttpRequest, response: HttpResponse, act: UUID, given: Asking) -> ActOut:
    return performed(request, response, electronic.ask_signatures, act, meant=given.meant)
