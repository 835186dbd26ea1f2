"""The simulated publishers judge by the official schema and rules: what the real ones would refuse, they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from lxml import etree

from simulators import boamp, notice_check, ted
from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports import https
from territoires.kernel.actor import Actor
from territoires.kernel.clock import system_clock
from territoires.kernel.fact import Subject
from territoires.services.procurement.channels.asking import ask
from territoires.services.procurement.channels.boamp import BOAMP
from territoires.services.procurement.channels.ted import API, TED
from territoires.services.procurement.channels.validation import ask as ask_validation
from territoires.services.procurement.domain.notices import eforms
from territoires.services.procurement.domain.notices.judging import NAMES
from territoires.services.procurement.domain.notices.svrl import read_report
from territoires.services.procurement.models import NoticeChannel
from territoires.services.procurement.queries.notice_ways import way_to
from tests.services.procurement.conftest import make_actor, make_body, receive

from .conftest import a_notice

SUBTYPE = "16"
# What an eSender may get wrong, and the rule that stands against it.
WRONG = {
    "a mention is missing": (".//cac:ProcurementProject/cbc:Description", None, "BR-BT-00024"),
    "a code is unknown": (".//cac:RealizedLocation//cbc:CountrySubentityCode", "FRZZ9", "BR-BT-05071"),
    "a form is broken": (".//cac:AppealTerms//cac:PartyIdentification/cbc:ID", "ORG-9999", "BR-OPT-00301"),
    "an element is unknown": ("cbc:IssueDate", "hier", "BR-XSD"),
}


def written(subtype: str = SUBTYPE) -> bytes:
    """A notice of today that the rules accept."""
    sheet = a_notice(subtype)
    return eforms.build(replace(sheet, head=replace(sheet.head, issued_at=system_clock())))


def spoilt(path: str, value: str | None) -> bytes:
    root = etree.fromstring(written())
    found = root.xpath(path, namespaces=NAMES)
    assert found, path
    for one in found:
        if value is None:
            one.getparent().remove(one)
        else:
            one.text = value
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


@pytest.fixture(scope="module")
def publishers(rules_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Both in this process, with the official rules in the operator's folder."""
    folder = tmp_path_factory.mktemp("publishers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERRITOIRES_PACKS", str(rules_folder))
        modules: dict[str, ModuleType] = {"ted": ted, "boamp": boamp}
        for name, module in modules.items():
            module.start(folder / name)
        yield {name: folder / name / "connection.json" for name in modules}


@pytest.fixture
def ways(publishers: dict[str, Path], settings: Any, db: None) -> None:
    settings.NOTICES_CONNECTIONS = publishers


@pytest.fixture
def sender(db: None) -> Actor:
    return make_actor(make_body())


def outgoing(actor: Actor, content: bytes) -> exchange.Outgoing:
    name = notice_check.name_of(content)[0]
    document = receive(actor, content, "avis.xml")
    assert actor.organisation is not None
    return exchange.Outgoing(uuid4(), actor.organisation, name, document, Subject("t.notice", uuid4()), None)


@pytest.mark.parametrize("channel", [TED, BOAMP], ids=["ted", "boamp"])
def test_an_invalid_notice_is_refused_by_the_rules_and_a_valid_one_is_taken(
    ways: None, sender: Actor, channel: exchange.Channel
) -> None:
    path, value, rule = WRONG["a mention is missing"]
    refused = channel.deliver(outgoing(sender, spoilt(path, value)))
    assert isinstance(refused, exchange.Refused) and rule in refused.detail
    assert isinstance(channel.deliver(outgoing(sender, written())), exchange.Accepted)


@pytest.mark.parametrize("wrong", WRONG)
def test_the_validation_service_answers_what_the_rules_find(ways: None, wrong: str) -> None:
    path, value, rule = WRONG[wrong]
    way = way_to(NoticeChannel.TED)
    assert way is not None and way.validation is not None
    report = ask_validation(way.validation, spoilt(path, value))
    assert report.answer == "invalid"
    assert any(one.rule.startswith(rule) and one.stops for one in report.findings), report.findings
    assert ask_validation(way.validation, written()).answer == "valid"


def test_the_report_of_a_refused_notice_stays_to_be_read(ways: None, sender: Actor) -> None:
    path, value, rule = WRONG["a mention is missing"]
    parcel = outgoing(sender, spoilt(path, value))
    TED.deliver(parcel)
    way = way_to(NoticeChannel.TED)
    assert way is not None
    reply = https.request(
        "GET",
        f"{way.url}{API}/{parcel.key}/validation-report",
        trust=way.trust,
        headers={"Authorization": f"Bearer {way.key}"},
    )
    assert any(one.rule.startswith(rule) for one in read_report(reply.body))
    assert ask(way, f"{API}/{parcel.key}", {"Authorization": f"Bearer {way.key}"})[0] == 404


def test_what_no_rule_can_say_is_looked_at_too(publishers: dict[str, Path]) -> None:
    assert notice_check.faults(written()) == []
    old = written().replace(f"{system_clock():%Y-%m-%d}".encode(), b"2026-01-02")
    assert any("too far" in one for one in notice_check.faults(old))
    other = written().replace(b"eforms-sdk-1.15", b"eforms-sdk-1.2")
    assert any("not accepted" in one for one in notice_check.faults(other))
    with pytest.raises(notice_check.Unread):
        notice_check.faults(b"<avis")
    unknown = written().replace(b'listName="notice-subtype">16<', b'listName="notice-subtype">99<')
    with pytest.raises(notice_check.Unread):
        notice_check.faults(unknown)
