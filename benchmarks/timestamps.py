"""Time-stamps a second of our authority in one process, beside ``openssl ts -reply``, in alternating short turns.

Foreign load hits both the same way within a turn; the ratio is the median of the turns' ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks.report import Row, report
from territoires.foundations.trust.demonstration import DemonstrationAuthority, pem
from territoires.foundations.trust.time_stamping import SigningKey, TimeStampingAuthority

TARGET = 5.0
TURNS = 9
TURN_SECONDS = 0.4
POLICY = "2.999.1"
CONFIGURATION = f"""
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = signer.pem
signer_key = signer.key
certs = issuer.pem
signer_digest = sha256
default_policy = {POLICY}
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def main() -> int:
    rows = [
        compare("RSA-3072", rsa.generate_private_key(65537, 3072)),
        compare("P-256", ec.generate_private_key(ec.SECP256R1())),
    ]
    return report("timestamps", rows)


def compare(name: str, key: SigningKey) -> Row:
    """Both answer the same query with the same key and certificates."""
    issuer = DemonstrationAuthority("measures")
    chain = (issuer.issue_to_time_stamping(key), issuer.certificate)
    authority = TimeStampingAuthority(key, chain, POLICY, time.time_ns)
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        (folder / "openssl.cnf").write_text(CONFIGURATION)
        (folder / "serial").write_text("01\n")
        (folder / "signer.key").write_bytes(pem(key))
        for file, certificate in zip(("signer.pem", "issuer.pem"), chain, strict=True):
            (folder / file).write_bytes(certificate.public_bytes(Encoding.PEM))
        (folder / "data").write_bytes(b"measure")
        _openssl(folder, "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query")
        query = (folder / "query").read_bytes()
        reply = ("ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query", "-out", "reply")
        turns = [
            (rate(lambda: authority.answer(query)), rate(lambda: _openssl(folder, *reply)))
            for _ in range(TURNS)
        ]
    ratio = statistics.median(ours / peer for ours, peer in turns)
    ours, peer = (statistics.median(turn[place] for turn in turns) for place in (0, 1))
    return Row(
        measure=f"time-stamps with {name}, one process",
        ours=f"{ours:,.0f}/s",
        peer=f"{peer:,.0f}/s (openssl ts -reply)",
        ratio=f"{ratio:.1f}",
        target=f">= {TARGET:.0f}",
        verdict="ok" if ratio >= TARGET else "short",
    )


def rate(call: Callable[[], object]) -> float:
    """Calls a second over one short turn."""
    begin, calls = time.perf_counter(), 0
    while (spent := time.perf_counter() - begin) < TURN_SECONDS:
        call()
        calls += 1
    return calls / spent


def _openssl(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "OPENSSL_CONF": os.devnull}
    subprocess.run(["openssl", *arguments], cwd=folder, env=environment, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
