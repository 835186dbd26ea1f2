"""The demonstration authority: made once, closed to others, says its name, refused in production."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from territoires.config import doctor
from territoires.foundations.trust import api as trust
from territoires.foundations.trust import demonstration
from territoires.foundations.trust.time_stamp_query import TimeStampQuery, imprint_of
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Unavailable
from tests.tools.bundles import World


@pytest.fixture
def installation(settings, tmp_path):
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, var=tmp_path, mode="demonstration")
    return settings


def in_production(installation) -> None:
    installation.ENVIRONMENT = dataclasses.replace(installation.ENVIRONMENT, mode="production")


def test_keys_are_closed_and_every_name_says_demonstration(installation) -> None:
    trust.trust_chain()
    folder = installation.ENVIRONMENT.keys / "trust"
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        if path.suffix == ".pem":
            subject = x509.load_pem_x509_certificate(path.read_bytes()).subject.rfc4514_string()
            assert "demonstration" in subject
            assert "Démonstration" in subject
    assert len(trust.demonstration_material()) == 4


def test_several_processes_at_once_make_one_authority(tmp_path: Path) -> None:
    folder, faults = tmp_path / "keys" / "trust", []
    gate = threading.Barrier(4)

    def start() -> None:
        gate.wait()
        try:
            demonstration.make(folder, "essai/journal/1")
        except OSError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert [path.name for path in folder.parent.iterdir()] == ["trust"]
    key = (folder / "log.key").read_bytes()
    demonstration.make(folder, "essai/journal/1")
    assert (folder / "log.key").read_bytes() == key


def test_the_log_key_signs_under_its_origin(installation) -> None:
    (key,) = trust.log_keys()
    assert key.origin == f"{installation.ENVIRONMENT.host}/journal/1"
    Ed25519PublicKey.from_public_bytes(key.public_key).verify(key.sign(b"note"), b"note")
    names = x509.load_pem_x509_certificate(key.certificate.pem).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.UniformResourceIdentifier) == [f"tlog:{key.origin}"]


def test_a_fact_is_recognised_by_its_mac(installation) -> None:
    mac = trust.fact_mac(b"fact")
    assert trust.fact_mac_holds(b"fact", mac)
    assert not trust.fact_mac_holds(b"other", mac)
    assert not trust.fact_mac_holds(b"fact", b"")


def test_production_makes_no_keys(installation) -> None:
    in_production(installation)
    with pytest.raises(Unavailable, match="missing"):
        trust.trust_chain()
    assert not (installation.ENVIRONMENT.keys / "trust").exists()


def test_production_refuses_the_demonstration(installation) -> None:
    trust.trust_chain()
    in_production(installation)
    for refused in (trust.log_keys, lambda: trust.fact_mac(b""), lambda: trust.time_stamp(bytes(32))):
        with pytest.raises(Unavailable, match="demonstration"):
            refused()
    assert trust.trust_chain().is_demonstration
    assert b"no key" in trust.answer_time_stamp_query(TimeStampQuery(imprint_of(bytes(32))).encoding())


def test_a_key_that_is_not_its_certificates_is_said(installation) -> None:
    trust.trust_chain()
    folder = installation.ENVIRONMENT.keys / "trust"
    other = installation.ENVIRONMENT.var / "other" / "trust"
    demonstration.make(other, "essai/journal/1")
    (other / "log.key").write_bytes((folder / "log.key").read_bytes())
    installation.ENVIRONMENT = dataclasses.replace(
        installation.ENVIRONMENT, var=installation.ENVIRONMENT.var / "moved"
    )
    installation.ENVIRONMENT.keys.mkdir(parents=True)
    other.rename(installation.ENVIRONMENT.keys / "trust")
    with pytest.raises(Unavailable, match=r"log\.key"):
        trust.log_keys()


def test_the_revocation_lists_that_the_operator_keeps_are_given_and_bad_ones_told(installation) -> None:
    trust.trust_chain()
    folder = installation.ENVIRONMENT.keys / "trust"
    assert trust.revocation_lists() == b""
    (folder / "crls.pem").write_bytes(World().revoke() * 2)
    assert len(trust.split_lists(trust.revocation_lists())) == 2
    for bad in (b"", b"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"):
        (folder / "crls.pem").write_bytes(bad)
        with pytest.raises(Unavailable, match=r"crls\.pem cannot be used"):
            trust.revocation_lists()


def test_doctor_tells_a_revocation_list_that_is_out_of_date(installation, monkeypatch) -> None:
    trust.trust_chain()
    (installation.ENVIRONMENT.keys / "trust" / "crls.pem").write_bytes(World().revoke())
    assert list(doctor.revocation()) == []
    later = system_clock() + timedelta(days=2)
    monkeypatch.setattr(doctor, "system_clock", lambda: later)
    ((said, remedy),) = doctor.revocation()
    assert "issuing authority" in said and "should have been replaced" in said and "crls.pem" in remedy
