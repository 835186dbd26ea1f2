"""A file of members, persons and roles: tried as it would be carried out, then carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_noop

from territoires.contracts.governance import MemberAdmitted, MembersImported
from territoires.foundations.actions.api import Outcome, action, require
from territoires.foundations.identity import api as identity
from territoires.foundations.packs.api import pack
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid, TerritoiresError
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean, fold

from ..domain.colleges import college_of
from ..domain.members_file import Holder, Line, MembersFile
from ..models import organisations
from ..permissions import Governance

# Enterprises sign up themselves, and there is one operator.
NOT_ADMITTED = ("enterprise", "operator")
BATCH = 1_000


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
    """What the file would do, told without doing it. Raises Denied like ``carry_out``."""
    require(actor, Governance.IMPORT_MEMBERS)
    rows = organisations().filter(reference__in=_references(read))
    return _Plan(actor, read, list(rows)).report(is_done=False)


def carry_out(*, actor: Actor, read: MembersFile) -> ImportReport:
    """Does each good line whole; one that is refused is told, and leaves the others alone. The good lines are done all
    or none: who is stopped in the middle starts again, and a request key that comes again gets the first report.
    Raises Conflict when somebody wrote the same down meanwhile."""
    try:
        return _report_of(_carry_out(actor=actor, read=read))
    except IntegrityError:
        raise Conflict(
            "written-meanwhile",
            gettext_noop(
                "Somebody wrote one of these people or members down at the same instant; nothing was done."
            ),
            gettext_noop("Carry the file out again: what stands by now is left as it is."),
        ) from None


@action(Governance.IMPORT_MEMBERS)
def _carry_out(*, actor: Actor, read: MembersFile) -> Outcome[dict[str, Any]]:
    """The report as plain values, which a key can keep."""
    actor = replace(actor, idempotency_key=None)  # the key is of the file, not of its parts
    rows = organisations().select_for_update(of=("self",)).filter(reference__in=_references(read))
    plan = _Plan(actor, read, list(rows.order_by("pk")))
    facts = plan.write()
    report = plan.report(is_done=True)
    subject = Subject("governance.import", new_id())
    imported = MembersImported(subject=subject, lines=len(report.steps), refused=len(report.faults))
    return Outcome(asdict(report), *facts, imported)


def _report_of(told: dict[str, Any]) -> ImportReport:
    return ImportReport(
        steps=tuple(Step(**{**one, "fate": tuple(one["fate"])}) for one in told["steps"]),
        faults=tuple(Fault(**one) for one in told["faults"]),
        is_done=told["is_done"],
    )


def _references(read: MembersFile) -> set[str]:
    return {line.reference for line in read.lines}


class _Plan:
    """What the lines do to what stands, in memory; ``write`` then does it."""

    def __init__(self, actor: Actor, read: MembersFile, rows: Sequence[Any]) -> None:
        self._actor, self._today = actor, legal_day(actor.now())
        self._rows = {row.reference: row for row in rows}
        self._created: list[Any] = []
        self._admitted: list[Any] = []
        self._enrolled: dict[Any, Any] = {}
        self._colleges = pack("colleges", on=self._today).entries
        emails = {line.holder.email for line in read.lines if line.holder}
        self._enrolments = identity.prepare_enrolments(actor, emails=emails, organisations=rows)
        self._steps: list[Step] = []
        self._faults = list(read.faults)
        for line in read.lines:
            try:
                self._steps.append(self._do(line))
            except TerritoiresError as refusal:
                self._faults.append(
                    Fault(str(line.number), refusal.code, refusal.message, refusal.remedy, refusal.params)
                )
        self._faults.sort(key=lambda fault: int(fault.field))

    def report(self, *, is_done: bool) -> ImportReport:
        return ImportReport(tuple(self._steps), tuple(self._faults), is_done)

    def _do(self, line: Line) -> Step:
        row = self._rows.get(line.reference)
        if row is not None:
            _require_open(row, self._today)
        entry = "created" if row is None else "admitted" if _awaits_admission(row) else ""
        if row is None:
            row = _unknown(line, self._colleges)
        name = role = ""
        fate: list[str] = []
        if line.holder:
            fate = self._enrol(row, line.holder)
            name = f"{line.holder.given_names} {line.holder.usual_name}"
            role = identity.role_label(line.holder.role, line.holder.services)
        if entry:  # last, so that a refused line leaves the member alone
            row.member_since, row.member_until = line.member_since or self._today, None
            (self._created if entry == "created" else self._admitted).append(row)
            self._rows[line.reference] = row
            fate.insert(0, entry)
        return Step(line.number, row.name, name, role, tuple(fate))

    def _enrol(self, row: Any, holder: Holder) -> list[str]:
        is_new, is_given = self._enrolments.judge(
            identity.Enrolment(
                organisation=row,
                email=holder.email,
                given_names=holder.given_names,
                usual_name=holder.usual_name,
                role=holder.role,
                scope=holder.services,
                job_title=holder.job_title,
                until=holder.until,
            )
        )
        if is_new or is_given:
            self._enrolled[row.pk] = row
        return [word for word, holds in (("enrolled", is_new), ("given", is_given)) if holds]

    def write(self) -> list[MemberAdmitted]:
        """Writes members, then their people; answers the facts of the members."""
        organisations().bulk_create(self._created, batch_size=BATCH)
        organisations().bulk_update(self._admitted, ["member_since", "member_until"], batch_size=BATCH)
        if self._enrolled:
            identity.enrol_people(
                actor=self._actor,
                organisations=list(self._enrolled.values()),
                enrolments=self._enrolments,
            )
        return [
            MemberAdmitted(
                subject=Subject("identity.organisation", row.pk),
                matter=row.pk,
                reference=row.reference,
                since=row.member_since,
                is_new=is_new,
            )
            for rows, is_new in ((self._created, True), (self._admitted, False))
            for row in rows
        ]


def _awaits_admission(row: Any) -> bool:
    is_member = row.member_since is not None and row.member_until is None
    return not is_member and row.kind not in NOT_ADMITTED


def _require_open(row: Any, today: date) -> None:
    if row.closed_on is not None and row.closed_on <= today:
        raise Conflict(
            "closed-organisation",
            gettext_noop("%(name)s is closed since %(day)s."),
            gettext_noop("Give the number of the body that took its place."),
            params={"name": row.name, "day": row.closed_on},
        )


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
        name_folded=fold(name),
        kind=line.kind,
        legal_category=line.legal_category[:4],
        college=college_of(
            kind=line.kind, legal_category=line.legal_category, population=None, colleges=colleges
        ),
    )
