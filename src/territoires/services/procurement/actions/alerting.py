"""Saved searches: nothing is sent to an address before its holder said yes, and one click ends it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from territoires.contracts import procurement_publication as facts
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.notifications.api import Recipient, notify
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Missing
from territoires.kernel.text import clean

from ..domain.searching import Criteria
from ..models import AlertSent, Listing, SavedSearch
from ..permissions import Procurement
from ..queries.listings import MOST_TOLD, not_told, searches_at, unconfirmed_before
from .answering import wrong_email

MOST_SEARCHES = 20
MOST_LINES = 50
CONFIRM_WITHIN = timedelta(days=7)
CONFIRM = "procurement/confirm_search"
ALERT = "procurement/alert"


@action(Procurement.ALERT)
def save_search(
    *, actor: Actor, criteria: Criteria, label: str, email: str, frequency: str = SavedSearch.Frequency.DAILY
) -> Outcome[SavedSearch]:
    """Asks for mails on a search; the address is asked to confirm. Raises Invalid, Conflict for too many searches."""
    given = clean(email)
    try:
        validate_email(given)
    except ValidationError as error:
        raise wrong_email() from error
    if searches_at(given) >= MOST_SEARCHES:
        raise Conflict(
            "too-many-searches",
            "This address already has %(most)d searches.",
            "End one of them by the link in its mails.",
            params={"most": MOST_SEARCHES},
        )
    found = SavedSearch(
        label=clean(label)[:200],
        criteria=criteria.as_query(),
        email=given,
        language=actor.language[:2],
        frequency=frequency if frequency in SavedSearch.Frequency.values else SavedSearch.Frequency.DAILY,
        confirm_token=secrets.token_urlsafe(24),
        stop_token=secrets.token_urlsafe(24),
        saved_at=actor.now(),
    )
    found.save(force_insert=True)
    _mail(actor, found, CONFIRM, {"address": _link("confirm-search", found, found.confirm_token)})
    fact = facts.SearchSaved(subject=found.subject, frequency=found.frequency, email=found.email)
    return Outcome(found, fact)


@action(Procurement.ALERT)
def confirm_search(*, actor: Actor, search: SavedSearch, token: str) -> Outcome[SavedSearch]:
    """The holder of the address says yes. Raises Missing for a link that is not of this search."""
    require_token(token, search.confirm_token)
    search.confirmed_at = search.confirmed_at or actor.now()
    search.looked_until = search.looked_until or actor.now()
    search.save()
    return Outcome(search, facts.SearchConfirmed(subject=search.subject))


@action(Procurement.ALERT)
def stop_search(*, actor: Actor, search: SavedSearch, token: str) -> Outcome[SavedSearch]:
    """Ends the mails of a search. Raises Missing for a link that is not of this search."""
    require_token(token, search.stop_token)
    search.stopped_at = search.stopped_at or actor.now()
    search.save()
    return Outcome(search, facts.SearchStopped(subject=search.subject))


@action(Procurement.SEND_ALERTS, on="search")
def send_alert(*, actor: Actor, search: SavedSearch, listings: Sequence[Listing]) -> Outcome[SavedSearch]:
    """One mail with what is new, each listing once in each of its versions, whoever looks how often.

    Raises Conflict when the search was ended meanwhile, or told of all of it.
    """
    fresh = [] if search.stopped_at else not_told(search, listings)
    if not fresh:
        raise Conflict("nothing-new", "There is nothing to tell.", "There is nothing to do.")
    AlertSent.objects.bulk_create(
        AlertSent(search=search, listing=one, version=one.version, sent_at=actor.now()) for one in fresh
    )
    if len(listings) < MOST_TOLD:
        search.looked_until = actor.now()
    search.save()
    words = {
        "address": f"{reverse('procurement:search')}?{urlencode(search.criteria)}",
        "lines": [_line(one) for one in fresh[:MOST_LINES]],
        "count": len(fresh),
        "others": len(fresh[MOST_LINES:]),
    }
    _mail(actor, search, ALERT, words)
    fact = facts.AlertSent(subject=search.subject, listings=tuple(one.pk for one in fresh))
    return Outcome(search, fact)


def forget_unconfirmed(actor: Actor) -> int:
    """Drops the searches whose address never said yes; answers how many."""
    gone, _rows = unconfirmed_before(actor.now() - CONFIRM_WITHIN).delete()
    return gone


def require_token(given: str, expected: str) -> None:
    """Raises Missing unless the two are the same, compared in constant time."""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Missing("no-such-link", "This link does not exist.", "Take it again from the last mail.")


def _mail(actor: Actor, search: SavedSearch, template: str, words: dict[str, object]) -> None:
    notify(
        recipients=[Recipient(email=search.email, language=search.language)],
        template=template,
        context={
            "label": search.label,
            "stop": settings.SITE_URL + _link("stop-search", search, search.stop_token),
            **words,
        },
        binding=True,
        at=actor.now(),
    )


def _link(name: str, search: SavedSearch, token: str) -> str:
    return reverse(f"procurement:{name}", kwargs={"search": search.pk, "token": token})


def _line(one: Listing) -> dict[str, str | bool]:
    path = reverse("procurement:consultation", kwargs={"consultation": one.consultation_id or one.pk})
    return {
        "title": one.title,
        "is_changed": one.version > 1,
        "buyer": one.buyer,
        "deadline": one.deadline_at.isoformat() if one.deadline_at else "",
        "link": one.url or settings.SITE_URL + path,
    }
