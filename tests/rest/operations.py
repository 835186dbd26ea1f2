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
    "check_consultation": Procurement.READ,
    "validate_consultation": Procurement.VALIDATE,
    "reopen_consultation": Procurement.VALIDATE,
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
    "reopen_consultation": {"reason": "Le lot 2 change de matériau."},
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
