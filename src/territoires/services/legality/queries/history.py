"""A body's acts of before the platform: the imports, and what reading one of them whole tells."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.translation import gettext_noop

from territoires.foundations.actions import api as actions
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Fault, Invalid, Missing

from ..domain import life
from ..domain.files import ACKNOWLEDGEMENT, ANNEX, MAIN
from ..domain.history import LineFault, PastAct, read_table
from ..domain.preflight import TOTAL_SIZE
from ..models import Act, HistoryImport
from ..permissions import Legality
from .readiness import classification

# One line an act with some files each; what they weigh is bounded by what the form takes.
LIMITS = documents.ArchiveLimits(entries=60_000, opened_bytes=8 * 1024**3, directory_bytes=16 * 1024 * 1024)
PLACES = {"fichier": MAIN, "annexes": ANNEX, "accuse": ACKNOWLEDGEMENT}


@dataclass(slots=True)
class Examination:
    """The acts that would come, how many are here already, every fault, and the files that no line names."""

    new: list[PastAct] = field(default_factory=list)
    known: int = 0
    faults: list[LineFault] = field(default_factory=list)
    unnamed: int = 0


@contextlib.contextmanager
def opened(history: HistoryImport) -> Iterator[documents.TableBundle]:
    """What was handed over, ready to read. Raises Invalid, also for what is no table."""
    document = history.document
    if document.media_type != "application/zip" and not document.media_type.startswith("text/"):
        raise Invalid(
            "history-format",
            "This is neither a table (CSV) nor an archive (ZIP): judged by its content, it is %(media_type)s.",
            "Save the table as CSV, alone or in a ZIP with its files.",
            params={"media_type": document.media_type},
        )
    with documents.open_table(document, LIMITS, (".csv",)) as bundle:
        yield bundle


def examine(history: HistoryImport, bundle: documents.TableBundle, *, today: date) -> Examination:
    """Reads every line and every named file to its end, and compares with the acts that are here."""
    table = read_table(
        bundle.table(),
        siren=history.organisation.siren,
        natures=classification(today).natures,
        today=today,
    )
    found = Examination(faults=table.faults)
    here = _here(history.organisation_id)
    used: set[str] = set()
    judged: dict[tuple[str, str], Fault | None] = {}
    for act in table.acts:
        faults = [LineFault(act.line, fault) for fault in _file_faults(bundle, act, judged, used)]
        if act.key in here.same:
            found.known += 1
        elif act.number in here.numbers:
            faults.append(LineFault(act.line, _number_taken(act)))
        elif not faults:
            found.new.append(act)
        found.faults += faults
    found.faults.sort(key=lambda one: one.line)
    found.unnamed = len(bundle.entries) - len(used)
    return found


@dataclass(frozen=True, slots=True)
class _Here:
    """The acts of the body that count: the same ones as a line may say, and the numbers that are borne here."""

    same: set[tuple[str, str, date | None]]
    numbers: set[str]


def _here(organisation: UUID) -> _Here:
    states = (*life.NUMBERED, life.TAKEN_OVER)
    rows = Act.objects.filter(organisation=organisation, state__in=states).values_list(
        "number", "nature", "decided_on", "taken_over_at"
    )
    same, numbers = set(), set()
    for number, nature, decided_on, taken_over_at in rows.iterator():
        same.add((number, nature, decided_on))
        if taken_over_at is None:
            numbers.add(number)
    return _Here(same, numbers)


def _number_taken(act: PastAct) -> Fault:
    return Fault(
        "numero",
        "number-taken",
        "An act that your body took here already bears the number %(number)s, with another nature or date.",
        "Correct the line, or take it out.",
        {"number": act.number},
    )


def _file_faults(
    bundle: documents.TableBundle, act: PastAct, judged: dict[tuple[str, str], Fault | None], used: set[str]
) -> Iterator[Fault]:
    """What is wrong with the files of a line; a file that several lines name is read once for each place."""
    for column, name in act.files:
        entry = bundle.find(name)
        if entry is None:
            yield _no_file(bundle, column, name)
            continue
        used.add(entry.filename)
        place = column, entry.filename
        if place not in judged:
            judged[place] = _file_fault(bundle, entry, column)
        if fault := judged[place]:
            yield fault


def _no_file(bundle: documents.TableBundle, column: str, name: str) -> Fault:
    if bundle.archive is None:
        return Fault(
            column,
            "file-without-archive",
            "The line names the file “%(name)s”, and the table came alone.",
            "Send a ZIP with the table and its files, or empty the cell.",
            {"name": name[:100]},
        )
    return Fault(
        column,
        "file-absent",
        "The archive holds no file “%(name)s”.",
        "Put it beside the table, or correct its name.",
        {"name": name[:100]},
    )


def _file_fault(bundle: documents.TableBundle, entry: zipfile.ZipInfo, column: str) -> Fault | None:
    named = {"name": entry.filename[-100:]}
    if not 0 < entry.file_size <= TOTAL_SIZE:
        return Fault(
            column, "file-size", "The file “%(name)s” is empty or over 150 MiB.", "Replace it.", named
        )
    try:
        _sha256, media_type = bundle.digest(entry)
    except documents.UNREADABLE:
        return Fault(
            column, "file-damaged", "The file “%(name)s” is damaged in the archive.", "Make it again.", named
        )
    # An old file that is locked or broken is all that the body has left: its format alone is judged.
    if media_type not in PLACES[column].formats:
        return Fault(
            column,
            "file-format",
            "The file “%(name)s” is not accepted here: judged by its content, it is %(media_type)s.",
            "Replace it by a PDF, or by the XML of its acknowledgement.",
            {**named, "media_type": media_type},
        )
    return None


# -- the imports themselves ---------------------------------------------------------------------------------------------


def imports_of(actor: Actor) -> Sequence[HistoryImport]:
    """The imports of the acting organisation, the latest first."""
    return list(actions.visible(actor, Legality.ORDER).select_related("document")[:100])


def import_of(actor: Actor, key: UUID) -> HistoryImport:
    """One of them. Raises Missing."""
    found = (
        actions.visible(actor, Legality.ORDER)
        .select_related("document", "organisation")
        .filter(pk=key)
        .first()
    )
    if found is None:
        raise Missing("no-history", "There is no such import here.", "Go back to the list of imports.")
    return found


def examined(history: HistoryImport, actor: Actor) -> Examination:
    """What ``examine`` tells of the whole file; what forbids reading it at all is a fault of its first line."""
    try:
        with opened(history) as bundle:
            return examine(history, bundle, today=legal_day(actor.now()))
    except Invalid as refusal:
        fault = Fault("", refusal.code, refusal.message, refusal.remedy, refusal.params)
        return Examination(faults=[LineFault(1, fault)])


def agent_of(email: str, organisation: Any) -> Actor:
    """The agent of a body who signs in with this address. Raises Missing when nobody does."""
    accounts = apps.get_model("identity", "Account")._default_manager
    account: Any = accounts.filter(email__iexact=email, is_active=True, person__isnull=False).first()
    if account is None:
        raise Missing(
            "unknown-account",
            gettext_noop("Nobody signs in here with %(email)s."),
            gettext_noop("Give the address of an agent of the body."),
            params={"email": email},
        )
    return identity.actor_for_person(account.person, organisation)
