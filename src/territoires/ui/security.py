"""One strict policy for every page: no inline script or style, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

Policy = Mapping[str, Sequence[str]]
View = TypeVar("View", bound=Callable[..., HttpResponseBase])

HEADER = "Content-Security-Policy"
POLICY: Policy = MappingProxyType(
    {
        "default-src": ("'none'",),
        "script-src": ("'self'",),
        "style-src": ("'self'",),
        "img-src": ("'self'", "data:"),
        "font-src": ("'self'",),
        "connect-src": ("'self'",),
        "object-src": ("'none'",),
        "base-uri": ("'none'",),
        "form-action": ("'self'",),
        "frame-ancestors": ("'none'",),
    }
)


class ContentSecurityPolicyMiddleware:
    """Adds the policy to each response, with what the view's ``content_security_policy`` mark replaces in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = getattr(request, "resolver_match", None)
        own = getattr(match.func, "content_security_policy", {}) if match else {}
        response.headers.setdefault(HEADER, header({**POLICY, **own}))
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return response


def content_security_policy(**directives: Sequence[str]) -> Callable[[View], View]:
    """Marks a view whose island needs more: ``@content_security_policy(worker_src=["'self'"])``.

    Each directive replaces the platform's own of that name; the others stay.
    """
    own = {name.replace("_", "-"): tuple(sources) for name, sources in directives.items()}

    def mark(view: View) -> View:
        view.content_security_policy = own  # type: ignore[attr-defined]
        return view

    return mark


def header(policy: Policy) -> str:
    """The policy as the header writes it."""
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())
