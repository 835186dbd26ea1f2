"""The operations of the OpenAPI document as a flat table, with what a sound call of each needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from territoires.foundations.registry.api import rest_api
from territoires.services.legality.permissions import Legality
from territoires.services.procurement.permissions import Procurement

# The permission that each operation asks of its key, beside seeing the act; a new operation is added here.
PERMISSIONS = {
    "list_acts": Legality.READ,
    "create_act": Legality.DRAFT,
    "read_act": Legality.READ,
    "revise_act": Legality.REVISE,
    "choose_preceding": Legality.REVISE,
    "discard_act": Legality.REVISE,
    "preflight": Legality.READ,
    "put_main": Legality.REVISE,
    "post_annex": Legality.REVISE,
    "delete_annex": Legality.REVISE,
    "read_file": Legality.READ,
    "declare_signed": Legality.SIGN,
    "reopen_act": Legality.SIGN,
    "publish_act": Legality.PUBLISH,
    "post_proof": Legality.NOTIFY,
    "notify_act": Legality.NOTIFY,
    "withdraw_act": Legality.WITHDRAW,
    "read_transmissions": Legality.READ,
    "prepare_transmission": Legality.PREPARE,
    "choose_sitting": Legality.REVISE,
    "read_signatures": Legality.READ,
    "list_sittings": Legality.READ_SITTING,
    "open_sitting": Legality.OPEN_SITTING,
    "read_sitting": Legality.READ_SITTING,
    "change_sitting": Legality.KEEP_SITTING,
    "capture_votes": Legality.KEEP_SITTING,
    "publish_list": Legality.LIST,
    "publish_minutes": Legality.LIST,
    "list_imports": Legality.ORDER,
    "bring_history": Legality.BRING,
    "read_import": Legality.ORDER,
    "order_history": Legality.ORDER,
    "list_consultations": Procurement.READ,
    "start_consultation": Procurement.START,
    "read_consultation": Procurement.READ,
    "revise_consultation": Procurement.PREPARE,
    "discard_consultation": Procurement.PREPARE,
    "write_lots": Procurement.PREPARE,
    "write_criteria": Procurement.PREPARE,
    "write_options": Procurement.PREPARE,
    "write_selection": Procurement.PREPARE,
    "write_buyers": Procurement.PREPARE,
    "submit_consultation": Procurement.PREPARE,
    "return_consultation": Procurement.VALIDATE,
    "check_consultation": Procurement.READ,
    "validate_consultation": Procurement.VALIDATE,
    "reopen_consultation": Procurement.VALIDATE,
    "list_documents": Procurement.READ,
    "add_document": Procurement.PREPARE,
    "read_document": Procurement.READ,
    "remove_document": Procurement.PREPARE,
    "read_team": Procurement.READ,
    "join_team": Procurement.STAFF,
    "leave_team": Procurement.STAFF,
    "override_warning": Procurement.PREPARE,
    "publish_consultation": Procurement.PUBLISH,
    "schedule_publication": Procurement.PUBLISH,
    "call_off_publication": Procurement.PUBLISH,
    "list_amendments": Procurement.READ,
    "amend_consultation": Procurement.AMEND,
    "suspend_consultation": Procurement.AMEND,
    "resume_consultation": Procurement.AMEND,
    "withdraw_consultation": Procurement.AMEND,
    "abandon_consultation": Procurement.AMEND,
    "list_questions": Procurement.ANSWER,
    "answer_question": Procurement.ANSWER,
    "dismiss_question": Procurement.ANSWER,
    "list_withdrawals": Procurement.REGISTER,
    "export_withdrawals": Procurement.REGISTER,
    "list_deposits": Procurement.DEPOSITS_READ,
    "export_deposits": Procurement.DEPOSITS_READ,
    "list_receipts": Procurement.DEPOSITS_READ,
    "list_bids": Procurement.BID_READ,
    "start_bid": Procurement.BID_START,
    "read_bid": Procurement.BID_READ,
    "write_consortium": Procurement.BID_PREPARE,
    "read_policy": Procurement.BID_READ,
    "send_block": Procurement.BID_PREPARE,
    "send_chunk": Procurement.BID_PREPARE,
    "list_chunks": Procurement.BID_READ,
    "discard_file": Procurement.BID_PREPARE,
    "seal_deposit": Procurement.BID_SEAL,
    "list_own_deposits": Procurement.BID_READ,
    "withdraw_deposit": Procurement.BID_SEAL,
    "list_own_receipts": Procurement.BID_READ,
    "read_receipt": Procurement.BID_READ,
    "read_candidature_form": Procurement.BID_READ,
    "read_espd": Procurement.BID_READ,
    "write_espd": Procurement.BID_PREPARE,
    "bring_espd": Procurement.BID_PREPARE,
    "read_espd_file": Procurement.BID_READ,
    "read_sheet": Procurement.SAFE,
    "write_sheet": Procurement.SAFE,
    "list_attestations": Procurement.SAFE,
    "keep_attestation": Procurement.SAFE,
    "read_attestation": Procurement.SAFE,
    "remove_attestation": Procurement.SAFE,
    "read_evaluation": Procurement.ANALYSE,
    "list_awards": Procurement.ANALYSE,
    "list_contracts": Procurement.READ,
    "list_notices": Procurement.READ,
    "list_open_records": Procurement.READ,
    "list_releases": Procurement.READ,
    "list_incidents": Procurement.READ_INCIDENTS,
    "list_touched": Procurement.READ_INCIDENTS,
    "extend_deadline": Procurement.DECIDE_INCIDENT,
    "keep_deadline": Procurement.DECIDE_INCIDENT,
    "list_switches": Procurement.ORDER_IMPORT,
    "bring_switch": Procurement.BRING,
    "read_switch": Procurement.ORDER_IMPORT,
    "list_switch_lines": Procurement.ORDER_IMPORT,
    "order_switch": Procurement.ORDER_IMPORT,
    "list_packages": Procurement.READ_PACKAGES,
    "read_package": Procurement.READ_PACKAGES,
    "bring_package": Procurement.BRING_PACKAGE,
    "keep_whole_file": Procurement.MAKE_PACKAGE,
    "take_whole_file": Procurement.MAKE_PACKAGE,
}
SITTING = {
    "held_on": "2026-11-12",
    "kind": "council",
    "presiding": {"given_names": "Paul", "usual_name": "Essai"},
    "quality": "Maire",
    "secretaries": [{"given_names": "Jeanne", "usual_name": "Modèle"}],
    "in_office": 11,
    "present": 8,
    "represented": 2,
}
BODIES: dict[str, Any] = {
    "start_consultation": {"title": "Toiture de l'école", "main_procurement_category": "works"},
    "revise_consultation": {"title": "Toiture de l'école"},
    "write_lots": {"lots": [{"title": "Couverture"}]},
    "write_criteria": {"criteria": [{"kind": "price", "weight": 60}, {"kind": "environment", "weight": 40}]},
    "write_options": {"options": [{"kind": "renewal", "name": "Reconduction d'un an", "months": 12}]},
    "write_selection": {
        "selection": [{"kind": "tp-abil", "text": "Trois chantiers comparables"}],
        "asked_pieces": [{"asked_from": "candidate", "code": "letter"}],
    },
    "write_buyers": {"buyers": [{"siret": "21710438900010", "name": "Commune d'Exemple"}]},
    "return_consultation": {"reason": "Le calendrier est trop court pour une petite entreprise."},
    "reopen_consultation": {"reason": "Le lot 2 change de matériau."},
    "join_team": {"person": "0191f2a0-0000-7000-8000-000000000000", "role": "evaluate"},
    "override_warning": {"finding": "mention-missing:review", "reason": "Le tribunal est connu de tous."},
    "publish_consultation": {},
    "schedule_publication": {"publish_at": "2090-01-05T09:00:00Z"},
    "amend_consultation": {"summary": "Le délai est allongé.", "reason": "Une pièce manquait."},
    "suspend_consultation": {"reason": "Une pièce manquait au dossier."},
    "resume_consultation": {"reason": "La pièce est là.", "tenders_until": "2090-01-05T09:00:00Z"},
    "withdraw_consultation": {"reason": "Le besoin a changé."},
    "abandon_consultation": {"reason": "Le projet est abandonné."},
    "answer_question": {"public_text": "Quelle tuile ?", "answer": "Une tuile plate."},
    "dismiss_question": {"reason": "La même question a reçu une réponse."},
    "write_consortium": {"consortium": ""},
    "write_espd": {"answers": {}},
    "extend_deadline": {},
    "keep_deadline": {"reason": "Le service était revenu la veille."},
    "open_sitting": SITTING,
    "change_sitting": SITTING,
    "capture_votes": {"ballots": {}},
    "choose_sitting": {"sitting": None},
    "create_act": {"object": "Tarifs de la cantine"},
    "revise_act": {"object": "Tarifs de la cantine"},
    "choose_preceding": {"preceding": None},
    "declare_signed": {"signed_on": "2026-11-13", "original_is_kept": True},
    "reopen_act": {"reason": "Signé par erreur."},
    "notify_act": {"recipient": "Camille Modèle", "notified_on": "2026-11-18", "means": "hand"},
    "withdraw_act": {"reason": "Publié par erreur."},
}


@dataclass(frozen=True)
class Operation:
    """One verb at one address; ``path`` still holds its ``{names}``."""

    name: str
    method: str
    path: str
    is_public: bool

    def at(self, **values: Any) -> str:
        return re.sub(r"{(\w+)}", lambda found: str(values[found[1]]), self.path)

    def __str__(self) -> str:
        return self.name


def short_name(operation_id: str) -> str:
    return re.sub(r"^territoires_services_[a-z]+_rest_", "", operation_id)


def operations() -> list[Operation]:
    return [
        Operation(short_name(operation["operationId"]), method.upper(), path, "security" not in operation)
        for path, methods in rest_api().get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    ]
