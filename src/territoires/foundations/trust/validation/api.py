"""What the folder offers to the door of ``trust``, which loads it when it is first asked for."""

from .bounded import judge_file, judging
from .pdf import validate_pdf
from .report import POLICY, FileReport, Finding, Indication, Signature

__all__ = [
    "POLICY",
    "FileReport",
    "Finding",
    "Indication",
    "Signature",
    "judge_file",
    "judging",
    "validate_pdf",
]
