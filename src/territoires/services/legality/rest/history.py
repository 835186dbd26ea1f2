"""Acts of before the platform: the table brought, what its dry run tells, the order to take over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from territoires.foundations.actions import api as rights
from territoires.foundations.registry.api import sentence

from ..actions import history as taking
from ..models import HistoryImport
from ..permissions import Legality
from ..queries import history as queries
from .shared import FILE_SENT, actor_of, received

router = Router()
LARGEST = 2 * 1024 * 1024 * 1024


class HistoryFault(Schema):
    line: int
    column: str
    message: str
    remedy: str


class ImportOut(Schema):
    """An import: ``received``, then ``checked`` by the dry run, ``ordered``, ``done``. ``faults`` are the first ones."""

    id: UUID
    state: str
    device: str
    brought_at: datetime
    done_at: datetime | None
    new_count: int
    known_count: int
    fault_count: int
    unnamed: int
    faults: list[HistoryFault]


@router.get("/history", response={200: list[ImportOut]}, summary="List the imports of acts of before")
def list_imports(request: HttpRequest) -> list[ImportOut]:
    if not actor_of(request).holds(Legality.ORDER):
        raise rights.denied(Legality.ORDER)
    return [_shown(one) for one in queries.imports_of(actor_of(request))]


@router.post(
    "/history",
    response={201: ImportOut},
    summary="Bring a table of acts of before, for its dry run",
    openapi_extra=FILE_SENT,
)
def bring_history(request: HttpRequest, name: str, device: str = "") -> tuple[int, ImportOut]:
    """The body of the request is the CSV, or the ZIP with the files that it names; nothing is taken over yet."""
    actor = actor_of(request)
    if not actor.holds(Legality.BRING):
        raise rights.denied(Legality.BRING)
    document = received(request, actor, name, limit=LARGEST)
    return 201, _shown(taking.bring_history(actor=actor, document=document, device=device))


@router.get("/history/{history}", response={200: ImportOut}, summary="What the dry run of an import tells")
def read_import(request: HttpRequest, history: UUID) -> ImportOut:
    return _shown(queries.import_of(actor_of(request), history))


@router.post("/history/{history}/order", response={200: ImportOut}, summary="Order the acts to be taken over")
def order_history(request: HttpRequest, history: UUID) -> ImportOut:
    """All of them, or none while a line is faulty."""
    actor = actor_of(request)
    return _shown(taking.order_history(actor=actor, history=queries.import_of(actor, history)))


def _shown(one: HistoryImport) -> ImportOut:
    plain = {name: getattr(one, name) for name in ImportOut.model_fields if name != "faults"}
    return ImportOut(
        **plain,
        faults=[
            HistoryFault(
                line=fault["line"],
                column=fault["column"],
                message=sentence(fault["message"], fault["params"]),
                remedy=sentence(fault["remedy"], fault["params"]),
            )
            for fault in one.faults
        ],
    )
