"""The tests neither read nor write what belongs to an installation."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings


def test_the_settings_lead_to_the_folder_of_the_run() -> None:
    assert settings.ENVIRONMENT.var.is_relative_to(Path(os.environ["TERRITOIRES_TEST_RUN"]).resolve())
    assert settings.ENVIRONMENT.files.is_relative_to(settings.ENVIRONMENT.var)
