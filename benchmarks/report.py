"""How a measure is told: one Markdown table, and the same rows in ``var/bench/<name>.json``."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One promise beside a peer or a limit measured in the same run; ``verdict`` is ``ok`` or ``short``.

    Raises ValueError for a row that leaves something unsaid.
    """

    measure: str
    ours: str
    peer: str
    ratio: str
    target: str
    verdict: Literal["ok", "short"]

    def __post_init__(self) -> None:
        if unsaid := [name for name, value in asdict(self).items() if not value]:
            raise ValueError(f"{self.measure}: {', '.join(unsaid)} not said")


def report(name: str, rows: Sequence[Row]) -> int:
    """Prints and writes; answers the exit status, 1 when a verdict is short."""
    columns = [field.name for field in fields(Row)]
    print(f"| {' | '.join(columns)} |")
    print("|---" * len(columns) + "|")
    for row in rows:
        print(f"| {' | '.join(asdict(row).values())} |")
    folder = Path(os.environ.get("TERRITOIRES_VAR", ROOT / "var")) / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(
        json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1)
    )
    return int(any(row.verdict == "short" for row in rows))
