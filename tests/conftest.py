"""What every test stands on: a real PostgreSQL of its own, cloned from a template keyed by the migrations."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

pytest_plugins = ["tests.browser", "tests.victims"]

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("TERRITOIRES_TEST_CACHE", ROOT / "var" / "test-cache"))
# One folder for the run, shared by the workers of xdist, which inherit the environment.
if "TERRITOIRES_TEST_RUN" not in os.environ:
    os.environ["TERRITOIRES_TEST_RUN"] = tempfile.mkdtemp(prefix="territoires-test-")
RUN = Path(os.environ["TERRITOIRES_TEST_RUN"])
# Before anything reads the settings: neither the data nor the settings of an installation are those of a test.
for _name in [name for name in os.environ if name.startswith(("TERRITOIRES_", "DATABASE_"))]:
    if not _name.startswith("TERRITOIRES_TEST_"):
        del os.environ[_name]
os.environ["TERRITOIRES_VAR"] = str(RUN / os.environ.get("PYTEST_XDIST_WORKER", "main"))
SETTINGS = os.environ["DJANGO_SETTINGS_MODULE"] = "territoires.config.settings"

import django  # noqa: E402
import hypothesis  # noqa: E402
import psycopg  # noqa: E402
import pytest  # noqa: E402

django.setup()

from territoires.config.postgres import Cluster, binaries  # noqa: E402
from territoires.kernel.ids import new_id  # noqa: E402

SHARED = ROOT.parent / "shared"
# Folders and modules whose trials share what is made in many seconds: a platform, an installation, compiled rules.
TOGETHER = (
    "tests/accessibility/",
    "tests/journeys/",
    "tests/services/procurement/notices/",
    "tests/config/test_outside_database.py",
    "tests/config/test_restore.py",
    "tests/config/test_running.py",
    "tests/services/legality/embed/test_other_site.py",
)
# Durability is not what most tests are about; crash tests start clusters of their own.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
TEMPLATE = "template_territoires"


# A machine that is busy elsewhere is no fault of the code: no example is timed.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    _list_static_files_once()
    if not hasattr(config, "workerinput"):
        os.environ["TERRITOIRES_TEST_CLUSTER"] = str(RUN / "postgres")


def _list_static_files_once() -> None:
    """Each client of the tests loads the middleware anew, which would look for every static file again."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    found: dict[str, Any] = {}
    look = WhiteNoiseMiddleware.add_files_from_finders

    def add_files(self: WhiteNoiseMiddleware) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files.update(found)

    WhiteNoiseMiddleware.add_files_from_finders = add_files


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """A worker that inherits it would read the settings before this file gives it a folder of its own."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Trials that share what takes long to start stay with one worker and go first: it is made once, and none waits.

    (``--dist loadgroup`` would do it; this version of xdist does not name groups to this version of pytest.)
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((room for room in TOGETHER if nodeid.startswith(room)), nodeid)

    return Together(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        Cluster(RUN / "postgres").stop()
        shutil.rmtree(RUN, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks as ``unit`` what asks for neither database nor browser; a browser's test has a second try.

    A second try is named at the end of the run ("R"): it tells a slow machine from a fault, and hides neither.
    """
    needs = {"db", "cluster", "live_server", "page", "running_ministry", "partner"}
    for item in items:
        if "judge" in getattr(
            item, "fixturenames", ()
        ):  # the official rules of notices, compiled in seconds each
            item.add_marker(pytest.mark.slow)
        if not item.get_closest_marker("django_db") and not needs & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.unit)
        elif item.get_closest_marker("browser") and not item.get_closest_marker("flaky"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The run's cluster, with the migrated template in it."""
    found = Cluster(Path(os.environ["TERRITOIRES_TEST_CLUSTER"]))
    with FileLock(RUN / "lock"):
        if not found.data.exists():
            _template_cluster().copy_to(found)
        found.start(FAST)
    return found


@pytest.fixture(scope="session")
def django_db_setup(cluster: Cluster, django_db_blocker) -> Iterator[None]:
    """One database a worker, cloned from the template (0.2 s) in place of migrating (many seconds)."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    clone_template(cluster, name)
    with django_db_blocker.unblock():
        _point_django_at(cluster, name)
        yield


@pytest.fixture
def live_database(cluster: Cluster, django_db_setup, django_db_blocker) -> Iterator[str]:
    """A database of its own for a test that commits: threads, processes, sequencer, web server. Gives its URL.

    Never use ``transactional_db``: its flush truncates, which the journal refuses.
    """
    with living_database(cluster, django_db_blocker) as url:
        yield url


@contextmanager
def living_database(cluster: Cluster, blocker: Any) -> Iterator[str]:
    """A database that Django is pointed at for a while, and a witness of its own.

    The journal rightly refuses to go on from the witness of another database.
    """
    from django.db import connections

    from territoires.foundations.journal import witness

    witness.path().unlink(missing_ok=True)
    name = f"live_{new_id().hex}"
    before = connections["default"].settings_dict["NAME"]
    clone_template(cluster, name)
    with blocker.unblock():
        _point_django_at(cluster, name)
        try:
            yield cluster.url(name)
        finally:
            _point_django_at(cluster, before)
            witness.path().unlink(missing_ok=True)
    execute(cluster, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def shared_data() -> Path:
    """The folder of official schemas and samples; tests that need it are skipped, and say so, without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("shared/data is absent: official schemas and samples not checked")
    return SHARED / "data"


def _point_django_at(cluster: Cluster, name: str) -> None:
    from django.db import connections

    connections["default"].close()
    connections["default"].settings_dict.update(
        NAME=name, HOST=str(cluster.socket), USER="owner", CONN_MAX_AGE=0
    )


def clone_template(cluster: Cluster, name: str) -> None:
    """Makes the database ``name`` with the migrated schema, empty, in place of one that had that name."""
    execute(cluster, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    execute(cluster, f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')


def execute(cluster: Cluster, statement: str) -> None:
    """Runs one statement as the cluster's owner, outside of any database of the tests."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(statement)


def _template_cluster() -> Cluster:
    """A stopped cluster with the migrated template, made once for each state of the migrations."""
    template = Cluster(CACHE / f"postgres-{_migrations_key()}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "lock"):
        if not (template.root / "ready").exists():
            for old in CACHE.glob("postgres-*"):
                if old != template.root and _age_in_hours(old) > 2:
                    shutil.rmtree(old, ignore_errors=True)
            template.remove()
            _migrate(template)
            (template.root / "ready").touch()
    return template


def _migrate(template: Cluster) -> None:
    template.create()
    template.start(FAST)
    execute(template, f"CREATE DATABASE {TEMPLATE}")
    environment = {**os.environ, "DATABASE_URL": template.url(TEMPLATE), "DJANGO_SETTINGS_MODULE": SETTINGS}
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--skip-checks"],
        env=environment,
        check=True,
        cwd=ROOT,
    )
    template.stop()


def _migrations_key() -> str:
    digest = hashlib.sha256(str(binaries()).encode())
    source = ROOT / "src" / "territoires"
    for path in sorted([*source.glob("*/*/migrations/*.py"), *source.glob("*/*/migrations/*.sql")]):
        digest.update(path.name.encode() + path.read_bytes())
    digest.update((source / "config" / "settings.py").read_bytes())
    return digest.hexdigest()[:16]


def _age_in_hours(path: Path) -> float:
    return (time.time() - path.stat().st_mtime) / 3600


class FileLock:
    """A lock between processes, by a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self.path.open("w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *exc: object) -> None:
        self.file.close()
