"""What went wrong is said in the words of who asked: an address that opens no page, the same thing written twice at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client

from territoires.foundations.registry.errors import as_family


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


def test_two_who_write_the_same_at_once_are_told_so_and_a_broken_rule_is_ours(db: None) -> None:
    organisations: Any = apps.get_model("identity.Organisation")._default_manager

    def refused(siren: str) -> tuple[int, str]:
        with pytest.raises(IntegrityError) as found, transaction.atomic():
            organisations.create(reference=siren, siren=siren, name="Exemple", kind="commune")
        told = as_family(found.value)
        return told.status, told.code

    organisations.create(reference="999900001", siren="999900001", name="Exemple", kind="commune")
    assert refused("999900001") == (409, "written-at-once")
    assert refused("no siren") == (500, "unexpected")
