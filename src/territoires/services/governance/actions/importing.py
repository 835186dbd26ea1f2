"""A file of members, persons and roles: tried as it would be carried out, then carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from territoires.contracts.governance import MemberAdmitted, MembersImported
from territoires.foundations.actions.api import Outcome, action, rehearse, together
from territoires.foundations.identity import api as identity
from territoires.foundations.packs.api import pack
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid, TerritoiresError
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean

from ..domain.colleges import college_of
from ..domain.members_file import Line, MembersFile
from ..models import identity_rows, organisations
from ..permissions import Governance

# Enterprises sign up themselves, and there is one operator.
NOT_ADMITTED = ("enterprise", "operator")


@dataclass(frozen=True, slots=True)
class Step:
    """What one line does. ``fate`` names its effects: created, admitted, enrolled, given; none when all stood already."""

    number: int
    organisation: str
    person: str
    role: str
    fate: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The lines that can be done, or were, and the faults of the others."""

    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]
    is_done: bool = False


def try_import(*, actor: Actor, read: MembersFile) -> ImportReport:
    """What the file would do: it is carried out, and all of it undone. Raises Denied like ``carry_out``."""
    return replace(rehearse(carry_out, actor=actor, read=read), is_done=False)


@action(Governance.IMPORT_MEMBERS)
def carry_out(*, actor: Actor, read: MembersFile) -> Outcome[ImportReport]:
    """Does each good line whole; one that is refused is told, and leaves the others alone."""
    actor = replace(actor, idempotency_key=None)  # the key is of the file, not of each line
    steps: list[Step] = []
    faults = list(read.faults)
    for line in read.lines:
        try:
            with together():
                steps.append(_do(actor, line))
        except TerritoiresError as refusal:
            faults.append(
                Fault(str(line.number), refusal.code, refusal.message, refusal.remedy, refusal.params)
            )
    faults.sort(key=lambda fault: int(fault.field))
    report = ImportReport(tuple(steps), tuple(faults), is_done=True)
    subject = Subject("governance.import", new_id())
    return Outcome(report, MembersImported(subject=subject, lines=len(steps), refused=len(faults)))


@action(Governance.IMPORT_MEMBERS)
def admit_member(*, actor: Actor, line: Line, known: Any | None) -> Outcome[Any]:
    """Makes an organisation a member of the grouping, from a day; one that the platform does not know is written down.

    Raises Invalid when the line says too little of an unknown one.
    """
    today = legal_day(actor.now())
    row = known or _unknown(line, pack("colleges", on=today).entries)
    row.member_since, row.member_until = line.member_since or today, None
    row.save()
    fact = MemberAdmitted(
        subject=Subject("identity.organisation", row.pk),
        matter=row.pk,
        reference=row.reference,
        since=row.member_since,
        is_new=known is None,
    )
    return Outcome(row, fact)


def _do(actor: Actor, line: Line) -> Step:
    fate: list[str] = []
    known = organisations().filter(reference=line.reference).first()
    if known is not None:
        _require_open(known, legal_day(actor.now()))
    row: Any = known
    if known is None or _awaits_admission(known):
        row = admit_member(actor=actor, line=line, known=known)
        fate.append("admitted" if known else "created")
    holder = line.holder
    if holder is None:
        return Step(line.number, row.name, "", "", tuple(fate))
    before = _standing(row, holder.email, holder.role)
    identity.enrol_person(
        actor=actor,
        organisation=row,
        email=holder.email,
        given_names=holder.given_names,
        usual_name=holder.usual_name,
        role=holder.role,
        scope=holder.services,
        job_title=holder.job_title,
        until=holder.until,
    )
    after = _standing(row, holder.email, holder.role)
    fate += [word for word in ("enrolled", "given") if before.get(word) != after[word]]
    name = f"{holder.given_names} {holder.usual_name}"
    return Step(line.number, row.name, name, identity.role_label(holder.role, holder.services), tuple(fate))


def _awaits_admission(row: Any) -> bool:
    is_member = row.member_since is not None and row.member_until is None
    return not is_member and row.kind not in NOT_ADMITTED


def _require_open(row: Any, today: date) -> None:
    if row.closed_on is not None and row.closed_on <= today:
        raise Conflict(
            "closed-organisation",
            gettext_noop("%(name)s is closed since %(day)s."),
            gettext_noop("Give the number of the body that took its place."),
            params={"name": row.name, "day": row.closed_on.isoformat()},
        )


def _standing(organisation: Any, email: str, role: str) -> Mapping[str, Any]:
    """The membership of an address in an organisation, and the terms of the role held there."""
    membership = (
        identity_rows("Membership")
        .filter(organisation=organisation, person__account__email__iexact=email, ended_at=None)
        .order_by("-since_on")
        .first()
    )
    if membership is None:
        return {}
    held = identity_rows("RoleAssignment").filter(membership=membership, role=role, ended_at=None)
    return {
        "enrolled": membership.pk,
        "given": list(held.order_by("id").values_list("id", "scope", "until_on")),
    }


def _unknown(line: Line, colleges: Any) -> Any:
    name = clean(line.organisation)[:200]
    if not name or not line.kind or line.kind in NOT_ADMITTED:
        raise Invalid(
            "unknown-organisation",
            gettext_noop(
                "The platform does not know %(reference)s: its name and kind are needed to write it down."
            ),
            gettext_noop("Fill the columns organisation and kind, or correct the number."),
            params={"reference": line.reference},
        )
    return organisations().model(
        id=new_id(),
        reference=line.reference,
        siren=line.reference[:9],
        siret=line.reference if len(line.reference) > 9 else "",
        name=name,
        kind=line.kind,
        legal_category=line.legal_category[:4],
        college=college_of(
            kind=line.kind, legal_category=line.legal_category, population=None, colleges=colleges
        ),
    )
