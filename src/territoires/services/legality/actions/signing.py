"""The signature: declared when it was given by hand, taken back when it was declared by mistake."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid

from ..domain.signature import BY_HAND, faults_of_signature
from ..models import Act, known
from ..permissions import Legality
from ..queries.readiness import faults_of
from ..queries.transmissions import require_none_live
from .filing import let_go
from .moving import move, stated
from .telling import about, with_author, with_files, with_nature
from .versions import keep_as_sent
from .waiting import wait_for_next_step


@action(Legality.SIGN, on="act")
def declare_signed(
    *, actor: Actor, act: Act, signed_on: date, original_is_kept: bool, version: int | None = None
) -> Outcome[Act]:
    """Records that the act was signed by hand: the scan is its file and the body keeps the paper original.

    Raises Invalid with every fault of preflight when the act is not ready, or when the original is not kept.
    """
    move(act, "declare_signed", actor, version)
    faults = faults_of(act, now=actor.now())
    faults += faults_of_signature(
        signed_on=signed_on,
        decided_on=act.decided_on,
        original_is_kept=original_is_kept,
        today=legal_day(actor.now()),
    )
    if faults:
        raise Invalid(
            "act-not-ready",
            "The act cannot be signed yet: something is missing or wrong. Nothing you entered is lost.",
            "Correct each point below.",
            faults=faults,
        )
    act.signed_on = signed_on
    save_numbered(act)
    wait_for_next_step(act, actor)
    return Outcome(
        act,
        facts.ActSigned(
            **with_nature(act),
            **with_author(act),
            **with_files(act),
            decided_on=known(act.decided_on),
            signed_on=signed_on,
            means=BY_HAND,
        ),
    )


def take_off_signatures(actor: Actor, act: Act) -> None:
    """Gives the act its unsigned file again; the book keeps that it was signed."""
    if act.unsigned is None:
        return
    signed = [one.document_id for one in act.signatories.exclude(document=None)]
    act.main, act.main_sha256, act.unsigned = act.unsigned, act.unsigned.sha256, None
    act.signatories.all().delete()
    act.save()
    for document in signed:
        let_go(actor, act, document, "reopened")


@action(Legality.SIGN, on="act")
def reopen_act(*, actor: Actor, act: Act, reason: str, version: int | None = None) -> Outcome[Act]:
    """Sends a signed act back to draft, without its electronic signatures; only before it is published or notified."""
    move(act, "reopen", actor, version)
    require_none_live(act)
    keep_as_sent(act)
    act.signed_on = None
    take_off_signatures(actor, act)
    act.save()
    wait_for_next_step(act, actor)
    return Outcome(act, facts.ActReopened(**about(act), reason=stated(reason)))


def save_numbered(act: Act) -> None:
    """Saves an act that takes its number. Raises Conflict when another act of the body took it meanwhile."""
    try:
        act.save()
    except IntegrityError as error:
        # Two drafts with one number, signed at once: the database lets the first pass.
        raise Conflict(
            "number-taken",
            "Another act of your body already bears the number %(number)s.",
            "Give the next free number, or send the other act back to draft if it was signed by mistake.",
            params={"number": act.number},
        ) from error
