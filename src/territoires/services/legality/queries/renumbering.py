"""Which number an act may be sent under when its own is taken where it goes."""

from __future__ import annotations

from territoires.kernel.clock import legal_day

from ..domain import transmission as rules
from ..domain.actes.names import ActIdentifier
from ..domain.life import SIGNED
from ..domain.transmission import NUMBER_REFUSALS, explanation_of
from ..domain.wording import with_suffix
from ..models import Act
from .anomalies import anomalies


def original_number(act: Act) -> str:
    """The number under which the act was sent first: the one that stands on it."""
    first = act.transmissions.order_by("rank").first()
    return ActIdentifier.parse(first.identifier).number if first else act.number


def proposed_number(act: Act) -> str:
    """The number with the first free suffix; empty unless the act was refused for its number, and took no effect yet."""
    last = act.transmissions.order_by("-rank").first()
    if last is None or last.state != rules.REFUSED or act.state != SIGNED:
        return ""
    entries = anomalies(legal_day(last.confirmed_at or last.prepared_at))
    if explanation_of(last.anomaly_detail, entries).code not in NUMBER_REFUSALS:
        return ""
    tried = {ActIdentifier.parse(one.identifier).number for one in act.transmissions.all()}
    taken = set(
        Act.objects.filter(organisation=act.organisation_id, number__startswith=original_number(act))
        .exclude(pk=act.pk)
        .values_list("number", flat=True)
    )
    return with_suffix(original_number(act), tried | taken)
