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
from territoires.services.legality import actions
from territoires.services.legality.domain.wording import ActWords
from territoires.services.legality.models import Act

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


def make_act(actor: Actor, state: str = "draft", **words: Any) -> Act:
    """An act in a state, by the verbs that lead there."""
    act = actions.draft_act(actor=actor, words=replace(READY, **words))
    document = receive(actor, pdf(str(act.pk)))
    act = actions.attach_main(actor=actor, act=act, document=document.pk)
    if state == "draft":
        return act
    if state == "discarded":
        return actions.discard_draft(actor=actor, act=act)
    act = actions.declare_signed(actor=actor, act=act, signed_on=date(2026, 11, 13), original_is_kept=True)
    if state == "signed":
        return act
    if state == "notified":
        return actions.notify_act(actor=actor, act=act, notice=NOTICE)
    act = actions.publish_act(actor=actor, act=act)
    if state == "withdrawn":
        return actions.withdraw_act(actor=actor, act=act, reason="Vote annulé par le conseil du 20 novembre.")
    return act


NOTICE = actions.Notice(recipient="Camille Modèle", notified_on=date(2026, 11, 18), means="hand")
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
