"""Personal values beside the tree: salted disclosures in the form of SD-JWT (RFC 9901, section 4.2).

The entry keeps a value's name and the digest of its disclosure. Deleting the disclosure, salt and value together,
leaves every proof valid and a digest that can no longer be tested against guesses.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any


def disclose(name: str, value: Any) -> str:
    """A new disclosure; its salt of 128 bits is drawn for this value alone."""
    salted = json.dumps([_text(secrets.token_bytes(16)), name, value], ensure_ascii=False)
    return _text(salted.encode())


def digest(disclosure: str) -> str:
    """What the entry keeps of a disclosure: base64url(SHA-256), without padding."""
    return _text(hashlib.sha256(disclosure.encode("ascii")).digest())


def opened(disclosure: str) -> tuple[str, Any]:
    """The name and the value that a disclosure carries."""
    _salt, name, value = json.loads(urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4)))
    return name, value


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
