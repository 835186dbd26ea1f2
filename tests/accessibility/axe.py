"""axe-core on a page, and what it does not tell, as sentences."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PAGE = Path(__file__).with_name("page.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# What holds is left where it is: telling it takes longer than looking for it. ``preload`` would ask for each style sheet
# anew, for one rule among the tags, which is of pages that make sounds: ours do not.
RUN = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"], preload: false})
  .then(found => found.violations)"""


def findings(page: Page) -> list[str]:
    """Every finding of axe on the page as it stands: rule, element, what axe says. Empty when it is clean."""
    # Evaluated by the debugger, so that the page's own policy stays as strict as for readers.
    page.evaluate(AXE.read_text())
    violations = page.evaluate(RUN, TAGS)
    return [
        f"{violation['id']}: {node['html'][:120]} ({node['failureSummary']})"
        for violation in violations
        for node in violation["nodes"]
    ]


def faults(page: Page, language: str) -> list[str]:
    """What is wrong with the page as it stands, for a reader who has chosen this language. Empty when it is sound."""
    return [*page.evaluate(f"({PAGE.read_text()})", language), *findings(page)]
