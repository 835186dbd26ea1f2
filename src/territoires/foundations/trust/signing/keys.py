"""Signing keys: opened from a file that its holder brings (PKCS #12), kept in memory only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeGuard

from asn1crypto import pkcs12 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from django.utils.translation import gettext_noop as _

from territoires.kernel.errors import Invalid

from .certificates import CertificateCard, card_of, judge_dates

SIZE_LIMIT = 256 * 1024
"""Bytes of a key file: one key and its chain hold some 10 KiB."""
ITERATIONS_LIMIT = 1_000_000
"""Rounds that a key file may ask to open it: more is an attack on the processor."""
RSA_BITS = 2048

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class SigningKey:
    """A private key, loaded once, with its certificate and the intermediates that a reader needs."""

    certificate: x509.Certificate
    chain: Sequence[x509.Certificate]
    card: CertificateCard
    private_key: PrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """The signature of ``data`` with SHA-256: ECDSA (DER), or RSA PKCS #1 v1.5, which every reader knows."""
        if isinstance(self.private_key, ec.EllipticCurvePrivateKey):
            return self.private_key.sign(data, ec.ECDSA(hashes.SHA256()))
        return self.private_key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def open_key_file(data: bytes, password: str, *, at: datetime | None = None) -> SigningKey:
    """The key of a PKCS #12 file (.p12, .pfx), fit to sign at ``at`` (now). Nothing is written anywhere.

    Raises Invalid with the reason: not a key file, wrong password, no key inside, expired, not for signing, too weak.
    """
    _refuse_what_is_none(data)
    try:
        found = pkcs12.load_pkcs12(data, password.encode())
    except ValueError as fault:
        raise Invalid(
            "key-file-password",
            _("This password does not open the key file."),
            _("Type the password that came with the file. Nothing was signed."),
        ) from fault
    if found.key is None or found.cert is None:
        raise Invalid(
            "key-file-without-key",
            _("This file holds a certificate, but not the private key that signs."),
            _("Export the certificate again with its private key."),
        )
    return signing_key(
        found.key, found.cert.certificate, [one.certificate for one in found.additional_certs], at=at
    )


def signing_key(
    key: object,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    *,
    at: datetime | None = None,
) -> SigningKey:
    """A key and its certificate, fit to sign at ``at`` (now). Raises Invalid with the reason."""
    card = card_of(certificate)
    judge_dates(card, at or datetime.now(UTC))
    if not _may_sign(certificate):
        raise Invalid(
            "certificate-not-for-signing",
            _("The certificate of %(holder)s is not meant for signing."),
            _("Use your certificate for signing, not the one for authentication or encryption."),
            params={"holder": card.holder},
        )
    if not _is_accepted(key) or key.public_key() != certificate.public_key():
        raise Invalid(
            "key-not-accepted",
            _(
                "The key of %(holder)s cannot sign: it is too weak, of an unusual kind, or not its certificate's."
            ),
            _("Use an RSA key of 2,048 bits or more, or a P-256, P-384 or P-521 key."),
            params={"holder": card.holder},
        )
    # A root proves nothing inside the file that it should prove.
    intermediates = [one for one in chain if one.issuer != one.subject and one != certificate]
    return SigningKey(certificate, tuple(intermediates), card, key)


def _refuse_what_is_none(data: bytes) -> None:
    try:
        if len(data) > SIZE_LIMIT:
            raise ValueError("too long")
        rounds = _rounds(asn1.Pfx.load(data, strict=True))
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise Invalid(
            "not-a-key-file",
            _("This file is not a key file."),
            _("Give the file that ends in .p12 or .pfx that your authority gave you, or export it again."),
        ) from fault
    if rounds > ITERATIONS_LIMIT:
        raise Invalid(
            "key-file-too-slow",
            _("This key file asks for too much work to be opened."),
            _("Export it again from your certificate store."),
        )


def _rounds(file: asn1.Pfx) -> int:
    """The rounds of password derivation that the file's integrity and its encrypted parts ask for."""
    rounds = [file["mac_data"]["iterations"].native] if file["mac_data"] else []
    for part in file.authenticated_safe:
        if part["content_type"].native == "encrypted_data":
            algorithm = part["content"]["encrypted_content_info"]["content_encryption_algorithm"]
            rounds.append(algorithm.kdf_iterations)
            continue
        for bag in asn1.SafeContents.load(part["content"].native):
            if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
                rounds.append(bag["bag_value"]["encryption_algorithm"].kdf_iterations)
    return max(rounds, default=0)


def _may_sign(certificate: x509.Certificate) -> bool:
    """Whether its holder commits himself with it: contentCommitment, once nonRepudiation (RFC 5280, 4.2.1.3)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.content_commitment


def _is_accepted(key: object) -> TypeGuard[PrivateKey]:
    """Kinds and lengths still good to sign (TS 119 312): others are unknown to many readers."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.key_size >= RSA_BITS
    return isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(
        key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1
    )
