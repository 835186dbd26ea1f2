"""Notification: the act is handed to a person concerned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.kernel.fact import Fact

from ..domain.classification import NOTIFY
from ..domain.life import SIGNED
from ..domain.notice import faults_of_notice
from ..domain.wording import one_line
from ..models import Act, Notification, known
from ..permissions import Legality
from ..queries.files import SoundFile, received
from .moving import move, require_way
from .telling import with_nature
from .waiting import wait_for_next_step


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notification: to whom, on which legal day, by which means (``domain.notice.MEANS``), with which proof."""

    recipient: str
    notified_on: date | None
    means: str
    proof: SoundFile | None = None


@action(Legality.NOTIFY, on="act")
def notify_act(*, actor: Actor, act: Act, notice: Notice, version: int | None = None) -> Outcome[Act]:
    """Records that one person concerned received the act; may be said again for each person (CRPA L.221-8).

    Raises Invalid for a notice without recipient, means or a possible day, Conflict for an act that is published.
    """
    move(act, "notify", actor, version)
    return Outcome(act, _noted(actor, act, notice))


@action(Legality.PROPOSE)
def note_contract_notified(*, actor: Actor, act: Act, notice: Notice) -> Outcome[Act]:
    """The service that had the contract signed handed it over: its act took effect. Raises Conflict for an act that is
    not signed yet, or notified already."""
    if act.state != SIGNED:
        raise Conflict(
            "act-not-signed",
            "This act does not wait for its notification.",
            "Look at its page to see where it stands.",
        )
    move(act, "notify", actor, None)
    return Outcome(act, _noted(actor, act, notice))


def _noted(actor: Actor, act: Act, notice: Notice) -> Fact:
    require_way(act, NOTIFY)
    recipient = one_line(notice.recipient)[:200]
    faults = faults_of_notice(
        recipient=recipient,
        notified_on=notice.notified_on,
        means=notice.means,
        signed_on=known(act.signed_on),
        today=legal_day(actor.now()),
    )
    if faults:
        raise Invalid(
            "notice-incomplete",
            "The notification was not recorded: something is missing. Nothing you entered is lost.",
            "Correct each point below.",
            faults=faults,
        )
    proof = _attached_proof(actor, act, notice.proof)
    rank = act.notifications.count() + 1
    Notification(
        act=act, recipient=recipient, notified_on=known(notice.notified_on), means=notice.means, proof=proof
    ).save()
    act.save()
    wait_for_next_step(act, actor)
    return facts.ActNotified(
        **with_nature(act),
        decided_on=known(act.decided_on),
        notified_on=known(notice.notified_on),
        means=notice.means,
        rank=rank,
        content=act.main_sha256,
        proof=proof.sha256 if proof else "",
        recipient=recipient,
    )


def _attached_proof(actor: Actor, act: Act, proof: SoundFile | None) -> Any:
    if proof is None:
        return None
    return documents.attach(received(actor, proof.document), holder=act.subject)
