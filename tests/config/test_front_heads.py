"""Heads of requests and answers: what could be read in two ways is refused, and a client never speaks as the front."""

from __future__ import annotations

import pytest

from territoires.config.front.heads import (
    Refused,
    forwarded,
    handed_over,
    read_answer,
    read_request,
    refusal,
)

SECRET = "the secret"


def request(*fields: str, start: str = "GET / HTTP/1.1", host: str | None = "localhost:8001") -> bytes:
    lines = [start, *([f"Host: {host}"] if host is not None else []), *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def passed_on(*fields: str, certificate: bytes | None = None) -> list[str]:
    """The lines that the platform receives."""
    head = forwarded(read_request(request(*fields)), secret=SECRET, certificate=certificate)
    return head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")


def test_a_plain_request_is_handed_over_with_what_was_proved():
    assert passed_on("Accept: text/html", "Cookie: a=b", certificate=b"\x30\x00") == [
        "GET / HTTP/1.1",
        "Host: localhost:8001",
        "Accept: text/html",
        "Cookie: a=b",
        "Connection: close",
        "X-Forwarded-Proto: https",
        "Front-Secret: the secret",
        "Client-Cert: :MAA=:",
    ]


@pytest.mark.parametrize(
    "field",
    [
        "Client-Cert: :MAA=:",
        "client-cert: :MAA=:",
        "CLIENT-CERT: :MAA=:",
        "cLiEnT-cErT:\t:MAA=:",
        "Client-Cert-Chain: :MAA=:",
        "Front-Secret: guessed",
        "front-secret: the secret",
        "X-Forwarded-Proto: http",
        "x-forwarded-for: 192.0.2.1",
        "Forwarded: proto=http",
    ],
)
def test_what_only_the_front_says_is_dropped(field):
    assert passed_on(field, field) == passed_on()


def test_what_is_of_this_hop_alone_is_dropped():
    dropped = (
        "TE: trailers",
        "Upgrade: h2c",
        "Keep-Alive: 5",
        "X-Named: a",
        "Connection: keep-alive, x-named",
    )
    assert passed_on(*dropped) == passed_on()


def test_naming_our_own_fields_in_connection_takes_nothing_away():
    named = passed_on("Connection: client-cert, front-secret, host, content-length", certificate=b"\x30\x00")
    assert named == passed_on(certificate=b"\x30\x00")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (request("Content-Length: 5", "Transfer-Encoding: chunked"), 400),
        (request("Transfer-Encoding: chunked", "Content-Length: 5"), 400),
        (request("Transfer-Encoding: chunked"), 411),
        (request("Transfer-Encoding: identity, chunked"), 411),
        (request("Transfer-Encoding: chunked", "Transfer-Encoding: x"), 400),
        (request("Content-Length: 5", "Content-Length: 5"), 400),
        (request("Content-Length: 5, 5"), 400),
        (request("Content-Length: +5"), 400),
        (request("Content-Length: -1"), 400),
        (request("Content-Length: 0x5"), 400),
        (request("Content-Length: \xb2"), 400),
        (request("Content-Length:"), 400),
        (request("Content-Length: 9999999999999999"), 400),
        (request("Content_Length: 5"), 400),
        (request("Client_Cert: :MAA=:"), 400),
        (request("client_cert: :MAA=:"), 400),
        (request("Front_Secret: x"), 400),
        (request("Client-Cert : :MAA=:"), 400),
        (request(" Client-Cert: :MAA=:"), 400),
        (request("X: a", " folded"), 400),
        (request("X: a", "\tfolded"), 400),
        (request("X: a\nClient-Cert: :MAA=:"), 400),
        (request("X: a\rClient-Cert: :MAA=:"), 400),
        (request("X: a\x00b"), 400),
        (request("X: a\x7fb"), 400),
        (request("no colon"), 400),
        (request(": no name"), 400),
        (request("Clïent-Cert: x"), 400),
        (request("Host: other"), 400),
        (request(host=None), 400),
        (request(host=""), 400),
        (request(host="a b"), 400),
        (request(host="a,b"), 400),
        (request(host="a/b"), 400),
        (request(host="user@a"), 400),
        (request(start="GET http://other/ HTTP/1.1"), 400),
        (request(start="GET  / HTTP/1.1"), 400),
        (request(start="GET / HTTP/1.1 "), 400),
        (request(start="GET /a b HTTP/1.1"), 400),
        (request(start="GET /a#b HTTP/1.1"), 400),
        (request(start="GET /\xe9 HTTP/1.1"), 400),
        (request(start="GET /"), 400),
        (request(start=""), 400),
        (request(start="get / HTTP/1.1"), 400),
        (request(start="OPTIONS * HTTP/1.1"), 400),
        (request(start="GET / HTTP/1.0"), 505),
        (request(start="GET / HTTP/2.0"), 505),
        (request(start="TRACE / HTTP/1.1"), 405),
        (request(start="CONNECT / HTTP/1.1"), 405),
        (request("Expect: 200-ok"), 417),
        (request(*[f"X-{number}: a" for number in range(101)]), 431),
    ],
)
def test_what_is_not_plain_is_refused(head, status):
    with pytest.raises(Refused) as refused:
        read_request(head)
    assert refused.value.status == status
    assert refusal(status).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("fields", "stays"), [((), True), (("Connection: close",), False), (("connection: X, CLOSE",), False)]
)
def test_a_client_may_end_its_connection(fields, stays):
    assert read_request(request(*fields)).stays is stays


@pytest.mark.parametrize(
    ("fields", "length"), [((), None), (("Content-Length: 0",), 0), (("content-length: 12",), 12)]
)
def test_the_length_of_a_body_is_written_anew(fields, length):
    found = read_request(request(*fields, start="POST / HTTP/1.1"))
    assert found.length == length
    sent = forwarded(found, secret=SECRET, certificate=None)
    assert sent.lower().count(b"content-length") == (length is not None)


def test_an_answer_keeps_its_fields_and_gets_our_connection():
    answer = read_answer(
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
    )
    assert (answer.status, answer.length, answer.is_chunked) == (200, 2, False)
    assert handed_over(answer, stays=True) == (
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n"
    )


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n",
        b"220 mail server\r\n\r\n",
    ],
)
def test_an_answer_that_is_none_is_not_handed_over(head):
    with pytest.raises(Refused) as refused:
        read_answer(head)
    assert refused.value.status == 502
