"""Copies of an act: with the stamp of its acknowledgement and the seal of its body. The act itself is never touched."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from territoires.foundations.documents import api as documents
from territoires.foundations.trust import api as trust
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Unavailable

from ..domain.files import PDF
from ..domain.transmission import RECEIVED
from ..models import Act, known
from .effect import posting_of

PLACE = "%d/%m/%Y"


def has_copy(act: Act) -> bool:
    """Whether a copy has anything to say: received by the State, or public."""
    return bool(act.main and act.main.media_type == PDF and stamp_lines(act))


@contextmanager
def stamped_copy(act: Act, *, at: datetime) -> Iterator[Path]:
    """A file with the act's pages, the stamp on each, sealed by the body where it has a seal: gone with the block.

    The seal protects the copy and is nobody's signature. Raises Conflict when there is nothing to stamp.
    """
    if not has_copy(act):
        raise Conflict(
            "nothing-to-stamp",
            "This act is neither received by the prefecture nor public: its copy would say nothing.",
            "Come back after its acknowledgement or its publication.",
        )
    with tempfile.TemporaryDirectory() as folder:
        source, stamped, sealed = (Path(folder, name) for name in ("act.pdf", "copy.pdf", "sealed.pdf"))
        with source.open("wb") as file:
            file.writelines(documents.open_stream(known(act.main)))
        seal = _seal(act)
        lines = [*stamp_lines(act), f"Copie scellée : {act.organisation.name}"] if seal else stamp_lines(act)
        trust.stamp_copy(source, stamped, lines=lines, at=at)
        if seal is None:
            yield stamped
            return
        trust.sign_pdf(
            stamped,
            sealed,
            key=seal,
            reason=f"Copie conforme de {act.number}, scellée",
            place=act.organisation.name,
            at=at,
        )
        yield sealed


def _seal(act: Act) -> trust.SigningKey | None:
    """The body's seal; None for a body that has none yet."""
    try:
        return trust.body_seal(act.organisation.siren, name=act.organisation.name)
    except Unavailable as fault:
        if fault.code == "no-demonstration-authority":
            return None
        raise


def stamp_lines(act: Act) -> list[str]:
    """The stamp as prefectures and courts know it; French, as the act is."""
    received = act.transmissions.filter(state__in=RECEIVED).order_by("-rank").first()
    posting = posting_of(act)
    lines = []
    if received is not None:
        if received.sent_at:
            lines.append(f"Envoyé en préfecture le {legal_day(received.sent_at).strftime(PLACE)}")
        lines.append(f"Reçu en préfecture le {known(received.received_on).strftime(PLACE)}")
    if act.published_on:
        lines.append(f"Publié le {act.published_on.strftime(PLACE)}")
    elif posting is not None:
        lines.append(f"Publié le {posting.posted_on.strftime(PLACE)}")
    if received is not None:
        lines.append(f"ID : {received.identifier}")
    return lines
