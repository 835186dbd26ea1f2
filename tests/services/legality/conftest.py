"""A body, people with roles in it, real files, and an act brought to each state by its actions."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pikepdf
import pytest
from django.apps import apps

from territoires.foundations.actions.api import permissions_of
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor, Grant
from territoires.kernel.clock import fixed_clock
from territoires.kernel.ids import new_id
from territoires.services.legality import jobs
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
from territoires.services.legality.actions import history as taking
from territoires.services.legality.domain.files import MAIN, Place
from territoires.services.legality.domain.wording import ActWords
from territoires.services.legality.models import Act
from territoires.services.legality.queries import files

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
READY = ActWords(
    number="DEL_2026_041",
    nature="1",
    matter_code="7.1",
    object="Budget primitif de l'eau",
    decided_on=date(2026, 11, 12),
    given_names="Paul",
    usual_name="Essai",
    quality="Maire",
)


def pdf(text: str = "", **encryption: Any) -> bytes:
    """A small sound PDF; two different texts give different bytes."""
    file = pikepdf.new()
    file.add_blank_page()
    file.docinfo["/Title"] = text
    buffer = io.BytesIO()
    file.save(buffer, deterministic_id=not encryption, **encryption)
    return buffer.getvalue()


def make_body(name: str = "Commune d'Exemple", siren: str = "217104389") -> Any:
    return apps.get_model("identity.Organisation")._default_manager.create(
        reference=siren, siren=siren, siret=f"{siren}00017", name=name, kind="commune"
    )


def make_actor(body: Any, role: str = "secretary", **fields: Any) -> Actor:
    grants = {p: Grant(p, "role", role) for p in permissions_of(role)}
    return Actor(
        person=new_id(),
        organisation=body.pk,
        grants=grants,
        services=frozenset({"legality"}),
        clock=fixed_clock(NOW),
        **fields,
    )


def receive(actor: Actor, content: bytes | Iterable[bytes], name: str = "acte.pdf") -> Any:
    chunks = [content] if isinstance(content, bytes) else content
    return documents.receive(
        chunks, name=name, organisation=actor.organisation, actor=actor, limit=300 * 1024 * 1024
    )


def sound(
    actor: Actor, content: bytes | Iterable[bytes], name: str = "acte.pdf", place: Place = MAIN
) -> files.SoundFile:
    """A file received and judged."""
    return files.sound_file(actor, receive(actor, content, name).pk, place)


def make_act(actor: Actor, state: str = "draft", **words: Any) -> Act:
    """An act in a state, by the verbs that lead there."""
    if state == "taken_over":
        return take_over_act(actor, **words)
    act = drafting.draft_act(actor=actor, words=replace(READY, **words))
    act = filing.attach_main(actor=actor, act=act, file=sound(actor, pdf(str(act.pk))))
    if state == "draft":
        return act
    if state == "signing":
        return electronic.ask_signatures(actor=actor, act=act)
    if state == "discarded":
        return drafting.discard_draft(actor=actor, act=act)
    act = signing.declare_signed(actor=actor, act=act, signed_on=date(2026, 11, 13), original_is_kept=True)
    if state == "signed":
        return act
    if state == "notified":
        return notifying.notify_act(actor=actor, act=act, notice=NOTICE)
    if state == "posted":
        return posting.post_act(actor=actor, act=act, notice=POSTING)
    act = publishing.publish_act(actor=actor, act=act)
    if state == "withdrawn":
        return withdrawing.withdraw_act(
            actor=actor, act=act, reason="Vote annulé par le conseil du 20 novembre."
        )
    return act


def take_over_act(actor: Actor, **words: Any) -> Act:
    """An act of before the platform, by an import of one line."""
    said = replace(READY, **words)
    table = (
        f"numero;nature;objet;date_decision\n{said.number};{said.nature};{said.object};{said.decided_on}\n"
    )
    document = receive(actor, table.encode(), "actes.csv")
    history = taking.bring_history(actor=actor, document=document.pk)
    jobs.read_history(history=str(history.pk))
    taking.order_history(actor=actor, history=history)
    jobs.take_over_history(history=str(history.pk))
    return Act.objects.get(former__history=history)


NOTICE = notifying.Notice(recipient="Camille Modèle", notified_on=date(2026, 11, 18), means="hand")
POSTING = posting.PostingNotice(mode="emergency", place="Panneau de la mairie", posted_on=date(2026, 11, 14))
INDIVIDUAL = {"nature": "3", "matter_code": "4.1", "number": "ARR_2026_118"}


@pytest.fixture
def body(db: None) -> Any:
    return make_body()


@pytest.fixture
def secretary(body: Any) -> Actor:
    return make_actor(body)


@pytest.fixture
def acts(secretary: Actor) -> Callable[..., Act]:
    """``acts("published", number="DEL_1")``: an act of the body, in a state."""
    return lambda state="draft", **words: make_act(secretary, state, **words)
