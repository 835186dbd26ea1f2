"""Who may do what with the acts of a body, and what anybody may read."""

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

from .domain.life import PUBLISHED, WITHDRAWN

ACT = "t_legality.Act"
SITTING = "t_legality.Sitting"
TRANSMISSION = "t_legality.Transmission"
ENVELOPE = "t_legality.Envelope"
REPLY = "t_legality.LetterReply"
HISTORY = "t_legality.HistoryImport"


class Legality(StrEnum):
    READ = "legality:act:read"
    DRAFT = "legality:act:draft"
    PROPOSE = "legality:act:propose"
    REVISE = "legality:act:revise"
    SIGN = "legality:act:sign"
    SIGN_ELECTRONICALLY = "legality:act:sign-electronically"
    PUBLISH = "legality:act:publish"
    NOTIFY = "legality:act:notify"
    WITHDRAW = "legality:act:withdraw"
    DECLARE = "legality:act:declare-duty"
    CHOOSE = "legality:publication:choose"
    READ_SITTING = "legality:sitting:read"
    OPEN_SITTING = "legality:sitting:open"
    KEEP_SITTING = "legality:sitting:keep"
    LIST = "legality:sitting:list"
    CONSULT_SITTING = "legality:sitting:consult"
    CONSULT = "legality:register:consult"
    PREPARE = "legality:transmission:prepare"
    SEND = "legality:transmission:send"
    CONFIGURE = "legality:transmission:configure"
    RECORD = "legality:transmission:record"
    RECORD_REPLY = "legality:reply:record"
    POST = "legality:envelope:post"
    CLASSIFY = "legality:classification:record"
    BRING = "legality:history:bring"
    ORDER = "legality:history:order"
    TAKE_OVER = "legality:history:take-over"


# What was on line once stays consultable: as itself, or as the sentence that says why it was withdrawn.
ON_LINE = Q(published_at__isnull=False, state__in=(PUBLISHED, WITHDRAWN))


def _machine(actor: Actor, permission: str) -> Q | None:
    return Q() if actor.machine and actor.person is None else None


PLATFORM = Ground("platform", _("the platform itself"), _machine)

declare(
    Right(Legality.READ, _("read the acts"), (in_acting_organisation(),), on=ACT),
    Right(Legality.DRAFT, _("prepare an act"), (granted(),)),
    Right(Legality.PROPOSE, _("open a draft for another service"), (PLATFORM,)),
    Right(Legality.REVISE, _("change or discard a draft"), (in_acting_organisation(),), on=ACT),
    Right(
        Legality.SIGN,
        _("declare an act signed by hand, or have it signed electronically"),
        (in_acting_organisation(),),
        on=ACT,
    ),
    Right(
        Legality.SIGN_ELECTRONICALLY,
        _("put one's own electronic signature on an act"),
        (in_acting_organisation(),),
        on=ACT,
    ),
    Right(Legality.PUBLISH, _("publish an act"), (in_acting_organisation(),), on=ACT),
    Right(Legality.NOTIFY, _("notify an act"), (in_acting_organisation(),), on=ACT),
    Right(Legality.WITHDRAW, _("withdraw an act"), (in_acting_organisation(),), on=ACT),
    Right(
        Legality.DECLARE,
        _("declare whether an act is transmitted to the State"),
        (in_acting_organisation(),),
        on=ACT,
    ),
    Right(Legality.CHOOSE, _("record how the body makes its acts public"), (granted(),)),
    Right(Legality.READ_SITTING, _("read the sittings"), (in_acting_organisation(),), on=SITTING),
    Right(Legality.OPEN_SITTING, _("record a sitting"), (granted(),)),
    Right(Legality.KEEP_SITTING, _("keep a sitting and its votes"), (in_acting_organisation(),), on=SITTING),
    Right(Legality.LIST, _("publish the list of deliberations"), (in_acting_organisation(),), on=SITTING),
    Right(
        Legality.CONSULT_SITTING,
        _("consult the lists of deliberations"),
        (anyone(Q(listed_at__isnull=False)),),
        on=SITTING,
    ),
    Right(Legality.CONSULT, _("consult the public register"), (anyone(ON_LINE),), on=ACT),
    Right(
        Legality.PREPARE,
        _("prepare the transmission of an act to the State"),
        (in_acting_organisation(),),
        on=ACT,
    ),
    Right(Legality.SEND, _("transmit an act to the State"), (in_acting_organisation(),), on=ACT),
    Right(Legality.CONFIGURE, _("record agreements with the State and channels"), (platform_wide(),)),
    Right(Legality.RECORD, _("record what the State answers"), (PLATFORM,), on=TRANSMISSION),
    Right(
        Legality.RECORD_REPLY, _("record what becomes of an answer to the prefecture"), (PLATFORM,), on=REPLY
    ),
    Right(Legality.POST, _("make and post an envelope for the State"), (PLATFORM,), on=ENVELOPE),
    Right(Legality.CLASSIFY, _("ask for and record a classification"), (PLATFORM,)),
    Right(Legality.BRING, _("bring the acts of before the platform"), (granted(),)),
    Right(Legality.ORDER, _("read and order an import of acts"), (in_acting_organisation(),), on=HISTORY),
    Right(Legality.TAKE_OVER, _("read and take over acts of before the platform"), (PLATFORM,), on=HISTORY),
)

_PREPARE = (Legality.READ, Legality.DRAFT, Legality.REVISE, Legality.PREPARE)
_TAKE_EFFECT = (Legality.SIGN, Legality.PUBLISH, Legality.NOTIFY, Legality.WITHDRAW, Legality.SEND)
_PREPARE_SITTING = (Legality.READ_SITTING, Legality.OPEN_SITTING, Legality.KEEP_SITTING)
_HISTORY = (Legality.BRING, Legality.ORDER)
_DELIBERATE = (
    *_PREPARE_SITTING,
    Legality.SIGN_ELECTRONICALLY,
    Legality.LIST,
    Legality.DECLARE,
    Legality.CHOOSE,
)

ROLES = {
    "secretary": (*_PREPARE, *_TAKE_EFFECT, *_DELIBERATE, *_HISTORY),
    "executive": (*_PREPARE, *_TAKE_EFFECT, *_DELIBERATE, *_HISTORY),
    "agent": (*_PREPARE, *_PREPARE_SITTING),
    "elected": (Legality.READ, Legality.READ_SITTING, Legality.SIGN_ELECTRONICALLY),
    "observer": (Legality.READ, Legality.READ_SITTING),
    "operator": (Legality.CONFIGURE,),
}
