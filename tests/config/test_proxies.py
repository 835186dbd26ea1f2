"""The configurations of ``deploy/`` in HAProxy and Caddy themselves, before a platform that writes down what reaches it.

Only addresses and files are put in their place; everything else is tried as it is shipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from territoires.foundations.trust import api as trust
from territoires.foundations.trust.material import _read
from tests.browser import ROOT
from tests.waiting import until

from .test_front import Identity, Platform, connect, everything, identity, raw, self_made, standing, told

__all__ = ["identity", "self_made", "standing"]

pytestmark = pytest.mark.slow

SECRET = "a secret that the proxy shares with the platform"
ADDRESS = "203.0.113.7"


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs; ``port`` is the one before its own, as for the demonstration's front."""

    name: str
    port: int
    platform: Platform


@pytest.fixture(scope="module", params=["haproxy", "caddy"])
def running(
    request: pytest.FixtureRequest, standing: Platform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is absent: its configuration was not tried (apt install {name})")
    _read.cache_clear()  # another test may have put other keys in the same folder
    folder, port = tmp_path_factory.mktemp(name), standing.port + 1
    site = folder / "site.pem"
    site.write_bytes(Path(trust.server_key_file(["localhost", "127.0.0.1"])).read_bytes())
    (folder / "authorities.pem").write_bytes(trust.accepted_authorities())
    command = COMMANDS[name](folder, port, standing.port)
    # Caddy keeps what it makes in the home of its user.
    surroundings = {**os.environ, "FRONT_SECRET": SECRET, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=surroundings, stdout=log, stderr=log)
        try:

            def listens() -> bool:
                assert process.poll() is None, (folder / "log").read_text()
                with socket.socket() as probe:
                    return probe.connect_ex(("127.0.0.1", port)) == 0

            until(listens)
            yield Proxy(name, port - 1, standing)
        finally:
            process.terminate()
            process.wait(20)


def haproxy(folder: Path, port: int, platform: int) -> list[str]:
    written = shipped(
        "haproxy.cfg",
        {
            "bind :8443": f"bind 127.0.0.1:{port}",
            "/etc/haproxy": str(folder),
            "127.0.0.1:8000": f"127.0.0.1:{platform}",
        },
    )
    (folder / "haproxy.cfg").write_text(written)
    return ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


def caddy(folder: Path, port: int, platform: int) -> list[str]:
    """Caddy would ask a public authority for the certificate of the site: it is given the one of the test."""
    site = folder / "site.pem"
    written = shipped(
        "certificates.Caddyfile",
        {
            "services.example.fr:8443": f"https://localhost:{port}",
            "\ttls {": f"\ttls {site} {site} {{",
            "/etc/caddy": str(folder),
            "127.0.0.1:8000": f"127.0.0.1:{platform}",
        },
    )
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + written)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


COMMANDS: dict[str, Callable[[Path, int, int], list[str]]] = {"haproxy": haproxy, "caddy": caddy}


def shipped(name: str, places: dict[str, str]) -> str:
    """A configuration of ``deploy/`` with its addresses and files replaced."""
    text = (ROOT / "deploy" / name).read_text()
    for place, found in places.items():
        assert place in text
        text = text.replace(place, found)
    return text


@pytest.fixture
def proxy(running: Proxy) -> Proxy:
    """With a clean sheet."""
    running.platform.requests.clear()
    return running


def get(proxy: Proxy, presented: Identity | None = None, **fields: str) -> int:
    connection = connect(proxy.port, presented)
    connection.request("GET", "/", headers=fields)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_without_a_certificate_the_request_passes_without_one(proxy):
    assert get(proxy) == 200
    [seen] = proxy.platform.requests
    assert "client-cert" not in seen
    assert (seen["front-secret"], seen["x-forwarded-proto"]) == (SECRET, "https")
    assert seen["host"] == f"localhost:{proxy.port + 1}"


def test_the_certificate_presented_is_told(proxy, identity):
    anne = identity()
    assert get(proxy, anne) == 200
    assert proxy.platform.requests[0]["client-cert"] == told(anne)


@pytest.mark.parametrize("presents", [True, False], ids=["with its own", "without one"])
def test_what_a_client_makes_up_does_not_pass(proxy, identity, presents):
    """In the case of letters that readers take for the same, and however often."""
    made_up = told(identity("seal"))
    anne = identity() if presents else None
    head = [
        f"Client-Cert: {made_up}",
        f"client-cert: {made_up}",
        "Client-Cert-Chain: :AAAA:",
        "Front-Secret: made up",
        "X-Forwarded-Proto: http",
        f"X-Forwarded-For: {ADDRESS}",
        "X-Forwarded-Host: elsewhere.example",
        f"Forwarded: for={ADDRESS}",
    ]
    with raw(proxy.port, anne) as secure:
        lines = ["GET / HTTP/1.1", f"Host: localhost:{proxy.port + 1}", "Connection: close", *head, "", ""]
        secure.sendall("\r\n".join(lines).encode())
        assert everything(secure).startswith(b"HTTP/1.1 200")
    [seen] = proxy.platform.requests
    assert seen.get("client-cert") == (told(anne) if anne else None)
    assert (seen["front-secret"], seen["x-forwarded-proto"]) == (SECRET, "https")
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert not {"client-cert-chain", "forwarded"} & set(seen)
    assert seen.get("x-forwarded-host") in (None, f"localhost:{proxy.port + 1}")


@pytest.mark.parametrize("field", ["Client_Cert", "Front_Secret", "X_Forwarded_Proto", "X-Forwarded_For"])
def test_a_spelling_that_a_gateway_reads_as_the_same_does_not_pass(proxy, field):
    """HAProxy refuses it, Caddy removes it."""
    status = get(proxy, **{field: "made up"})
    assert status == {"haproxy": 403, "caddy": 200}[proxy.name]
    for seen in proxy.platform.requests:
        assert "made up" not in seen.values()


def test_one_that_expired_a_minute_ago(proxy, identity):
    """HAProxy leaves it to the platform, which says it in words; Caddy ends the connection."""
    late = identity(until=datetime.now(UTC) - timedelta(minutes=1))
    if proxy.name == "haproxy":
        assert get(proxy, late) == 200
        assert proxy.platform.requests[0]["client-cert"] == told(late)
    else:
        refused(proxy, late)


def test_one_of_an_unknown_authority_or_for_signing_only_does_not_pass(proxy, identity, self_made):
    refused(proxy, self_made)
    refused(proxy, identity("seal"))


def refused(proxy: Proxy, presented: Identity) -> None:
    with pytest.raises(OSError):
        get(proxy, presented)
    assert not proxy.platform.requests
