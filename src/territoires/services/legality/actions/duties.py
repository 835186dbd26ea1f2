"""What is declared beside the rules: whether one act goes to the State, how a body makes its acts public."""

from __future__ import annotations

from datetime import date

from django.apps import apps

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Subject

from ..domain import transmission
from ..domain.effect import CHOICES
from ..domain.life import COMPLETE, LIFE
from ..domain.wording import one_line
from ..models import Act, PublicationChoice, known
from ..permissions import Legality
from ..queries.effect import publicity_of, rule_of
from .moving import stated
from .telling import with_nature
from .waiting import wait_for_next_step

DELIBERATION_LENGTH = 200


@action(Legality.DECLARE, on="act")
def declare_duty(
    *, actor: Actor, act: Act, is_transmitted: bool, reason: str, version: int | None = None
) -> Outcome[Act]:
    """Declares that the act is, or is not, transmitted to the State, whatever the rule of its kind says.

    Raises Conflict for an act that is over, or on its way to the State already; Invalid without a reason.
    """
    unchanged(act, version)
    if LIFE.states[act.state].final:
        raise Conflict("act-over", "This act has no effect any more.", "Nothing needs to be declared of it.")
    if act.transmissions.filter(state__in=transmission.LIVE).exists():
        raise Conflict(
            "transmission-under-way",
            "This act is on its way to the State, or has reached it.",
            "Cancel its transmission first, if it should never have left.",
        )
    act.is_transmitted, act.transmission_reason = is_transmitted, stated(reason)
    act.version += 1
    act.changed_at = actor.now()
    act.save()
    if act.state in COMPLETE:
        wait_for_next_step(act, actor)
    return Outcome(
        act,
        facts.ActDutyDeclared(
            **with_nature(act),
            rule=rule_of(act).code,
            is_transmitted=is_transmitted,
            reason=act.transmission_reason,
        ),
    )


@action(Legality.CHOOSE)
def choose_publication(
    *, actor: Actor, mode: str, from_on: date | None, deliberation: str, is_small: bool = False
) -> Outcome[PublicationChoice]:
    """Records how the acting body decided to make its acts public from a day on; the same day again corrects it.

    ``is_small``: the body says that it is under the threshold, where the platform does not know its population. Raises Conflict for a body that publishes on line whatever it decides, Invalid without mode, day or deliberation.
    """
    organisation = actor.acting_organisation()
    decided = one_line(deliberation)[:DELIBERATION_LENGTH]
    if faults := _faults(mode, from_on, decided):
        raise Invalid(
            "choice-incomplete",
            "The choice was not recorded: something is missing. Nothing you entered is lost.",
            "Correct each point below.",
            faults=faults,
        )
    body = apps.get_model("identity.Organisation")._default_manager.get(pk=organisation)
    day = known(from_on)
    publicity = publicity_of(body, day)
    if publicity.hinges_on is not None and not is_small:
        raise _population_unknown(publicity.hinges_on)
    if not publicity.may_choose:
        raise Conflict(
            "no-choice",
            "From its population or its kind, your body publishes its acts on line; it has no choice to make.",
            "If the population shown is wrong, tell the operator.",
        )
    choice, _created = PublicationChoice.objects.update_or_create(
        organisation_id=organisation,
        from_on=day,
        defaults={"mode": mode, "deliberation": decided},
    )
    return Outcome(
        choice,
        facts.PublicationModeChosen(
            subject=Subject("identity.organisation", organisation),
            mode=mode,
            from_on=day,
            deliberation=decided,
            declared_small=publicity.hinges_on is not None,
        ),
    )


def _population_unknown(threshold: int) -> Invalid:
    return Invalid(
        "population-unknown",
        "The choice was not recorded: the platform does not know the population of your body.",
        "Correct the point below.",
        faults=[
            Fault(
                "is_small",
                "population-not-said",
                "Only a body with fewer than %(threshold)d inhabitants chooses.",
                "Tick the box if yours has fewer; otherwise its acts are published on line.",
                {"threshold": threshold},
            )
        ],
    )


def _faults(mode: str, from_on: date | None, deliberation: str) -> list[Fault]:
    faults = []
    if mode not in CHOICES:
        faults.append(
            Fault(
                "mode", "mode-missing", "It is not said how the acts are public.", "Choose one of the three."
            )
        )
    if from_on is None:
        faults.append(
            Fault(
                "from_on",
                "choice-date",
                "It is not said from which day the choice holds.",
                "Give the day on which the deliberation takes effect.",
            )
        )
    if not deliberation:
        faults.append(
            Fault(
                "deliberation",
                "deliberation-missing",
                "The deliberation that decided it is not named.",
                "Give its number and its date: without it, acts are published on line.",
            )
        )
    return faults
