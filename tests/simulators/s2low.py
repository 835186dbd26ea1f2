"""A visitor of the simulated third party: posts forms by hand, asks for what became of them."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from .ministry import PDF, SIREN

ACTES = "/modules/actes/"
File = tuple[str, str, bytes]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def lines(self) -> list[str]:
        return self.body.decode("latin-1").split("\n")


@dataclass
class ThirdParty:
    """The running simulator, seen from outside."""

    folder: Path
    control_port: int

    @property
    def connection(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "simulators/s2low/connection.json").read_text())
        return found

    def create(self, number: str, *, siren: str = SIREN, timeout: float = 20, **changed: Any) -> Answer:
        """Posts an act; ``files`` and fields can be made wrong, None leaves a field out."""
        files = changed.pop("files", [("acte_pdf_file", "acte.pdf", PDF)])
        fields = {
            "api": "1",
            "nature_code": "1",
            "classif1": "5",
            "classif2": "2",
            "number": number,
            "subject": "Règlement intérieur du conseil",
            "decision_date": "2026-03-12",
            "en_attente": "0",
            "document_papier": "0",
            "type_acte": "99_DE",
            **changed,
        }
        pairs = [(name, value) for name, value in fields.items() if isinstance(value, str)]
        pairs += [(name, one) for name, value in fields.items() if isinstance(value, list) for one in value]
        return self.post("actes_transac_create.php", pairs, files, siren=siren, timeout=timeout)

    def created(self, number: str, **changed: Any) -> int:
        """Posts an act that is taken; answers its transaction."""
        answer = self.create(number, **changed)
        assert answer.lines[0] == "OK", answer
        return int(answer.lines[1])

    def cancel(self, transaction: int) -> Answer:
        return self.post("actes_transac_cancel.php", [("api", "1"), ("id", str(transaction))], [])

    def status(self, transaction: int) -> tuple[str, bytes]:
        """A transaction's status, and what comes after it."""
        ok, status, rest = self.get("actes_transac_get_status.php", transaction=transaction).body.split(
            b"\n", 2
        )
        assert ok == b"OK"
        return status.decode(), rest

    def listed(self, status: int, **query: Any) -> list[dict[str, str]]:
        found: dict[str, Any] = json.loads(self.get("api/list_actes.php", status_id=status, **query).body)
        return found["transactions"]  # type: ignore[no-any-return]

    def get(self, call: str, *, siren: str = SIREN, **query: Any) -> Answer:
        return self._ask("GET", f"{call}?{urlencode(query)}", None, {}, siren)

    def post(
        self,
        call: str,
        fields: Sequence[tuple[str, str]],
        files: Sequence[File],
        *,
        siren: str = SIREN,
        timeout: float = 20,
    ) -> Answer:
        parts = [
            f'--limite\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
            + value.encode("latin-1")
            for name, value in fields
        ]
        parts += [
            f'--limite\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n'.encode()
            + content
            for name, file, content in files
        ]
        form = b"\r\n".join([*parts, b"--limite--\r\n"])
        headers = {"Content-Type": "multipart/form-data; boundary=limite"}
        return self._ask("POST", call, form, headers, siren, timeout)

    def _ask(
        self,
        method: str,
        call: str,
        form: bytes | None,
        headers: Mapping[str, str],
        siren: str,
        timeout: float = 20,
    ) -> Answer:
        connection = self.connection
        context = ssl.create_default_context(cafile=connection["authority"])
        context.load_cert_chain(connection["certificate"], connection["key"])
        login = b64encode(f"{siren}:{connection['accounts']['*']['password']}".encode()).decode()
        address = urlsplit(connection["url"])
        line = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=timeout, context=context
        )
        path = call if call.startswith("/") else f"{ACTES}{call}"
        try:
            line.request(
                method, path, form, {**headers, "Authorization": f"Basic {login}"} if siren else headers
            )
            answer = line.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            line.close()

    def order(self, path: str, /, **asked: Any) -> None:
        """Asks through the control API."""
        self.control(path, json.dumps(asked).encode())

    def control(self, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.control_port}/s2low{path}", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def refused(self, path: str, **asked: Any) -> str:
        """The words with which the control API refuses."""
        try:
            self.order(path, **asked)
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 400
            return str(json.load(refusal)["error"])
        raise AssertionError("it was not refused")
