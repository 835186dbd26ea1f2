"""The words of a notification: one text template for screen and mail, first line the subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import translation

from .models import Notification

SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Words:
    """``link`` is the whole address of the page where the matter stands, or empty."""

    subject: str
    body: str
    link: str


def words_of(notification: Notification, language: str) -> Words:
    """The notification in a language. The template is ``<application>/notifications/<name>.txt``."""
    application, _slash, name = notification.template.partition("/")
    template: Any = get_template(f"{application}/notifications/{name}.txt")
    link = absolute(notification.context.get("address", ""))
    with translation.override(language):
        # plain text: escaping is for HTML and would show
        text = template.template.render(Context({**notification.context, "link": link}, autoescape=False))
    subject, _line, body = text.strip().partition("\n")
    # A subject is one line: a value with a line break in it must not become a header.
    return Words(" ".join(subject.split())[:SUBJECT], body.strip(), link)


def as_html(words: Words, language: str) -> str:
    """The same words as a simple page, for mail programs: its lines, and its page behind one link."""
    with translation.override(language):
        parts = (part.strip() for part in words.body.split("\n\n"))
        paragraphs = [part for part in parts if part and part != words.link]
        return render_to_string(
            "notifications/mail.html", {"words": words, "paragraphs": paragraphs, "language": language}
        )


def absolute(address: str) -> str:
    """The whole address of a page of ours; anything that is not a path of ours gives nothing."""
    if not address.startswith("/") or address.startswith("//"):
        return ""
    return settings.SITE_URL + address
