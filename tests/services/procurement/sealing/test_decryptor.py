"""tools/open_bids.py, which shares no code with the platform, opens what the platform seals, and refuses what it must."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import slots, suites
from territoires.services.procurement.domain.sealing.opening import Order

from .cast import Bid, Cast, content
from .test_transfer import Handover, followed

TOOL = Path(__file__).resolve().parents[4] / "tools" / "open_bids.py"
HOSTILE = "../../étude: prix/CON.PDF"


@dataclass
class Parcel:
    """A package on disk, as the platform hands it over."""

    folder: Path
    cast: Cast
    bids: list[Bid]
    order: Order

    def write(self) -> None:
        self.put("order.json", self.order.written())
        self.put(f"policies/{self.cast.policy.hash.hex()}.json", self.cast.policy.written())
        for bid in self.bids:
            self.put(f"manifests/{bid.manifest.root.hex()}.json", bid.manifest.written())
            for block, data in bid.received.items():
                self.put(f"blocks/{block}.json", data)
            for file, chunks in bid.stored.items():
                self.put(f"files/{file}", b"".join(chunks))
        for holder, key in self.cast.keys.items():
            (self.folder.parent / f"{holder}.der").write_bytes(suites.private_bytes(key))
        (self.folder.parent / "session.der").write_bytes(suites.private_bytes(self.cast.session))
        (self.folder / "releases").mkdir()

    def put(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def give_time(self) -> None:
        found = [block for bid in self.bids for block in bid.blocks]
        self.put("releases/time.json", self.cast.time_release(self.order, found).written())

    def run(self, command: str, *more: str) -> subprocess.CompletedProcess[str]:
        return run(command, str(self.folder), *more)

    def release(self, holder: UUID) -> subprocess.CompletedProcess[str]:
        key = self.folder.parent / f"{holder}.der"
        out = self.folder / "releases" / f"{holder}.json"
        return self.run("release", "--holder", str(holder), "--key", str(key), "--out", str(out))

    def open(self, out: Path) -> subprocess.CompletedProcess[str]:
        return self.run("open", "--session", str(self.folder.parent / "session.der"), "--out", str(out))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": ""}
    return subprocess.run(
        [sys.executable, "-I", str(TOOL), *arguments], capture_output=True, text=True, env=environment
    )


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    cast = Cast(4, 3)
    bids = [Bid(cast, {HOSTILE: content(5000), "CON.PDF": content((1 << 20) + 1)}), Bid(cast, {"b.pdf": b""})]
    made = Parcel(tmp_path / "package", cast, bids, cast.order(bids))
    made.write()
    return made


def test_quorum_opens_into_a_new_folder(parcel: Parcel, tmp_path: Path) -> None:
    out = tmp_path / "opened"
    assert parcel.run("verify").returncode == 0
    parcel.give_time()
    for holder in parcel.cast.ids[:2]:
        assert parcel.release(holder).returncode == 0
    early = parcel.open(out)
    assert early.returncode == 1
    assert "2 of 3 holders" in early.stdout
    assert not [path for path in out.rglob("*") if path.is_file()]
    assert parcel.open(out).returncode == 1, "an old folder is not written into"
    assert parcel.release(parcel.cast.ids[3]).returncode == 0
    done = parcel.open(tmp_path / "again")
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path / "again" / parcel.bids[0].manifest.root.hex()[:16]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "_.._étude_ prix_CON.PDF": content(5000),
        "_CON.PDF": content((1 << 20) + 1),
    }
    empty = tmp_path / "again" / parcel.bids[1].manifest.root.hex()[:16] / "b.pdf"
    assert empty.read_bytes() == b""


def test_without_the_time_release_nothing_opens(parcel: Parcel, tmp_path: Path) -> None:
    for holder in parcel.cast.ids:
        parcel.release(holder)
    done = parcel.open(tmp_path / "opened")
    assert done.returncode == 1
    assert "time release missing" in done.stdout


def test_one_damaged_bid_stops_no_other(parcel: Parcel, tmp_path: Path) -> None:
    parcel.give_time()
    for holder in parcel.cast.ids[:3]:
        parcel.release(holder)
    file = parcel.folder / "files" / str(parcel.bids[0].entries[0].file)
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    assert parcel.run("verify").returncode == 1
    done = parcel.open(tmp_path / "opened")
    assert done.returncode == 1
    assert (tmp_path / "opened" / parcel.bids[1].manifest.root.hex()[:16] / "b.pdf").exists()
    assert "not the one that was sealed" in done.stdout


def edited(path: Path, **changes: object) -> None:
    path.write_bytes(doc.canonical({**json.loads(path.read_bytes()), **changes}))


DAMAGES: dict[str, Callable[[Parcel], None]] = {
    "unknown version": lambda p: edited(p.folder / "order.json", v=2),
    "unknown type": lambda p: edited(p.folder / "order.json", type="territoires/sealed-bid/release"),
    "other deadline": lambda p: edited(p.folder / "order.json", deadline="2025-01-01T00:00:00Z"),
    "other round": lambda p: edited(p.folder / "order.json", round=2),
    "unknown envelope": lambda p: edited(p.folder / "order.json", envelope="other"),
    "not canonical": lambda p: (p.folder / "order.json").write_bytes(
        (p.folder / "order.json").read_bytes() + b"\n"
    ),
    "other policy": lambda p: edited(next((p.folder / "policies").iterdir()), threshold=2),
    "unknown suite": lambda p: edited(next((p.folder / "policies").iterdir()), suite=3),
    "a block changed": lambda p: edited(next((p.folder / "blocks").iterdir()), commit="0" * 64),
    "a manifest changed": lambda p: edited(next((p.folder / "manifests").iterdir()), rehearsal=True),
    "a block missing": lambda p: next((p.folder / "blocks").iterdir()).unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_altered_packages_are_refused(parcel: Parcel, damage: str) -> None:
    DAMAGES[damage](parcel)
    done = parcel.run("verify")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_receipt_is_compared_with_the_bid(parcel: Parcel) -> None:
    manifest = parcel.bids[0].manifest
    said = {
        "root": manifest.root.hex(),
        "policy": manifest.policy.hex(),
        "files": [{"size": entry.size, "root": entry.root.hex()} for entry in manifest.files],
    }
    receipt = parcel.folder / "receipts" / f"{manifest.root.hex()}.json"
    receipt.parent.mkdir()
    receipt.write_bytes(doc.written("receipt", said))
    assert parcel.run("verify").returncode == 0
    receipt.write_bytes(doc.written("receipt", {**said, "files": said["files"][:1]}))
    assert parcel.run("verify").returncode == 1


def test_release_asks_for_the_right_key(parcel: Parcel, tmp_path: Path) -> None:
    first, second, *_ = parcel.cast.ids
    key, out = str(tmp_path / f"{second}.der"), str(tmp_path / "out.json")
    assert parcel.run("release", "--holder", str(first), "--key", key, "--out", out).returncode == 1
    assert parcel.run("release", "--holder", str(uuid4()), "--key", key, "--out", out).returncode == 1
    assert not Path(out).exists()


def test_release_waits_for_the_deadline(tmp_path: Path) -> None:
    cast = Cast(deadline=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))
    bid = Bid(cast, {"a.pdf": b"a"})
    parcel = Parcel(tmp_path / "package", cast, [bid], cast.order([bid]))
    parcel.write()
    early = parcel.release(cast.ids[0])
    assert early.returncode == 1
    assert "The deadline has not passed" in early.stderr


def test_recovery_code_releases(parcel: Parcel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In process, since the code is asked for without echo on a terminal."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("open_bids", TOOL)
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    holder, secret = parcel.cast.ids[0], b"\5" * 20
    slot = slots.make_slot(
        holder, uuid4(), slots.RECOVERY, secret, suites.private_bytes(parcel.cast.keys[holder])
    )
    (tmp_path / "slot.json").write_bytes(slot.written())
    typed = iter([slots.recovery_code(secret).lower(), slots.recovery_code(b"\6" * 20)])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    arguments = [
        "release",
        str(parcel.folder),
        "--holder",
        str(holder),
        "--slot",
        str(tmp_path / "slot.json"),
    ]
    assert tool.main([*arguments, "--out", str(tmp_path / "release.json")]) == 0
    assert tool.main([*arguments, "--out", str(tmp_path / "other.json")]) == 1


def test_custodian_of_a_block_that_changed_hands_releases_off_line(tmp_path: Path) -> None:
    """Four holders (two needed) handed it over to three others; two of those open, from what they were dealt."""
    old = Cast(4, 2)
    over = Handover(old, followed(old, 3, 2))
    new, [block] = over.new, over.bid.blocks
    parcel = Parcel(tmp_path / "package", new, [over.bid], new.order([over.bid]))
    parcel.write()
    here = f"transfers/{block.context.block}"
    parcel.put(f"policies/{old.policy.hash.hex()}.json", old.policy.written())
    parcel.put(f"{here}/plan.json", over.plan.written())
    for dealing in over.dealings:
        parcel.put(f"{here}/dealings/{dealing.dealer}.json", dealing.written())
    given = over.receptions()
    parcel.put(f"{here}/receptions/{given[0].holder}.json", given[0].written())
    alone = parcel.release(new.ids[2])
    assert "not confirmed by two holders" in alone.stderr
    for one in given:
        parcel.put(f"{here}/receptions/{one.holder}.json", one.written())
    parcel.put("releases/time.json", old.time_release(parcel.order, [block]).written())
    for holder in new.ids[1:]:
        done = parcel.release(holder)
        assert done.returncode == 0, done.stderr
    opened = parcel.open(tmp_path / "opened")
    assert opened.returncode == 0, opened.stdout + opened.stderr
    assert [path.read_bytes() for path in (tmp_path / "opened").rglob("*.pdf")] == [content(10)]
    dealing = over.dealings[0]
    swapped = replace(dealing, cuts=[list(hashes[::-1]) for hashes in dealing.cuts])
    parcel.put(f"{here}/dealings/{dealing.dealer}.json", swapped.written())
    key, out = str(tmp_path / f"{new.ids[0]}.der"), str(tmp_path / "out.json")
    lied = parcel.run("release", "--holder", str(new.ids[0]), "--key", key, "--out", out)
    assert f"{dealing.dealer} dealt wrongly" in lied.stderr


def test_session_key_is_made_for_the_commission(tmp_path: Path) -> None:
    done = run("session", str(tmp_path / "key.pem"))
    assert suites.read_public(1, doc.octets(done.stdout.strip()))
    assert run("session", str(tmp_path / "key.pem")).returncode == 1, "a key is never overwritten"
