"""``territoires journal``: the book checked whole or described in sentences, and the keys that sign it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from territoires.foundations.journal import keys
from territoires.foundations.journal.health import health
from territoires.foundations.journal.verification import WORDS, verify
from territoires.foundations.journal.witnesses import witness_states


class Command(BaseCommand):
    help = (
        "Verifies the journal against its witness (verify), says how it is doing (status), lists the keys that sign it"
        " (keys), announces the next (announce-key) or retires the oldest (retire-key)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify", "status", "keys", "announce-key", "retire-key"])
        parser.add_argument("--witness", type=Path, help="a file of checkpoints kept elsewhere")
        parser.add_argument("--at-once", action="store_true", help="retire a key that was lost")

    def handle(
        self, *args: Any, what: str, witness: Path | None = None, at_once: bool = False, **options: Any
    ) -> None:
        match what:
            case "verify":
                self._verify(witness)
            case "status":
                self._status()
            case "keys":
                self.stdout.write(keys.published_log_keys().decode())
            case "announce-key":
                self._announce()
            case "retire-key":
                self._retire(at_once)

    def _announce(self) -> None:
        found = keys.announce_key()
        self.stdout.write(
            f"The key {found.fingerprint} of {found.origin} is announced: it signs beside the other one from now on."
            " Publish the new list (territoires journal keys), give its verifier to the witnesses; when everybody may know"
            " it, retire the older key."
        )

    def _retire(self, at_once: bool) -> None:
        found = keys.retire_key(at_once=at_once)
        self.stdout.write(
            f"The key {found.fingerprint} of {found.origin} is retired: it signs nothing more. Publish the new list"
            " (territoires journal keys), then destroy the private key: its .key file, here and on every machine."
        )

    def _verify(self, witness: Path | None) -> None:
        if witness is not None and not witness.is_file():
            raise CommandError(f"There is no file {witness}; nothing was verified.", returncode=2)
        report = verify(witness)
        for finding in report.findings:
            self.stdout.write(f"{WORDS[finding.code]} ({finding.code}: {finding.detail})")
        read = (
            f"{report.size} facts, {report.checkpoints} checkpoints and {report.kept} kept outside were read"
        )
        if not report.holds:
            raise CommandError(
                f"The journal is not as it was written; {read} in {report.seconds:.1f} s. Let nobody write, keep a"
                " copy of the disk, and call the operator.",
                returncode=8,
            )
        self.stdout.write(
            f"The journal is as it was written: {read} in {report.seconds:.1f} s. Root {report.root.hex()}."
        )
        if report.pending:
            self.stdout.write(f"{report.pending} facts still wait for their number.")

    def _status(self) -> None:
        found = health()
        sealed_at = f", the last at {found.sealed_at:%Y-%m-%d %H:%M:%S} UTC" if found.sealed_at else ""
        self.stdout.write(f"{found.size} facts are numbered and {found.sealed} sealed{sealed_at}.")
        for follower, lag in sorted(found.lag.items()):
            self.stdout.write(f"{follower} has {lag} facts to read.")
        self.stdout.write(f"{found.dead_letters} facts wait for an operator.")
        for witness in witness_states():
            self.stdout.write(f"{witness.name} has cosigned {witness.size} facts. {witness.reason}".rstrip())
        for failure in found.failures:
            self.stdout.write(
                f"{failure.part} has failed {failure.times} times since {failure.since:%H:%M:%S} UTC: {failure.reason}"
            )
        if found.quarantined:
            raise CommandError(
                f"{found.quarantined} facts that the platform did not write are in quarantine.", returncode=8
            )
        if found.is_late:
            raise CommandError(
                "A fact has waited for its seal for more than a minute: start the sequencer.", returncode=7
            )
