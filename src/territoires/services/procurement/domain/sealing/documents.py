"""Documents and bytes: canonical JSON read strictly, labels, base64url, UUIDs (TSB1, section 2).

ASCII keys, strings, integers below 2^53, true, false, null, arrays and objects. On this subset Python's sorted compact
``json.dumps`` is RFC 8785. Bytes in any other form are refused, so that a document has one hash.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from . import refusals

VERSION = 1
LABEL_BYTES = 16
HASH_BYTES = 32
LARGEST_INTEGER = 2**53 - 1
TYPES = "territoires/sealed-bid/"

Check = Callable[[Any], Any]


def canonical(value: Any) -> bytes:
    """The bytes of a value (RFC 8785 on the subset). Raises Invalid for what is outside of the subset."""
    _check_subset(value)
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise refusals.malformed("half of a character") from None


def parsed(data: bytes) -> Any:
    """The value of canonical bytes. Raises Invalid for any other bytes."""
    try:
        value = json.loads(data, parse_float=_no_float, parse_constant=_no_float)
        same = canonical(value) == data
    except (ValueError, RecursionError):
        raise refusals.malformed("no JSON of the subset") from None
    if not same:
        raise refusals.malformed("JSON not in canonical form")
    return value


def read(data: bytes, kind: str, shape: Mapping[str, Check]) -> dict[str, Any]:
    """The checked fields of a document of type ``territoires/sealed-bid/<kind>``, without ``v`` and ``type``."""
    value = parsed(data)
    said = (value.get("v"), value.get("type")) if isinstance(value, dict) else ()
    # true equals 1 in Python, and no other number does here
    if said != (VERSION, TYPES + kind) or said[0] is True:
        raise refusals.unknown_form(f"no {kind} of version {VERSION}")
    own = {name: item for name, item in value.items() if name not in ("v", "type")}
    return fields(shape)(own)  # type: ignore[no-any-return]


def written(kind: str, fields: Mapping[str, Any]) -> bytes:
    """The bytes of a document of type ``territoires/sealed-bid/<kind>``."""
    return canonical({"v": VERSION, "type": TYPES + kind, **fields})


# Checks of fields: each gives the value in Python's terms, or raises Invalid.


def fields(shape: Mapping[str, Check]) -> Check:
    """An object with these keys, all of them and no other."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or value.keys() != shape.keys():
            raise refusals.malformed(f"an object with {', '.join(shape)}")
        return {name: shape[name](value[name]) for name in shape}

    return check


def listed(check: Check, most: int = 10_000, least: int = 1) -> Check:
    """An array of ``least`` to ``most`` items."""

    def check_all(value: Any) -> list[Any]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise refusals.malformed(f"a list of {least} to {most}")
        return [check(item) for item in value]

    return check_all


def integer(least: int = 0, most: int = LARGEST_INTEGER) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise refusals.malformed(f"an integer from {least} to {most}")
        return value

    return check


def text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise refusals.malformed("a text of 1 to 255 characters")
    return value


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise refusals.malformed("true or false")
    return value


def one_of(*words: str) -> Check:
    def check(value: Any) -> str:
        if value not in words:
            raise refusals.malformed(f"one of {', '.join(words)}")
        return str(value)

    return check


def identifier(value: Any) -> UUID:
    """A UUID in its usual form, lower case."""
    try:
        found = UUID(value)
    except (ValueError, TypeError, AttributeError):
        found = None
    if found is None or str(found) != value:
        raise refusals.malformed("a UUID in lower case")
    return found


def digest_hex(value: Any) -> bytes:
    """A SHA-256 in lower-case hexadecimal, as bytes."""
    if not isinstance(value, str) or len(value) != 2 * HASH_BYTES or value.strip("0123456789abcdef"):
        raise refusals.malformed("a SHA-256 in hexadecimal")
    return bytes.fromhex(value)


def optional(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def octets(value: Any) -> bytes:
    """Base64url without padding, in its only form."""
    try:
        found = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (TypeError, ValueError, binascii.Error):
        found = b""
    if not found or base64url(found) != value:
        raise refusals.malformed("base64url without padding")
    return found


def instant(value: Any) -> datetime:
    """RFC 3339 in UTC, whole seconds, ``Z``."""
    try:
        found = datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (ValueError, TypeError):
        found = None
    if found is None or instant_text(found) != value:
        raise refusals.malformed("an instant in UTC, to the second")
    return found


def instant_text(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Bytes


def label(name: str) -> bytes:
    """A label of the protocol: ASCII, padded with zero bytes to 16."""
    return name.encode("ascii").ljust(LABEL_BYTES, b"\0")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def sha256(*parts: bytes | memoryview) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _check_subset(value: Any) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise refusals.malformed("a key that is no ASCII text")
            _check_subset(item)
    elif isinstance(value, list):
        for item in value:
            _check_subset(item)
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise refusals.malformed("an integer beyond 2^53 - 1")
    elif not (value is None or isinstance(value, str)):
        raise refusals.malformed(f"a {type(value).__name__} in JSON")


def _no_float(_: str) -> Any:
    raise ValueError
