"""The operations of the OpenAPI document as a flat table, with what a sound call of each needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from territoires.foundations.registry.api import rest_api
from territoires.services.legality.permissions import Legality

# The permission that each operation asks of its key, beside seeing the act; a new operation is added here.
PERMISSIONS = {
    "list_acts": Legality.READ,
    "create_act": Legality.DRAFT,
    "read_act": Legality.READ,
    "revise_act": Legality.REVISE,
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
}
BODIES: dict[str, Any] = {
    "create_act": {"object": "Tarifs de la cantine"},
    "revise_act": {"object": "Tarifs de la cantine"},
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
    return operation_id.removeprefix("territoires_services_legality_rest_")


def operations() -> list[Operation]:
    return [
        Operation(short_name(operation["operationId"]), method.upper(), path, "security" not in operation)
        for path, methods in rest_api().get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    ]
