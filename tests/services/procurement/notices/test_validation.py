"""The European validation service, asked about a notice before it leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Invalid
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.domain.notices import life
from territoires.services.procurement.domain.notices.judging import Judgement
from territoires.services.procurement.domain.notices.svrl import read_report
from territoires.services.procurement.models import Notice
from territoires.services.procurement.queries.notice_rules import Told, told
from territoires.services.procurement.queries.notice_ways import way_to
from tests.services.procurement.conftest import make_consultation

from .conftest import PROFILE, World, judged, make_buyer, svrl_errors
from .test_flow import TED, hand_over, order

ANSWERED = "procurement.notice.checked"
RULE = "BR-BT-00131-0022"


@pytest.fixture
def buyer(db: None) -> Actor:
    _body, actor = make_buyer()
    verbs.write_profile(actor=actor, values=PROFILE)
    return actor


@pytest.fixture
def ready(buyer: Actor, world: World, no_rules: None) -> Notice:
    """A voluntary notice for the European publisher; our own rules are not there to judge it."""
    consultation = make_consultation(buyer, "validated")
    return judged(verbs.prepare_notice(actor=buyer, consultation=consultation, subtype="E3", channel=TED))


def read(notice: Notice) -> list[Told]:
    with translation.override("en"):
        return [told(Judgement(**one), legal_day(notice.prepared_at)) for one in notice.findings]


def answers(notice: Notice) -> list[dict[str, Any]]:
    every = journal.timeline(notice.consultation_id)
    return [dict(one.facts) | dict(one.files) for one in every if one.kind == ANSWERED]


def test_a_valid_notice_is_sent_and_the_answer_is_kept(ready: Notice, buyer: Actor, world: World) -> None:
    order(buyer, ready)
    assert hand_over(ready) == "sent"
    assert (ready.state, ready.findings) == (life.SENT, [])
    assert ready.name in world.received("ted")
    (kept,) = answers(ready)
    assert (kept["answer"], kept["errors"], kept["content"]) == ("valid", 0, ready.sha256)


def test_an_invalid_notice_is_not_submitted_and_the_report_is_explained(
    ready: Notice, buyer: Actor, world: World
) -> None:
    world.behave("ted", call="validate", outcome="reject", words=RULE)
    order(buyer, ready)
    assert hand_over(ready) == "refused"
    assert ready.name not in world.received("ted")
    assert ready.state == life.REJECTED and RULE in ready.reason
    (one,) = read(ready)
    assert (one.rule, one.stops, one.step) == (RULE, True, "calendar")
    assert [one["answer"] for one in answers(ready)] == ["invalid"]

    verbs.rewrite_notice(actor=buyer, consultation=ready.consultation, notice=ready.pk)
    again = judged(ready)
    order(buyer, again)
    assert hand_over(again) == "sent" and again.findings == []


@pytest.mark.parametrize(
    ("asked", "trouble"),
    [
        ({"status": 503}, "not-available"),
        ({"status": 403}, "not-let-in"),
        ({"status": 400}, "odd-answer"),
        ({"reception": "cut"}, "no-answer"),
    ],
)
def test_a_service_that_does_not_answer_stops_nothing_and_the_agent_is_told(
    ready: Notice, buyer: Actor, world: World, asked: dict[str, Any], trouble: str
) -> None:
    world.behave("ted", call="validate", **asked)
    order(buyer, ready)
    assert hand_over(ready) == "sent"
    (one,) = read(ready)
    assert not one.stops and trouble in one.sentence
    assert [(one["answer"], one["trouble"]) for one in answers(ready)] == [("unasked", trouble)]


def test_it_is_not_asked_where_the_operator_has_not_set_it(
    ready: Notice, buyer: Actor, world: World, settings: Any, tmp_path: Path
) -> None:
    said = json.loads(settings.NOTICES_CONNECTIONS["ted"].read_text())
    del said["validation"]
    bare = tmp_path / "ted.json"
    bare.write_text(json.dumps(said))
    settings.NOTICES_CONNECTIONS = settings.NOTICES_CONNECTIONS | {"ted": bare}
    world.behave("ted", call="validate", outcome="reject", words=RULE)
    order(buyer, ready)
    assert hand_over(ready) == "sent"
    assert answers(ready) == []


def test_the_service_may_have_an_address_and_a_key_of_its_own(settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "ted.json"
    file.write_text(
        json.dumps(
            {
                "url": "https://publication.example",
                "key": "one",
                "validation": {"url": "https://validation.example/", "key": "other"},
            }
        )
    )
    settings.NOTICES_CONNECTIONS = {"ted": file}
    way = way_to(TED)
    assert way is not None and way.validation is not None
    assert (way.validation.url, way.validation.key) == ("https://validation.example", "other")


@pytest.mark.parametrize(
    ("sample", "warnings"), [("INVALID_cn_24_stage-2", {"BR-BT-00514-0310"}), ("cn_24_minimal", set())]
)
def test_official_reports_are_read_whole(shared_data: Path, sample: str, warnings: set[str]) -> None:
    report = shared_data / f"procurement/eforms/examples/{sample}.svrl"
    found = read_report(report.read_bytes())
    assert {one.rule for one in found} == svrl_errors(report)
    assert {one.rule for one in found if not one.stops} == warnings
    assert all(one.place for one in found)


@pytest.mark.parametrize("answer", [b"<html/>", b"not xml", b""])
def test_what_is_no_report_is_refused(answer: bytes) -> None:
    with pytest.raises(Invalid):
        read_report(answer)
