"""The search among 200,000 published consultations: the query by kind of question, and its page through the real server.

Beside them, in the same run, the same words asked of the same table the plain way: a sequential ILIKE.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from unittest import mock

from benchmarks.database import fresh_database
from benchmarks.load import FLOOR, latencies, page_row, percentile, server, steady_p95
from benchmarks.report import Row, report

LISTINGS = 200_000
ROUNDS = 400
TARGET = 50.0
OPEN_ONES = 3_000
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
WHAT = (
    "réfection de la toiture", "travaux de voirie", "entretien des espaces verts", "fourniture de repas",
    "maîtrise d'œuvre", "transport scolaire", "assurance des bâtiments", "éclairage public", "eau potable",
    "nettoyage des locaux", "fourniture de mobilier", "étude de faisabilité", "rénovation énergétique", "désamiantage",
    "vidéoprotection", "collecte des déchets", "location de véhicules", "formation des agents", "signalisation", "logiciel",
)  # fmt: skip
WHERE = (
    "école",
    "collège",
    "mairie",
    "gymnase",
    "crèche",
    "médiathèque",
    "hôpital",
    "lycée",
    "piscine",
    "église",
)
CPV = (
    "45261200", "45233140", "77310000", "55523100", "71200000", "60130000", "66515000", "50232100", "65111000",
    "90910000", "39130000", "79314000", "45454000", "45262660", "32323500", "90511000", "34110000", "80511000",
)  # fmt: skip
PLACES = ("FRC11", "FRC12", "FRC13", "FRC14", "FRC21", "FRC22", "FRC23", "FRC24")
CATEGORIES = ("works", "services", "goods")
QUESTIONS = {
    "words": ["q=toiture", "q=vidéoprotection", "q=désamiantage+gymnase", "q=marché+4217", "q=toitures+écoles"],
    "frequent words, closed ones too": ["q=travaux&with_closed=on", "q=fourniture&with_closed=on", "q=commune&with_closed=on"],
    "rare words, closed ones too": ["q=désamiantage+piscine+4711&with_closed=on", "q=87654&with_closed=on"],
    "CPV and place": ["cpv=45&place=FRC11", "cpv=4526&place=FRC2&with_closed=on", "cpv=55523100"],
    "buyer, value, deadline": ["buyer=commune+142", "amount_from=100000&amount_until=200000", "since=2026-12-05&until=2026-12-09&sort=deadline"],
    "words and filters, closed ones too": ["q=voirie&cpv=45&place=FRC13&category=works&with_closed=on", "q=repas&place=FRC1&sort=deadline"],
    "no filter": ["", "with_closed=on", "sort=deadline"],
}  # fmt: skip
PLAIN = ("toiture", "videoprotection", "desamiantage", "travaux", "commune 142", "87654")


def fill() -> None:
    """Twenty years of consultations of 1,400 bodies, written straight into the table; some thousand are open."""
    from territoires.kernel.ids import new_id
    from territoires.kernel.text import fold
    from territoires.services.procurement.domain.searching import places, prefixes
    from territoires.services.procurement.models import Listing

    chance = random.Random(7)  # the same table each time
    batch = []
    for number in range(LISTINGS):
        is_open = number < OPEN_ONES
        published = NOW - timedelta(minutes=chance.randrange(40_000) if is_open else 40_000 + number * 52)
        title = f"{chance.choice(WHAT)}, {chance.choice(WHERE)} n° {number}".capitalize()
        buyer = f"Commune {chance.randrange(1400)}"
        cpv, nuts = chance.choice(CPV), chance.choice(PLACES)
        lots = " ".join(chance.choice(WHAT) for _ in range(chance.randrange(4)))
        batch.append(
            Listing(
                id=new_id(),
                source="mesure",
                url="https://ailleurs.example/",
                status="open" if is_open else "closed",
                reference=f"{published.year}-{number % 1000:03}",
                title=title,
                buyer=buyer,
                buyer_folded=fold(buyer),
                words_folded=fold(f"{title} {lots} marché {number} {buyer}"),
                main_procurement_category=chance.choice(CATEGORIES),
                procedure="adapted",
                cpv=cpv,
                cpv_prefixes=prefixes(cpv),
                nuts=nuts,
                places=places(nuts),
                amount=Decimal(chance.randrange(20_000, 2_000_000)) if chance.random() < 0.3 else None,
                published_at=published,
                changed_at=published,
                deadline_at=NOW + timedelta(hours=chance.randrange(1, 900))
                if is_open
                else published + timedelta(days=30),
            )
        )
        if len(batch) == 5_000:
            Listing.objects.bulk_create(batch)
            batch = []
    Listing.objects.bulk_create(batch)


def milliseconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def p95(works: Sequence[Callable[[], object]], rounds: int) -> float:
    for work in works:
        work()
    return percentile([milliseconds(works[turn % len(works)]) for turn in range(rounds)], 0.95)


def queries(questions: Sequence[str]) -> list[Callable[[], object]]:
    """The search as its page asks it: one page of results, and how many there are."""
    from django.http import QueryDict

    from territoires.services.procurement.queries.listings import search
    from territoires.services.procurement.web.public.forms import SearchForm

    read = [SearchForm(QueryDict(one), today=date(2026, 12, 1)).criteria() for one in questions]
    return [lambda criteria=one: search(criteria, NOW) for one in read]


def plain(word: str) -> Callable[[], object]:
    """What one writes without thinking: the words anywhere in the text, the latest first, and their number."""
    from django.db import connection

    asked = (
        "SELECT id FROM t_procurement_listing WHERE words_folded ILIKE %s ORDER BY published_at DESC LIMIT 20",
        "SELECT count(*) FROM t_procurement_listing WHERE words_folded ILIKE %s",
    )

    def ask() -> None:
        with connection.cursor() as cursor:
            for statement in asked:
                cursor.execute(statement, [f"%{word}%"])
                cursor.fetchall()

    return ask


def measure() -> list[Row]:
    from django.db import connection

    peer = p95([plain(word) for word in PLAIN], 60)
    rows = []
    for name, questions in QUESTIONS.items():
        ours = p95(queries(questions), ROUNDS)
        rows.append(_row(f"query: {name}", ours, peer))
    every = p95(queries([one for group in QUESTIONS.values() for one in group]), ROUNDS * 2)
    rows.append(_row("query: all kinds in turn", every, peer))
    connection.close()
    return rows


def _row(name: str, ours: float, peer: float) -> Row:
    return Row(
        f"{name}, p95 over {LISTINGS:,} consultations",
        f"{ours:.1f} ms",
        f"{peer:.0f} ms (plain ILIKE)",
        f"{peer / ours:.0f} times faster",
        f"< {TARGET:.0f} ms",
        "ok" if ours < TARGET else "short",
    )


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="bench-notices-") as folder,
        fresh_database(Path(folder) / "postgres") as url,
        mock.patch.dict(os.environ, DATABASE_URL=url, TERRITOIRES_VAR=folder),
    ):
        import django

        django.setup()
        from django.db import connection

        fill()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE t_procurement_listing")
        rows = measure()
        with server(url, Path(folder)) as (host, port):
            paths = [
                f"/marches/?{one}".replace("é", "%C3%A9") for group in QUESTIONS.values() for one in group
            ]
            latencies(host, port, [*FLOOR, *paths], rate=10, seconds=4)  # warm templates, plans
            floor = steady_p95(host, port, FLOOR)
            rows.append(
                page_row(
                    "page of the search, all kinds in turn", steady_p95(host, port, paths), floor, TARGET
                )
            )
    return report("notices", rows)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    sys.exit(main())
