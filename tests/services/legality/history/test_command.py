"""``territoires history``: the same import from the server."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from territoires.kernel.errors import Invalid, Missing
from territoires.services.legality.models import Act
from tests.services.legality.history.test_table import LINE, written
from tests.services.legality.test_pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client: Client, body: Any) -> str:
    return str(sign_in(client, body).email)


def run(file: Path, body: Any, agent: str, *more: str) -> str:
    told = io.StringIO()
    call_command("history", str(file), "--organisation", body.reference, "--agent", agent, *more, stdout=told)
    return told.getvalue()


def test_a_dry_run_takes_nothing_over_and_a_second_run_is_none(tmp_path: Path, body: Any, agent: str) -> None:
    file = tmp_path / "actes.csv"
    file.write_bytes(written(LINE))
    run(file, body, agent, "--dry-run")
    assert not Act.objects.exists()
    for _time in range(2):
        run(file, body, agent)
        assert Act.objects.count() == 1


def test_faults_are_told_and_nothing_is_done(tmp_path: Path, body: Any, agent: str) -> None:
    file = tmp_path / "actes.csv"
    file.write_bytes(written(LINE, {**LINE, "nature": "ZZ"}))
    with pytest.raises(Invalid) as refusal:
        run(file, body, agent)
    assert (refusal.value.code, refusal.value.params["count"]) == ("history-faulty", 1)
    assert not Act.objects.exists()


def test_somebody_answers_for_it(tmp_path: Path, body: Any) -> None:
    file = tmp_path / "actes.csv"
    file.write_bytes(written(LINE))
    with pytest.raises(Missing):
        run(file, body, "personne@exemple.test")
