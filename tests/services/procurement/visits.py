"""The pages of procurement, in each of their states: ``tests/accessibility`` looks at them."""

from __future__ import annotations

from urllib.parse import quote

from playwright.sync_api import Page

from tests.accessibility.visit import (
    A_FILE,
    A_GESTURE,
    CITIZEN,
    ENTERPRISE,
    SECRETARY,
    VILLAGE,
    Gesture,
    Site,
    Visit,
    send,
    send_empty,
)
from tests.services.procurement.bids import visits as bids
from tests.services.procurement.continuity import visits as continuity
from tests.services.procurement.notices import visits as notices
from tests.services.procurement.opening import visits as opening

from .award import visits as award


def one(state: str) -> dict[str, str]:
    return {"organisation": "village", "consultation": f"consultation {state}"}


def wrong(**values: str) -> Gesture:
    """Fills fields of the step's form, longer than the browser would let it where need be, and saves it."""

    def gesture(page: Page, site: Site) -> None:
        for name, value in values.items():
            field = page.locator(f"main [name={name}]").first
            field.evaluate("field => field.removeAttribute('maxlength')")
            field.fill(value)
        send(page, page.locator("main button[name=next]"))

    return gesture


def tick_nothing_and_send(page: Page, site: Site) -> None:
    send(page, page.locator("main form[method=post] button.button").last)


WARNING = quote("mention-missing:review")

PUBLIC = one("published")


def question(state: str) -> dict[str, str]:
    return PUBLIC | {"question": f"question {state}"}


def anybody(name: str, **more: str) -> dict[str, str]:
    return {"consultation": f"consultation {name}"} | more


def ticked_back(page: Page, site: Site) -> None:
    """A deadline that comes earlier than the published one."""
    page.locator("main [name=summary]").fill("La date limite change.")
    page.locator("main [name=reason]").fill("Une raison suffisante.")
    page.locator("main [name=tenders_on]").fill("01/02/2020")
    send(page, page.locator("main form[method=post] button.button").last)


INVITED = one("invited")
INVITATION = {"correspondent": "invited enterprise", "token": "invited enterprise token"}

PUBLICATION = (
    Visit("procurement:invited", where=anybody("invited", **INVITATION)),
    Visit("procurement:invited", "for the enterprise", ENTERPRISE, anybody("invited", **INVITATION)),
    Visit("procurement:invited", "for another", CITIZEN, anybody("invited", **INVITATION), status=403),
    Visit("procurement_desk:consultation", "invited", SECRETARY, INVITED),
    Visit("procurement_desk:invite", who=SECRETARY, where=INVITED),
    Visit("procurement_desk:invite", "faulty", SECRETARY, INVITED, gesture=send_empty, status=422),
    Visit(
        "procurement_desk:withdraw-invitation",
        who=SECRETARY,
        where=INVITED | {"correspondent": "invited enterprise"},
    ),
    Visit(
        "procurement_desk:withdraw-invitation",
        "faulty",
        SECRETARY,
        INVITED | {"correspondent": "invited enterprise"},
        gesture=send_empty,
        status=422,
    ),
    Visit("procurement_desk:publish", who=SECRETARY, where=one("validated")),
    Visit(
        "procurement_desk:publish",
        "refused",
        SECRETARY,
        one("validated"),
        gesture=tick_nothing_and_send,
        status=422,
    ),
    Visit("procurement_desk:schedule", who=SECRETARY, where=one("validated")),
    Visit("procurement_desk:schedule", "faulty", SECRETARY, one("validated"), gesture=send_empty, status=422),
    Visit("procurement_desk:call-off", who=SECRETARY, where=one("scheduled")),
    *(
        Visit("procurement_desk:consultation", state, SECRETARY, one(state))
        for state in ("published", "suspended", "withdrawn", "scheduled")
    ),
    Visit("procurement_desk:amend", who=SECRETARY, where=PUBLIC),
    Visit("procurement_desk:amend", "faulty", SECRETARY, PUBLIC, gesture=ticked_back, status=422),
    *(
        Visit(f"procurement_desk:{verb}", state, SECRETARY, PUBLIC, gesture=gesture, status=status)
        for verb in ("suspend", "withdraw", "abandon")
        for state, gesture, status in (("", None, 200), ("faulty", send_empty, 422))
    ),
    Visit("procurement_desk:resume", who=SECRETARY, where=one("suspended")),
    Visit("procurement_desk:resume", "faulty", SECRETARY, one("suspended"), gesture=send_empty, status=422),
    Visit("procurement_desk:questions", who=SECRETARY, where=PUBLIC),
    Visit("procurement_desk:answer", who=SECRETARY, where=question("open")),
    Visit("procurement_desk:answer", "faulty", SECRETARY, question("open"), gesture=send_empty, status=422),
    Visit("procurement_desk:dismiss", who=SECRETARY, where=question("open")),
    Visit("procurement_desk:dismiss", "faulty", SECRETARY, question("open"), gesture=send_empty, status=422),
    Visit("procurement_desk:register", who=SECRETARY, where=PUBLIC),
    Visit("procurement_desk:register", "empty", SECRETARY, one("validated")),
    Visit("procurement:search"),
    Visit("procurement:search", "filtered", query="?q=toiture&category=works&with_closed=on"),
    Visit("procurement:search", "nothing found", query="?q=xyzzy"),
    Visit("procurement:of-body", where={"organisation": "village"}),
    Visit("procurement:cpv"),
    Visit("procurement:cpv", "nothing found", query="?mots=xyzzy"),
    *(
        Visit("procurement:consultation", state, where=anybody(state))
        for state in ("published", "suspended", "withdrawn")
    ),
    Visit("procurement:follow", where=anybody("published")),
    Visit("procurement:follow", "faulty", where=anybody("published"), gesture=send_empty, status=422),
    Visit(
        "procurement:stop-telling",
        where=anybody("published", correspondent="correspondent", token="correspondent token"),
    ),
    Visit("procurement:ask", where=anybody("published")),
    Visit("procurement:ask", "faulty", where=anybody("published"), gesture=send_empty, status=422),
    Visit("procurement:save-search"),
    Visit("procurement:save-search", "faulty", gesture=send_empty, status=422),
    Visit("procurement:confirm-search", where={"search": "search", "token": "search confirm"}),
    Visit("procurement:stop-search", where={"search": "search", "token": "search stop"}),
)

VISITS = (
    *PUBLICATION,
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
        for step in (
            "need",
            "procedure",
            "lots",
            "options",
            "criteria",
            "selection",
            "terms",
            "calendar",
            "documents",
        )
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
    Visit(
        "procurement_desk:options",
        "faulty",
        SECRETARY,
        one("draft"),
        gesture=wrong(**{"options-0-name": "Préau", "options-0-value": "beaucoup"}),
        status=422,
    ),
    Visit(
        "procurement_desk:selection",
        "faulty",
        SECRETARY,
        one("draft"),
        gesture=wrong(**{"selection-0-text": "Trois chantiers", "selection-0-level": "x" * 501}),
        status=422,
    ),
    Visit("procurement_desk:submit", who=SECRETARY, where=one("draft")),
    Visit("procurement_desk:return", who=SECRETARY, where=one("draft")),
    Visit("procurement_desk:templates", who=SECRETARY, where={"organisation": "village"}),
    Visit("procurement_desk:reopen", who=SECRETARY, where=one("validated")),
    Visit("procurement_desk:reopen", "faulty", SECRETARY, one("validated"), gesture=send_empty, status=422),
    Visit("procurement_desk:discard", who=SECRETARY, where=one("draft")),
    Visit("procurement_desk:copy", who=SECRETARY, where=one("draft")),
    Visit("procurement_desk:copy", "faulty", SECRETARY, one("draft"), gesture=send_empty, status=422),
    Visit("procurement_desk:team", who=SECRETARY, where=one("draft")),
    Visit(
        "procurement_desk:team", "faulty", SECRETARY, one("draft"), gesture=tick_nothing_and_send, status=422
    ),
    *bids.VISITS,
    *award.VISITS,
    *continuity.VISITS,
    *opening.VISITS,
    *notices.VISITS,
)
NOT_PAGES = {
    **bids.NOT_PAGES,
    **award.NOT_PAGES,
    **continuity.NOT_PAGES,
    **opening.NOT_PAGES,
    **notices.NOT_PAGES,
    "procurement:document": A_FILE,
    "procurement:documents": A_FILE,
    "procurement:feed": A_FILE,
    "procurement:calendar": A_FILE,
    "procurement:json": A_FILE,
    "procurement:search-feed": A_FILE,
    "procurement:search-calendar": A_FILE,
    "procurement:search-json": A_FILE,
    "procurement_desk:register-table": A_FILE,
    "procurement_desk:file": A_FILE,
    "procurement_desk:remove-file": A_GESTURE,
    "procurement_desk:write-documents": A_GESTURE,
    "procurement_desk:preview-document": A_FILE,
    "procurement_desk:choose-template": A_GESTURE,
    "procurement_desk:drop-template": A_GESTURE,
    "procurement_desk:template-model": A_FILE,
    "procurement_desk:own-template": A_FILE,
    "procurement_desk:leave": A_GESTURE,
    "procurement_desk:take-calendar": A_GESTURE,
}
