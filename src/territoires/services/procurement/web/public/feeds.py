"""Searches and consultations for other programs: Atom (RFC 4287), iCalendar (RFC 5545), JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from territoires.kernel.xml import xml_text
from territoires.ui.dates import long_date

from ...models import Amendment, Consultation, Listing, Question

_LINE = 75  # octets, RFC 5545, 3.1


def listing_address(request: HttpRequest, one: Listing) -> str:
    """Where a listing leads: our page, or the other platform's."""
    if one.consultation_id is None:
        return one.url
    return request.build_absolute_uri(
        reverse("procurement:consultation", kwargs={"consultation": one.consultation_id})
    )


def search_atom(request: HttpRequest, listings: Sequence[Listing], *, page: str) -> HttpResponse:
    """One entry a consultation, with the instant of its last change; ids are addresses that never change."""
    feed = _feed(request, _("Public procurement: the consultations you search for"), page)
    for one in listings:
        link = listing_address(request, one)
        feed.add_item(
            title=xml_text(one.title),
            link=link,
            unique_id=link,
            description=_summary(", ".join(filter(None, [one.buyer, _deadline_words(one.deadline_at)]))),
            pubdate=one.published_at,
            updateddate=one.changed_at,
            author_name=xml_text(one.buyer),
        )
    return _atom(feed)


def consultation_atom(
    request: HttpRequest,
    consultation: Consultation,
    amendments: Sequence[Amendment],
    answers: Sequence[Question],
) -> HttpResponse:
    """One entry for the publication, one a change, one an answer, the latest first."""
    page = reverse("procurement:consultation", kwargs={"consultation": consultation.pk})
    feed = _feed(request, xml_text(consultation.title), page)
    link = request.build_absolute_uri(page)
    entries = [
        *(
            (one.answered_at, f"#question-{one.number}", _("Question %(n)s") % {"n": one.number}, one.answer)
            for one in answers
        ),
        *(
            (one.made_at, f"#version-{one.version}", _("Change %(n)s") % {"n": one.version - 1}, one.summary)
            for one in reversed(amendments)
        ),
        (consultation.published_at, "", _("Published"), consultation.title),
    ]
    for at, anchor, title, text in sorted(entries, key=_instant, reverse=True):
        feed.add_item(
            title=title,
            link=link + anchor,
            unique_id=link + (anchor or "#published"),
            description=_summary(text),
            pubdate=at,
            updateddate=at,
            author_name=xml_text(consultation.organisation.name),
        )
    return _atom(feed)


def calendar(name: str, events: Iterable[Sequence[tuple[str, str]]]) -> HttpResponse:
    """A calendar of dates that nobody should miss, as a file that agendas subscribe to."""
    lines = [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Territoires//marches//FR"),
        ("X-WR-CALNAME", escaped(name)),
        *(line for event in events for line in (("BEGIN", "VEVENT"), *event, ("END", "VEVENT"))),
        ("END", "VCALENDAR"),
    ]
    text = "".join(folded(f"{key}:{value}") for key, value in lines)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, "marches.ics") or "attachment"
    return response


def deadline_event(request: HttpRequest, one: Listing) -> list[tuple[str, str]]:
    """The deadline of a listing that has one."""
    return _event(
        f"{one.pk}-deadline",
        one.changed_at,
        one.version,
        one.deadline_at,
        _("Deadline: %(title)s") % {"title": one.title},
        listing_address(request, one),
    )


def consultation_events(request: HttpRequest, consultation: Consultation) -> Iterator[list[tuple[str, str]]]:
    """The dates of a consultation: last day of questions, applications, bids."""
    link = request.build_absolute_uri(
        reverse("procurement:consultation", kwargs={"consultation": consultation.pk})
    )
    for name, words in (
        ("questions_until", _("Last day for questions: %(title)s")),
        ("applications_until", _("Deadline of the applications: %(title)s")),
        ("tenders_until", _("Deadline of the bids: %(title)s")),
    ):
        at = getattr(consultation, name)
        if at is not None:
            title = words % {"title": consultation.title}
            yield _event(
                f"{consultation.pk}-{name}",
                consultation.changed_at,
                consultation.publication_version,
                at,
                title,
                link,
            )


def as_json(data: Any, name: str) -> HttpResponse:
    text = json.dumps(data, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response["Access-Control-Allow-Origin"] = "*"  # public data, read without credentials
    return response


def listing_json(request: HttpRequest, one: Listing) -> dict[str, Any]:
    """What anybody may read of a listing; words of OCDS, euros without VAT."""
    return {
        "id": str(one.consultation_id or one.pk),
        "source": one.source,
        "url": listing_address(request, one),
        "status": one.status,
        "version": one.version,
        "reference": one.reference,
        "title": one.title,
        "buyer": one.buyer,
        "mainProcurementCategory": one.main_procurement_category,
        "procedure": one.procedure,
        "cpv": one.cpv,
        "nuts": one.nuts,
        "value": str(one.amount) if one.amount is not None else None,
        "lots": one.lot_count,
        "published": one.published_at.isoformat(),
        "modified": one.changed_at.isoformat(),
        "deadline": one.deadline_at.isoformat() if one.deadline_at else None,
    }


def escaped(text: str) -> str:
    """A text as a value of iCalendar (RFC 5545, 3.3.11)."""
    for character, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(character, written)
    return text


def folded(line: str) -> str:
    """A content line, cut so that none has more than 75 octets, never within a character."""
    pieces: list[bytes] = []
    present = b""
    for character in line:
        one = character.encode()
        if len(present) + len(one) > _LINE - bool(pieces):
            pieces.append(present)
            present = b""
        present += one
    return "\r\n ".join(piece.decode() for piece in (*pieces, present)) + "\r\n"


def _instant(entry: tuple[datetime | None, str, str, str]) -> float:
    return entry[0].timestamp() if entry[0] else 0.0


def _event(
    key: str, changed_at: datetime, version: int, at: Any, title: str, link: str
) -> list[tuple[str, str]]:
    return [
        ("UID", f"{key}@territoires"),
        ("DTSTAMP", _stamp(changed_at)),
        ("SEQUENCE", str(version)),
        *_when(at),
        ("SUMMARY", escaped(title)),
        ("URL", link),
    ]


def _when(at: Any) -> list[tuple[str, str]]:
    if isinstance(at, datetime):
        return [("DTSTART", _stamp(at)), ("DTEND", _stamp(at))]
    day: date = at
    return [
        ("DTSTART;VALUE=DATE", day.strftime("%Y%m%d")),
        ("DTEND;VALUE=DATE", (day + timedelta(days=1)).strftime("%Y%m%d")),
    ]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _deadline_words(at: datetime | None) -> str:
    return _("deadline %(day)s") % {"day": long_date(at)} if at else ""


def _summary(text: str) -> str:
    """A text as the HTML that an Atom1Feed says its summaries are."""
    return escape(xml_text(text))


def _feed(request: HttpRequest, title: str, page: str) -> Atom1Feed:
    return Atom1Feed(
        title=title,
        link=request.build_absolute_uri(page),
        feed_url=request.build_absolute_uri(),
        description="",
        language=get_language(),
    )


def _atom(feed: Atom1Feed) -> HttpResponse:
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
