"""``territoires run``: the whole platform on this machine, in the foreground, until a signal."""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import DatabaseError, connections
from psycopg import sql

from territoires.kernel.errors import Conflict, Unavailable

from . import production
from .parts import all_parts
from .postgres import Cluster
from .preparation import prepare
from .supervisor import Supervisor

DATABASE = "territoires"
READY_SECONDS = 60


def run(arguments: Sequence[str] = ()) -> int:
    """Starts everything, prints where it is, and returns when a signal asked it to stop."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    started = time.monotonic()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # until the supervisor takes over
    with _only_one():
        _check_port(settings.ENVIRONMENT.port)
        if "front" in settings.PARTS:
            _check_port(settings.ENVIRONMENT.front_port)
        server = start_database()
        try:
            production.check(settings)
            prepare(lambda line: print(line, flush=True))
            connections.close_all()
            gc.freeze()  # children share the pages of what is loaded
            supervisor = Supervisor(all_parts(), tick=_keeper(server))
            supervisor.start()
            try:
                _await_health(supervisor)
                _announce(time.monotonic() - started)
            finally:
                supervisor.watch()
        except KeyboardInterrupt:
            pass
        finally:
            connections.close_all()
            if server is not None:
                Cluster(settings.ENVIRONMENT.postgres).stop()
    print("\nStopped; nothing is left running.")
    return 0


def start_database() -> subprocess.Popen[bytes] | None:
    """Starts the embedded PostgreSQL and makes its database; None when an outside one serves."""
    if settings.ENVIRONMENT.database_url:
        return None
    cluster = Cluster(settings.ENVIRONMENT.postgres)
    cluster.create()
    server = cluster.serve()
    make_database(cluster)
    return server


def make_database(cluster: Cluster) -> None:
    """Makes the platform's database in a cluster that answers, when it is not there."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


@contextmanager
def _only_one() -> Iterator[None]:
    """Holds the folder: two platforms on the same data would harm each other."""
    settings.ENVIRONMENT.var.mkdir(parents=True, exist_ok=True)
    with (settings.ENVIRONMENT.var / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "already-running",
                "The platform already runs on the folder %(folder)s.",
                "Stop it first, or give this one another folder and another port: make run VAR=… PORT=….",
                params={"folder": str(settings.ENVIRONMENT.var)},
            ) from None
        os.set_inheritable(lock.fileno(), False)
        yield


def _check_port(port: int) -> None:
    family = socket.AF_INET6 if ":" in settings.BIND else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.BIND, port))
        except OSError as error:
            raise Conflict(
                "port-taken",
                "Port %(port)s cannot be used: %(reason)s.",
                "Stop the program that holds it, or choose a port that is free with the next one: make run PORT=8123.",
                params={"port": port, "reason": (error.strerror or str(error)).lower()},
            ) from None


def _keeper(server: subprocess.Popen[bytes] | None) -> Callable[[], None]:
    """A look at the embedded database that starts it again when it died; the parts reconnect by themselves."""
    watched = server

    def keep() -> None:
        nonlocal watched
        # Asking reaps: a dead server that nobody reaped still holds its lock files in PostgreSQL's eyes.
        if watched is None or watched.poll() is None:
            return
        try:
            watched = Cluster(settings.ENVIRONMENT.postgres).serve()
        except Unavailable as error:  # what it left may still be ending: the next look tries again
            logging.getLogger(__name__).error("database: %s", error)

    return keep


def _await_health(supervisor: Supervisor) -> None:
    address = f"http://{_loopback()}:{settings.ENVIRONMENT.port}/health"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping:
        try:
            with urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            pass
        supervisor.check()
        time.sleep(0.2)
    if not supervisor.stopping:
        print(f"  Some part is not up yet: see {address}", flush=True)


def _loopback() -> str:
    if settings.BIND == "0.0.0.0":  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{settings.BIND}]" if ":" in settings.BIND else settings.BIND


def _announce(seconds: float) -> None:
    print(f"\n{settings.PLATFORM_NAME} runs at {settings.SITE_URL}  (ready in {seconds:.1f} s)")
    if "front" in settings.PARTS:
        print(f"Client certificates are presented at {settings.CERTIFICATE_URL}")
    if settings.ENVIRONMENT.is_demonstration and "demo" in get_commands():
        try:
            call_command("demo", "accounts")
        except DatabaseError:  # it died this very second; the supervisor is about to start it again
            print("  The accounts: territoires demo accounts", flush=True)
        connections.close_all()
    print("Ctrl-C stops all of it; the data stay in", settings.ENVIRONMENT.var, flush=True)
