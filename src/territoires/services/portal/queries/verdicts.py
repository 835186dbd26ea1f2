"""What a file proves: whether its bytes are known here, and, of an evidence bundle, whether it holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import get_language

from territoires.foundations.registry.api import Recognition, manifests
from territoires.kernel.errors import Invalid

from . import bundles

LARGEST = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one file."""

    name: str
    size: int
    digest: str
    recognitions: list[Recognition] = field(default_factory=list)
    bundle: bundles.BundleVerdict | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.recognitions or (self.bundle and self.bundle.holds))


def judge(path: str, *, name: str, size: int, digest: str) -> Verdict:
    """The verdict on the file at ``path``, whose SHA-256 (hexadecimal) was taken as it came."""
    known = [
        recognition
        for manifest in manifests().values()
        if manifest.recognise
        for recognition in manifest.recognise(digest)
    ]
    return Verdict(name, size, digest, known, bundles.judge(path, get_language() or "fr"))


def too_big() -> Invalid:
    """The refusal of a file beyond ``LARGEST``."""
    return Invalid(
        "too-big-to-verify",
        "This file is larger than 200 MB: it was not read.",
        "Verify it on your computer with the tool verify_evidence.py, or compare its SHA-256.",
    )
