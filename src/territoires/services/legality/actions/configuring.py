"""What the operator records before a body can send: its agreement with the prefect and the document of it, its channel."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError
from django.utils.translation import gettext_noop

from territoires.contracts import legality_transmission as facts
from territoires.foundations.actions.api import Outcome, action, together
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Subject

from ..domain.actes.writing import is_address
from ..domain.wording import one_line
from ..models import ChannelCode, Convention, Route
from ..permissions import Legality
from ..queries.files import SoundFile, received

_DEPARTMENT = re.compile(r"[09][0-9][AB0-9]", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """An agreement with the prefect as it was signed; ``office`` is the prefecture in words."""

    office: str
    department: str
    arrondissement: str
    nature: str
    signed_on: date
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Way:
    """A channel from an instant on; see ``models.Route``."""

    channel: str
    from_at: datetime
    transmitter: str
    return_address: str
    first_serial: int = 1


@action(Legality.CONFIGURE)
def record_convention(*, actor: Actor, organisation: Any, agreement: Agreement) -> Outcome[Convention]:
    """From ``from_on`` the body may send. Raises Invalid for codes that the State does not have, Conflict for a double."""
    if faults := list(_faults_of_agreement(agreement)):
        raise _refused(faults)
    convention = Convention(
        organisation=organisation,
        office=one_line(agreement.office)[:200],
        department=agreement.department,
        arrondissement=agreement.arrondissement,
        nature=agreement.nature,
        signed_on=agreement.signed_on,
        from_on=agreement.from_on,
        until_on=agreement.until_on,
    )
    _save_once(convention)
    fact = facts.ConventionRecorded(
        subject=convention.subject,
        organisation=organisation.pk,
        department=convention.department,
        arrondissement=convention.arrondissement,
        nature=convention.nature,
        signed_on=convention.signed_on,
        from_on=convention.from_on,
        until_on=convention.until_on,
    )
    return Outcome(convention, fact)


@action(Legality.CONFIGURE)
def file_convention(*, actor: Actor, convention: Convention, file: SoundFile) -> Outcome[Convention]:
    """Keeps the document of the agreement, found sound, in place of a former one, which is let go.

    Raises Conflict for the same bytes again.
    """
    document, former = received(actor, file.document), convention.document
    if former is not None and former.sha256 == document.sha256:
        raise Conflict(
            "file-already-there",
            "This very file is kept already; nothing was done twice.",
            "Choose another file, or leave it as it is.",
        )
    convention.document = documents.attach(document, holder=convention.subject)
    convention.save(update_fields=["document"])
    if former is not None:
        documents.release(
            actor=replace(actor, idempotency_key=None),
            document=former,
            holder=convention.subject,
            reason="replaced",
        )
    fact = facts.ConventionFiled(
        subject=convention.subject, organisation=convention.organisation_id, content=document.sha256
    )
    return Outcome(convention, fact)


@action(Legality.CONFIGURE)
def record_route(*, actor: Actor, organisation: Any, way: Way) -> Outcome[Route]:
    """From ``from_at`` the body's new transmissions leave by this channel; those under way keep theirs."""
    if faults := list(_faults_of_way(way)):
        raise _refused(faults)
    route = Route(
        organisation=organisation,
        channel=way.channel,
        from_at=way.from_at,
        transmitter=way.transmitter,
        return_address=way.return_address,
        first_serial=way.first_serial,
    )
    _save_once(route)
    fact = facts.RouteRecorded(
        subject=Subject("legality.route", route.pk),
        organisation=organisation.pk,
        channel=route.channel,
        from_at=route.from_at,
        first_serial=route.first_serial,
    )
    return Outcome(route, fact)


def _faults_of_agreement(given: Agreement) -> Any:
    if not one_line(given.office):
        yield Fault("office", "office-missing", "The prefecture is not named.", "Write its name.")
    for field, form, said in (
        (
            "department",
            _DEPARTMENT,
            gettext_noop("The department has three characters, such as 021, 02A or 971."),
        ),
        (
            "arrondissement",
            re.compile("[0-9]"),
            gettext_noop("The arrondissement is one digit; 0 is the prefecture itself."),
        ),
        (
            "nature",
            re.compile("[0-9]{2}"),
            gettext_noop("The nature of the body has two digits, such as 31."),
        ),
    ):
        if not form.fullmatch(getattr(given, field)):
            yield Fault(field, f"{field}-form", said, "Copy it from the agreement.")
    if given.until_on is not None and given.until_on < given.from_on:
        yield Fault("until_on", "dates-reversed", "It would end before it begins.", "Correct the dates.")


def _faults_of_way(given: Way) -> Any:
    if given.channel not in ChannelCode.values:
        yield Fault(
            "channel", "channel-unknown", "This channel does not exist.", "Choose one of those shown."
        )
    if not re.fullmatch("[A-Za-z0-9]{3}", given.transmitter):
        yield Fault(
            "transmitter",
            "transmitter-form",
            "The transmitter's code has three letters or digits.",
            "Copy it from the approval.",
        )
    try:
        validate_email(given.return_address)
        is_sound = is_address(given.return_address)
    except ValidationError:
        is_sound = False
    if not is_sound:
        yield Fault(
            "return_address",
            "address-form",
            "The ministry's schema refuses this address.",
            "Give one without + and with a domain ending of two to six letters.",
        )
    if not 1 <= given.first_serial < 1_000_000:
        yield Fault(
            "first_serial", "serial-range", "The first number is between 1 and 999,999.", "Correct it."
        )


def _refused(faults: list[Fault]) -> Invalid:
    return Invalid(
        "configuration-refused", "Nothing was recorded.", "Correct each point below.", faults=faults
    )


def _save_once(row: Convention | Route) -> None:
    try:
        with together():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            "already-recorded",
            "One that begins at the same time is recorded already; nothing was done twice.",
            "Choose another beginning.",
        ) from error
