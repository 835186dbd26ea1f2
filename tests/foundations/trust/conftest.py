"""A demonstration of its own, and people who sign in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from territoires.foundations.trust import api as trust

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SIREN = "212100077"


@pytest.fixture
def installation(settings, tmp_path):
    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT, var=tmp_path / "var", mode="demonstration"
    )
    return settings


@pytest.fixture
def key_of(installation) -> Callable[..., trust.SigningKey]:
    """The signing key of somebody, as opened from her own file."""

    def open_it(given_names: str = "Camille", usual_name: str = "Exemple") -> trust.SigningKey:
        return trust.open_key_file(
            *trust.issue_demonstration_certificate(
                given_names=given_names,
                usual_name=usual_name,
                organisation_name="Commune d’Essai",
                siren=SIREN,
            )
        )

    return open_it


@pytest.fixture
def act(tmp_path) -> Path:
    """A file to sign: two pages, the second turned."""
    path = tmp_path / "act.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.add_blank_page().Rotate = 90
        pdf.save(path)
    return path
