"""The pages of the opening, in their states."""

from __future__ import annotations

from tests.accessibility.visit import A_FILE, A_GESTURE, SECRETARY, VILLAGE, Visit, send_empty


def one(state: str, **other: str) -> dict[str, str]:
    return {"organisation": "village", "consultation": f"consultation {state}"} | other


OPENED = one("opened", order="session opened")
PASSING = one("passing", handover="handover")
WAITING = one("opened", order="session waiting")

VISITS = (
    Visit("procurement_desk:officer", "to confirm", SECRETARY, VILLAGE),
    Visit("procurement_desk:officer", "to accept", SECRETARY, VILLAGE, proved=True),
    Visit("procurement_desk:officer-way", "to confirm", SECRETARY, one("ready", number="1")),
    Visit("procurement_desk:officer-way", "to add", SECRETARY, one("ready", number="1"), proved=True),
    Visit("procurement_desk:opening", "named", SECRETARY, one("named")),
    Visit("procurement_desk:opening", "ready", SECRETARY, one("ready")),
    Visit("procurement_desk:opening", "opened", SECRETARY, one("opened")),
    Visit("procurement_desk:session", "waiting", SECRETARY, WAITING, proved=True),
    Visit("procurement_desk:session", "opened", SECRETARY, OPENED),
    Visit("procurement_desk:release", "waiting", SECRETARY, WAITING, proved=True),
    Visit("procurement_desk:release", "ended", SECRETARY, OPENED),
    Visit("procurement_desk:opening", "passing", SECRETARY, one("passing")),
    Visit("procurement_desk:handover-ask", "too early", SECRETARY, one("ready")),
    Visit(
        "procurement_desk:handover-ask", "faulty", SECRETARY, one("passing"), gesture=send_empty, status=422
    ),
    Visit("procurement_desk:handover", "to confirm", SECRETARY, PASSING),
    Visit("procurement_desk:handover", "to deal", SECRETARY, PASSING, proved=True),
    Visit("procurement_desk:opened", "empty", SECRETARY, one("ready")),
    Visit("procurement_desk:opened", who=SECRETARY, where=one("opened")),
    Visit("procurement_desk:safety-copies", "empty", SECRETARY, one("ready")),
    Visit("procurement_desk:safety-copies", who=SECRETARY, where=one("opened")),
    Visit("procurement_desk:safety-copy-open", who=SECRETARY, where=one("opened", copy="safety copy")),
    Visit("procurement_desk:repair", who=SECRETARY, where=one("opened", file="file infected")),
    Visit(
        "procurement_desk:repair",
        "faulty",
        SECRETARY,
        one("opened", file="file infected"),
        gesture=send_empty,
        status=422,
    ),
)
NOT_PAGES = {
    "procurement_desk:officer-accept": A_FILE,
    "procurement_desk:officer-trial": A_FILE,
    "procurement_desk:officer-slot": A_FILE,
    "procurement_desk:handover-papers": A_FILE,
    "procurement_desk:handover-deal": A_FILE,
    "procurement_desk:handover-receive": A_FILE,
    "procurement_desk:handover-package": A_FILE,
    "procurement_desk:handover-again": A_GESTURE,
    "procurement_desk:handover-end": A_GESTURE,
    "procurement_desk:handover-bring": A_GESTURE,
    "procurement_desk:release-papers": A_FILE,
    "procurement_desk:release-give": A_FILE,
    "procurement_desk:release-decline": A_GESTURE,
    "procurement_desk:session-order": A_FILE,
    "procurement_desk:session-package": A_FILE,
    "procurement_desk:session-minutes": A_FILE,
    "procurement_desk:opened-all": A_FILE,
    "procurement_desk:opened-file": A_FILE,
    "procurement_desk:file-in-place": A_FILE,
    "procurement_desk:opening-threshold": A_GESTURE,
    "procurement_desk:opening-prepare": A_GESTURE,
    "procurement_desk:opening-ask": A_GESTURE,
    "procurement_desk:opening-end": A_GESTURE,
    "procurement_desk:session-presence": A_GESTURE,
    "procurement_desk:session-cancel": A_GESTURE,
    "procurement_desk:session-bring": A_GESTURE,
    "procurement_desk:safety-copy-destroy": A_GESTURE,
    "procurement_desk:safety-copy-minutes": A_FILE,
}
