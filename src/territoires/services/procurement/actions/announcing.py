"""Mails to those who left an address or began a bid: what changed, and how to hear no more of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from territoires.foundations.notifications.api import Recipient, notify
from territoires.kernel.actor import Actor

from ..models import Amendment, Consultation, Correspondent, Question
from ..queries.addressees import people_of
from ..queries.bids import bidders_in
from ..queries.change_proofs import change_of
from ..queries.invitations import address_for, is_called
from ..queries.publication import correspondents_of, first_deadline, news_of
from ..queries.rounds import current_round

AMENDED = "procurement/amended"
ANSWERED = "procurement/answered"
JOINED = "procurement/joined"
INVITED = "procurement/invited"


def announce(actor: Actor, consultation: Consultation, about: UUID) -> int:
    """Tells the correspondents and the bidders of an amendment or of an answer; answers how many correspondents.

    Bidders are not counted: before the deadline nobody is told how many there are.
    """
    news = news_of(consultation, about)
    template, words = _words(news)
    told = correspondents_of(consultation)
    for one in told:
        announce_to(actor, consultation, one, template, words)
    known = {one.email.casefold() for one in told}
    known |= _tell_bidders(actor, consultation, template, words, known)
    if isinstance(news, Question):
        _tell_asker(actor, consultation, news, words, known)
    return len(told)


def _tell_bidders(
    actor: Actor, consultation: Consultation, template: str, words: dict[str, Any], told: set[str]
) -> set[str]:
    """The people of the enterprises that began a bid hear of it too, each once; answers their addresses."""
    round = current_round(consultation)
    people = {
        person.email.casefold(): (person, bidder)
        for bidder in bidders_in(consultation, round)
        if is_called(consultation, round, bidder)
        for person in people_of(bidder, actor.now())
    }
    for email in people.keys() - told:
        person, bidder = people[email]
        _mail(actor, consultation, person, template, words, "", bidder)
    return set(people)


def announce_to(
    actor: Actor, consultation: Consultation, one: Correspondent, template: str, words: dict[str, Any]
) -> None:
    """Who was invited hears of everything, by a link that opens the call to her; who left an address may end it."""
    place = {"consultation": one.consultation_id, "correspondent": one.pk, "token": one.token}
    stop = settings.SITE_URL + reverse("procurement:stop-telling", kwargs=place)
    _mail(
        actor,
        consultation,
        Recipient(email=one.email, language=one.language),
        template,
        {**words, "address": address_for(one)},
        "" if consultation.is_private else stop,
    )


def _words(news: Amendment | Question) -> tuple[str, dict[str, Any]]:
    if isinstance(news, Amendment):
        change = change_of(news)
        return AMENDED, {
            "verb": news.verb,
            "summary": news.summary,
            "moves_deadline": news.moves_deadline,
            "documents": [[piece.document.name, piece.sha256] for piece in change.documents],
            "policy_sha256": change.policy_sha256,
        }
    return ANSWERED, {"number": news.number, "question": news.public_text, "answer": news.answer}


def _tell_asker(
    actor: Actor, consultation: Consultation, question: Question, words: dict[str, Any], told: set[str]
) -> None:
    """Who asked hears of the answer, too, without having left an address for the rest."""
    if question.email and question.email.casefold() not in told:
        asker = Recipient(email=question.email, language=question.language)
        _mail(actor, consultation, asker, ANSWERED, words, "")


def _mail(
    actor: Actor,
    consultation: Consultation,
    recipient: Recipient,
    template: str,
    words: dict[str, Any],
    stop: str,
    organisation: UUID | None = None,
) -> None:
    deadline = first_deadline(consultation)
    context = {
        "reference": consultation.reference,
        "title": consultation.title,
        "body": consultation.organisation.name,
        "deadline": deadline.isoformat() if deadline else "",
        "address": reverse("procurement:consultation", kwargs={"consultation": consultation.pk}),
        "stop": stop,
        **words,
    }
    notify(
        recipients=[recipient],
        template=template,
        context=context,
        matter=consultation.pk,
        organisation=organisation or consultation.organisation_id,
        binding=True,
        at=actor.now(),
    )
