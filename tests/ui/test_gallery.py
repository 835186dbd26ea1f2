"""Every component and archetype renders, in both languages, with nothing that the policy forbids."""

from __future__ import annotations

import pytest

from territoires.ui.gallery import views


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", views.SPECIMENS)
def test_specimen_renders(client, name: str, language: str) -> None:
    page = client.get(f"/gallery/{name}/", headers={"accept-language": language})
    assert page.status_code == 200
    content = page.content.decode()
    assert f'<html lang="{language}"' in content
    for forbidden in ("style=", "<style", "<script>", "onclick=", "<c-", "{{", "{%"):
        assert forbidden not in content
