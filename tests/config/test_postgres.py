"""The embedded PostgreSQL starts where a folder's name, or a crash, makes it hard."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from territoires.config.postgres import Cluster
from territoires.kernel.errors import Unavailable


def test_a_folder_too_deep_for_a_socket_and_oddly_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / ("x" * 100) / "it's ours, é")
    assert cluster.socket != cluster.root
    cluster.create()
    server = cluster.serve({"fsync": "off"})
    try:
        with psycopg.connect(cluster.url("postgres")) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("owner",)
        assert closed.stat().st_mode & 0o077 == 0
        assert cluster.socket.stat().st_mode & 0o077 == 0
    finally:
        cluster.stop()
        server.wait()
        cluster.remove()


def test_an_unfinished_cluster_is_made_again_and_a_damaged_one_never(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "postgres")
    unfinished = cluster.root / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    cluster.create()
    assert not unfinished.exists()
    control = cluster.data / "global" / "pg_control"
    kept = sorted(path.name for path in cluster.data.iterdir())
    control.unlink()
    cluster.create()
    assert not control.exists() and sorted(path.name for path in cluster.data.iterdir()) == kept


def test_a_number_that_went_to_another_program_is_no_server(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    cluster.data.mkdir()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert not cluster.is_running()


def test_a_socket_folder_made_by_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    cluster = Cluster(tmp_path / ("x" * 100))
    cluster.data.mkdir(parents=True)
    cluster.socket.mkdir()
    cluster.socket.chmod(0o755)
    with pytest.raises(Unavailable, match="socket-folder"):
        cluster.start()


def test_a_full_disk_is_told_as_such(full_disk: Path) -> None:
    with pytest.raises(Unavailable, match="disk-full"):
        Cluster(full_disk / "postgres").create()
