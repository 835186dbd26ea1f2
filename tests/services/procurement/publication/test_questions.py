"""Questions and answers: asked by anybody, answered to all, in time or with more time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing, TooLate
from territoires.services.procurement.actions import amending, answering
from territoires.services.procurement.actions.visitors import line_of
from territoires.services.procurement.jobs.publication import tell_correspondents
from territoires.services.procurement.models import Consultation, Question
from territoires.services.procurement.queries import publication
from territoires.services.procurement.queries.publication import (
    answered_of,
    answers_due,
    proposed_deadline,
    takes_questions,
)
from tests.services.procurement.conftest import make_actor, make_body, make_person, rows

from .conftest import Publish, deadline, visitor

TEXT = "Nous, Travaux Modèle, demandons si la zinguerie est comprise dans le lot 1."
PUBLIC = "La zinguerie est-elle comprise dans le lot 1 ?"
ANSWER = "Oui, elle l'est."
DAY = timedelta(days=1)


def ask(consultation: Consultation, **given: Any) -> Question:
    return answering.ask_question(
        **{"actor": visitor(), "consultation": consultation, "text": TEXT, "email": "manon@travaux.example"}
        | given
    )


def reply(actor: Actor, consultation: Consultation, question: Question, **given: Any) -> Question:
    return answering.answer_question(
        **{
            "actor": actor,
            "consultation": consultation,
            "question": question.pk,
            "public_text": PUBLIC,
            "answer": ANSWER,
        }
        | given
    )


def test_a_question_waits_on_the_desk_until_its_legal_hour(buyer: Actor, public: Consultation) -> None:
    one = ask(public, lot_number=1)
    item = rows("worklist.Item").get(subject_id=one.pk)
    assert item.due_at == answers_due(public, buyer.now())
    # The answer leaves six whole days before the deadline.
    assert item.due_at == first_instant(public.tenders_until.date() - 6 * DAY)  # type: ignore[union-attr]
    reply(buyer, public, one)
    assert not rows("worklist.Item").filter(subject_id=one.pk).exists()


def test_the_answer_is_for_all_and_the_asker_for_nobody(buyer: Actor, public: Consultation) -> None:
    one = ask(public, asker="Travaux Modèle")
    reply(buyer, public, one)
    (shown,) = answered_of(public)
    assert (shown.number, shown.public_text, shown.answer) == (1, PUBLIC, ANSWER)
    fact = next(f for f in journal.timeline(public.pk) if f.kind == "procurement.question.asked")
    assert "Modèle" not in str(fact.facts)


def test_who_asked_is_told_without_having_left_an_address_for_more(
    buyer: Actor, public: Consultation
) -> None:
    one = ask(public)
    reply(buyer, public, one)
    for _again in range(2):
        tell_correspondents(str(public.pk), str(one.pk))
    (mail,) = rows("notifications.Mail").filter(address="manon@travaux.example")
    assert mail.notification.context["answer"] == ANSWER


def test_a_lot_that_does_not_exist_is_no_lot(public: Consultation) -> None:
    assert ask(public, lot_number=99).lot_number is None


@pytest.mark.parametrize(
    "given",
    [{"text": ""}, {"text": "   "}, {"text": "?"}, {"text": "x" * 10_000_000}, {"email": "nulle part"}],
)
def test_what_says_nothing_or_too_much_is_refused(public: Consultation, given: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        ask(public, **given)
    assert not Question.objects.exists()


def test_questions_end_with_their_day(public: Consultation) -> None:
    last = public.questions_until
    assert last is not None
    assert takes_questions(public, first_instant(last + DAY) - timedelta(seconds=1))
    with pytest.raises(TooLate):
        ask(public, actor=visitor(first_instant(last + DAY)))


def test_a_question_is_settled_once(buyer: Actor, public: Consultation) -> None:
    one = ask(public)
    reply(buyer, public, one)
    with pytest.raises(Conflict):
        reply(buyer, public, one)
    with pytest.raises(Conflict):
        answering.dismiss_question(
            actor=buyer, consultation=public, question=one.pk, reason="Une raison suffisante."
        )


def test_a_question_is_left_with_a_reason(buyer: Actor, public: Consultation) -> None:
    one = ask(public)
    with pytest.raises(Invalid):
        answering.dismiss_question(actor=buyer, consultation=public, question=one.pk, reason="")
    answering.dismiss_question(
        actor=buyer, consultation=public, question=one.pk, reason="La même question a déjà sa réponse."
    )
    assert not answered_of(public)


def test_numbers_tell_nothing_of_those_who_wait(buyer: Actor, public: Consultation) -> None:
    first, second = ask(public), ask(public)
    assert reply(buyer, public, second).number == 1
    assert reply(buyer, public, first).number == 2


def test_only_the_body_answers(public: Consultation, body: Any) -> None:
    one = ask(public)
    stranger = make_actor(make_body("Ailleurs", "217004999"))
    for actor in (stranger, make_actor(body, "elected"), visitor()):
        with pytest.raises(Denied):
            reply(actor, public, one)


def test_a_question_of_another_consultation_is_not_here(buyer: Actor, publish: Publish) -> None:
    one, other = publish(), publish(title="Une autre")
    with pytest.raises(Missing):
        reply(buyer, one, ask(other))


# -- too near the deadline ----------------------------------------------------------------------------------------------


def test_a_late_answer_of_an_adapted_procedure_needs_time_or_a_reason(
    buyer: Actor, public: Consultation
) -> None:
    one = ask(public)
    late = buyer.at(deadline(public) - 3 * DAY)
    with pytest.raises(Invalid) as refused:
        reply(late, public, one)
    assert refused.value.code == "answer-late"
    done = reply(late, public, one, late_reason="La réponse ne change rien à ce qui est demandé.")
    assert done.late_reason
    public.refresh_from_db()
    assert public.publication_version == 1


def test_a_late_answer_puts_the_deadline_off(buyer: Actor, public: Consultation) -> None:
    one = ask(public)
    late = buyer.at(deadline(public) - 3 * DAY)
    proposed = proposed_deadline(public, late.now(), is_substantial=False)
    assert proposed is not None
    reply(late, public, one, tenders_until=proposed)
    public.refresh_from_db()
    assert (public.tenders_until, public.publication_version) == (proposed, 2)


def test_a_late_answer_of_a_formal_procedure_has_no_choice(buyer: Actor, public: Consultation) -> None:
    rows("t_procurement.Consultation").filter(pk=public.pk).update(procedure="open")
    one = ask(public)
    late = buyer.at(deadline(public) - 3 * DAY)
    with pytest.raises(Invalid):
        reply(late, public, one, late_reason="La réponse ne change rien à ce qui est demandé.")


def test_in_urgency_four_days_are_enough(buyer: Actor, public: Consultation) -> None:
    rows("t_procurement.Consultation").filter(pk=public.pk).update(is_urgent=True)
    public.refresh_from_db()
    assert not answering.is_late_answer(public, deadline(public) - 5 * DAY)
    assert answering.is_late_answer(public, deadline(public) - 4 * DAY)


def test_no_answer_after_the_deadline(buyer: Actor, public: Consultation) -> None:
    one = ask(public)
    with pytest.raises(TooLate):
        reply(buyer.at(deadline(public) + DAY), public, one)


def test_an_answer_during_a_suspension_does_not_resume_the_call(buyer: Actor, public: Consultation) -> None:
    one = ask(public)
    amending.suspend_consultation(actor=buyer, consultation=public, reason="Le projet est revu en entier.")
    reply(buyer, public, one)
    public.refresh_from_db()
    assert public.state == "suspended"


def test_who_fills_the_list_closes_the_door_to_nobody_with_an_account(
    secretary: Actor, public: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "MOST_WAITING", 2)
    monkeypatch.setattr(publication, "MOST_OF_ONE", 1)
    for _number in range(2):
        ask(public)
    with pytest.raises(Conflict, match="too-many-questions"):
        ask(public)
    registered, other = (replace(visitor(), person=make_person().pk) for _ in range(2))
    ask(public, actor=registered)
    with pytest.raises(Conflict, match="too-many-of-yours"):
        ask(public, actor=registered)
    ask(public, actor=other)
    assert rows("t_procurement.Question").filter(consultation=public).count() == 4


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
    ],
)
def test_a_visitor_has_one_line_however_many_addresses(address: str, line: str) -> None:
    assert line_of(address) == str(ip_address(line))
