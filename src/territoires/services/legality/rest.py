"""The same verbs over HTTP, under ``/api/v1/legality/``: thin, every rule is the action's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Path, Query, Router, Schema
from pydantic import Field

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import etag, if_match, sentence
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid

from . import actions
from .domain.life import LIFE
from .domain.preflight import EARLIEST, TOTAL_SIZE
from .domain.wording import ActWords
from .models import DRAFT_NUMBER_LENGTH, DRAFT_OBJECT_LENGTH, Act, Annex
from .permissions import Legality
from .queries import acts as queries
from .queries import register
from .queries.lists import Filters
from .queries.readiness import faults_of, words_of

router = Router()
Means = Literal["hand", "registered_letter", "electronic", "bailiff"]
BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
FILE_SENT = {"requestBody": {"required": True, "content": BYTES}}
FILE_READ = {"responses": {200: {"description": "The bytes of the file", "content": BYTES}}}
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


class Words(Schema):
    """What is written of an act; a draft may lack any of it."""

    number: str = Field(default="", max_length=DRAFT_NUMBER_LENGTH)
    nature: str = Field(default="", max_length=1)
    matter_code: str = Field(default="", max_length=16)
    object: str = Field(default="", max_length=DRAFT_OBJECT_LENGTH)
    decided_on: date | None = None
    given_names: str = Field(default="", max_length=100)
    usual_name: str = Field(default="", max_length=100)
    quality: str = Field(default="", max_length=150)

    def as_words(self) -> ActWords:
        return ActWords(**self.model_dump())


class Changes(Words):
    """The words to change; those that are absent stay."""


class FileOut(Schema):
    id: UUID | None = None
    sha256: str
    name: str
    media_type: str
    size: int
    piece_type: str


class ActOut(Words):
    """An act as the acting organisation sees it."""

    id: UUID
    state: str
    version: int
    signed_on: date | None
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawal_reason: str
    main: FileOut | None
    annexes: list[FileOut]
    verbs: list[str]


class ActLine(Schema):
    id: UUID
    state: str
    version: int
    number: str
    nature: str
    matter_code: str
    object: str
    decided_on: date | None
    published_at: datetime | None


class ActPage(Schema):
    """``next`` is the cursor of the following page; null on the last."""

    items: list[ActLine]
    next: str | None


class FaultOut(Schema):
    field: str
    code: str
    message: str
    remedy: str


class Preflight(Schema):
    is_ready: bool
    faults: list[FaultOut]


class Signature(Schema):
    """``original_is_kept`` confirms that the body keeps the paper original."""

    signed_on: date
    original_is_kept: bool


class NoticeIn(Schema):
    """``proof`` is the id of an uploaded document."""

    recipient: str = Field(max_length=200)
    notified_on: date
    means: Means
    proof: UUID | None = None


class Reason(Schema):
    reason: str = Field(max_length=1000)


class Narrowing(Schema):
    q: str = Field(default="", max_length=200)
    nature: str = Field(default="", pattern="^[1-6]?$")
    matter: str = Field(default="", pattern=r"^[0-9]{0,2}(\.[0-9]{1,2}){0,4}$")
    year: int | None = Field(default=None, ge=EARLIEST.year, le=2200)
    decided_from: date | None = None
    decided_until: date | None = None
    state: str = Field(default="", pattern=f"^({'|'.join(LIFE.states)})?$")
    cursor: str = Field(default="", max_length=200)
    limit: int = Field(default=50, ge=1, le=200)

    def as_filters(self) -> Filters:
        return Filters(
            text=self.q,
            nature=self.nature,
            matter=self.matter,
            year=self.year,
            decided_from=self.decided_from,
            decided_until=self.decided_until,
            state=self.state,
        )


@router.get("/acts", response={200: ActPage}, summary="List the acts of your body")
def list_acts(request: HttpRequest, narrowing: Query[Narrowing]) -> ActPage:
    if not _actor(request).holds(Legality.READ):
        raise rights.denied(Legality.READ)  # an empty list would let the caller believe that there is nothing
    found = queries.acts_of(
        _actor(request), narrowing.as_filters(), cursor=narrowing.cursor, size=narrowing.limit
    )
    return ActPage(items=[_line(act) for act in found.acts], next=found.next)


@router.post("/acts", response={201: ActOut}, summary="Open a draft")
def create_act(request: HttpRequest, response: HttpResponse, words: Words) -> tuple[int, ActOut]:
    act = actions.draft_act(actor=_actor(request), words=words.as_words())
    response["Location"] = f"{request.path.rstrip('/')}/{act.pk}"
    return 201, _shown(request, response, act.pk)


@router.get("/acts/{act}", response={200: ActOut}, summary="Read an act")
def read_act(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    return _shown(request, response, act)


@router.patch("/acts/{act}", response={200: ActOut}, summary="Change a draft")
def revise_act(request: HttpRequest, response: HttpResponse, act: UUID, changes: Changes) -> ActOut:
    found = queries.act_of(_actor(request), act)
    words = ActWords(**{**words_of(found), **changes.model_dump(exclude_unset=True)})
    actions.revise_act(actor=_actor(request), act=found, words=words, version=if_match(request))
    return _shown(request, response, act)


@router.delete("/acts/{act}", response={200: ActOut}, summary="Discard a draft")
def discard_act(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    found = queries.act_of(_actor(request), act)
    actions.discard_draft(actor=_actor(request), act=found, version=if_match(request))
    return _shown(request, response, act)


@router.get("/acts/{act}/preflight", response={200: Preflight}, summary="What an act still lacks")
def preflight(request: HttpRequest, act: UUID) -> Preflight:
    faults = faults_of(queries.act_of(_actor(request), act), now=_actor(request).now())
    told = [
        FaultOut(
            field=f.field,
            code=f.code,
            message=sentence(f.message, f.params),
            remedy=sentence(f.remedy, f.params),
        )
        for f in faults
    ]
    return Preflight(is_ready=not told, faults=told)


@router.put(
    "/acts/{act}/main", response={200: ActOut}, summary="Send the file of a draft", openapi_extra=FILE_SENT
)
def put_main(
    request: HttpRequest, response: HttpResponse, act: UUID, name: str, piece_type: str = ""
) -> ActOut:
    """The body of the request is the file itself; ``name`` is its file name."""
    actor = _actor(request)
    found = queries.act_of(actor, act, Legality.REVISE)
    document = _received(request, actor, name)
    actions.attach_main(
        actor=actor, act=found, document=document, piece_type=piece_type, version=if_match(request)
    )
    return _shown(request, response, act)


@router.post(
    "/acts/{act}/annexes", response={201: ActOut}, summary="Send an annex of a draft", openapi_extra=FILE_SENT
)
def post_annex(
    request: HttpRequest, response: HttpResponse, act: UUID, name: str, piece_type: str = ""
) -> tuple[int, ActOut]:
    """The body of the request is the file itself; ``name`` is its file name."""
    actor = _actor(request)
    found = queries.act_of(actor, act, Legality.REVISE)
    document = _received(request, actor, name)
    actions.add_annex(
        actor=actor, act=found, document=document, piece_type=piece_type, version=if_match(request)
    )
    return 201, _shown(request, response, act)


@router.delete("/acts/{act}/annexes/{annex}", response={200: ActOut}, summary="Take an annex off a draft")
def delete_annex(request: HttpRequest, response: HttpResponse, act: UUID, annex: UUID) -> ActOut:
    found = queries.act_of(_actor(request), act, Legality.REVISE)
    actions.remove_annex(actor=_actor(request), act=found, annex=annex, version=if_match(request))
    return _shown(request, response, act)


@router.get("/acts/{act}/files/{sha256}", summary="Read a file of an act", openapi_extra=FILE_READ)
def read_file(request: HttpRequest, act: UUID, sha256: Digest) -> HttpResponseBase:
    found = queries.act_of(_actor(request), act)
    return documents.download_response(queries.file_of(found, sha256), request)


@router.post("/acts/{act}/declare-signed", response={200: ActOut}, summary="Declare an act signed by hand")
def declare_signed(request: HttpRequest, response: HttpResponse, act: UUID, signature: Signature) -> ActOut:
    return _performed(request, response, actions.declare_signed, act, **signature.model_dump())


@router.post("/acts/{act}/reopen", response={200: ActOut}, summary="Take a signed act back to draft")
def reopen_act(request: HttpRequest, response: HttpResponse, act: UUID, why: Reason) -> ActOut:
    return _performed(request, response, actions.reopen_act, act, reason=why.reason)


@router.post("/acts/{act}/publish", response={200: ActOut}, summary="Put an act on line")
def publish_act(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    return _performed(request, response, actions.publish_act, act)


@router.post(
    "/acts/{act}/proofs",
    response={201: FileOut},
    summary="Send the proof of a notification",
    openapi_extra=FILE_SENT,
)
def post_proof(request: HttpRequest, act: UUID, name: str) -> tuple[int, FileOut]:
    """The body of the request is the file itself; its id goes into the notification."""
    actor = _actor(request)
    queries.act_of(actor, act, Legality.NOTIFY)
    return 201, _file(queries.received(actor, _received(request, actor, name)), "")


@router.post("/acts/{act}/notify", response={200: ActOut}, summary="Record a notification")
def notify_act(request: HttpRequest, response: HttpResponse, act: UUID, notice: NoticeIn) -> ActOut:
    told = actions.Notice(**notice.model_dump())
    return _performed(request, response, actions.notify_act, act, notice=told)


@router.post("/acts/{act}/withdraw", response={200: ActOut}, summary="Withdraw an act")
def withdraw_act(request: HttpRequest, response: HttpResponse, act: UUID, why: Reason) -> ActOut:
    return _performed(request, response, actions.withdraw_act, act, reason=why.reason)


class PublicAct(Schema):
    """An act on line, as anybody may read it."""

    id: UUID
    number: str
    nature: str
    matter_code: str
    object: str
    decided_on: date
    published_at: datetime
    given_names: str
    usual_name: str
    quality: str
    sha256: str


class PublicPage(Schema):
    items: list[PublicAct]
    next: str | None


@router.get("/registers/{body}", response={200: PublicPage}, summary="A body's public register", auth=None)
def read_register(request: HttpRequest, body: str, narrowing: Query[Narrowing]) -> PublicPage:
    """Open to everybody; ``state`` has no meaning here."""
    found = register.register_of(
        _actor(request),
        identity.organisation_by_reference(body).pk,
        replace(narrowing.as_filters(), state=""),
        cursor=narrowing.cursor,
        size=narrowing.limit,
    )
    return PublicPage(items=[_public(act) for act in found.acts], next=found.next)


def _performed(
    request: HttpRequest, response: HttpResponse, verb: Any, act: UUID, **arguments: Any
) -> ActOut:
    found = queries.act_of(_actor(request), act)
    verb(actor=_actor(request), act=found, version=if_match(request), **arguments)
    return _shown(request, response, act)


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _received(request: HttpRequest, actor: Actor, name: str) -> UUID:
    if actor.organisation is None:
        raise Invalid(
            "no-organisation", "This key acts for no organisation.", "Use a key of an organisation."
        )
    return documents.receive_body(
        request, name=name, organisation=actor.organisation, actor=actor, limit=TOTAL_SIZE
    ).pk


def _shown(request: HttpRequest, response: HttpResponse, key: UUID) -> ActOut:
    act = queries.act_of(_actor(request), key)
    response["ETag"] = etag(act.version)
    return ActOut(
        **_line(act).model_dump(),
        given_names=act.given_names,
        usual_name=act.usual_name,
        quality=act.quality,
        signed_on=act.signed_on,
        withdrawn_at=act.withdrawn_at,
        withdrawal_reason=act.withdrawal_reason,
        main=_file(act.main, act.main_type) if act.main else None,
        annexes=[_annex(annex) for annex in queries.annexes_of(act)],
        verbs=LIFE.verbs(act.state),
    )


def _line(act: Act) -> ActLine:
    return ActLine(**{name: getattr(act, name) for name in ActLine.model_fields})


def _public(act: Act) -> PublicAct:
    named = {name: getattr(act, name) for name in PublicAct.model_fields if name != "sha256"}
    return PublicAct(**named, sha256=act.main_sha256)


def _annex(annex: Annex) -> FileOut:
    return _file(annex.document, annex.piece_type, key=annex.pk)


def _file(document: Any, piece_type: str, *, key: UUID | None = None) -> FileOut:
    return FileOut(
        id=key or document.pk,
        sha256=document.sha256,
        name=document.name,
        media_type=document.media_type,
        size=document.size,
        piece_type=piece_type,
    )
