"""A generated service passes every contract at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from territoires.config.new_service import make_service
from territoires.kernel.errors import Conflict, Invalid

ROOT = Path(__file__).resolve().parents[2]
NAME = "libraries"
TESTS = (f"tests/services/{NAME}", "tests/routes", "tests/architecture", "tests/accessibility/test_visits.py")


def tool(tree: Path, *command: str) -> None:
    program = str(Path(sys.executable).parent / command[0])
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tree / 'src'}{os.pathsep}{tree}",
        "TERRITOIRES_VAR": str(tree / "var"),
        "TERRITOIRES_TEST_RUN": str(tree / "run"),
        "TERRITOIRES_TEST_CACHE": str(tree / "cache"),
    }
    done = subprocess.run(
        [program, *command[1:]], cwd=tree, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_it_passes_the_contracts_the_linter_the_types_and_its_tests(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    # With what was compiled and typed of them already, where it was: only the new service costs.
    for folder in ("src", "tests", "simulators", ".mypy_cache"):
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, tree / folder)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tree / name)
    (tree / "data").symlink_to(ROOT / "data")
    made = make_service(NAME, tree)
    sources = [str(path) for path in made if path.suffix == ".py"]
    tool(tree, "ruff", "format", "--check", *sources)
    tool(tree, "ruff", "check", *sources)
    tool(tree, "lint-imports")
    tool(tree, "mypy", f"src/territoires/services/{NAME}", f"src/territoires/contracts/{NAME}.py")
    tool(tree, "territoires", "makemigrations", f"t_{NAME}", "--check", "--dry-run")
    # its own tests, those of its routes, templates and translations, and those that look at the tree as a whole
    tool(tree, "pytest", *TESTS, "-k", f"{NAME} or test_source or test_visits or one_french")


@pytest.mark.parametrize("name", ["Libraries", "2x", "class", "a", "é", "../evil", "x" * 40])
def test_a_name_that_no_module_can_bear(name: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="service-name"):
        make_service(name, tmp_path)


def test_a_service_that_is_there_is_not_overwritten() -> None:
    with pytest.raises(Conflict, match="service-exists"):
        make_service("legality", ROOT)
