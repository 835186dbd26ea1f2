"""Who may do what with the consultations of a body.

Within the body, a role opens every consultation. Somebody who acts by mandate without the power to validate (an
architect, an assistant to the buyer) works only on the consultations on whose team she stands. Once the team names
who validates, nobody else does.
"""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import Ground, Right, anyone, declare, granted, platform_wide
from territoires.kernel.actor import Actor

CONSULTATION = "t_procurement.Consultation"
BID = "t_procurement.BidDraft"


class Procurement(StrEnum):
    READ = "procurement:consultation:read"
    START = "procurement:consultation:start"
    PREPARE = "procurement:consultation:prepare"
    VALIDATE = "procurement:consultation:validate"
    STAFF = "procurement:consultation:staff"
    BID_READ = "procurement:bid:read"
    BID_START = "procurement:bid:start"
    BID_PREPARE = "procurement:bid:prepare"
    BID_SEAL = "procurement:bid:seal"
    REHEARSE = "procurement:bid:rehearse"
    SAFE = "procurement:safe:keep"
    DEPOSITS_READ = "procurement:deposit:read"
    DEPOSIT_ADMIT = "procurement:deposit:admit"
    DEPOSIT_SUPPORT = "procurement:deposit:support"


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

declare(
    Right(Procurement.BID_READ, _("read the bids of one's enterprise"), (BIDDER,), on=BID),
    Right(Procurement.BID_START, _("answer a consultation"), (granted(),)),
    Right(Procurement.BID_PREPARE, _("prepare a bid"), (BIDDER, REHEARSAL), on=BID),
    Right(Procurement.BID_SEAL, _("deposit a bid"), (BIDDER, REHEARSAL), on=BID),
    Right(Procurement.REHEARSE, _("rehearse a deposit"), (anyone(),)),
    Right(Procurement.SAFE, _("keep the attestations of the enterprise"), (granted(),)),
    Right(Procurement.DEPOSITS_READ, _("read the register of deposits"), (BODY,), on=CONSULTATION),
    Right(Procurement.DEPOSIT_ADMIT, _("let a late bid be opened"), (BODY,), on=CONSULTATION),
    Right(
        Procurement.DEPOSIT_SUPPORT, _("see what happened to a deposit, without contents"), (platform_wide(),)
    ),
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

ROLES = {
    "secretary": (*_PREPARE, *_DEPOSITS, Procurement.VALIDATE, Procurement.STAFF),
    "executive": (*_PREPARE, *_DEPOSITS, Procurement.VALIDATE, Procurement.STAFF),
    "agent": _PREPARE,
    "elected": (Procurement.READ,),
    "observer": (Procurement.READ,),
    "representative": _BID,
    "operator": (Procurement.DEPOSIT_SUPPORT,),
    "support": (Procurement.DEPOSIT_SUPPORT,),
}
