"""The pages of the import: a table brought, its faults read, its acts ordered."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from territoires.services.legality import jobs
from territoires.services.legality.domain.history import read_table
from territoires.services.legality.models import Act, HistoryImport
from territoires.services.legality.queries.readiness import classification
from tests.services.legality.conftest import make_body
from tests.services.legality.history.test_table import LINE, SIREN, TODAY, written
from tests.services.legality.test_pages import sign_in

pytestmark = pytest.mark.django_db


def address(name: str, body: Any, **place: Any) -> str:
    return reverse(f"legality_desk:{name}", kwargs={"organisation": body.reference, **place})


def bring(client: Client, body: Any, content: bytes, key: str = "k") -> HistoryImport:
    form = {"_key": key, "device": "Ancien", "table": SimpleUploadedFile("actes.csv", content)}
    sent = client.post(address("history", body), form)
    history = HistoryImport.objects.latest("brought_at")
    assert sent.url == address("history-import", body, history=history.pk)
    assert "hx-trigger" in client.get(sent.url).content.decode(), "the page waits for the job"
    jobs.read_history(history=str(history.pk))
    return history


def test_a_table_is_brought_read_and_taken_over(client: Client, body: Any) -> None:
    sign_in(client, body)
    history = bring(client, body, written(LINE))
    page = address("history-import", body, history=history.pk)
    order = address("history-order", body, history=history.pk)
    assert order in client.get(page).content.decode()
    for _click in range(2):
        assert client.post(order, {"_key": "o"}).url == page
    jobs.take_over_history(history=str(history.pk))
    act = Act.objects.get()
    shown = client.get(address("act", body, act=act.pk), headers={"Accept-Language": "en"}).content.decode()
    assert "Not transmitted" in shown
    assert "Ancien" in shown
    assert order not in client.get(page).content.decode()


def test_each_fault_stands_on_the_page_with_its_line(client: Client, body: Any) -> None:
    sign_in(client, body)
    history = bring(client, body, written({**LINE, "nature": "ZZ"}))
    page = address("history-import", body, history=history.pk)
    content = client.get(page, headers={"Accept-Language": "fr"}).content.decode()
    assert "« ZZ » n’est pas l’une des six natures." in content.replace("\u00a0", " ")
    client.post(address("history-order", body, history=history.pk), {"_key": "o"})
    history.refresh_from_db()
    assert history.state == "checked"


def test_two_clicks_bring_one_table(client: Client, body: Any) -> None:
    sign_in(client, body)
    for _click in range(2):
        form = {"_key": "same", "device": "", "table": SimpleUploadedFile("a.csv", written(LINE))}
        client.post(address("history", body), form)
    assert HistoryImport.objects.count() == 1


def test_the_model_is_a_table_that_is_read(client: Client, body: Any) -> None:
    sign_in(client, body)
    answer = client.get(address("history-model", body))
    table = read_table(answer.content, siren=SIREN, natures=classification(TODAY).natures, today=TODAY)
    assert (len(table.acts), table.faults) == (2, [])


def test_another_body_sees_nothing_of_it(client: Client, body: Any) -> None:
    sign_in(client, body)
    history = bring(client, body, written(LINE))
    elsewhere = make_body("Ailleurs", SIREN)
    stranger = Client()
    sign_in(stranger, elsewhere)
    assert stranger.get(address("history-import", elsewhere, history=history.pk)).status_code == 404
    assert stranger.post(address("history-order", elsewhere, history=history.pk)).status_code == 404
