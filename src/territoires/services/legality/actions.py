"""The verbs of an act. Each is one function: it checks the right and the state, changes the act, leaves its fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.documents import api as documents
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.fact import Fact
from territoires.kernel.ids import new_id

from .domain import life
from .domain.classification import NOTIFY, PIECE_TYPE, PUBLISH
from .domain.notice import PROOF_FORMATS, faults_of_notice
from .domain.preflight import ANNEX_FORMATS, PDF, XML
from .domain.wording import ActWords, one_line
from .models import Act, Annex, Notification, known
from .permissions import Legality
from .queries.acts import annex_of, annexes_of, document_of, received
from .queries.readiness import classification, faults_of

MAIN_FORMATS = frozenset({PDF, XML, "text/xml"})
MOST_ANNEXES = 100
BY_HAND = "hand"


# -- the draft --------------------------------------------------------------------------------------------------------


@action(Legality.DRAFT)
def draft_act(*, actor: Actor, words: ActWords) -> Outcome[Act]:
    """Opens a draft in the acting organisation; nothing is required of it yet. Raises Invalid for endless texts."""
    now = actor.now()
    act = Act(id=new_id(), organisation_id=actor.acting_organisation(), drafted_at=now, changed_at=now)
    _write(act, words)
    act.save(force_insert=True)
    _wait(act, actor)
    return Outcome(
        act,
        facts.ActDrafted(subject=act.subject, matter=act.pk, number=act.number, nature=act.nature),
    )


@action(Legality.REVISE, on="act")
def revise_act(*, actor: Actor, act: Act, words: ActWords, version: int | None = None) -> Outcome[Act]:
    """Changes a draft's words. Raises Conflict when it is no draft any more or changed since ``version``."""
    _move(act, "revise", actor, version)
    changed = _write(act, words)
    act.save()
    _wait(act, actor)
    return Outcome(
        act,
        facts.ActRevised(
            subject=act.subject, matter=act.pk, number=act.number, nature=act.nature, fields=tuple(changed)
        ),
    )


@action(Legality.REVISE, on="act")
def attach_main(
    *, actor: Actor, act: Act, document: UUID, piece_type: str = "", version: int | None = None
) -> Outcome[Act]:
    """Makes a received document the file of the draft, in place of the former one.

    Raises Invalid, with the reasons, for a locked, empty, broken or disguised file, and Conflict for the same bytes
    again.
    """
    _move(act, "revise", actor, version)
    file = documents.attach(_sound(received(actor, document), MAIN_FORMATS, "main"), holder=act.subject)
    former, former_sha256 = act.main_id, act.main_sha256
    _refuse_twice(act, file.sha256)
    act.main, act.main_sha256 = file, file.sha256
    act.main_type = _type_code(piece_type) or act.main_type
    act.save()
    told: list[Fact] = [_attached(act, file, "main", act.main_type)]
    if former is not None:
        _let_go(actor, act, former, "replaced")
        told.insert(0, _removed(act, "main", former_sha256))
    return Outcome(act, *told)


@action(Legality.REVISE, on="act")
def add_annex(
    *, actor: Actor, act: Act, document: UUID, piece_type: str = "", version: int | None = None
) -> Outcome[Annex]:
    """Adds a received document to the draft. Raises Invalid for a bad file, Conflict for the same bytes again."""
    _move(act, "revise", actor, version)
    file = documents.attach(_sound(received(actor, document), ANNEX_FORMATS, "annexes"), holder=act.subject)
    _refuse_twice(act, file.sha256)
    present = annexes_of(act)
    if len(present) >= MOST_ANNEXES:
        raise Invalid(
            "too-many-annexes",
            "An act takes at most %(most)d annexes.",
            "Put several pieces together in one PDF.",
            params={"most": MOST_ANNEXES},
        )
    annex = Annex(
        act=act,
        document=file,
        sha256=file.sha256,
        piece_type=_type_code(piece_type),
        position=max((a.position for a in present), default=0) + 1,
    )
    annex.save()
    act.save()
    return Outcome(annex, _attached(act, file, "annex", piece_type))


@action(Legality.REVISE, on="act")
def type_files(
    *,
    actor: Actor,
    act: Act,
    main_type: str,
    annex_types: Sequence[tuple[UUID, str]],
    version: int | None = None,
) -> Outcome[Act]:
    """Gives the files of a draft their type codes; annexes that are no longer there are passed over."""
    _move(act, "revise", actor, version)
    act.main_type = _type_code(main_type)
    chosen = {key: _type_code(code) for key, code in annex_types}
    for annex in annexes_of(act):
        annex.piece_type = chosen.get(annex.pk, annex.piece_type)
        annex.save(update_fields=["piece_type"])
    act.save()
    return Outcome(
        act,
        facts.ActRevised(
            subject=act.subject, matter=act.pk, number=act.number, nature=act.nature, fields=("piece_types",)
        ),
    )


@action(Legality.REVISE, on="act")
def remove_annex(*, actor: Actor, act: Act, annex: UUID, version: int | None = None) -> Outcome[Act]:
    """Takes an annex off a draft. Raises Missing when it is no longer there."""
    _move(act, "revise", actor, version)
    found = annex_of(act, annex)
    found.delete()
    _let_go(actor, act, found.document_id, "removed")
    act.save()
    return Outcome(act, _removed(act, "annex", found.sha256))


@action(Legality.REVISE, on="act")
def discard_draft(*, actor: Actor, act: Act, version: int | None = None) -> Outcome[Act]:
    """Throws a draft away with its files; the book keeps that it existed."""
    _move(act, "discard", actor, version)
    held = [act.main_id] if act.main_id else []
    held += [annex.document_id for annex in annexes_of(act)]
    act.main, act.main_sha256 = None, ""
    act.annexes.all().delete()
    act.save()
    for document in held:
        _let_go(actor, act, document, "discarded")
    worklist.close_items(act.subject)
    return Outcome(act, facts.ActDiscarded(subject=act.subject, matter=act.pk, number=act.number))


# -- signature --------------------------------------------------------------------------------------------------------


@action(Legality.SIGN, on="act")
def declare_signed(
    *, actor: Actor, act: Act, signed_on: date, original_is_kept: bool, version: int | None = None
) -> Outcome[Act]:
    """Records that the act was signed by hand: the scan is its file and the body keeps the paper original.

    Raises Invalid with every fault of preflight when the act is not ready, or when the original is not kept.
    """
    _move(act, "declare_signed", actor, version)
    faults = faults_of(act, now=actor.now())
    faults += _faults_of_signature(act, signed_on, original_is_kept, legal_day(actor.now()))
    if faults:
        raise Invalid(
            "act-not-ready",
            "The act cannot be signed yet: something is missing or wrong. Nothing you entered is lost.",
            "Correct each point below.",
            faults=faults,
        )
    act.signed_on = signed_on
    _save_numbered(act)
    _wait(act, actor)
    return Outcome(
        act,
        facts.ActSigned(
            subject=act.subject,
            matter=act.pk,
            number=act.number,
            nature=act.nature,
            decided_on=known(act.decided_on),
            signed_on=signed_on,
            means=BY_HAND,
            annexes=_annex_digests(act),
            content=act.main_sha256,
            given_names=act.given_names,
            usual_name=act.usual_name,
            quality=act.quality,
        ),
    )


@action(Legality.SIGN, on="act")
def reopen_act(*, actor: Actor, act: Act, reason: str, version: int | None = None) -> Outcome[Act]:
    """Sends an act declared signed by mistake back to draft; only before it is published or notified."""
    _move(act, "reopen", actor, version)
    act.signed_on = None
    act.save()
    _wait(act, actor)
    return Outcome(
        act,
        facts.ActReopened(
            subject=act.subject, matter=act.pk, number=act.number, reason=_reason(reason, "reopen")
        ),
    )


# -- effect -----------------------------------------------------------------------------------------------------------


@action(Legality.PUBLISH, on="act")
def publish_act(*, actor: Actor, act: Act, version: int | None = None) -> Outcome[Act]:
    """Puts the act on line in the public register of its body, from this instant (CGCT R.2131-1).

    Raises Conflict for an individual act: it is notified and never put on line.
    """
    _move(act, "publish", actor, version)
    _require_way(act, PUBLISH)
    act.published_at = actor.now()
    act.save()
    worklist.close_items(act.subject)
    return Outcome(
        act,
        facts.ActPublished(
            subject=act.subject,
            matter=act.pk,
            number=act.number,
            nature=act.nature,
            matter_code=act.matter_code,
            decided_on=known(act.decided_on),
            published_at=act.published_at,
            annexes=_annex_digests(act),
            content=act.main_sha256,
            object=act.object,
            given_names=act.given_names,
            usual_name=act.usual_name,
            quality=act.quality,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notification: to whom, on which legal day, by which means (``domain.notice.MEANS``), with which proof."""

    recipient: str
    notified_on: date | None
    means: str
    proof: UUID | None = None


@action(Legality.NOTIFY, on="act")
def notify_act(*, actor: Actor, act: Act, notice: Notice, version: int | None = None) -> Outcome[Act]:
    """Records that one person concerned received the act; may be said again for each person (CRPA L.221-8).

    Raises Invalid for a notice without recipient, means or a possible day, Conflict for an act that is published.
    """
    _move(act, "notify", actor, version)
    _require_way(act, NOTIFY)
    recipient = one_line(notice.recipient)[:200]
    faults = faults_of_notice(
        recipient=recipient,
        notified_on=notice.notified_on,
        means=notice.means,
        signed_on=known(act.signed_on),
        today=legal_day(actor.now()),
    )
    if faults:
        raise Invalid(
            "notice-incomplete",
            "The notification was not recorded: something is missing. Nothing you entered is lost.",
            "Correct each point below.",
            faults=faults,
        )
    proof = None
    if notice.proof is not None:
        proof = documents.attach(
            _sound(received(actor, notice.proof), PROOF_FORMATS, "proof"), holder=act.subject
        )
    rank = act.notifications.count() + 1
    Notification(
        act=act, recipient=recipient, notified_on=known(notice.notified_on), means=notice.means, proof=proof
    ).save()
    act.save()
    worklist.close_items(act.subject)
    return Outcome(
        act,
        facts.ActNotified(
            subject=act.subject,
            matter=act.pk,
            number=act.number,
            nature=act.nature,
            decided_on=known(act.decided_on),
            notified_on=known(notice.notified_on),
            means=notice.means,
            rank=rank,
            content=act.main_sha256,
            proof=proof.sha256 if proof else "",
            recipient=recipient,
        ),
    )


@action(Legality.WITHDRAW, on="act")
def withdraw_act(*, actor: Actor, act: Act, reason: str, version: int | None = None) -> Outcome[Act]:
    """Takes the act off line, or back, for a stated reason; its public address answers 410 with it from then on."""
    _move(act, "withdraw", actor, version)
    act.withdrawn_at, act.withdrawal_reason = actor.now(), _reason(reason, "withdrawal")
    act.save()
    return Outcome(
        act,
        facts.ActWithdrawn(
            subject=act.subject,
            matter=act.pk,
            number=act.number,
            was_published=act.published_at is not None,
            reason=act.withdrawal_reason,
        ),
    )


# -- what the verbs share ---------------------------------------------------------------------------------------------


def _move(act: Act, verb: str, actor: Actor, version: int | None) -> None:
    unchanged(act, version)
    act.state = life.LIFE.after(act.state, verb)
    act.version += 1
    act.changed_at = actor.now()


def _write(act: Act, words: ActWords) -> list[str]:
    """Sets the act's words and names those that changed. Raises Invalid for texts longer than a draft holds."""
    tidied = words.tidied()
    faults = []
    for name, value in tidied.items():
        limit = act._meta.get_field(name).max_length  # type: ignore[union-attr]
        if isinstance(value, str) and limit is not None and len(value) > limit:
            faults.append(
                Fault(
                    name,
                    "text-too-long",
                    "This text has %(length)d characters; a draft holds %(limit)d.",
                    "Shorten it.",
                    {"length": len(value), "limit": limit},
                )
            )
    if faults:
        raise Invalid(
            "draft-too-long", "The draft was not changed: a text is too long.", "Shorten it.", faults=faults
        )
    changed = [name for name, value in tidied.items() if getattr(act, name) != value]
    for name in changed:
        setattr(act, name, tidied[name])
    if "nature" in changed:
        _suggest_main_type(act)
    return changed


def _suggest_main_type(act: Act) -> None:
    """A nature has a usual type for its main file; a type that it does not take is replaced by that one."""
    lists = classification(legal_day(act.changed_at))
    nature = lists.natures.get(act.nature)
    if nature is not None and not lists.takes(act.main_type, act.nature):
        act.main_type = nature.default_piece


def _sound(file: Any, formats: frozenset[str], field: str) -> Any:
    """The received document when it is of an accepted format and can be read by everybody. Raises Invalid."""
    if faults := _faults_of_file(file, formats, field):
        raise Invalid(
            "file-refused",
            "The file was not added to the act; the rest of your draft is kept.",
            "Correct the file and send it again.",
            faults=[replace(fault, field=field) for fault in faults],
        )
    return file


def _faults_of_file(file: Any, formats: frozenset[str], field: str) -> list[Fault]:
    named = {"name": file.name, "media_type": file.media_type}
    if file.size == 0:
        return [
            Fault(field, "file-empty", "The file “%(name)s” is empty.", "Save it again and send it.", named)
        ]
    if documents.is_disguised(file.name, file.media_type):
        return [documents.disguise_fault(file.name, file.media_type)]
    if file.media_type not in formats:
        return [
            Fault(
                field,
                "file-format",
                "The file “%(name)s” is not accepted here: judged by its content, it is %(media_type)s.",
                "Save or scan it as PDF and send it again.",
                named,
            )
        ]
    return documents.check_pdf(file) if file.media_type == PDF else []


def _type_code(code: str) -> str:
    if code and not PIECE_TYPE.fullmatch(code):
        raise Invalid(
            "piece-type-shape",
            "A type of file has five capitals, digits or _.",
            "Choose it in the list of the nature of the act.",
        )
    return code


def _refuse_twice(act: Act, sha256: str) -> None:
    if document_of(act, sha256) is not None:
        raise Conflict(
            "file-already-there",
            "This very file is already part of the act; nothing was done twice.",
            "Choose another file, or leave it as it is.",
        )


def _let_go(actor: Actor, act: Act, document: Any, reason: str) -> None:
    # The caller's idempotency key is already taken by the verb that contains this one.
    documents.release(
        actor=replace(actor, idempotency_key=None), document=document, holder=act.subject, reason=reason
    )


def _faults_of_signature(act: Act, signed_on: date, original_is_kept: bool, today: date) -> list[Fault]:
    faults = []
    if act.decided_on is not None and not act.decided_on <= signed_on <= today:
        faults.append(
            Fault(
                "signed_on",
                "signature-date",
                "The day of the signature lies between the decision and today.",
                "Give the day on which the act was signed.",
            )
        )
    if not original_is_kept:
        faults.append(
            Fault(
                "original_is_kept",
                "original-not-kept",
                "It is not confirmed that your body keeps the signed original.",
                "Keep it in your register of acts and tick the box: the scan is only its copy.",
            )
        )
    return faults


def _require_way(act: Act, way: str) -> None:
    nature = classification(legal_day(act.changed_at)).natures[act.nature]
    if way in nature.ways:
        return
    if way == PUBLISH:
        raise Conflict(
            "individual-act",
            "An individual act concerns one person: it is notified and never put on line.",
            "Notify it; or correct its nature, if it is not individual.",
        )
    raise Conflict(
        "act-to-publish",
        "An act of this nature takes effect by its publication.",
        "Publish it; or correct its nature, if it concerns one person.",
    )


def _reason(text: str, field: str) -> str:
    reason = one_line(text)
    if not 10 <= len(reason) <= 1000:
        raise Invalid(
            "reason-missing",
            "Nothing was done: a reason is due, in 10 to 1,000 characters.",
            "Say why in a sentence that the public can read.",
            faults=[
                Fault(
                    "reason",
                    f"{field}-reason",
                    "The reason is missing, too short or too long.",
                    "Write one sentence.",
                )
            ],
        )
    return reason


def _save_numbered(act: Act) -> None:
    try:
        act.save()
    except (
        IntegrityError
    ) as error:  # two drafts with one number, signed at once: the database lets the first pass
        raise Conflict(
            "number-taken",
            "Another act of your body already bears the number %(number)s.",
            "Give the next free number, or withdraw or discard the other act.",
            params={"number": act.number},
        ) from error


def _annex_digests(act: Act) -> tuple[str, ...]:
    return tuple(annex.sha256 for annex in annexes_of(act))


def _attached(act: Act, file: Any, role: str, piece_type: str) -> facts.ActFileAttached:
    return facts.ActFileAttached(
        subject=act.subject,
        matter=act.pk,
        role=role,
        piece_type=piece_type,
        media_type=file.media_type,
        size=file.size,
        content=file.sha256,
        name=file.name,
    )


def _removed(act: Act, role: str, sha256: str) -> facts.ActFileRemoved:
    return facts.ActFileRemoved(subject=act.subject, matter=act.pk, role=role, sha256=sha256)


_WAITING = {
    life.DRAFT: ("complete", _("Complete and have it signed"), Legality.REVISE),
    "publish": ("effect", _("Publish"), Legality.PUBLISH),
    "notify": ("effect", _("Notify"), Legality.NOTIFY),
}


def _wait(act: Act, actor: Actor) -> None:
    """Puts on the desk what the act now waits for."""
    worklist.close_items(act.subject)
    step = act.state
    if step == life.SIGNED:
        step = classification(legal_day(act.changed_at)).natures[act.nature].ways[0]
    kind, verb, permission = _WAITING[step]
    state = life.LIFE.states[act.state]
    worklist.open_item(
        organisation=act.organisation_id,
        subject=act.subject,
        matter=act.pk,
        kind=kind,
        title=" ".join(filter(None, (act.number, act.object))) or "—",
        verb=verb,
        address=reverse(
            "legality_desk:act", kwargs={"organisation": act.organisation.reference, "act": act.pk}
        ),
        permission=permission,
        state_label=state.label,
        tone=state.tone,
        at=actor.now(),
    )
