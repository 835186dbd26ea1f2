"""The pages of acts, in each of their states."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.accessibility.visit import (
    A_FILE,
    A_GESTURE,
    OPERATOR,
    OPERATORS,
    SECRETARY,
    VILLAGE,
    Site,
    Visit,
    clicked,
    send,
    send_empty,
)


def act(state: str, **more: str) -> dict[str, str]:
    return {"organisation": "village", "act": f"act {state}", **more}


def letter(place: str) -> dict[str, str]:
    """Where the pages about a letter stand."""
    return act(f"{place} to the State", letter=f"letter {place}")


MAYOR = "paul.essai@village.example"


def sitting(state: str = "sitting") -> dict[str, str]:
    return {"organisation": "village", "sitting": state}


def change_meanwhile(page: Page, site: Site) -> None:
    """Saves a draft that somebody else has changed since it was read."""
    page.locator("main input[name=version]").evaluate("field => { field.value = 0 }")
    send(page, page.locator("main form[enctype] button.button[type=submit]").last)


def date_nowhere(page: Page, site: Site) -> None:
    """Saves a draft with a day that does not exist."""
    page.fill("[name=decided_on]", "31/02/2026")
    send(page, page.locator("main form[enctype] button.button[type=submit]").last)


def false_count(page: Page, site: Site) -> None:
    """Saves a vote that counts more members than there were."""
    page.locator("main [name$=votes_for]").first.fill("900")
    send(page, page.locator("main form[action$='/votes/'] button").first)


def tick_and_send(page: Page, site: Site) -> None:
    page.locator("main input[name=act]").first.check()
    send(page, page.locator("main form[action$='/publish/'] button.button").last)


VISITS = (
    Visit("legality:latest"),
    Visit("legality:register", where=VILLAGE),
    Visit("legality:register", "searched", where=VILLAGE, query="?q=eau&nature=1"),
    Visit("legality:register", "nothing found", where=VILLAGE, query="?q=xyzzy"),
    Visit("legality:register", "empty", where={"organisation": "neighbour"}),
    Visit("legality:act", where=act("published")),
    Visit("legality:act", "withdrawn", where=act("withdrawn"), status=410),
    Visit("legality_desk:certificate", "of nothing", SECRETARY, act("draft"), status=409),
    Visit("legality_desk:acts", who=SECRETARY, where=VILLAGE),
    Visit("legality_desk:acts", "searched", SECRETARY, VILLAGE, query="?q=eau"),
    Visit("legality_desk:acts", "nothing found", SECRETARY, VILLAGE, query="?q=xyzzy"),
    Visit("legality_desk:embed", who=SECRETARY, where=VILLAGE),
    Visit("legality_desk:history", who=SECRETARY, where=VILLAGE),
    Visit("legality_desk:history", "faulty", SECRETARY, VILLAGE, gesture=send_empty, status=422),
    Visit("legality_desk:history-import", "faulty", SECRETARY, {**VILLAGE, "history": "history faulty"}),
    Visit("legality_desk:history-import", "ready", SECRETARY, {**VILLAGE, "history": "history ready"}),
    Visit("legality_desk:history-import", "done", SECRETARY, {**VILLAGE, "history": "history done"}),
    Visit("legality_desk:act", "taken over", SECRETARY, act("taken_over")),
    Visit("legality_desk:new", who=SECRETARY, where=VILLAGE),
    *(
        Visit("legality_desk:act", state, SECRETARY, act(state))
        for state in ("blank", "draft", "signed", "published", "withdrawn", "discarded")
    ),
    *(
        Visit("legality_desk:act", state, SECRETARY, act(state))
        for state in ("individual signed", "individual notified", "contract signed")
    ),
    Visit("legality:sittings", where=VILLAGE),
    Visit("legality:sittings", "empty", where={"organisation": "neighbour"}),
    Visit("legality:sitting", where=sitting("sitting listed")),
    Visit("legality_desk:sittings", who=SECRETARY, where=VILLAGE),
    Visit("legality_desk:new-sitting", who=SECRETARY, where=VILLAGE),
    Visit("legality_desk:new-sitting", "faulty", SECRETARY, VILLAGE, gesture=send_empty, status=422),
    Visit("legality_desk:sitting", who=SECRETARY, where=sitting()),
    Visit("legality_desk:sitting", "listed", SECRETARY, sitting("sitting listed")),
    Visit("legality_desk:sitting-files", who=SECRETARY, where=sitting()),
    Visit("legality_desk:sitting-votes", who=SECRETARY, where=sitting()),
    Visit(
        "legality_desk:sitting-votes",
        "faulty",
        SECRETARY,
        sitting(),
        start="legality_desk:sitting",
        gesture=false_count,
        status=422,
    ),
    Visit("legality_desk:edit-sitting", who=SECRETARY, where=sitting()),
    Visit("legality_desk:publish-list", who=SECRETARY, where=sitting()),
    Visit("legality_desk:publication", who=SECRETARY, where=VILLAGE),
    Visit("legality_desk:signatures", "none", SECRETARY, VILLAGE),
    Visit("legality_desk:signatures", who=MAYOR, where=VILLAGE),
    Visit("legality_desk:signatures", "faulty", MAYOR, VILLAGE, gesture=send_empty, status=422),
    Visit(
        "legality_desk:signing-key",
        who=MAYOR,
        where=VILLAGE,
        start="legality_desk:signatures",
        gesture=clicked("main form[action$='/key/'] button"),
    ),
    Visit("legality_desk:act", "signing", SECRETARY, act("signing")),
    Visit("legality_desk:ask-signatures", who=SECRETARY, where=act("draft")),
    Visit("legality_desk:act", "posted", SECRETARY, act("posted")),
    Visit("legality_desk:post", who=SECRETARY, where=act("signed")),
    Visit("legality_desk:post", "faulty", SECRETARY, act("signed"), gesture=send_empty, status=422),
    Visit("legality_desk:end-posting", who=SECRETARY, where=act("posted")),
    Visit("legality_desk:duty", who=SECRETARY, where=act("published")),
    Visit("legality_desk:edit", who=SECRETARY, where=act("draft")),
    Visit("legality_desk:edit", "incomplete", SECRETARY, act("blank")),
    Visit(
        "legality_desk:edit",
        "changed meanwhile",
        SECRETARY,
        act("draft"),
        status=409,
        gesture=change_meanwhile,
    ),
    Visit(
        "legality_desk:edit",
        "faulty",
        SECRETARY,
        act("draft"),
        status=422,
        gesture=date_nowhere,
    ),
    Visit("legality_desk:preceding", who=SECRETARY, where=act("draft")),
    Visit("legality_desk:preceding", "nothing found", SECRETARY, act("draft"), query="?q=xyzzy"),
    Visit("legality_desk:choose-sitting", who=SECRETARY, where=act("blank")),
    Visit("legality_desk:publish-minutes", who=SECRETARY, where=sitting("sitting listed")),
    Visit(
        "legality_desk:publish-minutes",
        "faulty",
        SECRETARY,
        sitting("sitting listed"),
        gesture=send_empty,
        status=422,
    ),
    Visit("legality_desk:sign", who=SECRETARY, where=act("draft")),
    Visit("legality_desk:sign", "faulty", SECRETARY, act("blank"), gesture=send_empty, status=422),
    Visit("legality_desk:discard", who=SECRETARY, where=act("draft")),
    Visit("legality_desk:publish", who=SECRETARY, where=act("signed")),
    Visit("legality_desk:notify", who=SECRETARY, where=act("individual signed")),
    Visit(
        "legality_desk:notify", "faulty", SECRETARY, act("individual signed"), gesture=send_empty, status=422
    ),
    Visit("legality_desk:reopen", who=SECRETARY, where=act("signed")),
    Visit("legality_desk:withdraw", who=SECRETARY, where=act("published")),
    Visit("legality_desk:withdraw", "faulty", SECRETARY, act("published"), gesture=send_empty, status=422),
    *(
        Visit("legality_desk:act", f"{state} to the State", SECRETARY, act(f"{state} to the State"))
        for state in ("ready", "leaving", "refused", "acknowledged", "asked", "answered")
    ),
    Visit("legality_desk:answer-letter", who=SECRETARY, where=letter("asked")),
    Visit(
        "legality_desk:answer-letter", "faulty", SECRETARY, letter("asked"), gesture=send_empty, status=422
    ),
    Visit("legality_desk:settle-letter", who=SECRETARY, where=letter("asked")),
    Visit("legality_desk:confirm-reply", who=SECRETARY, where=letter("answered")),
    Visit("legality_desk:abandon-reply", who=SECRETARY, where=letter("answered")),
    Visit("legality_desk:prepare-transmission", who=SECRETARY, where=act("signed")),
    Visit("legality_desk:confirm-transmission", who=SECRETARY, where=act("ready to the State")),
    Visit("legality_desk:abandon-transmission", who=SECRETARY, where=act("ready to the State")),
    Visit("legality_desk:cancel-transmission", who=SECRETARY, where=act("acknowledged to the State")),
    Visit("legality_desk:reissue-transmission", who=SECRETARY, where=act("refused to the State")),
    Visit("legality_desk:to-confirm", who=SECRETARY, where=VILLAGE),
    Visit("legality_desk:agreements", who=OPERATOR, where=OPERATORS),
    Visit("legality_desk:board", who=OPERATOR, where=OPERATORS),
    Visit("legality_desk:new-agreement", who=OPERATOR, where=OPERATORS),
    Visit("legality_desk:new-agreement", "faulty", OPERATOR, OPERATORS, gesture=send_empty, status=422),
    Visit("legality_desk:agreement", who=OPERATOR, where={**OPERATORS, "convention": "convention"}),
    Visit(
        "legality_desk:agreement",
        "faulty",
        OPERATOR,
        {**OPERATORS, "convention": "convention"},
        gesture=send_empty,
        status=422,
    ),
    Visit("legality_desk:new-way", who=OPERATOR, where=OPERATORS),
    Visit("legality_desk:to-confirm", "empty", "nadia.essai@town.example", {"organisation": "town"}),
    Visit(
        "legality_desk:publish-selection",
        who=SECRETARY,
        where=VILLAGE,
        start="legality_desk:acts",
        gesture=tick_and_send,
    ),
)
NOT_PAGES = {
    "legality:feed": A_FILE,
    "legality:open-table": A_FILE,
    "legality:open-json": A_FILE,
    "legality:embed-list": A_FILE,
    "legality:embed-script": A_FILE,
    "legality:certificate": A_FILE,
    "legality:evidence": A_FILE,
    "legality:file": A_FILE,
    "legality:sitting-list": A_FILE,
    "legality:sitting-minutes": A_FILE,
    "legality_desk:sitting-list": A_FILE,
    "legality_desk:posting-certificate": A_FILE,
    "legality_desk:copy": A_FILE,
    "legality_desk:sitting-signatures": A_GESTURE,
    "legality_desk:sitting-transmissions": A_GESTURE,
    "legality_desk:export": A_FILE,
    "legality_desk:remove-annex": A_GESTURE,
    "legality_desk:file": A_FILE,
    "legality_desk:history-model": A_FILE,
    "legality_desk:history-order": A_GESTURE,
    "legality_desk:answer": A_FILE,
    "legality_desk:agreement-file": A_FILE,
    "legality_desk:evidence": A_FILE,
}
