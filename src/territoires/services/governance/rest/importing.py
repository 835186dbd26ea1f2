"""The file of members, persons and roles: tried first, then carried out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from territoires.foundations.registry.api import sentence

from ..actions.importing import ImportReport, carry_out, try_import
from ..domain.members_file import MOST_BYTES
from ..permissions import Governance
from ..queries.members_file import MODEL, read_file
from .shared import require

router = Router()
CSV = {"text/csv": {"schema": {"type": "string"}}}
FILE_SENT = {"requestBody": {"required": True, "content": CSV}}
CSV_READ = {"responses": {200: {"description": "The empty file", "content": CSV}}}


class ImportStep(Schema):
    """What one line does: created, admitted, enrolled, given; nothing when all of it stood already."""

    number: int
    organisation: str
    person: str
    role: str
    fate: list[str]


class MembersFault(Schema):
    """Why a line is refused; the others are done without it."""

    line: int
    code: str
    message: str
    remedy: str


class ImportOutcome(Schema):
    """``is_done`` is false after a trial: all of it was undone."""

    is_done: bool
    steps: list[ImportStep]
    faults: list[MembersFault]


@router.get("/members-file/model", summary="An empty file with its columns", openapi_extra=CSV_READ)
def read_model(request: HttpRequest) -> HttpResponse:
    require(request, Governance.IMPORT_MEMBERS)
    return HttpResponse("\ufeff" + MODEL, content_type="text/csv; charset=utf-8")


@router.post(
    "/members-file",
    response={200: ImportOutcome},
    summary="Bring in members, persons and roles",
    openapi_extra=FILE_SENT,
)
def import_members(request: HttpRequest, dry_run: bool = True) -> ImportOutcome:
    """The body of the request is the CSV itself, 5,000 lines and 1 MB at most. A trial, unless ``dry_run=false``.

    Sent again it changes nothing: with the same ``Idempotency-Key`` it gets the first report, without one each line
    says that nothing changes. A trial does nothing, and needs none. A program's key makes no administrator: such a line
    is refused.
    """
    actor = require(request, Governance.IMPORT_MEMBERS)
    verb = try_import if dry_run else carry_out
    return _told(verb(actor=actor, read=read_file(request.read(MOST_BYTES + 1), actor)))


def _told(report: ImportReport) -> ImportOutcome:
    return ImportOutcome(
        is_done=report.is_done,
        steps=[
            ImportStep(
                number=one.number,
                organisation=one.organisation,
                person=one.person,
                role=one.role,
                fate=list(one.fate),
            )
            for one in report.steps
        ],
        faults=[
            MembersFault(
                line=int(one.field),
                code=one.code,
                message=sentence(one.message, one.params),
                remedy=sentence(one.remedy, one.params),
            )
            for one in report.faults
        ],
    )
