"""A commune's own site, made elsewhere: a page on an origin of its own that takes the register in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class OtherSite:
    """A commune's own site: one page, with the policy that its makers chose."""

    def __init__(self, platform: str, reference: str) -> None:
        self.platform, self.policy, self.language = platform, "", "fr"
        self.register = f"{platform}/collectivites/{reference}/actes/"
        site = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if site.policy:
                    self.send_header("Content-Security-Policy", site.policy.format(site=site.platform))
                self.end_headers()
                self.wfile.write(site.page().encode())

            def log_message(self, *said: object) -> None:
                """Nothing: a test's output is for its failures."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://localhost:{self.server.server_port}/"

    def page(self) -> str:
        return f"""<!doctype html><html lang="{self.language}"><head><title>Ma commune</title></head><body>
        <main><h1>Ma commune</h1>
        <div data-territoires-acts><a href="{self.register}">Actes de la commune</a></div>
        <script src="{self.platform}/actes/registre.js" defer></script></main></body></html>"""


@contextmanager
def standing(platform: str, reference: str) -> Iterator[OtherSite]:
    """The site of a body, served until the end of the block."""
    other = OtherSite(platform, reference)
    thread = threading.Thread(target=other.server.serve_forever)
    thread.start()
    try:
        yield other
    finally:
        other.server.shutdown()
        other.server.server_close()
        thread.join()
