"""Who we are and whom we trust, for a connection to a partner. Every value comes from the operator's settings."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """The certificate that we show: PEM files, the chain from ours up; ``password`` opens the key."""

    certificate: Path
    key: Path
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we believe to be the partner.

    With ``pinned``, the SHA-256 (hexadecimal) of its certificate, that one alone; else a certificate for its name,
    issued under ``authorities`` (a PEM file) or, without it, under those of the system.
    """

    pinned: str | None = None
    authorities: Path | None = None


class NotTrusted(Exception):
    """The partner showed another certificate than the pinned one."""


class UnusableIdentity(Exception):
    """Our certificate or key is missing, does not open, or they do not belong together."""


def context(trust: Trust, identity: ClientIdentity | None) -> ssl.SSLContext:
    """The TLS settings (1.2 or later), made once for files that do not change.

    Raises UnusableIdentity, and OSError when ``authorities`` cannot be read.
    """
    files = (trust.authorities, *((identity.certificate, identity.key) if identity else ()))
    return _context(trust, identity, tuple(_changed_at(file) for file in files))


def _changed_at(file: Path | None) -> int:
    """When the file changed, in nanoseconds; 0 for one that is not there, of which the reading then complains."""
    try:
        return file.stat().st_mtime_ns if file else 0
    except OSError:
        return 0


@lru_cache(maxsize=16)
def _context(trust: Trust, identity: ClientIdentity | None, changed_at: tuple[int, ...]) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=trust.authorities)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if trust.pinned:  # ``check`` compares the certificate itself, before a byte of ours leaves
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if identity is not None:
        try:
            # an empty password for a key that wants one: refused, where None would ask at a terminal
            made.load_cert_chain(identity.certificate, identity.key, identity.password or "")
        except (OSError, ValueError) as failure:
            raise UnusableIdentity(str(failure)) from failure
    return made


def check(trust: Trust, connected: socket.socket) -> None:
    """Raises NotTrusted unless the partner's certificate is the pinned one, where one is."""
    if trust.pinned is None:
        return
    assert isinstance(connected, ssl.SSLSocket)
    shown = hashlib.sha256(connected.getpeercert(binary_form=True) or b"").hexdigest()
    if not hmac.compare_digest(shown, trust.pinned.replace(":", "").lower()):
        raise NotTrusted(f"its certificate is {shown}")
