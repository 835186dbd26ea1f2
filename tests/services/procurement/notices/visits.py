"""The pages of notices and open data, in each of their states."""

from __future__ import annotations

from tests.accessibility.visit import A_FILE, A_GESTURE, SECRETARY, VILLAGE, Visit, send_empty

NOTICED = VILLAGE | {"consultation": "consultation noticed"}


def one(state: str) -> dict[str, str]:
    return NOTICED | {"notice": f"notice {state}"}


VISITS = (
    Visit("procurement_desk:notices", who=SECRETARY, where=NOTICED),
    Visit(
        "procurement_desk:notices",
        "empty",
        SECRETARY,
        VILLAGE | {"consultation": "consultation draft"},
    ),
    Visit("procurement_desk:notice-new", who=SECRETARY, where=NOTICED),
    Visit("procurement_desk:notice-new", "faulty", SECRETARY, NOTICED, gesture=send_empty, status=422),
    *(
        Visit("procurement_desk:notice", state, SECRETARY, one(state))
        for state in ("written", "wrong", "ready", "published", "stopped")
    ),
    Visit("procurement_desk:notice-send", who=SECRETARY, where=one("ready")),
    Visit("procurement_desk:notice-stop", who=SECRETARY, where=one("ready")),
    Visit("procurement_desk:notice-stop", "faulty", SECRETARY, one("ready"), gesture=send_empty, status=422),
    Visit("procurement_desk:notice-published", who=SECRETARY, where=one("ready")),
    Visit(
        "procurement_desk:notice-published",
        "faulty",
        SECRETARY,
        one("ready"),
        gesture=send_empty,
        status=422,
    ),
    Visit("procurement_desk:notice-correct", who=SECRETARY, where=one("published")),
    Visit(
        "procurement_desk:notice-correct",
        "faulty",
        SECRETARY,
        one("published"),
        gesture=send_empty,
        status=422,
    ),
    Visit("procurement_desk:notice-profile", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:open-data", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:open-data-new", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:open-data-record", who=SECRETARY, where=VILLAGE | {"record": "open record"}),
    Visit("procurement_desk:open-data-bring", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:open-data-bring", "faulty", SECRETARY, VILLAGE, gesture=send_empty, status=422),
    Visit("procurement_desk:open-data-import", who=SECRETARY, where=VILLAGE | {"run": "open import"}),
    Visit("procurement:open-data"),
)
NOT_PAGES = {
    "procurement_desk:notice-rewrite": A_GESTURE,
    "procurement_desk:notice-file": A_FILE,
    "procurement_desk:open-data-publish": A_GESTURE,
    "procurement_desk:open-data-file": A_FILE,
    "procurement:ocds-feed": A_FILE,
    "procurement:open-data-catalogue": A_FILE,
    "procurement:decp": A_FILE,
    "procurement:ocds": A_FILE,
    "procurement:ocds-record": A_FILE,
}
