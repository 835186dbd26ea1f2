"""``python -m benchmarks [NAME]``: runs one measure, or all of them one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENTRY = 'if __name__ == "__main__":'


def names() -> list[str]:
    """The scripts that measure: those that can be run by themselves."""
    scripts = [path for path in HERE.glob("*.py") if not path.name.startswith("__")]
    return sorted(
        path.stem for path in scripts if ENTRY in path.read_text() and not path.stem.endswith("_server")
    )


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(names()):
        print(f"No measure is named {', '.join(sorted(unknown))}. There are: {', '.join(names())}.")
        return 2
    worst = 0
    for name in wanted or names():
        print(f"\n## {name}\n", flush=True)
        worst = max(worst, subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
