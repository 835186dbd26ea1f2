"""What a site of another origin may read of the register, and what comes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from territoires.services.legality.models import Act
from territoires.services.legality.web import embed

pytestmark = pytest.mark.django_db
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def address(name: str, body: Any) -> str:
    return reverse(f"legality:{name}", kwargs={"organisation": body.reference})


def test_public_data_alone_are_open_to_other_origins(
    client: Client, body: Any, acts: Callable[..., Act]
) -> None:
    act = acts("published")
    for answer in (
        client.get(address("embed-list", body)),
        client.get(address("open-json", body)),
        client.get(address("open-table", body)),
        client.get(address("feed", body)),
        client.get(reverse("legality:embed-script")),
    ):
        assert OPEN.items() <= dict(answer.headers).items()
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert not answer.cookies
    pages = (address("register", body), reverse("legality:act", args=[body.reference, act.pk]))
    for page in pages:
        assert "Access-Control-Allow-Origin" not in client.get(page).headers


def test_the_script_is_fetched_again_only_when_it_changed(client: Client) -> None:
    script = reverse("legality:embed-script")
    first = client.get(script)
    assert first["Content-Type"].startswith("text/javascript")
    assert first["Cache-Control"] == "public, max-age=3600"
    again = client.get(script, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Access-Control-Allow-Origin"] == "*"


def test_the_list_says_what_a_line_shows_in_the_language_asked(
    client: Client, body: Any, acts: Callable[..., Act]
) -> None:
    act = acts("published")
    acts("signed", number="DEL_2026_050")
    french = client.get(address("embed-list", body), headers={"Accept-Language": "fr"}).json()
    english = client.get(address("embed-list", body), headers={"Accept-Language": "en"}).json()
    [line] = french["acts"]
    assert (line["number"], line["nature"]) == (act.number, "Délibération")
    assert line["published_on"] == "2026-11-24"
    assert line["url"].endswith(f"/collectivites/{body.reference}/actes/{act.pk}/")
    assert english["acts"][0]["nature"] == "Deliberation"
    assert french["next"] is None


def test_the_next_page_keeps_what_was_searched(
    client: Client, body: Any, acts: Callable[..., Act], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "SIZE", 2)
    for number in range(3):
        acts("published", number=f"DEL_{number}", object="Travaux & voirie")
    acts("published", number="DEL_9", object="Cantine")
    first = client.get(address("embed-list", body), {"q": "voirie & travaux"}).json()
    second = client.get(first["next"]).json()
    seen = [act["number"] for act in [*first["acts"], *second["acts"]]]
    assert seen == ["DEL_2", "DEL_1", "DEL_0"]
    assert second["next"] is None


@pytest.mark.parametrize(
    "query", ["?after=xyzzy", "?year=abc&nature=Z&since=31/02/2026", "?q=%00%3Cscript%3E"]
)
def test_a_wrong_question_is_never_a_failure_of_ours(client: Client, body: Any, query: str) -> None:
    assert client.get(address("embed-list", body) + query).status_code < 500


def test_a_body_that_is_not_there_is_missing(client: Client) -> None:
    missing = reverse("legality:embed-list", kwargs={"organisation": "999999999"})
    assert client.get(missing).status_code == 404
