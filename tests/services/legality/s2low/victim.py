"""A worker to be killed: makes archives, delivers and fetches by both channels, and dies at a chosen point of one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange import channels, parcels
from territoires.foundations.exchange.transports import mailbox
from territoires.kernel.errors import TerritoiresError
from territoires.services.legality import jobs
from territoires.services.legality.queries import envelopes

POINTS = ("leaving", "left", "recorded", "answered", "reading")


def run(code: str, point: str) -> None:
    channel = channels.channel_of(code)
    if point == "leaving":
        channels._channels[code] = replace(channel, deliver=_fatal(channel.deliver, before=True))
    elif point == "left":
        channels._channels[code] = replace(channel, deliver=_fatal(channel.deliver))
    elif point == "reading":
        several = channel.absorb_all and _fatal(channel.absorb_all)
        channels._channels[code] = replace(channel, absorb=_fatal(channel.absorb), absorb_all=several)
    elif point == "recorded":
        record = parcels._record

        def fatal_record(parcel: Any, delivery: Any) -> None:
            record(parcel, delivery)
            if parcel.channel == code:
                _die()

        parcels._record = fatal_record
    elif point == "answered":
        exchange.receive = _fatal_receive(exchange.receive, code)
        mailbox.receive_together = _fatal_receive(mailbox.receive_together, code)
    while True:
        for envelope in envelopes.envelopes_to_make():
            jobs.make(envelope)
        exchange.move_once()
        for one in channels.channels():
            try:
                if one.collect:
                    one.collect()
            except TerritoiresError:
                continue


def _fatal(work: Callable[..., Any], *, before: bool = False) -> Callable[..., Any]:
    def fatal(*arguments: Any) -> Any:
        if not before:
            work(*arguments)
        return _die()

    return fatal


def _fatal_receive(receive: Callable[..., Any], code: str) -> Callable[..., Any]:
    def fatal(**given: Any) -> Any:
        kept = receive(**given)
        return _die() if given["channel"] == code else kept

    return fatal


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
