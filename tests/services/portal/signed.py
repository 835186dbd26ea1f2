"""A PDF that somebody of the demonstration signed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pikepdf

from territoires.foundations.trust import api as trust
from territoires.kernel.clock import system_clock


def signed_pdf() -> bytes:
    """One blank page under the signature of Camille Exemple, PAdES B-T."""
    key = trust.open_key_file(
        *trust.issue_demonstration_certificate(
            given_names="Camille",
            usual_name="Exemple",
            organisation_name="Commune d’Essai",
            siren="212100077",
        )
    )
    with tempfile.TemporaryDirectory() as folder:
        plain, file = Path(folder, "plain.pdf"), Path(folder, "signed.pdf")
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.save(plain)
        trust.sign_pdf(plain, file, key=key, reason="Le maire", place="Essai", at=system_clock())
        return file.read_bytes()
