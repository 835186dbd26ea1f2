"""Documents leave for whoever wants them; who leaves an address is told of what changes."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from territoires.contracts import procurement_publication as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Denied, Fault, Invalid
from territoires.kernel.text import clean

from ..domain.wording import one_line
from ..models import Consultation, Correspondent, Withdrawal
from ..permissions import Procurement
from ..queries.publication import correspondent_at, correspondent_with, took_lately
from ..queries.sheets import pieces_of
from .announcing import JOINED, announce_to
from .answering import wrong_email
from .moving import about
from .visitors import hash_of

AGAIN = timedelta(minutes=10)


@action(Procurement.CORRESPOND)
def join_correspondents(
    *, actor: Actor, consultation: Consultation, name: str, email: str, enterprise: str = ""
) -> Outcome[Correspondent | None]:
    """Leaves a name and an address; a mail says so, with the link that ends it. Answers who is noted now.

    None for an address that was there: anybody may type it, who is not its holder for that. What its holder said stays.

    Raises Denied where enterprises are invited by name: the mail would be an invitation that the buyer never sent.
    """
    if consultation.is_private:
        raise Denied(
            "invited-only",
            "Only the enterprises that the buyer invited are told of this consultation.",
            "Write to the buyer, if somebody else is to be told.",
        )
    given = clean(email)
    try:
        validate_email(given)
    except ValidationError as error:
        raise wrong_email() from error
    who = one_line(name)[:200]
    if not who:
        fault = Fault(
            "name", "name-missing", "The name is missing.", "Give yours, or take the files without."
        )
        raise Invalid("name-missing", "Nothing was kept.", "Give a name.", faults=[fault])
    known = correspondent_at(consultation, given)
    found = known or Correspondent(
        consultation=consultation,
        name=who,
        email=given,
        enterprise=one_line(enterprise)[:200],
        language=actor.language[:2],
        token=secrets.token_urlsafe(24),
        left_at=actor.now(),
    )
    if known is None or known.stopped_at is not None:
        found.stopped_at = None
        found.save()
        announce_to(actor, consultation, found, JOINED, {})
    fact = facts.CorrespondentJoined(
        subject=found.subject, matter=consultation.pk, name=found.name, email=found.email
    )
    return Outcome(None if known else found, fact)


@action(Procurement.CORRESPOND)
def stop_telling(
    *, actor: Actor, consultation: Consultation, correspondent: Correspondent, token: str
) -> Outcome[Correspondent]:
    """Ends the mails to an address, by the link in each of them. Raises Missing for another's."""
    found = correspondent_with(consultation, correspondent.pk, token)
    found.stopped_at = found.stopped_at or actor.now()
    found.save()
    return Outcome(found, facts.CorrespondentLeft(subject=found.subject, matter=consultation.pk))


@action(Procurement.TAKE)
def take_documents(
    *,
    actor: Actor,
    consultation: Consultation,
    address_hash: str,
    sha256: str = "",
    correspondent: Correspondent | None = None,
) -> Outcome[None]:
    """Writes in the register that a file (``sha256``), or all of them, leaves now.

    ``address_hash`` is the network address under a key of the platform.
    """
    Withdrawal(
        consultation=consultation,
        sha256=sha256,
        version=consultation.publication_version,
        correspondent=correspondent,
        address_hash=address_hash,
        withdrawn_at=actor.now(),
    ).save(force_insert=True)
    fact = facts.DocumentsTaken(
        **about(consultation),
        version=consultation.publication_version,
        files=1 if sha256 else len(pieces_of(consultation)),
        sha256=sha256,
        correspondent=correspondent.pk if correspondent else None,
    )
    return Outcome(None, fact)


def hand_out(
    *,
    actor: Actor,
    consultation: Consultation,
    address: str,
    sha256: str,
    correspondent: Correspondent | None,
) -> None:
    """One line in the register for a file, or all of them, that leaves now for a network ``address``.

    The second click on the same file makes it leave again: the register says it once.
    """
    place = hash_of(address)
    known = correspondent.pk if correspondent else None
    since = actor.now() - AGAIN
    if took_lately(consultation, sha256=sha256, address_hash=place, correspondent=known, since=since):
        return
    take_documents(
        actor=actor, consultation=consultation, address_hash=place, sha256=sha256, correspondent=correspondent
    )
