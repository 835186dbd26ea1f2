"""The third party as the bus knows it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from territoires.foundations.exchange import api as exchange

from ...domain import transmission as rules
from ...models import ChannelCode
from .absorbing import absorb
from .asking import collect
from .sending import deliver, enquire

S2LOW = exchange.Channel(
    code=ChannelCode.S2LOW,
    label=_("Acts, through an approved third party"),
    deliver=deliver,
    absorb=absorb,
    enquire=enquire,
    collect=collect,
    alarm_after=rules.ANSWER_DUE,
)
