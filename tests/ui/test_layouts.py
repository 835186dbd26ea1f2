"""The layouts hold the frame that every page shares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

SHELL = {"platform_name": "Territoires", "region_name": "Région Exemple", "is_demonstration": True}


def rendered(template: str, cookies: dict[str, str] | None = None, **context: object) -> str:
    request = RequestFactory().get("/somewhere/?a=1")
    request.user = AnonymousUser()
    request.COOKIES.update(cookies or {})
    found = get_template(template).template
    from django.template import RequestContext

    with translation.override("fr"):
        values = RequestContext(request, {"request": request, "user": request.user, **SHELL, **context})
        with values.bind_template(found):
            return found.render(values)


@pytest.mark.parametrize("layout", ["public", "desk", "plain", "print"])
def test_layout_has_one_main_reached_by_the_skip_link(layout: str) -> None:
    page = rendered(f"ui/layouts/{layout}.html")
    assert page.count("<main") == 1
    assert 'href="#content"' in page and 'id="content"' in page


@pytest.mark.parametrize("layout", ["public", "desk", "plain", "print"])
def test_every_layout_says_that_nothing_can_be_written(layout: str, settings, tmp_path: Path) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    said = "aucun formulaire ne peut être envoyé"
    assert said not in rendered(f"ui/layouts/{layout}.html")
    settings.ENVIRONMENT.read_only_mark.touch()
    assert said in rendered(f"ui/layouts/{layout}.html")
