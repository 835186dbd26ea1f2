"""How the platform reaches the publishers of notices and the national open-data portal: files of the operator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from territoires.foundations.exchange.transports.tls import Trust

from ..models import NoticeChannel

OPEN_DATA = "open-data-portal"
"""The channel of the files of essential data."""
PARTNERS = {NoticeChannel.TED.value: "ted", NoticeChannel.BOAMP.value: "boamp", OPEN_DATA: "opendata"}
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Way:
    """``key`` is the secret by which the partner knows the platform; ``contact`` the address it may write to;
    ``search`` where BOAMP's open data are read; ``datasets`` the resources of each buyer, by SIRET. ``validation`` is
    the service that checks notices before they are sent, where the operator has set one."""

    url: str
    trust: Trust
    key: str
    contact: str = ""
    search: str = ""
    datasets: Mapping[str, Mapping[str, str]] = ()  # type: ignore[assignment]
    validation: Way | None = None

    def __repr__(self) -> str:
        return f"Way({self.url})"  # never the key

    @classmethod
    def read(cls, said: dict[str, Any]) -> Way:
        return cls(
            said["url"].rstrip("/"),
            Trust(said.get("pinned"), Path(said["authority"]) if "authority" in said else None),
            said["key"],
            said.get("contact", ""),
            said.get("search", said["url"]).rstrip("/"),
            {siret: dict(one) for siret, one in said.get("datasets", {}).items()},
            cls.read({k: v for k, v in said.items() if k != "validation"} | said["validation"])
            if "validation" in said
            else None,
        )

    def resource_of(self, siret: str) -> tuple[str, str] | None:
        """The data set and the resource of a buyer; None where the operator has entered none."""
        found = self.datasets.get(siret) or self.datasets.get(EVERYBODY)
        if found is None:
            return None
        return found["dataset"].replace("{siret}", siret), found["resource"].replace("{siret}", siret)


def way_to(channel: str) -> Way | None:
    """The way of a channel; None while the operator has not opened it."""
    try:
        return Way.read(json.loads(settings.NOTICES_CONNECTIONS[PARTNERS[channel]].read_text()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
