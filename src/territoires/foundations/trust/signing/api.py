"""What the folder offers to the door of ``trust``, which loads it when it is first asked for."""

from .appearance import VisibleStamp
from .certificates import (
    LONGEST_CERTIFICATE,
    CertificateCard,
    accepted_authorities,
    judge_certificate,
    read_certificate,
)
from .copies import stamp_copy
from .issuing import body_seal, issue_demonstration_certificate, server_key_file
from .keys import SigningKey, open_key_file
from .pades import SignedPdf, sign_pdf

__all__ = [
    "LONGEST_CERTIFICATE",
    "CertificateCard",
    "SignedPdf",
    "SigningKey",
    "VisibleStamp",
    "accepted_authorities",
    "body_seal",
    "issue_demonstration_certificate",
    "judge_certificate",
    "open_key_file",
    "read_certificate",
    "server_key_file",
    "sign_pdf",
    "stamp_copy",
]
