"""Where nothing is public: enterprises are named, each receives a link of its own, and nobody else sees the call."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Denied, Invalid, Missing
from territoires.services.procurement.actions import bidding, corresponding, preparing, publishing, validating
from territoires.services.procurement.domain.law import PRIVATE
from territoires.services.procurement.domain.wording import CriterionWords, InvitedWords, invited_in
from territoires.services.procurement.models import Consultation
from territoires.services.procurement.queries.invitations import consultation_for, invitation_of, invited_of
from territoires.services.procurement.queries.law import law_on
from territoires.services.procurement.queries.listings import listing_of
from territoires.services.procurement.queries.publication import public_consultation
from territoires.services.procurement.queries.sheets import checked

from ..bids.conftest import make_bidder, make_enterprise
from ..conftest import make_consultation, rows
from .conftest import PUBLISHED_AT, visitor

INVITED = (
    InvitedWords("Couverture Exemple", "contact@couverture.example"),
    InvitedWords("Manon Modèle", "manon@travaux.example"),
)
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


def test_the_link_opens_the_call_and_another_secret_does_not(sent: Consultation) -> None:
    ours, theirs = invited_of(sent)
    assert consultation_for(visitor(), sent.pk, invitation_of(ours)) == sent
    for wrong in ("", "x", f"{ours.pk}.{theirs.token}", f"{ours.pk}.", "\x00"):
        with pytest.raises(Missing):
            consultation_for(visitor(), sent.pk, wrong)


def test_an_invitation_opens_nothing_before_it_is_sent(named: Consultation) -> None:
    with pytest.raises(Missing):
        consultation_for(visitor(), named.pk, invitation_of(invited_of(named)[0]))


def test_a_browser_reads_documents_by_its_link_alone(sent: Consultation) -> None:
    one, place = invited_of(sent)[0], {"consultation": sent.pk}
    page = reverse("procurement:consultation", kwargs=place)
    stranger, guest = Client(), Client()
    for name in ("consultation", "documents", "json", "feed", "calendar", "ask", "follow"):
        assert stranger.get(reverse(f"procurement:{name}", kwargs=place)).status_code == 404, name
    link = reverse("procurement:invited", kwargs={**place, "correspondent": one.pk, "token": one.token})
    assert guest.get(link).headers["Location"] == page
    assert "par votre invitation" in guest.get(page).content.decode()
    assert guest.get(reverse("procurement:documents", kwargs=place)).status_code == 200
    broken = reverse("procurement:invited", kwargs={**place, "correspondent": one.pk, "token": "x"})
    assert stranger.get(broken).status_code == 404
    taken = rows("t_procurement.Withdrawal").get(consultation=sent)
    assert taken.correspondent_id == one.pk, "the register says who took them"


def test_an_enterprise_bids_by_its_invitation_alone(sent: Consultation) -> None:
    bidder = make_bidder(make_enterprise()).at(PUBLISHED_AT)
    with pytest.raises(Denied):
        bidding.start_bid(actor=bidder, consultation=sent, round=1)
    with pytest.raises(Missing):
        public_consultation(bidder, sent.pk)
    by = invitation_of(invited_of(sent)[0])
    draft = bidding.start_bid(actor=bidder, consultation=sent, round=1, invitation=by)
    assert draft.consultation_id == sent.pk
    assert public_consultation(bidder, sent.pk) == sent, "who has begun reads it without the link"


def test_who_was_invited_brings_nobody_else_in(sent: Consultation) -> None:
    """An address left by one who was invited would receive a link of its own, and bid by it."""
    one, place = invited_of(sent)[0], {"consultation": sent.pk}
    guest, cousin = Client(), {"name": "Cousine Exemple", "email": "cousine@ailleurs.example"}
    guest.get(reverse("procurement:invited", kwargs={**place, "correspondent": one.pk, "token": one.token}))
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
    ("text", "found"),
    [
        ("Toits Exemple toits@exemple.example", [("Toits Exemple", "toits@exemple.example")]),
        ("Toits Exemple, <toits@exemple.example>\n\n", [("Toits Exemple", "toits@exemple.example")]),
        ("A x@a.example\nB X@A.example", [("A", "x@a.example")]),
        ("", []),
    ],
)
def test_enterprises_are_read_one_a_line(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.email) for one in invited_in(text)] == found


@pytest.mark.parametrize(
    "text", ["Toits Exemple", "toits@exemple.example", "A b@c", "x " * 30, "a a@b.example\n" * 0 + "\x00"]
)
def test_a_line_without_name_or_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        invited_in(text)
    assert refused.value.faults[0].field == "invited"


def test_more_than_fifty_are_too_many() -> None:
    with pytest.raises(Invalid):
        invited_in("\n".join(f"Toits {n} t{n}@exemple.example" for n in range(51)))


def test_the_copy_names_nobody(secretary: Actor, named: Consultation) -> None:
    copy: Callable[..., Consultation] = preparing.copy_consultation
    assert invited_of(copy(actor=secretary, source=named, title="Encore")) == []
