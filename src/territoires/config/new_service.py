"""``territoires new service NAME``: a room that passes every contract at once, to be filled."""

from __future__ import annotations

import argparse
import keyword
import re
from collections.abc import Sequence
from pathlib import Path
from string import Template

from territoires.kernel.errors import Conflict, Invalid

TEMPLATE = Path(__file__).with_name("service_template")
SUFFIX = ".txt"
ENABLED = re.compile(r"(ENABLED_SERVICES = \[[^\]]*?),?\s*\]")


def new(arguments: Sequence[str]) -> int:
    """Makes a service in the tree that we stand in, and enables it."""
    parser = argparse.ArgumentParser(prog="territoires new", description="Make a service.")
    parser.add_argument("kind", choices=["service"])
    parser.add_argument("name", help="one lower-case English word, such as libraries")
    given = parser.parse_args(arguments)
    for path in make_service(given.name, Path.cwd()):
        print(f"  {path}")
    print(
        "It is enabled. Now: make check; then, for those who have the platform already:\n"
        f"territoires services activate {given.name} --all."
    )
    return 0


def make_service(name: str, root: Path) -> list[Path]:
    """Writes the service under ``root`` (a checkout); answers the files made, relative to it.

    Raises Invalid on a name that no module can bear, Conflict when the service is there.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]{1,15}", name) or keyword.iskeyword(name):
        raise Invalid(
            "service-name",
            "'%(name)s' cannot name a service.",
            "Take one lower-case English word of at most 16 letters, such as libraries.",
            params={"name": name},
        )
    settings = root / "src" / "territoires" / "config" / "settings.py"
    if not settings.exists():
        raise Invalid(
            "not-a-checkout", "There is no checkout here.", "Run this in the folder of the Makefile."
        )
    homes = {
        "service": root / "src" / "territoires" / "services" / name,
        "contracts": root / "src" / "territoires" / "contracts",
        "tests": root / "tests" / "services" / name,
        "docs": root / "docs" / "services",
    }
    if homes["service"].exists() or (homes["contracts"] / f"{name}.py").exists():
        raise Conflict(
            "service-exists",
            "The service %(name)s is there already.",
            "Choose another name.",
            params={"name": name},
        )
    made = [_write(source, homes, name) for source in sorted(TEMPLATE.rglob(f"*{SUFFIX}"))]
    settings.write_text(ENABLED.sub(rf'\1, "{name}"]', settings.read_text(), count=1))
    return [path.relative_to(root) for path in made]


def _write(source: Path, homes: dict[str, Path], name: str) -> Path:
    home, *inner = source.relative_to(TEMPLATE).parts
    target = homes[home].joinpath(*inner)
    target = Path(str(target).removesuffix(SUFFIX).replace("NAME", name))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(Template(source.read_text()).substitute(name=name, Name=name.capitalize()))
    return target
