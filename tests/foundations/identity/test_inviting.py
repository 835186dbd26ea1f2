"""Invitations, sign-up of enterprises, enrolment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client

from territoires.foundations.identity import api as identity
from territoires.foundations.identity.actors import actor_for_person
from territoires.foundations.identity.jobs import send_invitation
from territoires.foundations.identity.models import (
    Account,
    Invitation,
    Kind,
    Membership,
    Organisation,
    Person,
)
from territoires.foundations.identity.tokens import token_of
from territoires.kernel.actor import Actor
from territoires.kernel.clock import fixed_clock
from territoires.kernel.errors import Conflict, Denied, Gone, Invalid, Missing

from .conftest import PASSWORD, bare, present

pytestmark = pytest.mark.django_db

SIRET = "73282932000074"
POST_OFFICE = "35600000049837"
STRANGER = Actor()


def invite(
    actor: Actor, town: Organisation, email: str = "clara@mairie.example", **given: object
) -> Invitation:
    return identity.invite_person(
        **{
            "actor": actor,
            "organisation": town,
            "email": email,
            "given_names": "Clara",
            "usual_name": "Exemple",
            "roles": ["secretary"],
            **given,
        }
    )


def sign_up(siret: str = SIRET, email: str = "chef@atelier.example") -> Invitation:
    return identity.sign_up_enterprise(
        actor=STRANGER,
        siret=siret,
        name="Atelier Modèle",
        email=email,
        given_names="Diane",
        usual_name="Modèle",
    )


def test_an_invited_stranger_becomes_a_member_with_her_role(administrator, town):
    invitation = invite(administrator, town)
    identity.accept_invitation(actor=STRANGER, token=token_of(invitation), password=PASSWORD)
    clara = Person.objects.get(given_names="Clara")
    assert clara.account.check_password(PASSWORD)
    assert [p.organisation for p in identity.places_of(clara)] == [town]


def test_an_invitation_serves_once(administrator, town):
    token = token_of(invite(administrator, town))
    identity.accept_invitation(actor=STRANGER, token=token, password=PASSWORD)
    with pytest.raises(Gone, match="invitation-over"):
        identity.accept_invitation(actor=STRANGER, token=token, password=PASSWORD)
    assert Person.objects.filter(given_names="Clara").count() == 1


def test_an_old_or_forged_invitation_opens_nothing(administrator, town):
    invitation = invite(administrator, town)
    later = STRANGER.at(datetime.now(UTC) + timedelta(days=15))
    with pytest.raises(Gone):
        identity.accept_invitation(actor=later, token=token_of(invitation), password=PASSWORD)
    with pytest.raises(Missing):
        identity.accept_invitation(actor=STRANGER, token=token_of(invitation)[:-1] + "~", password=PASSWORD)


def test_inviting_again_replaces(administrator, town):
    first, second = invite(administrator, town), invite(administrator, town, "CLARA@mairie.example")
    with pytest.raises(Gone):
        identity.accept_invitation(actor=STRANGER, token=token_of(first), password=PASSWORD)
    identity.accept_invitation(actor=STRANGER, token=token_of(second), password=PASSWORD)


def test_a_known_address_must_be_signed_in(administrator, town, person):
    clara = person("Clara")
    token = token_of(invite(administrator, town))
    with pytest.raises(Denied, match="sign-in-to-accept"):
        identity.accept_invitation(actor=STRANGER, token=token, password="autre phrase bien longue")
    with pytest.raises(Denied, match="sign-in-to-accept"):
        identity.accept_invitation(actor=present(person("Denis"), None), token=token)
    identity.accept_invitation(actor=present(clara, None), token=token)
    assert clara.account.check_password(PASSWORD)


@pytest.mark.parametrize(
    "email", ["", "clara", "clara@", "clаra@mairie.example", "a@b.example\nBcc: x@y.example"]
)
def test_addresses_that_are_none_are_refused(administrator, town, email):
    with pytest.raises(Invalid):
        invite(administrator, town, email)


def test_nobody_invites_above_oneself_nor_elsewhere(administrator, town, other_town):
    with pytest.raises(Denied):
        invite(administrator, town, roles=["operator"])
    with pytest.raises(Denied):
        invite(administrator, other_town)


def test_the_mail_holds_the_link_and_the_page_accepts_it(administrator, town):
    invitation = invite(administrator, town)
    send_invitation(invitation=str(invitation.pk))
    address = "/invitation/" + mail.outbox[0].body.partition("/invitation/")[2].split()[0]
    client = Client()
    assert town.name in client.get(address).content.decode()
    weak = client.post(address, {"password": "clara exemple 2026"})
    assert weak.status_code == 200 and not Account.objects.filter(email="clara@mairie.example").exists()
    assert client.post(address, {"password": PASSWORD}).status_code == 302
    assert client.get(address).status_code == 410


def test_an_enterprise_opens_only_when_its_address_is_proved():
    invitation = sign_up()
    assert not Membership.objects.exists()
    identity.accept_invitation(actor=STRANGER, token=token_of(invitation), password=PASSWORD)
    diane = Person.objects.get(given_names="Diane")
    place = identity.places_of(diane)[0]
    assert (place.organisation.reference, place.organisation.kind) == (SIRET, Kind.ENTERPRISE)
    assert identity.Identity.INVITE in actor_for_person(diane, place.organisation).grants


def test_a_second_sign_up_for_one_siret_asks_its_administrator():
    first, second = sign_up(), sign_up(email="autre@atelier.example")
    identity.accept_invitation(actor=STRANGER, token=token_of(first), password=PASSWORD)
    with pytest.raises(Conflict, match="enterprise-has-people"):
        identity.accept_invitation(actor=STRANGER, token=token_of(second), password=PASSWORD)
    with pytest.raises(Conflict, match="enterprise-has-people"):
        sign_up(email="encore@atelier.example")


@pytest.mark.parametrize("siret", ["73282932000075", "732829320", "", "7328293200007a", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤"])
def test_a_wrong_siret_is_refused(siret):
    with pytest.raises(Invalid, match="not-a-siret"):
        sign_up(siret)


def test_a_post_office_whose_luhn_key_is_wrong_may_sign_up():
    assert sign_up(POST_OFFICE).organisation.reference == POST_OFFICE


def test_a_closed_establishment_is_explained():
    sign_up()
    Organisation.objects.filter(reference=SIRET).update(closed_on=date(2026, 2, 1))
    with pytest.raises(Conflict, match="closed-establishment"):
        sign_up()


def test_the_page_answers_the_same_for_known_and_unknown_addresses(person):
    person("Clara")
    form = {"name": "Atelier", "given_names": "Clara", "usual_name": "Exemple"}
    known = Client().post(
        "/inscription/entreprise/", {**form, "siret": SIRET, "email": "clara@mairie.example"}
    )
    unknown = Client().post(
        "/inscription/entreprise/", {**form, "siret": POST_OFFICE, "email": "zoe@mairie.example"}
    )
    assert known.status_code == unknown.status_code == 200
    assert bare(known).replace("clara@", "zoe@") == bare(unknown)


def test_enrolling_the_same_line_twice_changes_nothing(person, operator, town):
    omar = present(person("Omar", operator, "operator"), operator)
    line = identity.Enrolment(
        organisation=town,
        email="zoe@mairie.example",
        given_names="Zoé",
        usual_name="Essai",
        role="secretary",
    )

    def enrol():
        prepared = identity.prepare_enrolments(omar, emails=[line.email], organisations=[town])
        judged = [prepared.judge(line), prepared.judge(line)]
        if any(judged[0]):
            identity.enrol_people(actor=omar, organisations=[town], enrolments=prepared)
        return judged

    assert enrol() == [(True, True), (False, False)]
    assert enrol() == [(False, False), (False, False)]
    assert not Account.objects.get(email="zoe@mairie.example").has_usable_password()
    assert Membership.objects.filter(organisation=town).count() == 1


class TestMistypedAddress:
    def test_it_is_corrected_and_the_former_link_dies(self, administrator, town):
        mistyped = invite(administrator, town, email="clarra@mairie.example", scope=["legality"])
        renewed = identity.send_again(actor=administrator, invitation=mistyped, email="clara@mairie.example")
        with pytest.raises(Gone):
            identity.accept_invitation(actor=STRANGER, token=token_of(mistyped), password=PASSWORD)
        member = identity.accept_invitation(actor=STRANGER, token=token_of(renewed), password=PASSWORD)
        assert [(role.role, role.scope) for role in member.roles.all()] == [("secretary", ["legality"])]

    def test_it_is_cancelled_once(self, administrator, town):
        invitation = invite(administrator, town)
        identity.cancel_invitation(actor=administrator, invitation=invitation)
        for gesture in (identity.cancel_invitation, identity.send_again):
            with pytest.raises(Gone):
                gesture(actor=administrator, invitation=invitation)

    def test_one_too_old_is_sent_again(self, administrator, town):
        invitation = invite(administrator, town)
        late = replace(administrator, clock=fixed_clock(datetime.now(UTC) + timedelta(days=20)))
        assert identity.send_again(actor=late, invitation=invitation).expires_at > late.now()

    def test_nobody_elsewhere_touches_it(self, administrator, person, other_town, town):
        invitation = invite(administrator, town)
        foreign = present(person("Zara", other_town, "administrator"), other_town)
        with pytest.raises(Denied):
            identity.cancel_invitation(actor=foreign, invitation=invitation)


def test_a_second_address_that_was_proved_is_the_same_person(administrator, person, town):
    clara = person("Clara")
    EmailAddress.objects.create(user=clara.account, email="clara@autre.example", verified=True)
    invitation = invite(administrator, town, email="clara@autre.example")
    with pytest.raises(Denied, match="sign-in-to-accept"):
        identity.accept_invitation(actor=STRANGER, token=token_of(invitation), password=PASSWORD)
    member = identity.accept_invitation(actor=present(clara, None), token=token_of(invitation))
    assert member.person == clara


def test_an_address_that_was_only_claimed_stays_free(administrator, person, town):
    claimer = person("Mallory")
    EmailAddress.objects.create(user=claimer.account, email="clara@mairie.example", verified=False)
    invitation = invite(administrator, town)
    member = identity.accept_invitation(actor=STRANGER, token=token_of(invitation), password=PASSWORD)
    assert member.person != claimer


def test_the_journal_holds_nothing_personal_in_clear(administrator, town):
    invitation = invite(administrator, town)
    identity.accept_invitation(actor=STRANGER, token=token_of(invitation), password=PASSWORD)
    sign_up(email="chef@atelier.example")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(convert_from(body, 'UTF8'), ' ') FROM journal_entry")
        book = cursor.fetchone()[0]
    assert "identity.invitation.accepted" in book
    for personal in ("mairie.example", "atelier.example", "Clara", "Exemple", "Diane", PASSWORD):
        assert personal not in book
