"""A form whose author's session ended between giving it and sending it."""

from __future__ import annotations

import re
from copy import copy
from html import unescape
from typing import Any

from django.test import Client

from territoires.foundations.registry.filling import Page
from territoires.foundations.registry.keeping import KEPT, RECORD, FormRecord

from .world import again

SESSION = "sessionid"


def token_in(answer: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())
    assert found, "no form on this page"
    return found[1]


def signed_out(client: Client) -> Client:
    """The same browser, whose session is no more."""
    browser = again(client)
    browser.handler = copy(client.handler)
    browser.handler.enforce_csrf_checks = True
    browser.cookies.pop(SESSION, None)
    return browser


def waiting_in(browser: Client) -> list[dict[str, Any]]:
    """The forms that wait in this browser, whoever their authors are."""
    cookie = browser.cookies.get(RECORD)
    found: list[dict[str, Any]] = FormRecord(cookie.value).get(KEPT, []) if cookie else []
    return found


def sign_in(browser: Client, person: Any) -> None:
    """As the page of sign-in does: the tokens of before are stale."""
    browser.cookies.pop("csrftoken", None)
    browser.force_login(person.account, backend="allauth.account.auth_backends.AuthenticationBackend")


def value_of(page: Any, name: str) -> str:
    """What the first field of this name holds, as the page writes it."""
    html = page.content.decode()
    if found := re.search(rf'<textarea[^>]* name="{name}"[^>]*>([^<]*)<', html):
        return found[1].strip()
    tag = re.search(rf'<input[^>]* name="{name}"[^>]*>', html)
    assert tag, f"no field {name}"
    found = re.search(r' value="([^"]*)"', tag[0])
    return found[1] if found else ""


def fields_of(page: Any, address: str) -> dict[str, str]:
    """What the browser would send from the form of that address: its inputs and texts, its boxes left as they are."""
    read = Page(page.content.decode())
    place = next(
        at
        for at, form in enumerate(read.forms)
        if (form.attributes.get("action") or address) == address
        and any(one.kind in ("text", "textarea", "email", "file") for one in read.fields_of(at))
        and form.attributes.get("method") == "post"
    )
    return {
        one.name: value_of(page, one.name) if one.kind == "textarea" else unescape(one.value)
        for one in read.fields_of(place)
        if one.name and one.kind not in ("checkbox", "radio", "select", "button", "file")
    }
