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
from django.test.utils import CaptureQueriesContext

from territoires.foundations.documents import api as documents
from territoires.foundations.journal import api as journal
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Gone, Invalid, Missing, TerritoiresError
from territoires.kernel.ids import new_id
from territoires.services.legality.actions import (
    drafting,
    electronic,
    filing,
    notifying,
    posting,
    publishing,
    signing,
    withdrawing,
)
from territoires.services.legality.domain.files import ANNEX, MAIN, PROOF
from territoires.services.legality.domain.life import LIFE
from territoires.services.legality.domain.wording import ActWords
from territoires.services.legality.models import Act
from territoires.services.legality.permissions import Legality
from territoires.services.legality.queries import acts as queries
from territoires.services.legality.queries import files, register
from territoires.services.legality.queries.lists import Filters

from .conftest import (
    INDIVIDUAL,
    NOTICE,
    NOW,
    POSTING,
    READY,
    make_act,
    make_actor,
    make_body,
    pdf,
    receive,
    sound,
)

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
    act = drafting.draft_act(actor=secretary, words=ActWords())
    assert queries.act_of(secretary, act.pk).state == "draft"


def test_a_draft_is_cleaned_of_invisible_characters(secretary: Actor) -> None:
    act = drafting.draft_act(actor=secretary, words=ActWords(object="Budget\u202e \x00de l'eau"))
    assert act.object == "Budget de l'eau"
    assert act.words_folded == "budget de l eau"


def test_a_text_longer_than_a_draft_is_refused_by_its_field(secretary: Actor) -> None:
    with pytest.raises(Invalid) as refusal:
        drafting.draft_act(actor=secretary, words=ActWords(object="x" * 2001, nature="12"))
    assert {fault.field for fault in refusal.value.faults} == {"object", "nature"}


def test_revising_tells_what_changed(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = acts()
    drafting.revise_act(actor=secretary, act=act, words=replace(READY, object="Budget annexe"))
    assert journal.timeline(act.pk)[-1].facts["fields"] == ["object"]


def test_a_new_nature_brings_its_usual_type(secretary: Actor) -> None:
    act = drafting.draft_act(actor=secretary, words=READY)
    assert act.main_type == "99_DE"
    act = drafting.revise_act(actor=secretary, act=act, words=replace(READY, nature="3"))
    assert act.main_type == "99_AI"


def test_an_act_that_is_not_ready_is_not_signed(secretary: Actor) -> None:
    act = drafting.draft_act(actor=secretary, words=replace(READY, number="dél 41", decided_on=None))
    with pytest.raises(Invalid) as refusal:
        signing.declare_signed(actor=secretary, act=act, **SIGNED)
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
        signing.declare_signed(actor=secretary, act=acts(), **(SIGNED | change))
    assert codes(refusal) == [code]


def test_a_signed_act_goes_back_to_draft_for_a_reason(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = signing.reopen_act(actor=secretary, act=acts("signed"), reason="Ce n'était pas la bonne page.")
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
    with pytest.raises(Invalid) as refusal:
        sound(secretary, content, name)
    assert codes(refusal) == [code]


def test_a_locked_or_broken_pdf_is_refused(secretary: Actor) -> None:
    import pikepdf

    for content in (pdf(encryption=pikepdf.Encryption(user="u", owner="o")), b"%PDF-1.7\nnothing more"):
        with pytest.raises(Invalid) as refusal:
            sound(secretary, content)
        assert refusal.value.code == "file-refused"


def test_a_name_with_quotes_and_directions_is_harmless(secretary: Actor, acts: Callable[..., Act]) -> None:
    hostile = sound(secretary, pdf("x"), name='../../\u202efdp."exe".pdf')
    annex = filing.add_annex(actor=secretary, act=acts(), file=hostile, piece_type="99_SE")
    assert "\u202e" not in annex.document.name
    assert "/" not in annex.document.name


def test_the_same_bytes_are_taken_once(secretary: Actor) -> None:
    act = drafting.draft_act(actor=secretary, words=READY)
    filing.attach_main(actor=secretary, act=act, file=sound(secretary, pdf("a")))
    with pytest.raises(Conflict) as refusal:
        filing.add_annex(actor=secretary, act=act, file=sound(secretary, pdf("a")))
    assert refusal.value.code == "file-already-there"


def test_a_replaced_or_removed_file_is_let_go(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = acts()
    former = act.main_id
    filing.attach_main(actor=secretary, act=act, file=sound(secretary, pdf("scan")))
    annex = filing.add_annex(actor=secretary, act=act, file=sound(secretary, pdf("plan")))
    filing.remove_annex(actor=secretary, act=act, annex=annex.pk)
    model = apps.get_model("documents.Document")
    purged = model._default_manager.filter(pk__in=[former, annex.document_id], purged_at__isnull=False)
    assert {document.purge_reason for document in purged} == {"replaced", "removed"}
    assert files.annexes_of(queries.act_of(secretary, act.pk)) == []


def test_a_file_of_another_body_is_not_found(secretary: Actor, acts: Callable[..., Act]) -> None:
    stranger = make_actor(make_body("Autre commune", "217004999"))
    foreign = sound(stranger, pdf("secret"))
    with pytest.raises(Missing):
        files.sound_file(secretary, foreign.document, ANNEX)
    with pytest.raises(Missing):
        filing.add_annex(actor=secretary, act=acts(), file=foreign)


def test_files_that_are_too_heavy_together_are_told(secretary: Actor, acts: Callable[..., Act]) -> None:
    act = acts()
    apps.get_model("documents.Document")._default_manager.filter(pk=act.main_id).update(size=151 * 2**20)
    with pytest.raises(Invalid) as refusal:
        signing.declare_signed(actor=secretary, act=act, **SIGNED)
    assert codes(refusal) == ["too-large"]


# -- effect -----------------------------------------------------------------------------------------------------------


def test_an_individual_act_is_notified_and_never_on_line(secretary: Actor, body: Any) -> None:
    act = make_act(secretary, "signed", **INDIVIDUAL)
    with pytest.raises(Conflict) as refusal:
        publishing.publish_act(actor=secretary, act=act)
    assert refusal.value.code == "individual-act"
    proof = receive(secretary, pdf("récépissé"), name="recepisse.pdf")
    judged = files.sound_file(secretary, proof.pk, PROOF)
    act = notifying.notify_act(actor=secretary, act=act, notice=replace(NOTICE, proof=judged))
    notifying.notify_act(actor=secretary, act=act, notice=replace(NOTICE, recipient="Dominique Exemple"))
    assert [n.recipient for n in queries.notifications_of(act)] == ["Camille Modèle", "Dominique Exemple"]
    assert register.register_of(ANYBODY, body.pk, Filters()).acts == []
    with pytest.raises(Missing):
        register.public_act(ANYBODY, act.pk)
    told = journal.timeline(act.pk)[-2]
    assert told.files["proof_1"] == proof.sha256
    assert told.private == {"recipient": "Camille Modèle"}


def test_a_deliberation_is_not_notified(secretary: Actor, acts: Callable[..., Act]) -> None:
    with pytest.raises(Conflict) as refusal:
        notifying.notify_act(actor=secretary, act=acts("signed"), notice=NOTICE)
    assert refusal.value.code == "act-to-publish"


def test_of_a_contract_the_author_decides(secretary: Actor) -> None:
    contract = {"nature": "4", "matter_code": "1.4"}
    assert make_act(secretary, "published", **contract, number="CON_1").state == "published"
    assert make_act(secretary, "notified", **contract, number="CON_2").state == "notified"


def test_a_notice_says_to_whom_when_and_how(secretary: Actor) -> None:
    act = make_act(secretary, "signed", **INDIVIDUAL)
    empty = notifying.Notice(recipient=" ", notified_on=None, means="pigeon")
    with pytest.raises(Invalid) as refusal:
        notifying.notify_act(actor=secretary, act=act, notice=empty)
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
        withdrawing.withdraw_act(actor=secretary, act=acts("published"), reason=reason)


# -- refusals ---------------------------------------------------------------------------------------------------------

GESTURES: dict[str, tuple[Callable[..., Act], dict[str, Any], Legality]] = {
    "revise": (drafting.revise_act, {"words": READY}, Legality.REVISE),
    "discard": (drafting.discard_draft, {}, Legality.REVISE),
    "declare_signed": (signing.declare_signed, SIGNED, Legality.SIGN),
    "ask_signatures": (electronic.ask_signatures, {}, Legality.SIGN),
    "reopen": (signing.reopen_act, {"reason": REASON}, Legality.SIGN),
    "post": (posting.post_act, {"notice": POSTING}, Legality.PUBLISH),
    "publish": (publishing.publish_act, {}, Legality.PUBLISH),
    "notify": (notifying.notify_act, {"notice": NOTICE}, Legality.NOTIFY),
    "withdraw": (withdrawing.withdraw_act, {"reason": REASON}, Legality.WITHDRAW),
}


@pytest.mark.parametrize("verb", GESTURES)
@pytest.mark.parametrize("state", LIFE.states)
def test_the_state_decides(secretary: Actor, state: str, verb: str) -> None:
    perform, arguments, _permission = GESTURES[verb]
    act = make_act(secretary, state, nature="4", matter_code="1.4")  # may be published or notified
    if LIFE.allows(state, verb):
        done = perform(actor=secretary, act=act, **arguments)
        assert done.state == LIFE.after(state, verb)
    else:
        with pytest.raises(Conflict) as refusal:
            perform(actor=secretary, act=act, **arguments)
        assert refusal.value.code == "act-state"
        assert queries.act_of(secretary, act.pk).state == state


@pytest.mark.parametrize("verb", GESTURES)
def test_roles_and_foreign_bodies_are_refused(secretary: Actor, body: Any, verb: str) -> None:
    perform, arguments, permission = GESTURES[verb]
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
            perform(actor=actor, act=act, **arguments)
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
    drafting.revise_act(actor=other, act=act, words=READY, version=act.version)
    with pytest.raises(Conflict) as refusal:
        drafting.revise_act(actor=secretary, act=act, words=READY, version=act.version)
    assert refusal.value.code == "changed-meanwhile"


def test_a_number_serves_one_live_act(secretary: Actor, acts: Callable[..., Act]) -> None:
    acts("published")
    twin = acts()
    with pytest.raises(Invalid) as refusal:
        signing.declare_signed(actor=secretary, act=twin, **SIGNED)
    assert codes(refusal) == ["number-taken"]


def test_two_drafts_may_share_a_number_until_one_is_signed(
    secretary: Actor, acts: Callable[..., Act]
) -> None:
    first, second = acts(), acts()
    assert first.number == second.number
    assert signing.declare_signed(actor=secretary, act=second, **SIGNED).state == "signed"
    with pytest.raises(Invalid) as refusal:
        signing.declare_signed(actor=secretary, act=first, **SIGNED)
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
    first, second = at_once(*[lambda: drafting.draft_act(actor=clicking, words=READY)] * 2)
    assert first == second
    act = make_act(secretary, "signed", number="DEL_2026_077")
    clicker = replace(secretary, idempotency_key=str(new_id()))
    results = at_once(*[lambda: publishing.publish_act(actor=clicker, act=act)] * 2)
    assert [done.state for done in results] == ["published", "published"]
    assert kinds(act).count("legality.act.published") == 1


def test_nobody_waits_while_a_file_is_judged(live_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a hostile PDF takes long: the act that it is meant for stays open to the other agents meanwhile."""
    body = make_body()
    secretary, other = make_actor(body), make_actor(body)
    act = make_act(secretary)
    document = receive(secretary, pdf("scan"))
    is_read, may_end = threading.Event(), threading.Event()

    def slow_inspection(_document: Any) -> documents.PdfInspection:
        is_read.set()
        assert may_end.wait(timeout=10)
        return documents.PdfInspection(pages=1)

    def replace_main() -> Act:
        file = files.sound_file(secretary, document.pk, MAIN)
        return filing.attach_main(actor=secretary, act=act, file=file)

    def revise_meanwhile() -> Act:
        assert is_read.wait(timeout=10)
        revised = drafting.revise_act(actor=other, act=act, words=replace(READY, object="Entre-temps"))
        may_end.set()
        return revised

    monkeypatch.setattr(documents, "inspect_pdf", slow_inspection)
    replaced, revised = at_once(replace_main, revise_meanwhile)
    assert revised.object == "Entre-temps"
    assert (replaced.object, replaced.main_id) == ("Entre-temps", document.pk)


def test_two_agents_publish_at_once_one_passes(live_database: str) -> None:
    body = make_body()
    act = make_act(make_actor(body), "signed")
    agents = [make_actor(body), make_actor(body)]
    results = at_once(*[lambda a=a: publishing.publish_act(actor=a, act=act) for a in agents])
    assert sorted(type(result).__name__ for result in results) == ["Act", "Conflict"]


@pytest.mark.parametrize("turn", range(5))
def test_publication_and_withdrawal_at_once_end_in_one_order(live_database: str, turn: int) -> None:
    """A withdrawal that comes first finds nothing to withdraw; one that comes second takes the act off line."""
    body = make_body()
    act = make_act(make_actor(body), "signed")
    publisher, withdrawer = make_actor(body), make_actor(body)
    published, withdrawn = at_once(
        lambda: publishing.publish_act(actor=publisher, act=act),
        lambda: withdrawing.withdraw_act(actor=withdrawer, act=act, reason=REASON),
    )
    assert isinstance(published, Act), "nothing forbids the publication of a signed act"
    was_withdrawn = isinstance(withdrawn, Act)
    assert was_withdrawn or withdrawn.code == "act-state"
    told = kinds(act)[-2:] if was_withdrawn else kinds(act)[-1:]
    assert told == ["legality.act.published", "legality.act.withdrawn"][: len(told)]
    listed = register.register_of(ANYBODY, body.pk, Filters()).acts
    act.refresh_from_db()
    assert (act.state, len(listed)) == (("withdrawn", 0) if was_withdrawn else ("published", 1))
    assert act.published_at is not None and (act.withdrawn_at is not None) is was_withdrawn


def test_two_drafts_with_one_number_signed_at_once(live_database: str) -> None:
    body = make_body()
    secretary = make_actor(body)
    twins = [make_act(secretary), make_act(secretary, number="DEL_2026_042")]
    Act.objects.filter(pk=twins[1].pk).update(number=twins[0].number)
    results = at_once(*[lambda t=t: signing.declare_signed(actor=secretary, act=t, **SIGNED) for t in twins])
    [signed] = [result for result in results if isinstance(result, Act)]
    [refused] = [result for result in results if not isinstance(result, Act)]
    assert "number-taken" in (refused.code, *(fault.code for fault in refused.faults))
    assert [act.pk for act in Act.objects.filter(state="signed")] == [signed.pk]


# -- what waits -------------------------------------------------------------------------------------------------------


def test_the_desk_shows_the_next_step_and_nothing_after(secretary: Actor) -> None:
    def verbs() -> list[str]:
        return [item.verb for item in worklist.desk(secretary).items]

    act = make_act(secretary)
    assert verbs() == ["Complete and have it signed"]
    signing.declare_signed(actor=secretary, act=act, **SIGNED)
    assert verbs() == ["Prepare for the prefecture"]
    publishing.publish_act(actor=secretary, act=act)
    assert verbs() == ["Prepare for the prefecture"], "an act that the State never received is not executory"
    withdrawing.withdraw_act(actor=secretary, act=act, reason=REASON)
    assert verbs() == []
    kept = make_act(secretary, "signed", **INDIVIDUAL)
    assert verbs() == ["Notify"], "this one does not go to the State"
    notifying.notify_act(actor=secretary, act=kept, notice=NOTICE)
    assert verbs() == []


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


def test_words_are_looked_up_before_the_acts_of_all_bodies_are_sorted(secretary: Actor, body: Any) -> None:
    """Two frequent words that one old act alone holds together: walking from the latest act would read them all."""
    model = make_act(secretary, "published", number="DEL_0", object="Budget de la cantine")
    kept = {field.attname: getattr(model, field.attname) for field in Act._meta.concrete_fields}
    other = make_body(name="Autre", siren="214401092")
    Act.objects.bulk_create(
        Act(
            **kept
            | {
                "id": new_id(),
                "organisation_id": (body, other)[number % 2].pk,
                "number": f"DEL_{number}",
                "words_folded": f"del {number} {('budget', 'cantine')[number % 2]}",
                "published_at": NOW + timedelta(minutes=number),
            }
        )
        for number in range(1, 4_000)
    )
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as queries_made:
        cursor.execute("ANALYZE t_legality_act")
        assert register.register_of(ANYBODY, None, Filters(text="budget cantine")).acts == [model]
        [asked] = [made["sql"] for made in queries_made if "to_tsquery" in made["sql"]]
        cursor.execute(f"EXPLAIN {asked}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "act_words" in plan and "act_latest" not in plan

    first = register.register_of(ANYBODY, None, Filters(text="budget"), size=3)
    assert first.next is not None
    second = register.register_of(ANYBODY, None, Filters(text="budget"), cursor=first.next, size=3)
    assert [act.number for act in [*first.acts, *second.acts]] == [
        f"DEL_{number}" for number in range(3998, 3986, -2)
    ]


def test_the_next_act_is_proposed(secretary: Actor) -> None:
    make_act(secretary, "published", number="DEL_2026_009")
    proposed = queries.proposed_words(secretary)
    assert (proposed.number, proposed.usual_name, proposed.object) == ("DEL_2026_010", "Essai", "")
