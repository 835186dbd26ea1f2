"""The page of the pieces to copy."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override

from tests.services.legality.test_pages import sign_in

pytestmark = pytest.mark.django_db


def test_the_pieces_are_ready_to_copy_in_the_language_of_the_site(client: Client, body: Any) -> None:
    sign_in(client, body, role="observer")
    address = reverse("legality_desk:embed", kwargs={"organisation": body.reference})
    page = client.get(address, headers={"Accept-Language": "en"}).content.decode()
    register = f"http://testserver/collectivites/{body.reference}/actes/"
    with override("fr"):
        label = escape(_("Acts of %(body)s") % {"body": body.name})
    link = f'<a href="{register}">{label}</a>'
    script = '<script src="http://testserver/actes/registre.js" defer></script>'
    shown = unescape(page)
    assert f"<div data-territoires-acts>{link}</div>\n{script}" in shown
    assert script not in page, "shown, not run"
    assert "script-src http://testserver; connect-src http://testserver" in shown
    for stable in (register, f"{register}flux.atom", f"{register}actes.json"):
        assert f'href="{stable}"' in page
