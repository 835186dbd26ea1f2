"""What an operator may do from the console."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from territoires.contracts.portal import DeadLetterReplayed, JobReplayed
from territoires.foundations.actions.api import Outcome, action, require
from territoires.foundations.exchange import api as exchange
from territoires.foundations.identity import api as identity
from territoires.foundations.journal import api as journal
from territoires.foundations.notifications import api as notifications
from territoires.foundations.registry import api as registry
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from .permissions import Portal


@action(Portal.REPLAY_DEAD_LETTER)
def replay_dead_letter(*, actor: Actor, letter: UUID) -> Outcome[int]:
    """Hands a parked fact and those behind it to their follower again; answers how many passed.

    Raises Missing when it was replayed meanwhile.
    """
    passed = journal.replay(letter, actor)
    return Outcome(passed, DeadLetterReplayed(subject=Subject("portal.dead-letter", letter), passed=passed))


@action(Portal.REPLAY_DEAD_LETTER)
def replay_job(*, actor: Actor, job: int) -> Outcome[None]:
    """Has a failed job tried once more. Raises Missing when it was already, Conflict when the next one waits."""
    task = registry.replay_job(job)
    return Outcome(None, JobReplayed(subject=Subject("portal.job", new_id()), job=job, task=task))


def send_again(*, actor: Actor, parcel: UUID) -> None:
    """Sends the very same bytes of a doubtful parcel again. Raises Missing when its fate is known meanwhile."""
    require(actor, Portal.SETTLE_EXCHANGE)
    exchange.send_again(actor=actor, parcel=exchange.doubtful(parcel))


def replay_arrival(*, actor: Actor, arrival: UUID) -> None:
    """Has an arrival in quarantine read again. Raises Missing when somebody dealt with it meanwhile."""
    require(actor, Portal.SETTLE_EXCHANGE)
    exchange.replay(actor=actor, arrival=exchange.quarantined(arrival))


def discard_arrival(*, actor: Actor, arrival: UUID, reason: str) -> None:
    """Sets an arrival in quarantine aside. Raises Invalid without reason, Missing when it was dealt with."""
    require(actor, Portal.SETTLE_EXCHANGE)
    exchange.discard(actor=actor, arrival=exchange.quarantined(arrival), reason=reason)


def announce_certificates(*, actor: Actor) -> int:
    """Tells each holder whose certificate ends within 60, 30 or 7 days, once each; answers how many were told.

    Of the platform itself: who prefers no mail is told all the same, since nothing leaves with an ended certificate.
    """
    due = identity.expiring_certificates(actor.now())
    for certificate, days in due:
        account = getattr(certificate.person, "account", None)
        # Told before it is noted: a job killed between the two tells twice rather than never.
        notifications.notify(
            recipients=[
                notifications.Recipient(
                    certificate.person_id,
                    account.email if account and account.is_active else "",
                    certificate.person.language,
                )
            ],
            template="portal/certificate-expiring",
            context={
                "siren": certificate.siren,
                "days": days,
                "last_day": legal_day(certificate.valid_until).isoformat(),
                "address": reverse("certificates"),
            },
            binding=True,
            at=actor.now(),
        )
        identity.announce_expiry(actor=actor, certificate=certificate)
    return len(due)
