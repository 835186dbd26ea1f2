"""What the worker does for bids: time-stamps of receipts, deposits that a crash left half done, rehearsals, the upload log."""

from __future__ import annotations

import contextlib
import logging
from datetime import timedelta
from uuid import UUID

from procrastinate.contrib.django import app

from territoires.foundations.trust import api as trust
from territoires.kernel.actor import system_actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, TerritoiresError, Unavailable

from ..actions import bidding, rehearsing
from ..actions.enterprise import remind_of_end
from ..actions.upload_log import close_days
from ..models import Receipt
from ..queries.enterprise import ending_soon
from ..queries.receipts import receipts_to_stamp, unstamped
from ..queries.seals import intents_waiting

WORKER = "worker"
OWN, OUTSIDE = "own", "outside"
# A request that is still running settles its own.
LEFT_ALONE = timedelta(seconds=30)

log = logging.getLogger(__name__)


@app.task(name=bidding.STAMP, pass_context=False)
def stamp_receipt(receipt: str) -> None:
    """Asks for the time-stamp of a receipt as soon as it was made; what fails is asked again each minute."""
    found = unstamped(UUID(receipt))
    if found is not None:
        _stamp(found)


@app.periodic(cron="* * * * *")
@app.task(name="procurement.stamp_receipts", queueing_lock="procurement.stamp_receipts", pass_context=False)
def stamp_receipts(timestamp: int) -> None:
    """Every minute: the receipts to which the authority gave nothing yet."""
    for receipt in receipts_to_stamp(system_clock() - LEFT_ALONE):
        _stamp(receipt)


@app.periodic(cron="* * * * *")
@app.task(name="procurement.finish_deposits", queueing_lock="procurement.finish_deposits", pass_context=False)
def finish_deposits(timestamp: int) -> None:
    """Every minute: the deposits whose manifest was received and whose request died."""
    actor = system_actor(WORKER)
    for intent in intents_waiting(system_clock() - LEFT_ALONE):
        try:
            bidding.finish_waiting(actor, intent)
        except TerritoiresError:
            log.exception("procurement: deposit %s could not be finished", intent.deposit)


@app.periodic(cron="17 * * * *")
@app.task(
    name="procurement.clear_rehearsals", queueing_lock="procurement.clear_rehearsals", pass_context=False
)
def clear_rehearsals(timestamp: int) -> None:
    """Every hour: rehearsals past their day."""
    while rehearsing.clear_rehearsals(system_actor(WORKER)):
        pass


@app.periodic(cron="7 0 * * *")
@app.task(
    name="procurement.close_upload_log", queueing_lock="procurement.close_upload_log", pass_context=False
)
def close_upload_log(timestamp: int) -> None:
    """Every night: the root of the day before joins the journal."""
    close_days(system_actor(WORKER))


@app.periodic(cron="40 6 * * *")
@app.task(
    name="procurement.remind_attestations",
    queueing_lock="procurement.remind_attestations",
    pass_context=False,
)
def remind_attestations(timestamp: int) -> None:
    """Every morning: the documents of enterprises' safes that end within a month, told once."""
    actor = system_actor(WORKER)
    for attestation in ending_soon(actor.now()):
        remind_of_end(actor=actor, attestation=attestation)


def _stamp(receipt: Receipt) -> None:
    """Outside any transaction: an authority may take ten seconds."""
    imprint = bytes.fromhex(receipt.sha256)
    try:
        outside = trust.outside_time_stamp(imprint)
        token = outside or trust.time_stamp(imprint)
        token_at = trust.token_checker(outside=outside is not None).time_of(token, imprint)
    except (Unavailable, trust.TokenRefused) as fault:
        log.warning("procurement: the time-stamp of receipt %s is still to come: %s", receipt.pk, fault)
        return
    with contextlib.suppress(Conflict):
        bidding.record_token(
            actor=system_actor(WORKER),
            receipt=receipt.pk,
            token=token,
            token_at=token_at,
            authority=OUTSIDE if outside else OWN,
        )
