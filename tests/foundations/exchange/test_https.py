"""What is known when a POST breaks at any moment: real TLS servers on this machine."""

from __future__ import annotations

import email
import email.policy
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from territoires.foundations.exchange.api import Accepted, Doubtful, NotSent, Refused
from territoires.foundations.exchange.transports.https import Timeouts, basic, post_file, request
from territoires.foundations.exchange.transports.tls import ClientIdentity, Trust
from territoires.kernel.errors import Gone

from .certificates import Certificate

QUICK = Timeouts(connect=3, total=3)


@dataclass
class Bytes:
    content: bytes = b"archive" * 10

    @property
    def size(self) -> int:
        return len(self.content)

    def chunks(self) -> Iterator[bytes]:
        yield self.content[:5]
        yield self.content[5:]


@dataclass
class Partner:
    """An HTTPS server: ``status`` is its answer, ``act`` what it does in place of one."""

    url: str = ""
    status: int = 200
    act: object = None
    got: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)


def serve(certificate: Certificate, client_authority: Certificate | None = None):
    partner = Partner()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if partner.act == "refuse-before-reading":
                self.send_response_only(503)
                self.end_headers()
                self.close_connection = True
                return
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:  # an incomplete message is none (RFC 9112, section 8)
                self.close_connection = True
                return
            partner.got.append((self.path, body, dict(self.headers)))
            if partner.act == "hang-up":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            elif partner.act == "silence":
                self.rfile.read(1)
            elif partner.act == "drip":
                try:
                    while True:
                        self.wfile.write(b"X")
                        self.wfile.flush()
                        threading.Event().wait(0.1)
                except OSError:
                    self.close_connection = True
            elif partner.act == "nonsense":
                self.wfile.write(b"what?\r\n\r\n")
                self.close_connection = True
            else:
                self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            self.send_response(partner.status)
            self.send_header("Location", "https://127.0.0.1:1/")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *arguments: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key)
    if client_authority:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_authority.path)

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request, client_address):
            try:
                with context.wrap_socket(request, server_side=True) as line:
                    super().finish_request(line, client_address)
            except OSError:
                pass

        def handle_error(self, request, client_address):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    partner.url = f"https://127.0.0.1:{server.server_port}/deposit?x=1"
    return partner, server


@pytest.fixture
def own(tmp_path) -> Certificate:
    return Certificate(tmp_path, "server")


@pytest.fixture
def partner(own) -> Iterator[Partner]:
    found, server = serve(own)
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def trust(own) -> Trust:
    return Trust(pinned=own.fingerprint)


def post(partner: Partner, trust: Trust, payload: object = None, **options):
    return post_file(
        partner.url, file=payload or Bytes(), name="a.tar.gz", trust=trust, timeouts=QUICK, **options
    )


def test_a_file_arrives_whole_in_one_part(partner, trust):
    assert isinstance(post(partner, trust, headers=basic("ü", "a:b")), Accepted)
    path, body, headers = partner.got[0]
    assert path == "/deposit?x=1"
    assert headers["Authorization"] == "Basic w7w6YTpi"
    form = email.message_from_bytes(
        b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
    )
    (part,) = form.iter_parts()
    assert part.get_filename() == "a.tar.gz"
    assert part.get_payload(decode=True) == b"archive" * 10


def test_a_name_cannot_leave_its_header(partner, trust):
    post_file(partner.url, file=Bytes(), name='a"\r\nX-Evil: 1\r\n.gz', trust=trust, timeouts=QUICK)
    assert b'filename="a%22%0D%0AX-Evil: 1%0D%0A.gz"' in partner.got[0][1]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Accepted),
        (201, Doubtful),
        (302, NotSent),
        (400, Refused),
        (401, NotSent),
        (403, NotSent),
        (404, NotSent),
        (409, Refused),
        (413, Refused),
        (429, NotSent),
        (500, NotSent),
        (502, Doubtful),
        (503, NotSent),
        (504, Doubtful),
    ],
)
def test_each_status_says_what_is_known(partner, trust, status, expected):
    partner.status = status
    assert isinstance(post(partner, trust), expected)
    assert len(partner.got) == 1, "no redirect is followed and nothing is repeated"


def test_the_agreed_status_is_a_setting(partner, trust):
    partner.status = 202
    assert isinstance(post(partner, trust, accepted=frozenset({202})), Accepted)


@pytest.mark.parametrize("act", ["hang-up", "silence", "drip", "nonsense"])
def test_without_an_answer_to_a_whole_request_there_is_a_doubt(partner, trust, act):
    partner.act = act
    found = post_file(partner.url, file=Bytes(), name="a", trust=trust, timeouts=Timeouts(connect=3, total=1))
    assert found == Doubtful("no-answer", found.detail)
    assert len(partner.got) == 1


def test_a_partner_that_refuses_before_it_has_read_everything_has_nothing(partner, trust):
    partner.act = "refuse-before-reading"
    found = post(partner, trust, Bytes(b"x" * 30_000_000))
    assert isinstance(found, NotSent)
    assert found.reason in ("not-available", "cut-short")


def test_nobody_at_the_address_is_not_sent(trust):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = post_file(f"https://127.0.0.1:{port}/", file=Bytes(), name="a", trust=trust, timeouts=QUICK)
    assert (type(found), found.reason) == (NotSent, "unreachable")


def test_a_certificate_that_is_not_the_pinned_one_gets_no_byte(partner, own, tmp_path):
    for other in (Trust(pinned="0" * 64), Trust(), Trust(authorities=Certificate(tmp_path, "other").path)):
        found = post(partner, other)
        assert (type(found), found.reason) == (NotSent, "not-trusted")
    assert not partner.got
    assert isinstance(post(partner, Trust(authorities=own.path)), Accepted)
    assert isinstance(post(partner, Trust(pinned=own.fingerprint.upper())), Accepted)


def test_the_partner_sees_our_certificate_and_refuses_another(own, trust, tmp_path):
    ours, other = Certificate(tmp_path, "ours"), Certificate(tmp_path, "another")
    partner, server = serve(own, client_authority=ours)
    try:
        assert isinstance(post(partner, trust, identity=ClientIdentity(ours.path, ours.key)), Accepted)
        for identity in (None, ClientIdentity(other.path, other.key)):
            found = post(partner, trust, identity=identity)
            assert (type(found), found.reason) == (NotSent, "not-let-in")
        assert len(partner.got) == 1
    finally:
        server.shutdown()
        server.server_close()


def test_our_certificate_that_cannot_be_used_is_said(partner, trust, own, tmp_path):
    ours = Certificate(tmp_path, "ours")
    for identity in (ClientIdentity(tmp_path / "none", ours.key), ClientIdentity(ours.path, own.key)):
        found = post(partner, trust, identity=identity)
        assert (type(found), found.reason) == (NotSent, "our-certificate")


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "file:///etc/passwd", "https://", "https://a:b@127.0.0.1/", "https://127.0.0.1:x/"],
)
def test_only_https_addresses_are_set_up(trust, url):
    found = post_file(url, file=Bytes(), name="a", trust=trust, timeouts=QUICK)
    assert (type(found), found.reason) == (NotSent, "not-configured")


def test_our_file_that_cannot_be_read_is_not_sent(partner, trust):
    class Purged(Bytes):
        def chunks(self):
            yield b"some"
            raise Gone("file-purged", "No longer kept.")

    found = post(partner, trust, Purged())
    assert (type(found), found.reason) == (NotSent, "our-file")
    assert not partner.got


def test_a_page_is_read(partner, trust):
    reply = request("GET", partner.url, trust=trust, timeouts=QUICK)
    assert (reply.status, reply.body) == (200, b"ok")
