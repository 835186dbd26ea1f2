"""The time key survives the loss of the machine and of its operator; the tool of the custodian, off line."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from territoires.kernel.errors import Invalid
from territoires.services.procurement.actions import opening
from territoires.services.procurement.domain import session
from territoires.services.procurement.domain.sealing import slots, suites
from territoires.services.procurement.domain.sealing.stock import read_stock
from territoires.services.procurement.jobs.opener import Opener
from territoires.services.procurement.management.commands import custodian
from territoires.services.procurement.models import CustodianKey, KeySlot, OpenedFile, OpeningOrder, TimeKey
from territoires.services.procurement.queries import opening as queries
from territoires.services.procurement.queries.time_vault import TimeVault
from tests.services.procurement.conftest import rows

from .world import PLAIN, World, make_world, present

ROOT = Path(__file__).resolve().parents[4]
TOOL = ROOT / "tools" / "open_bids.py"


def run(*arguments: object, code: str = "") -> str:
    """The tool as the custodian runs it; ``code`` is what she types."""
    program = f"import getpass,runpy,sys; getpass.getpass=lambda _:{code!r}; sys.argv=sys.argv[1:]; runpy.run_path(sys.argv[0],run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(TOOL), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def made_stock(folder: Path, *options: object) -> str:
    """Makes a stock, imports its public half; gives the recovery code that was printed."""
    said = run("stock", folder, "--name", "Gardien d'Essai", *options)
    call_command("custodian", "import", folder / "public.json", verbosity=0)
    return said.strip().splitlines()[-1]


def bring_custodian(world: World, order: OpeningOrder, folder: Path, code: str) -> None:
    """The custodian's part, made off line by the tool from the package of an order, then brought."""
    package = folder / "package"
    papers = queries.papers_of(order)
    for name in ("policies", "blocks"):
        (package / name).mkdir(parents=True)
    (package / "order.json").write_bytes(papers.written)
    for key, policy in papers.policies.items():
        (package / "policies" / f"{key.hex()}.json").write_bytes(policy.written())
    for block, data in papers.received.items():
        (package / "blocks" / f"{block}.json").write_bytes(data)
    holder = next(one for one in queries.holders_in(order) if one.role == "custodian").pk
    out = folder / "release.json"
    slot = folder / "stock" / "slots" / f"{holder}.json"
    run("release", package, "--holder", holder, "--slot", slot, "--out", out, code=code)
    opening.bring_release(
        actor=present(world.secretary),
        consultation=world.consultation,
        order=order.pk,
        document=out.read_bytes(),
    )


def bring_time_back(world: World, key: TimeKey, folder: Path, code: str, patch: pytest.MonkeyPatch) -> None:
    """What the recovery custodian and the operator do on a machine that has not the time key."""
    backup, clear = folder / "backup.json", folder / "time.der"
    call_command("custodian", "backup", str(key.pk), backup, verbosity=0)
    assert json.loads(backup.read_bytes())["time"] == str(key.pk)
    (slot,) = (folder / "recovery" / "slots").glob("*.json")
    run("recover", backup, "--slot", slot, "--out", clear, code=code)
    patch.setattr(custodian, "time_vault", lambda: world.vault)
    call_command("custodian", "restore", str(key.pk), clear, verbosity=0)


@pytest.fixture
def offline(body: Any, tmp_path: Path) -> tuple[World, dict[str, str]]:
    """A world whose custodians use the tool: the codes of the stock and of the recovery key."""
    world = make_world(body, tmp_path, officers=3)
    CustodianKey.objects.exclude(pk__in=rows("t_procurement.HolderKey").values("pk")).delete()
    rows("t_procurement.HolderKey").filter(role="custodian").delete()
    rows("t_procurement.TimeKey").update(recovery=None)
    CustodianKey.objects.all().delete()
    codes = {
        "stock": made_stock(tmp_path / "stock", "--count", 2),
        "recovery": made_stock(tmp_path / "recovery", "--recovery"),
    }
    return world, codes


def test_the_stock_that_the_tool_makes_is_read_and_holds_no_private_key(tmp_path: Path, db: None) -> None:
    made_stock(tmp_path / "stock", "--count", 2)
    data = (tmp_path / "stock" / "public.json").read_bytes()
    assert len(read_stock(data).keys) == 2
    assert CustodianKey.objects.count() == 2
    call_command("custodian", "import", tmp_path / "stock" / "public.json", verbosity=0)
    assert CustodianKey.objects.count() == 2
    with pytest.raises(Invalid):
        read_stock(data.replace(b'"recovery":false', b'"recovery":0'))


def test_the_custodian_opens_off_line_with_the_tool(
    offline: tuple[World, dict[str, str]], tmp_path: Path
) -> None:
    world, codes = offline
    world.ready().published()
    world.bid(0)
    order = world.closed().ask()
    world.keeper.work_once()
    world.officers[0].give(order)
    bring_custodian(world, order, tmp_path, codes["stock"])
    world.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_a_lost_time_key_comes_back_from_its_backup(
    offline: tuple[World, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, codes = offline
    world.ready().published()
    world.bid(0)
    world.closed()
    key = TimeKey.objects.get(consultation=world.consultation)
    world.vault = TimeVault(tmp_path / "another-machine")
    order = world.ask()
    for officer in world.officers:
        officer.give(order)
    world.keeper.work_once()
    world.opener.work_once()
    order.refresh_from_db()
    assert (order.state, order.time_refusal) == (session.READY, "")

    bring_time_back(world, key, tmp_path, codes["recovery"], monkeypatch)
    world.keeper.work_once()
    world.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED


def test_a_machine_that_is_lost_whole_is_walked_back_to_an_opening(
    offline: tuple[World, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and time key are gone with the machine; what is left is a copy of files and database, and people.

    Two officers of three open one envelope; the third, who has lost all but the words on paper, and the custodian the
    other.
    """
    world, codes = offline
    words, third = os.urandom(slots.RECOVERY_BYTES), world.officers[1]
    papers = [
        slots.make_slot(third.holder, uuid4(), kind, secret, suites.private_bytes(third.key)).written()
        for kind, secret in (
            (slots.RECOVERY, words),
            (slots.PASSPHRASE, slots.phrase_secret("Quatre châtaigniers près du lavoir")),
        )
    ]
    monkeypatch.setattr(third, "slots", lambda: papers)
    world.ready().published()
    world.bid(0)
    world.closed()
    key = TimeKey.objects.get(consultation=world.consultation)
    kept_files = Path(default_storage.path(f"bids/{world.bids[0].draft.pk}"))
    shutil.copytree(kept_files, tmp_path / "copy")
    shutil.rmtree(kept_files)
    shutil.rmtree(world.vault.folder)

    shutil.copytree(tmp_path / "copy", kept_files)
    world.vault, world.opener = TimeVault(tmp_path / "another-machine"), Opener()
    bring_time_back(world, key, tmp_path, codes["recovery"], monkeypatch)
    assert world.open("tender", by=(0, 2)).state == session.OPENED

    kept = KeySlot.objects.get(holder=third.holder, kind=slots.RECOVERY)
    paper = slots.read_slot(bytes(kept.document))
    typed = slots.recovery_secret(slots.recovery_code(words).lower())
    pkcs8 = slots.open_slot(paper, slots.argon2_key(typed, paper.salt))
    third.key = suites.read_private(1, pkcs8)
    order = world.ask("candidature")
    world.keeper.work_once()
    third.give(order)
    bring_custodian(world, order, tmp_path, codes["stock"])
    world.opener.work_once()
    order.refresh_from_db()
    assert order.state == session.OPENED
    found = OpenedFile.objects.values_list("verdict", "sha256")
    assert set(found) == {("clear", hashlib.sha256(PLAIN).hexdigest())} and len(found) == 2


def test_a_key_that_is_killed_before_it_is_told_is_told_later(world: World) -> None:
    asked = TimeKey.objects.get(consultation=world.consultation)
    kept = suites.suite(1).generate()
    world.vault.keep(asked.pk, kept)
    world.keeper.work_once()
    asked.refresh_from_db()
    assert bytes(asked.public_key or b"") == suites.suite(1).public_bytes(kept)


def test_the_vault_keeps_no_key_in_clear_and_says_when_a_file_was_changed(world: World) -> None:
    world.keeper.work_once()
    key = TimeKey.objects.get(consultation=world.consultation)
    (path,) = world.vault.folder.glob("*.sealed")
    plain = suites.private_bytes(world.vault.private(key.pk, 1))
    assert plain not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600 and world.vault.folder.stat().st_mode & 0o777 == 0o700
    path.write_bytes(path.read_bytes()[:-1] + b"0")
    with pytest.raises(Exception) as found:
        world.vault.private(key.pk, 1)
    assert found.value.code == "time-key-altered"  # type: ignore[attr-defined]
