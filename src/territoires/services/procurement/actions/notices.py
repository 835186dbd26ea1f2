"""Notices: prepared, judged by the official rules, ordered to leave, and what became of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_noop

from territoires.contracts import procurement_notices as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.documents import api as documents
from territoires.foundations.exchange import api as exchange
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import first_instant, legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean

from ..domain.contract_life import DRAFTED, GIVEN_UP, SIGNING
from ..domain.law import DYNAMIC
from ..domain.notices import life
from ..domain.notices.judging import WARNING, Judgement
from ..domain.notices.life import NOTICE
from ..domain.notices.subtypes import CALL, PRIOR, RESULT, SUBTYPES
from ..domain.notices.svrl import ELSEWHERE
from ..domain.wording import one_line, stated
from ..models import BuyerProfile, Consultation, ContractSignature, Notice, NoticeChannel
from ..models.notices import LONGEST_ANSWER
from ..permissions import Procurement
from ..queries.award import awarded, contracts_of, has_untold
from ..queries.notice_data import contracts_to_group, result_until
from ..queries.notice_ways import way_to

JUDGE = "procurement.judge_notice"
KIND = "notice"
STOP = "-stop"
VALID, NOT_VALID, UNASKED = "valid", "invalid", "unasked"
"""What the European validation service said of a notice."""
MOST_FINDINGS = 200
LONGEST_REASON = 1000
SIZES = ("micro", "small", "medium", "large")
PROFILE = tuple(
    field.name for field in BuyerProfile._meta.fields if field.name not in ("organisation", "version")
)


@action(Procurement.PROFILE_WRITE)
def write_profile(
    *, actor: Actor, values: Mapping[str, str], version: int | None = None
) -> Outcome[BuyerProfile]:
    """What notices say of the acting body, written once for all. Raises Invalid, Conflict when it changed."""
    key = actor.acting_organisation()
    profile = BuyerProfile.objects.select_for_update().filter(pk=key).first() or BuyerProfile(
        organisation_id=key, version=0
    )
    unchanged(profile, version)
    changed = []
    for name in PROFILE:
        if name in values and getattr(profile, name) != (said := one_line(values[name])):
            setattr(profile, name, said)
            changed.append(name)
    _require_sound(profile, changed)
    profile.version += 1
    profile.save()
    return Outcome(profile, facts.BuyerProfileWritten(subject=profile.subject, fields=tuple(changed)))


def _require_sound(profile: BuyerProfile, names: Sequence[str]) -> None:
    """Raises Invalid for what is too long, or no address."""
    try:
        profile.clean_fields(
            exclude=[name for name in PROFILE if name not in names] + ["organisation", "version"]
        )
    except ValidationError as found:
        faults = [
            Fault(name, "profile-field", "This cannot stand in a notice.", "Correct it, or leave it empty.")
            for name in found.error_dict
        ]
        raise Invalid("profile-refused", "Nothing was saved.", "Correct it.", faults=faults) from found


@action(Procurement.NOTICE_PREPARE, on="consultation")
def prepare_notice(
    *,
    actor: Actor,
    consultation: Consultation,
    subtype: str,
    channel: str,
    changes: UUID | None = None,
    change_reason: str = "",
    change_text: str = "",
    justification: str = "",
    contract: UUID | None = None,
) -> Outcome[Notice]:
    """Begins a notice; its bytes are made and judged by a job. ``changes`` is a published notice that it corrects.

    Raises Invalid for a type or a publisher that does not exist, Conflict when it corrects nothing published.
    """
    notice = begin_notice(
        actor,
        consultation,
        subtype=subtype,
        channel=channel,
        changes=changes,
        change_reason=change_reason,
        change_text=change_text,
        justification=justification,
        contract=contract,
    )
    return Outcome(notice, prepared(notice))


def begin_notice(
    actor: Actor,
    consultation: Consultation,
    *,
    subtype: str,
    channel: str,
    changes: UUID | None = None,
    change_reason: str = "",
    change_text: str = "",
    justification: str = "",
    contract: UUID | None = None,
) -> Notice:
    """The same inside another action, such as that of the platform after a publication."""
    if subtype not in SUBTYPES or channel not in NoticeChannel.values:
        raise Invalid(
            "notice-unknown",
            "There is no such notice, or no such publisher; nothing was prepared.",
            "Choose both in the lists.",
            faults=[
                Fault("subtype", "notice-unknown", "There is no such notice.", "Choose one in the list.")
            ],
        )
    if consultation.is_private and SUBTYPES[subtype].does in (PRIOR, CALL):
        raise Invalid(
            "call-of-the-invited",
            "Nothing of this procedure is public before the award: only the enterprises invited know of it; no notice"
            " calls for bids.",
            "Choose a notice of intention or of award, or another procedure.",
            faults=[
                Fault(
                    "subtype",
                    "call-of-the-invited",
                    "A procedure to which enterprises are invited is not announced.",
                    "Choose a notice of intention or of award.",
                )
            ],
        )
    corrected = _corrected(consultation, changes, change_reason, change_text)
    notice = Notice(
        id=new_id(),
        consultation=consultation,
        organisation_id=consultation.organisation_id,
        channel=corrected.channel if corrected else channel,
        subtype=corrected.subtype if corrected else subtype,
        identifier=uuid4(),
        changes=corrected,
        change_reason=change_reason,
        change_text=clean(change_text)[:LONGEST_ANSWER],
        justification=justification,
        contract=contract,
        answers=dict(corrected.answers) if corrected else {},
        prepared_at=actor.now(),
    )
    if SUBTYPES[notice.subtype].does == RESULT:
        if consultation.procedure == DYNAMIC and not corrected:
            keys = contracts_to_group(consultation, legal_day(actor.now()))
            notice.answers = {"contracts": [str(key) for key in keys]}
        notice.last_on = result_until(notice)
    notice.save(force_insert=True)
    _ask_to_judge(notice)
    _wait(notice)
    return notice


def prepared(notice: Notice) -> facts.NoticePrepared:
    return facts.NoticePrepared(
        **about(notice),
        subtype=notice.subtype,
        channel=notice.channel,
        changes=notice.changes.name if notice.changes else "",
    )


@action(Procurement.NOTICE_PREPARE, on="consultation")
def rewrite_notice(
    *,
    actor: Actor,
    consultation: Consultation,
    notice: UUID,
    sizes: Mapping[str, str] | None = None,
    places: Mapping[str, Mapping[str, str]] | None = None,
    version: int | None = None,
) -> Outcome[Notice]:
    """Writes a notice anew from what the consultation says now, and has it judged again. Raises Conflict once it left.

    A refused one takes a new identifier: the publisher knows the former. ``sizes`` are those of bidders, ``places`` the
    postal_code, the city and the nuts code of winners and of other buyers, by SIRET; of these the legal_type too.
    """
    found = _locked(consultation, notice, version)
    was_rejected = found.state == life.REJECTED
    found.state = NOTICE.after(found.state, "rewrite")
    if was_rejected:
        found.identifier = uuid4()
    if sizes is not None:
        found.answers = found.answers | {
            "sizes": {siret: size for siret, size in sizes.items() if size in SIZES}
        }
    if places is not None:
        found.answers = found.answers | {
            "places": {
                siret: {
                    "postal_code": one_line(place.get("postal_code", ""))[:10],
                    "city": one_line(place.get("city", ""))[:100],
                    "nuts": one_line(place.get("nuts", ""))[:5],
                    "legal_type": one_line(place.get("legal_type", ""))[:20],
                }
                for siret, place in places.items()
            }
        }
    found.sha256, found.findings, found.rules, found.reason = "", [], "", ""
    found.prepared_at = actor.now()
    if SUBTYPES[found.subtype].does == RESULT:
        found.last_on = result_until(found)
    _save(found)
    _ask_to_judge(found)
    _wait(found)
    return Outcome(found, prepared(found))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def renew_notice(*, actor: Actor, notice: Notice, change_text: str = "") -> Outcome[Notice]:
    """Has a notice that has not left written anew, since the consultation changed; a correction also says the change."""
    notice.state = NOTICE.after(notice.state, "rewrite")
    if change_text:
        notice.change_text = f"{notice.change_text}\n{clean(change_text)}"[:LONGEST_ANSWER]
    notice.sha256, notice.findings, notice.rules, notice.reason = "", [], "", ""
    notice.prepared_at = actor.now()
    _save(notice)
    _ask_to_judge(notice)
    _wait(notice)
    return Outcome(notice, prepared(notice))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_judgement(
    *,
    actor: Actor,
    notice: Notice,
    document: Any,
    findings: Sequence[Judgement],
    rules: str,
) -> Outcome[Notice]:
    """Keeps the bytes and what the official rules said of them. Raises Conflict when it was judged meanwhile."""
    if notice.state != life.DRAFT or notice.sha256:
        raise Conflict("notice-judged", "This notice was judged meanwhile.", "Nothing to do.")
    notice.content = documents.attach(document, holder=notice.subject)
    notice.sha256 = document.sha256
    notice.findings = [_kept(one) for one in findings[:MOST_FINDINGS]]
    notice.rules = rules
    errors = sum(one.stops for one in findings)
    if not errors:
        notice.state = NOTICE.after(notice.state, "approve")
    _save(notice)
    _wait(notice)
    fact = facts.NoticeJudged(
        **about(notice),
        rules=rules,
        errors=errors,
        warnings=len(findings) - errors,
        content=document.sha256,
    )
    return Outcome(notice, fact)


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_checked(
    *, actor: Actor, notice: Notice, answer: str, findings: Sequence[Judgement], trouble: str = ""
) -> Outcome[Notice]:
    """Keeps what the European validation service said of a notice that is about to leave, in place of its former answer;
    ``trouble`` says why it could not be asked."""
    told = list(findings)
    if answer == UNASKED:
        told = [Judgement("", WARNING, ELSEWHERE, detail=trouble)]
    own = [one for one in notice.findings if one["stage"] != ELSEWHERE]
    notice.findings = [*own, *(_kept(one) for one in told)][:MOST_FINDINGS]
    _save(notice)
    errors = sum(one.stops for one in findings)
    fact = facts.NoticeChecked(
        **about(notice),
        answer=answer,
        errors=errors,
        warnings=len(findings) - errors,
        trouble=trouble,
        content=notice.sha256,
    )
    return Outcome(notice, fact)


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_obstacle(*, actor: Actor, notice: Notice, reason: str) -> Outcome[Notice]:
    """Says why a notice cannot be made yet. The agent mends it and has it written anew."""
    if notice.state != life.DRAFT or notice.sha256:
        raise Conflict("notice-judged", "This notice was judged meanwhile.", "Nothing to do.")
    notice.sha256 = "-"
    notice.reason = reason[:LONGEST_REASON]
    _save(notice)
    return Outcome(notice, facts.NoticeRejected(**about(notice), reason=notice.reason))


@action(Procurement.NOTICE_SEND, on="consultation")
def order_notice(
    *, actor: Actor, consultation: Consultation, notice: UUID, version: int | None = None
) -> Outcome[Notice]:
    """Orders a notice to leave as it was judged. Raises Conflict when it is not ready, was made on another day, is a
    European one that nobody could judge here, tells of contracts that are not concluded, or when the way to its publisher
    is closed."""
    found = _locked(consultation, notice, version)
    found.state = NOTICE.after(found.state, "order")
    if SUBTYPES[found.subtype].does == RESULT:
        _require_concluded(found)
    if legal_day(found.prepared_at) != legal_day(actor.now()):
        raise Conflict(
            "notice-of-another-day",
            "This notice bears the date of another day: publishers refuse it. Nothing was sent.",
            "Have it written anew, then send it.",
        )
    if must_be_judged(found):
        raise Conflict(
            "notice-not-judged",
            "This notice was not checked by the official European rules, which are not on this platform; nothing was"
            " sent.",
            "Ask the operator to add them (territoires eforms), then have the notice written anew; or enter its file"
            " at the publisher's own site, then tell here that it is published.",
        )
    if way_to(found.channel) is None:
        raise Conflict(
            "publisher-closed",
            "The way to this publisher is not open on this platform; nothing was sent and nothing is lost.",
            "Enter the notice at the publisher's own site with the file, then tell here that it is published;"
            " or ask the operator to open the way.",
        )
    found.ordered_at, found.ordered_by = actor.now(), actor.person
    _save(found)
    exchange.post(
        actor=actor,
        channel=found.channel,
        organisation=found.organisation_id,
        key=found.name,
        document=found.content_id,
        subject=found.subject,
        matter=consultation.pk,
    )
    _wait(found)
    return Outcome(found, facts.NoticeOrdered(**about(found), channel=found.channel, content=found.sha256))


def _require_concluded(notice: Notice) -> None:
    """An award notice tells of contracts that are signed: its days run from there. The others were told before."""
    consultation = notice.consultation
    won = awarded(consultation)
    if not won:
        return
    if has_untold(consultation):
        raise Conflict(
            "candidates-untold",
            "The candidates that were not chosen have not been told: the award notice would tell them. Nothing was sent.",
            "Send the letters of the decision, then sign; the notice comes after.",
        )
    contracts = [one for one in contracts_of(consultation) if one.state != GIVEN_UP]
    if not contracts or any(one.state in (DRAFTED, SIGNING) for one in contracts):
        raise Conflict(
            "contract-unsigned",
            "A contract of this award is not signed: the award notice is sent after the signature. Nothing was sent.",
            "Sign it, then have the notice written anew.",
        )
    if ContractSignature.objects.filter(contract__in=contracts, recorded_at__gt=notice.prepared_at).exists():
        raise Conflict(
            "notice-before-signature",
            "This notice was written before the last signature, and does not tell of it. Nothing was sent.",
            "Have it written anew, then send it.",
        )


@action(Procurement.NOTICE_SEND, on="consultation")
def stop_notice(
    *, actor: Actor, consultation: Consultation, notice: UUID, reason: str, version: int | None = None
) -> Outcome[Notice]:
    """Gives a notice up; one that its publisher has is asked back, as long as its publication has not begun.

    Raises Conflict when it is too late.
    """
    found = _locked(consultation, notice, version)
    said = stated(reason, limit=LONGEST_REASON)
    after = NOTICE.after(found.state, "stop")
    if found.state in life.UNSETTLED:
        exchange.post(
            actor=actor,
            channel=found.channel,
            organisation=found.organisation_id,
            key=f"{found.name}{STOP}",
            document=found.content_id,
            subject=found.subject,
            matter=consultation.pk,
        )
        found.reason = said
        _save(found)
        return Outcome(found, facts.NoticeStopRequested(**about(found), reason=said))
    found.state, found.reason = after, said
    _save(found)
    _wait(found)
    return Outcome(found, facts.NoticeStopped(**about(found)))


@action(Procurement.NOTICE_SEND, on="consultation")
def tell_publication(
    *,
    actor: Actor,
    consultation: Consultation,
    notice: UUID,
    number: str,
    published_on: date | None,
    version: int | None = None,
) -> Outcome[Notice]:
    """Records, on an agent's word, that a notice is published: entered at the publisher's own site, or answered by mail.

    Raises Invalid without a number or for a day to come.
    """
    found = _locked(consultation, notice, version)
    said = one_line(number)
    faults = []
    if not 0 < len(said) <= 40:
        faults.append(
            Fault(
                "number",
                "publication-number",
                "The publication has no number.",
                "Copy the number that the publisher gave.",
            )
        )
    if published_on is None or published_on > legal_day(actor.now()):
        faults.append(
            Fault(
                "published_on",
                "publication-day",
                "The day of the publication is not later than today.",
                "Give the day that stands on the published notice.",
            )
        )
    if faults or published_on is None:
        raise Invalid(
            "publication-refused", "The publication was not recorded.", "Correct each point.", faults=faults
        )
    _require_content(found)
    found.ordered_at = found.ordered_at or actor.now()
    found.ordered_by = found.ordered_by or actor.person
    return Outcome(found, _publish(found, said, published_on, by_hand=True))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_sent(*, actor: Actor, notice: Notice, sent_at: datetime) -> Outcome[Notice]:
    """The publisher has it."""
    notice.state, notice.sent_at = NOTICE.after(notice.state, "record_sent"), sent_at
    _save(notice)
    _wait(notice)
    return Outcome(notice, facts.NoticeSent(**about(notice), sent_at=sent_at))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_acknowledged(*, actor: Actor, notice: Notice) -> Outcome[Notice]:
    """The publisher accepted it."""
    notice.state, notice.acknowledged_at = NOTICE.after(notice.state, "acknowledge"), actor.now()
    _save(notice)
    return Outcome(notice, facts.NoticeAcknowledged(**about(notice)))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_published(*, actor: Actor, notice: Notice, number: str, published_on: date) -> Outcome[Notice]:
    """It is published under a number."""
    return Outcome(notice, _publish(notice, number[:40], published_on, by_hand=False))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_rejected(*, actor: Actor, notice: Notice, reason: str) -> Outcome[Notice]:
    """The publisher did not take it, for a reason in its words."""
    notice.state, notice.reason = NOTICE.after(notice.state, "reject"), clean(reason)[:LONGEST_REASON]
    _save(notice)
    _wait(notice)
    return Outcome(notice, facts.NoticeRejected(**about(notice), reason=notice.reason))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def record_stopped(*, actor: Actor, notice: Notice) -> Outcome[Notice]:
    """The publisher will not publish it."""
    notice.state = NOTICE.after(notice.state, "stop")
    _save(notice)
    _wait(notice)
    return Outcome(notice, facts.NoticeStopped(**about(notice)))


def must_be_judged(notice: Notice) -> bool:
    """Whether it may not leave yet: the official rules must have judged a notice in the European form."""
    return not notice.rules and not SUBTYPES[notice.subtype].is_voluntary


def about(notice: Notice) -> dict[str, Any]:
    return {"subject": notice.subject, "matter": notice.consultation_id, "name": notice.name}


def _publish(notice: Notice, number: str, published_on: date, *, by_hand: bool) -> facts.NoticePublished:
    notice.state = NOTICE.after(notice.state, "publish")
    notice.publication_number, notice.published_on = number, published_on
    _save(notice)
    _wait(notice)
    return facts.NoticePublished(
        **about(notice),
        subtype=notice.subtype,
        channel=notice.channel,
        number=number,
        published_on=published_on,
        by_hand=by_hand,
    )


def _corrected(consultation: Consultation, changes: UUID | None, reason: str, text: str) -> Notice | None:
    if changes is None:
        return None
    found = Notice.objects.filter(consultation=consultation, pk=changes, state=life.PUBLISHED).first()
    if found is None:
        raise Conflict(
            "nothing-to-correct",
            "Only a published notice can be corrected; nothing was prepared.",
            "Wait for its publication, or write it anew while it has not left.",
        )
    if not reason or not clean(text):
        raise Invalid(
            "change-unexplained",
            "A corrected notice says why, and what changed.",
            "Choose the reason and say it in a sentence.",
            faults=[Fault("change_text", "change-unexplained", "It is not said what changed.", "Say it.")],
        )
    return found


def _locked(consultation: Consultation, key: UUID, version: int | None) -> Notice:
    found = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("consultation", "organisation", "changes")
        .filter(consultation=consultation, pk=key)
        .first()
    )
    if found is None:
        raise Conflict("no-notice", "This notice is not there any more.", "Look at the list again.")
    unchanged(found, version)
    return found


def _require_content(notice: Notice) -> None:
    if notice.content_id is None or len(notice.sha256) != 64:
        raise Conflict(
            "notice-not-made", "This notice is still being written.", "Come back in a few seconds."
        )


def _kept(one: Judgement) -> dict[str, str]:
    said = dataclasses.asdict(one)
    return said if one.stage == ELSEWHERE else {name: said[name] for name in said if name != "detail"}


def _save(notice: Notice) -> None:
    notice.version += 1
    notice.save()


def _ask_to_judge(notice: Notice) -> None:
    exchange.wake_for(JUDGE, f"{JUDGE}.{notice.pk}", notice=str(notice.pk))


_VERBS = {
    life.DRAFT: gettext_noop("Complete the notice"),
    life.READY: gettext_noop("Send the notice"),
    life.REJECTED: gettext_noop("Mend the refused notice"),
}


def _wait(notice: Notice) -> None:
    """On the desk while somebody must do something; a result bears its last day."""
    verb = _VERBS.get(notice.state)
    if verb is None:
        worklist.close_items(notice.subject, KIND)
        return
    worklist.open_item(
        organisation=notice.organisation_id,
        subject=notice.subject,
        matter=notice.consultation_id,
        kind=KIND,
        title=notice.consultation.title,
        verb=verb,
        address=reverse(
            "procurement_desk:notice",
            kwargs={
                "organisation": notice.organisation.reference,
                "consultation": notice.consultation_id,
                "notice": notice.pk,
            },
        ),
        permission=Procurement.NOTICE_SEND if notice.state == life.READY else Procurement.NOTICE_PREPARE,
        state_label=NOTICE.states[notice.state].label,
        tone="bad" if notice.state == life.REJECTED else "wait",
        due_at=first_instant(notice.last_on + timedelta(days=1)) if notice.last_on else None,
    )
