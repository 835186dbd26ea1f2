"""The TLS front of a demonstration: asks for a client certificate, and hands each request over with what was proved.

What reaches the platform is rewritten here field by field. Bodies pass in both directions as they come; nothing is
kept. In production HAProxy or Caddy stands in its place (docs/operations/certificates.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path

from . import heads

IDLE_SECONDS = 30.0
"""For a whole head, and for each piece of a body: a client that is slower is let go."""
ANSWER_SECONDS = 300.0
LINGER_SECONDS = 5.0
HANDSHAKE_SECONDS = 10.0
MOST_CONNECTIONS = 256
PIECE = 64 * 1024
LAST_CHUNK = b"0\r\n\r\n"
# OpenSSL's X509_V_FLAG_NO_CHECK_TIME: who presents an expired certificate reads a sentence, not a broken connection
NO_CHECK_TIME = 0x200000


def tls_context(file: Path, authorities: bytes) -> ssl.SSLContext:
    """Server's key and certificate from ``file``, client certificates under ``authorities`` (both in PEM).

    TLS 1.3 without resumption: each connection proves its key anew.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 0
    context.load_cert_chain(file)
    context.load_verify_locations(cadata=authorities.decode("ascii"))
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= NO_CHECK_TIME
    context.set_alpn_protocols(["http/1.1"])
    return context


class Front:
    """Hands requests over to the platform at ``upstream`` (host, port), which knows us by ``secret``."""

    def __init__(self, upstream: tuple[str, int], secret: str) -> None:
        self._upstream = upstream
        self._secret = secret
        self._connections = 0

    async def serve(self, host: str, port: int, context: ssl.SSLContext) -> None:
        """Listens until cancelled. Raises OSError when the port is taken."""
        server = await asyncio.start_server(
            self._receive,
            host,
            port,
            ssl=context,
            limit=heads.LONGEST_HEAD,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
            ssl_shutdown_timeout=LINGER_SECONDS,
        )
        async with server:
            await server.serve_forever()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its handshake to its end."""
        self._connections += 1
        try:
            if self._connections <= MOST_CONNECTIONS:
                while await self._exchange(reader, writer):
                    continue
        except heads.Refused as refused:
            writer.write(heads.refusal(refused.status))
        except (OSError, EOFError):
            pass  # gone, or too slow: nobody is left to answer
        finally:
            self._connections -= 1
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether another may follow on this connection."""
        async with asyncio.timeout(IDLE_SECONDS):
            head = await _read_head(reader)
        if not head:
            return False
        request = heads.read_request(head)
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        with await self._reach_platform() as platform:
            loop = asyncio.get_running_loop()
            head = heads.forwarded(request, secret=self._secret, certificate=certificate)
            await loop.sock_sendall(platform, head)
            if request.expects_continue:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = asyncio.create_task(_hand_body_over(reader, platform, request.length or 0))
            answer = asyncio.create_task(_hand_answer_over(platform, writer, request))
            try:
                done, _pending = await asyncio.wait({body, answer}, return_when=asyncio.FIRST_EXCEPTION)
                told = [task.result() for task in done]
                return all(told)
            finally:
                body.cancel()
                answer.cancel()
                await asyncio.gather(body, answer, return_exceptions=True)

    async def _reach_platform(self) -> socket.socket:
        """A bare socket: what cannot be written there any more does not keep us from reading what it answered."""
        host, port = self._upstream
        platform = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        platform.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(platform, (host, port))
        except OSError as fault:
            platform.close()
            raise heads.Refused(502) from fault
        return platform


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    """A whole head with its empty line; nothing when the other side has closed between two."""
    try:
        return await reader.readuntil(heads.END)
    except asyncio.LimitOverrunError as fault:
        raise heads.Refused(431) from fault
    except asyncio.IncompleteReadError as fault:
        if fault.partial:
            raise
        return b""


async def _hand_body_over(reader: asyncio.StreamReader, platform: socket.socket, length: int) -> bool:
    """Whether the platform took the whole body. One that answers before it has read all has said enough."""
    loop, left = asyncio.get_running_loop(), length
    while left:
        left -= len(piece := await _piece(reader, left))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await loop.sock_sendall(platform, piece)
        except ConnectionError:
            await _let_finish(reader, left)
            return False
    return True


async def _let_finish(reader: asyncio.StreamReader, left: int) -> None:
    """Lets a client send what is left, into nothing: a connection closed on unread bytes takes its answer with it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while left:
                left -= len(await _piece(reader, left))


async def _piece(reader: asyncio.StreamReader, left: int) -> bytes:
    async with asyncio.timeout(IDLE_SECONDS):
        piece = await reader.read(min(left, PIECE))
    if not piece:
        raise EOFError
    return piece


async def _hand_answer_over(
    platform: socket.socket, writer: asyncio.StreamWriter, request: heads.Request
) -> bool:
    """Whether the client can tell where the answer ended, and the answer was whole."""
    answer, piece = await _answer(platform)
    is_bare = request.method == "HEAD" or answer.status in (204, 304)
    stays = request.stays and (is_bare or answer.is_chunked or answer.length is not None)
    writer.write(heads.handed_over(answer, stays=stays))
    passed, tail = 0, b""
    while piece or (piece := await _more(platform)):
        writer.write(piece)
        async with asyncio.timeout(IDLE_SECONDS):
            await writer.drain()
        passed, tail = passed + len(piece), (tail + piece)[-len(LAST_CHUNK) :]
        piece = b""
    is_whole = is_bare or passed == answer.length or (answer.is_chunked and tail == LAST_CHUNK)
    return stays and is_whole


async def _answer(platform: socket.socket) -> tuple[heads.Answer, bytes]:
    """The final answer of the platform, which may send interim ones, and what came of its body with it.

    Raises Refused (502) without one.
    """
    received = b""
    while True:
        head, end, rest = received.partition(heads.END)
        if end:
            answer = heads.read_answer(head + end)
            if not answer.is_interim:
                return answer, rest
            received = rest
        elif len(received) > heads.LONGEST_HEAD or not (piece := await _more(platform)):
            raise heads.Refused(502)
        else:
            received += piece


async def _more(platform: socket.socket) -> bytes:
    """What the platform sends next; nothing when it has closed, which it does after each answer, or is too slow."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asyncio.get_running_loop().sock_recv(platform, PIECE)
    except (ConnectionError, TimeoutError):
        return b""
