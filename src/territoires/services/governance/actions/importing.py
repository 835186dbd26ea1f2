"""Carrying out a file of members, persons and roles, after it was tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from territoires.contracts.governance import MembersImported
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Fault, TerritoiresError
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain.members_file import Line, MembersFile
from ..models import organisations
from ..permissions import Governance


@dataclass(frozen=True, slots=True)
class Step:
    """What one line does: a person enrolled in an organisation with a role."""

    number: int
    person: str
    organisation: str
    role: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The lines that can be done, or were, and the faults of the others."""

    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]
    is_done: bool = False


def try_import(*, read: MembersFile) -> ImportReport:
    """What the file would do; changes nothing."""
    known = _known(read)
    steps, faults = [], list(read.faults)
    for line in read.lines:
        if line.siren in known:
            steps.append(_step(line, known[line.siren]))
        else:
            faults.append(_unknown(line))
    return ImportReport(tuple(steps), tuple(sorted(faults, key=lambda fault: int(fault.field))))


@action(Governance.IMPORT_MEMBERS)
def carry_out(*, actor: Actor, read: MembersFile) -> Outcome[ImportReport]:
    """Enrols each person of a good line; a line that identity refuses is told and leaves the others alone."""
    known = _known(read)
    steps: list[Step] = []
    faults = list(read.faults)
    for line in read.lines:
        if line.siren not in known:
            faults.append(_unknown(line))
            continue
        try:
            identity.enrol_person(
                actor=actor,
                organisation=known[line.siren],
                email=line.email,
                given_names=line.given_names,
                usual_name=line.usual_name,
                role=line.role,
                job_title=line.job_title,
                until=line.until,
            )
        except TerritoiresError as refusal:
            faults.append(
                Fault(str(line.number), refusal.code, refusal.message, refusal.remedy, refusal.params)
            )
        else:
            steps.append(_step(line, known[line.siren]))
    report = ImportReport(tuple(steps), tuple(faults), is_done=True)
    return Outcome(
        report,
        MembersImported(
            subject=Subject("governance.import", new_id()), lines=len(steps), refused=len(faults)
        ),
    )


def _known(read: MembersFile) -> dict[str, Any]:
    rows = organisations().filter(reference__in={line.siren for line in read.lines}, closed_on__isnull=True)
    return {row.reference: row for row in rows}


def _step(line: Line, organisation: Any) -> Step:
    return Step(line.number, f"{line.given_names} {line.usual_name}", organisation.name, line.role)


def _unknown(line: Line) -> Fault:
    return Fault(
        str(line.number),
        "unknown-organisation",
        gettext_noop("No open organisation of the platform has the SIREN %(siren)s."),
        params={"siren": line.siren},
    )
