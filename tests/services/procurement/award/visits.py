"""The pages from the opened bids to the end of the contract, in their states."""

from __future__ import annotations

from tests.accessibility.visit import A_FILE, A_GESTURE, ENTERPRISE, SECRETARY, VILLAGE, Visit, send_empty


def one(state: str, **other: str) -> dict[str, str]:
    return {"organisation": "village", "consultation": f"consultation {state}"} | other


def contract(state: str, **other: str) -> dict[str, str]:
    return {"organisation": "village", "contract": f"contract {state}"} | other


THEIRS = {"organisation": "enterprise"}
RANKED = one("ranked")
CANDIDATE = one("ranked", candidacy="candidacy")
BID = one("ranked", bid="examined bid")
NOTE = one("ranked", bid="examined bid", criterion="criterion")
MEETING = one("ranked", meeting="meeting")
COMMITTEE = {**VILLAGE, "committee": "committee"}
SYSTEM = one("in force")
REQUEST = one("in force", admission="request in force")
DIALOGUE = one("in dialogue")
CONTEST = one("anonymous")
EMPTY = {"gesture": send_empty, "status": 422}

VISITS = (
    Visit("procurement_desk:award", "before the opening", SECRETARY, one("published")),
    Visit("procurement_desk:award", "to examine", SECRETARY, one("to examine")),
    Visit("procurement_desk:award", "ranked", SECRETARY, RANKED),
    Visit("procurement_desk:award", "told", SECRETARY, one("told")),
    Visit("procurement_desk:candidates", "empty", SECRETARY, one("to examine")),
    Visit("procurement_desk:candidates", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:candidate", who=SECRETARY, where=CANDIDATE),
    Visit("procurement_desk:note-pieces", who=SECRETARY, where=CANDIDATE),
    Visit("procurement_desk:decide-candidacy", who=SECRETARY, where=CANDIDATE),
    Visit("procurement_desk:decide-candidacy", "faulty", SECRETARY, CANDIDATE, **EMPTY),
    Visit("procurement_desk:ask-missing", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:ask-missing", "faulty", SECRETARY, RANKED, **EMPTY),
    Visit("procurement_desk:ask-proofs", who=SECRETARY, where=CANDIDATE),
    Visit("procurement_desk:bids", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:ask-bids", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:ask-bids", "faulty", SECRETARY, RANKED, **EMPTY),
    Visit("procurement_desk:bid", who=SECRETARY, where=BID),
    Visit("procurement_desk:price-bid", who=SECRETARY, where=BID),
    Visit("procurement_desk:judge-bid", who=SECRETARY, where=BID),
    Visit("procurement_desk:score-bid", who=SECRETARY, where=NOTE),
    Visit("procurement_desk:score-bid", "faulty", SECRETARY, NOTE, **EMPTY),
    Visit("procurement_desk:agree-score", who=SECRETARY, where=NOTE),
    Visit("procurement_desk:methods", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:choose-method", who=SECRETARY, where=one("ranked", criterion="criterion")),
    Visit("procurement_desk:rounds", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:rounds", "not negotiated", SECRETARY, one("told")),
    Visit("procurement_desk:prepare-round", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:open-round", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:open-round", "selection lot by lot", SECRETARY, one("to select")),
    Visit("procurement_desk:committees", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:new-committee", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:committee", who=SECRETARY, where=COMMITTEE),
    Visit("procurement_desk:committee-members", who=SECRETARY, where=COMMITTEE),
    Visit("procurement_desk:convene", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:convene", "faulty", SECRETARY, RANKED, **EMPTY),
    Visit("procurement_desk:meeting", who=SECRETARY, where=MEETING),
    Visit("procurement_desk:meeting-presence", who=SECRETARY, where=MEETING),
    Visit("procurement_desk:meeting-conflict", who=SECRETARY, where=MEETING),
    Visit("procurement_desk:meeting-decision", "faulty", SECRETARY, MEETING, query="?lot={lot}", **EMPTY),
    Visit("procurement_desk:close-meeting", who=SECRETARY, where=MEETING),
    Visit("procurement_desk:decide", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:decide", "decided", SECRETARY, one("told")),
    Visit("procurement_desk:end-without", who=SECRETARY, where=RANKED),
    Visit("procurement_desk:letters", "empty", SECRETARY, RANKED),
    Visit("procurement_desk:letters", "sent", SECRETARY, one("told")),
    Visit("procurement_desk:give-reasons", who=SECRETARY, where=one("told", candidacy="losing candidacy")),
    Visit("procurement_desk:contracts", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:contract", "to sign", SECRETARY, contract("to sign")),
    Visit("procurement_desk:contract", "carried out", SECRETARY, contract("carried out")),
    Visit("procurement_desk:prepare-contract", who=SECRETARY, where=contract("to sign")),
    Visit("procurement_desk:choose-authority", who=SECRETARY, where=contract("to sign")),
    Visit("procurement_desk:choose-authority", "faulty", SECRETARY, contract("to sign"), **EMPTY),
    Visit("procurement_desk:sign-contract", who=SECRETARY, where=contract("to sign"), proved=True),
    Visit("procurement_desk:sign-by-hand", who=SECRETARY, where=contract("to sign")),
    Visit("procurement_desk:sign-by-hand", "faulty", SECRETARY, contract("to sign"), **EMPTY),
    Visit("procurement_desk:record-delivery", who=SECRETARY, where=contract("carried out")),
    Visit("procurement_desk:begin-execution", who=SECRETARY, where=contract("carried out")),
    Visit("procurement_desk:change-contract", who=SECRETARY, where=contract("carried out")),
    Visit("procurement_desk:change-contract", "faulty", SECRETARY, contract("carried out"), **EMPTY),
    Visit(
        "procurement_desk:record-change-delivery", who=SECRETARY, where=contract("carried out", number="1")
    ),
    Visit("procurement_desk:subcontract", who=SECRETARY, where=contract("carried out")),
    Visit("procurement_desk:refuse-subcontractor", who=SECRETARY, where=contract("carried out", number="1")),
    Visit("procurement_desk:invoicing", who=SECRETARY, where=contract("carried out")),
    Visit("procurement_desk:end-contract", who=SECRETARY, where=contract("carried out")),
    Visit("procurement_desk:give-up-contract", who=SECRETARY, where=contract("to sign")),
    Visit("procurement_desk:rounds", "dialogue", SECRETARY, DIALOGUE),
    Visit("procurement_desk:note-dialogue-meeting", who=SECRETARY, where=DIALOGUE),
    Visit("procurement_desk:note-dialogue-meeting", "faulty", SECRETARY, DIALOGUE, **EMPTY),
    Visit("procurement_desk:end-dialogue", who=SECRETARY, where=DIALOGUE),
    Visit("procurement_desk:end-dialogue", "faulty", SECRETARY, DIALOGUE, **EMPTY),
    Visit("procurement_desk:bids", "anonymous", SECRETARY, CONTEST),
    Visit("procurement_desk:bid", "anonymous", SECRETARY, one("anonymous", bid="project")),
    Visit("procurement_desk:lift-anonymity", who=SECRETARY, where=CONTEST),
    Visit("procurement_desk:lift-anonymity", "faulty", SECRETARY, CONTEST, **EMPTY),
    Visit("procurement_desk:system", who=SECRETARY, where=SYSTEM),
    Visit("procurement_desk:system", "nothing called", SECRETARY, RANKED),
    Visit("procurement_desk:set-up-system", who=SECRETARY, where=SYSTEM),
    Visit("procurement_desk:set-up-system", "faulty", SECRETARY, SYSTEM, **EMPTY),
    Visit("procurement_desk:change-term", who=SECRETARY, where=SYSTEM),
    Visit("procurement_desk:end-system", who=SECRETARY, where=SYSTEM),
    Visit("procurement_desk:call-under", who=SECRETARY, where=SYSTEM),
    Visit("procurement_desk:call-under", "faulty", SECRETARY, SYSTEM, **EMPTY),
    Visit("procurement_desk:admission", who=SECRETARY, where=REQUEST),
    Visit("procurement_desk:decide-admission", who=SECRETARY, where=REQUEST),
    Visit("procurement_desk:decide-admission", "faulty", SECRETARY, REQUEST, **EMPTY),
    Visit("procurement_desk:prolong-examination", who=SECRETARY, where=REQUEST),
    Visit(
        "procurement_desk:ask-admission",
        who=ENTERPRISE,
        where=THEIRS | {"consultation": "consultation to enter"},
    ),
    Visit(
        "procurement_desk:ask-admission",
        "faulty",
        ENTERPRISE,
        THEIRS | {"consultation": "consultation to enter"},
        **EMPTY,
    ),
    Visit(
        "procurement_desk:their-admission", who=ENTERPRISE, where=THEIRS | {"admission": "admission in force"}
    ),
    Visit("procurement_desk:post", who=ENTERPRISE, where=THEIRS),
    Visit("procurement_desk:their-letter", who=ENTERPRISE, where={**THEIRS, "letter": "decision letter"}),
    Visit("procurement_desk:their-asked", who=ENTERPRISE, where={**THEIRS, "asked": "asked"}),
    Visit("procurement_desk:their-asked", "faulty", ENTERPRISE, {**THEIRS, "asked": "asked"}, **EMPTY),
    Visit(
        "procurement_desk:their-contract",
        who=ENTERPRISE,
        where={**THEIRS, "contract": "contract carried out"},
    ),
)
NOT_PAGES = {
    "procurement_desk:begin-examination": A_GESTURE,
    "procurement_desk:examine-again": A_GESTURE,
    "procurement_desk:rank-bids": A_GESTURE,
    "procurement_desk:leave-system": A_GESTURE,
    "procurement_desk:admission-file": A_FILE,
    "procurement_desk:answer-file": A_FILE,
    "procurement_desk:dialogue-file": A_FILE,
    "procurement_desk:make-report": A_GESTURE,
    "procurement_desk:award-lot": "the page of a lot, named after the question mark: tried in test_pages",
    "procurement_desk:withdraw-award": "the page of a lot, named after the question mark: tried in test_pages",
    "procurement_desk:keep-standstill": A_GESTURE,
    "procurement_desk:send-letters": A_GESTURE,
    "procurement_desk:ask-contract-signatures": A_GESTURE,
    "procurement_desk:send-contract": A_GESTURE,
    "procurement_desk:send-change": A_GESTURE,
    "procurement_desk:accept-subcontractor": A_GESTURE,
    "procurement_desk:ask-reasons": A_GESTURE,
    "procurement_desk:receive-contract": A_GESTURE,
    "procurement_desk:receive-change": A_GESTURE,
    "procurement_desk:analysis-table": A_FILE,
    "procurement_desk:report": A_FILE,
    "procurement_desk:committee-minutes": A_FILE,
    "procurement_desk:letter-file": A_FILE,
    "procurement_desk:contract-file": A_FILE,
    "procurement_desk:their-letter-file": A_FILE,
    "procurement_desk:their-contract-file": A_FILE,
}
