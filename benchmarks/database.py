"""A database of its own for a measure: durable as in production, migrated, gone at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from territoires.config.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """A migrated database in a new cluster below ``folder``; gives its URL."""
    cluster = Cluster(folder)
    cluster.create()
    cluster.start()
    try:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE territoires")
        url = cluster.url("territoires")
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "TERRITOIRES_VAR": str(folder.parent),
            "DJANGO_SETTINGS_MODULE": "territoires.config.settings",
        }
        migrate = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
        subprocess.run(migrate, env=environment, check=True, cwd=ROOT)
        yield url
    finally:
        cluster.remove()
