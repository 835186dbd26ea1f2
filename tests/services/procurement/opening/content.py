"""Consultations to open, for the visits of pages: named officers, a session that waits, one that opened."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from territoires.foundations.documents.antivirus import EICAR
from territoires.services.procurement.actions import opening, safety_copies
from territoires.services.procurement.models import OpenedFile
from tests.services.procurement.conftest import make_actor, make_person

from . import hands
from .world import DEADLINE, PLAIN, Officer, World, make_world, present


def fill(secretary: Any, body: Any) -> dict[str, str]:
    """What stands in addresses: ``consultation named`` and ``consultation opened``, their sessions, files and copies."""
    folder = Path(tempfile.mkdtemp(prefix="opening-"))
    named = _world(body, folder / "named", secretary, "Toiture à nommer (exemple)")
    ready = _world(body, folder / "ready", secretary, "Toiture prête (exemple)").ready()
    passing = _world(body, folder / "passing", secretary, "Toiture en relève (exemple)").ready().published()
    passing.bid(2)
    passing.closed()
    successor = Officer(make_actor(body, "executive", person=make_person(body, "Officier relève")))
    handover = hands.ask(passing, passing.officers[1], successor)
    hands.ready(passing, successor)
    world = _world(body, folder / "opened", secretary, "Toiture ouverte (exemple)").ready().published()
    world.bid(0, files=[("offre.pdf", PLAIN), ("piege.txt", EICAR)])
    world.bid(1)
    opened = world.closed().open("tender")
    world.opener.work_once()
    waiting = world.ask("candidature")
    opening.decline_release(
        actor=present(world.officers[1].actor),
        consultation=world.consultation,
        order=waiting.pk,
        reason="En congé, loin de la feuille de secours.",
    )
    copy = safety_copies.receive_safety_copy(
        actor=present(world.secretary),
        consultation=world.consultation,
        round=1,
        bidder_name="Travaux Modèle 1",
        medium="clé USB",
        arrived_at=DEADLINE,
    )
    infected = OpenedFile.objects.get(order=opened, verdict="infected")
    return {
        "consultation passing": str(passing.consultation.pk),
        "handover": str(handover.pk),
        "consultation named": str(named.consultation.pk),
        "consultation ready": str(ready.consultation.pk),
        "consultation opened": str(world.consultation.pk),
        "session opened": str(opened.pk),
        "session waiting": str(waiting.pk),
        "file infected": str(infected.pk),
        "safety copy": str(copy.pk),
    }


def _world(body: Any, folder: Path, secretary: Any, title: str) -> World:
    return make_world(body, folder, secretary=secretary, title=title)
