"""The custodian deals and takes over off line, with the tool: what it makes the platform takes, and the other way round."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from territoires.kernel.errors import Invalid
from territoires.services.procurement.actions import handing_over, opening
from territoires.services.procurement.domain import session
from territoires.services.procurement.domain.sealing import suites
from territoires.services.procurement.models import Handover, OpeningOrder
from tests.services.procurement.award.test_pages import browser
from tests.services.procurement.conftest import make_actor, make_person
from tests.services.procurement.opening.test_time_key import run

from . import hands
from .world import Officer, World, present


class Custodian:
    """Her computer: a private key in a file, and what the body sends."""

    def __init__(self, world: World, agent: Client, folder: Path) -> None:
        self.world, self.agent, self.folder, self.done = world, agent, folder, 0
        self.holder = hands.custodian_of(world.consultation)
        self.key = folder / "key.der"
        self.key.write_bytes(suites.private_bytes(world.custodian[self.holder]))

    def package(self, path: str) -> Path:
        """What the page gives, unpacked."""
        self.done += 1
        place = self.world.consultation.organisation.reference
        address = f"/o/{place}/procurement/{self.world.consultation.pk}/opening/{path}"
        target = self.folder / f"package-{self.done}"
        with zipfile.ZipFile(io.BytesIO(self.agent.get(address).content)) as whole:
            whole.extractall(target)
        return target

    def makes(self, command: str, path: str, holder: UUID | None = None) -> bytes:
        package, out = self.package(path), self.folder / f"out-{self.done + 1}.json"
        run(command, package, "--holder", holder or self.holder, "--key", self.key, "--out", out)
        return out.read_bytes()

    def brings(self, handover: Handover, command: str) -> Handover:
        return handing_over.bring_parts(
            actor=present(self.world.secretary),
            consultation=self.world.consultation,
            handover=handover.pk,
            document=self.makes(command, f"replace/{handover.pk}/package.zip"),
        )

    def releases(self, order: OpeningOrder) -> None:
        opening.bring_release(
            actor=present(self.world.secretary),
            consultation=self.world.consultation,
            order=order.pk,
            document=self.makes("release", f"{order.pk}/package.zip"),
        )


def test_the_custodian_deals_takes_over_and_opens_with_the_tool(
    sealed: World, body: Any, tmp_path: Path
) -> None:
    first, leaving = sealed.officers
    custodian = Custodian(sealed, browser(sealed.secretary.person, body, "secretary"), tmp_path)
    successor = Officer(make_actor(body, "executive", person=make_person(body, "Successeure")))
    found = hands.ask(sealed, leaving, successor, deals=False)
    hands.ready(sealed, successor)
    found.refresh_from_db()
    hands.deal(sealed, found, first)
    # nobody has dealt to the custodian yet: nothing to take over
    with pytest.raises(subprocess.CalledProcessError):
        custodian.makes("receive", f"replace/{found.pk}/package.zip")
    custodian.brings(found, "deal")
    for officer in (first, successor):
        hands.receive(sealed, found, officer)
    given = custodian.makes("receive", f"replace/{found.pk}/package.zip")
    with pytest.raises(Invalid, match="sealing"):
        handing_over.bring_parts(
            actor=present(sealed.secretary),
            consultation=sealed.consultation,
            handover=found.pk,
            document=given.replace(b'"kind":"reception"', b'"kind":"dealing"'),
        )
    custodian.brings(found, "receive")
    found.refresh_from_db()
    assert found.ended_at is not None

    # a second officer is replaced: the tool deals what the first transfer brought
    third = Officer(make_actor(body, "executive", person=make_person(body, "Troisième")))
    again = hands.ask(sealed, first, third, deals=False)
    hands.ready(sealed, third)
    again.refresh_from_db()
    hands.deal(sealed, again, successor)
    custodian.brings(again, "deal")
    for officer in (successor, third):
        hands.receive(sealed, again, officer)
    custodian.brings(again, "receive")
    order = sealed.ask()
    sealed.keeper.work_once()
    hands.give(third, order)
    custodian.releases(order)
    sealed.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED
