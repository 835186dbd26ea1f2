"""Open to everybody: finding a commune, who a public body is, what a document proves."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from territoires.foundations.journal import api as journal
from territoires.foundations.trust import api as trust

from ..domain import LONGEST, understand
from ..queries import doors, verdicts

router = Router()
CHUNK = 1024 * 1024
BYTES = {"schema": {"type": "string", "format": "binary"}}
FILE_SENT = {"requestBody": {"required": True, "content": {"*/*": BYTES}}}
TOOL_READ = {"responses": {200: {"description": "The tool", "content": {"text/x-python": BYTES}}}}


class CommuneSearch(Schema):
    """A name with or without accents, a postal code, an INSEE code, or a SIREN."""

    q: str = Field(min_length=1, max_length=LONGEST)
    limit: int = Field(default=doors.MOST, ge=1, le=100)


class BodyOut(Schema):
    """``reference`` stands in addresses; ``population`` is null where it is not known."""

    reference: str
    name: str
    kind: str
    siren: str
    insee_code: str
    postal_codes: list[str]
    department: str
    department_name: str
    population: int | None


class GroupingOut(Schema):
    reference: str
    name: str


class PublicationOut(Schema):
    """What a service has made public; ``url`` is its page."""

    title: str
    kind: str
    url: str
    published_at: datetime


class PublicBody(BodyOut):
    """A public body, the groupings that it belongs to and what it published last."""

    groupings: list[GroupingOut]
    latest: list[PublicationOut]


class RecognitionOut(Schema):
    """Where the very same bytes are known; ``url`` is the page."""

    title: str
    statement: str
    url: str
    recorded_at: datetime


class SentenceOut(Schema):
    """A stable code, and what it means in the reader's language."""

    code: str
    sentence: str


class SignerOut(Schema):
    """What the certificate says of its holder; who issued it decides what that is worth."""

    holder: str
    organisation: str
    siren: str
    subject: str
    issuer: str
    serial: str
    fingerprint: str
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    is_demonstration: bool


class JudgedSignatureOut(Schema):
    """One signature in the terms of EN 319 102-1. ``claimed_at`` is what the signer's machine said, ``stamped_at`` what an
    accepted time-stamp proves, ``stamp_says`` what any time-stamp says. ``trust`` is PLATFORM, ACCEPTED or UNKNOWN;
    ``changes`` what became of the document afterwards; ``revision`` of ``revisions`` the state of a PDF that was signed, 0
    elsewhere."""

    indication: str
    sub_indication: str
    findings: list[SentenceOut]
    field: str
    format: str
    level: str
    is_time_stamp: bool
    is_intact: bool
    signer: SignerOut | None
    trust: SentenceOut
    changes: SentenceOut
    claimed_at: AwareDatetime | None
    stamped_at: AwareDatetime | None
    stamp_says: AwareDatetime | None
    reason: str
    place: str
    revision: int
    revisions: int


class SignaturesOut(Schema):
    """``policy`` names the rules of the judgment; ``unjudged`` what the file holds besides and is not judged here;
    ``problem`` why nothing could be judged, or null."""

    policy: str
    signatures: list[JudgedSignatureOut]
    unjudged: list[SentenceOut]
    problem: SentenceOut | None


class VerdictOut(Schema):
    """``holds`` is of an evidence bundle, judged against this platform's own root: null for another file, or when it
    could not be judged here, which accuses nobody. ``report`` is what the tool printed. ``signatures`` is null for a file
    of a kind that holds none, and for a bundle."""

    is_known: bool
    sha256: str
    size: int
    recognitions: list[RecognitionOut]
    is_bundle: bool
    holds: bool | None
    report: str
    root_fingerprint: str
    signatures: SignaturesOut | None


@router.get("/communes", response={200: list[BodyOut]}, summary="Find a commune", auth=None)
def find_communes(request: HttpRequest, asked: Query[CommuneSearch]) -> list[BodyOut]:
    """By SIREN, other territorial bodies too. The exact name first, then the most populated."""
    search = understand(asked.q)
    if search.is_empty:
        return []
    return [
        _body(one.organisation, one.department_name) for one in doors.find_communes(search, limit=asked.limit)
    ]


@router.get("/bodies/{body}", response={200: PublicBody}, summary="Who a public body is", auth=None)
def read_body(request: HttpRequest, body: str) -> PublicBody:
    found = doors.public_body(body)
    actor = request.actor  # type: ignore[attr-defined]
    return PublicBody(
        **_body(found["body"], found["department_name"]).model_dump(),
        groupings=[GroupingOut(reference=one.reference, name=one.name) for one in found["groupings"]],
        latest=[
            PublicationOut(title=one.title, kind=str(one.kind), url=one.url, published_at=one.published_at)
            for one in doors.latest_publications(actor, body=found["body"].pk)
        ],
    )


@router.post(
    "/verify", response={200: VerdictOut}, summary="Verify a document", openapi_extra=FILE_SENT, auth=None
)
def verify_document(request: HttpRequest, name: str = "") -> VerdictOut:
    """The body of the request is the file itself, 200 MB at most: it is read, hashed and forgotten."""
    with NamedTemporaryFile() as file:
        size, digest = _copied(request, file)
        verdict = verdicts.judge(file.name, name=name, size=size, digest=digest)
    bundle = verdict.bundle
    return VerdictOut(
        is_known=verdict.is_known,
        sha256=digest,
        size=size,
        recognitions=[
            RecognitionOut(
                title=one.title, statement=str(one.statement), url=one.url, recorded_at=one.recorded_at
            )
            for one in verdict.recognitions
        ],
        is_bundle=bundle is not None,
        holds=bundle.holds if bundle else None,
        report=bundle.report if bundle else "",
        root_fingerprint=trust.trust_chain().root_fingerprint,
        signatures=_signatures(verdict.signatures) if verdict.signatures else None,
    )


@router.get(
    "/verify-evidence.py",
    summary="The tool that verifies an evidence bundle without this platform",
    openapi_extra=TOOL_READ,
    auth=None,
)
def read_verifier(request: HttpRequest) -> FileResponse:
    """One file: Python's standard library and the openssl command."""
    file = journal.verifier_path().open("rb")
    return FileResponse(file, as_attachment=True, filename="verify_evidence.py", content_type="text/x-python")


def _signatures(report: trust.FileReport) -> SignaturesOut:
    problem = report.problem
    return SignaturesOut(
        policy=trust.POLICY,
        signatures=[_signature(one) for one in report.signatures],
        unjudged=[_sentence(one) for one in report.unjudged],
        problem=SentenceOut(code=problem.code, sentence=gettext(problem.message)) if problem else None,
    )


def _signature(one: trust.Signature) -> JudgedSignatureOut:
    plain = ("indication", "sub_indication", "field", "format", "level", "is_time_stamp", "is_intact")
    times = ("claimed_at", "stamped_at", "stamp_says", "reason", "place", "revision", "revisions")
    return JudgedSignatureOut(
        **{name: getattr(one, name) for name in (*plain, *times)},
        findings=[_sentence(finding) for finding in one.findings],
        signer=SignerOut.from_orm(one.signer) if one.signer else None,
        trust=_sentence(one.trust),
        changes=_sentence(one.changes),
    )


def _sentence(one: StrEnum) -> SentenceOut:
    return SentenceOut(code=one.name, sentence=gettext(one.value))


def _copied(request: HttpRequest, file: IO[bytes]) -> tuple[int, str]:
    """Size and SHA-256 of the body of the request, written to the file. Raises Invalid beyond ``LARGEST``."""
    size, digest = 0, hashlib.sha256()
    while chunk := request.read(CHUNK):
        size += len(chunk)
        if size > verdicts.LARGEST:
            raise verdicts.too_big()
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    return size, digest.hexdigest()


def _body(row: Any, department_name: str) -> BodyOut:
    plain = {name: getattr(row, name) for name in BodyOut.model_fields if name != "department_name"}
    return BodyOut(**plain, department_name=department_name)
