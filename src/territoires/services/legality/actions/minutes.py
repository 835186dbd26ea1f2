"""The minutes of a sitting: published within the legal week of the sitting that adopted them (CGCT L.2121-15)."""

from __future__ import annotations

from datetime import date, timedelta

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
from territoires.ui.dates import long_date

from ..models import Sitting
from ..permissions import Legality
from ..queries.files import SoundFile, received
from ..queries.minutes import minutes_due_on, minutes_of, sitting_before

MINUTES_DUE = "minutes"


@action(Legality.LIST, on="sitting")
def publish_minutes(
    *,
    actor: Actor,
    sitting: Sitting,
    file: SoundFile,
    adopted_on: date | None,
    version: int | None = None,
) -> Outcome[Sitting]:
    """Puts on line the minutes that the sitting of ``adopted_on`` adopted; said again, the newer file takes their place.

    Raises Conflict before the list of deliberations is published, Invalid for a day that cannot be.
    """
    unchanged(sitting, version)
    if sitting.listed_at is None:
        raise Conflict(
            "list-first",
            "The list of deliberations of this sitting is not published: its page is not public yet.",
            "Publish the list first; the minutes then stand beside it.",
        )
    if adopted_on is None or not sitting.held_on < adopted_on <= legal_day(actor.now()):
        raise Invalid(
            "minutes-refused",
            "The minutes were not published.",
            "Correct the day below.",
            faults=[
                Fault(
                    "adopted_on",
                    "minutes-adopted",
                    "Minutes are adopted at a later sitting, at the latest today.",
                    "Give the day of the sitting that adopted them.",
                )
            ],
        )
    document = documents.attach(received(actor, file.document), holder=sitting.subject)
    sitting.minutes_file, sitting.minutes_at, sitting.minutes_adopted_on = document, actor.now(), adopted_on
    sitting.version += 1
    sitting.save()
    worklist.close_items(sitting.subject, MINUTES_DUE)
    return Outcome(
        sitting,
        facts.MinutesPublished(
            subject=sitting.subject,
            matter=sitting.pk,
            held_on=sitting.held_on,
            body_kind=sitting.kind,
            adopted_on=adopted_on,
            due_on=minutes_due_on(adopted_on),
            content=document.sha256,
        ),
    )


def await_minutes_before(sitting: Sitting, actor: Actor) -> None:
    """A sitting adopts the minutes of the one before it: the desk says by when these are to be published."""
    before = sitting_before(sitting)
    due_on = minutes_of(before).due_on if before is not None else None
    if before is None or due_on is None or before.minutes_at is not None:
        return
    place = {"organisation": before.organisation.reference, "sitting": before.pk}
    with override("fr"):  # what a body wrote is French, whatever the language of the page
        title = _("Minutes of the sitting of %(day)s") % {"day": long_date(before.held_on)}
    worklist.close_items(before.subject, MINUTES_DUE)
    worklist.open_item(
        organisation=before.organisation_id,
        subject=before.subject,
        matter=before.pk,
        kind=MINUTES_DUE,
        title=title,
        verb=gettext_noop("Publish the minutes"),
        address=reverse("legality_desk:sitting", kwargs=place),
        permission=Legality.LIST,
        due_at=first_instant(due_on + timedelta(days=1)) - timedelta(seconds=1),
        state_label=gettext_noop("Minutes to publish"),
        tone="wait",
        at=actor.now(),
    )
