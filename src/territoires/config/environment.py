"""What an installation is told from outside: environment variables, read once, in one place."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from territoires.kernel.errors import Invalid

DEMONSTRATION = "demonstration"
PRODUCTION = "production"

# The database roles: the owner migrates, the application writes, the sequencer numbers, the time-keeper keeps bids closed.
OWNER = "owner"
APPLICATION = "application"
SEQUENCER = "sequencer"
TIME_KEEPER = "timekeeper"


@dataclass(frozen=True, slots=True)
class Environment:
    """``var`` holds everything that this installation writes; ``mode`` is demonstration or production."""

    var: Path
    mode: str
    port: int
    host: str
    database_url: str | None
    owner_database_url: str | None
    sequencer_database_url: str | None
    time_keeper_database_url: str | None
    operator_packs: Path | None

    @property
    def is_demonstration(self) -> bool:
        return self.mode == DEMONSTRATION

    @property
    def front_port(self) -> int:
        """Where the demonstration's front takes client certificates."""
        return self.port + 1

    @property
    def keys(self) -> Path:
        """Keys live apart from the database and from the files, so that a backup can seal them apart."""
        return self.var / "keys"

    @property
    def files(self) -> Path:
        return self.var / "files"

    @property
    def postgres(self) -> Path:
        """The embedded PostgreSQL's folder; unused when DATABASE_URL names another."""
        return self.var / "postgres"

    @property
    def read_only_mark(self) -> Path:
        """While this file is there the platform shows and does not write: see ``territoires restore``."""
        return self.var / "read-only"

    def outside_database(self, role: str) -> str | None:
        """The address of an outside PostgreSQL for a role; None when the embedded one serves."""
        own = {
            OWNER: self.owner_database_url,
            SEQUENCER: self.sequencer_database_url,
            TIME_KEEPER: self.time_keeper_database_url,
        }.get(role)
        return own or self.database_url


def read_environment() -> Environment:
    """Reads TERRITOIRES_VAR, _MODE, _PORT, _HOST, _PACKS, DATABASE_URL, DATABASE_OWNER_URL,
    DATABASE_SEQUENCER_URL and DATABASE_TIMEKEEPER_URL. Raises Invalid on a mode or a port that does not exist."""
    packs = os.environ.get("TERRITOIRES_PACKS")
    return Environment(
        var=Path(os.environ.get("TERRITOIRES_VAR", "var")).resolve(),
        mode=_mode(os.environ.get("TERRITOIRES_MODE", DEMONSTRATION)),
        port=_port(os.environ.get("TERRITOIRES_PORT", "8000")),
        host=os.environ.get("TERRITOIRES_HOST", "localhost"),
        database_url=os.environ.get("DATABASE_URL"),
        owner_database_url=os.environ.get("DATABASE_OWNER_URL"),
        sequencer_database_url=os.environ.get("DATABASE_SEQUENCER_URL"),
        time_keeper_database_url=os.environ.get("DATABASE_TIMEKEEPER_URL"),
        operator_packs=Path(packs).resolve() if packs else None,
    )


def _mode(given: str) -> str:
    if given in (DEMONSTRATION, PRODUCTION):
        return given
    raise Invalid(
        "unknown-mode",
        "TERRITOIRES_MODE is '%(given)s', which is no mode.",
        "Set it to demonstration or production.",
        params={"given": given},
    )


def _port(given: str) -> int:
    if given.isascii() and given.isdigit() and 0 < int(given) < 65535:
        return int(given)
    raise Invalid(
        "unknown-port",
        "TERRITOIRES_PORT is '%(given)s', which is no port.",
        "Set it to a number from 1 to 65534: the next one takes client certificates.",
        params={"given": given},
    )


def secret(keys: Path, name: str) -> str:
    """A secret of this installation, drawn at first use and kept in its own file (mode 600)."""
    path = keys / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        for folder in (keys.parent, keys):  # what we make is closed to others
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        drawn = secrets.token_urlsafe(48)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(drawn)
        try:
            os.link(draft, path)  # first process wins; the others read its secret
        except FileExistsError:
            return path.read_text().strip()
        finally:
            draft.unlink()
        return drawn
