"""The TLS front as a process of its own, before a platform that writes down what reaches it, with real clients."""

from __future__ import annotations

import asyncio
import base64
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

from territoires.config.front import serving
from territoires.foundations.trust import api as trust
from territoires.foundations.trust.material import _read
from tests.browser import ROOT, START_SECONDS
from tests.waiting import until

pytestmark = pytest.mark.slow

PART = (
    "import django; django.setup();"
    "from territoires.config.parts import all_parts;"
    "next(part for part in all_parts() if part.name == 'front').work()"
)
LARGE = 200 * 1024 * 1024
PIECE = b"\0" * 65536
MOST_GROWTH = 16 * 1024 * 1024


@dataclass
class Platform:
    """Stands where the web server does: ``requests`` holds the fields of each request, ``bodies`` their lengths;
    ``lost`` counts the connections that the front broke."""

    server: ThreadingHTTPServer
    requests: list[dict[str, str]] = field(default_factory=list)
    bodies: list[int] = field(default_factory=list)
    lost: int = 0

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])


class Handler(BaseHTTPRequestHandler):
    """``/early`` answers before it reads, ``/large`` gives 200 MiB, ``/chunked`` pieces, ``/cut`` half of its promise."""

    protocol_version = "HTTP/1.1"
    platform: Platform

    def do_GET(self) -> None:
        self._note()
        match self.path:
            case "/large":
                self._head(200, LARGE)
                for _ in range(LARGE // len(PIECE)):
                    self.wfile.write(PIECE)
            case "/chunked":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            case "/cut":
                self._head(200, 10)
                self.wfile.write(b"half ")
            case "/silent":
                pass
            case _:
                self._head(200, 2)
                self.wfile.write(b"ok")
        self.close_connection = True

    def do_HEAD(self) -> None:
        self._note()
        self._head(200, 1234)

    def do_POST(self) -> None:
        self._note()
        left = 0 if self.path == "/early" else int(self.headers.get("Content-Length", 0))
        read = 0
        while piece := self.rfile.read(min(65536, left - read)):  # nothing: the end, or the client hung up
            read += len(piece)
        self.platform.bodies.append(read)
        self._head(413 if self.path == "/early" else 200, 4)
        self.wfile.write(b"done")
        self.close_connection = True

    def _note(self) -> None:
        self.platform.requests.append({name.lower(): value for name, value in self.headers.items()})

    def _head(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.platform.lost += 1


@pytest.fixture(scope="module")
def standing() -> Iterator[Platform]:
    """A platform on a port whose next one is free."""
    for _ in range(50):
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {}))
        try:
            socket.create_server(("127.0.0.1", server.server_address[1] + 1)).close()
            break
        except OSError:
            server.server_close()
    found = Platform(server)
    server.RequestHandlerClass.platform = found  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def process(standing: Platform) -> Iterator[subprocess.Popen[bytes]]:
    """The part itself, on the keys of this test and without a database to beat in."""
    _read.cache_clear()  # another test may have put other keys in the same folder
    trust.accepted_authorities()  # makes the authority
    environment = {
        **os.environ,
        "TERRITOIRES_PORT": str(standing.port),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    running = subprocess.Popen([sys.executable, "-c", PART], cwd=ROOT, env=environment)

    def listens() -> bool:
        assert running.poll() is None, "the front stopped while starting"
        try:
            socket.create_connection(("127.0.0.1", standing.port + 1), 2).close()
        except OSError:
            return False
        return True

    try:
        until(listens, START_SECONDS)
        yield running
    finally:
        running.kill()
        running.wait()


@pytest.fixture
def platform(standing: Platform, process: object) -> Platform:
    """The platform behind its front, with a clean sheet."""
    standing.requests.clear()
    standing.bodies.clear()
    return standing


@dataclass(frozen=True)
class Identity:
    """A client certificate: ``file`` holds key and chain in PEM."""

    file: Path
    der: bytes


@pytest.fixture
def identity(tmp_path: Path):
    """Has the demonstration authority issue one."""

    def issue(usage: str = "transmitter", until: datetime | None = None) -> Identity:
        p12, password = trust.issue_demonstration_certificate(
            given_names="Anne",
            usual_name="Exemple",
            organisation_name="Commune Exemple",
            siren="213900012",
            usage=usage,  # type: ignore[arg-type]
            until=until,
        )
        opened = pkcs12.load_pkcs12(p12, password.encode())
        assert opened.key and opened.cert
        chain = [opened.cert.certificate, *(one.certificate for one in opened.additional_certs)]
        return kept(tmp_path / f"{usage}.pem", opened.key, chain)

    return issue


def kept(file: Path, key: ec.EllipticCurvePrivateKey, chain: list[x509.Certificate]) -> Identity:
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(content + b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    return Identity(file, chain[0].public_bytes(Encoding.DER))


@pytest.fixture
def self_made(tmp_path: Path) -> Identity:
    """A certificate that its holder issued to herself, in the name of the demonstration's authority."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "Territoires demonstration: issuing authority")]
    )
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(days=1))
    certificate = builder.not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    return kept(tmp_path / "self-made.pem", key, [certificate])


def client_context(identity: Identity | None = None) -> ssl.SSLContext:
    """A client that checks the front's own certificate, under the root that the platform tells."""
    context = ssl.create_default_context(cadata=trust.trust_chain().root_pem.decode())
    if identity:
        context.load_cert_chain(identity.file)
    return context


def connect(port: int, identity: Identity | None = None) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection("localhost", port + 1, context=client_context(identity), timeout=30)


@contextmanager
def raw(port: int, identity: Identity | None = None) -> Iterator[ssl.SSLSocket]:
    """A socket on which anything can be written."""
    plain = socket.create_connection(("127.0.0.1", port + 1), timeout=30)
    with plain, client_context(identity).wrap_socket(plain, server_hostname="localhost") as secure:
        yield secure


def everything(secure: ssl.SSLSocket) -> bytes:
    """What comes until the other side closes."""
    found = b""
    try:
        while piece := secure.recv(65536):
            found += piece
    except OSError:
        pass
    return found


def told(identity: Identity) -> str:
    return f":{base64.b64encode(identity.der).decode()}:"


# -- who presents what ------------------------------------------------------------------------------------------------


def test_without_a_certificate_the_request_passes_without_one(platform):
    connection = connect(platform.port)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"ok")
    [seen] = platform.requests
    assert "client-cert" not in seen
    assert (seen["x-forwarded-proto"], seen["front-secret"]) == ("https", settings.FRONT_SECRET)
    assert seen["host"] == f"localhost:{platform.port + 1}"


def test_the_certificate_presented_is_told(platform, identity):
    anne = identity()
    connection = connect(platform.port, anne)
    connection.request("GET", "/", headers={"Client-Cert": told(identity("seal"))})
    assert connection.getresponse().status == 200
    assert platform.requests[0]["client-cert"] == told(anne)


def test_one_that_expired_a_minute_ago_is_told_and_left_to_the_platform(platform, identity):
    late = identity(until=datetime.now(UTC) - timedelta(minutes=1))
    connection = connect(platform.port, late)
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    assert platform.requests[0]["client-cert"] == told(late)


def test_one_of_an_unknown_authority_does_not_pass(platform, self_made):
    with pytest.raises(OSError), raw(platform.port, self_made) as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        raise ConnectionError if not secure.recv(100) else AssertionError("it was answered")
    assert not platform.requests


def test_one_for_signing_only_does_not_pass(platform, identity):
    with pytest.raises(OSError), raw(platform.port, identity("seal")) as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        raise ConnectionError if not secure.recv(100) else AssertionError("it was answered")
    assert not platform.requests


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is absent: its client was not tried")
def test_openssl_presents_a_certificate_too(platform, identity):
    anne = identity()
    done = subprocess.run(
        [
            "openssl",
            "s_client",
            "-quiet",
            "-connect",
            f"127.0.0.1:{platform.port + 1}",
            "-cert",
            anne.file,
            "-key",
            anne.file,
        ],
        input=b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        capture_output=True,
        timeout=30,
    )
    assert b"HTTP/1.1 200 OK" in done.stdout, done.stderr
    assert platform.requests[0]["client-cert"] == told(anne)


def test_older_tls_is_not_spoken(platform):
    context = client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", platform.port + 1)) as plain:
        context.wrap_socket(plain, server_hostname="localhost")


# -- requests that are not plain --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n", 411),
        (b"Client_Cert: :AAAA:\r\n", 400),
        (b"Front_Secret: x\r\n", 400),
        (b"X: a\r\n Client-Cert: :AAAA:\r\n", 400),
        (b"X: a\nClient-Cert: :AAAA:\r\n", 400),
        (b"Host: other\r\n", 400),
        (b"X: " + b"a" * 40_000 + b"\r\n", 431),
    ],
)
def test_what_is_not_plain_is_answered_and_reaches_nobody(platform, head, status):
    with raw(platform.port) as secure:
        secure.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n0\r\n\r\n")
        answer = everything(secure)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert "rien n'a été fait".encode() in answer
    assert not platform.requests


def test_what_follows_a_body_is_a_request_of_its_own(platform):
    """A request hidden in a body stays in the body."""
    hidden = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\nClient-Cert: :AAAA:\r\n\r\n"
    with raw(platform.port) as secure:
        secure.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden
        )
        secure.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answers = everything(secure)
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert len(platform.requests) == 2
    assert platform.bodies == [len(hidden)]


# -- answers and connections ------------------------------------------------------------------------------------------


def test_a_connection_serves_many_requests(platform):
    connection = connect(platform.port)
    for method, path, body in (
        ("GET", "/", b"ok"),
        ("GET", "/chunked", b"abcde"),
        ("HEAD", "/", b""),
        ("GET", "/", b"ok"),
    ):
        connection.request(method, path)
        opened = connection.sock
        assert connection.getresponse().read() == body
        assert connection.sock is opened
    assert len(platform.requests) == 4


def test_an_answer_that_is_cut_looks_cut(platform):
    connection = connect(platform.port)
    connection.request("GET", "/cut")
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()


def test_a_platform_that_hangs_up_is_said_to(platform):
    connection = connect(platform.port)
    connection.request("GET", "/silent")
    answer = connection.getresponse()
    assert answer.status == 502
    assert "La plateforme ne répond pas" in answer.read().decode()


def test_an_answer_before_the_end_of_the_body_is_read(platform):
    connection = connect(platform.port)
    connection.putrequest("POST", "/early")
    connection.putheader("Content-Length", str(len(PIECE) * 64))
    connection.endheaders()
    for _ in range(64):
        connection.send(PIECE)
    assert connection.getresponse().status == 413


def test_a_client_that_waits_to_be_told_is_told(platform):
    with raw(platform.port) as secure:
        secure.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        assert secure.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        secure.sendall(b"ab")
        assert secure.recv(100).startswith(b"HTTP/1.1 200 OK")
    assert "expect" not in platform.requests[0]


# -- sizes and slowness -----------------------------------------------------------------------------------------------


def test_large_bodies_pass_and_are_not_kept(platform, process):
    before = peak(process.pid)
    connection = connect(platform.port)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(LARGE))
    connection.endheaders()
    for _ in range(LARGE // len(PIECE)):
        connection.send(PIECE)
    assert connection.getresponse().read() == b"done"
    assert platform.bodies == [LARGE]
    connection.request("GET", "/large")
    answer, read = connection.getresponse(), 0
    while piece := answer.read(65536):
        read += len(piece)
    assert read == LARGE
    assert peak(process.pid) - before < MOST_GROWTH


def test_a_client_that_does_not_read_holds_back_the_platform(platform, process):
    """200 MiB are asked for and not read: they wait at the platform, not in the front."""
    before = peak(process.pid)
    with raw(platform.port) as secure:
        secure.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        secure.recv(1000)
        connection = connect(platform.port)
        for _ in range(20):  # others are served meanwhile
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"ok"
    assert peak(process.pid) - before < MOST_GROWTH


def peak(pid: int) -> int:
    """The most memory that a process ever held, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.fixture
def impatient(standing: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A front of this process that waits a quarter of a second and takes three connections; the port before its own."""
    monkeypatch.setattr(serving, "IDLE_SECONDS", 0.25)
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 3)
    names = ["localhost", "127.0.0.1"]
    context = serving.tls_context(trust.server_key_file(names), trust.accepted_authorities())
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    loop = asyncio.new_event_loop()
    front = serving.Front(("127.0.0.1", standing.port), "secret")
    running = loop.create_task(front.serve("127.0.0.1", port, context))
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait({running})), daemon=True)
    thread.start()
    until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
    yield port - 1
    loop.call_soon_threadsafe(running.cancel)
    thread.join(10)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab",
    ],
)
def test_a_slow_client_is_let_go(impatient, sent):
    with raw(impatient) as secure:
        secure.sendall(sent)
        assert everything(secure) == b""


def test_a_client_that_reads_nothing_is_let_go(standing, impatient):
    before = standing.lost
    with raw(impatient) as secure:
        secure.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(lambda: standing.lost > before)
        assert len(everything(secure)) < LARGE


def test_connections_are_counted(impatient):
    with raw(impatient), raw(impatient), raw(impatient), raw(impatient) as fourth:
        assert everything(fourth) == b""
