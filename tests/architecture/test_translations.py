"""French is complete: no message is missing from its application's catalogue, untranslated or fuzzy."""

from __future__ import annotations

import pytest

from territoires.ui import messages

APPLICATIONS = messages.applications()


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda application: application.name)
def test_french_is_complete(application: messages.Application) -> None:
    assert list(messages.faults(application)) == []
