"""What a program reads and does about the way of acts to the State: it prepares, and never sends."""

from __future__ import annotations

from typing import Any

import pytest

from territoires.services.legality.models import Transmission
from tests.services.legality.conftest import make_act, make_actor
from tests.services.legality.test_rest import ACTS, Api, api  # noqa: F401
from tests.services.legality.transmission.places import bring_to

from .conftest import Town, configure, person

pytestmark = pytest.mark.django_db


def test_a_program_prepares_and_reads_where_the_act_is(api: Api, body: Any) -> None:  # noqa: F811
    act = make_act(make_actor(body), "signed")
    path = f"{ACTS}/{act.pk}"
    refused = api.send("POST", f"{path}/prepare-transmission")
    assert refused.status_code == 409 and refused.json()["type"].endswith(":no-convention")
    configure(body)
    assert api.send("POST", f"{path}/prepare-transmission").status_code == 200
    [sending] = api.send("GET", f"{path}/transmissions").json()["transmissions"]
    assert (sending["state"], sending["rank"]) == ("to_confirm", 1)
    assert sending["identifier"] == f"021-{body.siren}-20261112-DEL_2026_041-DE"
    assert api.send("POST", f"{path}/confirm-transmission").status_code == 404


def test_a_program_reads_a_refusal_and_its_answer(api: Api, body: Any, town: Town) -> None:  # noqa: F811
    configure(body)
    act = make_act(make_actor(body), "signed")
    clerk, _row = person(make_actor(body))
    bring_to("refused", act, clerk)
    [sending] = api.send("GET", f"{ACTS}/{act.pk}/transmissions").json()["transmissions"]
    assert sending["state"] == "refused" and "former one" in sending["explanation"] and sending["remedy"]
    answer = Transmission.objects.get(act=act).answer
    assert answer is not None
    read = api.send("GET", f"{ACTS}/{act.pk}/files/{answer.sha256}")
    assert b"AnomalieActe" in b"".join(read.streaming_content)
    foreign = town.act()
    assert api.send("GET", f"{ACTS}/{foreign.pk}/transmissions").status_code == 404
