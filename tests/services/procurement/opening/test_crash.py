"""kill -9 at each step of an opening: no sealed bid is lost, none is opened but by a session that goes to its end."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.conf import settings

from territoires.foundations.documents import api as documents
from territoires.foundations.journal import api as journal
from territoires.services.procurement.actions import opening
from territoires.services.procurement.domain import session
from territoires.services.procurement.domain.sealing import suites
from territoires.services.procurement.jobs.opener import Opener
from territoires.services.procurement.models import OpenedBlock, OpenedFile, OpeningOrder
from tests.services.procurement.conftest import make_body, rows
from tests.victims import Victim, killed

from .victim import OPENED_POINTS, SEALED_POINTS, run
from .world import World, make_world, present

FILES = (("offre.pdf", b"%PDF-1.4 offre"), ("prix.csv", b"1;2;3"))


@pytest.fixture
def closed(live_database: str, tmp_path: Path) -> World:
    """Two bids of two files in each envelope."""
    world = make_world(make_body(), tmp_path)
    world.ready().published()
    world.bid(0, FILES)
    world.bid(1, FILES)
    return world.closed()


def dies(victim: Victim, world: World, point: str) -> OpeningOrder:
    """A session that is asked, or was and still waits, killed at a point."""
    order = OpeningOrder.objects.filter(state=session.ASKED).first() or opening.ask_opening(
        actor=present(world.secretary), consultation=world.consultation, round=1, envelope="tender"
    )
    keys = {one.holder: suites.private_bytes(one.key) for one in world.officers}
    folder = world.vault.folder
    assert killed(victim(run, point, order.pk, folder, keys, MEDIA_ROOT=settings.MEDIA_ROOT)), point
    order.refresh_from_db()
    return order


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_session_killed_before_its_end_opens_nothing_and_the_next_one_opens_all(
    victim: Victim, closed: World
) -> None:
    """One consultation, whose session dies at each step in turn; what it had deciphered goes with the next worker."""
    upload = documents.Draft(10)
    incoming, left = upload.path.parent, 0
    for point in SEALED_POINTS:
        order = dies(victim, closed, point)
        left += len(list(incoming.iterdir())) - 1
        assert not OpenedFile.objects.exists() and not OpenedBlock.objects.exists(), point
        assert not rows("documents.Reference").filter(holder_type="procurement.opening").exists(), point
        if order.state != session.ASKED:
            Opener().work_once()  # another worker, which has not the session's key
            order.refresh_from_db()
            assert order.state == session.LOST, point
            assert list(incoming.iterdir()) == [upload.path], point
    assert left > 0
    last = closed.open("tender")
    assert last.state == session.OPENED
    found = OpenedFile.objects.values_list("order", "name", "verdict", "sha256")
    expected = {
        (last.pk, f"tender-{name}", "clear", hashlib.sha256(content).hexdigest()) for name, content in FILES
    }
    assert len(found) == 4 and set(found) == expected


@pytest.mark.parametrize("point", OPENED_POINTS)
def test_a_session_killed_after_its_end_is_told_once(victim: Victim, closed: World, point: str) -> None:
    order = dies(victim, closed, point)
    assert order.state == session.OPENED
    Opener().work_once()
    assert sorted(order.minutes.values_list("language", flat=True)) == ["en", "fr"]
    assert OpenedFile.objects.filter(order=order, verdict="clear").count() == 4
    told = [one.kind for one in journal.timeline(closed.consultation.pk)]
    assert told.count("procurement.opening.ended") == 1
    assert told.count("procurement.minutes.written") == 2
