"""The desk with 100,000 open items in the platform: the page and its counters, in a large and in a small body.

The limit, in the same run: as many items as a page has, read by their keys, with nothing to choose.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from benchmarks.database import fresh_database
from benchmarks.load import percentile
from benchmarks.report import Row, report

ITEMS = 100_000
LARGEST = 50_000
ROUNDS = 300
TARGET = 50.0
PERMISSIONS = ("legality:act:publish", "legality:act:prepare", "procurement:bid:open", "grants:file:judge")


def fill(now: datetime) -> tuple[object, object]:
    """Half of the items in one body (a region), the others in bodies of a hundred; gives both kinds of body."""
    from territoires.foundations.worklist.models import Item
    from territoires.kernel.ids import new_id

    region = new_id()
    bodies = [new_id() for _ in range((ITEMS - LARGEST) // 100)]
    batch = []
    for number in range(ITEMS):
        due = None if number % 4 == 0 else now + timedelta(hours=number % 2000 - 300)
        batch.append(
            Item(
                organisation_id=region if number < LARGEST else bodies[number % len(bodies)],
                subject_type="bench.subject",
                subject_id=new_id(),
                kind="bench.kind",
                title=f"Délibération n° {number}",
                verb="Publish",
                address="/",
                permission=PERMISSIONS[number % len(PERMISSIONS)],
                due_at=due,
                opened_at=now,
            )
        )
    Item.objects.bulk_create(batch, batch_size=5_000)
    return region, bodies[0]


def p95(work: Callable[[], object]) -> float:
    """Milliseconds below which 95 calls in a hundred stay."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1000)
    return percentile(times, 0.95)


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="bench-worklist-") as folder,
        fresh_database(Path(folder) / "postgres") as url,
        mock.patch.dict(os.environ, DATABASE_URL=url, TERRITOIRES_VAR=folder),
    ):
        rows = measure()
    return report("worklist", rows)


def measure() -> list[Row]:
    import django

    django.setup()
    from django.db import connection

    from territoires.foundations.worklist import api as worklist
    from territoires.foundations.worklist.models import Item
    from territoires.kernel.actor import Actor, Grant
    from territoires.kernel.ids import new_id

    now = datetime.now(UTC)
    region, village = fill(now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE worklist_item")

    def agent(organisation: object, *permissions: str) -> Actor:
        return Actor(
            person=new_id(),
            organisation=organisation,  # type: ignore[arg-type]
            grants={p: Grant(p, "role", "Agent") for p in permissions},
            services=frozenset({"legality", "procurement", "grants"}),
        )

    cases = {
        "a body of 50,000 items, every right": agent(region, *PERMISSIONS),
        "a body of 50,000 items, one right whose items come last": agent(region, PERMISSIONS[0]),
        "a body of 50,000 items, no right that counts": agent(region, "legality:act:read"),
        "a body of 100 items": agent(village, *PERMISSIONS),
    }
    keys = list(Item.objects.values_list("pk", flat=True)[: worklist.PAGE])
    limit = p95(lambda: list(Item.objects.filter(pk__in=keys)))
    rows = []
    for name, actor in cases.items():
        for what, work in (("page", worklist.desk), ("counters", worklist.counters)):
            ours = p95(lambda w=work, a=actor: w(a))
            rows.append(
                Row(
                    measure=f"desk, {what}, {name}: p95 of {ROUNDS}",
                    ours=f"{ours:.1f} ms",
                    peer=f"{limit:.1f} ms ({len(keys)} items by their keys)",
                    ratio=f"{ours / limit:.1f}",
                    target=f"< {TARGET:.0f} ms",
                    verdict="ok" if ours < TARGET else "short",
                )
            )
    connection.close()
    return rows


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    sys.exit(main())
