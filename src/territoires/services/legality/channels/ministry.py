"""Direct to the ministry: archives by HTTPS, answers by mail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports import https, mailbox

from ..domain.transmission import ANSWER_DUE
from ..models import ChannelCode
from ..queries.connection import connection
from .answers import absorb, absorb_all, is_welcome


def deliver(outgoing: exchange.Outgoing) -> exchange.Delivery:
    """Posts one archive under its name; until the operator opens the way, it waits."""
    way = connection()
    if way is None:
        return exchange.NotSent("not-configured")
    return https.post_file(
        way.url,
        file=outgoing,
        name=outgoing.key,
        trust=way.trust,
        identity=way.identity,
        accepted=way.accepted,
    )


def collect() -> None:
    """Takes the State's mails; without a way to it there is nothing to take."""
    way = connection()
    if way is not None:
        mailbox.collect_mail(way.account, channel=ChannelCode.MINISTRY, is_welcome=is_welcome)


MINISTRY = exchange.Channel(
    code=ChannelCode.MINISTRY,
    label=_("Acts, direct to the ministry"),
    deliver=deliver,
    absorb=absorb,
    absorb_all=absorb_all,
    collect=collect,
    alarm_after=ANSWER_DUE,
)
