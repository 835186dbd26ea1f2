"""What a file proves: whether its bytes are known here, whether an evidence bundle holds, what its signatures are worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import get_language

from territoires.foundations.registry.api import Recognition, manifests
from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Invalid

from . import bundles

LARGEST = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one file. ``signatures`` is None for a file of no kind that holds any, and for a bundle."""

    name: str
    size: int
    digest: str
    recognitions: list[Recognition] = field(default_factory=list)
    bundle: bundles.BundleVerdict | None = None
    signatures: trust.FileReport | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.recognitions or (self.bundle and self.bundle.holds))


def judge(path: str, *, name: str, size: int, digest: str) -> Verdict:
    """The verdict on the file at ``path``, whose SHA-256 (hexadecimal) was taken as it came. Raises Unavailable when too many
    files are judged at once."""
    known = [
        recognition
        for manifest in manifests().values()
        if manifest.recognise
        for recognition in manifest.recognise(digest)
    ]
    bundle = bundles.judge(path, get_language() or "fr")
    signatures = None if bundle else trust.judge_file(Path(path))
    return Verdict(name, size, digest, known, bundle, signatures)


def too_big() -> Invalid:
    """The refusal of a file beyond ``LARGEST``."""
    return Invalid(
        "too-big-to-verify",
        "This file is larger than 200 MB: it was not read.",
        "Verify it on your computer with the tool verify_evidence.py, or compare its SHA-256.",
    )
