"""Keys, certificates and time-stamps: the door of the foundation ``trust``."""

from __future__ import annotations

import hashlib
import hmac
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cryptography import x509
from django.conf import settings

from territoires.kernel.errors import Unavailable

from .authority import answer_time_stamp_query, time_stamp
from .calling import OutsideAnswer
from .calling import post as post_outside
from .clock_mark import clear_clock, clock_fault
from .demonstration import is_of_demonstration
from .key_files import KeyForm, reads_key_file
from .log_keys import (
    LogCertificate,
    LogKey,
    certificate_fault,
    is_demonstration,
    is_in_time,
    log_certificates,
    log_keys,
    make_demonstration_log_key,
)
from .material import TrustChain, material, revocation_lists, split_lists, usable_material
from .outside import OutsideAuthority
from .token_checking import TokenChecker, TokenRefused
from .views import time_stamp_view

if TYPE_CHECKING:
    from .signing.api import (
        LONGEST_CERTIFICATE,
        CertificateCard,
        SignedPdf,
        SigningKey,
        VisibleStamp,
        accepted_authorities,
        body_seal,
        issue_demonstration_certificate,
        judge_certificate,
        open_key_file,
        read_certificate,
        server_key_file,
        sign_pdf,
        stamp_copy,
    )
    from .validation.api import (
        POLICY,
        FileReport,
        Finding,
        Indication,
        Signature,
        judge_file,
        judging,
        validate_pdf,
    )

__all__ = [
    "LONGEST_CERTIFICATE",
    "POLICY",
    "CertificateCard",
    "FileReport",
    "Finding",
    "Indication",
    "KeyForm",
    "LogCertificate",
    "LogKey",
    "OutsideAnswer",
    "Signature",
    "SignedPdf",
    "SigningKey",
    "TokenChecker",
    "TokenRefused",
    "TrustChain",
    "VisibleStamp",
    "accepted_authorities",
    "answer_time_stamp_query",
    "body_seal",
    "certificate_fault",
    "clear_clock",
    "clock_fault",
    "demonstration_material",
    "fact_mac",
    "fact_mac_holds",
    "is_in_time",
    "is_of_demonstration",
    "issue_demonstration_certificate",
    "judge_certificate",
    "judge_file",
    "judging",
    "log_certificates",
    "log_keys",
    "make_demonstration_log_key",
    "open_key_file",
    "outside_time_stamp",
    "post_outside",
    "read_certificate",
    "reads_key_file",
    "revocation_lists",
    "server_key_file",
    "sign_pdf",
    "split_lists",
    "stamp_copy",
    "time_stamp",
    "time_stamp_view",
    "token_checker",
    "trust_chain",
    "validate_pdf",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """What ``signing`` and ``validation`` offer: they take longer to load than all the rest, and most processes never
        sign."""
        for room in (".signing.api", ".validation.api") if name in __all__ else ():
            offered = import_module(room, __package__)
            if name in offered.__all__:
                return getattr(offered, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def trust_chain() -> TrustChain:
    """The certificates that a reader needs, whatever they are worth: ``is_demonstration`` says it."""
    return material().chain


def demonstration_material() -> list[str]:
    """The subject names of the demonstration's certificates in use; production starts only when it is empty."""
    logs = [one.certificate.subject.rfc4514_string() for one in log_certificates() if is_demonstration(one)]
    return [*material().demonstration_names, *logs]


def outside_time_stamp(imprint: bytes) -> bytes | None:
    """The verified TimeStampToken of the outside authority for a SHA-256 digest; None when none is configured.

    Takes up to ten seconds: call it outside any transaction. Raises Unavailable when it fails.
    """
    authority: Any = settings.OUTSIDE_TIME_STAMPING
    return OutsideAuthority(**authority).stamp(imprint) if authority else None


def token_checker(*, outside: bool = False) -> TokenChecker:
    """Judges the tokens of our own authority, or of the outside one, under its roots.

    The file of outside roots serves as long as there are tokens to judge, whether the authority is still asked or not.
    Raises Unavailable when it cannot be read.
    """
    if not outside:
        return TokenChecker([x509.load_pem_x509_certificate(trust_chain().root_pem)])
    authority: Any = settings.OUTSIDE_TIME_STAMPING or {}
    file = authority.get("roots", settings.ENVIRONMENT.keys / "outside-roots.pem")
    try:
        return TokenChecker(x509.load_pem_x509_certificates(file.read_bytes()))
    except (OSError, ValueError) as fault:
        raise Unavailable(
            "outside-roots",
            "The roots of the outside time-stamping authority cannot be read: %(file)s.",
            "Put them back there, those of earlier authorities too, as docs/operations/trust.md says.",
            params={"file": str(file)},
        ) from fault


def fact_mac(body: bytes) -> bytes:
    """HMAC-SHA-256 of a fact under a key that PostgreSQL never sees: what tells our facts from rows slipped in."""
    return hmac.digest(usable_material().facts_key, body, hashlib.sha256)


def fact_mac_holds(body: bytes, mac: bytes) -> bool:
    """Whether ``mac`` is ours for ``body``; takes the same time whatever differs."""
    return hmac.compare_digest(fact_mac(body), mac)
