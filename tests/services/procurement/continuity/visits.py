"""The pages of continuity, in each of their states."""

from __future__ import annotations

from tests.accessibility.visit import (
    A_FILE,
    A_GESTURE,
    OPERATOR,
    OPERATORS,
    SECRETARY,
    VILLAGE,
    Visit,
    filled,
    send_empty,
)


def ours(**place: str) -> dict[str, str]:
    return {**VILLAGE, **place}


INCIDENT = {"incident": "incident"}
TOUCHED = {**INCIDENT, "touched": "touched"}
WITHDRAWN = ours(consultation="consultation withdrawn")
DISPUTED = ours(consultation="consultation published", dispute="dispute")
VISITS = (
    Visit("procurement:availability"),
    Visit("procurement:availability", "faulty", query="?jour=demain", status=422),
    Visit("procurement:availability-day", "sealed", where={"day": "probed day"}),
    Visit("procurement:availability-day", "not there", where={"day": "2020-01-01"}, status=404),
    Visit("procurement:elsewhere", where={"listing": "elsewhere"}),
    Visit("procurement:former-address"),
    Visit("procurement:former-address", "unknown", query="?adresse=ancienne.example/rien", status=404),
    Visit("procurement:former-address", "faulty", query="?adresse=", status=422),
    Visit("procurement_desk:incidents", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:incidents", "of all", OPERATOR, OPERATORS),
    Visit("procurement_desk:declare-incident", who=OPERATOR, where=OPERATORS),
    Visit("procurement_desk:declare-incident", "faulty", OPERATOR, OPERATORS, gesture=send_empty, status=422),
    Visit("procurement_desk:incident", who=SECRETARY, where=ours(**INCIDENT)),
    Visit("procurement_desk:incident", "of all", OPERATOR, {**OPERATORS, **INCIDENT}),
    Visit("procurement_desk:revise-incident", who=OPERATOR, where={**OPERATORS, **INCIDENT}),
    Visit("procurement_desk:extend", who=SECRETARY, where=ours(**TOUCHED)),
    Visit(
        "procurement_desk:extend",
        "faulty",
        SECRETARY,
        ours(**TOUCHED),
        gesture=filled(until_on="31/02/2027"),
        status=422,
    ),
    Visit("procurement_desk:leave-deadline", who=SECRETARY, where=ours(**TOUCHED)),
    Visit(
        "procurement_desk:leave-deadline",
        "faulty",
        SECRETARY,
        ours(**TOUCHED),
        gesture=send_empty,
        status=422,
    ),
    Visit("procurement_desk:imports", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:imports", "of enterprises", OPERATOR, OPERATORS),
    Visit("procurement_desk:imports", "faulty", SECRETARY, VILLAGE, gesture=send_empty, status=422),
    Visit("procurement_desk:import", "read", SECRETARY, ours(run="import read")),
    Visit(
        "procurement_desk:import", "refused alone", SECRETARY, ours(run="import read"), query="?fate=refused"
    ),
    Visit("procurement_desk:import", "done", SECRETARY, ours(run="import done")),
    Visit("procurement_desk:packages", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:package", "brought back", SECRETARY, ours(package="package brought")),
    Visit("procurement_desk:package", "past its end", SECRETARY, ours(package="package due")),
    Visit("procurement_desk:bring-package", who=SECRETARY, where=VILLAGE),
    Visit("procurement_desk:bring-package", "faulty", SECRETARY, VILLAGE, gesture=send_empty, status=422),
    Visit("procurement_desk:destroy-package", who=SECRETARY, where=ours(package="package due")),
    Visit(
        "procurement_desk:destroy-package",
        "faulty",
        SECRETARY,
        ours(package="package due"),
        gesture=send_empty,
        status=422,
    ),
    Visit("procurement_desk:whole-file", "too early", SECRETARY, ours(consultation="consultation draft")),
    Visit("procurement_desk:whole-file", "ended", SECRETARY, ours(consultation="consultation withdrawn")),
    Visit("procurement_desk:closed-bids", "not over", SECRETARY, ours(consultation="consultation published")),
    Visit("procurement_desk:closed-bids", "kept", SECRETARY, ours(consultation="consultation withdrawn")),
    Visit("procurement_desk:destroy-bids", "faulty", SECRETARY, WITHDRAWN, gesture=send_empty, status=422),
    Visit("procurement_desk:note-dispute", "faulty", SECRETARY, WITHDRAWN, gesture=send_empty, status=422),
    Visit("procurement_desk:end-dispute", who=SECRETARY, where=DISPUTED),
)
NOT_PAGES = {
    "procurement:probe": A_GESTURE,
    "procurement:forward": "it leads to a page that is visited",
    "procurement:availability-table": A_FILE,
    "procurement:availability-json": A_FILE,
    "procurement:availability-proof": A_FILE,
    "procurement_desk:extend-all": A_GESTURE,
    "procurement_desk:import-model": A_FILE,
    "procurement_desk:import-report": A_FILE,
    "procurement_desk:order-import": A_GESTURE,
    "procurement_desk:package-file": A_FILE,
    "procurement_desk:package-entry": A_FILE,
    "procurement_desk:package-transfer": A_FILE,
    "procurement_desk:destruction-minutes": A_FILE,
    "procurement_desk:take-package": A_FILE,
    "procurement_desk:keep-package": A_GESTURE,
}
