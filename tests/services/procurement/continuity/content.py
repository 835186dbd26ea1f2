"""What the visited site holds of continuity: a day of the log, an interruption, imports, kept files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.clock import legal_day
from territoires.services.procurement.actions import destroying, incidents, probing
from territoires.services.procurement.models import Consultation, Listing, Package, Touched

from .test_availability import whole_day
from .test_packages import bring_back, packed
from .test_switching import NOTICE, PACKAGE, bring, take, written, zipped


def fill(secretary: Actor, operator: Actor, published: Consultation) -> dict[str, str]:
    """Adds the content; gives the part of an address for each of its names."""
    now = operator.now()
    day = legal_day(now) - timedelta(days=1)
    probing.keep_measures(whole_day(day, without=range(600, 605), down=range(605, 607)))
    probing.seal_day(actor=system_actor("worker").at(now), day=day)
    incident = incidents.declare_incident(
        actor=operator,
        from_at=now - timedelta(hours=2),
        until_at=now - timedelta(hours=1),
        what="Le dépôt des plis ne répondait plus pendant une heure.",
        parts=["storage"],
    )
    touched = Touched.objects.filter(incident=incident, consultation=published).first()
    touched = touched or Touched.objects.create(
        incident=incident, consultation=published, deadline_at=published.tenders_until or now
    )
    notice, other = {**NOTICE, "reference": "ANC-17"}, {**NOTICE, "reference": "ANC-18"}
    done = take(secretary, bring(secretary, "notices", written(notice)))
    faulty = {**NOTICE, "reference": "ANC-19", "date_limite": "demain"}
    read = bring(secretary, "notices", written(other, faulty))
    old = {**PACKAGE, "signe_le": "14/09/2011", "execution_finie_le": "30/06/2012"}
    take(secretary, bring(secretary, "packages", zipped(written(old), {"2021-TOIT.zip": b"x"}), "x.zip"))
    brought = bring_back(secretary, packed())
    dispute = destroying.note_dispute(
        actor=secretary, consultation=published, what="Référé précontractuel d'une entreprise évincée."
    )
    return {
        "dispute": str(dispute.pk),
        "probed day": day.isoformat(),
        "incident": str(incident.pk),
        "touched": str(touched.pk),
        "import done": str(done.pk),
        "import read": str(read.pk),
        "elsewhere": str(_first(Listing.objects.filter(consultation=None, reference=notice["reference"]))),
        "package due": str(_first(Package.objects.filter(origin="former"))),
        "package brought": str(brought.pk),
    }


def _first(rows: Any) -> Any:
    return rows.values_list("pk", flat=True).get()
