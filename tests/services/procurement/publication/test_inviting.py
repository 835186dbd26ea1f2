"""Where nothing is public: enterprises are named by their SIRET, each accepts by its link, and nobody else sees the call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing, TooLate
from territoires.services.procurement.actions import (
    bidding,
    corresponding,
    inviting,
    notices,
    preparing,
    public_record,
    publishing,
    validating,
)
from territoires.services.procurement.domain.law import PRIVATE
from territoires.services.procurement.domain.wording import CriterionWords, InvitedWords, invited_in
from territoires.services.procurement.models import Consultation, Correspondent
from territoires.services.procurement.queries.invitations import (
    consultation_for,
    invitation_with,
    invitations_of,
    invited_of,
)
from territoires.services.procurement.queries.law import law_on
from territoires.services.procurement.queries.listings import listing_of
from territoires.services.procurement.queries.publication import first_deadline, public_consultation
from territoires.services.procurement.queries.sheets import checked

from ..bids.conftest import SIRETS, make_bidder, make_enterprise
from ..conftest import make_consultation, rows
from .conftest import PUBLISHED_AT, visitor

INVITED = (
    InvitedWords("Couverture Exemple", SIRETS[0], "contact@couverture.example"),
    InvitedWords("Manon Modèle", SIRETS[1], "manon@travaux.example"),
)
FURTHER = InvitedWords("Zinguerie Exemple", "21710438900010", "zinc@exemple.example")
WHOLE = CriterionWords(kind="price", weight=Decimal(100))


@pytest.fixture
def named(secretary: Actor) -> Consultation:
    """A direct purchase, ready to be validated: the price decides, two enterprises are named."""
    one = make_consultation(
        secretary, procedure="direct", estimated_value=Decimal(30000), family="Réparation urgente"
    )
    preparing.write_lots(actor=secretary, consultation=one, lots=[])
    preparing.write_criteria(actor=secretary, consultation=one, criteria=[WHOLE])
    preparing.write_invited(actor=secretary, consultation=one, invited=INVITED)
    one.refresh_from_db()
    return one


@pytest.fixture
def sent(secretary: Actor, buyer: Actor, named: Consultation) -> Consultation:
    ready = validating.validate_consultation(actor=secretary, consultation=named)
    return publishing.publish_consultation(actor=buyer, consultation=ready)


def mails() -> list[Any]:
    return list(rows("notifications.Mail").order_by("address"))


def test_those_who_are_named_are_told_and_nobody_else(sent: Consultation) -> None:
    assert sent.state == "published" and listing_of(sent.pk) is None
    assert [one.address for one in mails()] == [one.email for one in INVITED]
    links = {one.notification.context["address"] for one in mails()}
    assert len(links) == 2 and all(f"/{sent.pk}/invitation/" in link for link in links)
    with pytest.raises(Missing):
        public_consultation(visitor(), sent.pk)


def bidder_of(siret: str = SIRETS[0]) -> Actor:
    return make_bidder(make_enterprise(siret)).at(PUBLISHED_AT)


def accept(one: Correspondent, siret: str = SIRETS[0]) -> Actor:
    """Somebody of the enterprise of that SIRET, who accepted."""
    bidder = bidder_of(siret)
    inviting.accept_invitation(actor=bidder, invitation=one)
    return bidder


def signed_in(actor: Actor, role: str = "representative") -> Client:
    """A browser of that person, whose role is in the tables as well."""
    membership = rows("identity.Membership").get(person=actor.person, organisation=actor.organisation)
    rows("identity.RoleAssignment").create(membership=membership, role=role, since_on=date(2026, 1, 5))
    account = rows("identity.Account").create(
        email=f"{actor.person}@enterprise.example", person_id=actor.person
    )
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def link_of(one: Correspondent) -> str:
    place = {"consultation": one.consultation_id, "correspondent": one.pk, "token": one.token}
    return reverse("procurement:invited", kwargs=place)


def test_another_secret_is_no_invitation(sent: Consultation) -> None:
    ours, theirs = invited_of(sent)
    assert invitation_with(sent.pk, ours.pk, ours.token) == ours
    for wrong in ("", "x", theirs.token, "\x00"):
        with pytest.raises(Missing):
            invitation_with(sent.pk, ours.pk, wrong)


def test_an_invitation_opens_nothing_before_it_is_sent(named: Consultation) -> None:
    one = invited_of(named)[0]
    with pytest.raises(Missing):
        invitation_with(named.pk, one.pk, one.token)


def test_the_siret_invited_accepts_and_answers(sent: Consultation) -> None:
    """An account that signed up after the invitation had left, as one that was there."""
    one = invited_of(sent)[0]
    bidder = bidder_of()
    with pytest.raises(Missing):
        public_consultation(bidder, sent.pk)
    with pytest.raises(Denied):
        bidding.start_bid(actor=bidder, consultation=sent, round=1)
    inviting.accept_invitation(actor=bidder, invitation=one)
    assert public_consultation(bidder, sent.pk) == sent
    assert bidding.start_bid(actor=bidder, consultation=sent, round=1).consultation_id == sent.pk
    assert [fact.kind for fact in journal.timeline(sent.pk)].count("procurement.invitation.accepted") == 1
    with pytest.raises(Conflict):
        inviting.accept_invitation(actor=bidder, invitation=one)


def test_another_siret_with_the_link_is_refused(sent: Consultation) -> None:
    """Another establishment of the same SIREN is another enterprise here, too."""
    one = invited_of(sent)[0]
    for siret in (SIRETS[1], f"{SIRETS[0][:9]}00021"):
        other = bidder_of(siret)
        with pytest.raises(Denied) as refused:
            inviting.accept_invitation(actor=other, invitation=one)
        assert refused.value.code == "another-invited"
        with pytest.raises(Denied):
            bidding.start_bid(actor=other, consultation=sent, round=1)
        with pytest.raises(Missing):
            consultation_for(visitor(), sent.pk, [other.organisation])
    one.refresh_from_db()
    assert one.accepted_by_id is None


def test_documents_are_read_by_the_enterprise_invited_alone(sent: Consultation) -> None:
    one, place = invited_of(sent)[0], {"consultation": sent.pk}
    page = reverse("procurement:consultation", kwargs=place)
    names = ("consultation", "documents", "json", "feed", "calendar", "ask", "follow", "answer")
    stranger, guest, other = Client(), signed_in(bidder_of()), signed_in(bidder_of(FURTHER.siret))
    shown = stranger.get(link_of(one)).content.decode()
    assert "Couverture Exemple" in shown and "reglement.pdf" not in shown
    assert stranger.post(link_of(one)).status_code == 200, "who is not signed in accepts nothing"
    assert other.get(link_of(one)).status_code == 403 == other.post(link_of(one)).status_code
    for client in (stranger, guest, other):
        for name in names:
            assert client.get(reverse(f"procurement:{name}", kwargs=place)).status_code == 404, name
    assert guest.get(link_of(one)).status_code == 200
    assert guest.post(link_of(one)).headers["Location"] == page
    assert "par votre invitation" in guest.get(page).content.decode()
    assert guest.get(link_of(one)).headers["Location"] == page, "the link leads there from now on"
    assert guest.get(reverse("procurement:documents", kwargs=place)).status_code == 200
    for name in names:
        assert other.get(reverse(f"procurement:{name}", kwargs=place)).status_code == 404, name
    taken = rows("t_procurement.Withdrawal").get(consultation=sent)
    assert taken.correspondent_id == one.pk, "the register says who took them"


def test_one_more_is_invited_while_the_call_is_open(buyer: Actor, sent: Consultation) -> None:
    made = inviting.invite_enterprise(actor=buyer, consultation=sent, invited=FURTHER)
    assert made.pk in {one.pk for one in invited_of(sent)}
    assert FURTHER.email in {one.address for one in mails()}
    for again in (FURTHER, InvitedWords("Autre", "99999008800014", FURTHER.email)):
        with pytest.raises(Invalid):
            inviting.invite_enterprise(actor=buyer, consultation=sent, invited=again)
    with pytest.raises(Invalid):
        wrong = InvitedWords("Autre", "99999006200014", "autre@exemple.example")
        inviting.invite_enterprise(actor=buyer, consultation=sent, invited=wrong)
    deadline = first_deadline(sent)
    assert deadline is not None
    with pytest.raises(TooLate):
        late = buyer.at(deadline + timedelta(seconds=1))
        inviting.invite_enterprise(actor=late, consultation=sent, invited=FURTHER)


def test_nobody_is_invited_to_a_public_call(buyer: Actor, public: Consultation) -> None:
    with pytest.raises(Conflict) as refused:
        inviting.invite_enterprise(actor=buyer, consultation=public, invited=FURTHER)
    assert refused.value.code == "open-to-all"


def test_an_invitation_withdrawn_opens_nothing_any_more(buyer: Actor, sent: Consultation) -> None:
    one, other = invited_of(sent)
    bidder = accept(one)
    reason = "L'entreprise est en liquidation."
    inviting.withdraw_invitation(actor=buyer, consultation=sent, invitation=one, reason=reason)
    with pytest.raises(Missing):
        public_consultation(bidder, sent.pk)
    with pytest.raises(Missing):
        invitation_with(sent.pk, one.pk, one.token)
    with pytest.raises(Denied):
        bidding.start_bid(actor=bidder, consultation=sent, round=1)
    assert [each.withdrawn_at is not None for each in invitations_of(sent)] == [True, False]
    with pytest.raises(Conflict) as refused:
        inviting.withdraw_invitation(actor=buyer, consultation=sent, invitation=other, reason=reason)
    assert refused.value.code == "last-invited"
    inviting.invite_enterprise(actor=buyer, consultation=sent, invited=INVITED[0])


def test_a_bid_received_is_not_lost_by_a_withdrawal_of_its_invitation(
    buyer: Actor, sent: Consultation
) -> None:
    one, other = invited_of(sent)
    bidder, reason = accept(one), "L'entreprise est en liquidation."
    draft = bidding.start_bid(actor=bidder, consultation=sent, round=1)
    bidding.receive_manifest(actor=bidder, draft=draft, deposit=uuid4(), document=b"{}")
    with pytest.raises(Conflict, match="invited-has-deposited"):
        inviting.withdraw_invitation(actor=buyer, consultation=sent, invitation=one, reason=reason)
    theirs = accept(other, SIRETS[1])
    draft = bidding.start_bid(actor=theirs, consultation=sent, round=1)
    inviting.withdraw_invitation(actor=buyer, consultation=sent, invitation=other, reason=reason)
    with pytest.raises(Conflict, match="invitation-withdrawn"):
        bidding.receive_manifest(actor=theirs, draft=draft, deposit=uuid4(), document=b"{}")
    assert rows("t_procurement.SealIntent").count() == 1


def test_no_notice_calls_for_bids_where_enterprises_are_invited(buyer: Actor, sent: Consultation) -> None:
    public_record.propose_call(actor=buyer, consultation=sent)
    assert not rows("t_procurement.Notice").filter(consultation=sent).exists()
    for subtype in ("16", "E3", "4"):
        with pytest.raises(Invalid) as refused:
            notices.prepare_notice(actor=buyer, consultation=sent, subtype=subtype, channel="notices-boamp")
        assert refused.value.code == "call-of-the-invited"


def test_nobody_invited_nothing_published(secretary: Actor, buyer: Actor, named: Consultation) -> None:
    """Even where the last invitation went after the validation."""
    ready = validating.validate_consultation(actor=secretary, consultation=named)
    rows("t_procurement.Correspondent").filter(consultation=ready).delete()
    with pytest.raises(Invalid) as refused:
        publishing.publish_consultation(actor=buyer, consultation=ready)
    assert "invited-missing" in {one.code for one in refused.value.faults}
    assert mails() == []


def test_who_was_invited_brings_nobody_else_in(sent: Consultation) -> None:
    """An address left by one who was invited would receive a link of its own, and bid by it."""
    one, place = invited_of(sent)[0], {"consultation": sent.pk}
    guest, cousin = signed_in(bidder_of()), {"name": "Cousine Exemple", "email": "cousine@ailleurs.example"}
    assert guest.post(link_of(one)).status_code == 302
    assert guest.post(reverse("procurement:follow", kwargs=place), cousin).status_code == 404
    with pytest.raises(Denied, match="invited-only"):
        corresponding.join_correspondents(actor=visitor(), consultation=sent, **cousin)
    assert [one.email for one in invited_of(sent)] == [one.email for one in INVITED]
    assert len(mails()) == len(INVITED)


def test_what_a_direct_purchase_lacks_is_said_while_it_is_prepared(
    secretary: Actor, named: Consultation
) -> None:
    def lacks() -> set[str]:
        check = checked(named, PUBLISHED_AT.date())
        return {one.finding.code for one in check.standings if one.stops}

    assert not lacks()
    preparing.write_invited(actor=secretary, consultation=named, invited=[])
    preparing.write_criteria(actor=secretary, consultation=named, criteria=[])
    preparing.revise_consultation(actor=secretary, consultation=named, values={"tenders_until": None})
    named.refresh_from_db()
    assert lacks() == {"invited-missing", "criteria-missing", "tenders-until-missing"}


def test_above_the_threshold_the_case_is_due_with_its_article(secretary: Actor, named: Consultation) -> None:
    preparing.revise_consultation(
        actor=secretary, consultation=named, values={"estimated_value": Decimal(180000)}
    )
    named.refresh_from_db()
    (missing,) = [
        one.finding
        for one in checked(named, PUBLISHED_AT.date()).standings
        if one.finding.code == "ground-missing"
    ]
    assert missing.severity == "refusal" and missing.article == "CCP R2122-8"


def test_holders_of_a_framework_are_invited_too(secretary: Actor) -> None:
    one = make_consultation(secretary, procedure="subsequent", procedure_ground="Accord-cadre 2025-04, lot 2")
    codes = {standing.finding.code for standing in checked(one, PUBLISHED_AT.date()).standings}
    assert "invited-missing" in codes


def test_private_procedures_are_those_that_the_law_calls_so() -> None:
    law = law_on(PUBLISHED_AT.date())
    assert {code for code, one in law.procedures.items() if one.method in ("direct", "limited")} == {*PRIVATE}


@pytest.mark.parametrize(
    "text",
    [
        f"Toits Exemple {SIRETS[0]} toits@exemple.example",
        "Toits Exemple, 999 990 062 00013, <toits@exemple.example>\n\n",
        f"{SIRETS[0]} toits@exemple.example Toits Exemple",
    ],
)
def test_enterprises_are_read_one_a_line(text: str) -> None:
    assert invited_in(text) == [InvitedWords("Toits Exemple", SIRETS[0], "toits@exemple.example")]


def test_no_line_names_nobody() -> None:
    assert invited_in("\n \n") == []


@pytest.mark.parametrize(
    "text",
    [
        "Toits Exemple toits@exemple.example",
        f"{SIRETS[0]} toits@exemple.example",
        f"Toits Exemple {SIRETS[0]}",
        "Toits Exemple 99999006200014 toits@exemple.example",
        f"A {SIRETS[0]} a@exemple.example\nB {SIRETS[0]} b@exemple.example",
        f"A {SIRETS[0]} a@exemple.example\nB {SIRETS[1]} A@exemple.example",
        "x " * 30,
        "\x00",
    ],
)
def test_a_line_without_name_siret_or_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        invited_in(text)
    assert refused.value.faults[0].field == "invited"


def test_more_than_fifty_are_too_many() -> None:
    with pytest.raises(Invalid):
        invited_in("\n".join(f"Toits {SIRETS[0]} t{n}@exemple.example" for n in range(51)))


def test_the_copy_names_nobody(secretary: Actor, named: Consultation) -> None:
    copy: Callable[..., Consultation] = preparing.copy_consultation
    assert invited_of(copy(actor=secretary, source=named, title="Encore")) == []
