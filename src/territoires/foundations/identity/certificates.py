"""Client certificates of persons: enrolled by presenting them, judged at each use, their end announced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_noop as _

from territoires.contracts.identity import (
    CertificateEnded,
    CertificateEnrolled,
    CertificateExpiring,
    OrganisationAttached,
)
from territoires.foundations.actions.api import Outcome, StepUp, action
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid
from territoires.kernel.fact import Subject
from territoires.kernel.text import fold

from .models import Organisation, Person, PersonCertificate
from .permissions import Identity

PRESENCE_FOR_CERTIFICATES = StepUp(level=2, within=timedelta(minutes=15))
ANNOUNCED_DAYS = (60, 30, 7)
"""Days before its end at which the holder of a certificate is told."""


@dataclass(frozen=True, slots=True)
class PresentedCertificate:
    """An enrolled certificate that may serve, now and for that body. ``siren`` is the one that it names."""

    id: UUID
    fingerprint: str
    holder: str
    issuer: str
    siren: str
    valid_until: datetime


def judge_presented_certificate(actor: Actor, organisation: Organisation) -> PresentedCertificate:
    """The certificate of this very request, when the actor may use it for the organisation.

    Raises Denied when none is presented, when it is not enrolled by this person, or when it names another body than the
    organisation or the one that it is attached to; Invalid when it is out of its time or its authority is not accepted.
    """
    presented = actor.assurance.certificate
    if not presented:
        raise Denied(
            "no-certificate",
            _("This gesture asks for your client certificate, and none was presented."),
            _("Present it from the page of your certificates, then start again: nothing was lost."),
        )
    enrolled = PersonCertificate.objects.filter(
        fingerprint=presented, person=actor.person, ended_at=None
    ).first()
    if actor.person is None or enrolled is None:
        raise Denied(
            "certificate-not-enrolled",
            _("The certificate presented is not enrolled in your name, or its use was ended."),
            _("Choose your own certificate, or enrol it from the page of your certificates."),
        )
    card = trust.read_certificate(bytes(enrolled.der))
    trust.judge_certificate(card, actor.now())
    require_serving(card.siren, organisation)
    return PresentedCertificate(
        enrolled.pk, card.fingerprint, card.holder, card.issuer, card.siren, card.valid_until
    )


def require_serving(siren: str, organisation: Organisation) -> None:
    """Raises Denied when a certificate that names this body does not serve the organisation."""
    if siren not in _sirens_serving(organisation):
        raise Denied(
            "certificate-of-another-body",
            _("The certificate presented names the body %(siren)s: it does not serve %(organisation)s."),
            _("Present a certificate of this body, or have the operator attach it to the one that has one."),
            params={"siren": siren or "-", "organisation": organisation.name},
        )


@action(Identity.ENROL_CERTIFICATE, on="person", step_up=PRESENCE_FOR_CERTIFICATES)
def enrol_certificate(*, actor: Actor, person: Person, der: bytes) -> Outcome[PersonCertificate]:
    """Makes the certificate that the person presents hers. Twice is the same.

    Raises Denied when ``der`` is not the certificate of this request, Invalid when it may not serve, names no body or
    somebody else, Conflict when another person enrolled it.
    """
    card = trust.read_certificate(der)
    if not actor.assurance.certificate or card.fingerprint != actor.assurance.certificate:
        raise Denied(
            "certificate-not-presented",
            _("A certificate is enrolled by presenting it, and this one was not; nothing was enrolled."),
            _("Present it from the page of your certificates."),
        )
    judge_enrolment(card, person, actor.now())
    kept = PersonCertificate.objects.filter(
        fingerprint=card.fingerprint, ended_at=None
    ).first() or PersonCertificate.objects.create(
        person=person,
        fingerprint=card.fingerprint,
        der=card.der,
        siren=card.siren,
        valid_until=card.valid_until,
        enrolled_at=actor.now(),
    )
    fact = CertificateEnrolled(
        subject=_subject(kept),
        fingerprint=card.fingerprint,
        siren=card.siren,
        valid_until=card.valid_until,
        holder=card.holder,
    )
    return Outcome(kept, fact)


def judge_enrolment(card: trust.CertificateCard, person: Person, at: datetime) -> None:
    """Whether the person may enrol the certificate at ``at``, once presented.

    Raises Invalid when it may not serve, names no body or somebody else, Conflict when another person enrolled it.
    """
    trust.judge_certificate(card, at)
    if not card.siren:
        raise Invalid(
            "certificate-without-body",
            _("The certificate of %(holder)s names no body (SIREN); nothing was enrolled."),
            _("Ask your authority for a certificate of an agent, in the name of your body."),
            params={"holder": card.holder},
        )
    if not _names(card, person):
        raise Invalid(
            "certificate-of-another-person",
            _("The certificate is that of %(holder)s, and your account is that of %(person)s."),
            _("Choose your own certificate, or have the name of your account corrected."),
            params={"holder": card.holder, "person": person.display_name},
        )
    if PersonCertificate.objects.filter(fingerprint=card.fingerprint).exclude(person=person).exists():
        raise Conflict(
            "certificate-taken",
            _("This certificate was enrolled by another person; nothing was enrolled."),
            _("Choose your own certificate, or ask the operator."),
        )


def certificates_of(person: Person) -> list[tuple[PersonCertificate, trust.CertificateCard]]:
    """What the person has enrolled, those in use first, with what each certificate says."""
    kept = person.certificates.order_by(F("ended_at").desc(nulls_first=True), "-valid_until")
    return [(one, trust.read_certificate(bytes(one.der))) for one in kept]


@action(Identity.END_CERTIFICATE, on="certificate")
def end_certificate(*, actor: Actor, certificate: PersonCertificate) -> Outcome[PersonCertificate]:
    """Ends the use of a certificate at once: lost, replaced, or its holder leaves. Twice is the same."""
    certificate.ended_at = certificate.ended_at or actor.now()
    certificate.save(update_fields=["ended_at"])
    return Outcome(
        certificate,
        CertificateEnded(subject=_subject(certificate), fingerprint=certificate.fingerprint),
    )


def expiring_certificates(at: datetime) -> list[tuple[PersonCertificate, int]]:
    """The certificates in use whose next announcement is due at ``at``, with its days (60, 30 or 7), soonest end first."""
    horizon = at + timedelta(days=max(ANNOUNCED_DAYS))
    ending = (
        PersonCertificate.objects.filter(ended_at=None, valid_until__gt=at, valid_until__lte=horizon)
        .select_related("person__account")
        .order_by("valid_until")
    )
    due = ((one, _announcement(one, at)) for one in ending)
    return [(one, days) for one, days in due if days is not None]


@action(Identity.ANNOUNCE_EXPIRY, on="certificate")
def announce_expiry(*, actor: Actor, certificate: PersonCertificate) -> Outcome[int]:
    """Notes that the holder is told: the days (60, 30 or 7).

    Raises Conflict when it was told already, or when there is nothing to tell.
    """
    days = _announcement(certificate, actor.now())
    if days is None or certificate.ended_at is not None:
        raise Conflict(
            "expiry-not-to-announce",
            _("The end of this certificate was announced already, or need not be."),
            _("Nothing is to be done."),
        )
    certificate.announced_days = days
    certificate.save(update_fields=["announced_days"])
    fact = CertificateExpiring(subject=_subject(certificate), days=days, valid_until=certificate.valid_until)
    return Outcome(days, fact)


@action(Identity.ATTACH, on="organisation")
def attach_organisation(
    *, actor: Actor, organisation: Organisation, to: Organisation | None
) -> Outcome[Organisation]:
    """Lets the certificates of ``to`` serve the organisation (a CCAS by its commune); None ends it.

    Raises Invalid for a chain: a body attached to one that is itself attached, or to itself.
    """
    if to is not None and (to == organisation or to.attached_to_id or organisation.attached.exists()):
        raise Invalid(
            "attachment-in-chain",
            _("%(organisation)s cannot be attached there: attachments do not follow one another."),
            _("Attach it to the commune or grouping itself."),
            params={"organisation": organisation.name},
        )
    organisation.attached_to = to
    organisation.save(update_fields=["attached_to", "name_folded"])
    fact = OrganisationAttached(
        subject=Subject("identity.organisation", organisation.pk), to=to.pk if to else None
    )
    return Outcome(organisation, fact)


def _announcement(certificate: PersonCertificate, at: datetime) -> int | None:
    """The closest announcement whose day has come, unless it or a closer one was made."""
    left = certificate.valid_until - at
    due = min((days for days in ANNOUNCED_DAYS if left <= timedelta(days=days)), default=None)
    told = certificate.announced_days
    return due if due is not None and (told is None or due < told) else None


def _sirens_serving(organisation: Organisation) -> set[str]:
    attached = organisation.attached_to
    return {organisation.siren} | ({attached.siren} if attached else set())


def _names(card: trust.CertificateCard, person: Person) -> bool:
    """Authorities write names with and without accents, in capitals, first or last."""
    words = set(fold(f"{card.holder} {card.given_names} {card.surname}").replace("-", " ").split())
    usual = set(fold(person.usual_name).replace("-", " ").split())
    given = fold(person.given_names).replace("-", " ").split()[:1]
    return bool(usual) and usual <= words and set(given) <= words


def _subject(certificate: PersonCertificate) -> Subject:
    return Subject("identity.person_certificate", certificate.pk)
