"""Who may do what with the consultations of a body.

Within the body, a role opens every consultation. Somebody who acts by mandate without the power to validate (an
architect, an assistant to the buyer) works only on the consultations on whose team she stands. Once the team names
who validates, nobody else does.
"""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q
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

CONSULTATION = "t_procurement.Consultation"
SEARCH = "t_procurement.SavedSearch"
BID = "t_procurement.BidDraft"


class Procurement(StrEnum):
    READ = "procurement:consultation:read"
    START = "procurement:consultation:start"
    PREPARE = "procurement:consultation:prepare"
    VALIDATE = "procurement:consultation:validate"
    STAFF = "procurement:consultation:staff"
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
    DESTROY_PACKAGE = "procurement:package:destroy"


def _of_the_body(actor: Actor, permission: str) -> Q | None:
    if actor.organisation is None or not actor.holds(permission):
        return None
    ours = Q(organisation_id=actor.organisation)
    if actor.mandate is None or actor.holds(Procurement.VALIDATE):
        return ours
    return ours & Q(team__person_id=actor.person)


def _named_to_others(actor: Actor, permission: str) -> Q | None:
    return ~Q(validators=[]) & ~Q(validators__contains=[actor.person])


BODY = Ground(
    "organisation", _("a role in the acting organisation, or a mandate and a place on the team"), _of_the_body
)


def _of_the_enterprise(actor: Actor, permission: str) -> Q | None:
    if actor.organisation is None or not actor.holds(permission):
        return None
    return Q(bidder_id=actor.organisation)


BIDDER = Ground("bidder", _("a role in the enterprise that bids"), _of_the_enterprise)

# A rehearsal needs no account: its address is the key, and the query asks for it.
REHEARSAL = Ground("rehearsal", _("a rehearsal, open to who has its address"), lambda *_given: Q(bidder=None))

OTHERS = Ground("others", _("the team names who validates, and it is somebody else"), _named_to_others)

declare(
    Right(Procurement.READ, _("read the consultations"), (BODY,), on=CONSULTATION),
    Right(Procurement.START, _("start a consultation"), (granted(),)),
    Right(Procurement.PREPARE, _("prepare a consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.STAFF, _("choose the team of a consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.VALIDATE, _("validate a consultation"), (BODY,), on=CONSULTATION, forbidding=(OTHERS,)),
)

# What was public once stays readable by all: as itself, or as the sentence that says how it ended.
PUBLIC = Q(published_at__isnull=False)


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
    Right(Procurement.CONSULT, _("consult the published consultations"), (anyone(PUBLIC),), on=CONSULTATION),
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
_OF_THE_CONSULTATION = in_acting_organisation("consultation__organisation_id")

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
    Right(Procurement.READ_PACKAGES, _("read the kept files"), (in_acting_organisation(),), on=PACKAGE),
    Right(Procurement.BRING_PACKAGE, _("bring a package back"), (granted(),)),
    Right(Procurement.MAKE_PACKAGE, _("take the whole file of a consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.KEEP_PACKAGE, _("keep the whole file of a consultation"), (PLATFORM,), on=CONSULTATION),
    Right(
        Procurement.DESTROY_PACKAGE,
        _("destroy a file at its legal end"),
        (in_acting_organisation(),),
        on=PACKAGE,
    ),
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
)
_OPERATE = (
    Procurement.DECLARE_INCIDENT,
    Procurement.KEEP_LEDGER,
    Procurement.READ_INCIDENTS,
    Procurement.BRING,
    Procurement.BRING_ENTERPRISES,
    Procurement.ORDER_IMPORT,
)

_PREPARE = (Procurement.READ, Procurement.START, Procurement.PREPARE)
_DEPOSITS = (Procurement.DEPOSITS_READ, Procurement.DEPOSIT_ADMIT)
_BID = (
    Procurement.BID_READ,
    Procurement.BID_START,
    Procurement.BID_PREPARE,
    Procurement.BID_SEAL,
    Procurement.SAFE,
)

_PUBLISH = (Procurement.PUBLISH, Procurement.AMEND, Procurement.ANSWER, Procurement.REGISTER)

ROLES = {
    "secretary": (*_PREPARE, *_PUBLISH, *_DEPOSITS, Procurement.VALIDATE, Procurement.STAFF, *_CONTINUITY),
    "executive": (*_PREPARE, *_PUBLISH, *_DEPOSITS, Procurement.VALIDATE, Procurement.STAFF, *_CONTINUITY),
    "agent": (
        *_PREPARE,
        Procurement.ANSWER,
        Procurement.REGISTER,
        Procurement.READ_INCIDENTS,
        Procurement.READ_PACKAGES,
    ),
    "elected": (Procurement.READ,),
    "observer": (Procurement.READ,),
    "representative": _BID,
    "operator": (
        Procurement.DEPOSIT_SUPPORT,
        *_OPERATE,
    ),
    "support": (Procurement.DEPOSIT_SUPPORT,),
}
