"""The verbs of an act, on a real database: what each does, what each refuses, and two at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from territoires.foundations.journal import api as journal
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Gone, Invalid, Missing, TerritoiresError
from territoires.kernel.ids import new_id
from territoires.services.legality import actions
from territoires.services.legality.domain.life import LIFE
from territoires.services.legality.domain.wording import ActWords
from territoires.services.legality.models import Act
from territoires.services.legality.permissions import Legality
from territoires.services.legality.queries import acts as queries
from territoires.services.legality.queries import register
from territoires.services.legality.queries.lists import Filters

from .conftest import INDIVIDUAL, NOTICE, NOW, READY, make_act, make_actor, make_body, pdf, receive

SIGNED = {"signed_on": date(2026, 11, 13), "original_is_kept": True}
REASON = "Vote annulé par le conseil du 20 novembre."
ANYBODY = Actor()


def kinds(act: Act) -> list[str]:
    return [entry.kind for entry in journal.timeline(act.pk)]


def codes(refusal: pytest.ExceptionInfo[TerritoiresError]) -> list[str]:
    return [fault.code for fault in refusal.value.faults]


# -- from draft to publication ----------------------------------------------------------------------------------------


def test_an_act_goes_from_draft_to_the_register(secretary: Actor, body: Any) -> None:
    act = make_act(secretary, "published")
    assert (act.state, act.published_at) == ("published", NOW)
    [listed] = register.register_of(ANYBODY, body.pk, Filters()).acts
    assert listed == act
    assert kinds(act) == [
        "legality.act.drafted",
        "legality.file.attached",
        "legality.act.signed",
        "legality.act.published",
    ]
    published = journal.timeline(act.pk)[-1]
    assert published.facts["published_at"].startswith("2026-11-24T09:00:00")
    assert published.files == {"content": act.main_sha256}
    assert published.private["usual_name"] == "Essai"


def test_a_draft_may_be_empty_and_is_kept(secretary: Actor) -> None:
    act = actions.draft_act(actor=secretary, words=ActWords())
    assert queries.act_of(secretary, act.pk).state == "draft"


def test_a_draft_is_cleaned_of_invisible_characters(secretary: Actor) -> None:
    act = actions.draft_act(actor=secretary, words=ActWords(object="Budget\u202e \x00de l'eau"))
    assert act.object == "Budget de l'eau"
    assert act.words_folded == "budget de l eau"


def test_a_text_longer_than_a_draft_is_refused_by_its_field(secretary: Actor) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.draft_act(actor=secretary, words=ActWords(object="x" * 2001, nature="12"))
    assert {fault.field for fault in refusal.value.faults} == {"object", "nature"}


def test_revising_tells_what_changed(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = acts()
    actions.revise_act(actor=secretary, act=act, words=replace(READY, object="Budget annexe"))
    assert journal.timeline(act.pk)[-1].facts["fields"] == ["object"]


def test_a_new_nature_brings_its_usual_type(secretary: Actor) -> None:
    act = actions.draft_act(actor=secretary, words=READY)
    assert act.main_type == "99_DE"
    act = actions.revise_act(actor=secretary, act=act, words=replace(READY, nature="3"))
    assert act.main_type == "99_AI"


def test_an_act_that_is_not_ready_is_not_signed(secretary: Actor) -> None:
    act = actions.draft_act(actor=secretary, words=replace(READY, number="dél 41", decided_on=None))
    with pytest.raises(Invalid) as refusal:
        actions.declare_signed(actor=secretary, act=act, **SIGNED)
    assert codes(refusal) == ["number-shape", "date-missing", "main-missing"]
    assert queries.act_of(secretary, act.pk).state == "draft"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"signed_on": date(2026, 11, 11)}, "signature-date"),
        ({"signed_on": NOW.date() + timedelta(days=1)}, "signature-date"),
        ({"original_is_kept": False}, "original-not-kept"),
    ],
)
def test_a_signature_has_a_day_and_an_original(
    secretary: Actor, acts: Callable[..., Act], change: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.declare_signed(actor=secretary, act=acts(), **(SIGNED | change))
    assert codes(refusal) == [code]


def test_a_signed_act_goes_back_to_draft_for_a_reason(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = actions.reopen_act(actor=secretary, act=acts("signed"), reason="Ce n'était pas la bonne page.")
    assert (act.state, act.signed_on) == ("draft", None)
    assert journal.timeline(act.pk)[-1].private == {"reason": "Ce n'était pas la bonne page."}


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "acte.pdf", "file-empty"),
        (b"MZ\x90\x00" + bytes(200), "acte.pdf", "file-disguised"),
        (b"MZ\x90\x00" + bytes(200), "acte.exe", "file-format"),
        (b"PK\x03\x04" + bytes(200), "acte.zip", "file-format"),
    ],
)
def test_a_file_that_is_no_pdf_is_refused_with_its_reason(
    secretary: Actor, content: bytes, name: str, code: str
) -> None:
    act = actions.draft_act(actor=secretary, words=READY)
    with pytest.raises(Invalid) as refusal:
        actions.attach_main(actor=secretary, act=act, document=receive(secretary, content, name).pk)
    assert codes(refusal) == [code]
    assert queries.act_of(secretary, act.pk).main is None


def test_a_locked_or_broken_pdf_is_refused(secretary: Actor) -> None:
    import pikepdf

    act = actions.draft_act(actor=secretary, words=READY)
    for content in (pdf(encryption=pikepdf.Encryption(user="u", owner="o")), b"%PDF-1.7\nnothing more"):
        with pytest.raises(Invalid) as refusal:
            actions.attach_main(actor=secretary, act=act, document=receive(secretary, content).pk)
        assert refusal.value.code == "file-refused"


def test_a_name_with_quotes_and_directions_is_harmless(secretary: Actor, acts: Callable[..., Act]) -> None:
    hostile = receive(secretary, pdf("x"), name='../../\u202efdp."exe".pdf')
    annex = actions.add_annex(actor=secretary, act=acts(), document=hostile.pk, piece_type="99_SE")
    assert "\u202e" not in annex.document.name
    assert "/" not in annex.document.name


def test_the_same_bytes_are_taken_once(secretary: Actor) -> None:
    act = actions.draft_act(actor=secretary, words=READY)
    actions.attach_main(actor=secretary, act=act, document=receive(secretary, pdf("a")).pk)
    with pytest.raises(Conflict) as refusal:
        actions.add_annex(actor=secretary, act=act, document=receive(secretary, pdf("a")).pk)
    assert refusal.value.code == "file-already-there"


def test_a_replaced_or_removed_file_is_let_go(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = acts()
    former = act.main_id
    actions.attach_main(actor=secretary, act=act, document=receive(secretary, pdf("scan")).pk)
    annex = actions.add_annex(actor=secretary, act=act, document=receive(secretary, pdf("plan")).pk)
    actions.remove_annex(actor=secretary, act=act, annex=annex.pk)
    model = apps.get_model("documents.Document")
    purged = model._default_manager.filter(pk__in=[former, annex.document_id], purged_at__isnull=False)
    assert {document.purge_reason for document in purged} == {"replaced", "removed"}
    assert queries.annexes_of(queries.act_of(secretary, act.pk)) == []


def test_a_file_of_another_body_is_not_found(secretary: Actor, acts: Callable[..., Act]) -> None:
    stranger = make_actor(make_body("Autre commune", "217004999"))
    foreign = receive(stranger, pdf("secret"))
    with pytest.raises(Missing):
        actions.add_annex(actor=secretary, act=acts(), document=foreign.pk)


def test_files_that_are_too_heavy_together_are_told(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = acts()
    apps.get_model("documents.Document")._default_manager.filter(pk=act.main_id).update(size=151 * 2**20)
    with pytest.raises(Invalid) as refusal:
        actions.declare_signed(actor=secretary, act=act, **SIGNED)
    assert codes(refusal) == ["too-large"]


# -- effect -----------------------------------------------------------------------------------------------------------


def test_an_individual_act_is_notified_and_never_on_line(secretary: Actor, body: Any) -> None:
    act = make_act(secretary, "signed", **INDIVIDUAL)
    with pytest.raises(Conflict) as refusal:
        actions.publish_act(actor=secretary, act=act)
    assert refusal.value.code == "individual-act"
    proof = receive(secretary, pdf("récépissé"), name="recepisse.pdf")
    act = actions.notify_act(actor=secretary, act=act, notice=replace(NOTICE, proof=proof.pk))
    actions.notify_act(actor=secretary, act=act, notice=replace(NOTICE, recipient="Dominique Exemple"))
    assert [n.recipient for n in queries.notifications_of(act)] == ["Camille Modèle", "Dominique Exemple"]
    assert register.register_of(ANYBODY, body.pk, Filters()).acts == []
    with pytest.raises(Missing):
        register.public_act(ANYBODY, act.pk)
    told = journal.timeline(act.pk)[-2]
    assert told.files["proof_1"] == proof.sha256
    assert told.private == {"recipient": "Camille Modèle"}


def test_a_deliberation_is_not_notified(secretary: Actor, acts: Callable[..., Act]) -> None:
    with pytest.raises(Conflict) as refusal:
        actions.notify_act(actor=secretary, act=acts("signed"), notice=NOTICE)
    assert refusal.value.code == "act-to-publish"


def test_of_a_contract_the_author_decides(secretary: Actor) -> None:
    contract = {"nature": "4", "matter_code": "1.4"}
    assert make_act(secretary, "published", **contract, number="CON_1").state == "published"
    assert make_act(secretary, "notified", **contract, number="CON_2").state == "notified"


def test_a_notice_says_to_whom_when_and_how(secretary: Actor) -> None:
    act = make_act(secretary, "signed", **INDIVIDUAL)
    empty = actions.Notice(recipient=" ", notified_on=None, means="pigeon")
    with pytest.raises(Invalid) as refusal:
        actions.notify_act(actor=secretary, act=act, notice=empty)
    assert codes(refusal) == ["recipient-missing", "means-missing", "notice-date"]


def test_a_withdrawn_act_is_gone_and_says_why(secretary: Actor, body: Any, acts: Callable[..., Act]) -> None:
    act = acts("withdrawn")
    with pytest.raises(Gone) as gone:
        register.public_act(ANYBODY, act.pk)
    assert gone.value.params["reason"] == REASON
    assert register.register_of(ANYBODY, body.pk, Filters()).acts == []
    assert acts("published", number=act.number).state == "published", "its number is free again"


@pytest.mark.parametrize("reason", ["", "  trop  ", "x" * 1001])
def test_a_withdrawal_needs_a_reason(secretary: Actor, acts: Callable[..., Act], reason: str) -> None:
    with pytest.raises(Invalid):
        actions.withdraw_act(actor=secretary, act=acts("published"), reason=reason)


# -- refusals ---------------------------------------------------------------------------------------------------------

GESTURES: dict[str, tuple[str, dict[str, Any], Legality]] = {
    "revise_act": ("revise", {"words": READY}, Legality.REVISE),
    "discard_draft": ("discard", {}, Legality.REVISE),
    "declare_signed": ("declare_signed", SIGNED, Legality.SIGN),
    "reopen_act": ("reopen", {"reason": REASON}, Legality.SIGN),
    "publish_act": ("publish", {}, Legality.PUBLISH),
    "notify_act": ("notify", {"notice": NOTICE}, Legality.NOTIFY),
    "withdraw_act": ("withdraw", {"reason": REASON}, Legality.WITHDRAW),
}


@pytest.mark.parametrize("name", GESTURES)
@pytest.mark.parametrize("state", LIFE.states)
def test_the_state_decides(secretary: Actor, state: str, name: str) -> None:
    verb, arguments, _permission = GESTURES[name]
    act = make_act(secretary, state, nature="4", matter_code="1.4")  # may be published or notified
    if LIFE.allows(state, verb):
        done = getattr(actions, name)(actor=secretary, act=act, **arguments)
        assert done.state == LIFE.after(state, verb)
    else:
        with pytest.raises(Conflict) as refusal:
            getattr(actions, name)(actor=secretary, act=act, **arguments)
        assert refusal.value.code == "act-state"
        assert queries.act_of(secretary, act.pk).state == state


@pytest.mark.parametrize("name", GESTURES)
def test_roles_and_foreign_bodies_are_refused(secretary: Actor, body: Any, name: str) -> None:
    _verb, arguments, permission = GESTURES[name]
    act = make_act(secretary)
    foreign = make_actor(make_body("Autre commune", "217004999"))
    refused = [
        foreign,
        ANYBODY,
        *(make_actor(body, role) for role in ("elected", "observer", "administrator")),
    ]
    if permission is not Legality.REVISE:
        refused.append(make_actor(body, "agent"))
    for actor in refused:
        with pytest.raises(Denied):
            getattr(actions, name)(actor=actor, act=act, **arguments)
    assert queries.act_of(secretary, act.pk).version == act.version


def test_reading_stops_at_the_body(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = acts()
    for actor in (ANYBODY, make_actor(make_body("Autre commune", "217004999"))):
        assert queries.acts_of(actor, Filters()).acts == []
        with pytest.raises(Missing):
            queries.act_of(actor, act.pk)


def test_two_agents_on_one_draft(secretary: Actor, body: Any, acts: Callable[..., Act]) -> None:
    act = acts()
    other = make_actor(body, "agent")
    actions.revise_act(actor=other, act=act, words=READY, version=act.version)
    with pytest.raises(Conflict) as refusal:
        actions.revise_act(actor=secretary, act=act, words=READY, version=act.version)
    assert refusal.value.code == "changed-meanwhile"


def test_a_number_serves_one_live_act(secretary: Actor, acts: Callable[..., Act]) -> None:
    acts("published")
    twin = acts()
    with pytest.raises(Invalid) as refusal:
        actions.declare_signed(actor=secretary, act=twin, **SIGNED)
    assert codes(refusal) == ["number-taken"]


def test_the_database_holds_the_law(secretary: Actor, acts: Callable[..., Act]) -> None:
    """Even without an action, no act is complete without what the law demands, and no number serves twice."""
    act = acts("signed")
    twin = acts(number="DEL_2026_042")
    for changes in (
        {"number": "dél-41"},
        {"object": "x" * 500},
        {"object": ""},
        {"usual_name": ""},
        {"main": None},
        {"signed_on": None},
        {"state": "published"},
        {"state": "withdrawn"},
        {"state": "burnt"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Act.objects.filter(pk=act.pk).update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        Act.objects.filter(pk=twin.pk).update(state="signed", signed_on=NOW.date(), number=act.number)


# -- at once ----------------------------------------------------------------------------------------------------------


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """The result or the refusal of each call, all started together, each on its own connection."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        barrier.wait(timeout=10)
        try:
            results[place] = calls[place]()
        except TerritoiresError as refusal:
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_two_clicks_at_once_are_one(live_database: str) -> None:
    secretary = make_actor(make_body())
    clicking = replace(secretary, idempotency_key=str(new_id()))
    first, second = at_once(*[lambda: actions.draft_act(actor=clicking, words=READY)] * 2)
    assert first == second
    act = make_act(secretary, "signed", number="DEL_2026_077")
    publishing = replace(secretary, idempotency_key=str(new_id()))
    results = at_once(*[lambda: actions.publish_act(actor=publishing, act=act)] * 2)
    assert [done.state for done in results] == ["published", "published"]
    assert kinds(act).count("legality.act.published") == 1


def test_two_agents_publish_at_once_one_passes(live_database: str) -> None:
    body = make_body()
    act = make_act(make_actor(body), "signed")
    agents = [make_actor(body), make_actor(body)]
    results = at_once(*[lambda a=a: actions.publish_act(actor=a, act=act) for a in agents])
    assert sorted(type(result).__name__ for result in results) == ["Act", "Conflict"]


def test_two_drafts_with_one_number_signed_at_once(live_database: str) -> None:
    body = make_body()
    secretary = make_actor(body)
    twins = [make_act(secretary), make_act(secretary, number="DEL_2026_042")]
    Act.objects.filter(pk=twins[1].pk).update(number=twins[0].number)
    results = at_once(*[lambda t=t: actions.declare_signed(actor=secretary, act=t, **SIGNED) for t in twins])
    assert all(isinstance(result, Invalid | Conflict | Act) for result in results)
    assert Act.objects.filter(state="signed").count() <= 1


# -- what waits -------------------------------------------------------------------------------------------------------


def test_the_desk_shows_the_next_step_and_nothing_after(secretary: Actor) -> None:
    def verbs() -> list[str]:
        return [item.verb for item in worklist.desk(secretary).items]

    act = make_act(secretary)
    assert verbs() == ["Complete and have it signed"]
    actions.declare_signed(actor=secretary, act=act, **SIGNED)
    assert verbs() == ["Publish"]
    actions.publish_act(actor=secretary, act=act)
    assert verbs() == []
    make_act(secretary, "signed", **INDIVIDUAL)
    assert verbs() == ["Notify"]


# -- lists ------------------------------------------------------------------------------------------------------------


def test_the_register_is_searched_without_accents_and_by_filters(secretary: Actor, body: Any) -> None:
    one = make_act(secretary, "published", number="DEL_1", object="Réfection de l'École d'Éclaron")
    two = make_act(
        secretary,
        "published",
        number="ARR_2",
        nature="2",
        matter_code="6.1",
        object="Foire",
        decided_on=date(2025, 3, 1),
    )

    def found(**filters: Any) -> list[Act]:
        return list(register.register_of(ANYBODY, body.pk, Filters(**filters)).acts)

    assert found(text="ecole ECLA") == [one]
    assert found(text="arr 2") == [two]
    assert found(nature="2") == found(matter="6") == found(matter="6.1") == found(year=2025) == [two]
    assert found(decided_from=date(2026, 1, 1)) == [one]
    assert found(decided_until=date(2026, 1, 1)) == [two]
    assert found(text="' | !!& :* \\") == [two, one]
    assert register.years_of(ANYBODY, body.pk) == [2026, 2025]


def test_pages_follow_one_another_without_gap_or_double(secretary: Actor, body: Any) -> None:
    for number in range(7):
        make_act(secretary.at(NOW + timedelta(seconds=number // 3)), "published", number=f"DEL_{number}")
    seen, cursor = [], ""
    while True:
        page = register.register_of(ANYBODY, body.pk, Filters(), cursor=cursor, size=3)
        seen += [act.number for act in page.acts]
        if page.next is None:
            break
        cursor = page.next
    assert seen == [f"DEL_{number}" for number in reversed(range(7))]
    with pytest.raises(Invalid):
        register.register_of(ANYBODY, body.pk, Filters(), cursor="nonsense")


def test_the_next_act_is_proposed(secretary: Actor) -> None:
    make_act(secretary, "published", number="DEL_2026_009")
    proposed = queries.proposed_words(secretary)
    assert (proposed.number, proposed.usual_name, proposed.object) == ("DEL_2026_010", "Essai", "")
