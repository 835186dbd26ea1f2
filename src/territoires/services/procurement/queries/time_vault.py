"""The time-keeper's own keys at rest: one sealed file a key, under a key that lies beside them and not in the database.

The folder is ``keys/timekeeper``, mode 700: ``kek`` (32 bytes in hexadecimal) and ``<id>.sealed`` (nonce, AES-256-GCM of the
PKCS#8). Only the time-keeper's process reads it, and the commands that restore a key from its backup.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from territoires.kernel.errors import Corrupt, Missing

from ..domain.sealing import documents as doc
from ..domain.sealing import suites

NONCE_BYTES = 12


class TimeVault:
    """Keeps private time keys. ``folder`` is made at the first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, key: UUID, private: suites.PrivateKey) -> None:
        """Writes a key durably; one that is there already stays."""
        path = self._path(key)
        if path.exists():
            return
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher().encrypt(nonce, suites.private_bytes(private), key.bytes)
        _write(path, sealed)

    def holds(self, key: UUID) -> bool:
        return self._path(key).exists()

    def private(self, key: UUID, suite: int) -> suites.PrivateKey:
        """Raises Missing when the key is not here, Corrupt when the file is not what was written."""
        try:
            sealed = self._path(key).read_bytes()
        except FileNotFoundError:
            raise Missing(
                "time-key-lost",
                "The time-keeper does not have the key of this consultation any more.",
                "Restore it from its backup with the recovery custodian: territoires custodian restore.",
            ) from None
        try:
            plain = self._cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], key.bytes)
        except (InvalidTag, ValueError):
            raise Corrupt(
                "time-key-altered",
                "The file of a time key was changed.",
                "Restore it from its backup with the recovery custodian: territoires custodian restore.",
            ) from None
        return suites.read_private(suite, plain)

    def backup(self, key: UUID, suite: int, recovery: bytes) -> bytes:
        """The key sealed to the recovery custodian's public key: the platform keeps it and cannot read it."""
        plain = suites.private_bytes(self.private(key, suite))
        return suites.seal(suite, recovery, backup_info(key), plain)

    def restore(self, key: UUID, suite: int, pkcs8: bytes) -> None:
        """Brings a key back in the place of one that is lost or altered. Raises Invalid for another kind of key."""
        private = suites.read_private(suite, pkcs8)
        self._path(key).unlink(missing_ok=True)
        self.keep(key, private)

    def destroy(self, key: UUID) -> None:
        """The key is here no more, durably; destroying what is not here is no error."""
        self._path(key).unlink(missing_ok=True)
        if self.folder.exists():
            _sync(self.folder)

    def _path(self, key: UUID) -> Path:
        return self.folder / f"{key}.sealed"

    def _cipher(self) -> AESGCM:
        path = self.folder / "kek"
        if not path.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, secrets.token_hex(32).encode(), replace=False)
        return AESGCM(bytes.fromhex(path.read_text()))


def time_vault() -> TimeVault:
    """This installation's."""
    return TimeVault(settings.ENVIRONMENT.keys / "timekeeper")


def backup_info(key: UUID) -> bytes:
    """What a backup is bound to."""
    return doc.label("TSB1/backup") + key.bytes


def _write(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Durable, mode 600; the first one wins unless ``replace``."""
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        draft.replace(path)
    else:
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
