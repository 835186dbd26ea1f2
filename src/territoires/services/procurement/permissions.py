"""Who may do what with the consultations of a body.

Within the body, a role opens every consultation. Somebody who acts by mandate without the power to validate (an
architect, an assistant to the buyer) works only on the consultations on whose team she stands. Once the team names
who validates, nobody else does.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import (
    Ground,
    Right,
    anyone,
    declare,
    granted,
    in_acting_organisation,
    platform_wide,
)
from territoires.kernel.actor import Actor

from .domain.law import PRIVATE

CONSULTATION = "t_procurement.Consultation"
SEARCH = "t_procurement.SavedSearch"
LETTER = "t_procurement.Letter"
REQUEST = "t_procurement.BidderRequest"
ADMISSION = "t_procurement.Admission"
CONTRACT = "t_procurement.Contract"
BID = "t_procurement.BidDraft"
OPENING = "t_procurement.OpeningOrder"
TIME_KEY = "t_procurement.TimeKey"


class Procurement(StrEnum):
    READ = "procurement:consultation:read"
    START = "procurement:consultation:start"
    PREPARE = "procurement:consultation:prepare"
    VALIDATE = "procurement:consultation:validate"
    STAFF = "procurement:consultation:staff"
    TEMPLATES = "procurement:template:choose"
    PUBLISH = "procurement:consultation:publish"
    AMEND = "procurement:consultation:amend"
    ANSWER = "procurement:question:answer"
    REGISTER = "procurement:register:read"
    CONSULT = "procurement:portal:consult"
    TAKE = "procurement:portal:take"
    ASK = "procurement:portal:ask"
    CORRESPOND = "procurement:portal:correspond"
    ALERT = "procurement:portal:be-told"
    KEEP_TIME = "procurement:consultation:keep-time"
    SEND_ALERTS = "procurement:search:send-alerts"
    BID_READ = "procurement:bid:read"
    BID_START = "procurement:bid:start"
    BID_PREPARE = "procurement:bid:prepare"
    BID_SEAL = "procurement:bid:seal"
    BID_KEEP = "procurement:bid:keep"
    REHEARSE = "procurement:bid:rehearse"
    SAFE = "procurement:safe:keep"
    DEPOSITS_READ = "procurement:deposit:read"
    DEPOSIT_ADMIT = "procurement:deposit:admit"
    DEPOSIT_SUPPORT = "procurement:deposit:support"
    OPENING_HOLD = "procurement:opening:hold"
    OPENING_CONDUCT = "procurement:opening:conduct"
    OPENED_READ = "procurement:opened:read"
    OPENING_RECORD = "procurement:opening:record"
    TIME_RECORD = "procurement:time:record"
    CUSTODY = "procurement:custody:import"
    LOG_AVAILABILITY = "procurement:availability:log"
    DECLARE_INCIDENT = "procurement:incident:declare"
    KEEP_LEDGER = "procurement:incident:keep"
    READ_INCIDENTS = "procurement:incident:read"
    DECIDE_INCIDENT = "procurement:incident:decide"
    BRING = "procurement:import:bring"
    BRING_ENTERPRISES = "procurement:import:bring-enterprises"
    ORDER_IMPORT = "procurement:import:order"
    TAKE_OVER = "procurement:import:take-over"
    INVITE_FORMER = "procurement:import:invite"
    READ_PACKAGES = "procurement:package:read"
    BRING_PACKAGE = "procurement:package:bring"
    MAKE_PACKAGE = "procurement:package:make"
    KEEP_PACKAGE = "procurement:package:keep"
    JUDGE_PACKAGE = "procurement:package:judge"
    DESTROY_PACKAGE = "procurement:package:destroy"
    DESTROY_BIDS = "procurement:bids:destroy"
    RECORD_DESTRUCTION = "procurement:bids:record-destruction"
    WRITE_MINUTES = "procurement:minutes:write"
    ANALYSE = "procurement:evaluation:conduct"
    SCORE = "procurement:evaluation:score"
    NEGOTIATE = "procurement:round:open"
    KEEP_COMMITTEES = "procurement:committee:keep"
    CONVENE = "procurement:meeting:convene"
    AWARD = "procurement:award:decide"
    SIGN_CONTRACT = "procurement:contract:sign"
    CARRY_OUT = "procurement:contract:carry-out"
    FOLLOW_CONTRACT = "procurement:contract:follow"
    READ_LETTER = "procurement:letter:read"
    ANSWER_REQUEST = "procurement:request:answer"
    HOLD_CONTRACT = "procurement:contract:hold"
    READ_HELD_CONTRACT = "procurement:contract:read-held"
    ASK_ADMISSION = "procurement:admission:ask"
    HOLD_ADMISSION = "procurement:admission:hold"
    NOTICE_PREPARE = "procurement:notice:prepare"
    NOTICE_SEND = "procurement:notice:send"
    NOTICE_RECORD = "procurement:notice:record"
    PROFILE_WRITE = "procurement:buyer-profile:write"
    OPEN_DATA_WRITE = "procurement:open-data:write"
    OPEN_DATA_SEND = "procurement:open-data:send"
    OPEN_DATA_RECORD = "procurement:open-data:record"
    RELEASE_WRITE = "procurement:release:write"


def _of_the_body(team: str, organisation: str = "organisation_id") -> Callable[[Actor, str], Q | None]:
    """Rows of the acting body; a mandate without the power to validate covers those on whose team the person stands.

    Paths from the row: ``organisation`` to the body's id, ``team`` to a member's person.
    """

    def rule(actor: Actor, permission: str) -> Q | None:
        if actor.organisation is None or not actor.holds(permission):
            return None
        ours = Q(**{organisation: actor.organisation})
        if actor.mandate is None or actor.holds(Procurement.VALIDATE):
            return ours
        return ours & Q(**{team: actor.person})

    return rule


def _named_to_others(actor: Actor, permission: str) -> Q | None:
    return ~Q(validators=[]) & ~Q(validators__contains=[actor.person])


_IN_THE_BODY = _("a role in the acting organisation, or a mandate and a place on the team")
BODY = Ground("organisation", _IN_THE_BODY, _of_the_body("team__person_id"))


def _of_the_enterprise(actor: Actor, permission: str) -> Q | None:
    if actor.organisation is None or not actor.holds(permission):
        return None
    return Q(bidder_id=actor.organisation)


BIDDER = Ground("bidder", _("a role in the enterprise that bids"), _of_the_enterprise)

# A rehearsal needs no account: its address is the key, and the query asks for it.
REHEARSAL = Ground(
    "rehearsal", _("a rehearsal, open to who has its address"), lambda *_given: Q(bidder_id=None)
)

OTHERS = Ground("others", _("the team names who validates, and it is somebody else"), _named_to_others)

declare(
    Right(Procurement.READ, _("read the consultations"), (BODY,), on=CONSULTATION),
    Right(Procurement.START, _("start a consultation"), (granted(),)),
    Right(Procurement.PREPARE, _("prepare a consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.STAFF, _("choose the team of a consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.TEMPLATES, _("choose the body's models of documents"), (granted(),)),
    Right(Procurement.VALIDATE, _("validate a consultation"), (BODY,), on=CONSULTATION, forbidding=(OTHERS,)),
)

# What was public once stays readable by all: as itself, or as the sentence that says how it ended.
# Where enterprises are invited by name it is never public: those that have accepted their invitation read it.
OPEN_TO_ALL = Q(published_at__isnull=False) & ~Q(procedure__in=PRIVATE)


def _invited(actor: Actor, permission: str) -> Q | None:
    if actor.organisation is None:
        return None
    return Q(
        published_at__isnull=False,
        procedure__in=PRIVATE,
        correspondents__accepted_by_id=actor.organisation,
        correspondents__withdrawn_at=None,
    )


INVITED = Ground("invited", _("one's enterprise has accepted its invitation"), _invited)


def _machine(actor: Actor, permission: str) -> Q | None:
    return Q() if actor.machine and actor.person is None else None


PLATFORM = Ground("platform", _("the platform itself"), _machine)

declare(
    Right(Procurement.BID_READ, _("read the bids of one's enterprise"), (BIDDER,), on=BID),
    Right(Procurement.BID_START, _("answer a consultation"), (granted(),)),
    Right(Procurement.BID_PREPARE, _("prepare a bid"), (BIDDER, REHEARSAL), on=BID),
    Right(Procurement.BID_SEAL, _("deposit a bid"), (BIDDER, REHEARSAL, PLATFORM), on=BID),
    Right(Procurement.BID_KEEP, _("keep the proofs of deposits"), (PLATFORM,)),
    Right(Procurement.REHEARSE, _("rehearse a deposit"), (anyone(),)),
    Right(Procurement.SAFE, _("keep the attestations of the enterprise"), (granted(),)),
    Right(Procurement.DEPOSITS_READ, _("read the register of deposits"), (BODY,), on=CONSULTATION),
    Right(Procurement.DEPOSIT_ADMIT, _("let a late bid be opened"), (BODY,), on=CONSULTATION),
    Right(
        Procurement.DEPOSIT_SUPPORT, _("see what happened to a deposit, without contents"), (platform_wide(),)
    ),
)

declare(
    Right(Procurement.PUBLISH, _("publish a consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.AMEND, _("change or end a published consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.ANSWER, _("answer the questions of enterprises"), (BODY,), on=CONSULTATION),
    Right(Procurement.REGISTER, _("read the register of withdrawals"), (BODY,), on=CONSULTATION),
    Right(
        Procurement.CONSULT,
        _("consult the published consultations"),
        (anyone(OPEN_TO_ALL), INVITED),
        on=CONSULTATION,
    ),
    Right(Procurement.TAKE, _("take the documents of a consultation"), (anyone(),)),
    Right(Procurement.ASK, _("ask a question"), (anyone(),)),
    Right(Procurement.CORRESPOND, _("leave an address, or have it taken off"), (anyone(),)),
    Right(Procurement.ALERT, _("be told of new consultations"), (anyone(),)),
    Right(
        Procurement.KEEP_TIME,
        _("publish and close at the appointed time, and tell who asked to be told"),
        (PLATFORM,),
        on=CONSULTATION,
    ),
    Right(Procurement.SEND_ALERTS, _("send the alerts of a search"), (PLATFORM,), on=SEARCH),
)

INCIDENT = "t_procurement.Incident"
TOUCHED = "t_procurement.Touched"
IMPORT = "t_procurement.ImportRun"
PACKAGE = "t_procurement.Package"
# An assistant by mandate sees nothing of the other consultations, neither while they last nor when their file is kept.
_OF_THE_CONSULTATION = Ground(
    "organisation",
    _IN_THE_BODY,
    _of_the_body("consultation__team__person_id", "consultation__organisation_id"),
)
_PACKAGES = Ground("organisation", _IN_THE_BODY, _of_the_body("consultation__team__person_id"))

declare(
    Right(Procurement.LOG_AVAILABILITY, _("keep the availability log"), (PLATFORM,)),
    Right(Procurement.DECLARE_INCIDENT, _("tell an interruption of the service"), (platform_wide(),)),
    Right(
        Procurement.KEEP_LEDGER,
        _("keep the ledger of interruptions"),
        (platform_wide(), PLATFORM),
        on=INCIDENT,
    ),
    Right(
        Procurement.READ_INCIDENTS,
        _("see the interruptions that touch one's consultations"),
        (platform_wide(), _OF_THE_CONSULTATION),
        on=TOUCHED,
    ),
    Right(
        Procurement.DECIDE_INCIDENT,
        _("put off a deadline that an interruption touches"),
        (_OF_THE_CONSULTATION,),
        on=TOUCHED,
    ),
    Right(Procurement.BRING, _("bring files from another platform"), (granted(),)),
    Right(Procurement.BRING_ENTERPRISES, _("bring the enterprises of another platform"), (platform_wide(),)),
    Right(
        Procurement.ORDER_IMPORT, _("have brought files taken over"), (in_acting_organisation(),), on=IMPORT
    ),
    Right(Procurement.TAKE_OVER, _("take brought files over"), (PLATFORM,), on=IMPORT),
    Right(Procurement.INVITE_FORMER, _("open the accounts of former users"), (PLATFORM,)),
    Right(Procurement.READ_PACKAGES, _("read the kept files"), (_PACKAGES,), on=PACKAGE),
    Right(Procurement.BRING_PACKAGE, _("bring a package back"), (granted(),)),
    Right(Procurement.MAKE_PACKAGE, _("take the whole file of a consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.KEEP_PACKAGE, _("keep the whole file of a consultation"), (PLATFORM,), on=CONSULTATION),
    Right(Procurement.JUDGE_PACKAGE, _("verify a package that was brought back"), (PLATFORM,), on=PACKAGE),
    Right(
        Procurement.DESTROY_PACKAGE,
        _("destroy a file at its legal end"),
        (in_acting_organisation(),),
        on=PACKAGE,
    ),
    Right(
        Procurement.DESTROY_BIDS,
        _("destroy the keys and what was never opened, at the legal end"),
        (BODY,),
        on=CONSULTATION,
    ),
    Right(Procurement.RECORD_DESTRUCTION, _("carry a destruction out"), (PLATFORM,), on=CONSULTATION),
)

_CONTINUITY = (
    Procurement.READ_INCIDENTS,
    Procurement.DECIDE_INCIDENT,
    Procurement.BRING,
    Procurement.ORDER_IMPORT,
    Procurement.READ_PACKAGES,
    Procurement.BRING_PACKAGE,
    Procurement.MAKE_PACKAGE,
    Procurement.DESTROY_PACKAGE,
    Procurement.DESTROY_BIDS,
)
_OPERATE = (
    Procurement.DECLARE_INCIDENT,
    Procurement.KEEP_LEDGER,
    Procurement.READ_INCIDENTS,
    Procurement.BRING,
    Procurement.BRING_ENTERPRISES,
    Procurement.ORDER_IMPORT,
)


def _names_to_open(actor: Actor, permission: str) -> Q | None:
    if actor.person is None or actor.organisation is None or not actor.holds(permission):
        return None
    return Q(
        organisation_id=actor.organisation, team__person_id=actor.person, team__role__in=("open", "evaluate")
    )


def _opens(actor: Actor, permission: str) -> Q | None:
    if actor.person is None or actor.organisation is None or not actor.holds(permission):
        return None
    return Q(organisation_id=actor.organisation, team__person_id=actor.person, team__role="open")


OPENER = Ground("opener", _("a role, and the team names the person to open the bids"), _opens)
READER = Ground("reader", _("the team names the person to open or evaluate the bids"), _names_to_open)

declare(
    Right(Procurement.OPENING_HOLD, _("hold a key of the bids and open them"), (OPENER,), on=CONSULTATION),
    Right(Procurement.OPENING_CONDUCT, _("conduct an opening session"), (BODY,), on=CONSULTATION),
    Right(Procurement.OPENED_READ, _("read the opened bids"), (BODY, READER), on=CONSULTATION),
    Right(Procurement.OPENING_RECORD, _("record what an opening session gives"), (PLATFORM,), on=OPENING),
    Right(Procurement.WRITE_MINUTES, _("write the minutes of the opening"), (PLATFORM,), on=CONSULTATION),
    Right(Procurement.TIME_RECORD, _("record what the time-keeper makes"), (PLATFORM,), on=TIME_KEY),
    Right(Procurement.CUSTODY, _("import the custodian's keys"), (PLATFORM,)),
)


def _evaluators(actor: Actor, permission: str) -> Q | None:
    """A place on the team as an evaluator, beside the role."""
    if actor.organisation is None or actor.person is None or not actor.holds(permission):
        return None
    return Q(organisation_id=actor.organisation, team__person_id=actor.person, team__role="evaluate")


def _held(path: str) -> Ground:
    """What concerns the acting enterprise, which ``path`` leads to."""

    def rule(actor: Actor, permission: str) -> Q | None:
        if actor.organisation is None or not actor.holds(permission):
            return None
        return Q(**{path: actor.organisation})

    return Ground("enterprise", _("a role in the enterprise that it concerns"), rule)


def _told_of_award(*paths: str) -> Callable[[Actor, str], Q | None]:
    """A contract exists from the decision on; nobody outside knows of it before the letter to who was chosen."""

    def rule(actor: Actor, permission: str) -> Q | None:
        if actor.organisation is None or not actor.holds(permission):
            return None
        own = [Q(**{path: actor.organisation}) for path in paths]
        return Q(*own, _connector=Q.OR) & Q(
            consultation__letters__bidder_id=F("award__supplier_id"), consultation__letters__kind="chosen"
        )

    return rule


EVALUATOR = Ground("evaluator", _("a place on the team as an evaluator"), _evaluators)
CONTRACTS = Ground(
    "organisation", _("a role in the body that concluded it"), _of_the_body("consultation__team__person_id")
)
HOLDER = Ground(
    "enterprise",
    _("a role in the enterprise that holds it, once told of the award"),
    _told_of_award("holder_id"),
)
FIRST_HOLDER = Ground(
    "enterprise",
    _("a role in the enterprise that holds it, or held it first, once told of the award"),
    _told_of_award("holder_id", "award__supplier_id"),
)

declare(
    Right(Procurement.ANALYSE, _("examine candidatures and bids"), (BODY,), on=CONSULTATION),
    Right(Procurement.SCORE, _("score the bids"), (EVALUATOR,), on=CONSULTATION),
    Right(Procurement.NEGOTIATE, _("open a round of negotiation"), (BODY,), on=CONSULTATION),
    Right(Procurement.KEEP_COMMITTEES, _("keep the committees of the body"), (granted(),)),
    Right(Procurement.CONVENE, _("convene a committee and hold its meeting"), (BODY,), on=CONSULTATION),
    Right(Procurement.AWARD, _("decide the award and tell the candidates"), (BODY,), on=CONSULTATION),
    Right(Procurement.SIGN_CONTRACT, _("sign a contract"), (CONTRACTS,), on=CONTRACT),
    Right(Procurement.CARRY_OUT, _("notify a contract and follow its execution"), (CONTRACTS,), on=CONTRACT),
    Right(Procurement.FOLLOW_CONTRACT, _("record what the State answers"), (PLATFORM,), on=CONTRACT),
    Right(
        Procurement.READ_LETTER,
        _("read the letters sent to one's enterprise"),
        (_held("bidder_id"),),
        on=LETTER,
    ),
    Right(
        Procurement.ANSWER_REQUEST,
        _("answer what one's enterprise is asked"),
        (_held("candidacy__bidder_id"),),
        on=REQUEST,
    ),
    Right(
        Procurement.HOLD_CONTRACT,
        _("sign and receive the contracts of one's enterprise"),
        (HOLDER,),
        on=CONTRACT,
    ),
    Right(
        Procurement.READ_HELD_CONTRACT,
        _("read the contracts that one's enterprise holds, or held first"),
        (FIRST_HOLDER,),
        on=CONTRACT,
    ),
    Right(Procurement.ASK_ADMISSION, _("ask to be admitted to a dynamic purchasing system"), (granted(),)),
    Right(
        Procurement.HOLD_ADMISSION,
        _("see and leave the place of one's enterprise in a dynamic purchasing system"),
        (_held("bidder_id"),),
        on=ADMISSION,
    ),
)

NOTICE = "t_procurement.Notice"
OPEN_FILE = "t_procurement.OpenFile"

declare(
    Right(Procurement.PROFILE_WRITE, _("say what notices tell of the body"), (granted(),)),
    Right(Procurement.NOTICE_PREPARE, _("prepare notices"), (BODY,), on=CONSULTATION),
    Right(Procurement.NOTICE_SEND, _("send notices to their publisher"), (BODY,), on=CONSULTATION),
    Right(Procurement.NOTICE_RECORD, _("record what became of a notice"), (PLATFORM,), on=NOTICE),
    Right(Procurement.OPEN_DATA_WRITE, _("write essential data of contracts"), (granted(),)),
    Right(Procurement.OPEN_DATA_SEND, _("publish the file of essential data"), (granted(),)),
    Right(Procurement.OPEN_DATA_RECORD, _("record what became of a file of essential data"), (PLATFORM,)),
    Right(Procurement.RELEASE_WRITE, _("publish what is public as open data"), (PLATFORM,)),
)

_TELL = (
    Procurement.NOTICE_PREPARE,
    Procurement.NOTICE_SEND,
    Procurement.PROFILE_WRITE,
    Procurement.OPEN_DATA_WRITE,
    Procurement.OPEN_DATA_SEND,
)

_PREPARE = (Procurement.READ, Procurement.START, Procurement.PREPARE)
_HOLD = (Procurement.OPENING_HOLD,)
_CONDUCT = (Procurement.OPENING_CONDUCT, Procurement.OPENED_READ)
_DEPOSITS = (Procurement.DEPOSITS_READ, Procurement.DEPOSIT_ADMIT)
_BID = (
    Procurement.BID_READ,
    Procurement.BID_START,
    Procurement.BID_PREPARE,
    Procurement.BID_SEAL,
    Procurement.SAFE,
)

_PUBLISH = (Procurement.PUBLISH, Procurement.AMEND, Procurement.ANSWER, Procurement.REGISTER)
_CONCLUDE = (
    Procurement.NEGOTIATE,
    Procurement.KEEP_COMMITTEES,
    Procurement.CONVENE,
    Procurement.AWARD,
    Procurement.SIGN_CONTRACT,
    Procurement.CARRY_OUT,
)
_ANALYSE = (Procurement.ANALYSE, Procurement.SCORE)
_HELD = (
    Procurement.READ_LETTER,
    Procurement.ANSWER_REQUEST,
    Procurement.HOLD_CONTRACT,
    Procurement.READ_HELD_CONTRACT,
    Procurement.ASK_ADMISSION,
    Procurement.HOLD_ADMISSION,
)

ROLES = {
    "secretary": (
        *_PREPARE,
        *_TELL,
        *_ANALYSE,
        *_CONCLUDE,
        *_HOLD,
        *_CONDUCT,
        *_PUBLISH,
        *_DEPOSITS,
        Procurement.VALIDATE,
        Procurement.STAFF,
        Procurement.TEMPLATES,
        *_CONTINUITY,
    ),
    "executive": (
        *_PREPARE,
        *_TELL,
        *_ANALYSE,
        *_CONCLUDE,
        *_HOLD,
        *_CONDUCT,
        *_PUBLISH,
        *_DEPOSITS,
        Procurement.VALIDATE,
        Procurement.STAFF,
        Procurement.TEMPLATES,
        *_CONTINUITY,
    ),
    "agent": (
        *_PREPARE,
        *_ANALYSE,
        Procurement.NOTICE_PREPARE,
        *_HOLD,
        *_CONDUCT,
        Procurement.ANSWER,
        Procurement.REGISTER,
        Procurement.READ_INCIDENTS,
        Procurement.READ_PACKAGES,
    ),
    "elected": (Procurement.READ, Procurement.SCORE, *_HOLD),
    "observer": (Procurement.READ,),
    "representative": (*_BID, *_HELD),
    "operator": (
        Procurement.DEPOSIT_SUPPORT,
        *_OPERATE,
    ),
    "support": (Procurement.DEPOSIT_SUPPORT,),
}
