"""The client of an outside authority, against one played by openssl on a loopback port."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from simulators import time_stamping
from territoires.foundations.trust import api as trust
from territoires.foundations.trust.demonstration import DemonstrationAuthority, Encoding
from territoires.kernel.errors import Unavailable

DIGEST = hashlib.sha256(b"essai").digest()


@pytest.fixture
def outside(settings, tmp_path):
    """The setting, pointed at a server whose answers a test may replace."""
    replaced: dict[str, object] = {}

    class Gate(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, said = time_stamping.answer("POST", "/", self.headers, body)
            status = replaced.get("status", status)
            said = replaced.get("body", said)
            replaced["last"] = said
            self.send_response(status)
            for name, value in {**headers, "Location": "http://127.0.0.1:1/"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *arguments: object) -> None:
            """Silent."""

    roots = tmp_path / "roots.pem"
    roots.write_bytes(time_stamping.answer("GET", "/root.pem", {}, b"")[2])
    with ThreadingHTTPServer(("127.0.0.1", 0), Gate) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.OUTSIDE_TIME_STAMPING = {
            "url": f"http://127.0.0.1:{server.server_port}/",
            "policy": time_stamping.POLICY,
            "roots": roots,
        }
        yield replaced
        server.shutdown()


def test_none_when_none_is_configured(settings) -> None:
    settings.OUTSIDE_TIME_STAMPING = None
    assert trust.outside_time_stamp(DIGEST) is None


def test_a_verified_token(outside) -> None:
    token = trust.outside_time_stamp(DIGEST)
    assert token is not None
    assert DIGEST in token


def test_an_answer_played_again_is_refused(outside) -> None:
    trust.outside_time_stamp(DIGEST)
    outside["body"] = outside["last"]
    with pytest.raises(Unavailable):
        trust.outside_time_stamp(DIGEST)


@pytest.mark.parametrize("status", [302, 500])
def test_neither_a_redirection_nor_an_error_is_followed(outside, status) -> None:
    outside["status"] = status
    with pytest.raises(Unavailable, match=str(status)):
        trust.outside_time_stamp(DIGEST)


@pytest.mark.parametrize("body", [b"", b"0\x03\x02\x01\x02", bytes(300_000)])
def test_what_is_no_answer_is_refused(outside, body) -> None:
    outside["body"] = body
    with pytest.raises(Unavailable):
        trust.outside_time_stamp(DIGEST)


def test_an_authority_under_another_root_is_refused(outside, settings) -> None:
    other = DemonstrationAuthority("other root").certificate.public_bytes(Encoding.PEM)
    settings.OUTSIDE_TIME_STAMPING["roots"].write_bytes(other)
    with pytest.raises(Unavailable):
        trust.outside_time_stamp(DIGEST)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/", "https://", "http://127.0.0.1:1/"])
def test_only_an_address_of_the_web_is_called(settings, tmp_path, url) -> None:
    settings.OUTSIDE_TIME_STAMPING = {"url": url, "policy": "", "roots": tmp_path / "none"}
    with pytest.raises(Unavailable):
        trust.outside_time_stamp(DIGEST)
