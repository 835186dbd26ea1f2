"""Serves every simulator: ``python -m simulators --var FOLDER`` writes the port that it took in FOLDER/simulators.port."""

from __future__ import annotations

import argparse
import json
import os
import pkgutil
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from types import ModuleType

import simulators

LARGEST_BODY = 64 * 1024 * 1024


def found() -> dict[str, ModuleType]:
    """Each simulator by its name."""
    names = [module.name for module in pkgutil.iter_modules(simulators.__path__) if module.name != "__main__"]
    modules = {name: import_module(f"simulators.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "answer")}


class Gate(BaseHTTPRequestHandler):
    """``/`` lists the simulators, ``/<name>/...`` is handed to one."""

    worlds: dict[str, ModuleType] = {}

    def do_GET(self) -> None:
        self._hand_over()

    def do_POST(self) -> None:
        self._hand_over()

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent: what matters is in the platform's own log."""

    def _hand_over(self) -> None:
        name, _, rest = self.path.lstrip("/").partition("/")
        size = int(self.headers.get("Content-Length") or 0)
        if size > LARGEST_BODY:
            self._send(413, {}, b"")
        elif not name:
            listing = {name: world.SUMMARY for name, world in self.worlds.items()}
            self._send(200, {"Content-Type": "application/json"}, json.dumps(listing).encode())
        elif name in self.worlds:
            self._send(
                *self.worlds[name].answer(self.command, f"/{rest}", self.headers, self.rfile.read(size))
            )
        else:
            self._send(404, {}, b"no such simulator")

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for header, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument(
        "--until-eof", action="store_true", help="end with whoever holds the other end of stdin"
    )
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if arguments.until_eof:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    Gate.worlds = found()
    for name, world in Gate.worlds.items():
        if hasattr(world, "start"):
            world.start(arguments.var / "simulators" / name)
    with ThreadingHTTPServer(("127.0.0.1", 0), Gate) as server:
        (arguments.var / "simulators.port").write_text(str(server.server_port))
        server.serve_forever()


def _end_with_stdin() -> None:
    """Whoever started us and was killed could not tell us: its end of the pipe closed."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
