"""The pages of procurement, in each of their states: ``tests/accessibility`` looks at them."""

from __future__ import annotations

from urllib.parse import quote

from playwright.sync_api import Page

from tests.accessibility.visit import (
    A_FILE,
    A_GESTURE,
    SECRETARY,
    VILLAGE,
    Gesture,
    Site,
    Visit,
    send,
    send_empty,
)


def one(state: str) -> dict[str, str]:
    return {"organisation": "village", "consultation": f"consultation {state}"}


def wrong(**values: str) -> Gesture:
    """Fills fields of the step's form, and saves it."""

    def gesture(page: Page, site: Site) -> None:
        for name, value in values.items():
            page.locator(f"main [name={name}]").first.fill(value)
        send(page, page.locator("main button[name=next]"))

    return gesture


def tick_nothing_and_send(page: Page, site: Site) -> None:
    send(page, page.locator("main form[method=post] button.button").last)


WARNING = quote("mention-missing:review")

VISITS = (
    Visit("procurement_desk:consultations", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:consultations", "nothing found", SECRETARY, VILLAGE, query="?q=xyzzy"),
    Visit("procurement_desk:consultations", "empty", "nadia.essai@town.example", {"organisation": "town"}),
    Visit("procurement_desk:new", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:new", "faulty", SECRETARY, VILLAGE, gesture=send_empty, status=422),
    *(
        Visit("procurement_desk:consultation", state, SECRETARY, one(state))
        for state in ("blank", "draft", "warned", "forbidden", "validated")
    ),
    *(
        Visit(f"procurement_desk:{step}", state, SECRETARY, one(state))
        for step in ("need", "procedure", "lots", "criteria", "terms", "calendar", "documents")
        for state in ("blank", "draft")
    ),
    Visit("procurement_desk:need", "searched", SECRETARY, one("draft"), query="?cpv_words=toiture"),
    Visit("procurement_desk:need", "not found", SECRETARY, one("draft"), query="?cpv_words=xyzzy"),
    Visit("procurement_desk:need", "faulty", SECRETARY, one("draft"), gesture=wrong(title=""), status=422),
    Visit("procurement_desk:terms", "warned", SECRETARY, one("warned")),
    Visit("procurement_desk:terms", "forbidden", SECRETARY, one("forbidden")),
    Visit(
        "procurement_desk:terms",
        "faulty",
        SECRETARY,
        one("draft"),
        gesture=wrong(contact_email="nulle part"),
        status=422,
    ),
    Visit("procurement_desk:calendar", "forbidden", SECRETARY, one("forbidden")),
    Visit(
        "procurement_desk:calendar",
        "faulty",
        SECRETARY,
        one("draft"),
        gesture=wrong(tenders_on="31/02/2027"),
        status=422,
    ),
    Visit(
        "procurement_desk:lots",
        "faulty",
        SECRETARY,
        one("draft"),
        gesture=wrong(**{"lots-0-estimated_value": "beaucoup"}),
        status=422,
    ),
    Visit(
        "procurement_desk:criteria",
        "faulty",
        SECRETARY,
        one("draft"),
        gesture=wrong(**{"criteria-0-weight": "500"}),
        status=422,
    ),
    Visit(
        "procurement_desk:documents",
        "faulty",
        SECRETARY,
        one("draft"),
        gesture=tick_nothing_and_send,
        status=422,
    ),
    *(
        Visit("procurement_desk:check", state, SECRETARY, one(state))
        for state in ("blank", "draft", "warned", "forbidden")
    ),
    Visit("procurement_desk:override", who=SECRETARY, where=one("warned"), query=f"?finding={WARNING}"),
    Visit(
        "procurement_desk:override",
        "faulty",
        SECRETARY,
        one("warned"),
        query=f"?finding={WARNING}",
        gesture=send_empty,
        status=422,
    ),
    Visit("procurement_desk:validate", who=SECRETARY, where=one("draft")),
    Visit(
        "procurement_desk:validate",
        "refused",
        SECRETARY,
        one("forbidden"),
        gesture=tick_nothing_and_send,
        status=422,
    ),
    Visit("procurement_desk:reopen", who=SECRETARY, where=one("validated")),
    Visit("procurement_desk:reopen", "faulty", SECRETARY, one("validated"), gesture=send_empty, status=422),
    Visit("procurement_desk:discard", who=SECRETARY, where=one("draft")),
    Visit("procurement_desk:copy", who=SECRETARY, where=one("draft")),
    Visit("procurement_desk:copy", "faulty", SECRETARY, one("draft"), gesture=send_empty, status=422),
    Visit("procurement_desk:team", who=SECRETARY, where=one("draft")),
    Visit(
        "procurement_desk:team", "faulty", SECRETARY, one("draft"), gesture=tick_nothing_and_send, status=422
    ),
)
NOT_PAGES = {
    "procurement_desk:file": A_FILE,
    "procurement_desk:remove-file": A_GESTURE,
    "procurement_desk:leave": A_GESTURE,
    "procurement_desk:take-calendar": A_GESTURE,
}
