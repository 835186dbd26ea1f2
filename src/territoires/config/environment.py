"""What an installation is told from outside: environment variables, read once, in one place."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

DEMONSTRATION = "demonstration"
PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Environment:
    """``var`` holds everything that this installation writes; ``mode`` is demonstration or production."""

    var: Path
    mode: str
    port: int
    host: str
    database_url: str | None
    operator_packs: Path | None

    @property
    def is_demonstration(self) -> bool:
        return self.mode == DEMONSTRATION

    @property
    def keys(self) -> Path:
        """Keys live apart from the database and from the files, so that a backup can seal them apart."""
        return self.var / "keys"

    @property
    def files(self) -> Path:
        return self.var / "files"


def read_environment() -> Environment:
    """Reads TERRITOIRES_VAR, _MODE, _PORT, _HOST, _PACKS and DATABASE_URL."""
    packs = os.environ.get("TERRITOIRES_PACKS")
    return Environment(
        var=Path(os.environ.get("TERRITOIRES_VAR", "var")).resolve(),
        mode=os.environ.get("TERRITOIRES_MODE", DEMONSTRATION),
        port=int(os.environ.get("TERRITOIRES_PORT", "8000")),
        host=os.environ.get("TERRITOIRES_HOST", "localhost"),
        database_url=os.environ.get("DATABASE_URL"),
        operator_packs=Path(packs).resolve() if packs else None,
    )


def secret(keys: Path, name: str) -> str:
    """A secret of this installation, drawn at first use and kept in its own file (mode 600)."""
    path = keys / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
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
