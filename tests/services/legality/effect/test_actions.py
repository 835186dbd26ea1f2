"""Publicity on paper, exceptions, the body's choice: recorded with their day and their reason, refused when they cannot be."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pikepdf
import pytest
from django.apps import apps
from django.test import Client

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid
from territoires.services.legality.actions import duties, posting, publishing
from territoires.services.legality.models import Act, PublicationChoice
from territoires.services.legality.queries import effect, proofs

from ..conftest import INDIVIDUAL, NOW, make_act, make_actor, make_body
from ..test_pages import desk, key_of, public, sign_in

SIGNED_ON = date(2026, 11, 13)
POSTED_ON = date(2026, 11, 14)
NOTICE = posting.PostingNotice(mode="posting", place="Panneau de la mairie", posted_on=POSTED_ON)
REASON = "Tarifs de stationnement : exception de l'article L.2131-2."


@pytest.fixture
def small(body: Any, secretary: Actor) -> Any:
    """The body has 250 inhabitants and decided to post its acts."""
    body.population = 250
    body.save()
    choose(secretary)
    return body


def choose(actor: Actor, **change: Any) -> PublicationChoice:
    given = {"mode": "posting", "from_on": date(2026, 1, 1), "deliberation": "DEL_2025_060 du 12/12/2025"}
    return duties.choose_publication(actor=actor, **(given | change))


def receive_at_prefecture(act: Act, on: date) -> None:
    from territoires.foundations.documents import api as documents

    document = documents.receive(
        [b"<ARActe/>"],
        name="ar.xml",
        organisation=act.organisation_id,
        actor=make_actor(act.organisation),
        limit=100,
    )
    apps.get_model("t_legality.Transmission")._default_manager.create(
        act=act,
        organisation=act.organisation,
        rank=1,
        channel="actes-ministry",
        state="acknowledged",
        identifier="038-217104389-20261112-DEL_2026_041-DE",
        classification_on=date(2026, 1, 1),
        prepared_at=NOW,
        confirmed_by=make_actor(act.organisation).person,
        confirmed_at=NOW,
        certificate="00" * 32,
        received_on=on,
        acknowledgement=document,
    )


def test_posting_makes_a_small_body_s_act_executory(small: Any, secretary: Actor) -> None:
    act = make_act(secretary, "signed", number="DEL_2026_060")
    posted = posting.post_act(actor=secretary, act=act, notice=NOTICE)
    assert posted.state == "posted"
    assert effect.effect_of(posted).executory_since is None, "the prefecture has not acknowledged it"
    receive_at_prefecture(posted, date(2026, 11, 16))
    assert effect.effect_of(posted).executory_since == date(2026, 11, 16)
    kinds = [entry.kind for entry in journal.timeline(act.pk)]
    assert kinds[-1] == "legality.act.posted"


def test_on_line_alone_does_not_replace_the_posting_that_was_decided(small: Any, secretary: Actor) -> None:
    act = make_act(secretary, "published", number="DEL_2026_060")
    assert effect.effect_of(act).public_on is None


def test_another_mode_than_the_one_decided_is_refused(small: Any, secretary: Actor) -> None:
    act = make_act(secretary, "signed", number="DEL_2026_060")
    with pytest.raises(Conflict, match="otherwise"):
        posting.post_act(actor=secretary, act=act, notice=replace(NOTICE, mode="paper"))
    act.refresh_from_db()
    assert act.state == "signed"


def test_in_an_emergency_anybody_posts_and_the_publication_on_line_stays_due(
    body: Any, secretary: Actor
) -> None:
    act = make_act(secretary, "signed")
    with pytest.raises(Conflict):
        posting.post_act(actor=secretary, act=act, notice=NOTICE)
    posting.post_act(actor=secretary, act=act, notice=replace(NOTICE, mode="emergency"))
    items = apps.get_model("worklist.Item")._default_manager.filter(subject_id=act.pk)
    assert [item.verb for item in items] == ["Prepare for the prefecture"]
    duties.declare_duty(actor=secretary, act=act, is_transmitted=False, reason="Tarif de voirie communale.")
    assert [item.verb for item in items.all()] == ["Publish"]
    act = publishing.publish_act(actor=secretary, act=act)
    assert not items.all().exists()
    assert effect.effect_of(act).public_on == POSTED_ON, "the posting came first"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"mode": "megaphone"}, "mode-missing"),
        ({"place": "  "}, "place-missing"),
        ({"posted_on": None}, "posting-date"),
        ({"posted_on": date(2026, 11, 12)}, "posting-date"),
        ({"posted_on": date(2026, 11, 25)}, "posting-date"),
    ],
)
def test_what_is_wrong_with_a_posting_is_told(
    small: Any, secretary: Actor, change: dict[str, Any], fault: str
) -> None:
    act = make_act(secretary, "signed", number="DEL_2026_060")
    with pytest.raises(Invalid) as refusal:
        posting.post_act(actor=secretary, act=act, notice=replace(NOTICE, **change))
    assert [found.code for found in refusal.value.faults] == [fault]


def test_an_individual_act_is_never_posted(small: Any, secretary: Actor) -> None:
    act = make_act(secretary, "signed", **INDIVIDUAL)
    with pytest.raises(Conflict, match="notified"):
        posting.post_act(actor=secretary, act=act, notice=NOTICE)


def test_the_certificate_gives_both_days(small: Any, secretary: Actor) -> None:
    act = make_act(secretary, "signed", number="DEL_2026_060")
    with pytest.raises(Conflict):
        proofs.posting_certificate_of(act, language="fr")
    act = posting.post_act(actor=secretary, act=act, notice=NOTICE)
    with pytest.raises(Invalid):
        posting.end_posting(actor=secretary, act=act, removed_on=date(2026, 11, 13))
    act = posting.end_posting(actor=secretary, act=act, removed_on=date(2026, 11, 20))
    with pytest.raises(Conflict):
        posting.end_posting(actor=secretary, act=act, removed_on=date(2026, 11, 20))
    with pikepdf.open(io.BytesIO(proofs.posting_certificate_of(act, language="fr"))) as pdf:
        assert len(pdf.pages) >= 1


def test_an_exception_needs_its_reason_and_counts(secretary: Actor, body: Any) -> None:
    act = make_act(secretary, "published")
    assert effect.effect_of(act).executory_since is None
    with pytest.raises(Invalid):
        duties.declare_duty(actor=secretary, act=act, is_transmitted=False, reason="non")
    act = duties.declare_duty(actor=secretary, act=act, is_transmitted=False, reason=REASON)
    assert effect.effect_of(act).executory_since == NOW.date()
    assert [e.kind for e in journal.timeline(act.pk)][-1] == "legality.act.duty-declared"


def test_no_exception_once_the_state_has_the_act(secretary: Actor, body: Any) -> None:
    act = make_act(secretary, "published")
    receive_at_prefecture(act, date(2026, 11, 16))
    with pytest.raises(Conflict):
        duties.declare_duty(actor=secretary, act=act, is_transmitted=False, reason=REASON)


def test_an_agent_prepares_and_declares_nothing(body: Any, secretary: Actor) -> None:
    agent = make_actor(body, "agent")
    act = make_act(secretary, "signed")
    for refused in (
        lambda: duties.declare_duty(actor=agent, act=act, is_transmitted=False, reason=REASON),
        lambda: posting.post_act(actor=agent, act=act, notice=NOTICE),
        lambda: choose(agent),
    ):
        with pytest.raises(Denied):
            refused()


def test_a_large_body_has_no_choice(body: Any, secretary: Actor) -> None:
    body.population = 8000
    body.save()
    with pytest.raises(Conflict):
        choose(secretary)
    body.population = 80
    body.save()
    assert choose(secretary).mode == "posting"
    assert choose(secretary, mode="paper").mode == "paper"
    assert PublicationChoice.objects.filter(organisation=body).count() == 1, "one day, one choice"


def test_a_body_of_unknown_population_says_itself_that_it_is_small(client: Client, body: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        choose(make_actor(body))
    assert [fault.field for fault in refusal.value.faults] == ["is_small"]
    sign_in(client, body)
    address = desk("publication", body)
    page = client.get(address).content.decode()
    assert 'name="is_small"' in page and "3500" in page.replace("\u202f", "").replace("\xa0", "")
    choice = {"_key": "a", "mode": "posting", "from_on": "01/01/2026", "deliberation": "DEL_2025_060"}
    refused = client.post(address, choice)
    assert refused.status_code == 422 and "DEL_2025_060" in refused.content.decode()
    assert client.post(address, {**choice, "_key": "b", "is_small": "on"}).status_code == 302
    assert PublicationChoice.objects.get().mode == "posting"
    body.population = 120
    body.save()
    assert 'name="is_small"' not in client.get(address).content.decode()


# -- the pages --------------------------------------------------------------------------------------------------------


def test_an_agent_records_the_choice_posts_and_prints(client: Client, body: Any) -> None:
    body.population = 250
    body.save()
    sign_in(client, body)
    address = desk("publication", body)
    key = key_of(client.get(address))
    wrong = client.post(address, {"_key": key, "mode": "posting"})
    assert wrong.status_code == 422
    choice = {"_key": key, "mode": "posting", "from_on": "01/01/2026", "deliberation": "DEL_2025_060"}
    assert client.post(address, choice).status_code == 302
    act = make_act(make_actor(body), "signed")
    page = client.get(desk("act", body, act=act.pk)).content.decode()
    assert desk("post", body, act=act.pk) in page
    sent = {"_key": "p", "mode": "posting", "place": "Panneau", "posted_on": "14/11/2026"}
    assert client.get(desk("post", body, act=act.pk)).status_code == 200
    assert client.post(desk("post", body, act=act.pk), sent).status_code == 302
    printed = client.get(desk("posting-certificate", body, act=act.pk))
    assert printed["Content-Type"] == "application/pdf"
    page = client.get(desk("act", body, act=act.pk)).content.decode()
    assert desk("end-posting", body, act=act.pk) in page


def test_the_page_says_executory_since_with_its_two_dates(client: Client, body: Any) -> None:
    sign_in(client, body)
    act = make_act(make_actor(body), "published")
    before = client.get(desk("act", body, act=act.pk), headers={"Accept-Language": "en"}).content.decode()
    assert "Not executory yet" in before
    assert "The prefecture has not acknowledged it." in before
    receive_at_prefecture(act, date(2026, 11, 16))
    for address in (desk("act", body, act=act.pk), public("act", body, act=act.pk)):
        page = client.get(address, headers={"Accept-Language": "en"}).content.decode()
        assert "Executory since Tuesday 24 November 2026" in page
        assert "received at the prefecture on <b>Monday 16 November 2026</b>" in page


def test_the_exception_is_declared_on_its_page(client: Client, body: Any) -> None:
    sign_in(client, body)
    act = make_act(make_actor(body), "published")
    assert client.get(desk("duty", body, act=act.pk)).status_code == 200
    sent = client.post(desk("duty", body, act=act.pk), {"_key": "d", "reason": REASON})
    assert sent.status_code == 302
    act.refresh_from_db()
    assert (act.is_transmitted, act.transmission_reason) == (False, REASON)


def test_nobody_posts_an_act_of_elsewhere(body: Any, secretary: Actor) -> None:
    other = make_actor(make_body("Autre Commune", "217104397"))
    with pytest.raises(Denied):
        posting.post_act(actor=other, act=make_act(secretary, "signed"), notice=NOTICE)
