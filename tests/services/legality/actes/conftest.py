"""What the tests of the norm share."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="session")
def xmllint() -> str:
    """Debian's ``xmllint``, a second reader of the official schema."""
    command = shutil.which("xmllint")
    if command is None:
        pytest.skip("xmllint is not installed (apt install libxml2-utils)")
    return command
