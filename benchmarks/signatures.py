"""Signatures a second in one process, PAdES B-T with a visible stamp, beside stock pyHanko, in alternating short turns.

Ours is the product's own way: time-stamps of the guarded authority, its mark in PostgreSQL. The peers get tokens of the
same key from memory, which favours them: stock pyHanko as its manual shows it, which opens the private key again for each
signature, and the same with the key kept open. Every signature made is then verified once.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from benchmarks.database import fresh_database
from benchmarks.report import Row, report
from benchmarks.timestamps import rate

if TYPE_CHECKING:
    from territoires.foundations.trust.signing.keys import SigningKey

TARGET = 20
TURNS = 7
PEERS = ("stock pyHanko", "pyHanko with the key kept open")
LINES = ("Camille Exemple", "Maire d’Essai", "Signé électroniquement")


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="bench-signatures-") as path,
        fresh_database(Path(path) / "postgres") as url,
        mock.patch.dict(os.environ, DATABASE_URL=url, TERRITOIRES_VAR=path),
    ):
        import django

        django.setup()
        from django.db import connection

        folder = Path(path)
        act = make_act(folder)
        rows = [
            *rows_of("RSA-3072", turns_of(rsa.generate_private_key(65537, 3072), act, folder)),
            *rows_of("P-256", turns_of(ec.generate_private_key(ec.SECP256R1()), act, folder)),
        ]
        connection.close()
    return report("signatures", rows)


def make_act(folder: Path) -> Path:
    """Three pages and a scanned annex's weight: 200 kB."""
    import pikepdf

    path = folder / "act.pdf"
    with pikepdf.new() as pdf:
        for _page in range(3):
            pdf.add_blank_page(page_size=(595, 842))
        pdf.pages[0].Scan = pdf.make_stream(os.urandom(200_000))
        pdf.save(path)
    return path


def turns_of(
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, act: Path, folder: Path
) -> list[tuple[float, float, float]]:
    """Signatures a second in each turn, ours and those of ``PEERS``; all sign the same file with the same key, each into
    a file of its own."""
    from territoires.foundations.trust import api as trust

    key = signing_key_of(private)
    files = [folder / f"{who}.pdf" for who in ("ours", "stock", "kept")]
    ours, stock, kept = files
    stamp = trust.VisibleStamp(LINES)
    by_stock, by_kept = stock_signer(key), stock_signer(key, keeps_key=True)

    def sign() -> None:
        now = datetime.now(UTC)
        trust.sign_pdf(act, ours, key=key, reason="Le maire", place="Essai", at=now, stamp=stamp)

    turns = [
        (rate(sign), rate(lambda: by_stock(act, stock)), rate(lambda: by_kept(act, kept)))
        for _ in range(TURNS)
    ]
    for path in files:
        (found,) = trust.validate_pdf(path)
        assert found.holds and found.stamped_at, found
    return turns


def rows_of(name: str, turns: Sequence[tuple[float, float, float]]) -> list[Row]:
    mine, *peers = (statistics.median(turn[place] for turn in turns) for place in range(3))
    return [
        Row(
            measure=f"PAdES B-T with {name}, visible, one process",
            ours=f"{mine:,.0f}/s",
            peer=f"{peer:,.0f}/s ({who})",
            ratio=f"{statistics.median(turn[0] / turn[place] for turn in turns):.1f}",
            target=f">= {TARGET}/s",
            verdict="ok" if mine >= TARGET else "short",
        )
        for place, (who, peer) in enumerate(zip(PEERS, peers, strict=True), start=1)
    ]


def signing_key_of(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> SigningKey:
    """A certificate of the demonstration authority for this very key."""
    from django.conf import settings

    from territoires.foundations.trust import api as trust
    from territoires.foundations.trust.demonstration import DemonstrationAuthority, usage_of
    from territoires.foundations.trust.signing.keys import signing_key

    trust.trust_chain()  # makes the authority
    issuing = DemonstrationAuthority.load(settings.ENVIRONMENT.keys / "trust")
    usage = usage_of(content_commitment=True)
    leaf = (x509.BasicConstraints(ca=False, path_length=None), True)
    certificate = issuing.issue("measures", private.public_key(), timedelta(days=1), leaf, (usage, True))
    return signing_key(private, certificate, [issuing.certificate])


def stock_signer(key: SigningKey, *, keeps_key: bool = False) -> Callable[[Path, Path], None]:
    """pyHanko as its manual shows it: SimpleSigner on the key file, a time-stamper, a text stamp.

    ``keeps_key``: only its use of the private key is replaced, by that of one that stays open.
    """
    from asn1crypto import tsp
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko.sign.timestamps import TimeStamper
    from pyhanko.stamp import TextStampStyle

    from territoires.foundations.trust.material import material
    from territoires.foundations.trust.time_stamping import TimeStampingAuthority

    found = material()
    authority = TimeStampingAuthority(found.stamping_key, found.stamping_chain, "2.999.1", time.time_ns)

    class InMemory(TimeStamper):
        async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
            return tsp.TimeStampResp.load(authority.answer(req.dump()))

    async def by_kept_key(data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return key.sign(data)

    file = pkcs12.serialize_key_and_certificates(
        b"", key.private_key, key.certificate, list(key.chain), NoEncryption()
    )
    signer = SimpleSigner.load_pkcs12_data(file, [])
    if keeps_key:
        signer.async_sign_raw = by_kept_key  # type: ignore[method-assign]
    style = TextStampStyle(stamp_text="\n".join(("Camille Exemple", "Maire d'Essai", "Signe le %(ts)s")))

    def sign(source: Path, target: Path) -> None:
        with source.open("rb") as given, target.open("w+b") as output:
            meta = PdfSignatureMetadata(
                field_name="Signature",
                md_algorithm="sha256",
                subfilter=SigSeedSubFilter.PADES,
                reason="Le maire",
                location="Essai",
            )
            field = SigFieldSpec("Signature", on_page=-1, box=(397, 28, 567, 90))
            PdfSigner(meta, signer, timestamper=InMemory(), stamp_style=style, new_field_spec=field).sign_pdf(
                IncrementalPdfFileWriter(given), output=output
            )

    return sign


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    sys.exit(main())
