"""The commune search and the desk through the real server, at 50 requests a second, beside a page without data."""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from benchmarks import worklist
from benchmarks.database import fresh_database
from benchmarks.load import FLOOR, latencies, page_row, server, steady_p95
from benchmarks.report import report

SEARCHES = [
    f"/communes/?q={text}"
    for text in (
        "saint+leger",
        "Arc",
        "71990",
        "217104389",
        "st+j",
        "beaune",
        "l%27%C3%A9clu",
        "a",
        "chalon+sur",
    )
]


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="bench-pages-") as folder,
        fresh_database(Path(folder) / "postgres") as url,
        mock.patch.dict(os.environ, DATABASE_URL=url, TERRITOIRES_VAR=folder),
    ):
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("load", "territory", stdout=sys.stderr)
        desk, cookie = prepare_desk()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        connection.close()
        with server(url, Path(folder)) as (host, port):
            latencies(host, port, [*FLOOR, *SEARCHES], rate=10, seconds=3)  # warm templates, plans
            floor = steady_p95(host, port, FLOOR)
            search = steady_p95(host, port, SEARCHES)
            seen = steady_p95(host, port, [desk], headers={"Cookie": cookie})
    return report(
        "pages",
        [
            page_row("commune search", search, floor, 30),
            page_row("desk, 100,000 open items", seen, floor, 50),
        ],
    )


def prepare_desk() -> tuple[str, str]:
    """Fills the work list and signs somebody in at its largest body; gives the desk's address and the cookie."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from territoires.foundations.identity.models import (
        Account,
        Membership,
        Organisation,
        Person,
        RoleAssignment,
    )
    from territoires.foundations.worklist.models import Item

    now = datetime.now(UTC)
    largest, _village = worklist.fill(now)
    body = Organisation.objects.filter(kind="region").get()
    Item.objects.filter(organisation_id=largest).update(
        organisation_id=body.pk, permission="portal:desk:read"
    )
    person = Person.objects.create(given_names="Claire", usual_name="Exemple")
    membership = Membership.objects.create(person=person, organisation=body, since_on=now.date())
    RoleAssignment.objects.create(membership=membership, role="secretary", since_on=now.date())
    account = Account.objects.create_user("claire@example.org", person=person)
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    return f"/o/{body.reference}/portal/", f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    sys.exit(main())
