"""Production does not start with anything of the demonstration, and says what to do about each."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from territoires.config import production
from territoires.config.environment import PRODUCTION, read_environment
from territoires.kernel.errors import Invalid

FIT = {
    "DEBUG": False,
    "SITE_URL": "https://services.example.fr",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "PARTS": ["worker", "sequencer", "followers"],
    "SUPPORT_TELEPHONE": "03 53 01 00 00",
    "TIME_STAMPING_POLICY": "1.2.250.1.2999.1",
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
        ({"SUPPORT_TELEPHONE": " "}, "support-telephone"),
        ({"TIME_STAMPING_POLICY": "2.999"}, "time-stamping-policy"),
        ({"TIME_STAMPING_POLICY": "our policy"}, "time-stamping-policy"),
        ({"TIME_STAMPING_POLICY": "2.999.1"}, "time-stamping-policy"),
        ({"environment": replace(ENVIRONMENT, host="localhost")}, "host"),
        ({"environment": replace(ENVIRONMENT, database_url=None)}, "database"),
        ({"environment": replace(ENVIRONMENT, sequencer_database_url=None)}, "database-roles"),
    ],
)
def test_each_unfit_thing_is_named(changed: dict, code: str) -> None:
    assert codes(**changed) == [code]


def test_the_certificates_of_the_demonstration_are_refused(db: None) -> None:
    assert [fault.code for fault in production.demonstration_faults()] == ["demonstration-certificates"]


@pytest.mark.parametrize(
    "account",
    [{"email": "claire@village.example"}, {"email": "claire@village.fr", "is_demonstration": True}],
)
def test_an_account_of_the_demonstration_is_refused(
    db: None, monkeypatch: pytest.MonkeyPatch, account: dict
) -> None:
    own = replace(production.trust.trust_chain(), is_demonstration=False)
    monkeypatch.setattr(production.trust, "trust_chain", lambda: own)
    assert production.demonstration_faults() == []
    get_user_model().objects.create(**account)
    assert [fault.code for fault in production.demonstration_faults()] == ["demonstration-accounts"]


def test_a_database_without_schema_holds_no_account(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_catalog")
    assert not production._demonstration_accounts()


def test_a_mode_that_does_not_exist_is_no_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITOIRES_MODE", "prod")
    with pytest.raises(Invalid, match="unknown-mode"):
        read_environment()


def test_the_refusal_says_every_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(production, "demonstration_faults", list)
    unfit = SimpleNamespace(ENVIRONMENT=ENVIRONMENT, **{**FIT, "DEBUG": True, "SITE_URL": "http://x"})
    with pytest.raises(Invalid) as refused:
        production.check(unfit)
    assert [fault.code for fault in refused.value.faults] == ["debug", "url"]
    assert all(fault.remedy for fault in refused.value.faults)
