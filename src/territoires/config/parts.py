"""What runs beside the database: web, worker, sequencer, followers; in demonstration the simulators and the front."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connections

from territoires.foundations.journal import api as journal
from territoires.foundations.registry import api as registry
from territoires.foundations.trust import api as trust

from .database import address_as, entry
from .environment import APPLICATION, SEQUENCER, TIME_KEEPER
from .supervisor import Part

SIMULATORS = Path(__file__).resolve().parents[3] / "simulators"
POLLING_SECONDS = 0.5
WEB_PROCESSES, WEB_THREADS = (
    2,
    8,
)  # one process alone is held up by its own interpreter before the machine is busy
WEB_READ_AHEAD = 1024 * 1024
"""Bytes of a body that the server reads while the interpreter works on those before."""
Loop = Callable[[threading.Event], None]


def all_parts() -> list[Part]:
    """The parts that this user runs on this machine, in the order of their start."""
    beside: dict[str, Callable[[], None]] = {
        "worker": worker,
        "sequencer": partial(_loop, "sequencer", SEQUENCER, journal.run_sequencer),
        "followers": partial(_loop, "followers", APPLICATION, journal.run_followers),
        "timekeeper": _time_keeping,
        "opener": partial(_loop, "opener", APPLICATION, _opener),
        "simulators": simulators,
        "front": front,
    }
    return [
        Part("web", web),
        *(Part(name, beside[name]) for name in settings.PARTS if name not in settings.APART),
    ]


def enter_database_as(role: str) -> None:
    """From here on this process has the rights of ``role`` and no more."""
    connections.close_all()
    connections["default"].settings_dict.update(entry(address_as(settings.ENVIRONMENT, role)))


def web() -> None:
    """Granian with a few processes and threads: pages and REST."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings

    enter_database_as(APPLICATION)
    Granian(
        "territoires.config.wsgi:application",
        address=settings.BIND,
        port=settings.ENVIRONMENT.port,
        interface=Interfaces.WSGI,
        workers=WEB_PROCESSES,
        blocking_threads=WEB_THREADS,
        http1_settings=HTTP1Settings(max_buffer_size=WEB_READ_AHEAD),
        log_level="error",  # type: ignore[arg-type]
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()


def worker() -> None:
    """Takes jobs by polling: a notification at each insert would serialise every commit."""
    from procrastinate.contrib.django import app

    enter_database_as(APPLICATION)
    threading.Thread(target=registry.keep_beating, args=("worker", threading.Event()), daemon=True).start()
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as working:
        working.run_worker(
            name="worker",
            listen_notify=False,
            fetch_job_polling_interval=POLLING_SECONDS,
            concurrency=4,
            delete_jobs="successful",
            worker_middleware=[registry.keep_reason],
        )


def simulators() -> None:
    """The outside world, in a process that knows no framework; we vouch for it while it lives."""
    enter_database_as(APPLICATION)
    _ask_the_witness()
    stop = _stop_on_signal()
    command = [sys.executable, "-m", "simulators", "--var", str(settings.ENVIRONMENT.var), "--until-eof"]
    with subprocess.Popen(command, cwd=SIMULATORS.parent, stdin=subprocess.PIPE) as world:
        threading.Thread(target=registry.keep_beating, args=("simulators", stop), daemon=True).start()
        while world.poll() is None and not stop.wait(0.5):
            continue
        world.terminate()


def _ask_the_witness() -> None:
    """As an operator does of another body that witnesses: the simulated one gets the keys of our log."""
    file = settings.ENVIRONMENT.var / "simulators" / "witness" / "logs.txt"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    listed = json.loads(journal.published_log_keys())["keys"]
    file.write_text("".join(f"{one['verifier']}\n" for one in listed if one["last"] is None))


def front() -> None:
    """Takes client certificates on the next port, and hands the requests over to web."""
    from .front.serving import Front, tls_context

    enter_database_as(APPLICATION)
    threading.Thread(target=registry.keep_beating, args=("front", threading.Event()), daemon=True).start()
    environment = settings.ENVIRONMENT
    context = tls_context(trust.server_key_file(_names()), trust.accepted_authorities())
    serving = Front((settings.BIND, environment.port), settings.FRONT_SECRET)
    asyncio.run(serving.serve(settings.BIND, environment.front_port, context))


def timekeeper(arguments: Sequence[str]) -> int:
    """``territoires timekeeper``: the time-keeper alone, for a system user of its own that nothing else runs under."""
    argparse.ArgumentParser(prog="territoires timekeeper", description=timekeeper.__doc__).parse_args(
        arguments
    )
    _time_keeping()
    return 0


def _time_keeping() -> None:
    _loop("timekeeper", TIME_KEEPER, _time_keeper)


def _time_keeper(stop: threading.Event) -> None:
    """Keeps bids closed until their deadline, with keys of its own."""
    from territoires.services.procurement.jobs.time_keeper import run_time_keeper

    run_time_keeper(stop)


def _opener(stop: threading.Event) -> None:
    """Holds the keys of opening sessions in its memory, and nowhere else."""
    from territoires.services.procurement.jobs.opener import run_opener

    run_opener(stop)


def _names() -> list[str]:
    """By which browsers may call this machine."""
    return list(dict.fromkeys([settings.ENVIRONMENT.host, "localhost", "127.0.0.1", "::1"]))


def _loop(name: str, role: str, loop: Loop) -> None:
    enter_database_as(role)
    stop = _stop_on_signal()
    threading.Thread(target=registry.keep_beating, args=(name, stop), daemon=True).start()
    loop(stop)


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
