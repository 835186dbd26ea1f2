"""The journal: facts written and sequenced, a million verified, followed, and the cost of one as the book grows.

Peers in the same run: the same bytes inserted into a bare table by the same writers, and SHA-256 over the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmarks.database import fresh_database
from benchmarks.report import Row, report

WRITERS = 4
SECONDS = 8.0
SMALL, LARGE = 10_000, int(os.environ.get("BENCH_JOURNAL_ENTRIES", "1000000"))
FOLLOWED = 20_000
ROUNDS = 200
RATE, CORES = 3000, 2
MOST_CPU = CORES / RATE * 1e6
"""Microseconds that one fact may take of the two cores on which the rate is promised."""
BODY = 600  # bytes: what an entry of a real act weighs


def writer(kind: str, seconds: float) -> None:
    """A process that commits one transaction after the other; prints how many, and its seconds of CPU."""
    from django.db import connection, transaction

    from territoires.foundations.journal import api as journal
    from territoires.kernel.actor import system_actor
    from territoires.kernel.ids import new_id

    actor, body = system_actor("bench"), os.urandom(BODY)
    fact = _fact()

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_bare (id, body) VALUES (%s, %s)", [new_id(), body])

    write: Callable[[], object] = bare if kind == "bare" else lambda: journal.append(fact(), actor=actor)
    write()
    begin, count, started = time.perf_counter(), 0, time.process_time()
    while time.perf_counter() - begin < seconds:
        with transaction.atomic():
            write()
        count += 1
    print(count, time.process_time() - started)


def _fact() -> Callable[[], object]:
    from territoires.kernel.fact import Fact, Subject, digest
    from territoires.kernel.ids import new_id

    @dataclass(frozen=True, kw_only=True)
    class ActNoted(Fact):
        KIND: ClassVar[str] = "bench.act.noted"
        number: str = "2026-11-24-001"
        nature: str = "1"
        content: str = digest(default="ab" * 32)

    return lambda: ActNoted(subject=Subject("bench.act", new_id()), matter=new_id())


def writers(kind: str, environment: dict[str, str]) -> tuple[float, float]:
    """Runs the writers together: transactions a second, microseconds of client CPU each."""
    command = [sys.executable, "-m", "benchmarks.journal", kind, str(SECONDS)]
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(WRITERS)
    ]
    results = [process.communicate()[0].split() for process in running]
    count = sum(int(found[0]) for found in results)
    return count / SECONDS, sum(float(found[1]) for found in results) / count * 1e6


@contextmanager
def sequencing() -> Iterator[None]:
    """A sequencer in a thread of this process, which only waits."""
    from django.db import connection

    from territoires.foundations.journal import api as journal

    stop = threading.Event()

    def run() -> None:
        journal.run_sequencer(stop)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def fill(count: int) -> None:
    """Entries like real ones, in bulk, then numbered."""
    from django.db import connection

    from territoires.foundations.journal import api as journal
    from territoires.foundations.trust import api as trust
    from territoires.kernel.actor import system_actor
    from territoires.kernel.ids import new_id

    entry = journal.append(_fact()(), actor=system_actor("bench"))  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM journal_entry WHERE id = %s", [entry])
        model = bytes(cursor.fetchone()[0])
        identifier = str(entry).encode()
        for start in range(1, count, 50_000):
            with cursor.copy("COPY journal_entry (id, body, mac) FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(["uuid", "bytea", "bytea"])
                for _ in range(start, min(start + 50_000, count)):
                    one = new_id()
                    body = model.replace(identifier, str(one).encode())
                    copy.write_row((one, body, trust.fact_mac(body)))
    journal.rebuild_copies()
    journal.sequence_once()


def cost_of_one() -> float:
    """Milliseconds of one fact appended and sequenced alone: the median."""
    from territoires.foundations.journal import api as journal
    from territoires.foundations.journal.sequencer import Sequencer
    from territoires.kernel.actor import system_actor

    actor, fact, sequencer = system_actor("bench"), _fact(), Sequencer()
    found = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        journal.append(fact(), actor=actor)  # type: ignore[arg-type]
        sequencer.batch()
        found.append((time.perf_counter() - begin) * 1000)
    return statistics.median(found)


def followed() -> float:
    """Facts a second handed to a follower that inserts a row for each."""
    from django.db import connection

    from territoires.foundations.journal import api as journal
    from territoires.foundations.journal import subscriptions

    def handle(fact: journal.Recorded) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_followed VALUES (%s, %s)", [fact.seq, fact.subject_id])

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_followed (seq bigint PRIMARY KEY, subject uuid)")
        cursor.execute(
            "INSERT INTO journal_cursor (subscriber, position) SELECT 'bench', size - %s FROM journal_state",
            [FOLLOWED],
        )
    subscriptions._subscriptions.clear()
    journal.subscribe(journal.Subscription("bench", ["bench.act.noted"], handle))
    begin = time.perf_counter()
    count = journal.follow_once()
    return count / (time.perf_counter() - begin)


def measure(environment: dict[str, str]) -> list[Row]:
    from django.db import connection

    from territoires.foundations.journal import api as journal

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (id uuid PRIMARY KEY, body bytea)")
    fill(SMALL)
    early = cost_of_one()
    bare, bare_cpu = writers("bare", environment)
    before, own = journal.health().size, time.process_time()
    begin = time.perf_counter()
    with sequencing():
        written, client_cpu = writers("facts", environment)
        sequencer_cpu = time.process_time() - own
    journal.sequence_once()
    sequenced = journal.health().size - before
    took = time.perf_counter() - begin
    sequencer_cpu *= 1e6 / sequenced
    cpu = client_cpu + sequencer_cpu
    fill(LARGE - journal.health().size)
    late = cost_of_one()
    follower = followed()
    verified = journal.verify()
    if not verified.holds:
        raise RuntimeError(f"the bench's own book does not hold: {verified.findings[:3]}")
    hashing = hashed(verified.size)
    return [
        row("written and sequenced, facts a second", written, bare, RATE, "bare inserts"),
        Row(
            f"of {sequenced} in {took:.1f} s, processor for a fact, without the database",
            f"{cpu:.0f} µs: client {client_cpu:.0f}, sequencer {sequencer_cpu:.0f}",
            f"{bare_cpu:.0f} µs (client of bare inserts)",
            f"{cpu / bare_cpu:.2f}",
            f"< {MOST_CPU:.0f} µs: {RATE} a second on {CORES} cores",
            "ok" if cpu < MOST_CPU else "short",
        ),
        Row(
            f"{verified.size} facts verified",
            f"{verified.seconds:.1f} s",
            f"{hashing:.2f} s (SHA-256 alone)",
            f"{verified.seconds / hashing:.0f}",
            "below 60 s",
            "ok" if verified.seconds < 60 else "short",
        ),
        row("followed by a subscription, facts a second", follower, bare, 2000, "bare inserts"),
        Row(
            f"one fact alone, {SMALL} to {LARGE}",
            f"{late:.2f} ms",
            f"{early:.2f} ms at {SMALL}",
            f"{late / early:.2f}",
            "flat: below 1.5",
            "ok" if late / early < 1.5 else "short",
        ),
    ]


def row(name: str, ours: float, peer: float, target: float, peer_name: str) -> Row:
    return Row(
        name,
        f"{ours:.0f}",
        f"{peer:.0f} ({peer_name})",
        f"{ours / peer:.2f}",
        f"at least {target:.0f}",
        "ok" if ours >= target else "short",
    )


def hashed(count: int) -> float:
    """Seconds of SHA-256 over as many bodies."""
    body, begin = os.urandom(BODY), time.perf_counter()
    for _ in range(count):
        hashlib.sha256(body).digest()
    return time.perf_counter() - begin


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="bench-journal-") as folder,
        fresh_database(Path(folder) / "postgres") as url,
    ):
        kept = os.environ.get("TERRITOIRES_VAR")
        environment = {
            "DATABASE_URL": url,
            "TERRITOIRES_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "territoires.config.settings",
        }
        os.environ.update(environment)
        import django
        from django.db import connection

        django.setup()
        try:
            rows = measure({**os.environ})
        finally:
            connection.close()
    if kept is None:
        del os.environ["TERRITOIRES_VAR"]
    else:
        os.environ["TERRITOIRES_VAR"] = kept
    return report("journal", rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        import django

        django.setup()
        writer(sys.argv[1], float(sys.argv[2]))
    else:
        sys.exit(main())
