"""The board of the switch: what still blocks each member."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from territoires.services.legality.models import Convention, Route
from territoires.services.legality.queries.board import members
from tests.services.legality.conftest import NOW, make_actor, make_body, take_over_act
from tests.services.legality.test_pages import sign_in

pytestmark = pytest.mark.django_db


def model(name: str) -> Any:
    return apps.get_model("identity", name)._default_manager


def certify(account: Any, siren: str, **more: Any) -> None:
    model("PersonCertificate").create(
        person=account.person,
        fingerprint=siren.zfill(64),
        der=b"",
        siren=siren,
        enrolled_at=NOW,
        **{"valid_until": NOW + timedelta(days=30), **more},
    )


def agree(body: Any, **more: Any) -> None:
    said = {"office": "Préfecture", "department": "021", "arrondissement": "1", "nature": "31"}
    days = {"signed_on": date(2026, 1, 5), "from_on": date(2026, 1, 5), **more}
    Convention.objects.create(organisation=body, **said, **days)


def missing(body: Any) -> tuple[str, ...]:
    [found] = [one.missing for one in members(NOW) if one.body == body]
    return found


def test_each_step_leaves_the_board_once_it_is_done(client: Client, body: Any) -> None:
    account = sign_in(client, body)
    assert missing(body) == ("agreement", "channel", "certificate", "classification", "history")
    agree(body)
    route = {"channel": "actes-ministry", "transmitter": "TER", "return_address": "actes@plateforme.test"}
    Route.objects.create(organisation=body, from_at=NOW, first_serial=5001, **route)
    certify(account, body.siren)
    assert missing(body) == ("classification", "history")
    take_over_act(make_actor(body))
    assert missing(body) == ("classification",)


def test_what_does_not_hold_today_does_not_count(client: Client, body: Any) -> None:
    account = sign_in(client, body)
    agree(body, from_on=date(2026, 12, 1))
    certify(account, body.siren, valid_until=NOW - timedelta(minutes=1))
    certify(account, "210000009")
    assert {"agreement", "certificate"} <= set(missing(body))


def test_a_renewal_recorded_ahead_does_not_hide_the_agreement_in_force(client: Client, body: Any) -> None:
    sign_in(client, body)
    agree(body, until_on=date(2026, 12, 31))
    agree(body, from_on=date(2027, 1, 1))
    assert "agreement" not in missing(body)


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({}, True),
        ({"scope": ["legality"]}, True),
        ({"scope": ["procurement"]}, False),
        ({"role": "agent"}, False),
        ({"until_on": date(2026, 11, 1)}, False),
        ({"ended_at": NOW - timedelta(minutes=1)}, False),
    ],
)
def test_whoever_transmits_by_a_mandate_counts(
    client: Client, body: Any, more: dict[str, Any], counts: bool
) -> None:
    sign_in(client, body, role="agent")
    account = sign_in(Client(), make_body("Syndicat", "210000017"))
    said = {"role": "secretary", "since_on": date(2026, 1, 5), "instrument": "DEL_2026_001", **more}
    model("Mandate").create(principal=body, representative=account.person, **said)
    assert ("people" not in missing(body)) is counts


def test_nobody_who_may_transmit_is_told(client: Client, body: Any) -> None:
    sign_in(client, body, role="agent")
    assert "people" in missing(body)


def test_the_number_of_queries_does_not_grow_with_the_members(client: Client, body: Any) -> None:
    sign_in(client, body)
    with CaptureQueriesContext(connection) as one:
        members(NOW)
    for number in range(3):
        sign_in(Client(), make_body(f"Commune {number}", f"21000000{number}"))
    with CaptureQueriesContext(connection) as four:
        assert len(members(NOW)) == 4
    assert len(four) == len(one)
