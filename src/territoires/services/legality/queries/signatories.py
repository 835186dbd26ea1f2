"""Who signs an act electronically: those whom the law names, those who have signed, what waits for one of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as _

from territoires.foundations.actions import api as actions
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Fault

from ..domain.files import PDF
from ..domain.life import SIGNING
from ..domain.signature import AUTHOR, DELIBERATION, SECRETARY, Expected, expected_signatories, name_key
from ..models import Act, Signatory, Sitting
from ..permissions import Legality

MOST_WAITING = 200


def signatories_of(act: Act) -> list[Signatory]:
    """Those asked to sign the act, signed or not."""
    return list(act.signatories.select_related("document"))


def expected_of(act: Act, sitting: Sitting | None) -> tuple[Expected, ...]:
    """Those whom the law wants to sign it, taken in ``sitting``."""
    author = Expected(AUTHOR, act.given_names, act.usual_name, act.quality)
    secretaries = sitting.secretaries.all() if sitting else ()
    return expected_signatories(
        nature=act.nature,
        author=author,
        secretaries=[
            Expected(SECRETARY, one.given_names, one.usual_name, "secrétaire de séance")
            for one in secretaries
        ],
    )


def sitting_for(act: Act) -> Sitting | None:
    """The sitting of a deliberation: the one that it is attached to, else the only one of its body on that day."""
    if act.sitting is not None or act.nature != DELIBERATION or act.decided_on is None:
        return act.sitting
    held = list(Sitting.objects.filter(organisation=act.organisation_id, held_on=act.decided_on)[:2])
    return held[0] if len(held) == 1 else None


def faults_of_electronic_signature(act: Act) -> list[Fault]:
    """What forbids an electronic signature beside what forbids any."""
    faults = []
    if act.main is not None and act.main.media_type != PDF:
        faults.append(
            Fault(
                "main",
                "signature-not-pdf",
                _("Only a PDF is signed electronically here."),
                _("Sign it in the program that made it, or by hand."),
            )
        )
    if act.nature == DELIBERATION and sitting_for(act) is None:
        faults.append(
            Fault(
                "sitting",
                "signature-sitting",
                _("The secretary of the sitting, who signs a deliberation too, is not known."),
                _("Record the sitting of that day first, with its secretary."),
            )
        )
    return faults


def key_of(actor: Actor) -> str:
    """How the actor's person is recognised among signatories."""
    person = _people().get(pk=actor.person)
    return name_key(person.given_names, person.usual_name)


def signed_by(actor: Actor) -> Q:
    """The places among signatories that are the actor's person's: asked of her, or of a name that no member bore."""
    return Q(asked=actor.person) | Q(asked=None, name_key=key_of(actor))


def places_of(signatories: Sequence[Signatory], actor: Actor) -> list[Signatory]:
    """Those of ``signatories`` that are the actor's person's, by the same rule."""
    own = cache(lambda: key_of(actor))
    return [
        one
        for one in signatories
        if (one.asked_id == actor.person if one.asked_id is not None else one.name_key == own())
    ]


def waiting_for(actor: Actor) -> list[Act]:
    """The acts that wait for the signature of the actor's person, the oldest decision first."""
    if actor.person is None:
        return []
    mine = Signatory.objects.filter(signed_by(actor), signed_at=None).values("act")
    acts: QuerySet[Act] = actions.visible(actor, Legality.SIGN_ELECTRONICALLY).filter(
        state=SIGNING, pk__in=mine
    )
    return list(acts.select_related("main", "organisation").order_by("decided_on", "number")[:MOST_WAITING])


def awaits(actor: Actor, act: Act) -> bool:
    """Whether the act waits for the signature of the actor's person."""
    if act.state != SIGNING or actor.person is None:
        return False
    return act.signatories.filter(signed_by(actor), signed_at=None).exists()


def members_named(act: Act, expected: Expected, actor: Actor) -> list[Any]:
    """The members of the act's body who bear that name: whose desk says that a signature is awaited."""
    in_body = identity.in_force(actor.now(), "memberships__")
    found = _people().filter(in_body, memberships__organisation=act.organisation_id).distinct()
    surname = expected.name_key.partition("/")[0]
    return [
        person
        for person in found.filter(name_folded__startswith=surname)[:20]
        if name_key(person.given_names, person.usual_name) == expected.name_key
    ]


def namesakes_of(act: Act, actor: Actor) -> dict[str, list[Any]]:
    """The names on an act that several members of its body bear, by key: who is meant must be said."""
    named = {one.name_key: members_named(act, one, actor) for one in expected_of(act, sitting_for(act))}
    return {key: members for key, members in named.items() if len(members) > 1}


def addresses_of(people: Sequence[Any]) -> dict[UUID, str]:
    """By what each signs in, which tells persons of one name apart."""
    accounts = apps.get_model("identity", "Account")._default_manager
    rows = accounts.filter(person__in=[person.pk for person in people], is_active=True)
    return dict(rows.values_list("person", "email"))


def _people() -> Any:
    return apps.get_model("identity.Person")._default_manager
