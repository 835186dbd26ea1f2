"""The report of a validation service (SVRL, ISO/IEC 19757-3 annex D) as what the rules found."""

from __future__ import annotations

import re

from territoires.kernel.errors import Invalid
from territoires.kernel.xml import parse_xml

from .judging import ERROR, WARNING, Judgement

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
ELSEWHERE = "elsewhere"
"""The stage of what another service found."""
_RULE = re.compile(r"BR-(BT|OPT|OPP)-0*([0-9]+)-")
_UNTRANSLATED = "rule|text|"


def read_report(content: bytes) -> list[Judgement]:
    """The assertions that failed, with the service's words. Raises Invalid for what is no report."""
    root = parse_xml(content)
    if root.tag != f"{SVRL}schematron-output":
        raise Invalid(
            "report-unread",
            "What the validation service answered is no report.",
            "Nothing to do: the publisher checks the notice when it takes it.",
        )
    found = []
    for one in root.iter(f"{SVRL}failed-assert"):
        rule, words = one.get("id", ""), one.findtext(f"{SVRL}text", "").strip()
        found.append(
            Judgement(
                rule=rule,
                severity=WARNING if one.get("role", "ERROR").upper().startswith("WARN") else ERROR,
                stage=ELSEWHERE,
                field=_field(rule),
                place=one.get("location", "")[:300],
                detail="" if words.startswith(_UNTRANSLATED) else words[:500],
            )
        )
    return found


def _field(rule: str) -> str:
    """The mention that a rule is about: BT-131 of BR-BT-00131-0108."""
    read = _RULE.match(rule)
    return f"{read[1]}-{read[2]}" if read else ""
