"""The public register of a body with 10,000 acts, through the real server, at 50 requests a second, beside a page without data."""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

from benchmarks.database import fresh_database
from benchmarks.load import FLOOR, latencies, page_row, server, steady_p95
from benchmarks.report import report

ACTS = 10_000
TARGET = 50.0
SIREN = "217104389"
WORDS = ("budget", "école", "voirie", "subvention", "marché", "eau potable", "cantine", "tarifs", "éclairage")


def fill() -> None:
    """One commune with its acts, written straight into the tables: what they hold is measured, not how they came."""
    from territoires.foundations.documents.models import Document
    from territoires.foundations.identity.models import Organisation
    from territoires.kernel.ids import new_id
    from territoires.kernel.text import fold
    from territoires.services.legality.models import Act

    body = Organisation.objects.create(
        reference=SIREN, siren=SIREN, siret=f"{SIREN}00017", name="Commune d'Exemple", kind="commune"
    )
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    documents, acts = [], []
    for number in range(ACTS):
        digest = f"{number:064x}"
        document = Document(
            id=new_id(),
            organisation_id=body.pk,
            sha256=digest,
            size=200_000,
            media_type="application/pdf",
            name=f"DEL_{number}.pdf",
            received_at=now,
        )
        documents.append(document)
        text = f"{WORDS[number % 9]} et {WORDS[number // 9 % 9]}, exercice {2015 + number % 12}"
        acts.append(
            Act(
                id=new_id(),
                organisation=body,
                state="published",
                number=f"DEL_{number}",
                nature=str(1 + number % 2),
                matter_code=("7.1", "7.5", "6.1", "8.1", "2.1")[number % 5],
                object=text,
                words_folded=fold(f"DEL_{number} {text}"),
                decided_on=date(2015 + number % 12, 1 + number % 11, 1 + number % 28),
                signed_on=date(2026, 11, 20),
                given_names="Paul",
                usual_name="Essai",
                quality="Maire",
                main=document,
                main_sha256=digest,
                main_type="99_DE",
                drafted_at=now,
                changed_at=now,
                published_at=now - timedelta(minutes=number),
            )
        )
    Document.objects.bulk_create(documents, batch_size=2_000)
    Act.objects.bulk_create(acts, batch_size=2_000)


def paths() -> dict[str, list[str]]:
    """What readers ask, by kind."""
    from territoires.kernel.actor import Actor
    from territoires.services.legality.queries import register
    from territoires.services.legality.queries.lists import Filters

    home = f"/collectivites/{SIREN}/actes/"
    page = register.register_of(Actor(), None, Filters(), size=5_000)
    some = [act.pk for act in page.acts[::250]]
    return {
        "first page": [home],
        "page far down the list": [f"{home}?after={page.next}"],
        "search by words": [f"{home}?q={word}" for word in ("ecole", "budg", "eau+tarifs", "exercice+2024")],
        "filters": [f"{home}?nature=1&matter=7&year=2024", f"{home}?since=01/01/2020&until=31/12/2020"],
        "search of the platform": [
            f"/recherche/?q={word}" for word in ("ecole", "budg", "eau+tarifs", "vesoul")
        ],
        "one act": [f"{home}{key}/" for key in some],
    }


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="bench-register-") as folder,
        fresh_database(Path(folder) / "postgres") as url,
        mock.patch.dict(os.environ, DATABASE_URL=url, TERRITOIRES_VAR=folder),
    ):
        import django

        django.setup()
        from django.db import connection

        fill()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE t_legality_act")
        asked = paths()
        connection.close()
        with server(url, Path(folder)) as (host, port):
            every = [path for group in asked.values() for path in group]
            latencies(host, port, every, rate=10, seconds=3)  # warm templates, plans
            floor = steady_p95(host, port, FLOOR)
            rows = [
                page_row(f"register of {ACTS:,} acts, {name}", steady_p95(host, port, found), floor, TARGET)
                for name, found in asked.items()
            ]
    return report("register", rows)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    sys.exit(main())
