"""A worker to be killed while it sends: ``python -m tests.services.legality.transmission.victim POINT``."""

from __future__ import annotations

import sys

import django


def main(point: str) -> None:
    django.setup()
    from territoires.foundations.exchange import parcels
    from territoires.services.legality import jobs
    from territoires.services.legality.actions import enveloping
    from tests.foundations.exchange.victim import POINTS, kill_at

    if point in POINTS:
        kill_at(parcels, *POINTS[point])
    elif point == "archived":
        kill_at(enveloping, "post_envelope", "before")
    elif point == "posted":
        kill_at(enveloping, "post_envelope", "after")
    from .conftest import send_waiting

    while True:
        send_waiting()
        assert jobs


if __name__ == "__main__":
    main(sys.argv[1])
