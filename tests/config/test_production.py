"""Production does not start with anything of the demonstration, and says what to do about each."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.conf import settings

from territoires.config import production
from territoires.config.environment import PRODUCTION
from territoires.kernel.errors import Invalid

FIT = {
    "DEBUG": False,
    "SITE_URL": "https://services.example.fr",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "PARTS": ["worker", "sequencer", "followers"],
}
ENVIRONMENT = replace(
    settings.ENVIRONMENT,
    mode=PRODUCTION,
    host="services.example.fr",
    database_url="postgresql://application@db/territoires",
    owner_database_url="postgresql://owner@db/territoires",
    sequencer_database_url="postgresql://sequencer@db/territoires",
)


def codes(environment=ENVIRONMENT, **changed) -> list[str]:
    given = SimpleNamespace(ENVIRONMENT=environment, **{**FIT, **changed})
    return [fault.code for fault in production.configuration_faults(given)]


def test_a_fit_installation_starts() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"DEBUG": True}, "debug"),
        ({"SITE_URL": "http://services.example.fr"}, "url"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}, "mail"),
        ({"PARTS": ["worker", "simulators"]}, "simulators"),
        ({"environment": replace(ENVIRONMENT, host="localhost")}, "host"),
        ({"environment": replace(ENVIRONMENT, database_url=None)}, "database"),
        ({"environment": replace(ENVIRONMENT, sequencer_database_url=None)}, "database-roles"),
    ],
)
def test_each_unfit_thing_is_named(changed: dict, code: str) -> None:
    assert codes(**changed) == [code]


def test_the_refusal_says_every_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(production, "demonstration_faults", list)
    unfit = SimpleNamespace(ENVIRONMENT=ENVIRONMENT, **{**FIT, "DEBUG": True, "SITE_URL": "http://x"})
    with pytest.raises(Invalid) as refused:
        production.check(unfit)
    assert [fault.code for fault in refused.value.faults] == ["debug", "url"]
    assert all(fault.remedy for fault in refused.value.faults)
