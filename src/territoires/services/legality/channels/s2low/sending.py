"""What leaves: transactions created once, and what became of those in doubt."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange.transports import https

from ...domain import s2low
from ...domain.actes import archives
from ...domain.actes.reading import (
    read_act,
)
from ...domain.letters import SENT_BY_BODY
from ...domain.s2low import Declined, Odd
from ...models import ChannelCode, Envelope, known
from ...queries.envelopes import envelope_at
from .line import Ended, Line, line_of
from .listing import act_transaction, find

PIECE = 1024 * 1024
TYPE_LENGTH = 5


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file to post."""

    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as source:
            while piece := source.read(PIECE):
                yield piece


def deliver(outgoing: exchange.Outgoing) -> exchange.Delivery:
    """Creates the transaction, once; what the answer leaves in doubt is a doubt, which ``enquire`` ends."""
    envelope = _envelope_of(outgoing)
    line = line_of(envelope.organisation.siren)
    if line is None:
        return exchange.NotSent("not-configured")
    if _was_tried(outgoing) and (known_already := _look_first(line, envelope)):
        return known_already
    try:
        return exchange.Accepted(str(_DELIVERIES[envelope.kind](line, envelope, outgoing)))
    except https.Unsettled as unsettled:
        return unsettled.delivery
    except Ended as ended:
        return ended.delivery
    except Odd as failure:
        return exchange.Doubtful("odd-answer", str(failure))
    except Declined as refusal:
        if refusal.is_ours:
            return exchange.NotSent("not-let-in", refusal.words)
        return exchange.Refused("refused", refusal.words)


def enquire(outgoing: exchange.Outgoing) -> exchange.Delivery:
    """Looks for the transaction among all those of the body; only a list without it sends the parcel again."""
    envelope = _envelope_of(outgoing)
    if envelope.kind == Envelope.Kind.CLASSIFICATION:
        return exchange.NotSent("unknown-there")  # asked twice, it harms nobody
    line = line_of(envelope.organisation.siren)
    if line is None:
        return exchange.Doubtful("not-configured")
    try:
        found = find(line, envelope)
    except https.Unsettled as unsettled:
        return exchange.Doubtful(unsettled.delivery.reason, unsettled.delivery.detail)
    except (Odd, Declined) as failure:
        return exchange.Doubtful("odd-answer", str(failure))
    return exchange.Accepted(str(found.number)) if found else exchange.NotSent("unknown-there")


def _was_tried(outgoing: exchange.Outgoing) -> bool:
    parcel = exchange.parcel_of(channel=ChannelCode.S2LOW, key=outgoing.key)
    return parcel is not None and parcel.attempts > 1


def _look_first(line: Line, envelope: Envelope) -> exchange.Delivery | None:
    """Before anything is sent again, whoever asked for it: it may be there. None when it is not."""
    if envelope.kind == Envelope.Kind.CLASSIFICATION:
        return None
    try:
        found = find(line, envelope)
    except https.Unsettled as unsettled:
        return exchange.NotSent(unsettled.delivery.reason, unsettled.delivery.detail)
    except (Odd, Declined) as failure:
        return exchange.NotSent("odd-answer", str(failure))
    return exchange.Accepted(str(found.number)) if found else None


def _create(line: Line, envelope: Envelope, outgoing: exchange.Outgoing) -> int:
    with tempfile.TemporaryDirectory() as folder:
        files = _opened(outgoing, Path(folder))
        act = read_act(files[f"{known(envelope.transmission).identifier}-1-1_0.xml"].read_bytes())
        names = [act.document, *act.annexes]
        parts = [
            https.FilePart("acte_attachments[]" if rank else "acte_pdf_file", name, OnDisk(files[name]))
            for rank, name in enumerate(names)
        ]
        fields = s2low.fields_of(act, [name[:TYPE_LENGTH] for name in names])
        return s2low.number_in(line.post(s2low.CREATE, fields, parts))


def _reply(line: Line, envelope: Envelope, outgoing: exchange.Outgoing) -> int:
    reply = known(envelope.reply)
    with tempfile.TemporaryDirectory() as folder:
        files = _opened(outgoing, Path(folder))
        names = [name for name in files if not name.endswith("_0.xml") and name != envelope.name]
        parts = [
            https.FilePart("acte_attachments[]" if rank else "acte_pdf_file", name, OnDisk(files[name]))
            for rank, name in enumerate(names)
        ]
        fields = s2low.reply_fields_of(
            reply.letter.number,
            reply.kind,
            reply.transmission.act.nature,
            [name[:TYPE_LENGTH] for name in names],
        )
        return s2low.number_in(line.post(s2low.REPLY, fields, parts))


def _cancel(line: Line, envelope: Envelope, outgoing: exchange.Outgoing) -> int:
    number = act_transaction(envelope)
    return s2low.number_in(line.post(s2low.CANCEL, [("api", b"1"), ("id", str(number).encode())]))


def _request_classification(line: Line, envelope: Envelope, outgoing: exchange.Outgoing) -> int:
    return s2low.number_in(line.get(s2low.REQUEST_CLASSIFICATION, api=1))


_DELIVERIES: dict[str, Callable[[Line, Envelope, exchange.Outgoing], int]] = {
    Envelope.Kind.ACT: _create,
    Envelope.Kind.CANCELLATION: _cancel,
    Envelope.Kind.CLASSIFICATION: _request_classification,
    **dict.fromkeys(SENT_BY_BODY, _reply),
}


def _opened(outgoing: exchange.Outgoing, folder: Path) -> dict[str, Path]:
    """The files of our archive, by name; the names are ours and plain."""
    files = {}
    with tempfile.TemporaryFile() as archive:
        for chunk in outgoing.chunks():
            archive.write(chunk)
        archive.seek(0)
        for name, content in archives.unpack(archive):
            files[name] = folder / name
            files[name].write_bytes(content)
    return files


def _envelope_of(outgoing: exchange.Outgoing) -> Envelope:
    return envelope_at(outgoing.subject.id)
