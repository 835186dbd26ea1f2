"""What a check says of a consultation."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from territoires.kernel.errors import Fault

from .law import Rule


class Severity(StrEnum):
    """MISSING: the platform cannot go on without it. REFUSAL: a text forbids it. WARNING: overridden with a reason."""

    MISSING = "missing"
    REFUSAL = "refusal"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check found. ``message`` and ``remedy`` are message ids, filled from ``params``.

    ``step`` is the page that mends it, ``field`` its field there; ``about`` tells two findings of one code apart (the
    number of a lot). ``article`` names the text.
    """

    code: str
    step: str
    field: str
    severity: Severity
    message: str
    remedy: str
    article: str = ""
    about: str = ""
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def key(self) -> str:
        """What an override names. It changes with the values, so that a reason never covers another case."""
        values = {
            name: value for name, value in self.params.items() if isinstance(value, int | Decimal | date)
        }
        said = ",".join(f"{name}={value}" for name, value in sorted(values.items()))
        return ":".join(filter(None, (self.code, self.about, said)))[:200]

    @property
    def stops(self) -> bool:
        return self.severity is not Severity.WARNING

    def as_fault(self) -> Fault:
        return Fault(self.field, self.code, self.message, self.remedy, self.params)


def finding(
    step: str,
    code: str,
    field: str,
    severity: Severity,
    message: str,
    remedy: str,
    *,
    article: str = "",
    about: str = "",
    params: Mapping[str, Any] | None = None,
) -> Finding:
    """A finding in the order in which the checks of a step say it."""
    return Finding(
        code=code,
        step=step,
        field=field,
        severity=severity,
        message=message,
        remedy=remedy,
        article=article,
        about=about,
        params=params or {},
    )


def by_law(rule: Rule) -> Severity:
    """A refusal where the text was read; a warning where it was not."""
    return Severity.REFUSAL if rule.is_verified else Severity.WARNING


def in_steps(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """The findings by the step that mends them."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.step, []).append(finding)
    return found


def msgid(text: str) -> str:
    """Marks a message id where no call of the kernel carries it."""
    return text
