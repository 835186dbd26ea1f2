"""Acts: drafting, filing, signing by hand, effect; and the public register."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import Day, etag, if_match
from territoires.kernel.errors import Missing

from ..actions import attaching, drafting, filing, notifying, publishing, signing, withdrawing
from ..actions import preceding as changing
from ..domain.files import ANNEX, MAIN, PROOF
from ..domain.life import LIFE
from ..domain.preflight import EARLIEST
from ..domain.wording import ActWords
from ..models import DRAFT_NUMBER_LENGTH, DRAFT_OBJECT_LENGTH, Act, Annex
from ..permissions import Legality
from ..queries import acts as queries
from ..queries import files, register, transmissions
from ..queries.lists import Filters
from ..queries.preceding import bound_acts
from ..queries.readiness import advice_of, faults_of, words_of
from .shared import FILE_READ, FILE_SENT, Digest, FaultOut, FileOut, actor_of, file_out, received, told

router = Router()
Means = Literal["hand", "registered_letter", "electronic", "bailiff"]


class Words(Schema):
    """What is written of an act; a draft may lack any of it."""

    number: str = Field(default="", max_length=DRAFT_NUMBER_LENGTH)
    nature: str = Field(default="", max_length=1)
    matter_code: str = Field(default="", max_length=16)
    object: str = Field(default="", max_length=DRAFT_OBJECT_LENGTH)
    decided_on: Day | None = None
    given_names: str = Field(default="", max_length=100)
    usual_name: str = Field(default="", max_length=100)
    quality: str = Field(default="", max_length=150)

    def as_words(self) -> ActWords:
        return ActWords(**self.model_dump())


class ActChanges(Words):
    """The words to change; those that are absent stay."""


class PrecedingIn(Schema):
    """The act that a draft changes, found with the list's ``q``; null: none. ``link`` says what it does to it."""

    preceding: UUID | None
    link: Literal["", "modifies", "repeals", "completes"] = ""


class BoundOut(Schema):
    """An act bound to another one; ``link`` is what the later of the two does to the earlier."""

    id: UUID
    link: str
    number: str
    object: str
    decided_on: date | None
    state: str


class ActOut(Words):
    """An act as the acting organisation sees it, with the act that it changes and those that change it."""

    id: UUID
    state: str
    version: int
    decided_on: date | None = None
    signed_on: date | None
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawal_reason: str
    main: FileOut | None
    annexes: list[FileOut]
    sitting: UUID | None
    preceding: BoundOut | None
    following: list[BoundOut]
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


class Preflight(Schema):
    """``faults`` forbid the signature; ``advice`` forbids nothing."""

    is_ready: bool
    faults: list[FaultOut]
    advice: list[FaultOut]


class PieceTypes(Schema):
    """The type codes of the files, by the classification of the State; annexes by their id."""

    main: str = Field(max_length=5)
    annexes: dict[UUID, str] = {}


class Signature(Schema):
    """``original_is_kept`` confirms that the body keeps the paper original."""

    signed_on: Day
    original_is_kept: bool


class NoticeIn(Schema):
    """``proof`` is the id of an uploaded document."""

    recipient: str = Field(max_length=200)
    notified_on: Day
    means: Means
    proof: UUID | None = None


class ActReason(Schema):
    reason: str = Field(max_length=1000)


class ActNarrowing(Schema):
    q: str = Field(default="", max_length=200)
    nature: str = Field(default="", pattern="^[1-6]?$")
    matter: str = Field(default="", pattern=r"^[0-9]{0,2}(\.[0-9]{1,2}){0,4}$")
    year: int | None = Field(default=None, ge=EARLIEST.year, le=2200)
    decided_from: Day | None = None
    decided_until: Day | None = None
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
def list_acts(request: HttpRequest, narrowing: Query[ActNarrowing]) -> ActPage:
    if not actor_of(request).holds(Legality.READ):
        raise rights.denied(Legality.READ)  # an empty list would let the caller believe that there is nothing
    found = queries.acts_of(
        actor_of(request), narrowing.as_filters(), cursor=narrowing.cursor, size=narrowing.limit
    )
    return ActPage(items=[_line(act) for act in found.acts], next=found.next)


@router.post("/acts", response={201: ActOut}, summary="Open a draft")
def create_act(request: HttpRequest, response: HttpResponse, words: Words) -> tuple[int, ActOut]:
    act = drafting.draft_act(actor=actor_of(request), words=words.as_words())
    response["Location"] = f"{request.path.rstrip('/')}/{act.pk}"
    return 201, shown(request, response, act.pk)


@router.get("/acts/{act}", response={200: ActOut}, summary="Read an act")
def read_act(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    return shown(request, response, act)


@router.patch("/acts/{act}", response={200: ActOut}, summary="Change a draft")
def revise_act(request: HttpRequest, response: HttpResponse, act: UUID, changes: ActChanges) -> ActOut:
    found = queries.act_of(actor_of(request), act)
    words = ActWords(**{**words_of(found), **changes.model_dump(exclude_unset=True)})
    drafting.revise_act(actor=actor_of(request), act=found, words=words, version=if_match(request))
    return shown(request, response, act)


@router.put("/acts/{act}/preceding", response={200: ActOut}, summary="Say which act a draft changes")
def choose_preceding(request: HttpRequest, response: HttpResponse, act: UUID, chosen: PrecedingIn) -> ActOut:
    return performed(request, response, changing.choose_preceding, act, **chosen.model_dump())


class SittingOf(Schema):
    """The sitting that a draft belongs to; null: none."""

    sitting: UUID | None


@router.put(
    "/acts/{act}/sitting", response={200: ActOut}, summary="Attach a draft to a sitting, or detach it"
)
def choose_sitting(request: HttpRequest, response: HttpResponse, act: UUID, chosen: SittingOf) -> ActOut:
    return performed(request, response, attaching.choose_sitting, act, sitting=chosen.sitting)


@router.delete("/acts/{act}", response={200: ActOut}, summary="Discard a draft")
def discard_act(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    found = queries.act_of(actor_of(request), act)
    drafting.discard_draft(actor=actor_of(request), act=found, version=if_match(request))
    return shown(request, response, act)


@router.get("/acts/{act}/preflight", response={200: Preflight}, summary="What an act still lacks")
def preflight(request: HttpRequest, act: UUID) -> Preflight:
    found, now = queries.act_of(actor_of(request), act), actor_of(request).now()
    faults = told(faults_of(found, now=now))
    return Preflight(is_ready=not faults, faults=faults, advice=told(advice_of(found, now=now)))


@router.put(
    "/acts/{act}/main", response={200: ActOut}, summary="Send the file of a draft", openapi_extra=FILE_SENT
)
def put_main(
    request: HttpRequest, response: HttpResponse, act: UUID, name: str, piece_type: str = ""
) -> ActOut:
    """The body of the request is the file itself; ``name`` is its file name."""
    actor = actor_of(request)
    found = queries.act_of(actor, act, Legality.REVISE)
    file = files.sound_file(actor, received(request, actor, name), MAIN)
    filing.attach_main(actor=actor, act=found, file=file, piece_type=piece_type, version=if_match(request))
    return shown(request, response, act)


@router.post(
    "/acts/{act}/annexes", response={201: ActOut}, summary="Send an annex of a draft", openapi_extra=FILE_SENT
)
def post_annex(
    request: HttpRequest, response: HttpResponse, act: UUID, name: str, piece_type: str = ""
) -> tuple[int, ActOut]:
    """The body of the request is the file itself; ``name`` is its file name."""
    actor = actor_of(request)
    found = queries.act_of(actor, act, Legality.REVISE)
    file = files.sound_file(actor, received(request, actor, name), ANNEX)
    filing.add_annex(actor=actor, act=found, file=file, piece_type=piece_type, version=if_match(request))
    return 201, shown(request, response, act)


@router.delete("/acts/{act}/annexes/{annex}", response={200: ActOut}, summary="Take an annex off a draft")
def delete_annex(request: HttpRequest, response: HttpResponse, act: UUID, annex: UUID) -> ActOut:
    found = queries.act_of(actor_of(request), act, Legality.REVISE)
    filing.remove_annex(actor=actor_of(request), act=found, annex=annex, version=if_match(request))
    return shown(request, response, act)


@router.put("/acts/{act}/piece-types", response={200: ActOut}, summary="Say of what type each file is")
def type_files(request: HttpRequest, response: HttpResponse, act: UUID, given: PieceTypes) -> ActOut:
    """An annex that is not named keeps its type."""
    arguments = {"main_type": given.main, "annex_types": list(given.annexes.items())}
    return performed(request, response, filing.type_files, act, **arguments)


@router.get("/acts/{act}/files/{sha256}", summary="Read a file of an act", openapi_extra=FILE_READ)
def read_file(request: HttpRequest, act: UUID, sha256: Digest) -> HttpResponseBase:
    """A file of the act, or an answer or a letter of the State about it."""
    found = queries.act_of(actor_of(request), act)
    try:
        file = files.file_of(found, sha256)
    except Missing:
        file = transmissions.answer_of(found, sha256)
    return documents.download_response(file, request)


@router.post("/acts/{act}/declare-signed", response={200: ActOut}, summary="Declare an act signed by hand")
def declare_signed(request: HttpRequest, response: HttpResponse, act: UUID, signature: Signature) -> ActOut:
    return performed(request, response, signing.declare_signed, act, **signature.model_dump())


@router.post("/acts/{act}/reopen", response={200: ActOut}, summary="Take a signed act back to draft")
def reopen_act(request: HttpRequest, response: HttpResponse, act: UUID, why: ActReason) -> ActOut:
    return performed(request, response, signing.reopen_act, act, reason=why.reason)


@router.post("/acts/{act}/publish", response={200: ActOut}, summary="Put an act on line")
def publish_act(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    return performed(request, response, publishing.publish_act, act)


@router.post(
    "/acts/{act}/proofs",
    response={201: FileOut},
    summary="Send the proof of a notification",
    openapi_extra=FILE_SENT,
)
def post_proof(request: HttpRequest, act: UUID, name: str) -> tuple[int, FileOut]:
    """The body of the request is the file itself; its id goes into the notification."""
    actor = actor_of(request)
    queries.act_of(actor, act, Legality.NOTIFY)
    return 201, file_out(files.received(actor, received(request, actor, name)), "")


@router.post("/acts/{act}/notify", response={200: ActOut}, summary="Record a notification")
def notify_act(request: HttpRequest, response: HttpResponse, act: UUID, notice: NoticeIn) -> ActOut:
    proof = files.sound_file(actor_of(request), notice.proof, PROOF) if notice.proof else None
    told = notifying.Notice(**{**notice.model_dump(), "proof": proof})
    return performed(request, response, notifying.notify_act, act, notice=told)


@router.post("/acts/{act}/withdraw", response={200: ActOut}, summary="Withdraw an act")
def withdraw_act(request: HttpRequest, response: HttpResponse, act: UUID, why: ActReason) -> ActOut:
    return performed(request, response, withdrawing.withdraw_act, act, reason=why.reason)


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
def read_register(request: HttpRequest, body: str, narrowing: Query[ActNarrowing]) -> PublicPage:
    """Open to everybody; ``state`` has no meaning here."""
    found = register.register_of(
        actor_of(request),
        identity.organisation_by_reference(body).pk,
        replace(narrowing.as_filters(), state=""),
        cursor=narrowing.cursor,
        size=narrowing.limit,
    )
    return PublicPage(items=[_public(act) for act in found.acts], next=found.next)


def performed(request: HttpRequest, response: HttpResponse, verb: Any, act: UUID, **arguments: Any) -> ActOut:
    found = queries.act_of(actor_of(request), act)
    verb(actor=actor_of(request), act=found, version=if_match(request), **arguments)
    return shown(request, response, act)


def shown(request: HttpRequest, response: HttpResponse, key: UUID) -> ActOut:
    act = queries.act_of(actor_of(request), key)
    bound = bound_acts(act)
    response["ETag"] = etag(act.version)
    return ActOut(
        **_line(act).model_dump(),
        given_names=act.given_names,
        usual_name=act.usual_name,
        quality=act.quality,
        signed_on=act.signed_on,
        withdrawn_at=act.withdrawn_at,
        withdrawal_reason=act.withdrawal_reason,
        main=file_out(act.main, act.main_type) if act.main else None,
        annexes=[_annex(annex) for annex in files.annexes_of(act)],
        sitting=act.sitting_id,
        preceding=_bound(bound.preceding, act.preceding_link) if bound.preceding else None,
        following=[_bound(one, one.preceding_link) for one in bound.following],
        verbs=LIFE.verbs(act.state),
    )


def _bound(act: Act, link: str) -> BoundOut:
    named = {name: getattr(act, name) for name in BoundOut.model_fields if name != "link"}
    return BoundOut(**named, link=link)


def _line(act: Act) -> ActLine:
    return ActLine(**{name: getattr(act, name) for name in ActLine.model_fields})


def _public(act: Act) -> PublicAct:
    named = {name: getattr(act, name) for name in PublicAct.model_fields if name != "sha256"}
    return PublicAct(**named, sha256=act.main_sha256)


def _annex(annex: Annex) -> FileOut:
    return file_out(annex.document, annex.piece_type, key=annex.pk)
