"""The addresses of the platform as a flat table, read from the resolver itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, reverse

from territoires.foundations.registry.api import addresses

AGENT = "o/<str:organisation>/"
REST = "api/v1/"


@dataclass(frozen=True)
class Route:
    """``template`` is the address as it is declared; ``view`` what answers there."""

    template: str
    name: str
    view: Any
    arguments: tuple[str, ...]

    @property
    def permission(self) -> str | None:
        return getattr(self.view, "permission", None)

    def at(self, **values: Any) -> str:
        if lost := [name for name in self.arguments if name not in values]:
            raise LookupError(
                f"{self.template}: give {lost} a value in place(), tests/routes/test_agent_pages.py"
            )
        return reverse(self.name, kwargs={name: values[name] for name in self.arguments})

    def __str__(self) -> str:
        return self.template


def routes() -> list[Route]:
    return list(_walk(addresses(), "", ""))


def agent_routes() -> list[Route]:
    return [route for route in routes() if route.template.startswith("o/")]


def public_routes() -> list[Route]:
    """Those that neither an organisation in the address nor a key guards."""
    return [r for r in routes() if not r.template.startswith(("o/", REST))]


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        template = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Route(template, namespace + (pattern.name or ""), pattern.callback, _arguments(template))
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, template, inner)


def _arguments(template: str) -> tuple[str, ...]:
    """The names between angle brackets, of both notations: ``<str:act>`` and ``(?P<act>…)``."""
    return tuple(part.partition(">")[0].rpartition(":")[2] for part in template.split("<")[1:])
