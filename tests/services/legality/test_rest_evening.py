"""What a program does of sittings, votes, signatures and the acts of before: the same verbs as the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from territoires.services.legality import jobs
from territoires.services.legality.actions import electronic
from territoires.services.legality.models import Act, Sitting
from tests.rest.operations import SITTING

from .conftest import make_act, make_actor, pdf
from .evening.conftest import make_sitting
from .test_rest import ACTS, Api, api  # noqa: F401

SITTINGS, HISTORY = "/api/v1/legality/sittings", "/api/v1/legality/history"
TABLE = "numero;nature;objet;date_decision\n2019_12;DE;Tarifs de la cantine;14/03/2019\n"

pytestmark = pytest.mark.django_db


def sent(api: Api, path: str, content: bytes, media_type: str, **headers: str) -> Any:  # noqa: F811
    return api.client.generic("POST", path, content, media_type, headers=headers)


def test_a_program_keeps_a_whole_sitting(api: Api, body: Any) -> None:  # noqa: F811
    made = api.send("POST", SITTINGS, SITTING)
    assert made.status_code == 201, made.content
    sitting = f"{SITTINGS}/{made.json()['id']}"
    assert made["Location"] == sitting
    act = make_act(make_actor(body), decided_on=None)
    attached = api.send("PUT", f"{ACTS}/{act.pk}/sitting", {"sitting": made.json()["id"]})
    assert attached.json()["sitting"] == made.json()["id"]
    assert attached.json()["decided_on"] == "2026-11-12"
    too_many = {"ballots": {str(act.pk): {"outcome": "adopted", "votes_for": 11}}}
    refused = api.send("PUT", f"{sitting}/votes", too_many)
    assert refused.status_code == 422 and refused.json()["faults"]
    voted = {"ballots": {str(act.pk): {"outcome": "adopted", "votes_for": 9, "against": 1}}}
    read = api.send("PUT", f"{sitting}/votes", voted).json()
    [examined] = read["acts"]
    assert (examined["vote"]["votes_for"], read["list_due_on"]) == (9, "2026-11-19")
    listed = api.send("POST", f"{sitting}/publish-list")
    assert listed.json()["list_sha256"], listed.content
    minutes = f"{sitting}/publish-minutes?name=pv.pdf&adopted_on=2026-11-20"
    published = sent(api, minutes, pdf("pv"), "application/pdf", **{"If-Match": listed["ETag"]})
    assert (published.json()["minutes_due_on"], published.status_code) == ("2026-11-27", 200)
    stale = api.send("PUT", sitting, SITTING, **{"If-Match": listed["ETag"]})
    assert stale.status_code == 412
    corrected = api.send("PUT", sitting, {**SITTING, "present": 7})
    assert corrected.json()["present"] == 7
    assert [line["id"] for line in api.send("GET", SITTINGS).json()] == [made.json()["id"]]
    away = api.send("PUT", f"{ACTS}/{act.pk}/sitting", {"sitting": None})
    assert away.json()["sitting"] is None


def test_a_sitting_that_cannot_be_is_refused(api: Api) -> None:  # noqa: F811
    for change in ({"secretaries": []}, {"present": 20}, {"kind": "garden"}, {"in_office": -1}):
        answer = api.send("POST", SITTINGS, {**SITTING, **change})
        assert answer.status_code == 422, change
    assert not Sitting.objects.exists()


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("1799-12-31", "out_of_calendar"),
        ("2200-01-01", "out_of_calendar"),
        ("2026-02-30", "date_from_datetime_parsing"),
        ("demain", "date_from_datetime_parsing"),
    ],
)
def test_a_day_in_an_address_is_one_of_a_register(api: Api, day: str, code: str) -> None:  # noqa: F811
    for bound in ("decided_from", "decided_until"):
        answer = api.send("GET", f"{ACTS}?{bound}={day}")
        assert answer.status_code == 422, bound
        (fault,) = answer.json()["faults"]
        assert (fault["field"].rpartition(".")[2], fault["code"]) == (bound, code)
    made = api.send("POST", SITTINGS, SITTING).json()
    minutes = f"{SITTINGS}/{made['id']}/publish-minutes?name=pv.pdf&adopted_on={day}"
    answer = sent(api, minutes, pdf("pv"), "application/pdf", **{"If-Match": '"1"'})
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert (fault["field"].rpartition(".")[2], fault["code"]) == ("adopted_on", code)
    assert Sitting.objects.get().minutes_file is None


def test_a_program_reads_who_has_signed(api: Api, body: Any) -> None:  # noqa: F811
    actor = make_actor(body)
    act = make_sitting(actor, 1).acts.get()
    assert api.send("GET", f"{ACTS}/{act.pk}/signatures").json() == []
    electronic.ask_signatures(actor=actor, act=act)
    found = api.send("GET", f"{ACTS}/{act.pk}/signatures").json()
    assert [(one["capacity"], one["usual_name"], one["signed_at"]) for one in found] == [
        ("author", "Essai", None),
        ("secretary", "Modèle", None),
    ]


def test_a_program_imports_the_history_after_its_dry_run(api: Api) -> None:  # noqa: F811
    brought = sent(api, f"{HISTORY}?name=actes.csv&device=Ancien", TABLE.encode(), "text/csv")
    assert (brought.status_code, brought.json()["state"]) == (201, "received"), brought.content
    one = f"{HISTORY}/{brought.json()['id']}"
    assert api.send("POST", f"{one}/order").status_code == 409, "it was not read yet"
    jobs.read_history(history=brought.json()["id"])
    checked = api.send("GET", one).json()
    assert (checked["state"], checked["new_count"], checked["faults"]) == ("checked", 1, [])
    assert not Act.objects.exists()
    assert api.send("POST", f"{one}/order").json()["state"] == "ordered"
    jobs.take_over_history(history=brought.json()["id"])
    assert api.send("GET", one).json()["state"] == "done"
    assert Act.objects.get().number == "2019_12"
    faulty = sent(api, f"{HISTORY}?name=actes.csv", TABLE.replace("14/03", "31/02").encode(), "text/csv")
    jobs.read_history(history=faulty.json()["id"])
    told = api.send("GET", f"{HISTORY}/{faulty.json()['id']}").json()
    assert told["fault_count"] == 1 and told["faults"][0]["line"] == 2
    assert [found["id"] for found in api.send("GET", HISTORY).json()] == [
        faulty.json()["id"],
        brought.json()["id"],
    ]
    assert Client().get(HISTORY).status_code == 401
