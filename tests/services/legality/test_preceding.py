"""The act that another one changes: chosen among what counts, told to the State when it knows it, shown on both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Invalid, Missing
from territoires.kernel.ids import new_id
from territoires.services.legality.actions import preceding, publishing, signing, withdrawing
from territoires.services.legality.models import Act
from territoires.services.legality.queries.preceding import changeable_acts, state_identifier

from .conftest import make_act, make_actor, make_body
from .test_pages import TYPED, desk, public, sign_in
from .test_rest import ACTS, Api, api  # noqa: F401

EARLIER = {"number": "DEL_2025_007", "object": "Tarifs de la cantine", "decided_on": date(2025, 3, 4)}
Acts = Callable[..., Act]


def chosen(actor: Actor, act: Act, before: Act, link: str = "modifies") -> Act:
    return preceding.choose_preceding(actor=actor, act=act, preceding=before.pk, link=link)


@pytest.mark.parametrize("state", ["signed", "published", "notified", "posted", "taken_over"])
def test_what_is_signed_or_comes_from_the_history_can_be_changed(
    acts: Acts, secretary: Actor, state: str
) -> None:
    before = acts(state, **EARLIER, **({"nature": "3", "matter_code": "4.1"} if state == "notified" else {}))
    act = chosen(secretary, acts(), before)
    act.refresh_from_db()
    assert (act.preceding, act.preceding_link) == (before, "modifies")
    assert preceding.choose_preceding(actor=secretary, act=act, preceding=None).preceding is None


@pytest.mark.parametrize("state", ["draft", "discarded", "withdrawn"])
def test_what_does_not_stand_cannot(acts: Acts, secretary: Actor, state: str) -> None:
    before = acts(state, **EARLIER)
    with pytest.raises(Missing):
        chosen(secretary, acts(), before)


def test_neither_itself_nor_a_later_act_nor_another_bodys_nor_in_a_circle(
    acts: Acts, secretary: Actor
) -> None:
    act = acts()
    foreign = make_act(make_actor(make_body("Autre commune", "217004999")), "published", **EARLIER)
    later = acts("signed", number="DEL_2026_099", decided_on=date(2026, 11, 13))
    for other in (act, foreign, later):
        with pytest.raises(Missing):
            chosen(secretary, act, other)
    before = acts("signed", **EARLIER)
    Act.objects.filter(pk=before.pk).update(preceding=act, preceding_link="repeals")
    with pytest.raises(Missing):
        chosen(secretary, act, before)


def test_the_link_is_demanded_and_a_signed_act_keeps_what_it_says(acts: Acts, secretary: Actor) -> None:
    before, act = acts("signed", **EARLIER), acts()
    with pytest.raises(Invalid) as refusal:
        chosen(secretary, act, before, "")
    assert [fault.field for fault in refusal.value.faults] == ["link"]
    with pytest.raises(Conflict):
        chosen(secretary, acts("signed", number="DEL_2026_042"), before)


def test_it_is_found_by_number_or_by_object(acts: Acts) -> None:
    before = acts("taken_over", **EARLIER)
    acts("signed", number="DEL_2025_008", object="Voirie", decided_on=date(2025, 3, 4))
    act = acts()
    for text in ("DEL_2025_007", "cantine", "tarif CANTINE"):
        assert changeable_acts(act, text) == [before]
    assert changeable_acts(act, "xyzzy") == []
    assert len(changeable_acts(act, "")) == 2


def test_what_the_state_calls_it_is_known_only_of_what_it_received(acts: Acts) -> None:
    before = acts("taken_over", **EARLIER)
    assert state_identifier(before) == ""
    before.former.status, before.former.received_on = "received", date(2025, 3, 5)
    before.former.identifier = "021-217104389-20250304-DEL_2025_007-DE"
    before.former.save()
    assert state_identifier(Act.objects.get(pk=before.pk)) == "021-217104389-20250304-DEL_2025_007-DE"
    assert state_identifier(acts("signed", number="DEL_2026_099")) == ""


def test_the_draft_leads_to_the_choice_and_loses_nothing(client: Client, acts: Acts, body: Any) -> None:
    sign_in(client, body)
    before, act = acts("taken_over", **EARLIER), acts()
    edit = client.post(
        desk("edit", body, act=act.pk),
        {**TYPED, "object": "Tarifs corrigés", "precede": "", "version": act.version},
    )
    assert edit.url == desk("preceding", body, act=act.pk)
    act.refresh_from_db()
    assert act.object == "Tarifs corrigés"
    page = desk("preceding", body, act=act.pk)
    found = client.get(page, {"q": "cantine"})
    assert f'value="{before.pk}"' in found.content.decode()
    refused = client.post(page, {"_key": "a", "preceding": str(before.pk), "q": "cantine"})
    assert refused.status_code == 422 and f'value="{before.pk}"' in refused.content.decode()
    garbage = client.post(page, {"_key": "b", "preceding": "x", "link": "modifies"})
    assert garbage.status_code == 422
    done = client.post(page, {"_key": "c", "preceding": str(before.pk), "q": "cantine", "link": "completes"})
    assert done.url == desk("act", body, act=act.pk)
    for one, other in ((act, before), (before, act)):
        shown = client.get(desk("act", body, act=one.pk)).content.decode()
        assert desk("act", body, act=other.pk) in shown


def test_the_register_shows_it_where_both_are_public(acts: Acts, secretary: Actor, body: Any) -> None:
    before = acts("published", **EARLIER)
    act = acts()
    chosen(secretary, act, before, "repeals")
    act = make_signed(secretary, act)
    page = public("act", body, act=before.pk)
    later = public("act", body, act=act.pk)
    reader = Client(headers={"Accept-Language": "en"})
    assert later not in reader.get(page).content.decode(), "nobody reads it before it is public"
    publishing.publish_act(actor=secretary, act=act)
    assert "Repealed by" in (shown := reader.get(page).content.decode()) and later in shown
    assert page in reader.get(later).content.decode()
    withdrawing.withdraw_act(actor=secretary, act=before, reason="Publié par erreur, à reprendre.")
    assert page not in reader.get(later).content.decode()


def make_signed(actor: Actor, act: Act) -> Act:
    return signing.declare_signed(actor=actor, act=act, signed_on=date(2026, 11, 13), original_is_kept=True)


def test_a_program_says_it_and_reads_it_from_both(api: Api, acts: Acts, body: Any) -> None:  # noqa: F811
    before, act = acts("taken_over", **EARLIER), acts()
    [found] = api.send("GET", f"{ACTS}?q=cantine").json()["items"]
    told = {"preceding": found["id"], "link": "modifies"}
    said = api.send("PUT", f"{ACTS}/{act.pk}/preceding", told)
    assert said.json()["preceding"]["number"] == "DEL_2025_007", said.content
    [following] = api.send("GET", f"{ACTS}/{before.pk}").json()["following"]
    assert (following["id"], following["link"]) == (str(act.pk), "modifies")
    stranger = api.send("PUT", f"{ACTS}/{act.pk}/preceding", {**told, "preceding": str(new_id())})
    assert stranger.status_code == 404
    none = api.send("PUT", f"{ACTS}/{act.pk}/preceding", {"preceding": None})
    assert none.json()["preceding"] is None
