"""An outside time-stamping authority as a qualified one behaves over HTTP (RFC 3161, section 3.4), played by openssl.

``POST /`` answers queries; ``GET /root.pem`` gives the root to trust. Keys are made at the first call and last as
long as the process. Nothing of the platform's own authority is used: what is tried is its client.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

SUMMARY = "An outside time-stamping authority (RFC 3161): POST / with application/timestamp-query."
POLICY = "2.999.2"
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"

CONFIGURATION = f"""
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[unit]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = unit.pem
signer_key = unit.key
signer_digest = sha256
default_policy = {POLICY}
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
"""


def answer(
    method: str, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """One call: status, headers, body."""
    if method == "GET" and path == "/root.pem":
        return 200, {"Content-Type": "application/x-pem-file"}, (_authority() / "root.pem").read_bytes()
    if method != "POST" or path != "/":
        return 404, {}, b""
    if headers.get("Content-Type") != QUERY:
        return 415, {}, b""
    with tempfile.TemporaryDirectory() as folder:
        query, reply = Path(folder, "query"), Path(folder, "reply")
        query.write_bytes(body)
        _openssl("ts", "-reply", "-config", "openssl.cnf", "-queryfile", str(query), "-out", str(reply))
        return 200, {"Content-Type": REPLY}, reply.read_bytes()


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="time-stamping-")


@cache
def _authority() -> Path:
    folder = Path(_folder().name)
    (folder / "openssl.cnf").write_text(CONFIGURATION)
    (folder / "serial").write_text("01\n")
    for name, title in (("root", "racine"), ("unit", "horodatage")):
        subject = f"/CN=Simulateur {title} (demonstration)"
        signed = () if name == "root" else ("-CA", "root.pem", "-CAkey", "root.key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-config", "openssl.cnf",
             "-extensions", name, "-subj", subject, "-keyout", f"{name}.key", "-out", f"{name}.pem", *signed],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
    return folder


def _openssl(*arguments: str) -> None:
    environment = {**os.environ, "LC_ALL": "C"}
    subprocess.run(
        ["openssl", *arguments], cwd=_authority(), env=environment, check=True, capture_output=True
    )
