"""Publicity on paper: the act is posted or held for whoever asks, and one day taken down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid

from ..domain.classification import PUBLISH
from ..domain.effect import EMERGENCY, ON_PAPER
from ..domain.wording import one_line
from ..models import Act, Posting, known
from ..permissions import Legality
from ..queries.effect import posting_of, publicity_of
from .moving import move, require_way
from .telling import about, with_author, with_files, with_nature
from .waiting import wait_for_next_step

PLACE_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class PostingNotice:
    """How (``domain.effect.ON_PAPER``), where and from which legal day an act is public on paper."""

    mode: str
    place: str
    posted_on: date | None


@action(Legality.PUBLISH, on="act")
def post_act(*, actor: Actor, act: Act, notice: PostingNotice, version: int | None = None) -> Outcome[Act]:
    """Records that the act is public on paper (CGCT L.2131-1, R.2131-1).

    Raises Conflict when its body publishes otherwise, except in an emergency; Invalid for a place or a day that cannot be.
    """
    move(act, "post", actor, version)
    require_way(act, PUBLISH)
    place = one_line(notice.place)[:PLACE_LENGTH]
    today = legal_day(actor.now())
    if faults := _faults(notice, place, known(act.signed_on), today):
        raise _posting_refused(*faults)
    posted_on = known(notice.posted_on)
    _require_mode(act, notice.mode, posted_on)
    Posting.objects.create(act=act, mode=notice.mode, place=place, posted_on=posted_on)
    act.save()
    wait_for_next_step(act, actor)
    return Outcome(
        act,
        facts.ActPosted(
            **with_nature(act),
            **with_author(act),
            **with_files(act),
            decided_on=known(act.decided_on),
            posted_on=posted_on,
            mode=notice.mode,
            object=act.object,
        ),
    )


@action(Legality.PUBLISH, on="act")
def end_posting(
    *, actor: Actor, act: Act, removed_on: date | None, version: int | None = None
) -> Outcome[Act]:
    """Records the last day of the posting: the certificate then gives both. Raises Conflict when nothing hangs."""
    unchanged(act, version)
    posting = posting_of(act)
    if posting is None or posting.removed_on is not None:
        raise Conflict(
            "not-posted", "This act is not posted any more.", "Look at its page: the days stand there."
        )
    if removed_on is None or not posting.posted_on <= removed_on <= legal_day(actor.now()):
        raise _posting_refused(
            Fault(
                "removed_on",
                "removal-date",
                "The last day of the posting lies between its first day and today.",
                "Give the day on which the act was taken down.",
            )
        )
    posting.removed_on = removed_on
    posting.save(update_fields=["removed_on"])
    act.version += 1
    act.changed_at = actor.now()
    act.save()
    return Outcome(
        act, facts.ActPostingEnded(**about(act), posted_on=posting.posted_on, removed_on=removed_on)
    )


def _require_mode(act: Act, mode: str, posted_on: date) -> None:
    in_force = publicity_of(act.organisation, posted_on)
    if mode in (in_force.mode, EMERGENCY):
        return
    raise Conflict(
        "other-publicity",
        "On that day your body made its acts public otherwise: such a posting would not make the act executory.",
        "Publish it as your body decided, or record first the deliberation that chose another way.",
    )


def _faults(notice: PostingNotice, place: str, signed_on: date, today: date) -> list[Fault]:
    faults = []
    if notice.mode not in ON_PAPER:
        faults.append(
            Fault("mode", "mode-missing", "It is not said how the act is public.", "Choose one in the list.")
        )
    if not place:
        faults.append(
            Fault(
                "place",
                "place-missing",
                "It is not said where the act can be read.",
                "Give the place, for instance the board of the town hall.",
            )
        )
    if notice.posted_on is None or not signed_on <= notice.posted_on <= today:
        faults.append(
            Fault(
                "posted_on",
                "posting-date",
                "The day of the posting lies between the signature and today.",
                "Give the day on which the act was first to be read.",
            )
        )
    return faults


def _posting_refused(*faults: Fault) -> Invalid:
    return Invalid(
        "posting-incomplete",
        "The posting was not recorded: something is missing. Nothing you entered is lost.",
        "Correct each point below.",
        faults=list(faults),
    )
