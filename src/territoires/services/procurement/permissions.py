"""Who may do what with the consultations of a body.

Within the body, a role opens every consultation. Somebody who acts by mandate without the power to validate (an
architect, an assistant to the buyer) works only on the consultations on whose team she stands. Once the team names
who validates, nobody else does.
"""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import Ground, Right, declare, granted
from territoires.kernel.actor import Actor

CONSULTATION = "t_procurement.Consultation"


class Procurement(StrEnum):
    READ = "procurement:consultation:read"
    START = "procurement:consultation:start"
    PREPARE = "procurement:consultation:prepare"
    VALIDATE = "procurement:consultation:validate"
    STAFF = "procurement:consultation:staff"


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

OTHERS = Ground("others", _("the team names who validates, and it is somebody else"), _named_to_others)

declare(
    Right(Procurement.READ, _("read the consultations"), (BODY,), on=CONSULTATION),
    Right(Procurement.START, _("start a consultation"), (granted(),)),
    Right(Procurement.PREPARE, _("prepare a consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.STAFF, _("choose the team of a consultation"), (BODY,), on=CONSULTATION),
    Right(Procurement.VALIDATE, _("validate a consultation"), (BODY,), on=CONSULTATION, forbidding=(OTHERS,)),
)

_PREPARE = (Procurement.READ, Procurement.START, Procurement.PREPARE)

ROLES = {
    "secretary": (*_PREPARE, Procurement.VALIDATE, Procurement.STAFF),
    "executive": (*_PREPARE, Procurement.VALIDATE, Procurement.STAFF),
    "agent": _PREPARE,
    "elected": (Procurement.READ,),
    "observer": (Procurement.READ,),
}
