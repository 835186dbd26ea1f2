"""One call to an address that the operator gave: nothing else is ever called, and an answer is never long."""

from __future__ import annotations

import http.client
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

LARGEST_ANSWER = 256 * 1024
TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class OutsideAnswer:
    """Status, media type and body, at most ``LARGEST_ANSWER`` bytes."""

    status: int
    media_type: str
    body: bytes


def post(url: str, body: bytes, media_type: str) -> OutsideAnswer:
    """Posts to ``url`` (https or http, with ``user:password@`` for an account). Redirections are not followed.

    Raises OSError, ValueError or HTTPException.
    """
    parts = urlsplit(url)
    kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
    if parts.scheme not in kinds or not parts.hostname:
        raise ValueError("its address is not one of https or http")
    headers = {"Content-Type": media_type}
    if parts.username is not None:
        account = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(account.encode()).decode()}"
    address = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", address, body, headers)
        answer = connection.getresponse()
        said = answer.read(LARGEST_ANSWER + 1)
    finally:
        connection.close()
    if len(said) > LARGEST_ANSWER:
        raise ValueError(f"it answered with more than {LARGEST_ANSWER} bytes")
    return OutsideAnswer(answer.status, answer.getheader("Content-Type", ""), said)
