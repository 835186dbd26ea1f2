"""When the bus moves: at once after a commit, and every minute for what waits."""

from __future__ import annotations

from procrastinate.contrib.django import app

from territoires.kernel.clock import system_clock

from . import arrivals, collecting, parcels
from .channels import channel_of, channels
from .waking import ABSORB, COLLECT, DELIVER, wake


@app.task(name=DELIVER, pass_context=False)
def deliver(channel: str) -> None:
    """Hands the channel what may leave, and asks it after what is doubtful."""
    found = channel_of(channel)
    parcels.deliver_due(found)
    parcels.enquire_doubtful(found)


@app.task(name=ABSORB, pass_context=False)
def absorb(channel: str) -> None:
    """Has what came by the channel read."""
    arrivals.absorb_waiting(channel_of(channel))


@app.task(name=COLLECT, pass_context=False)
def collect(channel: str) -> None:
    """Fetches what waits outside."""
    collecting.collect_from(channel_of(channel), system_clock())


@app.periodic(cron="* * * * *")
@app.task(name="exchange.tick", queueing_lock="exchange.tick", pass_context=False)
def tick(timestamp: int) -> None:
    """Every minute: whatever waits, in each channel."""
    for channel in channels():
        for task in (DELIVER, ABSORB, COLLECT) if channel.collect else (DELIVER, ABSORB):
            wake(task, channel.code)


def move_once() -> int:
    """All that the worker would do now, here and at once: for tests and measures; answers how many moved."""
    moved = 0
    for channel in channels():
        moved += parcels.deliver_due(channel) + parcels.enquire_doubtful(channel)
        moved += arrivals.absorb_waiting(channel)
    return moved
