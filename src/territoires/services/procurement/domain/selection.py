"""Candidatures: what candidates must be able to do and the pieces asked, linked to the purchase and in proportion."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from .findings import Finding, Severity, by_law, finding, msgid
from .law import DYNAMIC, Law
from .sheet import Sheet

STEP = "selection"
_finding = partial(finding, STEP)
# Codes of the eForms list selection-criterion, shortened.
SUITABILITY, ECONOMIC, TECHNICAL = "sui-act", "ef-stan", "tp-abil"
CANDIDATE, TENDERER, WINNER = "candidate", "tenderer", "winner"
MOST_ECONOMIC = 3  # ours: more conditions of standing than that keep small enterprises away


def check(sheet: Sheet, law: Law) -> Iterator[Finding]:
    if not sheet.is_competitive:
        return
    yield from _pieces(sheet, law)
    yield from _conditions(sheet, law)
    yield from _candidates(sheet, law)


def _pieces(sheet: Sheet, law: Law) -> Iterator[Finding]:
    rule = law.rules["proofs-from-winner"]
    for piece in sheet.asked_pieces:
        known = law.pieces.get(piece.code)
        if known is not None and known.is_proof and piece.asked_from != WINNER:
            yield _finding(
                "proof-too-early",
                "pieces",
                by_law(rule),
                msgid("“%(piece)s” may only be asked from who is about to be chosen."),
                msgid("Ask it from the winner alone: candidates declare on their honour."),
                about=piece.code,
                article=rule.article,
                params={"piece": piece.name},
            )


def _conditions(sheet: Sheet, law: Law) -> Iterator[Finding]:
    rule = law.rules["proportionate-selection"]
    economic = [one for one in sheet.selection if one.kind == ECONOMIC]
    if len(economic) > MOST_ECONOMIC:
        yield _finding(
            "selection-heavy",
            "selection",
            Severity.WARNING,
            msgid(
                "%(count)s conditions of economic standing: they must be linked to the purchase and in proportion."
            ),
            msgid("Keep those that the purchase needs, or say why all are."),
            article=rule.article,
            params={"count": len(economic)},
        )
    if law.has_two_stages(sheet) and not sheet.selection:
        yield _finding(
            "selection-missing",
            "selection",
            Severity.MISSING,
            msgid("Candidates are selected, but on what is not said."),
            msgid("Say what they must be able to do, and the least that you ask."),
        )


def _candidates(sheet: Sheet, law: Law) -> Iterator[Finding]:
    if not law.has_two_stages(sheet):
        return
    fewest, most = sheet.fewest_candidates, sheet.most_candidates
    if fewest is not None and most is not None and most < fewest:
        yield _finding(
            "candidates-order",
            "most_candidates",
            Severity.MISSING,
            msgid("The most candidates invited are fewer than the fewest."),
            msgid("Correct one of the two."),
            params={"fewest": fewest, "most": most},
        )
    unlimited = law.rules["dynamic-unlimited"]
    if sheet.procedure == DYNAMIC and most is not None:
        yield _finding(
            "dynamic-limited",
            "most_candidates",
            by_law(unlimited),
            msgid("A dynamic purchasing system admits every enterprise that meets the conditions."),
            msgid("Do not limit their number."),
            article=unlimited.article,
        )
    least = law.rules.get(f"fewest-candidates-{sheet.procedure}")
    limit = most if most is not None else fewest
    if least is not None and limit is not None and (fewest or limit) < least.value:
        yield _finding(
            "candidates-too-few",
            "fewest_candidates",
            by_law(least),
            msgid("At least %(least)s candidates are invited in this procedure, if so many are fit."),
            msgid("Invite more, or do not limit their number."),
            article=least.article,
            params={"least": int(least.value)},
        )
