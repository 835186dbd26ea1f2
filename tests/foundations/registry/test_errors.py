"""An address that a person types and that opens no page says so in her words, and to a programme in its own."""

from __future__ import annotations

from django.test import Client


def test_the_address_of_a_form_opens_no_page(db: None, client: Client) -> None:
    answer = client.get("/demonstration/connexion/", HTTP_ACCEPT_LANGUAGE="en")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    said = answer.content.decode()
    assert "This address only receives a form, and opens no page; nothing was done." in said
    assert "POST" not in said


def test_a_method_that_nobody_serves_is_named(db: None, client: Client) -> None:
    page = client.generic("PROPFIND", "/demonstration/connexion/", HTTP_ACCEPT_LANGUAGE="en")
    assert page.status_code == 405 and "does not answer to PROPFIND" in page.content.decode()
    problem = client.delete("/api/v1/legality/acts", HTTP_ACCEPT_LANGUAGE="en").json()
    assert problem["detail"] == "This address does not answer to DELETE; nothing was done."
    assert "GET" in problem["remedy"]
