"""The client of an outside, qualified authority, when the operator names one: ask with a nonce, believe nothing."""

from __future__ import annotations

import http.client
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import rfc3161_client
from cryptography import x509

from territoires.kernel.errors import Unavailable

from . import der
from .calling import post
from .time_stamp_query import TimeStampQuery, imprint_of

FARTHEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OutsideAuthority:
    """Where to ask: ``url`` (https or http, with ``user:password@`` for an account), the ``policy`` to ask for or an
    empty string, ``roots`` the file of the roots to trust."""

    url: str
    policy: str
    roots: Path

    def stamp(self, imprint: bytes) -> bytes:
        """The TimeStampToken for a SHA-256 digest, verified under the roots. Raises Unavailable."""
        nonce = secrets.randbits(63) | 1 << 62
        query = TimeStampQuery(
            imprint=imprint_of(imprint),
            policy=der.oid(self.policy) if self.policy else b"",
            nonce=der.integer(nonce),
            with_certificates=True,
        )
        try:
            return self._verified(self._ask(query.encoding()), imprint, nonce)
        except (OSError, ValueError, http.client.HTTPException, rfc3161_client.VerificationError) as fault:
            raise Unavailable(
                "outside-time-stamp",
                "The outside time-stamping authority gave no valid time-stamp: %(fault)s.",
                "Nothing is lost: it is asked again later. If it lasts, check the setting and call the authority.",
                params={"fault": str(fault) or type(fault).__name__},
            ) from fault

    def _ask(self, query: bytes) -> bytes:
        answer = post(self.url, query, "application/timestamp-query")
        if answer.status != 200:
            raise ValueError(f"it answered with HTTP status {answer.status}")
        return answer.body

    def _verified(self, answer: bytes, imprint: bytes, nonce: int) -> bytes:
        response = rfc3161_client.decode_timestamp_response(answer)
        builder = rfc3161_client.VerifierBuilder(
            roots=x509.load_pem_x509_certificates(self.roots.read_bytes()), nonce=nonce
        )
        if self.policy:
            builder = builder.policy_id(x509.ObjectIdentifier(self.policy))
        builder.build().verify(response, imprint)
        token: bytes = response.time_stamp_token()
        if imprint_of(imprint) not in token:
            raise ValueError("the time-stamp is not of the digest that was sent")
        if abs(response.tst_info.gen_time - datetime.now(UTC)) > FARTHEST:
            raise ValueError("its time is more than one minute from ours")
        return token
