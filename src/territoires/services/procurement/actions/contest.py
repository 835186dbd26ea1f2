"""The anonymity of a contest is lifted: after the opinion of the jury, names are put to its projects (CCP R2162-15 to R2162-21)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Fault, Invalid

from ..domain.wording import stated
from ..models import LONGEST_REASON, Consultation, Deposit, LetterKind
from ..permissions import Procurement
from ..queries.contests import jury_opinions, lots_for_jury, projects_of
from ..queries.evaluation import candidacies_of
from ..queries.letters import LANGUAGE, euros
from ..queries.rounds import current_round, is_anonymous
from .examining import require_analysis
from .moving import about
from .negotiating import write_letter
from .next_step import wait_for_next_step


@action(Procurement.AWARD, on="consultation")
def lift_anonymity(
    *,
    actor: Actor,
    consultation: Consultation,
    prizes: Mapping[UUID, Decimal] | None = None,
    reason: str = "",
    version: int | None = None,
) -> Outcome[Consultation]:
    """Puts names to the projects, for good, and tells each author its number and its prize.

    ``prizes`` are euros by deposit, where another one than was announced; ``reason`` says why one is less. Raises Conflict
    before the jury has given its opinion on every lot in a meeting whose minutes are kept, Invalid.
    """
    unchanged(consultation, version)
    require_analysis(consultation)
    if not is_anonymous(consultation):
        raise Conflict("not-anonymous", "Nothing is anonymous here, or no more.", "Go on with the award.")
    projects = projects_of(consultation)
    if not projects or lots_for_jury(consultation):
        raise Conflict(
            "jury-opinion-missing",
            "The jury has not given its opinion on all projects in a meeting that is over: names stay hidden.",
            "Convene the jury, record its opinion, and close the meeting with its minutes.",
        )
    granted = _granted(consultation, projects, prizes or {})
    said = _require_reason(consultation, granted, reason)
    consultation.anonymity_lifted_at = actor.now()
    consultation.version += 1
    consultation.save()
    Deposit.objects.filter(consultation=consultation, is_anonymous=True).update(is_anonymous=False)
    authors = {one.bidder_id: one for one in candidacies_of(consultation)}
    for project in projects:
        project.prize = granted[project.pk]
        project.save(update_fields=["prize"])
        body = {"lots": [], "paragraphs": _paragraphs(project, said)}
        author = authors[project.bidder_id]
        write_letter(actor, consultation, author, LetterKind.PRIZE, current_round(consultation), body)
    wait_for_next_step(consultation, actor)
    fact = facts.AnonymityLifted(
        **about(consultation),
        meeting=jury_opinions(consultation)[-1].meeting_id,
        aliases=tuple(one.alias or 0 for one in projects),
        bidders=tuple(one.bidder_id for one in projects),
        prizes=tuple(granted[one.pk] for one in projects),
        reason=said,
    )
    return Outcome(consultation, fact)


def _granted(
    consultation: Consultation, projects: list[Deposit], prizes: Mapping[UUID, Decimal]
) -> dict[UUID, Decimal]:
    announced = consultation.prize or Decimal(0)
    granted = {one.pk: prizes.get(one.pk, announced) for one in projects}
    if any(amount < 0 for amount in granted.values()):
        raise Invalid("prize-negative", "A prize is no less than nothing.", "Correct it.")
    return granted


def _require_reason(consultation: Consultation, granted: Mapping[UUID, Decimal], reason: str) -> str:
    """What was announced is paid; less is granted for a reason that its author reads."""
    if all(amount >= (consultation.prize or 0) for amount in granted.values()):
        return ""
    if not reason.strip():
        fault = Fault(
            "reason",
            "prize-reason-missing",
            "A prize is less than was announced, and it is not said why.",
            "Say it, as the jury proposed.",
        )
        raise Invalid("prize-refused", "The anonymity was not lifted.", "Correct it.", faults=[fault])
    return stated(reason, limit=LONGEST_REASON)


def _paragraphs(project: Deposit, reason: str) -> list[str]:
    """What the author of a project reads, in the language in which a body writes."""
    with translation.override(LANGUAGE):
        lines = [
            _("The jury has given its opinion; the anonymity of the contest is lifted."),
            _("Your project bore the number %(number)s.") % {"number": project.alias},
            _("Prize: %(amount)s euros without VAT.") % {"amount": euros(project.prize or Decimal(0))},
        ]
    return [*lines, reason] if reason else lines
