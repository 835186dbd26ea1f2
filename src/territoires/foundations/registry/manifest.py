"""How a service announces itself: one value, its ``MANIFEST``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from django.utils.functional import Promise

from territoires.foundations.exchange.api import Channel
from territoires.foundations.journal.api import Subscription
from territoires.foundations.search.api import SearchSource
from territoires.kernel.actor import Actor
from territoires.kernel.fact import Fact

Audience = Literal["agent", "elected", "enterprise", "citizen", "operator"]
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Tile:
    """A door on the public home: label, one sentence, URL name."""

    label: Text
    summary: Text
    url_name: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link at the foot of every page."""

    label: Text
    url_name: str


@dataclass(frozen=True, slots=True)
class BodyDoor:
    """A door on the public page of a body that the service is switched on for; ``url_name`` takes its reference.

    ``stays``: it leads to what was published, and is still shown once the service is switched off.
    """

    label: Text
    summary: Text
    url_name: str
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the agent's navigation: shown when the actor has ``permission`` in the acting organisation.

    ``beside`` names the pages reached through it whose addresses do not lie under its own: there too it is marked.
    ``is_rare``: opened some times a year; it stands behind "More" where the line would be too long.
    """

    label: Text
    url_name: str
    permission: StrEnum
    beside: Sequence[str] = ()
    is_rare: bool = False


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A part that must be up: ``probe`` raises, or returns a sentence of detail."""

    name: str
    label: Text
    probe: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Lack:
    """What is not done without a list that the operator may add, and how it is added."""

    loss: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a service knows of a file from its digest alone: only what is public may be said."""

    title: str
    statement: Text
    url: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """Something that a service has made public, as the home and the page of its body list it."""

    title: str
    kind: str
    body: str
    url: str
    published_at: datetime


Latest = Callable[[Actor, UUID | None, int], Sequence[Publication]]
"""The latest publications that an actor may see, of one body (None: of all), at most so many, latest first."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything that the platform knows of a service without importing it."""

    code: str
    label: Text
    summary: Text
    audiences: Sequence[Audience]
    permissions: type[StrEnum] | None = None
    roles: Mapping[str, Sequence[StrEnum]] = field(default_factory=dict)
    always_on: bool = False
    on_for: Sequence[str] = ()  # kinds of organisations that have it without switching it on
    tiles: Sequence[Tile] = ()
    body_doors: Sequence[BodyDoor] = ()
    footer: Sequence[Link] = ()
    navigation: Sequence[Entry] = ()
    gestures: Sequence[Entry] = ()  # what may be begun from the desk
    public_urls: str | None = None
    agent_urls: str | None = None
    rest: str | None = None
    publishes: Sequence[type[Fact]] = ()
    follows: Sequence[Subscription] = ()
    search: Sequence[SearchSource] = ()
    channels: Sequence[Channel] = ()  # ways to partners, see exchange
    ports: Mapping[type, str] = field(
        default_factory=dict
    )  # those it answers, each by its object's dotted path
    health: Sequence[HealthCheck] = ()
    alarms: Sequence[HealthCheck] = ()  # what waits for the operator: /health tells it and stays 200
    recognise: Callable[[str], Sequence[Recognition]] | None = None  # by SHA-256, hexadecimal
    latest: Latest | None = None
    packs: Sequence[str] = ()  # the lists without which its pages cannot work
    optional_packs: Mapping[str, Lack] = field(
        default_factory=dict
    )  # those that not every installation needs
    demonstration: str | None = None  # dotted function that fills the demonstration, see governance
    help: Text = ""
