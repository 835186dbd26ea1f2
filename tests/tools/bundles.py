"""A small maker of evidence bundles that follows the layout to the letter, so that each part can be forged."""

from __future__ import annotations

import hashlib
import json
import time
import zipfile
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from territoires.foundations.trust.demonstration import DemonstrationAuthority
from territoires.foundations.trust.time_stamp_query import TimeStampQuery, imprint_of
from territoires.foundations.trust.time_stamping import TimeStampingAuthority

ORIGIN = "essai.exemple/journal/1"


def jcs(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class World:
    """A whole authority with a log and a time-stamping unit."""

    def __init__(self) -> None:
        self.root = DemonstrationAuthority("root")
        self.issuing = DemonstrationAuthority("issuing authority", self.root)
        self.log_key = ed25519.Ed25519PrivateKey.generate()
        self.log = self.issuing.issue_to_log(self.log_key, ORIGIN)
        self.stamping_key = ec.generate_private_key(ec.SECP256R1())
        self.stamping_with(self.issuing.issue_to_time_stamping(self.stamping_key))

    def stamping_with(self, certificate: x509.Certificate, *, moved: timedelta = timedelta()) -> None:
        """Stamps from now on under another certificate of the same key, with a clock that is moved."""
        self.stamping = certificate
        self.authority = TimeStampingAuthority(
            self.stamping_key,
            (certificate, self.issuing.certificate),
            "2.999.1",
            lambda: time.time_ns() + int(moved.total_seconds() * 1e9),
        )

    def stamp(self, data: bytes) -> bytes:
        return self.authority.stamp(
            TimeStampQuery(imprint_of(hashlib.sha256(data).digest()), with_certificates=True)
        )

    def revoke(
        self,
        *certificates: x509.Certificate,
        by: DemonstrationAuthority | None = None,
        ago: timedelta = timedelta(minutes=1),
        reason: x509.ReasonFlags | None = None,
    ) -> bytes:
        """A revocation list (PEM) of the authority that issues, or of another."""
        issuer, now = by or self.issuing, datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.name)
            .last_update(now - timedelta(seconds=5))
            .next_update(now + timedelta(days=1))
        )
        for one in certificates:
            revoked = x509.RevokedCertificateBuilder().serial_number(one.serial_number)
            revoked = revoked.revocation_date(now - ago)
            if reason is not None:
                revoked = revoked.add_extension(x509.CRLReason(reason), critical=False)
            builder = builder.add_revoked_certificate(revoked.build())
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def root_file(self, folder: Path) -> Path:
        path = folder / "root.pem"
        path.write_bytes(self.root.certificate.public_bytes(Encoding.PEM))
        return path


def signed_note(size: int, root: bytes, key: ed25519.Ed25519PrivateKey) -> bytes:
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    text = f"{ORIGIN}\n{size}\n{b64encode(root).decode()}\n".encode()
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + public).digest()[:4]
    return text + b"\n" + f"— {ORIGIN} {b64encode(key_id + key.sign(text)).decode()}\n".encode()


def cosignature(
    note: bytes, name: str, key: ed25519.Ed25519PrivateKey, *, at: int | None = None
) -> tuple[bytes, str]:
    """A witness's line under a note (C2SP tlog-cosignature), and the key that checks it as a reader gives it."""
    public = b"\x04" + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    seconds = int(time.time()) if at is None else at
    text = note.partition(b"\n\n")[0] + b"\n"
    signature = key.sign(f"cosignature/v1\ntime {seconds}\n".encode() + text)
    line = f"— {name} {b64encode(key_id + seconds.to_bytes(8, 'big') + signature).decode()}\n".encode()
    return line, f"{name}+{key_id.hex()}+{b64encode(public).decode()}"


def content(
    world: World, *, log_key=None, log_certificate=None, at: str | None = None, **changes: object
) -> dict[str, bytes]:
    """The parts of a sound bundle of entry 1 of a log of three, the manifest apart."""
    file = b"%PDF-1.7 deliberation"
    disclosure = urlsafe_b64encode(jcs(["c2Vs", "name", "Camille Exemple"])).decode().rstrip("=")
    committed = urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest()).decode().rstrip("=")
    at = at or time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
    body = jcs(
        {
            "v": 1,
            "kind": "legality.act.published",
            "at": at,
            "files": {"main": hashlib.sha256(file).hexdigest()},
            "private": {"name": committed},
            **changes,
        }
    )
    first, third = (hashlib.sha256(b"\x00" + bytes([n])).digest() for n in (1, 3))
    left = hashlib.sha256(b"\x01" + first + hashlib.sha256(b"\x00" + body).digest()).digest()
    note = signed_note(3, hashlib.sha256(b"\x01" + left + third).digest(), log_key or world.log_key)
    steps = "".join(f"{b64encode(one).decode()}\n" for one in (first, third))
    proof = f"c2sp.org/tlog-proof@v1\nindex 1\n{steps}\n".encode() + note
    certificate = (log_certificate or world.log).public_bytes(Encoding.PEM)
    untrusted = [world.stamping, world.issuing.certificate]
    return {
        "index.html": b"<!doctype html>",
        "files/main.pdf": file,
        "entries/1.json": body,
        "private/1.txt": disclosure.encode() + b"\n",
        "proofs/1.tlog-proof": proof,
        "tokens/checkpoint-3-own.tst": world.stamp(note),
        "tokens/entry-1-own-0.tst": world.stamp(body),
        "certificates/log.pem": certificate,
        "certificates/untrusted.pem": b"".join(one.public_bytes(Encoding.PEM) for one in untrusted),
        "certificates/claimed-roots.pem": world.root.certificate.public_bytes(Encoding.PEM),
        "validation.json": b"{}",
    }


def manifest(parts: dict[str, bytes]) -> bytes:
    listed = [
        {
            "path": path,
            "role": path.split("/")[0],
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            **({"name": "main", "original-name": "délibération.pdf"} if path.startswith("files/") else {}),
        }
        for path, data in parts.items()
    ]
    return jcs({"format": "territoires-evidence/1", "origin": ORIGIN, "entries": [1], "files": listed})


def write(path: Path, parts: dict[str, bytes], *, listed: bytes | None = None) -> Path:
    """The ZIP, with a manifest made for these very parts unless one is given."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**parts, "manifest.json": listed or manifest(parts)}.items():
            archive.writestr(name, data)
    return path
