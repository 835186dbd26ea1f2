"""The mails of the ministry, and the paper that it attaches to its letters."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid

SENDER = "actes@ministere.test"
DOMAIN = "ministere.test"
_TYPES = {"xml": "xml", "pdf": "pdf", "gz": "gzip"}


def mail(recipients: Sequence[str], subject: str, files: Mapping[str, bytes]) -> bytes:
    """A mail with files attached."""
    message = _empty(recipients, subject)
    message.set_content("Message automatique du simulateur du service ACTES : aucune valeur.\n")
    for name, content in files.items():
        subtype = _TYPES.get(name.rpartition(".")[2], "octet-stream")
        message.add_attachment(content, maintype="application", subtype=subtype, filename=name)
    return message.as_bytes(policy=SMTP)


def notice(recipients: Sequence[str], act: str) -> bytes:
    """The "multi-canal" mail, HTML alone: the act is followed by paper. Nothing in it is to be read by a machine."""
    message = _empty(recipients, f"Transmission multi-canal de l'acte {act}")
    message.set_content(
        f"<html><body><p>L'acte {act} est annoncé comme complété par un envoi papier.</p></body></html>",
        subtype="html",
    )
    return message.as_bytes(policy=SMTP)


def packed(name: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same files as one tar.gz."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", format=tarfile.USTAR_FORMAT) as archive:
        for file, content in files.items():
            header = tarfile.TarInfo(file)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return {name: target.getvalue()}


def paper(lines: Sequence[str]) -> bytes:
    """A PDF of one page with those lines, marked as a simulation."""
    shown = ["SIMULATION - document sans aucune valeur", "", *lines]
    drawn = b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in shown)
    stream = b"BT /F1 12 Tf 16 TL 60 780 Td\n" + drawn + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(content))
    )


def _empty(recipients: Sequence[str], subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, ", ".join(recipients), subject
    message["Date"], message["Message-ID"] = format_datetime(localtime()), make_msgid(domain=DOMAIN)
    return message


def _escaped(line: str) -> bytes:
    encoded = line.encode("cp1252", "replace")
    return encoded.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
