"""The verbs of a sitting: recording who was there, capturing the votes, publishing the list of deliberations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Fact
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean
from territoires.ui.dates import long_date

from ..domain.life import DISCARDED
from ..domain.preflight import TOTAL_SIZE
from ..domain.sitting import (
    MOST_MEMBERS,
    MOST_SECRETARIES,
    Ballot,
    Name,
    SittingWords,
    faults_of_ballot,
    faults_of_sitting,
)
from ..domain.wording import one_line
from ..models import Act, Sitting, SittingSecretary, Vote
from ..permissions import Legality
from ..queries.listing import lines_of, list_name, list_of_deliberations
from ..queries.sittings import ballot_of, due_on
from .minutes import await_minutes_before
from .telling import about

LIST_DUE = "list"
LONGEST_ATTENDANCE = 20_000


@action(Legality.OPEN_SITTING)
def open_sitting(*, actor: Actor, words: SittingWords) -> Outcome[Sitting]:
    """Records a sitting of the acting organisation; its list of deliberations is due within the legal week.

    Raises Invalid with everything that is missing.
    """
    sitting = Sitting(
        id=new_id(), organisation_id=actor.acting_organisation(), opened_at=actor.now(), version=0
    )
    _write(actor, sitting, words)
    _await_list(sitting, actor)
    await_minutes_before(sitting, actor)
    return Outcome(sitting, facts.SittingOpened(**_told_of(sitting)))


@action(Legality.KEEP_SITTING, on="sitting")
def change_sitting(
    *, actor: Actor, sitting: Sitting, words: SittingWords, version: int | None = None
) -> Outcome[Sitting]:
    """Corrects what is recorded of a sitting; its drafts keep the date and the author that they have."""
    unchanged(sitting, version)
    _write(actor, sitting, words)
    if sitting.listed_at is None:
        _await_list(sitting, actor)
    await_minutes_before(sitting, actor)
    return Outcome(sitting, facts.SittingChanged(**_told_of(sitting)))


@action(Legality.KEEP_SITTING, on="sitting")
def capture_votes(
    *,
    actor: Actor,
    sitting: Sitting,
    ballots: Mapping[UUID, Ballot],
    version: int | None = None,
) -> Outcome[Sitting]:
    """Writes how acts of the sitting were voted: they can be known from nowhere else later.

    Raises Invalid when a count does not hold together (each fault names its act as ``<act>-<column>``).
    """
    unchanged(sitting, version)
    acts = {act.pk: act for act in sitting.acts.exclude(state=DISCARDED).filter(pk__in=ballots)}
    faults = [
        Fault(f"{key}-{fault.field}", fault.code, fault.message, fault.remedy, fault.params)
        for key, act in acts.items()
        for fault in faults_of_ballot(ballots[key], voters=sitting.voters)
    ]
    if faults:
        raise Invalid(
            "votes-refused",
            "The votes were not recorded: a count does not hold together. Nothing you entered is lost.",
            "Correct each point below.",
            faults=faults,
        )
    told = [fact for key, act in acts.items() for fact in _voted(sitting, act, ballots[key])]
    if not told:
        raise Conflict(
            "votes-unchanged", "These votes are recorded already; nothing was done twice.", "Nothing to do."
        )
    sitting.version += 1
    sitting.save(update_fields=["version"])
    return Outcome(sitting, *told)


@action(Legality.LIST, on="sitting")
def publish_list(
    *,
    actor: Actor,
    sitting: Sitting,
    version: int | None = None,
) -> Outcome[Sitting]:
    """Prints the list of the deliberations examined as the sitting stands, and puts it on line (CGCT L.2121-25).

    Printed inside, so that a call sent again prints nothing. Said again, the newer list takes the place of the older, which
    the book still proves. Raises Invalid for an empty list.
    """
    unchanged(sitting, version)
    lines = lines_of(sitting)
    if not lines:
        raise Invalid(
            "list-empty",
            "The list is empty: no deliberation is attached to this sitting.",
            "Add what the assembly examined first.",
        )
    printed = documents.receive(
        [list_of_deliberations(sitting, language=actor.language, at=actor.now())],
        name=list_name(sitting),
        organisation=sitting.organisation_id,
        actor=replace(actor, idempotency_key=None),
        limit=TOTAL_SIZE,
    )
    file = documents.attach(printed, holder=sitting.subject)
    sitting.listed, sitting.list_file, sitting.listed_at = lines, file, actor.now()
    sitting.version += 1
    sitting.save()
    worklist.close_items(sitting.subject, LIST_DUE)
    return Outcome(
        sitting,
        facts.DeliberationsListed(
            subject=sitting.subject,
            matter=sitting.pk,
            held_on=sitting.held_on,
            body_kind=sitting.kind,
            due_on=due_on(sitting),
            count=len(lines),
            content=file.sha256,
        ),
    )


def _write(actor: Actor, sitting: Sitting, words: SittingWords) -> None:
    tidied = SittingWords(
        held_on=words.held_on,
        kind=words.kind,
        presiding=_tidied(words.presiding),
        quality=one_line(words.quality)[:150],
        secretaries=[_tidied(one) for one in words.secretaries][:MOST_SECRETARIES],
        in_office=_count(words.in_office),
        present=_count(words.present),
        represented=_count(words.represented),
        attendance=clean(words.attendance)[:LONGEST_ATTENDANCE],
    )
    if faults := faults_of_sitting(tidied, legal_day(actor.now())):
        raise Invalid(
            "sitting-incomplete",
            "The sitting was not recorded: something is missing. Nothing you entered is lost.",
            "Correct each point below.",
            faults=faults,
        )
    for name in ("held_on", "kind", "quality", "in_office", "present", "represented", "attendance"):
        setattr(sitting, name, getattr(tidied, name))
    sitting.given_names, sitting.usual_name = tidied.presiding.given_names, tidied.presiding.usual_name
    sitting.version += 1
    sitting.save()
    sitting.secretaries.all().delete()
    SittingSecretary.objects.bulk_create(
        SittingSecretary(
            sitting=sitting, position=place, given_names=one.given_names, usual_name=one.usual_name
        )
        for place, one in enumerate(tidied.secretaries, start=1)
    )


def _tidied(name: Name) -> Name:
    return Name(one_line(name.given_names)[:100], one_line(name.usual_name)[:100])


def _count(given: int | None) -> int | None:
    return given if given is not None and 0 <= given <= MOST_MEMBERS else None


def _voted(sitting: Sitting, act: Act, ballot: Ballot) -> Iterator[Fact]:
    """Writes one ballot, and tells it when it changed something."""
    tidied = Ballot(
        outcome=ballot.outcome,
        votes_for=ballot.votes_for,
        against=ballot.against,
        abstention=ballot.abstention,
        not_voting=ballot.not_voting,
        names=clean(ballot.names)[:LONGEST_ATTENDANCE],
    )
    if ballot_of(act) == tidied:
        return
    written = {name: getattr(tidied, name) for name in Ballot.__dataclass_fields__}
    Vote.objects.update_or_create(act=act, defaults=written)
    yield facts.ActVoted(**about(act), sitting=sitting.pk, **written)


def _told_of(sitting: Sitting) -> dict[str, Any]:
    return {
        "subject": sitting.subject,
        "matter": sitting.pk,
        "held_on": sitting.held_on,
        "body_kind": sitting.kind,
        "in_office": sitting.in_office,
        "present": sitting.present,
        "represented": sitting.represented,
        "presiding": sitting.presiding,
        "secretaries": ", ".join(map(str, sitting.secretaries.all())),
    }


def _await_list(sitting: Sitting, actor: Actor) -> None:
    """The desk says, until it is published, by when the list of deliberations is due."""
    place = {"organisation": sitting.organisation.reference, "sitting": sitting.pk}
    with override("fr"):  # what a body wrote is French, whatever the language of the page
        title = _("Sitting of %(day)s") % {"day": long_date(sitting.held_on)}
    worklist.open_item(
        organisation=sitting.organisation_id,
        subject=sitting.subject,
        matter=sitting.pk,
        kind=LIST_DUE,
        title=title,
        verb=gettext_noop("Publish the list of deliberations"),
        address=reverse("legality_desk:sitting", kwargs=place),
        permission=Legality.LIST,
        due_at=first_instant(due_on(sitting) + timedelta(days=1)) - timedelta(seconds=1),
        state_label=gettext_noop("List to publish"),
        tone="wait",
        at=actor.now(),
    )
