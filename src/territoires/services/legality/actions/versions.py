"""What an act was, kept before it changes."""

from __future__ import annotations

from uuid import UUID

from territoires.foundations.documents import api as documents

from ..domain import transmission as rules
from ..models import Act, SentVersion
from ..queries.versions import documents_in, version_of


def keep_as_sent(act: Act) -> None:
    """Before an act goes back to draft: keeps it as its refused transmission had it, with its files."""
    last = act.transmissions.order_by("-rank").first()
    if last is None or last.state != rules.REFUSED or SentVersion.objects.filter(transmission=last).exists():
        return
    version = version_of(act)
    SentVersion(transmission=last, **version).save(force_insert=True)
    for key in documents_in(version):
        documents.attach(UUID(key), holder=last.subject)
