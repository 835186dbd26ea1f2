"""What comes from another platform: brought, read without effect, ordered by a person, taken over all together."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from territoires.contracts import procurement_continuity as facts
from territoires.foundations.actions.api import Outcome, action, denied, together
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.errors import Conflict, Invalid, TerritoiresError
from territoires.kernel.fact import Fact, Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean, fold

from ..domain.addresses import address_key
from ..domain.keeping import keep_until
from ..domain.searching import places, prefixes
from ..domain.switch_tables import Row
from ..domain.switching import IMPORT, OF_ENTERPRISES, ORDERED, RECEIVED, Fate, Kind
from ..models import (
    Attestation,
    FormerAccount,
    FormerAddress,
    ImportLine,
    ImportRun,
    Listing,
    Package,
    PackageOrigin,
    SavedSearch,
)
from ..permissions import Procurement
from ..queries import switching as reading
from ..queries.incidents import rule_value
from ..queries.progress import say_progress
from ..queries.switching import Examination, Judged
from .records import take_record

READ, TAKE = "procurement.read_import", "procurement.take_import"
WORKER = "worker"
AT_ONCE = 200
PLATFORM_LENGTH = 100
REPRESENTATIVE = "representative"


@dataclass(frozen=True, slots=True)
class Taken:
    """A sound line with its file, received already."""

    line: Judged
    document: Any = None

    @property
    def row(self) -> Row:
        assert self.line.row is not None
        return self.line.row


@action(Procurement.BRING)
def bring_import(*, actor: Actor, kind: str, document: UUID, platform: str = "") -> Outcome[ImportRun]:
    """Hands over a received table, or an archive with one; a job reads it whole, and nothing is taken over yet.

    Raises Invalid for an unknown kind, Denied when enterprises are brought by another than the operator.
    """
    if kind not in list(Kind):
        raise Invalid("import-kind", "This kind of table is not known here.", "Choose one of those shown.")
    if kind in OF_ENTERPRISES and not (actor.is_operator and actor.holds(Procurement.BRING_ENTERPRISES)):
        raise denied(Procurement.BRING_ENTERPRISES)
    run = ImportRun(
        organisation_id=actor.acting_organisation(),
        kind=kind,
        platform=" ".join(clean(platform).split())[:PLATFORM_LENGTH],
        brought_by=actor.person,
        brought_at=actor.now(),
    )
    run.document = documents.attach(document, holder=run.subject)
    run.save(force_insert=True)
    app.configure_task(READ).defer(run=str(run.pk))
    return Outcome(
        run, facts.ImportBrought(**_about(run), content=run.document.sha256, platform=run.platform)
    )


@action(Procurement.TAKE_OVER, on="run")
def record_check(*, actor: Actor, run: ImportRun, found: Examination) -> Outcome[ImportRun]:
    """Keeps what reading it told, for a person to decide. Raises Conflict when it was decided meanwhile."""
    run.state = IMPORT.after(run.state, "check")
    _keep_lines(run, found)
    return Outcome(run, facts.ImportChecked(**_about(run), **_counted(found)))


@action(Procurement.ORDER_IMPORT, on="run")
def order_import(*, actor: Actor, run: ImportRun) -> Outcome[ImportRun]:
    """Orders the sound lines to be taken over; the others are left, and told.

    Raises Conflict when no line would change anything, or when it was ordered already.
    """
    run.state = IMPORT.after(run.state, "order")
    if not any(run.counts.get(fate, 0) for fate in (Fate.NEW, Fate.CHANGED, Fate.MERGED)):
        raise Conflict(
            "import-empty",
            "Nothing is taken over: every line is here already, or is refused.",
            "Correct the table and bring it again.",
        )
    run.save()
    app.configure_task(TAKE, lock=f"{TAKE}.{run.organisation_id}").defer(run=str(run.pk))
    return Outcome(run, facts.ImportOrdered(**_about(run)))


@action(Procurement.TAKE_OVER, on="run", along=("organisation",))
def take_over(
    *, actor: Actor, run: ImportRun, found: Examination, taken: Sequence[Taken]
) -> Outcome[ImportRun]:
    """Does every sound line at once: after a failure there is none of them. Raises Conflict when it was done meanwhile."""
    run.state, run.done_at = IMPORT.after(run.state, "take_over"), actor.now()
    told = _TAKERS[Kind(run.kind)](actor, run, taken) or []
    _keep_lines(run, found)
    return Outcome(run, facts.ImportDone(**_about(run), **_counted(found)), *told)


# -- from end to end, outside any transaction ---------------------------------------------------------------------------


def read_whole(key: str) -> None:
    """Reads every line and file of an import that was brought, and keeps what was told; nothing else is touched."""
    run = _waiting(key, RECEIVED)
    if run is not None:
        with contextlib.suppress(Conflict):  # somebody else was first
            record_check(actor=_worker(run), run=run, found=reading.examined(run))


def take_whole(key: str) -> None:
    """Takes the sound lines of an ordered import over, judged once more on what is true now."""
    run = _waiting(key, ORDERED)
    if run is None:
        return
    actor = _worker(run)
    found = reading.examined(run)
    with contextlib.suppress(Conflict):  # somebody else was first
        if not found.to_take:
            record_check(actor=actor, run=run, found=found)
            return
        with reading.opened(run) as bundle:
            taken = list(_received(run, bundle, actor, found.to_take))
        take_over(actor=actor, run=run, found=found, taken=taken)


def _received(
    run: ImportRun, bundle: documents.TableBundle, actor: Actor, lines: Sequence[Judged]
) -> Iterator[Taken]:
    for done, line in enumerate(lines):
        if done % reading.SAID_EVERY == 0:
            say_progress(run, done, len(lines))
        yield Taken(line, _file_of(line, run, bundle, actor))


def _file_of(line: Judged, run: ImportRun, bundle: documents.TableBundle, actor: Actor) -> Any:
    if line.row is None or "fichier" not in line.row.values:
        return None
    name = line.row["fichier"]
    entry = bundle.find(name)
    assert entry is not None, "the examination found it"
    owner = run.organisation_id
    if run.kind == Kind.ATTESTATIONS:
        owner = reading.enterprise_of(line.row["siret"]).pk
    return documents.receive(
        bundle.stream(entry),
        name=name.rpartition("/")[2],
        organisation=owner,
        actor=replace(actor, organisation=owner),
        limit=reading.LARGEST_FILE,
    )


# -- the kinds ----------------------------------------------------------------------------------------------------------


def _take_accounts(actor: Actor, run: ImportRun, taken: Sequence[Taken]) -> None:
    # The first line of an enterprise is its first person: keys that follow the lines keep their order.
    keys = sorted(new_id() for _one in taken)
    FormerAccount.objects.bulk_create(
        [
            FormerAccount(
                id=key,
                run=run,
                siret=one.row["siret"],
                name=one.row["entreprise"],
                email=one.row["courriel"],
                given_names=one.row["prenom"],
                usual_name=one.row["nom"],
            )
            for key, one in zip(keys, taken, strict=True)
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )


def _take_alerts(actor: Actor, run: ImportRun, taken: Sequence[Taken]) -> None:
    """They go on as they were asked for on the former platform; every mail holds the link that ends them."""
    now = actor.now()
    SavedSearch.objects.bulk_create(
        [
            SavedSearch(
                label=(" ".join(reading.criteria_of(one.row).values()) or "—")[:200],
                criteria=reading.criteria_of(one.row),
                email=one.row["courriel"],
                confirm_token=secrets.token_urlsafe(24),
                stop_token=secrets.token_urlsafe(24),
                saved_at=now,
                confirmed_at=now,
                looked_until=now,
            )
            for one in taken
        ],
        batch_size=1000,
    )


def _take_attestations(actor: Actor, run: ImportRun, taken: Sequence[Taken]) -> None:
    today = legal_day(actor.now())
    for one in taken:
        enterprise = reading.enterprise_of(one.row["siret"])
        attestation = Attestation(
            organisation=enterprise,
            kind=reading.attestation_code(one.row["nature"], today),
            sha256=one.document.sha256,
            valid_until=one.row["valable_jusqu_au"],
            added_at=actor.now(),
        )
        attestation.document = documents.attach(
            one.document, holder=Subject("procurement.attestation", attestation.pk)
        )
        attestation.save(force_insert=True)


def _take_packages(actor: Actor, run: ImportRun, taken: Sequence[Taken]) -> None:
    today = legal_day(actor.now())
    for one in taken:
        row = one.row
        end, article = keep_until(
            signed_on=row["signe_le"],
            ended_on=row["execution_finie_le"],
            is_works=row["categorie"] == "works",
            years=lambda code: rule_value(code, today),
        )
        package = Package(
            run=run,
            organisation_id=run.organisation_id,
            origin=PackageOrigin.FORMER,
            reference=row["reference"],
            title=row["objet"],
            sha256=one.document.sha256,
            size=one.document.size,
            ended_on=row["execution_finie_le"],
            keep_until=end,
            keep_article=article,
            made_at=actor.now(),
        )
        package.document = documents.attach(one.document, holder=package.subject, retention_until=end)
        package.save(force_insert=True)


def _take_notices(actor: Actor, run: ImportRun, taken: Sequence[Taken]) -> None:
    name = run.organisation.name
    for one in taken:
        row = one.row
        listing = Listing.objects.filter(
            organisation=run.organisation_id, consultation=None, reference=row["reference"]
        ).first() or Listing(
            organisation_id=run.organisation_id,
            reference=row["reference"],
            published_at=first_instant(row["publie_le"]) if row["publie_le"] else actor.now(),
            version=0,
        )
        listing.version += 1
        listing.changed_at = actor.now()
        listing.source, listing.url = row["plateforme"], row["adresse"]
        listing.title, listing.buyer = row["objet"], name[:200]
        listing.words_folded = fold(f"{row['reference']} {row['objet']} {row['description']} {name}")
        listing.main_procurement_category = row["categorie"]
        listing.cpv, listing.cpv_prefixes = row["cpv"], prefixes(row["cpv"])
        listing.nuts, listing.places = row["lieu"], places(row["lieu"])
        listing.deadline_at = row["date_limite"]
        listing.status = Listing.Status.OPEN if row["date_limite"] > actor.now() else Listing.Status.CLOSED
        listing.save()


def _take_redirects(actor: Actor, run: ImportRun, taken: Sequence[Taken]) -> None:
    targets = reading.targets_of(run.organisation_id)
    for one in taken:
        relation, key = targets[one.row["reference"]]
        leads = dict.fromkeys(("consultation_id", "listing_id", "record_id", "package_id"))
        FormerAddress.objects.update_or_create(
            address_key=address_key(one.row["adresse"]),
            defaults={
                "run": run,
                "organisation_id": run.organisation_id,
                "address": one.row["adresse"],
                **leads,
                f"{relation}_id": key,
            },
        )


def _take_contracts(actor: Actor, run: ImportRun, taken: Sequence[Taken]) -> list[Fact]:
    return [take_record(actor, run.organisation, one.row) for one in taken]


_TAKERS: Mapping[Kind, Callable[[Actor, ImportRun, Sequence[Taken]], list[Fact] | None]] = {
    Kind.ACCOUNTS: _take_accounts,
    Kind.ALERTS: _take_alerts,
    Kind.ATTESTATIONS: _take_attestations,
    Kind.CONTRACTS: _take_contracts,
    Kind.PACKAGES: _take_packages,
    Kind.NOTICES: _take_notices,
    Kind.REDIRECTS: _take_redirects,
}


# -- the accounts of former users ---------------------------------------------------------------------------------------


@action(Procurement.INVITE_FORMER)
def invite_former(*, actor: Actor, count: int = AT_ONCE) -> Outcome[int]:
    """Sends the mails that open the next accounts. The first person of an enterprise signs it up; the others join it.

    Raises Conflict when none waits.
    """
    waiting = reading.to_invite(count)
    _note_activated(actor)
    if not waiting:
        raise Conflict("nobody-to-invite", "Every former user was told.", "There is nothing to do.")
    invited = sum(_invited(actor, one) for one in waiting)
    fact = facts.AccountsInvited(
        subject=Subject("procurement.accounts", new_id()), invited=invited, refused=len(waiting) - invited
    )
    return Outcome(invited, fact)


def _invited(actor: Actor, account: FormerAccount) -> bool:
    names = {"given_names": account.given_names, "usual_name": account.usual_name, "email": account.email}
    try:
        with together():
            invitation = _first_of_its_enterprise(actor, account, names) or _colleague(account, names)
    except TerritoiresError as refusal:
        account.refusal = refusal.code[:60]
        account.save(update_fields=["refusal"])
        return False
    account.invitation, account.invited_at = invitation.pk, actor.now()
    account.established_id = invitation.organisation_id
    account.save(update_fields=["invitation", "invited_at", "established"])
    return True


def _first_of_its_enterprise(actor: Actor, account: FormerAccount, names: Mapping[str, Any]) -> Any:
    """None when another former user of the same SIRET was invited before, or somebody acts for it already."""
    if FormerAccount.objects.filter(siret=account.siret, invited_at__isnull=False).exists():
        return None
    try:
        with together():
            return identity.sign_up_enterprise(
                actor=replace(actor, idempotency_key=None), siret=account.siret, name=account.name, **names
            )
    except Conflict as refusal:
        if refusal.code != "enterprise-has-people":
            raise
        return None


def _colleague(account: FormerAccount, names: Mapping[str, Any]) -> Any:
    """Invited by the person of the operator who brought the file, as an administrator invites."""
    person = reading.who_brought(account.run)
    if person is None or account.run is None:
        raise Conflict("nobody-brought", "Nobody answers for this line any more.", "Bring it again.")
    operator = identity.actor_for_person(person, account.run.organisation)
    return identity.invite_person(
        actor=operator,
        organisation=reading.enterprise_of(account.siret),
        roles=[REPRESENTATIVE],
        **names,
    )


def _note_activated(actor: Actor) -> None:
    for one in reading.accepted_of(1000):
        one.activated_at = actor.now()
        one.save(update_fields=["activated_at"])


def _keep_lines(run: ImportRun, found: Examination) -> None:
    run.counts = found.counts
    run.save()
    ImportLine.objects.filter(run=run).delete()
    ImportLine.objects.bulk_create(
        [
            ImportLine(
                run=run,
                number=line.number,
                fate=line.fate.value,
                what=line.what[:200],
                faults=[
                    {
                        "column": fault.field,
                        "code": fault.code,
                        "message": fault.message,
                        "remedy": fault.remedy,
                        "params": {name: str(value) for name, value in fault.params.items()},
                    }
                    for fault in line.faults
                ],
            )
            for line in found.lines
        ],
        batch_size=1000,
    )


def _counted(found: Examination) -> dict[str, Any]:
    return dict(found.counts)


def _waiting(key: str, state: str) -> ImportRun | None:
    rows = ImportRun.objects.select_related("document", "organisation")
    return rows.filter(pk=key, state=state).first()


def _worker(run: ImportRun) -> Actor:
    return system_actor(WORKER, organisation=run.organisation_id)


def _about(run: ImportRun) -> dict[str, Any]:
    return {"subject": run.subject, "matter": run.pk, "what": run.kind}
