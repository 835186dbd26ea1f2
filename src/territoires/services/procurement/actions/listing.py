"""The listing of a consultation: what the public search reads of it, written by each verb that changes it."""

from __future__ import annotations

from datetime import datetime, timedelta

from territoires.foundations.identity import api as identity
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.text import fold

from ..domain import life
from ..domain.searching import places, prefixes
from ..models import Consultation, Listing, Lot
from ..queries.cpv import label_of
from ..queries.listings import listing_of
from ..queries.publication import first_deadline
from ..queries.sheets import lots_of

_STATUS = {
    life.PUBLISHED: Listing.Status.OPEN,
    life.IN_FORCE: Listing.Status.OPEN,
    life.SUSPENDED: Listing.Status.SUSPENDED,
    life.WITHDRAWN: Listing.Status.ENDED,
    life.ABANDONED: Listing.Status.ENDED,
    life.UNSUCCESSFUL: Listing.Status.ENDED,
}


def write_listing(actor: Actor, consultation: Consultation) -> None:
    """Writes the listing anew; ``changed_at`` moves with the version of the publication alone.

    What is open to the invited alone has none.
    """
    if consultation.is_private:
        return
    listing = listing_of(consultation.pk) or Listing(
        id=consultation.pk,
        consultation=consultation,
        organisation_id=consultation.organisation_id,
        published_at=consultation.published_at or actor.now(),
        version=0,
    )
    if listing.version != consultation.publication_version:
        listing.version, listing.changed_at = consultation.publication_version, actor.now()
    _describe(listing, consultation, actor)
    listing.status = _STATUS.get(consultation.state, Listing.Status.CLOSED)
    listing.deadline_at = _deadline(consultation)
    listing.save()


def _deadline(consultation: Consultation) -> datetime | None:
    """Until when one may answer: in a dynamic purchasing system in force, to the end of its last day."""
    if consultation.state == life.IN_FORCE and consultation.in_force_until is not None:
        return first_instant(consultation.in_force_until + timedelta(days=1)) - timedelta(seconds=1)
    return first_deadline(consultation)


def _describe(listing: Listing, consultation: Consultation, actor: Actor) -> None:
    lots = lots_of(consultation)
    whole: list[Consultation | Lot] = [consultation, *lots]
    named = (code for one in whole for code in (one.cpv, *one.additional_cpvs))
    codes = list(dict.fromkeys(filter(None, named)))
    labels = [label_of(code, legal_day(actor.now())) for code in codes]
    listing.buyer = identity.names_of([consultation.organisation_id])[consultation.organisation_id][:200]
    words = (
        consultation.reference,
        consultation.title,
        consultation.description,
        listing.buyer,
        *(lot.title for lot in lots),
        *(label.fr for label in labels if label),
    )
    listing.words_folded = fold(" ".join(words))
    listing.reference, listing.title = consultation.reference, consultation.title
    listing.main_procurement_category = consultation.main_procurement_category
    listing.procedure, listing.cpv, listing.nuts = consultation.procedure, consultation.cpv, consultation.nuts
    listing.cpv_prefixes = list(dict.fromkeys(prefix for code in codes for prefix in prefixes(code)))
    listing.places = list(dict.fromkeys(place for one in whole for place in places(one.nuts)))
    listing.amount = consultation.estimated_value if consultation.shows_value else None
    listing.lot_count = len(lots)
