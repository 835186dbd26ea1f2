"""A notice from its preparation to its publication, with the publishers simulated beside the platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from territoires.foundations.actions.api import may
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import fixed_clock, legal_day, system_clock
from territoires.kernel.errors import Conflict, Denied, Invalid, Unavailable
from territoires.services.procurement.actions import notice_records, open_data
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.domain.notices import life
from territoires.services.procurement.models import Notice
from territoires.services.procurement.permissions import Procurement
from territoires.services.procurement.queries.notice_rules import missing_rules, rules_alarm
from territoires.services.procurement.queries.notice_ways import way_to
from territoires.services.procurement.queries.notices import content_of, notice_named
from tests.services.procurement.conftest import make_actor, make_body, make_consultation, rows
from tests.waiting import until

from .conftest import PROFILE, World, collect, is_in, judged, make_buyer, make_formal, send_waiting

pytestmark = pytest.mark.usefixtures("db")
BOAMP, TED = "notices-boamp", "notices-ted"
NAMES = {BOAMP: "boamp", TED: "ted"}


@pytest.fixture
def buyer() -> Actor:
    _body, actor = make_buyer()
    verbs.write_profile(actor=actor, values=PROFILE)
    return actor


def prepared(buyer: Actor, channel: str = BOAMP) -> Notice:
    if channel == BOAMP:
        consultation, subtype = make_consultation(buyer, "validated"), "E3"
    else:
        consultation, subtype = make_formal(buyer), "16"
    return judged(
        verbs.prepare_notice(actor=buyer, consultation=consultation, subtype=subtype, channel=channel)
    )


@pytest.fixture
def ready(buyer: Actor, rules: Path) -> Notice:
    """A notice for the BOAMP that the official rules found sound."""
    return prepared(buyer)


def order(buyer: Actor, notice: Notice) -> None:
    verbs.order_notice(actor=buyer, consultation=notice.consultation, notice=notice.pk)


def hand_over(notice: Notice) -> str:
    """The bus moves, and the follower tells the notice what it heard; answers the state of the parcel."""
    send_waiting()
    parcel = exchange.parcel_of(channel=notice.channel, key=notice.name)
    assert parcel is not None
    actor = system_actor("follower", organisation=notice.organisation_id)
    notice.refresh_from_db()
    if parcel.state == "sent" and notice.state == life.ORDERED:
        notice_records.record_sent(actor=actor, notice=notice, sent_at=system_clock())
    elif parcel.state == "refused":
        notice_records.record_rejected(actor=actor, notice=notice, reason=parcel.detail)
    notice.refresh_from_db()
    return str(parcel.state)


@pytest.mark.parametrize("channel", [BOAMP, TED])
def test_a_notice_goes_from_the_consultation_to_its_publication(
    buyer: Actor, rules: Path, world: World, channel: str
) -> None:
    notice = prepared(buyer, channel)
    assert (notice.state, notice.findings, notice.rules) == (life.READY, [], "1.15.1")
    order(buyer, notice)
    assert hand_over(notice) == "sent"
    assert notice.sent_at is not None
    until(is_in(notice, life.PUBLISHED))
    assert notice.publication_number and notice.published_on is not None
    assert notice.name in world.received("boamp" if channel == BOAMP else "ted")


def test_the_steps_between_are_seen_when_the_publisher_takes_its_time(
    ready: Notice, buyer: Actor, world: World
) -> None:
    world.behave("boamp", call="submit", delay=0.5)
    order(buyer, ready)
    hand_over(ready)
    collect()
    ready.refresh_from_db()
    assert ready.state == life.SENT
    until(is_in(ready, life.ACKNOWLEDGED), seconds=20)
    assert ready.acknowledged_at is not None
    until(is_in(ready, life.PUBLISHED), seconds=20)


def test_what_the_publisher_refuses_is_told_in_its_words_and_sent_again_under_another_name(
    ready: Notice, buyer: Actor, world: World
) -> None:
    world.behave("boamp", call="submit", outcome="reject", words="Département absent", delay=0)
    order(buyer, ready)
    hand_over(ready)
    until(is_in(ready, life.REJECTED))
    assert ready.reason == "Département absent"
    former = ready.identifier
    verbs.rewrite_notice(actor=buyer, consultation=ready.consultation, notice=ready.pk)
    again = judged(ready)
    assert again.state == life.READY and again.identifier != former
    order(buyer, again)
    assert hand_over(again) == "sent"


@pytest.mark.parametrize(("channel", "status"), [(BOAMP, 400), (BOAMP, 413), (TED, 400), (TED, 422)])
def test_a_notice_refused_at_the_door_is_refused(
    buyer: Actor, rules: Path, world: World, channel: str, status: int
) -> None:
    ready = prepared(buyer, channel)
    world.behave(NAMES[channel], call="submit", status=status, words="avis mal formé")
    order(buyer, ready)
    assert hand_over(ready) == "refused"
    assert ready.state == life.REJECTED and "avis mal formé" in ready.reason


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_closed_door_keeps_the_notice_waiting(
    ready: Notice, buyer: Actor, world: World, status: int
) -> None:
    world.behave("boamp", call="submit", status=status)
    order(buyer, ready)
    assert hand_over(ready) == "waiting"
    assert ready.state == life.ORDERED and not world.received("boamp").get(ready.name)


@pytest.mark.parametrize("channel", [BOAMP, TED])
def test_a_cut_line_leaves_a_doubt_that_an_enquiry_ends_without_a_second_deposit(
    buyer: Actor, rules: Path, world: World, channel: str
) -> None:
    ready = prepared(buyer, channel)
    world.behave(NAMES[channel], call="submit", reception="cut")
    order(buyer, ready)
    assert hand_over(ready) == "doubtful"
    rows("exchange.Parcel").filter(key=ready.name).update(due_at=None)
    assert hand_over(ready) == "sent"
    assert ready.state == life.SENT


@pytest.mark.parametrize("channel", [BOAMP, TED])
def test_what_is_there_already_is_not_deposited_twice(
    buyer: Actor, rules: Path, world: World, channel: str
) -> None:
    ready = prepared(buyer, channel)
    order(buyer, ready)
    hand_over(ready)
    rows("exchange.Parcel").filter(key=ready.name).update(
        state="waiting", attempts=0, due_at=None, settled_at=None
    )
    assert hand_over(ready) == "sent"
    assert [one["name"] for one in world.call(NAMES[channel], "/received")].count(ready.name) == 1


def test_silence_leaves_it_sent_and_the_operator_is_told_when_nobody_answers(
    ready: Notice, buyer: Actor, world: World
) -> None:
    world.behave("boamp", call="submit", outcome="silence")
    order(buyer, ready)
    hand_over(ready)
    collect()
    ready.refresh_from_db()
    assert ready.state == life.SENT
    world.behave("boamp", call="status", status=503)
    with pytest.raises(Unavailable) as silent:
        collect()
    assert silent.value.code == "publisher-silent"


def test_an_answer_that_is_no_json_changes_nothing(ready: Notice, buyer: Actor, world: World) -> None:
    from territoires.services.procurement.channels import boamp, ted

    for answer in (None, [], "publie", {"etat": 3}, {"status": None}):
        boamp.follow(ready, answer)
        ted.follow(ready, answer)
    ready.refresh_from_db()
    assert ready.state == life.READY


def test_a_notice_is_taken_back_before_its_publication_begins_and_not_after(
    ready: Notice, buyer: Actor, world: World
) -> None:
    world.behave("boamp", call="submit", delay=3600)
    order(buyer, ready)
    hand_over(ready)
    verbs.stop_notice(
        actor=buyer, consultation=ready.consultation, notice=ready.pk, reason="Erreur sur le lot 2."
    )
    send_waiting()
    until(is_in(ready, life.STOPPED))
    with pytest.raises(Conflict):
        order(buyer, ready)


def test_nothing_leaves_twice_nor_before_it_is_ready(buyer: Actor, rules: Path, world: World) -> None:
    consultation = make_consultation(buyer, "validated")
    notice = verbs.prepare_notice(actor=buyer, consultation=consultation, subtype="E3", channel=BOAMP)
    with pytest.raises(Conflict):
        order(buyer, notice)
    order(buyer, judged(notice))
    with pytest.raises(Conflict):
        order(buyer, notice)


def test_a_notice_of_another_day_is_written_anew_first(ready: Notice, buyer: Actor, world: World) -> None:
    tomorrow = replace(buyer, clock=fixed_clock(system_clock() + timedelta(days=1)))
    with pytest.raises(Conflict) as refused:
        order(tomorrow, ready)
    assert refused.value.code == "notice-of-another-day"


def test_without_a_way_the_agent_enters_it_herself_and_tells_it(
    ready: Notice, buyer: Actor, settings: Any, tmp_path: Path
) -> None:
    settings.NOTICES_CONNECTIONS = dict.fromkeys(("ted", "boamp", "opendata"), tmp_path / "none.json")
    with pytest.raises(Conflict) as closed:
        order(buyer, ready)
    assert closed.value.code == "publisher-closed"
    told = {"actor": buyer, "consultation": ready.consultation, "notice": ready.pk}
    with pytest.raises(Invalid) as refused:
        verbs.tell_publication(**told, number=" ", published_on=legal_day(system_clock()) + timedelta(days=1))
    assert {one.code for one in refused.value.faults} == {"publication-number", "publication-day"}
    verbs.tell_publication(**told, number="26-12345", published_on=date(2026, 11, 30))
    ready.refresh_from_db()
    assert (ready.state, ready.publication_number) == (life.PUBLISHED, "26-12345")


def test_what_is_missing_is_named_with_the_page_that_mends_it(rules: Path) -> None:
    _body, actor = make_buyer()
    consultation = make_formal(actor, review_body="Tribunal administratif de Démonstration")
    notice = judged(verbs.prepare_notice(actor=actor, consultation=consultation, subtype="16", channel=TED))
    assert notice.state == life.DRAFT
    assert {"BT-513-Organization-Company", "BT-501-Organization-Company"} <= {
        one["field"] for one in notice.findings
    }
    verbs.write_profile(actor=actor, values=PROFILE)
    verbs.rewrite_notice(actor=actor, consultation=consultation, notice=notice.pk)
    assert judged(notice).state == life.READY


def test_without_the_rules_it_is_made_and_says_so(buyer: Actor, no_rules: None) -> None:
    assert missing_rules() == ["eforms-sdk", "decp-schema"]
    notice = prepared(buyer)
    assert (notice.state, notice.rules) == (life.READY, "")
    assert b"eforms-sdk-1.15" in content_of(notice)


def test_the_operator_is_alarmed_only_when_something_waits_for_missing_rules(
    buyer: Actor, no_rules: None
) -> None:
    assert rules_alarm() == ""
    prepared(buyer, BOAMP)
    assert rules_alarm() == "", "a voluntary notice needs no European rules"
    prepared(buyer, TED)
    with pytest.raises(Conflict) as told:
        rules_alarm()
    assert (told.value.code, told.value.params) == ("notice-rules-missing", {"names": "eforms-sdk"})
    body = rows("identity.Organisation").get(pk=buyer.organisation)
    open_data.write_record(
        actor=buyer, organisation=body, kind="marche", record={"id": "1", "acheteur": {"id": body.siret}}
    )
    with pytest.raises(Conflict) as told:
        rules_alarm()
    assert told.value.params == {"names": "eforms-sdk, decp-schema"}


def test_a_european_notice_leaves_only_once_it_was_judged(buyer: Actor, no_rules: None, world: World) -> None:
    notice = prepared(buyer, TED)
    with pytest.raises(Conflict) as refused:
        order(buyer, notice)
    assert refused.value.code == "notice-not-judged" and "territoires eforms" in refused.value.remedy
    send_waiting()
    assert notice.name not in world.received("ted")
    verbs.tell_publication(
        actor=buyer,
        consultation=notice.consultation,
        notice=notice.pk,
        number="123456-2026",
        published_on=date(2026, 11, 30),
    )
    national = prepared(buyer, BOAMP)
    order(buyer, national)
    assert hand_over(national) == "sent"


def test_the_operator_reads_the_versions_of_the_rules(rules: Path) -> None:
    assert missing_rules() == []
    assert rules_alarm() == "eforms-sdk 1.15.1, decp-schema 2.0.3"


def test_a_correction_names_what_it_corrects_and_is_judged_like_any_other(
    ready: Notice, buyer: Actor, rules: Path
) -> None:
    given = {"actor": buyer, "consultation": ready.consultation, "subtype": "E3", "channel": BOAMP}
    with pytest.raises(Conflict):
        verbs.prepare_notice(**given, changes=ready.pk, change_reason="cor-buy", change_text="Date")
    verbs.tell_publication(
        actor=buyer,
        consultation=ready.consultation,
        notice=ready.pk,
        number="26-1",
        published_on=date(2026, 11, 30),
    )
    with pytest.raises(Invalid):
        verbs.prepare_notice(**given, changes=ready.pk, change_reason="cor-buy", change_text=" ")
    made = judged(
        verbs.prepare_notice(
            **given, changes=ready.pk, change_reason="cor-buy", change_text="La date limite est reportée."
        )
    )
    assert made.state == life.READY, made.findings
    assert ready.name.encode() in content_of(made)


def test_a_result_before_any_decision_says_that_there_is_none(buyer: Actor, rules: Path) -> None:
    consultation = make_formal(buyer)
    with translation.override("en"):
        notice = judged(
            verbs.prepare_notice(actor=buyer, consultation=consultation, subtype="29", channel=TED)
        )
    assert notice.state == life.DRAFT and "There is no result to tell yet" in notice.reason


def test_strangers_and_other_bodies_touch_no_notice(ready: Notice) -> None:
    other = make_actor(make_body("Commune Voisine", "217100015"))
    assert not may(other, Procurement.NOTICE_SEND, ready.consultation)
    with pytest.raises(Denied):
        order(other, ready)
    observer = replace(make_actor(ready.organisation, "observer"), clock=system_clock)
    with pytest.raises(Denied):
        order(observer, ready)


def test_a_person_never_records_what_a_publisher_says(ready: Notice, buyer: Actor) -> None:
    with pytest.raises(Denied):
        notice_records.record_published(
            actor=buyer, notice=ready, number="1", published_on=date(2026, 11, 30)
        )


def test_the_key_is_in_no_words(world: World) -> None:
    way = way_to(BOAMP)
    assert way is not None and len(way.key) > 10
    assert way.key not in repr(way)


def test_names_that_are_not_ours_name_nothing(ready: Notice) -> None:
    assert notice_named(ready.name) == ready
    for name in ("", "x-1", f"{UUID(int=0)}-01", f"{ready.identifier}-99", f"{ready.identifier}-é"):
        assert notice_named(name) is None
