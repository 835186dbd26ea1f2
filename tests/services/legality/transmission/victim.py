"""A worker to be killed while it sends."""

from __future__ import annotations

from territoires.foundations.exchange import parcels
from territoires.services.legality.actions import enveloping
from tests.foundations.exchange.victim import POINTS, kill_at

from .conftest import send_waiting


def run(point: str) -> None:
    if point in POINTS:
        kill_at(parcels, *POINTS[point])
    elif point == "archived":
        kill_at(enveloping, "post_envelope", "before")
    elif point == "posted":
        kill_at(enveloping, "post_envelope", "after")
    while True:
        send_waiting()
