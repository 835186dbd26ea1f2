"""An act that the State acknowledges late, when it was refused and corrected meanwhile: what was sent prevails."""

from __future__ import annotations

from uuid import UUID

from territoires.contracts import legality as facts
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict
from territoires.kernel.fact import Fact

from ..domain import life
from ..domain.life import LIFE
from ..models import Act, Annex, SentVersion, Signatory, Transmission
from ..queries.versions import KEPT, documents_in, is_corrected, sent_version, version_of
from .filing import let_go
from .signing import save_numbered
from .telling import about, with_nature
from .waiting import wait_for_next_step


def take_as_sent(actor: Actor, transmission: Transmission) -> list[Fact]:
    """Gives the act back what the State acknowledges; its corrections become a draft of their own.

    Raises Conflict when the act was thrown away or took effect otherwise meanwhile: a person must look.
    """
    sent = sent_version(transmission)
    if sent is None:
        return []
    transmission.act = act = Act.objects.select_for_update().get(pk=transmission.act_id)
    if act.state not in (life.DRAFT, life.SIGNING, life.SIGNED):
        raise Conflict(
            "act-changed-since",
            "The State acknowledges the act %(identifier)s as it was before it was corrected; it was thrown away or took"
            " effect otherwise since.",
            "Tell the body, which has the transmission cancelled at the prefecture, or takes the act up again.",
            params={"identifier": transmission.identifier},
        )
    told: list[Fact] = []
    corrections = _draft_of_corrections(actor, act) if is_corrected(act, sent) else None
    if corrections is not None:
        told.append(facts.ActDrafted(**with_nature(corrections)))
    _restore(actor, act, sent)
    told.append(
        facts.ActTakenAsSent(
            **about(act),
            rank=transmission.rank,
            content=act.main_sha256,
            corrections=corrections.pk if corrections else None,
        )
    )
    return told


def _draft_of_corrections(actor: Actor, act: Act) -> Act:
    words = {name: getattr(act, name) for name in KEPT if name not in ("unsigned_id", "signed_on")}
    if act.unsigned is not None:
        words |= {"main_id": act.unsigned_id, "main_sha256": act.unsigned.sha256}
    draft = Act(
        organisation_id=act.organisation_id,
        sitting_id=act.sitting_id,
        drafted_at=actor.now(),
        changed_at=actor.now(),
        **words,
    )
    draft.save(force_insert=True)
    if draft.main_id is not None:
        documents.attach(draft.main_id, holder=draft.subject)
    for annex in act.annexes.all():
        documents.attach(annex.document_id, holder=draft.subject)
        Annex(
            act=draft,
            document_id=annex.document_id,
            sha256=annex.sha256,
            piece_type=annex.piece_type,
            position=annex.position,
        ).save(force_insert=True)
    wait_for_next_step(draft, actor)
    return draft


def _restore(actor: Actor, act: Act, sent: SentVersion) -> None:
    present, wanted = documents_in(version_of(act)), documents_in(sent)
    draft = act.state if act.state == life.DRAFT else LIFE.after(act.state, "reopen")
    act.state = LIFE.after(draft, "declare_signed")
    for name, value in sent.act.items():
        setattr(act, name, value)
    act.version += 1
    act.changed_at = actor.now()
    for key in wanted - present:
        documents.attach(UUID(key), holder=act.subject)
    act.annexes.all().delete()
    act.signatories.all().delete()
    save_numbered(act)
    for row in sent.annexes:
        Annex(act=act, **row).save(force_insert=True)
    for row in sent.signatories:
        Signatory(act=act, **row).save(force_insert=True)
    for key in present - wanted:
        let_go(actor, act, UUID(key), "replaced")
    act.refresh_from_db()
    wait_for_next_step(act, actor)
