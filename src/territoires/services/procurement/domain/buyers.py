"""For whom the body buys: alone, for a group that it coordinates, or as a central purchasing body."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from .findings import Finding, Severity, by_law, finding, msgid
from .law import Law
from .sheet import GROUP, Sheet

STEP = "need"
_finding = partial(finding, STEP)


def check(sheet: Sheet, law: Law) -> Iterator[Finding]:
    if sheet.buyers and not sheet.purchasing_form:
        yield _finding(
            "buyers-without-form",
            "purchasing_form",
            Severity.MISSING,
            msgid("You buy for others too: as what is not said."),
            msgid("Choose: a purchasing group, or a central purchasing body."),
        )
    if sheet.purchasing_form == GROUP and not sheet.buyers:
        yield _finding(
            "group-without-members",
            "participants",
            Severity.MISSING,
            msgid("A purchasing group has other members: none is named."),
            msgid("Give the SIRET of each, or choose to buy for yourself alone."),
        )
    rule = law.rules["group-agreement"]
    if sheet.purchasing_form == GROUP and not sheet.group_agreement:
        yield _finding(
            "group-without-agreement",
            "group_agreement",
            by_law(rule),
            msgid("The agreement that founds the group is not named."),
            msgid("Give its date or its number: it says who signs and who pays."),
            article=rule.article,
        )
    if sheet.need.unvalued:
        yield _finding(
            "group-need-unknown",
            "committed_elsewhere",
            Severity.WARNING,
            msgid("%(count)s purchases of the same need by other members are public without their value."),
            msgid("Ask the members, and add what they spend to what was bought outside."),
            params={"count": sheet.need.unvalued},
        )
