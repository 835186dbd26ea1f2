"""Who may touch what leaves and what came. Services check their finer rights before they call."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import Ground, Right, declare
from territoires.kernel.actor import Actor


class Exchange(StrEnum):
    RECORD = "exchange:parcel:record"
    SETTLE = "exchange:parcel:settle"
    RECEIVE = "exchange:arrival:receive"
    ABSORB = "exchange:arrival:absorb"
    SORT = "exchange:arrival:sort"
    HOLD = "exchange:parcels:hold"


def _machine(actor: Actor, permission: str) -> Q | None:
    return Q() if actor.machine and actor.person is None else None


def _operating(actor: Actor, permission: str) -> Q | None:
    return Q() if actor.is_operator and actor.person else None


def _acting(actor: Actor, permission: str) -> Q | None:
    return Q(organisation_id=actor.organisation) if actor.organisation and actor.person else None


PLATFORM = Ground("platform", _("the platform itself"), _machine)
OPERATOR = Ground("operator", _("acting for the operator of the platform"), _operating)
SENDER = Ground("sender", _("acting for the organisation that sends"), _acting)

declare(
    Right(Exchange.RECORD, _("record what became of a parcel"), (PLATFORM,), on="exchange.Parcel"),
    Right(Exchange.SETTLE, _("decide on a parcel"), (PLATFORM, OPERATOR, SENDER), on="exchange.Parcel"),
    Right(Exchange.RECEIVE, _("keep what comes in"), (PLATFORM,)),
    Right(Exchange.ABSORB, _("read what came in"), (PLATFORM,)),
    Right(Exchange.SORT, _("decide on what could not be read"), (OPERATOR,), on="exchange.Arrival"),
    Right(Exchange.HOLD, _("hold what may have left before a restore"), (PLATFORM,)),
)
