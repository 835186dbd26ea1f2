"""A failure that repeats is seen from another process, with its reason, and vanishes once cured."""

from __future__ import annotations

from django.core.management import call_command

from territoires.foundations.journal import api as journal
from territoires.foundations.journal import checkpoints, failures, loops
from territoires.foundations.journal.api import Subscription
from territoires.kernel.errors import Corrupt

from .book import LetterSent, rows, tamper, write


class Turns:
    """Stands for the event that stops a loop: ends it after some pauses, which it notes instead of waiting."""

    def __init__(self, count: int) -> None:
        self.left, self.pauses = count, []

    def is_set(self) -> bool:
        return not self.left

    def wait(self, pause: float) -> None:
        self.left -= 1
        self.pauses.append(pause)


def test_a_sequencer_that_cannot_seal_is_seen_with_its_reason(book, no_followers, monkeypatch, capsys):
    def full() -> bool:
        raise OSError(28, "No space left on device")

    write(1)
    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "issue", full)
        patched.setattr(loops, "SEAL_EVERY", 0)
        stop = Turns(1)
        loops.run_sequencer(stop)
        assert journal.health().is_well  # once is no alarm
        stop = Turns(2)
        loops.run_sequencer(stop)
    assert stop.pauses == [loops.AFTER_FAILURE] * 2
    found = journal.health()
    assert not found.is_well
    assert [(one.part, one.times, one.reason) for one in found.failures] == [
        ("sequencer", 3, "OSError: [Errno 28] No space left on device")
    ]
    call_command("journal", "status")
    assert "sequencer has failed 3 times since" in capsys.readouterr().out


def test_a_failure_that_stopped_a_minute_ago_is_past_and_counts_anew(book, no_followers):
    for _ in range(2):
        failures.note("sequencer", RuntimeError("old"))
    assert journal.health().failures
    tamper("UPDATE journal_failure SET at = at - interval '2 minutes', since = since - interval '2 minutes'")
    assert journal.health().failures == ()
    failures.note("sequencer", RuntimeError("new"))
    assert rows("SELECT times, reason, since = at FROM journal_failure") == [(1, "RuntimeError: new", True)]


def test_a_follower_that_fails_as_a_whole_is_seen_and_tried_again_after_a_pause(book, no_followers):
    kept = []
    journal.subscribe(Subscription("stuck", [LetterSent.KIND], kept.append))
    entries = write(2)
    journal.sequence_once()
    tamper(("UPDATE journal_entry SET body = '{}' WHERE id = %s", [entries[0]]))
    stop = Turns(2)
    loops.run_followers(stop)
    assert stop.pauses == [loops.AFTER_FAILURE] * 2
    ((part, reason),) = [(one.part, one.reason) for one in journal.health().failures]
    assert part == "stuck"
    assert reason.startswith(f"{Corrupt.__name__}: journal-altered")
    assert kept == []


def test_a_failure_that_cannot_be_kept_stops_nothing(book, no_followers):
    tamper("ALTER TABLE journal_failure RENAME TO elsewhere")
    failures.note("sequencer", RuntimeError("x"))
    write(1)
    assert journal.sequence_once() == 1
