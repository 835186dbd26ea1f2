"""The codes of a delivery's ``reason`` in words; a code that is not here is shown as it is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

REASONS = {
    "unreachable": _("the other side does not answer at its address"),
    "not-trusted": _("the certificate of the other side is not the one expected"),
    "our-certificate": _("our certificate for this exchange cannot be used"),
    "our-file": _("our copy of the file cannot be read"),
    "not-configured": _("the operator has not set up this exchange"),
    "cut-short": _("the connection broke before everything had left"),
    "no-answer": _("everything had left, and no answer came"),
    "odd-answer": _("the other side answered, and not as agreed"),
    "not-available": _("the other side says that it is closed for the moment"),
    "not-let-in": _("the other side did not recognise us, or has moved"),
    "refused": _("the other side refused it"),
    "interrupted": _("the platform stopped while it was leaving"),
    "failed": _("an unforeseen fault while it was leaving"),
    "restored": _("it may have left between the backup and the restore"),
    "unknown-there": _("the other side does not know it"),
}


def reason_label(code: str) -> str:
    """The reason in the reader's language."""
    return str(REASONS.get(code, code))
