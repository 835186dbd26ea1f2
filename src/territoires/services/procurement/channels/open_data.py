"""The national open-data portal: the whole file of a body replaces the one that is there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports.https import FilePart

from ..queries.notice_ways import OPEN_DATA, way_to
from ..queries.open_data import file_by_key
from .asking import post


def deliver(outgoing: exchange.Outgoing) -> exchange.Delivery:
    """Uploads the file into the body's resource. The same file again changes nothing there."""
    way, file = way_to(OPEN_DATA), file_by_key(outgoing.subject.id)
    if way is None or file is None:
        return exchange.NotSent("not-configured")
    place = way.resource_of(file.organisation.siret or file.organisation.siren or "")
    if place is None:
        return exchange.NotSent("not-configured", "no data set for this body")
    dataset, resource = place
    return post(
        way,
        f"/api/1/datasets/{dataset}/resources/{resource}/upload/",
        headers={"X-API-KEY": way.key, "Accept": "application/json"},
        fields=[("filename", outgoing.key)],
        files=[FilePart("file", outgoing.key, outgoing, "application/json")],
    )


def enquire(outgoing: exchange.Outgoing) -> exchange.Delivery:
    """Sending the whole file twice harms nobody."""
    return exchange.NotSent("unknown-there")


def absorb(incoming: exchange.Incoming) -> None:
    """Nothing comes by itself."""


OPEN_DATA_PORTAL = exchange.Channel(
    code=OPEN_DATA,
    label=_("Essential data of contracts, to the national open-data portal"),
    deliver=deliver,
    absorb=absorb,
    enquire=enquire,
)
