"""Who may send: the certificate of that very person, enrolled, in its time, for that body or the one it is attached to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings

from territoires.foundations.identity import api as identity
from territoires.foundations.identity.models import Kind, Organisation, Person, PersonCertificate
from territoires.foundations.trust import api as trust
from territoires.foundations.trust.demonstration import DemonstrationAuthority, usage_of
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Denied, Invalid, StepUpRequired

from .conftest import present

pytestmark = pytest.mark.django_db


def issued(
    given_names: str, siren: str, *, usage: str = "transmitter", until: datetime | None = None
) -> bytes:
    """The DER of a certificate of the demonstration authority."""
    file, password = trust.issue_demonstration_certificate(
        given_names=given_names,
        usual_name="Exemple",
        organisation_name="Commune Exemple",
        siren=siren,
        usage=usage,
        until=until,
    )
    certificate = pkcs12.load_pkcs12(file, password.encode()).cert
    assert certificate is not None
    return certificate.certificate.public_bytes(Encoding.DER)


def presenting(actor: Actor, der: bytes) -> Actor:
    fingerprint = trust.read_certificate(der).fingerprint
    return replace(actor, assurance=replace(actor.assurance, certificate=fingerprint))


def enrol(actor: Actor, person: Person, der: bytes) -> PersonCertificate:
    return identity.enrol_certificate(actor=presenting(actor, der), person=person, der=der)


@pytest.fixture
def der(town: Organisation) -> bytes:
    return issued("Anne", town.siren)


@pytest.fixture
def enrolled(administrator: Actor, anne: Person, der: bytes) -> PersonCertificate:
    return enrol(administrator, anne, der)


@pytest.fixture
def social_centre(db) -> Organisation:
    return Organisation.objects.create(
        reference="263900011", siren="263900011", name="CCAS Exemple", kind=Kind.OTHER
    )


def test_an_enrolled_certificate_serves_its_holder_for_its_body(administrator, town, der, enrolled):
    found = identity.judge_presented_certificate(presenting(administrator, der), town)
    assert (found.id, found.siren, found.holder) == (enrolled.pk, town.siren, "Anne Exemple")


def test_without_a_certificate_the_sentence_says_so(administrator, town, enrolled):
    with pytest.raises(Denied) as refused:
        identity.judge_presented_certificate(administrator, town)
    assert refused.value.code == "no-certificate"


def test_another_person_cannot_use_it(bruno, town, der, enrolled):
    with pytest.raises(Denied) as refused:
        identity.judge_presented_certificate(presenting(present(bruno, town), der), town)
    assert refused.value.code == "certificate-not-enrolled"


def test_it_expired_a_minute_ago(administrator, anne, town):
    short = issued("Anne", town.siren, until=system_clock() + timedelta(hours=1))
    kept = enrol(administrator, anne, short)
    later = presenting(administrator, short).at(kept.valid_until + timedelta(minutes=1))
    with pytest.raises(Invalid) as refused:
        identity.judge_presented_certificate(later, town)
    assert refused.value.code == "certificate-expired"


def test_an_ended_enrolment_serves_no_more_and_may_be_made_again(administrator, anne, town, der, enrolled):
    identity.end_certificate(actor=administrator, certificate=enrolled)
    with pytest.raises(Denied):
        identity.judge_presented_certificate(presenting(administrator, der), town)
    again = enrol(administrator, anne, der)
    assert again.pk != enrolled.pk
    assert identity.judge_presented_certificate(presenting(administrator, der), town).id == again.pk


def test_it_does_not_serve_another_body(anne, other_town, der, enrolled):
    with pytest.raises(Denied) as refused:
        identity.judge_presented_certificate(presenting(present(anne, other_town), der), other_town)
    assert refused.value.code == "certificate-of-another-body"


def test_a_commune_serves_its_social_centre_and_not_the_other_way(
    administrator, anne, person, operator, town, social_centre, der, enrolled
):
    olive = person("Olive", operator, "operator")
    identity.attach_organisation(actor=present(olive, operator), organisation=social_centre, to=town)
    social_centre.refresh_from_db()
    assert identity.judge_presented_certificate(presenting(administrator, der), social_centre)
    of_the_centre = issued("Anne", social_centre.siren)
    enrol(administrator, anne, of_the_centre)
    with pytest.raises(Denied):
        identity.judge_presented_certificate(presenting(administrator, of_the_centre), town)


def test_only_the_operator_attaches_and_never_in_a_chain(
    administrator, person, operator, town, other_town, social_centre
):
    with pytest.raises(Denied):
        identity.attach_organisation(actor=administrator, organisation=town, to=other_town)
    olive = present(person("Olive", operator, "operator"), operator)
    identity.attach_organisation(actor=olive, organisation=social_centre, to=town)
    for organisation, to in ((town, other_town), (other_town, social_centre), (town, town)):
        organisation.refresh_from_db()
        to.refresh_from_db()
        with pytest.raises(Invalid):
            identity.attach_organisation(actor=olive, organisation=organisation, to=to)


def test_a_certificate_is_enrolled_only_while_it_is_presented(administrator, anne, der):
    with pytest.raises(Denied) as refused:
        identity.enrol_certificate(actor=administrator, person=anne, der=der)
    assert refused.value.code == "certificate-not-presented"


def test_enrolling_asks_for_presence(administrator, anne, der):
    absent = replace(administrator, assurance=replace(administrator.assurance, level=1))
    with pytest.raises(StepUpRequired):
        enrol(absent, anne, der)


def test_nobody_enrols_for_another(bruno, anne, town, der):
    with pytest.raises(Denied):
        enrol(present(bruno, town), anne, der)


@pytest.mark.parametrize(
    ("given_names", "usage", "code"),
    [
        ("Bruno", "transmitter", "certificate-of-another-person"),
        ("Anne", "person", "certificate-not-for-authentication"),
    ],
)
def test_what_cannot_serve_is_not_enrolled(administrator, anne, town, given_names, usage, code):
    with pytest.raises(Invalid) as refused:
        enrol(administrator, anne, issued(given_names, town.siren, usage=usage))
    assert refused.value.code == code
    assert not PersonCertificate.objects.exists()


def test_an_authority_that_is_accepted_no_more_counts_at_once(administrator, anne, town):
    other = DemonstrationAuthority("Autre autorité de démonstration")
    private = ec.generate_private_key(ec.SECP256R1())
    own = other.issue(
        "Anne Exemple",
        private.public_key(),
        timedelta(days=30),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage_of(digital_signature=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
    )
    card = trust.read_certificate(own.public_bytes(Encoding.DER))
    accepted = settings.ENVIRONMENT.keys / "authorities.pem"
    accepted.write_bytes(other.certificate.public_bytes(Encoding.PEM))
    try:
        for _twice in range(2):
            trust.judge_certificate(card, system_clock())
        with pytest.raises(Invalid, match="certificate-expired"):
            trust.judge_certificate(card, system_clock() + timedelta(days=31))
    finally:
        accepted.unlink()
    with pytest.raises(Invalid, match="certificate-of-unknown-authority"):
        trust.judge_certificate(card, system_clock())


def test_one_of_an_accepted_authority_that_names_no_body_is_refused_in_words(administrator, anne, der):
    authority = DemonstrationAuthority.load(settings.ENVIRONMENT.keys / "trust")
    private = ec.generate_private_key(ec.SECP256R1())
    leaf = (x509.BasicConstraints(ca=False, path_length=None), True)
    purpose = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    usage = (usage_of(digital_signature=True), True)
    own = authority.issue(
        "Anne Exemple", private.public_key(), timedelta(days=30), leaf, usage, purpose
    ).public_bytes(Encoding.DER)
    with pytest.raises(Invalid) as refused:
        enrol(administrator, anne, own)
    assert refused.value.code == "certificate-without-body"
    assert not PersonCertificate.objects.exists()


def test_it_cannot_be_taken_over_by_a_namesake(administrator, anne, town, der, enrolled):
    identity.end_certificate(actor=administrator, certificate=enrolled)
    namesake = Person.objects.create(given_names="Anne", usual_name="Exemple")
    with pytest.raises(Conflict) as refused:
        enrol(present(namesake, None), namesake, der)
    assert refused.value.code == "certificate-taken"


def test_its_end_is_announced_at_sixty_thirty_and_seven_days_once_each(enrolled):
    worker, told = system_actor("worker"), []
    for left in range(62, 0, -1):
        at = enrolled.valid_until - timedelta(days=left)
        for due, _days in identity.expiring_certificates(at):
            told.append((left, identity.announce_expiry(actor=worker.at(at), certificate=due)))
        assert identity.expiring_certificates(at) == []
    assert told == [(60, 60), (30, 30), (7, 7)]


def test_an_ended_certificate_announces_nothing(administrator, enrolled):
    identity.end_certificate(actor=administrator, certificate=enrolled)
    at = enrolled.valid_until - timedelta(days=5)
    assert identity.expiring_certificates(at) == []
    enrolled.refresh_from_db()
    with pytest.raises(Conflict):
        identity.announce_expiry(actor=system_actor("worker").at(at), certificate=enrolled)
