"""The whole file of a consultation: taken out, kept until its legal end, brought back, destroyed."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

from procrastinate.contrib.django import app

from territoires.contracts import procurement_continuity as facts
from territoires.contracts.archives import Deposit, Description
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid, TooLate
from territoires.kernel.fact import Fact

from ..domain.keeping import PACKAGE, READING, REFUSED
from ..domain.life import ENDED
from ..domain.packages import refused
from ..domain.sheet import LONGEST_TITLE
from ..domain.wording import stated
from ..models import LONGEST_REASON, Consultation, Package, PackageEntry, PackageOrigin
from ..permissions import Procurement
from ..queries import packages as queries
from ..queries.archiving import archives_of
from ..queries.package_zip import ARCHIVES
from ..queries.packages import Brought
from .moving import about, move

MAKE, READ_BACK = "procurement.make_package", "procurement.read_package"
WORKER = "worker"


@action(Procurement.MAKE_PACKAGE, on="consultation")
def take_package(*, actor: Actor, consultation: Consultation) -> Outcome[Consultation]:
    """Says who takes the whole file out; its bytes are made while they are sent. Raises Conflict while it lasts."""
    queries.require_finished(consultation)
    return Outcome(consultation, facts.PackageTaken(**about(consultation)))


@action(Procurement.MAKE_PACKAGE, on="consultation")
def order_package(*, actor: Actor, consultation: Consultation) -> Outcome[Consultation]:
    """Has the whole file of an ended consultation kept; a job makes it, and the consultation is then archived.

    Raises Conflict before its end, or when it is kept already.
    """
    if consultation.state not in queries.KEPT:
        raise Conflict(
            "not-ended",
            "This consultation has not ended, or is in the archives already.",
            "End its contract first.",
        )
    if Package.objects.filter(consultation=consultation, origin=PackageOrigin.MADE).exists():
        raise Conflict("package-kept", "Its whole file is kept already.", "Look at the kept files.")
    app.configure_task(MAKE, queueing_lock=f"{MAKE}.{consultation.pk}").defer(
        consultation=str(consultation.pk)
    )
    return Outcome(consultation, facts.PackageOrdered(**about(consultation)))


@action(Procurement.KEEP_PACKAGE, on="consultation", along=("organisation",))
def keep_package(
    *, actor: Actor, consultation: Consultation, document: Any, description: Description, entries: int
) -> Outcome[Package]:
    """Keeps the package that a job made, until its legal end, and hands it over to the archives of the body; an ended
    consultation is then archived.

    Raises Conflict when it was kept meanwhile.
    """
    if Package.objects.filter(consultation=consultation, origin=PackageOrigin.MADE).exists():
        raise Conflict("package-kept", "Its whole file is kept already.", "There is nothing to do.")
    today = legal_day(actor.now())
    end, article = queries.keeping_of(consultation, today)
    package = Package(
        organisation_id=consultation.organisation_id,
        consultation=consultation,
        origin=PackageOrigin.MADE,
        reference=consultation.reference,
        title=consultation.title,
        sha256=document.sha256,
        size=document.size,
        ended_on=today,
        keep_until=end,
        keep_article=article,
        made_at=actor.now(),
    )
    package.document = documents.attach(document, holder=package.subject, retention_until=end)
    package.save(force_insert=True)
    archives_of(package.organisation_id).deposit(
        actor=actor,
        about=package.subject,
        deposit=Deposit(document.pk, document.sha256, description),
        matter=consultation.pk,
    )
    told: list[Fact] = [_kept(package, entries)]
    if consultation.state == ENDED:
        move(consultation, "archive", actor, None)
        consultation.save()
        told.append(
            facts.ConsultationArchived(**about(consultation), package=package.pk, content=package.sha256)
        )
    return Outcome(package, *told)


@action(Procurement.BRING_PACKAGE)
def bring_package(*, actor: Actor, document: Any) -> Outcome[Package]:
    """Hands over a package that was made elsewhere, or here before; a job verifies it whole before anything is kept.

    Raises Invalid for what is no ZIP at all, Conflict for the same package again.
    """
    organisation = actor.acting_organisation()
    if document.media_type != ARCHIVES.media_type:
        raise refused("package-broken")
    same = Package.objects.filter(organisation=organisation, sha256=document.sha256)
    if same.exclude(state=REFUSED).exists():
        raise Conflict("package-kept", "This very package is here already.", "Look at the kept files.")
    package = Package(
        organisation_id=organisation,
        origin=PackageOrigin.BROUGHT,
        state=READING,
        title=document.name[:LONGEST_TITLE],
        sha256=document.sha256,
        size=document.size,
        made_at=actor.now(),
    )
    package.document = documents.attach(document, holder=package.subject)
    package.save(force_insert=True)
    app.configure_task(READ_BACK).defer(package=str(package.pk))
    fact = facts.PackageBrought(
        subject=package.subject, matter=package.pk, size=package.size, content=package.sha256
    )
    return Outcome(package, fact)


@action(Procurement.JUDGE_PACKAGE, on="package")
def take_in(*, actor: Actor, package: Package, brought: Brought) -> Outcome[Package]:
    """Keeps a package that was verified, to be read and taken out again, never a live procedure: its files, in the place
    of the ZIP that they make again. Raises Conflict when it was judged meanwhile.
    """
    package.state = PACKAGE.after(package.state, "take_in")
    package.reference = brought.reference
    package.title = brought.title or brought.reference or package.title
    PackageEntry.objects.bulk_create(
        [
            PackageEntry(
                package=package,
                position=position,
                path=kept.path,
                size=kept.size,
                sha256=kept.sha256,
                document=documents.attach(document, holder=package.subject),
            )
            for position, (kept, document) in enumerate(brought.entries)
        ],
        batch_size=1000,
    )
    _let_go(actor, package, "unpacked")
    return Outcome(package, _kept(package, len(brought.entries)))


@action(Procurement.JUDGE_PACKAGE, on="package")
def refuse_package(*, actor: Actor, package: Package, refusal: Invalid) -> Outcome[Package]:
    """Says why what was brought is not kept. Raises Conflict when it was judged meanwhile."""
    package.state = PACKAGE.after(package.state, "refuse")
    package.fault = {
        "code": refusal.code,
        "message": refusal.message,
        "remedy": refusal.remedy,
        "params": {name: str(value) for name, value in refusal.params.items()},
    }
    _let_go(actor, package, refusal.code)
    return Outcome(
        package, facts.PackageRefused(subject=package.subject, matter=package.pk, code=refusal.code)
    )


def _let_go(actor: Actor, package: Package, reason: str) -> None:
    """The ZIP as it was sent is needed no more."""
    document, package.document = package.document, None
    assert document is not None, "it is there until the package was judged"
    package.save()
    documents.release(
        actor=replace(actor, idempotency_key=None),
        document=document,
        holder=package.subject,
        reason=reason,
    )


@action(Procurement.DESTROY_PACKAGE, on="package")
def destroy_package(*, actor: Actor, package: Package, reason: str) -> Outcome[Package]:
    """Destroys a file whose legal end has passed; ``reason`` names the visa of the archives. Its digest stays.

    Raises Conflict before that end or when none is known, Invalid without a reason.
    """
    queries.require_kept(package)
    today = legal_day(actor.now())
    if package.keep_until is None or not queries.is_due(package, today):
        raise TooLate(
            "retention-runs",
            "This file must still be kept: its legal end has not come.",
            "Wait until the day that its page shows.",
        )
    said = stated(reason, limit=LONGEST_REASON)
    held = {entry.document for entry in queries.entries_of(package)}
    held |= {package.document} if package.document else set()
    for document in held:
        documents.release(
            actor=replace(actor, idempotency_key=None),
            document=document,
            holder=package.subject,
            reason="legal-end",
        )
    package.destroyed_at, package.destroyed_reason = actor.now(), said
    package.save()
    fact = facts.PackageDestroyed(
        subject=package.subject,
        matter=package.pk,
        sha256=package.sha256,
        keep_until=package.keep_until,
        reason=said,
    )
    return Outcome(package, fact)


# -- outside any transaction --------------------------------------------------------------------------------------------


def make_package(key: str) -> None:
    """Makes the package of an ended consultation and has it kept; done again, it does nothing."""
    consultation = queries.waiting_to_be_kept(key)
    if consultation is None:
        return
    actor = system_actor(WORKER, organisation=consultation.organisation_id)
    document = documents.receive(
        queries.taken_out(consultation),
        name=f"{consultation.reference or consultation.pk}.zip",
        organisation=consultation.organisation_id,
        actor=actor,
        limit=queries.LARGEST_BROUGHT,
    )
    with contextlib.suppress(Conflict):  # somebody else was first
        description, listed = queries.contents_of(document)
        keep_package(
            actor=actor,
            consultation=consultation,
            document=document,
            description=description,
            entries=len(listed),
        )


def read_back(key: str) -> None:
    """Verifies a package that was brought and receives each of its files; done again, it does nothing."""
    package = queries.waiting_to_be_judged(key)
    if package is None:
        return
    actor = system_actor(WORKER, organisation=package.organisation_id)
    with contextlib.suppress(Conflict):  # somebody else was first
        try:
            brought = _received(package, actor)
        except Invalid as refusal:
            refuse_package(actor=actor, package=package, refusal=refusal)
            return
        take_in(actor=actor, package=package, brought=brought)


def _received(package: Package, actor: Actor) -> Brought:
    with queries.read_back(package.document) as kept:
        if not kept:
            raise Invalid("package-empty", "This package holds no file.", "Take it again where it was made.")
        reference, title = queries.said_of(kept)
        entries = [
            (
                one,
                documents.receive(
                    one.read(),
                    name=one.path.rpartition("/")[2],
                    organisation=package.organisation_id,
                    actor=actor,
                    limit=max(one.size, 1),
                ),
            )
            for one in kept
        ]
    return Brought(reference, title, entries)


def _kept(package: Package, entries: int) -> Fact:
    return facts.PackageKept(
        subject=package.subject,
        matter=package.pk,
        origin=package.origin,
        size=package.size,
        entries=entries,
        keep_until=package.keep_until,
        content=package.sha256,
    )
