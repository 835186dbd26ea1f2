"""Acts: drafting, filing, signing, effect, the way to the State; and the public register."""

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
from territoires.foundations.registry.api import etag, if_match
from territoires.kernel.errors import Missing

from ..actions import attaching, drafting, filing, notifying, publishing, signing, transmitting, withdrawing
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
from ..queries.signatories import signatories_of
from ..queries.situation import Sending, situation_of
from .shared import FILE_READ, FILE_SENT, Digest, FaultOut, FileOut, actor_of, file_out, received, told

router = Router()
Means = Literal["hand", "registered_letter", "electronic", "bailiff"]


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


class ActReason(Schema):
    reason: str = Field(max_length=1000)


class ActNarrowing(Schema):
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
    return 201, _shown(request, response, act.pk)


@router.get("/acts/{act}", response={200: ActOut}, summary="Read an act")
def read_act(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    return _shown(request, response, act)


@router.patch("/acts/{act}", response={200: ActOut}, summary="Change a draft")
def revise_act(request: HttpRequest, response: HttpResponse, act: UUID, changes: ActChanges) -> ActOut:
    found = queries.act_of(actor_of(request), act)
    words = ActWords(**{**words_of(found), **changes.model_dump(exclude_unset=True)})
    drafting.revise_act(actor=actor_of(request), act=found, words=words, version=if_match(request))
    return _shown(request, response, act)


@router.put("/acts/{act}/preceding", response={200: ActOut}, summary="Say which act a draft changes")
def choose_preceding(request: HttpRequest, response: HttpResponse, act: UUID, chosen: PrecedingIn) -> ActOut:
    return _performed(request, response, changing.choose_preceding, act, **chosen.model_dump())


class SittingOf(Schema):
    """The sitting that a draft belongs to; null: none."""

    sitting: UUID | None


@router.put(
    "/acts/{act}/sitting", response={200: ActOut}, summary="Attach a draft to a sitting, or detach it"
)
def choose_sitting(request: HttpRequest, response: HttpResponse, act: UUID, chosen: SittingOf) -> ActOut:
    return _performed(request, response, attaching.choose_sitting, act, sitting=chosen.sitting)


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


@router.delete("/acts/{act}", response={200: ActOut}, summary="Discard a draft")
def discard_act(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    found = queries.act_of(actor_of(request), act)
    drafting.discard_draft(actor=actor_of(request), act=found, version=if_match(request))
    return _shown(request, response, act)


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
    return _shown(request, response, act)


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
    return 201, _shown(request, response, act)


@router.delete("/acts/{act}/annexes/{annex}", response={200: ActOut}, summary="Take an annex off a draft")
def delete_annex(request: HttpRequest, response: HttpResponse, act: UUID, annex: UUID) -> ActOut:
    found = queries.act_of(actor_of(request), act, Legality.REVISE)
    filing.remove_annex(actor=actor_of(request), act=found, annex=annex, version=if_match(request))
    return _shown(request, response, act)


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
    return _performed(request, response, signing.declare_signed, act, **signature.model_dump())


@router.post("/acts/{act}/reopen", response={200: ActOut}, summary="Take a signed act back to draft")
def reopen_act(request: HttpRequest, response: HttpResponse, act: UUID, why: ActReason) -> ActOut:
    return _performed(request, response, signing.reopen_act, act, reason=why.reason)


@router.post("/acts/{act}/publish", response={200: ActOut}, summary="Put an act on line")
def publish_act(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    return _performed(request, response, publishing.publish_act, act)


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
    return _performed(request, response, notifying.notify_act, act, notice=told)


@router.post("/acts/{act}/withdraw", response={200: ActOut}, summary="Withdraw an act")
def withdraw_act(request: HttpRequest, response: HttpResponse, act: UUID, why: ActReason) -> ActOut:
    return _performed(request, response, withdrawing.withdraw_act, act, reason=why.reason)


class TransmissionOut(Schema):
    """One sending of an act to the State. ``explanation`` and ``remedy`` are told of a refusal."""

    rank: int
    state: str
    channel: str
    identifier: str
    prepared_at: datetime
    confirmed_at: datetime | None
    sent_at: datetime | None
    received_on: date | None
    cancelled_on: date | None
    anomaly_nature: str
    anomaly_detail: str
    explanation: str = ""
    remedy: str = ""
    acknowledgement: str | None = Field(None, description="SHA-256 of the bytes")


class LetterOut(Schema):
    """What the prefecture wrote: 2-1 letter, 3-1 pieces asked for, 4-1 observations, 5-1 referral to the court."""

    kind: str
    dated_on: date
    text: str
    files: list[str] = Field(description="SHA-256 of each file")


class WayToState(Schema):
    """The sendings of an act, the latest first, and the letters of the prefecture."""

    transmissions: list[TransmissionOut]
    letters: list[LetterOut]


@router.get(
    "/acts/{act}/transmissions", response={200: WayToState}, summary="Where an act is on its way to the State"
)
def read_transmissions(request: HttpRequest, act: UUID) -> WayToState:
    actor = actor_of(request)
    situation = situation_of(queries.act_of(actor, act), actor.now())
    return WayToState(
        transmissions=[_transmission(one, actor.language) for one in situation.sendings],
        letters=[
            LetterOut(
                kind=one.letter.kind,
                dated_on=one.letter.dated_on,
                text=one.letter.text,
                files=[file.sha256 for file in one.files],
            )
            for one in situation.letters
        ],
    )


@router.post(
    "/acts/{act}/prepare-transmission",
    response={200: ActOut},
    summary="Make an act ready for the State; a person with a certificate then confirms it",
)
def prepare_transmission(request: HttpRequest, response: HttpResponse, act: UUID) -> ActOut:
    return _performed(request, response, transmitting.prepare_transmission, act)


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


def _performed(
    request: HttpRequest, response: HttpResponse, verb: Any, act: UUID, **arguments: Any
) -> ActOut:
    found = queries.act_of(actor_of(request), act)
    verb(actor=actor_of(request), act=found, version=if_match(request), **arguments)
    return _shown(request, response, act)


def _shown(request: HttpRequest, response: HttpResponse, key: UUID) -> ActOut:
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


def _transmission(sending: Sending, language: str) -> TransmissionOut:
    row, explained = sending.transmission, sending.explanation
    named = {"explanation", "remedy", "acknowledgement"}
    return TransmissionOut(
        **{name: getattr(row, name) for name in TransmissionOut.model_fields if name not in named},
        explanation=explained.meaning.in_language(language) if explained else "",
        remedy=explained.remedy.in_language(language) if explained else "",
        acknowledgement=row.acknowledgement.sha256 if row.acknowledgement else None,
    )


def _line(act: Act) -> ActLine:
    return ActLine(**{name: getattr(act, name) for name in ActLine.model_fields})


def _public(act: Act) -> PublicAct:
    named = {name: getattr(act, name) for name in PublicAct.model_fields if name != "sha256"}
    return PublicAct(**named, sha256=act.main_sha256)


def _annex(annex: Annex) -> FileOut:
    return file_out(annex.document, annex.piece_type, key=annex.pk)
