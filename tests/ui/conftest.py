from __future__ import annotations

import gettext
from collections.abc import Iterator

import pytest
from django.utils.translation import trans_real

from territoires.ui import messages


@pytest.fixture
def french_catalog() -> Iterator[None]:
    """French compiled from the committed catalogue, and read anew."""
    [ours] = [one for one in messages.applications() if one.name == "ui"]
    messages.compile_catalog(ours)
    gettext._translations.clear()
    trans_real._translations.clear()
    yield
