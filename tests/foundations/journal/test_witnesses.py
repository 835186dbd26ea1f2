"""A witness outside cosigns what continues what it saw; one that refuses or is silent is asked again, and told."""

from __future__ import annotations

import dataclasses
import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from territoires.config import doctor
from territoires.foundations.journal import api as journal
from territoires.foundations.journal import checkpoints, jobs, notes, witness, witnesses
from territoires.foundations.journal.note_keys import verifier_key
from territoires.foundations.registry import api as registry
from territoires.foundations.trust import api as trust
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Unavailable
from tests.simulators.conftest import running_ministry  # noqa: F401
from tests.simulators.ministry import Ministry

from .book import let_a_day_pass, rows, tamper, write
from .test_keys import bundle_of, codes, judge, sealed
from .test_verification import altered, rewrite


@dataclasses.dataclass(frozen=True)
class Outside:
    """The simulated witness: its folder, and the address of its control API."""

    folder: Path
    control: str

    @property
    def reached(self) -> dict[str, str]:
        return json.loads((self.folder / "connection.json").read_text())["witnesses"][0]

    def order(self, what: str, **asked: Any) -> None:
        self.call(f"{self.control}/{what}", json.dumps(asked).encode(), "application/json")

    def seen(self) -> dict[str, Any]:
        return json.loads(self.call(f"{self.control}/")[1]).get(journal.log_origin(), {})

    def add(self, body: bytes, place: str = "add-checkpoint") -> tuple[int, bytes, str]:
        return self.call(f"{self.reached['url']}/{place}", body, "text/plain")

    def trust_logs(self, keys: list[str] | None = None) -> None:
        listed = json.loads(journal.published_log_keys())["keys"]
        lines = [one["verifier"] for one in listed] if keys is None else keys
        (self.folder / "logs.txt").write_text("\n".join(lines))

    @staticmethod
    def call(url: str, body: bytes | None = None, media_type: str = "") -> tuple[int, bytes, str]:
        request = urllib.request.Request(url, body, {"Content-Type": media_type} if media_type else {})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read(), refusal.headers["Content-Type"]


@pytest.fixture
def outside(book, running_ministry: Ministry, settings, monkeypatch) -> Iterator[Outside]:  # noqa: F811
    """The witness of the run, which saw nothing yet and trusts our log; it is asked each time."""
    found = Outside(
        running_ministry.folder / "simulators" / "witness",
        f"http://127.0.0.1:{running_ministry.control_port}/witness",
    )
    settings.WITNESSES_CONNECTION = found.folder / "connection.json"
    monkeypatch.setattr(witnesses, "EVERY", timedelta())
    found.order("forget")
    found.order("behaviours/clear")
    found.trust_logs()
    yield found


def cosigned() -> list[int]:
    return [size for (size,) in rows("SELECT checkpoint FROM journal_cosignature ORDER BY 1")]


def the_state() -> journal.WitnessState:
    (state,) = journal.witness_states()
    return state


def note_of(size: int) -> bytes:
    return bytes(rows("SELECT note FROM journal_checkpoint WHERE size = %s", [size])[0][0])


def test_the_witness_follows_the_book_as_it_grows(outside):
    assert witnesses.cosign_due() == 0  # nothing to cosign yet
    for count in (1, 2, 5, 260):
        sealed(count)
        jobs.cosign(timestamp=0)
    assert cosigned() == [1, 3, 8, 268]
    (root,) = rows("SELECT root FROM journal_checkpoint WHERE size = 268")[0]
    assert outside.seen() == {"size": 268, "root": bytes(root).hex()}
    state = the_state()
    assert state == journal.WitnessState(state.name, 268, state.cosigned_at, None, "")
    assert state.cosigned_at is not None
    assert witnesses.cosign_due() == 0  # it has seen all
    assert journal.verify().holds


def test_a_witness_is_not_asked_before_its_time(outside, monkeypatch):
    monkeypatch.setattr(witnesses, "EVERY", timedelta(minutes=10))
    sealed()
    assert witnesses.cosign_due() == 1
    sealed()
    assert witnesses.cosign_due() == 0
    later = system_clock() + timedelta(minutes=11)
    with monkeypatch.context() as patched:
        patched.setattr(witnesses, "system_clock", lambda: later)
        patched.setattr(witnesses, "FARTHEST", timedelta(hours=1))
        assert witnesses.cosign_due() == 1


def test_its_cosignature_stands_in_bundles_and_is_verified(outside, tmp_path):
    entries = sealed()
    sealed()
    witnesses.cosign_due()
    bundle = bundle_of(entries)  # by the second checkpoint: the first has no witness
    status, said = judge(tmp_path, bundle)
    assert (status, "give the key" in said) == (0, True)
    status, said = judge_with(tmp_path, bundle, outside.reached["key"])
    assert (status, "saw this checkpoint at" in said) == (0, True), said


def judge_with(folder: Path, bundle: bytes, witness: str) -> tuple[int, str]:
    judge(folder, bundle)
    command = [sys.executable, "-I", str(journal.verifier_path()), str(folder / "bundle.zip")]
    command += ["--root", str(folder / "root.pem"), "--witness", witness]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_witness_that_knows_more_than_we_noted_is_asked_from_there(outside):
    """Its answer was lost: it remembers the size, we do not."""
    sealed(3)
    outside.order("behaviours", reception="cut")
    assert witnesses.cosign_due() == 0
    assert (outside.seen()["size"], cosigned()) == (3, [])
    sealed(2)
    assert witnesses.cosign_due() == 1
    assert (cosigned(), the_state().reason) == ([5], "")


def test_the_same_checkpoint_is_cosigned_again_when_the_answer_was_lost(outside):
    sealed(3)
    outside.order("behaviours", reception="cut")
    assert witnesses.cosign_due() == 0
    assert witnesses.cosign_due() == 1
    assert cosigned() == [3]


def test_a_fork_is_refused_by_the_witness_and_told_at_once(outside, settings):
    sealed(200)
    witnesses.cosign_due()
    rewrite(altered, heads=True)
    tamper("DELETE FROM journal_cosignature")
    witness.path().unlink()
    assert witnesses.cosign_due() == 0  # the same size, another root
    assert the_state().saw_a_fork
    sealed(7)
    assert witnesses.cosign_due() == 0  # a longer book that does not continue it
    assert outside.seen()["size"] == 200
    state = the_state()
    assert (state.saw_a_fork, state.needs_somebody, cosigned()) == (True, True, [])
    assert "200 facts that this book of 207 facts does not continue" in registry.alarms()["witnesses"]
    (said, remedy), *_ = doctor.witnesses()
    assert "another history" in said and "journal verify" in remedy


def test_a_book_cut_behind_what_the_witness_saw_is_told(outside):
    sealed(4)
    witnesses.cosign_due()
    body = witnesses.request(0, 9, unsealed_note(9))
    assert outside.add(body)[0] == 409
    outside.order("forget")
    assert outside.add(body)[0] == 200  # what another copy of our key signed
    sealed()
    assert witnesses.cosign_due() == 0
    assert the_state().saw_a_fork


def unsealed_note(size: int) -> bytes:
    return notes.sign(size, b"\1" * 32)


def test_an_unreachable_witness_is_tried_again_and_told(outside, settings, tmp_path, capsys):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    reached = outside.reached
    settings.WITNESSES_CONNECTION = tmp_path / "witnesses.json"
    settings.WITNESSES_CONNECTION.write_text(
        json.dumps({"witnesses": [{**reached, "url": f"http://127.0.0.1:{port}"}]})
    )
    sealed()
    assert witnesses.cosign_due() == 0
    assert "Connection refused" in the_state().reason
    assert registry.alarms().get("witnesses") is None  # a moment is no alarm
    settings.WITNESSED_WITHIN = timedelta()
    assert "Connection refused" in registry.alarms()["witnesses"]
    ((said, _),) = doctor.witnesses()
    assert "has cosigned nothing since" in said
    call_command("journal", "status")
    assert "has cosigned 0 facts. Unavailable: witness-refuses" in capsys.readouterr().out
    assert not journal.health().failures  # told apart from what stops the platform
    settings.WITNESSES_CONNECTION = outside.folder / "connection.json"
    assert witnesses.cosign_due() == 1
    assert (list(doctor.witnesses()), the_state().reason) == ([], "")
    assert "witnesses" not in registry.alarms()


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"status": 503}, "HTTP 503"),
        ({"status": 302}, "HTTP 302"),
        ({"reception": "lost"}, "gave no cosignature"),
        ({"form": "forged"}, "no cosignature by its key"),
        ({"form": "stranger"}, "no cosignature by its key"),
        ({"form": "late"}, "more than one minute"),
    ],
)
def test_an_answer_that_proves_nothing_is_not_kept_and_asked_again(outside, asked, reason):
    sealed()
    outside.order("behaviours", **asked)
    assert (witnesses.cosign_due(), cosigned()) == (0, [])
    assert reason in the_state().reason
    assert witnesses.cosign_due() == 1


def test_a_log_that_the_witness_does_not_know_is_told(outside):
    sealed()
    (outside.folder / "logs.txt").unlink()
    witnesses.cosign_due()
    assert "HTTP 404" in the_state().reason
    outside.trust_logs([notes_key(b"\2" * 32)])
    witnesses.cosign_due()
    assert "HTTP 403" in the_state().reason
    outside.trust_logs()
    assert witnesses.cosign_due() == 1


def notes_key(public: bytes) -> str:
    return verifier_key(journal.log_origin(), public)


def test_the_witness_answers_as_the_protocol_says(outside):
    sealed(5)
    note = note_of(5)
    assert outside.add(witnesses.request(0, 5, note), "elsewhere")[0] == 404
    assert outside.add(b"old x\n\n" + note)[0] == 400
    assert outside.add(b"old 6\n\n" + note)[0] == 400
    assert outside.add(b"old 0\n" + b"AAAA\n" * 64 + b"\n" + note)[0] == 400
    assert outside.add(b"old 0\n" + b"A" * 43 + b"=\n\n" + note)[0] == 422  # a proof from nothing is empty
    assert outside.add(b"old 0\n\n" + note)[0] == 200
    status, body, media_type = outside.add(b"old 0\n\n" + note)
    assert (status, body, media_type) == (409, b"5\n", "text/x.tlog.size")
    sealed(3)
    right = witnesses.request(5, 8, note_of(8))
    wrong = right.replace(right.split(b"\n")[1], b"A" * 43 + b"=")
    assert outside.add(wrong)[0] == 422
    assert outside.add(right)[0] == 200
    assert outside.seen()["size"] == 8


def test_two_submissions_at_once_leave_the_longer(outside):
    """The check and the record are one stroke: of two that start from the same size, one is told 409."""
    for _ in range(3):
        sealed()
    bodies = [witnesses.request(0, size, note_of(size)) for size in (1, 2, 3)] * 4
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda one=one: statuses.append(outside.add(one)[0])) for one in bodies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 11


def test_a_cosignature_that_was_changed_is_found_and_nobody_deletes_one(outside):
    sealed()
    witnesses.cosign_due()
    tamper("UPDATE journal_cosignature SET line = replace(line, '=', '') || 'x'")
    assert codes() == ["cosignature"]
    with pytest.raises(Exception, match="insert only"):
        rows("DELETE FROM journal_cosignature RETURNING 1")


def test_a_cosigned_checkpoint_is_not_thinned(outside):
    for _ in range(3):
        sealed()
        witnesses.cosign_due()
    let_a_day_pass()
    assert checkpoints.thin() == 0


@pytest.mark.parametrize(
    "said",
    ["{", "{}", '{"witnesses": [{"url": "https://a"}]}', '{"witnesses": [{"url": "", "key": "a+b+c"}]}'],
)
def test_a_file_of_witnesses_that_cannot_be_read_is_said(book, settings, tmp_path, said):
    settings.WITNESSES_CONNECTION = tmp_path / "witnesses.json"
    settings.WITNESSES_CONNECTION.write_text(said)
    write()
    journal.sequence_once()
    with pytest.raises(Unavailable, match=r"witnesses\.json, cannot be used"):
        witnesses.cosign_due()
    assert trust.log_keys()  # and the book goes on
