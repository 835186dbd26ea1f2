"""The database as Django is told of it: one address, entered under one of three roles."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .environment import Environment
from .postgres import Cluster


def entry(url: str) -> dict[str, Any]:
    """Django's settings of a database from a ``postgresql://`` address."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {**options, "application_name": "territoires"},
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }


def address_as(environment: Environment, role: str) -> str:
    """The address of the installation's database under a role: owner, application or sequencer."""
    return environment.outside_database(role) or Cluster(environment.postgres).url(role=role)
