"""What the signatures of a CMS file are worth (CAdES, EN 319 122-1): each signer by itself."""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime

from asn1crypto import cms, core, pem
from cryptography.hazmat.primitives import hashes
from django.utils.translation import gettext_noop as _
from pyhanko.sign.validation.generic_cms import async_validate_cms_signature, collect_timing_info
from pyhanko.sign.validation.status import StandardCMSSignatureStatus
from pyhanko.sign.validation.utils import extract_message_digest
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from territoires.foundations.trust.signing import slow_spots  # noqa: F401 (it changes what it imports)
from territoires.foundations.trust.signing.certificates import complete, validation_context
from territoires.kernel.errors import Invalid, TerritoiresError

from .grounds import (
    finding_of,
    integrity_findings,
    level_of,
    names_certificate,
    signer_card,
    time_finding,
    time_in_token,
    trust_findings,
    trust_of,
)
from .report import Changes, Finding, Format, Signature

log = logging.getLogger(__name__)

SIGNERS_LIMIT = 64
REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"
ARCHIVE_TIME_STAMP = "0.4.0.1733.2.4"
Hasher = Callable[[hashes.Hash], None]
"""Feeds the signed document to a hash."""


def judge_cms(
    content: cms.ContentInfo,
    now: datetime,
    *,
    document: Hasher | None = None,
    field: str = "",
    container: Format | None = None,
) -> list[Signature]:
    """Every signer of the file, judged at its proven time, or at ``now``. ``document`` feeds what was signed, where it is
    apart. Attacks are answers, as for a PDF. Raises Invalid beyond ``SIGNERS_LIMIT``."""
    whole = content["content"]
    signers = whole["signer_infos"]
    if len(signers) > SIGNERS_LIMIT:
        raise Invalid(
            "too-many-signatures",
            _("This file carries more signatures than can be checked."),
            _("Ask its author for the file as it was first signed."),
        )
    return [_judge(_with_one(whole, signer), now, document, field, container) for signer in signers]


def open_cms(data: bytes) -> cms.ContentInfo:
    """What a file in DER, BER, PEM or base64 holds. Raises Invalid."""
    try:
        content = cms.ContentInfo.load(_binary(data), strict=True)
        if content["content_type"].native != "signed_data":
            raise ValueError("not signed")
        signed = content["content"]
        if not len(signed["signer_infos"]) or signed["encap_content_info"]["content"] is None:
            raise ValueError("without signer")
    except Exception as fault:  # the library raises nearly anything on hostile input
        raise Invalid(
            "cms-unreadable",
            _("This signature file cannot be read: nothing can be said of it."),
            _("Ask its author for the file as it was signed."),
        ) from fault
    return content


def is_time_stamp(content: cms.ContentInfo) -> bool:
    return bool(content["content"]["encap_content_info"]["content_type"].native == "tst_info")


def _binary(data: bytes) -> bytes:
    if pem.detect(data[:64]):
        return bytes(pem.unarmor(data)[2])
    if data[:1] == b"M":  # base64 of a SEQUENCE; 0x4D is no tag that a CMS begins with
        return b64decode(data)
    return data


def _with_one(whole: cms.SignedData, signer: cms.SignerInfo) -> cms.SignedData:
    """The same with one signer, as its bytes stand: what the library judges."""
    one = cms.SignedData(
        {name: whole[name] for name in ("version", "digest_algorithms", "encap_content_info")}
    )
    for name in ("certificates", "crls"):
        if whole[name] is not core.VOID:
            one[name] = whole[name]
    one["signer_infos"] = cms.SignerInfos([signer])
    return one


def _judge(
    signed: cms.SignedData, now: datetime, document: Hasher | None, field: str, container: Format | None
) -> Signature:
    try:
        return _judged(signed, now, document, field, container)
    except (OSError, TerritoiresError):
        raise
    except Exception as fault:
        log.info("trust: a CMS signature cannot be judged", exc_info=True)
        return Signature(field, container or Format.CMS, (finding_of(fault),))


def _judged(
    signed: cms.SignedData, now: datetime, document: Hasher | None, field: str, container: Format | None
) -> Signature:
    (signer,) = signed["signer_infos"]
    is_apart = signed["encap_content_info"]["content"] is core.VOID
    is_missing = is_apart and document is None
    if (
        is_missing and signer["signed_attrs"] is core.VOID
    ):  # it signs the document itself, and nothing else can be said
        return Signature(field, container or Format.CMS, (Finding.NO_DOCUMENT,))
    digest = _signed_digest(signed, signer, document)
    certified = time_in_token(signer)
    status = _status(signed, certified or now, certified, digest)
    stamp = status.timestamp_validity
    is_stamped = bool(stamp and stamp.intact and stamp.valid and stamp.trusted)
    if certified and not is_stamped:
        status = _status(signed, now, certified, digest)  # what is not proven does not date the judgment
    broken = tuple(integrity_findings(status, signer))
    if document and not is_apart and _digest(signer, document) != _own_digest(signed, signer):
        broken = (Finding.BROKEN,)  # it holds a copy of what it signed, which is not what lies beside it
    is_ades = names_certificate(signer)
    return Signature(
        field=field,
        format=container or (Format.CADES if is_ades else Format.CMS),
        findings=(
            *broken,
            *([Finding.NO_DOCUMENT] if is_missing else []),
            *trust_findings(status, certified if certified and is_stamped else now),
            *time_finding(stamp),
            *([Finding.COUNTERSIGNED] if "counter_signature" in _unsigned(signer).values() else []),
        ),
        level=_level(signed, signer) if is_ades else "",
        signer=signer_card(status.signing_cert),
        claimed_at=status.signer_reported_dt,
        stamped_at=certified if is_stamped else None,
        stamp_says=certified,
        is_intact=not broken and not is_missing,
        covers_document=not is_missing,
        is_trusted=status.trusted,
        trust=trust_of(status),
        changes=Changes.UNKNOWN if broken or is_missing else Changes.NONE,
    )


def _status(
    signed: cms.SignedData, moment: datetime, certified: datetime | None, digest: bytes | None
) -> StandardCMSSignatureStatus:
    async def judge() -> StandardCMSSignatureStatus:
        (signer,) = signed["signer_infos"]
        timing = await collect_timing_info(
            signer, validation_context(certified or moment), raw_digest=lambda _algorithm: digest or b""
        )
        return await async_validate_cms_signature(
            signed,
            status_cls=StandardCMSSignatureStatus,
            raw_digest=digest,
            validation_context=validation_context(moment),
            status_kwargs=timing,
        )

    return complete(judge())


def _signed_digest(signed: cms.SignedData, signer: cms.SignerInfo, document: Hasher | None) -> bytes | None:
    """None for what it holds itself; of a document that is missing, the digest that was signed is taken at its word."""
    if signed["encap_content_info"]["content"] is not core.VOID:
        return None
    return _digest(signer, document) if document else bytes(extract_message_digest(signer))


def _own_digest(signed: cms.SignedData, signer: cms.SignerInfo) -> bytes:
    return _digest(signer, lambda digest: digest.update(bytes(signed["encap_content_info"]["content"])))


def _digest(signer: cms.SignerInfo, document: Hasher) -> bytes:
    digest = hashes.Hash(get_pyca_cryptography_hash(signer["digest_algorithm"]["algorithm"].native))
    document(digest)
    return digest.finalize()


def _unsigned(signer: cms.SignerInfo) -> dict[str, str]:
    """The unsigned attributes: their names by their identifiers."""
    attributes = signer["unsigned_attrs"]
    if attributes is core.VOID:
        return {}
    return {one["type"].dotted: one["type"].native for one in attributes}


def _level(signed: cms.SignedData, signer: cms.SignerInfo) -> str:
    """The level that the form reaches (EN 319 122-1, 6.1)."""
    unsigned = _unsigned(signer)
    is_kept = ARCHIVE_TIME_STAMP in unsigned
    return level_of(
        is_stamped="signature_time_stamp_token" in unsigned.values(),
        has_values=REVOCATION_VALUES in unsigned or signed["crls"] is not core.VOID,
        is_kept=is_kept,
    )
