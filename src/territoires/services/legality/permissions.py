"""Who may do what with the acts of a body, and what anybody may read."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import Right, anyone, declare, granted, in_acting_organisation

from .domain.life import PUBLISHED, WITHDRAWN

ACT = "t_legality.Act"


class Legality(StrEnum):
    READ = "legality:act:read"
    DRAFT = "legality:act:draft"
    REVISE = "legality:act:revise"
    SIGN = "legality:act:sign"
    PUBLISH = "legality:act:publish"
    NOTIFY = "legality:act:notify"
    WITHDRAW = "legality:act:withdraw"
    CONSULT = "legality:register:consult"


# What was on line once stays consultable: as itself, or as the sentence that says why it was withdrawn.
ON_LINE = Q(published_at__isnull=False, state__in=(PUBLISHED, WITHDRAWN))

declare(
    Right(Legality.READ, _("read the acts"), (in_acting_organisation(),), on=ACT),
    Right(Legality.DRAFT, _("prepare an act"), (granted(),)),
    Right(Legality.REVISE, _("change or discard a draft"), (in_acting_organisation(),), on=ACT),
    Right(Legality.SIGN, _("declare an act signed by hand"), (in_acting_organisation(),), on=ACT),
    Right(Legality.PUBLISH, _("publish an act"), (in_acting_organisation(),), on=ACT),
    Right(Legality.NOTIFY, _("notify an act"), (in_acting_organisation(),), on=ACT),
    Right(Legality.WITHDRAW, _("withdraw an act"), (in_acting_organisation(),), on=ACT),
    Right(Legality.CONSULT, _("consult the public register"), (anyone(ON_LINE),), on=ACT),
)

_PREPARE = (Legality.READ, Legality.DRAFT, Legality.REVISE)
_TAKE_EFFECT = (Legality.SIGN, Legality.PUBLISH, Legality.NOTIFY, Legality.WITHDRAW)

ROLES = {
    "secretary": (*_PREPARE, *_TAKE_EFFECT),
    "executive": (*_PREPARE, *_TAKE_EFFECT),
    "agent": _PREPARE,
    "elected": (Legality.READ,),
    "observer": (Legality.READ,),
}
