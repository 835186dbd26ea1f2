"""Production does not start with anything of the demonstration, and says what to do about each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from territoires.config import production
from territoires.config.environment import PRODUCTION, read_environment
from territoires.foundations.identity.models import Person, PersonCertificate
from territoires.kernel.errors import Fault, Invalid

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


def test_a_certificate_of_the_demonstration_that_is_enrolled_is_refused(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = replace(production.trust.trust_chain(), is_demonstration=False)
    monkeypatch.setattr(production.trust, "trust_chain", lambda: own)
    at = timezone.now()
    PersonCertificate.objects.create(
        person=Person.objects.create(given_names="Ana", usual_name="Essai"),
        fingerprint="0" * 64,
        der=made_certificate().public_bytes(Encoding.DER),
        siren="212100077",
        valid_until=at,
        enrolled_at=at,
    )
    (fault,) = production.demonstration_faults()
    assert (fault.code, fault.params["count"]) == ("demonstration-enrolments", 1)
    PersonCertificate.objects.update(ended_at=at)
    assert production.demonstration_faults() == []


@pytest.mark.parametrize(
    "place", ["keys/seals/212100077.pem", "keys/front.pem", "keys/outside-roots.pem", "roots.pem"]
)
def test_a_certificate_of_the_demonstration_among_the_keys_is_refused(tmp_path: Path, place: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    given = SimpleNamespace(
        ENVIRONMENT=SimpleNamespace(keys=tmp_path / "keys"),
        OUTSIDE_TIME_STAMPING={"roots": tmp_path / "roots.pem"},
    )
    file.write_bytes(made_certificate("Commune modèle").public_bytes(Encoding.PEM))
    assert list(production.key_file_faults(given)) == []
    file.write_bytes(made_certificate().public_bytes(Encoding.PEM))
    (fault,) = production.key_file_faults(given)
    assert (fault.code, fault.params["file"]) == ("demonstration-key-file", str(file))
    assert "Remove the file" in fault.remedy


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"ACTES_CONNECTION": "simulators/ministry/connection.json"}, "TERRITOIRES_ACTES"),
        ({"S2LOW_CONNECTION": "here.json"}, "TERRITOIRES_S2LOW"),
        ({"WITNESSES_CONNECTION": "here.json"}, "TERRITOIRES_WITNESSES"),
        ({"boamp": "here.json"}, "TERRITOIRES_BOAMP"),
        ({"tsa": "http://127.0.0.1:3180/tsa"}, "TERRITOIRES_OUTSIDE_TSA"),
    ],
)
def test_a_way_that_leads_to_a_simulator_is_refused(tmp_path: Path, changed: dict, name: str) -> None:
    (tmp_path / "here.json").write_text('{"address": "https://localhost:8443/"}')
    (tmp_path / "there.json").write_text('{"address": "https://localhost.example.fr/"}')

    def found(**changed: str) -> list[Fault]:
        def path(key: str) -> Path:
            return tmp_path / changed.get(key, "there.json")

        return list(
            production.connection_faults(
                SimpleNamespace(
                    ACTES_CONNECTION=path("ACTES_CONNECTION"),
                    S2LOW_CONNECTION=path("S2LOW_CONNECTION"),
                    WITNESSES_CONNECTION=path("WITNESSES_CONNECTION"),
                    NOTICES_CONNECTIONS={"boamp": path("boamp"), "ted": tmp_path / "absent.json"},
                    OUTSIDE_TIME_STAMPING={"url": changed["tsa"]} if "tsa" in changed else None,
                )
            )
        )

    assert found() == []
    (fault,) = found(**changed)
    assert (fault.code, fault.params["name"]) == ("simulated-connection", name)


def made_certificate(name: str = "Commune modèle demonstration") -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = datetime(2026, 1, 1, tzinfo=UTC)
    draft = x509.CertificateBuilder(named, named, key.public_key(), 1, day, day + timedelta(days=400))
    return draft.sign(key, hashes.SHA256())


def test_a_database_without_schema_holds_no_account(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_catalog")
    assert not production._demonstration_accounts()
    assert not production._demonstration_enrolments()


def test_a_mode_that_does_not_exist_is_no_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITOIRES_MODE", "prod")
    with pytest.raises(Invalid, match="unknown-mode"):
        read_environment()


def test_the_refusal_says_every_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    for others in ("demonstration_faults", "key_file_faults", "connection_faults"):
        monkeypatch.setattr(production, others, lambda *settings: [])
    unfit = SimpleNamespace(ENVIRONMENT=ENVIRONMENT, **{**FIT, "DEBUG": True, "SITE_URL": "http://x"})
    with pytest.raises(Invalid) as refused:
        production.check(unfit)
    assert [fault.code for fault in refused.value.faults] == ["debug", "url"]
    assert all(fault.remedy for fault in refused.value.faults)
