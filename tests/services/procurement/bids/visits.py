"""The pages of enterprises and of their deposits, in each of their states."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.accessibility.visit import (
    A_FILE,
    A_GESTURE,
    CITIZEN,
    ENTERPRISE,
    OPERATORS,
    SECRETARY,
    SUPPORT,
    Site,
    Visit,
    filled,
    send,
    send_empty,
)

OURS = {"organisation": "enterprise"}
ROOM = {"room": "room", "secret": "room secret"}
A_DOOR = "a door of the page's script"


def bid(state: str) -> dict[str, str]:
    return {**OURS, "draft": f"bid {state}"}


def deposit(state: str) -> dict[str, str]:
    return {**bid(state), "deposit": f"deposit {state}"}


def of_buyer(state: str, **other: str) -> dict[str, str]:
    return {"organisation": "village", "consultation": f"consultation bids {state}", **other}


def say_a_consortium_of_nobody(page: Page, site: Site) -> None:
    page.locator("main [name=consortium][value=several]").check()
    page.locator("main [name=members]").fill("")
    send(page, page.locator("main form[method=post] button.button").last)


VISITS = (
    Visit("procurement:answer", where={"consultation": "consultation to answer"}),
    Visit("procurement:answer", "for an enterprise", ENTERPRISE, {"consultation": "consultation to answer"}),
    Visit("procurement:answer", "for nobody", CITIZEN, {"consultation": "consultation to answer"}),
    Visit("procurement:rehearse"),
    Visit("procurement:rehearsal", where=ROOM),
    Visit("procurement_desk:our-bids", who=ENTERPRISE, where=OURS),
    Visit(
        "procurement_desk:our-bids",
        "empty",
        "ines.exemple@second-enterprise.example",
        {"organisation": "second_enterprise"},
    ),
    Visit(
        "procurement_desk:answer-call",
        who=ENTERPRISE,
        where={**OURS, "consultation": "consultation to answer"},
    ),
    *(
        Visit("procurement_desk:bid", state, ENTERPRISE, bid(state))
        for state in ("under way", "deposited", "late")
    ),
    *(
        Visit("procurement_desk:deposit", state, ENTERPRISE, deposit(state))
        for state in ("deposited", "late")
    ),
    Visit("procurement_desk:withdraw-deposit", who=ENTERPRISE, where=deposit("deposited")),
    Visit("procurement_desk:consortium", who=ENTERPRISE, where=bid("under way")),
    Visit(
        "procurement_desk:consortium",
        "faulty",
        ENTERPRISE,
        bid("under way"),
        gesture=say_a_consortium_of_nobody,
        status=422,
    ),
    Visit("procurement_desk:espd", who=ENTERPRISE, where=bid("under way")),
    Visit(
        "procurement_desk:espd-bring", "faulty", ENTERPRISE, bid("under way"), gesture=send_empty, status=422
    ),
    Visit("procurement_desk:enterprise-sheet", who=ENTERPRISE, where=OURS),
    Visit(
        "procurement_desk:enterprise-sheet",
        "faulty",
        ENTERPRISE,
        OURS,
        gesture=filled(email="nulle part"),
        status=422,
    ),
    Visit("procurement_desk:safe", who=ENTERPRISE, where=OURS),
    Visit("procurement_desk:safe", "faulty", ENTERPRISE, OURS, gesture=send_empty, status=422),
    Visit("procurement_desk:deposits", "arriving", SECRETARY, of_buyer("deposited")),
    Visit("procurement_desk:admit-late", who=SECRETARY, where=of_buyer("late", deposit="deposit late")),
    Visit(
        "procurement_desk:admit-late",
        "faulty",
        SECRETARY,
        of_buyer("late", deposit="deposit late"),
        gesture=send_empty,
        status=422,
    ),
    Visit("procurement_desk:deposit-support", who=SUPPORT, where=OPERATORS),
    Visit("procurement_desk:deposit-support", "found", SUPPORT, OPERATORS, query="?q=99999006200013"),
    Visit("procurement_desk:deposit-support", "nothing found", SUPPORT, OPERATORS, query="?q=xyzzy"),
    Visit("procurement_desk:deposit-support-bid", who=SUPPORT, where={**OPERATORS, "draft": "bid late"}),
)
NOT_PAGES = {
    **{
        f"procurement_desk:bid-{name}": A_DOOR
        for name in ("policy", "clock", "blocks", "file", "chunks", "chunk", "seal")
    },
    **{
        f"procurement:rehearsal-{name}": A_DOOR
        for name in ("policy", "clock", "blocks", "file", "chunks", "chunk", "seal")
    },
    "procurement_desk:receipt": A_FILE,
    "procurement_desk:candidature-form": A_FILE,
    "procurement_desk:espd-file": A_FILE,
    "procurement_desk:attestation": A_FILE,
    "procurement_desk:remove-attestation": A_GESTURE,
    "procurement_desk:late-dossier": A_FILE,
}
