"""A visitor of the simulated ministry: builds archives by hand, posts them, reads the mailbox."""

from __future__ import annotations

import email
import email.policy
import http.client
import imaplib
import io
import json
import re
import ssl
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from tests.waiting import until

SIREN, OTHER_SIREN = "212100077", "210600235"
PDF = b"%PDF-1.7\n%%EOF\n"
NAMESPACES = (
    'xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" xmlns:insee="http://xml.insee.fr/schema"'
)
ACTES = "{http://www.interieur.gouv.fr/ACTES#v1.1-20040216}"
Mail = dict[str, bytes]


def xml(body: str, encoding: str = "ISO-8859-1") -> bytes:
    """A message: the namespaces go into its root."""
    root = re.match(r"<[^\s/>]+", body)
    assert root is not None
    return f'<?xml version="1.0" encoding="{encoding}"?>{root[0]} {NAMESPACES}{body[root.end() :]}'.encode(
        encoding
    )


@dataclass(frozen=True)
class Act:
    """A 1-1 and its files; every part can be made wrong."""

    number: str = "2026_01"
    day: str = "2026-03-12"
    nature: int = 1
    letters: str = "DE"
    matter: tuple[int, ...] = (5, 2)
    object: str = "Règlement intérieur du conseil"
    classification_on: str = "2017-12-08"
    types: tuple[str, ...] = ("99_DE",)
    count: int | None = None
    siren: str = SIREN
    encoding: str = "ISO-8859-1"
    content: bytes = PDF

    @property
    def identifier(self) -> str:
        return f"021-{self.siren}-{self.day.replace('-', '')}-{self.number}-{self.letters}"

    @property
    def file(self) -> str:
        return f"{self.identifier}-1-1_0.xml"

    @property
    def documents(self) -> list[str]:
        return [f"{kind}-{self.identifier}-1-1_{rank}.pdf" for rank, kind in enumerate(self.types, 1)]

    def files(self) -> Mail:
        matters = "".join(
            f'<actes:CodeMatiere{rank} actes:CodeMatiere="{code}"/>'
            for rank, code in enumerate(self.matter, 1)
        )
        names = [f"<actes:NomFichier>{name}</actes:NomFichier>" for name in self.documents]
        annexes = "".join(f"<actes:Annexe>{name}</actes:Annexe>" for name in names[1:])
        count = len(names) - 1 if self.count is None else self.count
        message = xml(
            f'<actes:Acte actes:Date="{self.day}" actes:NumeroInterne="{self.number}" actes:CodeNatureActe="{self.nature}">'
            f"{matters}<actes:Objet>{self.object}</actes:Objet>"
            f"<actes:ClassificationDateVersion>{self.classification_on}</actes:ClassificationDateVersion>"
            f"<actes:Document>{names[0]}</actes:Document>"
            f'<actes:Annexes actes:Nombre="{count}">{annexes}</actes:Annexes>'
            "<actes:DocumentPapier>N</actes:DocumentPapier></actes:Acte>",
            self.encoding,
        )
        return {self.file: message, **dict.fromkeys(self.documents, self.content)}


@dataclass(frozen=True)
class Parcel:
    """An envelope with what goes with it; ``forms`` are the messages that it names."""

    files: Mail
    forms: tuple[str, ...]
    serial: int
    day: str = "20260312"
    siren: str = SIREN
    department: str = "021"
    arrondissement: str = "3"
    nature: str = "31"

    @property
    def envelope(self) -> str:
        return f"EACT--{self.siren}--{self.day}-{self.serial}.xml"

    @property
    def name(self) -> str:
        return f"TER-{self.envelope.removesuffix('.xml')}.tar.gz"

    def bytes(self) -> bytes:
        forms = "".join(
            f"<actes:Formulaire><actes:NomFichier>{form}</actes:NomFichier></actes:Formulaire>"
            for form in self.forms
        )
        envelope = xml(
            f'<actes:EnveloppeCLMISILL><actes:Emetteur><actes:IDCL insee:SIREN="{self.siren}"'
            f' actes:Departement="{self.department}" actes:Arrondissement="{self.arrondissement}"'
            f' actes:Nature="{self.nature}"/></actes:Emetteur>'
            "<actes:AdressesRetour><actes:Email>actes@plateforme.test</actes:Email></actes:AdressesRetour>"
            f"<actes:FormulairesEnvoyes>{forms}</actes:FormulairesEnvoyes></actes:EnveloppeCLMISILL>"
        )
        return packed({self.envelope: envelope, **self.files})


def packed(files: Mail) -> bytes:
    """A tar.gz with those files at its root."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return target.getvalue()


@dataclass
class Ministry:
    """The running simulator, seen from outside."""

    folder: Path
    control_port: int
    serials: Iterator[int]
    taken: list[Mail] = field(default_factory=list)

    @property
    def connection(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "simulators/ministry/connection.json").read_text())
        return found

    def act(self, act: Act, **envelope: Any) -> Parcel:
        """The archive of one act, under the next serial."""
        return Parcel(
            act.files(), (act.file,), envelope.pop("serial", next(self.serials)), siren=act.siren, **envelope
        )

    def message(self, name: str, body: str, files: Mail | None = None) -> Parcel:
        """The archive of one message about an act."""
        return Parcel({name: xml(body), **(files or {})}, (name,), next(self.serials))

    def send(self, parcel: Parcel) -> int:
        """Posts an archive; answers the status."""
        return self.post(parcel.name, parcel.bytes())

    def post(self, name: str, content: bytes, timeout: float = 20) -> int:
        form = (
            (
                b'--limite\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n'
                b"Content-Type: application/gzip\r\n\r\n" % name.encode()
            )
            + content
            + b"\r\n--limite--\r\n"
        )
        return self.post_form(form, timeout)

    def post_form(self, form: bytes, timeout: float = 20, *, shows_certificate: bool = True) -> int:
        connection = self.connection
        context = ssl.create_default_context(cafile=connection["authority"])
        if shows_certificate:
            context.load_cert_chain(connection["certificate"], connection["key"])
        address = urlsplit(connection["url"])
        line = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=timeout, context=context
        )
        try:
            line.request("POST", address.path, form, {"Content-Type": "multipart/form-data; boundary=limite"})
            return line.getresponse().status
        finally:
            line.close()

    def order(self, path: str, /, **asked: Any) -> None:
        """Asks through the control API."""
        self.call(path, json.dumps(asked).encode())

    def call(self, path: str, body: bytes | None = None, media_type: str = "application/json") -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.control_port}/ministry{path}", body, {"Content-Type": media_type}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def refused(self, path: str, body: bytes, media_type: str = "application/json") -> tuple[int, str]:
        """The status and words with which the control API refuses."""
        try:
            self.call(path, body, media_type)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)["error"]
        raise AssertionError("it was not refused")

    def mailbox(self) -> imaplib.IMAP4_SSL:
        """A session in the mailbox, its folder opened."""
        imap = self.connection["imap"]
        context = ssl.create_default_context(cafile=self.connection["authority"])
        box = imaplib.IMAP4_SSL(imap["host"], imap["port"], ssl_context=context, timeout=20)
        box.login(imap["user"], imap["password"])
        assert box.select()[0] == "OK"
        return box

    def mails(self, count: int = 1) -> list[Mail]:
        """Takes the mails out of the mailbox once there are that many: their files by name."""
        self.taken = []

        def enough() -> bool:
            self.taken += [files_of(mail) for mail in self._take()]
            return len(self.taken) >= count

        until(enough)
        assert len(self.taken) == count
        return self.taken

    def empty_mailbox(self) -> None:
        self._take()

    def answer(self, parcel: Parcel) -> tuple[str, etree._Element]:
        """Posts an archive and waits for its one answer: the name and the root of its message."""
        assert self.send(parcel) == 200
        (files,) = self.mails()
        names = [name for name in files if not name.startswith("EACT") and name.endswith(".xml")]
        assert len(names) == 1
        return names[0], etree.fromstring(files[names[0]])

    def verdict(self) -> tuple[str, str]:
        """What became of the last archive, and why."""
        last = self.call("/received")[-1]
        return last["verdict"], last["detail"]

    def _take(self) -> list[bytes]:
        box = self.mailbox()
        try:
            found = []
            for uid in box.uid("SEARCH", "ALL")[1][0].split():
                found.append(box.uid("FETCH", uid, "(RFC822)")[1][0][1])
                box.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")
            box.expunge()
            return found
        finally:
            box.logout()


def files_of(mail: bytes) -> Mail:
    """The files attached to a mail."""
    message: EmailMessage = email.message_from_bytes(mail, policy=email.policy.default)  # type: ignore[assignment]
    return {part.get_filename() or "": part.get_content() for part in message.iter_attachments()}


def detail(root: etree._Element) -> str:
    """The words of a refusal."""
    return root.findtext(f"{ACTES}Detail") or ""
