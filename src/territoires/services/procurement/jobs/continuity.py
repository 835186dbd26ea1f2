"""Each minute a probe of the deposit path; each night the root of the day; imports and packages when they are ordered."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
import urllib.request
from typing import Any

from django.conf import settings
from django.urls import reverse
from procrastinate.contrib.django import app

from territoires.kernel.actor import system_actor
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict

from ..actions import incidents, packaging, probing, switching
from ..domain.availability import Part
from ..queries import availability
from ..queries.availability import Walked
from ..queries.incidents import lasting

WORKER = "worker"
PROBED_BYTES = 64 * 1024
PATIENCE = 20

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="procurement.probe", queueing_lock="procurement.probe", pass_context=False)
def probe(timestamp: int) -> None:
    """Goes the way of a deposit, through the web server as an enterprise does; what fails is written down as such."""
    minute = system_clock()
    probing.keep_measures(availability.measured(minute, walk_from_outside(os.urandom(PROBED_BYTES))))


@app.periodic(cron="7 0 * * *")
@app.task(name="procurement.seal_days", queueing_lock="procurement.seal_days", pass_context=False)
def seal_days(timestamp: int) -> None:
    """After midnight: the finished days without a root, those of a machine that was off included."""
    for day in list(availability.days_to_seal(system_clock())):
        with contextlib.suppress(Conflict):
            probing.seal_day(actor=system_actor(WORKER), day=day)


@app.periodic(cron="*/5 * * * *")
@app.task(
    name="procurement.follow_incidents", queueing_lock="procurement.follow_incidents", pass_context=False
)
def follow_incidents(timestamp: int) -> None:
    """While an incident lasts, consultations come within its reach."""
    for incident in lasting():
        with contextlib.suppress(Conflict):
            incidents.follow_incident(actor=system_actor(WORKER), incident=incident)


def walk_from_outside(content: bytes) -> list[Walked]:
    """What the web server met, and how long it took to answer; when it does not answer, what the worker meets alone."""
    began = time.monotonic()
    try:
        answer = _asked(content)
        fault = "" if answer["sha256"] == availability.digest_of(content) else "altered"
        walked = [Walked(Part(one["part"]), one["latency_ms"], one["fault"]) for one in answer["walked"]]
    except Exception as error:  # whatever it is, it is what an enterprise meets
        log.warning("procurement: the probe of the web server failed", exc_info=True)
        fault, walked = type(error).__name__[:40], availability.walk(content)
    latency = round((time.monotonic() - began) * 1000)
    return [Walked(Part.WEB, latency, fault), *walked]


def _asked(content: bytes) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - our own address
        settings.SITE_URL.rstrip("/") + reverse("procurement:probe"),
        data=content,
        method="POST",
        headers={
            availability.PROBE_HEADER: availability.probe_token(content),
            "Content-Type": "application/octet-stream",
        },
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - our own address
        return json.loads(answer.read(PROBED_BYTES))  # type: ignore[no-any-return]


@app.task(name=switching.READ, pass_context=False)
def read_import(run: str) -> None:
    """The dry run: every line and file of an import is read, and nothing else is touched."""
    switching.read_whole(run)


@app.task(name=switching.TAKE, pass_context=False)
def take_import(run: str) -> None:
    """Takes an ordered import over."""
    switching.take_whole(run)


@app.periodic(cron="*/5 * * * *")
@app.task(name="procurement.invite_former", queueing_lock="procurement.invite_former", pass_context=False)
def invite_former(timestamp: int) -> None:
    """A few hundred mails at a time, so that none is taken for the one who sends too many."""
    with contextlib.suppress(Conflict):
        switching.invite_former(actor=system_actor(WORKER))


@app.task(name=packaging.READ_BACK, pass_context=False)
def read_package(package: str) -> None:
    """Verifies a package that was brought back, file by file, in bounded memory."""
    packaging.read_back(package)


@app.task(name=packaging.MAKE, pass_context=False)
def make_package(consultation: str) -> None:
    """Makes the package of an ended consultation, in bounded memory, and has it kept."""
    packaging.make_package(consultation)
