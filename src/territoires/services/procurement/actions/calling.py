"""A contract under a framework agreement or a dynamic purchasing system: a call to those who hold it, or are admitted to it.

It is a consultation of its own, among the enterprises of its parent: whoever is admitted to the category (CCP R2162-49), the
holders put in competition again (R2162-10), or the one that the terms of the agreement designate.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action, require
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict

from ..domain.law import DYNAMIC, SPECIFIC, SUBSEQUENT
from ..domain.wording import InvitedWords, stated
from ..models import LONGEST_REASON, Consultation, Correspondent
from ..permissions import Procurement
from ..queries.addressees import people_of
from ..queries.buyers import buyers_of
from ..queries.evaluation import criteria_for
from ..queries.systems import Called, called_under, calls_all_admitted, carries_contracts, lot_numbered
from .inviting import invitation_to
from .moving import about
from .preparing import begin, copy_criteria, copy_rows

# What is the same for each contract under a parent.
INHERITED = (
    "main_procurement_category",
    "regime",
    "is_social_service",
    "cpv",
    "additional_cpvs",
    "nuts",
    "purchasing_form",
    "group_agreement",
    "environmental_clause",
    "social_clause",
    "validity_days",
    "contact_email",
    "review_body",
    "signature_time",
)


@action(Procurement.READ, on="parent")
def call_under(
    *,
    actor: Actor,
    parent: Consultation,
    title: str,
    lot: int | None = None,
    holder: UUID | None = None,
    ground: str = "",
) -> Outcome[Consultation]:
    """Begins the contract: a draft with the criteria and the terms of its parent, and whom it invites.

    All of them are invited, or of a framework agreement one ``holder`` alone, and ``ground`` says by which of its terms.
    Raises Conflict when nothing is carried any more or nobody can be invited, Invalid.
    """
    require(actor, Procurement.START)
    is_dynamic = parent.procedure == DYNAMIC
    _require_carrying(parent, actor)
    category = lot_numbered(parent, lot)
    called = called_under(parent, lot)
    said = ""
    if holder is not None and not is_dynamic:
        called = [one for one in called if one.enterprise.pk == holder]
        said = stated(ground, limit=LONGEST_REASON // 2)
    values = {name: getattr(parent, name) for name in INHERITED}
    if category is not None:
        values |= {
            name: getattr(category, name) or values[name] for name in ("cpv", "additional_cpvs", "nuts")
        }
    reference = f"{parent.reference} {parent.title}"[:300]
    values |= {
        "procedure": SPECIFIC if is_dynamic else SUBSEQUENT,
        "procedure_ground": " ".join((reference, f"({category})" if category else "", said)).strip(),
        "parent": parent,
        "parent_lot": lot,
    }
    outcome = begin(actor, title, values)
    made = outcome.value
    copy_criteria(criteria_for(parent, category), made, lot_number=None)
    copy_rows(buyers_of(parent), made)
    invite(actor, made, called)
    fact = facts.CalledUnder(
        **about(made),
        parent=parent.pk,
        parent_lot=lot,
        invited=tuple(one.enterprise.pk for one in called),
    )
    return Outcome(made, *outcome.facts, fact)


def invite(actor: Actor, consultation: Consultation, called: Sequence[Called]) -> None:
    """Writes who is invited anew, each at an address of somebody who can sign in for it. Raises Conflict."""
    if not called:
        raise Conflict(
            "nobody-to-call",
            "Nobody is admitted to this category, or holds this agreement.",
            "Admit enterprises first, or choose another lot.",
        )
    Correspondent.objects.filter(consultation=consultation).delete()
    taken: set[str] = set()
    for one in called:
        people = people_of(one.enterprise.pk, actor.now(), one.person)
        free = [person for person in people if person.email.casefold() not in taken]
        if not free:
            raise Conflict(
                "enterprise-unreachable",
                "%(name)s has no address of its own here: it could not be invited.",
                "Ask it to open an account, or to name somebody else.",
                params={"name": one.enterprise.name},
            )
        taken.add(free[0].email.casefold())
        words = InvitedWords(one.enterprise.name, one.enterprise.siret, free[0].email)
        made = invitation_to(actor, consultation, words)
        made.language = free[0].language
        # An account that is admitted, or holds the agreement, has nothing more to accept.
        made.accepted_by, made.accepted_at = one.enterprise, actor.now()
        made.save(force_insert=True)


def call_all_admitted(actor: Actor, consultation: Consultation) -> None:
    """Just before the invitations leave: whoever was admitted to the category meanwhile is invited, too."""
    parent = consultation.parent
    if parent is None or not calls_all_admitted(consultation):
        return
    _require_carrying(parent, actor)
    invite(actor, consultation, called_under(parent, consultation.parent_lot))


def _require_carrying(parent: Consultation, actor: Actor) -> None:
    last = parent.in_force_until
    if not carries_contracts(parent) or (last is not None and legal_day(actor.now()) > last):
        raise Conflict(
            "carries-nothing",
            "No contract is called under it: it is not in force, or no more.",
            "Set the system up, or have the framework agreement notified to its holders.",
        )
