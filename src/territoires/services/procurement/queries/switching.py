"""What came from another platform: the imports, and what reading one of them whole tells, line by line."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from territoires.foundations.actions import api as actions
from territoires.foundations.documents import api as documents
from territoires.foundations.packs.api import pack
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Fault, Invalid, Missing
from territoires.kernel.siret import is_siret
from territoires.kernel.text import fold

from ..domain.addresses import address_key
from ..domain.findings import msgid
from ..domain.switch_tables import Row, read_table
from ..domain.switching import Fate, Kind
from ..models import (
    Attestation,
    Consultation,
    FormerAccount,
    FormerAddress,
    ImportLine,
    ImportRun,
    Listing,
    OpenRecord,
    Package,
    SavedSearch,
)
from ..permissions import Procurement
from .enterprise import ATTESTATIONS
from .progress import say_progress

LIMITS = documents.ArchiveLimits(entries=60_000, opened_bytes=16 * 1024**3, directory_bytes=16 * 1024 * 1024)
LARGEST_FILE = 4 * 1024**3
SAID_EVERY = 200
TABLES = (".csv", ".json")
ATTESTED = ("application/pdf", "image/jpeg", "image/png")


@dataclass(frozen=True, slots=True)
class Judged:
    """What one line does: its fate, what names it, and what is wrong. ``row`` is None for a line that cannot be read."""

    number: int
    fate: Fate
    what: str
    faults: tuple[Fault, ...] = ()
    row: Row | None = None


@dataclass(slots=True)
class Examination:
    """Every line with its fate, in the order of the table."""

    lines: list[Judged] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(line.fate.value for line in self.lines)
        return {fate.value: counted[fate.value] for fate in Fate}

    @property
    def to_take(self) -> list[Judged]:
        return [one for one in self.lines if one.fate in (Fate.NEW, Fate.CHANGED, Fate.MERGED)]


@contextlib.contextmanager
def opened(run: ImportRun) -> Iterator[documents.TableBundle]:
    """What was handed over, ready to read. Raises Invalid, also for what is no table."""
    document = run.document
    if not (
        document.media_type in ("application/zip", "application/json")
        or document.media_type.startswith("text/")
    ):
        raise Invalid(
            "import-format",
            "This is neither a table (CSV, JSON) nor an archive (ZIP): judged by its content, it is %(media_type)s.",
            "Save the table as CSV, alone or in a ZIP with its files.",
            params={"media_type": document.media_type},
        )
    with documents.open_table(document, LIMITS, TABLES) as bundle:
        yield bundle


def examined(run: ImportRun) -> Examination:
    """What ``examine`` tells of the whole file; what forbids reading it at all is a fault of its first line."""
    try:
        with opened(run) as bundle:
            return examine(run, bundle)
    except Invalid as refusal:
        fault = Fault("", refusal.code, refusal.message, refusal.remedy, refusal.params)
        return Examination([Judged(1, Fate.REFUSED, "", (fault,))])


def examine(run: ImportRun, bundle: documents.TableBundle) -> Examination:
    """Reads every line and every named file to its end, and compares with what is here; nothing is written."""
    kind = Kind(run.kind)
    table = read_table(kind, bundle.table())
    lines = [Judged(bad.number, Fate.REFUSED, bad.what, bad.faults) for bad in table.bad]
    judge = _JUDGES[kind](run, bundle, table.rows)
    for done, row in enumerate(table.rows):
        if done % SAID_EVERY == 0:
            say_progress(run, done, len(table.rows))
        lines.append(judge(row))
    return Examination(sorted(lines, key=lambda one: one.number))


Judge = Callable[[Row], Judged]


def _judge_accounts(run: ImportRun, bundle: documents.TableBundle, rows: Sequence[Row]) -> Judge:
    sirets = {row["siret"] for row in rows}
    here = set(FormerAccount.objects.filter(siret__in=sirets).values_list("siret", "email"))
    known = {siret for siret, _email in here} | set(
        _organisations().filter(reference__in=sirets).values_list("reference", flat=True)
    )
    closed = dict(
        _organisations()
        .filter(reference__in=sirets, closed_on__isnull=False)
        .values_list("reference", "closed_on")
    )
    seen: set[tuple[str, str]] = set()

    def judge(row: Row) -> Judged:
        key = row["siret"], row["courriel"]
        what = f"{row['siret']} {row['entreprise']}, {row['courriel']}"[:200]
        if row["siret"] in closed:
            return _refused(
                row,
                what,
                Fault(
                    "siret",
                    "closed-establishment",
                    "This establishment is closed.",
                    "Take the SIRET of an open one.",
                ),
            )
        if key in here or key in seen:
            return Judged(row.number, Fate.KNOWN, what, row=row)
        seen.add(key)
        is_merged = row["siret"] in known
        known.add(row["siret"])
        return Judged(row.number, Fate.MERGED if is_merged else Fate.NEW, what, row=row)

    return judge


def _judge_alerts(run: ImportRun, bundle: documents.TableBundle, rows: Sequence[Row]) -> Judge:
    addresses = {row["courriel"] for row in rows}
    known = {
        (email.lower(), _criteria_key(criteria))
        for email, criteria in SavedSearch.objects.filter(stopped_at=None)
        .annotate(address=Lower("email"))
        .filter(address__in=addresses)
        .values_list("email", "criteria")
    }

    def judge(row: Row) -> Judged:
        key = row["courriel"], _criteria_key(criteria_of(row))
        what = f"{row['courriel']}: {' '.join(criteria_of(row).values()) or '—'}"[:200]
        if key in known:
            return Judged(row.number, Fate.KNOWN, what, row=row)
        known.add(key)
        return Judged(row.number, Fate.NEW, what, row=row)

    return judge


def criteria_of(row: Row) -> dict[str, str]:
    """The search of an alert, as the public search writes it in its address."""
    written = {"q": row["mots"], "cpv": row["cpv"], "place": row["lieu"], "category": row["categorie"]}
    return {name: value for name, value in written.items() if value}


def _criteria_key(criteria: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in criteria.items() if value))


def _judge_attestations(run: ImportRun, bundle: documents.TableBundle, rows: Sequence[Row]) -> Judge:
    sirets = {row["siret"] for row in rows}
    enterprises = dict(_organisations().filter(reference__in=sirets).values_list("reference", "pk"))
    expected = set(FormerAccount.objects.filter(siret__in=sirets).values_list("siret", flat=True))
    known = set(
        Attestation.objects.filter(organisation__in=enterprises.values()).values_list(
            "organisation_id", "sha256"
        )
    )

    def judge(row: Row) -> Judged:
        what = f"{row['siret']} {row['nature']}"[:200]
        if row["siret"] not in enterprises:
            code, message, remedy = (
                (
                    "account-not-open",
                    msgid("The account of this enterprise is not open yet."),
                    msgid("Bring it again later."),
                )
                if row["siret"] in expected
                else (
                    "enterprise-unknown",
                    msgid("No enterprise has this SIRET here."),
                    msgid("Bring its account first."),
                )
            )
            return _refused(row, what, Fault("siret", code, message, remedy))
        if not attestation_code(row["nature"], legal_day(run.brought_at)):
            return _refused(
                row,
                what,
                Fault(
                    "nature",
                    "attestation-kind",
                    "This kind of attestation is not known here.",
                    "Write its code or its name as the list of attestations does, or “other”.",
                ),
            )
        fault, sha256 = _file_fault(bundle, row["fichier"], ATTESTED)
        if fault:
            return _refused(row, what, fault)
        key = enterprises[row["siret"]], sha256
        if key in known:
            return Judged(row.number, Fate.KNOWN, what, row=row)
        known.add(key)
        return Judged(row.number, Fate.NEW, what, row=row)

    return judge


def attestation_code(written: str, day: date) -> str:
    """The code that a cell means: a code of the pack, or its label in French or English; empty for neither."""
    wanted = fold(written)
    for one in pack(ATTESTATIONS, on=day).entries:
        if wanted in (fold(one["code"]), fold(one["label_fr"]), fold(one["label_en"])):
            return str(one["code"])
    return ""


def _judge_packages(run: ImportRun, bundle: documents.TableBundle, rows: Sequence[Row]) -> Judge:
    known = set(Package.objects.filter(organisation=run.organisation_id).values_list("sha256", flat=True))

    def judge(row: Row) -> Judged:
        what = f"{row['reference']} {row['objet']}"[:200]
        if row["signe_le"] is None and row["execution_finie_le"] is None:
            return _refused(
                row,
                what,
                Fault(
                    "signe_le",
                    "package-end",
                    "Neither the signature nor the end of the contract is said: the legal end cannot be counted.",
                    "Write one of the two days.",
                ),
            )
        fault, sha256 = _file_fault(bundle, row["fichier"], ())
        if fault:
            return _refused(row, what, fault)
        if sha256 in known:
            return Judged(row.number, Fate.KNOWN, what, row=row)
        known.add(sha256)
        return Judged(row.number, Fate.NEW, what, row=row)

    return judge


def _judge_notices(run: ImportRun, bundle: documents.TableBundle, rows: Sequence[Row]) -> Judge:
    present = {
        listing.reference: listing
        for listing in Listing.objects.filter(organisation=run.organisation_id, consultation=None)
    }
    ours = set(
        Consultation.objects.filter(organisation=run.organisation_id)
        .exclude(reference="")
        .values_list("reference", flat=True)
    )
    seen: set[str] = set()

    def judge(row: Row) -> Judged:
        what = f"{row['reference']} {row['objet']}"[:200]
        if row["reference"] in ours:
            return _refused(
                row,
                what,
                Fault(
                    "reference",
                    "reference-ours",
                    "A consultation of this platform bears this reference.",
                    "Write the reference with which it was published elsewhere.",
                ),
            )
        if row["reference"] in seen:
            return _refused(row, what, _double("reference"))
        seen.add(row["reference"])
        listing = present.get(row["reference"])
        if listing is None:
            return Judged(row.number, Fate.NEW, what, row=row)
        same = (
            listing.title == row["objet"]
            and listing.url == row["adresse"]
            and listing.deadline_at == row["date_limite"]
            and listing.source == row["plateforme"]
            and listing.cpv == row["cpv"]
            and listing.nuts == row["lieu"]
            and listing.main_procurement_category == row["categorie"]
        )
        return Judged(row.number, Fate.KNOWN if same else Fate.CHANGED, what, row=row)

    return judge


def _judge_redirects(run: ImportRun, bundle: documents.TableBundle, rows: Sequence[Row]) -> Judge:
    targets = targets_of(run.organisation_id)
    taken = {
        one.address_key: one
        for one in FormerAddress.objects.filter(address_key__in={address_key(row["adresse"]) for row in rows})
    }
    seen: set[str] = set()

    def judge(row: Row) -> Judged:
        key, what = address_key(row["adresse"]), f"{row['adresse']} → {row['reference']}"[:200]
        if key in seen:
            return _refused(row, what, _double("adresse"))
        seen.add(key)
        target = targets.get(row["reference"])
        if target is None:
            return _refused(
                row,
                what,
                Fault(
                    "reference",
                    "target-unknown",
                    "Nothing of your body bears this reference here: no consultation, notice, contract or kept file.",
                    "Bring it first, or correct the reference.",
                ),
            )
        former = taken.get(key)
        if former is None:
            return Judged(row.number, Fate.NEW, what, row=row)
        if former.organisation_id != run.organisation_id:
            return _refused(
                row,
                what,
                Fault(
                    "adresse",
                    "address-of-another",
                    "This address leads to a page of another body already.",
                    "Correct it, or ask the operator.",
                ),
            )
        same = getattr(former, f"{target[0]}_id") == target[1]
        return Judged(row.number, Fate.KNOWN if same else Fate.CHANGED, what, row=row)

    return judge


def targets_of(organisation: UUID) -> dict[str, tuple[str, UUID]]:
    """What an old address may lead to, by reference: the name of the relation and the key. A public page comes first."""
    found: dict[str, tuple[str, UUID]] = {}
    for package in Package.objects.filter(organisation=organisation).exclude(reference=""):
        found[package.reference] = "package", package.pk
    for key, identifier in OpenRecord.objects.filter(organisation=organisation).values_list(
        "pk", "identifier"
    ):
        found[identifier] = "record", key
    for key, reference in (
        Listing.objects.filter(organisation=organisation, consultation=None)
        .exclude(reference="")
        .values_list("pk", "reference")
    ):
        found[reference] = "listing", key
    for key, reference in Consultation.objects.filter(
        organisation=organisation, published_at__isnull=False
    ).values_list("pk", "reference"):
        found[reference] = "consultation", key
    return found


def _judge_contracts(run: ImportRun, bundle: documents.TableBundle, rows: Sequence[Row]) -> Judge:
    present = {
        record.identifier: record
        for record in OpenRecord.objects.filter(
            organisation=run.organisation_id, identifier__in={row["id"] for row in rows}
        )
    }
    siret = run.organisation.siret
    seen: set[str] = set()

    def judge(row: Row) -> Judged:
        what = f"{row['id']} {row['objet']}"[:200]
        if row["id"] in seen:
            return _refused(row, what, _double("id"))
        seen.add(row["id"])
        if not (row["siret_acheteur"] or is_siret(siret)):
            return _refused(
                row,
                what,
                Fault(
                    "siret_acheteur",
                    "buyer-siret",
                    "The SIRET of your body is not known here, and the essential data need it.",
                    "Write it in the line, or have it entered by the operator.",
                ),
            )
        if row["siret_acheteur"] and row["siret_acheteur"][:9] != run.organisation.siren:
            return _refused(
                row,
                what,
                Fault(
                    "siret_acheteur",
                    "buyer-of-another",
                    "This SIRET is of another body.",
                    "Take this line out.",
                ),
            )
        record = present.get(row["id"])
        return Judged(row.number, Fate.NEW if record is None else Fate.KNOWN, what, row=row)

    return judge


_JUDGES: Mapping[Kind, Callable[[ImportRun, documents.TableBundle, Sequence[Row]], Judge]] = {
    Kind.ACCOUNTS: _judge_accounts,
    Kind.ALERTS: _judge_alerts,
    Kind.ATTESTATIONS: _judge_attestations,
    Kind.CONTRACTS: _judge_contracts,
    Kind.PACKAGES: _judge_packages,
    Kind.NOTICES: _judge_notices,
    Kind.REDIRECTS: _judge_redirects,
}


def _file_fault(bundle: documents.TableBundle, name: str, formats: Sequence[str]) -> tuple[Fault | None, str]:
    named = {"name": name[-100:]}
    if bundle.archive is None:
        return Fault(
            "fichier",
            "file-without-archive",
            "The line names the file “%(name)s”, and the table came alone.",
            "Send a ZIP with the table and its files.",
            named,
        ), ""
    entry = bundle.find(name)
    if entry is None:
        return Fault(
            "fichier",
            "file-absent",
            "The archive holds no file “%(name)s”.",
            "Put it beside the table, or correct its name.",
            named,
        ), ""
    if not 0 < entry.file_size <= LARGEST_FILE:
        return Fault(
            "fichier",
            "file-size",
            "The file “%(name)s” is empty, or larger than 4 GiB.",
            "Replace it.",
            named,
        ), ""
    try:
        sha256, media_type = bundle.digest(entry)
    except documents.UNREADABLE:
        return Fault(
            "fichier",
            "file-damaged",
            "The file “%(name)s” is damaged in the archive.",
            "Make it again.",
            named,
        ), ""
    if formats and media_type not in formats:
        return Fault(
            "fichier",
            "file-format",
            "The file “%(name)s” is not accepted here: judged by its content, it is %(media_type)s.",
            "Replace it by a PDF or a picture.",
            {**named, "media_type": media_type},
        ), ""
    return None, sha256


def _refused(row: Row, what: str, *faults: Fault) -> Judged:
    return Judged(row.number, Fate.REFUSED, what, faults, row)


def _double(column: str) -> Fault:
    return Fault(column, "line-double", "Another line above says the same.", "Keep one of them.")


def _organisations() -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model("identity.Organisation")._default_manager.all()
    return rows


# -- the imports themselves ---------------------------------------------------------------------------------------------


def runs_of(actor: Actor) -> list[ImportRun]:
    """The imports of the acting organisation, the latest first."""
    rows: QuerySet[ImportRun] = actions.visible(actor, Procurement.ORDER_IMPORT)
    return list(rows.select_related("document")[:100])


def run_of(actor: Actor, key: UUID) -> ImportRun:
    """One of them. Raises Missing."""
    rows: QuerySet[ImportRun] = actions.visible(actor, Procurement.ORDER_IMPORT)
    found = rows.select_related("document", "organisation").filter(pk=key).first()
    if found is None:
        raise Missing("no-import", "There is no such import here.", "Go back to the list of imports.")
    return found


def lines_of(run: ImportRun, fate: str = "") -> QuerySet[ImportLine]:
    """What each line does, or did; of one fate when it is named."""
    rows = ImportLine.objects.filter(run=run)
    return rows.filter(fate=fate) if fate else rows


def to_invite(count: int) -> list[FormerAccount]:
    """Former accounts whose mail has not left, those of one enterprise together."""
    rows = FormerAccount.objects.filter(invited_at=None, refusal="").select_related("run")
    return list(rows.order_by("siret", "id")[:count])


def accepted_of(count: int) -> list[FormerAccount]:
    """Former accounts whose person answered the mail, and which do not know it yet."""
    invitations: Any = apps.get_model("identity.Invitation")._default_manager
    waiting = FormerAccount.objects.filter(
        invited_at__isnull=False, activated_at=None, invitation__isnull=False
    ).order_by("invited_at", "id")
    done = invitations.filter(accepted_at__isnull=False).values("pk")
    return list(waiting.filter(invitation__in=done)[:count])


@dataclass(frozen=True, slots=True)
class AccountCounts:
    waiting: int
    invited: int
    activated: int
    refused: int


def account_counts() -> AccountCounts:
    rows = FormerAccount.objects
    return AccountCounts(
        waiting=rows.filter(invited_at=None, refusal="").count(),
        invited=rows.filter(invited_at__isnull=False, activated_at=None).count(),
        activated=rows.filter(activated_at__isnull=False).count(),
        refused=rows.exclude(refusal="").count(),
    )


def enterprise_of(siret: str) -> Any:
    """The enterprise of a SIRET here, or None."""
    return _organisations().filter(reference=siret).first()


def who_brought(run: ImportRun | None) -> Any:
    persons: Any = apps.get_model("identity.Person")._default_manager
    return persons.filter(pk=run.brought_by).first() if run is not None else None


def records_of(actor: Actor) -> list[OpenRecord]:
    """The essential data of the acting body's contracts, whether they can be published yet or not."""
    return list(OpenRecord.objects.filter(organisation=actor.acting_organisation()).order_by("identifier"))


# -- former addresses ---------------------------------------------------------------------------------------------------


def former_address(written: str) -> FormerAddress | None:
    """Where an address printed in a notice leads here."""
    key = address_key(written)
    if not key:
        return None
    rows = FormerAddress.objects.select_related("organisation")
    return rows.filter(address_key=key).first()


def elsewhere(key: UUID) -> Listing:
    """A consultation that ends on another platform. Raises Missing."""
    found = Listing.objects.select_related("organisation").filter(pk=key, consultation=None).first()
    if found is None:
        raise Missing(
            "no-consultation",
            "There is no such consultation, or it is not published.",
            "Search for it among the published consultations.",
        )
    return found


def addresses_of(listing: Listing) -> list[str]:
    return list(FormerAddress.objects.filter(Q(listing=listing)).values_list("address", flat=True))
