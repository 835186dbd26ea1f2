"""Our tokens against openssl, rfc3161-client and asn1crypto; our refusals whatever the bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
import rfc3161_client
from asn1crypto import cms, core, tsp
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from territoires.foundations.trust import der
from territoires.foundations.trust.demonstration import DemonstrationAuthority
from territoires.foundations.trust.serials import SerialNumbers
from territoires.foundations.trust.time_stamp_query import TimeStampQuery, imprint_of
from territoires.foundations.trust.time_stamping import TimeStampingAuthority, generalized_time

POLICY = "1.3.6.1.4.1.99999.1"
ROOT = DemonstrationAuthority("root")
ISSUING = DemonstrationAuthority("issuing authority", ROOT)


P256, RSA = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
CHAIN = (ISSUING.issue_to_time_stamping(P256), ISSUING.certificate)
AUTHORITY = TimeStampingAuthority(P256, CHAIN, POLICY, time.time_ns)
DIGEST = hashlib.sha256(b"essai").digest()
QUERY = TimeStampQuery(imprint_of(DIGEST), nonce=der.integer(77), with_certificates=True).encoding()


def openssl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OPENSSL_CONF": os.devnull}
    return subprocess.run(
        ["openssl", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )


@pytest.mark.parametrize("key", [P256, RSA], ids=["p256", "rsa"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize(
    "options", [(), ("-cert",), ("-cert", "-no_nonce"), ("-tspolicy", POLICY)], ids=" ".join
)
def test_openssl_asks_and_verifies(tmp_path, key, digest, options) -> None:
    signer = ISSUING.issue_to_time_stamping(key)
    ours = TimeStampingAuthority(key, (signer, ISSUING.certificate), POLICY, time.time_ns)
    (tmp_path / "data").write_bytes(b"essai")
    openssl(tmp_path, "ts", "-query", "-data", "data", f"-{digest}", *options, "-out", "query")
    (tmp_path / "answer").write_bytes(ours.answer((tmp_path / "query").read_bytes()))
    (tmp_path / "root.pem").write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))
    untrusted = b"".join(one.public_bytes(Encoding.PEM) for one in (signer, ISSUING.certificate))
    (tmp_path / "untrusted.pem").write_bytes(untrusted)
    for question in (("-queryfile", "query"), ("-data", "data")):
        done = openssl(
            tmp_path, "ts", "-verify", "-in", "answer", *question, "-CAfile", "root.pem",
            "-untrusted", "untrusted.pem",
        )  # fmt: skip
        assert "Verification: OK" in done.stdout


def test_rfc3161_client_verifies() -> None:
    response = rfc3161_client.decode_timestamp_response(AUTHORITY.answer(QUERY))
    verifier = rfc3161_client.VerifierBuilder(roots=[ROOT.certificate], nonce=77).build()
    assert verifier.verify(response, DIGEST)
    with pytest.raises(rfc3161_client.VerificationError):
        verifier.verify(response, bytes(32))


def test_asn1crypto_encodes_the_token_again_byte_for_byte() -> None:
    token = AUTHORITY.stamp(TimeStampQuery(imprint_of(DIGEST), with_certificates=True))
    parsed = cms.ContentInfo.load(token, strict=True)
    info = parsed["content"]["encap_content_info"]["content"].parsed
    assert info.native["accuracy"]["seconds"] == 1
    assert info.native["policy"] == POLICY
    assert parsed.native["content_type"] == "signed_data"
    assert cms.ContentInfo.load(token).dump(force=True) == token


def test_no_certificate_unless_asked() -> None:
    token = cms.ContentInfo.load(AUTHORITY.stamp(TimeStampQuery(imprint_of(DIGEST))))
    assert not token["content"]["certificates"].native


def imprint(algorithm: str, size: int, parameters: bytes = b"\x05\x00") -> bytes:
    return der.sequence(der.sequence(der.oid(algorithm), parameters), der.tlv(der.OCTET_STRING, bytes(size)))


SHA256 = "2.16.840.1.101.3.4.2.1"
GOOD = imprint(SHA256, 32)
ONE = der.integer(1)
EXTENSION = der.tlv(0xA0, der.sequence(der.oid("1.2.3"), der.tlv(der.OCTET_STRING, b"")))


@pytest.mark.parametrize(
    ("query", "failure"),
    [
        (der.sequence(ONE, imprint("1.3.14.3.2.26", 20)), "bad_alg"),
        (der.sequence(ONE, imprint("1.2.840.113549.2.5", 16)), "bad_alg"),
        (der.sequence(ONE, imprint(SHA256, 32, der.integer(1))), "bad_alg"),
        (der.sequence(ONE, imprint(SHA256, 31)), "bad_data_format"),
        (der.sequence(der.integer(2), GOOD), "bad_request"),
        (der.sequence(ONE, GOOD, der.oid("1.2.3.4")), "unaccepted_policy"),
        (der.sequence(ONE, GOOD, EXTENSION), "unaccepted_extensions"),
        (der.sequence(ONE, GOOD, der.tlv(der.INTEGER, b"\x01" * 65)), "bad_request"),
        (der.sequence(ONE, GOOD, der.tlv(der.INTEGER, b"\x00\x01")), "bad_data_format"),
        (der.sequence(ONE, GOOD) + b"\x00", "bad_data_format"),
        (b"\x30\x81" + der.sequence(ONE, GOOD)[1:], "bad_data_format"),
        (b"", "bad_data_format"),
        (bytes(70_000), "bad_request"),
    ],
)
def test_a_refusal_says_why(query: bytes, failure: str) -> None:
    assert failure_of(AUTHORITY.answer(query)) == {failure}


def failure_of(answer: bytes) -> set[str]:
    """The failInfo of an answer that is a well-formed refusal without a token."""
    outer = core.SequenceOf(spec=core.Any).load(answer, strict=True)
    assert len(outer) == 1
    status = tsp.PKIStatusInfo.load(outer[0].dump(), strict=True)
    assert status.native["status"] == "rejection"
    assert status.native["status_string"][0]
    return set(status.native["fail_info"])


@given(st.binary(max_size=200))
def test_any_bytes_get_a_well_formed_refusal(query: bytes) -> None:
    failure_of(AUTHORITY.answer(query))


@given(st.integers(0, len(QUERY) - 1), st.integers(0, 255))
def test_a_query_with_one_byte_changed_gets_a_refusal_or_a_sound_token(place: int, byte: int) -> None:
    changed = QUERY[:place] + bytes((byte,)) + QUERY[place + 1 :]
    answer = AUTHORITY.answer(changed)
    if len(core.SequenceOf(spec=core.Any).load(answer)) == 1:
        failure_of(answer)
    else:
        asked = tsp.TimeStampReq.load(changed, strict=True)
        given_back = tsp.TimeStampResp.load(answer, strict=True)["time_stamp_token"]["content"]
        info = given_back["encap_content_info"]["content"].parsed
        assert info["message_imprint"].dump() == asked["message_imprint"].dump()


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, b"19700101000000Z"),
        (1_500_000_000, b"19700101000001.5Z"),
        (1_000_001_000, b"19700101000001.000001Z"),
        (1_000_000_999, b"19700101000001Z"),
    ],
)
def test_a_time_has_no_trailing_zero(nanoseconds: int, text: bytes) -> None:
    assert generalized_time(nanoseconds) == text


def test_serials_differ_among_threads() -> None:
    numbers, taken = SerialNumbers(), []
    threads = [
        threading.Thread(target=lambda: taken.extend([numbers.next() for _ in range(2000)])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == 16_000
    assert {len(one) for one in taken} == {20}
    assert all(0x40 <= one[0] <= 0x7F for one in taken)


def test_a_fork_draws_another_prefix() -> None:
    numbers = SerialNumbers()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, numbers.next())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 20)[:12] != numbers.next()[:12]


def test_a_restored_machine_with_its_clock_back_repeats_no_serial(monkeypatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_000)
    before, after = SerialNumbers(), SerialNumbers()
    assert not {before.next() for _ in range(100)} & {after.next() for _ in range(100)}
