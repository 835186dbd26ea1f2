"""The policy stands on every answer, and a view widens only what it names."""

from __future__ import annotations

from types import SimpleNamespace

from django.http import HttpResponse
from django.test import RequestFactory

from territoires.ui.security import ContentSecurityPolicyMiddleware, content_security_policy


def answered(view) -> HttpResponse:
    request = RequestFactory().get("/")
    request.resolver_match = SimpleNamespace(func=view)
    return ContentSecurityPolicyMiddleware(view)(request)


def test_policy_is_strict() -> None:
    policy = answered(lambda request: HttpResponse())["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy


def test_island_widens_what_it_names_and_nothing_else() -> None:
    @content_security_policy(worker_src=["'self'"], img_src=["'self'", "blob:"])
    def island(request):
        return HttpResponse()

    policy = answered(island)["Content-Security-Policy"]
    assert "worker-src 'self'" in policy
    assert "img-src 'self' blob:" in policy
    assert "script-src 'self';" in policy


def test_policy_stands_on_a_refused_address(client) -> None:
    assert "default-src 'none'" in client.get("/gallery/nothing-here/")["Content-Security-Policy"]
