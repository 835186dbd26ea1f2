"""Notices: prepared, judged by the official rules, ordered to leave, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError

from territoires.contracts import procurement_notices as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.exchange import api as exchange
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid
from territoires.kernel.ids import new_id
from territoires.kernel.text import clean

from ..domain.contract_life import DRAFTED, GIVEN_UP, SIGNING
from ..domain.law import DYNAMIC
from ..domain.notices import life
from ..domain.notices.life import NOTICE
from ..domain.notices.subtypes import CALL, PRIOR, RESULT, SUBTYPES
from ..domain.wording import one_line, stated
from ..models import BuyerProfile, Consultation, ContractSignature, Notice, NoticeChannel
from ..models.notices import LONGEST_ANSWER
from ..permissions import Procurement
from ..queries.award import awarded, contracts_of, has_untold
from ..queries.notice_data import contracts_to_group, result_until
from ..queries.notice_ways import way_to
from .notice_life import LONGEST_REASON, about, publish_notice, save_notice, wait_for_notice

JUDGE = "procurement.judge_notice"
STOP = "-stop"
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
    wait_for_notice(notice)
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
    save_notice(found)
    _ask_to_judge(found)
    wait_for_notice(found)
    return Outcome(found, prepared(found))


@action(Procurement.NOTICE_RECORD, on="notice", along=("consultation", "organisation"))
def renew_notice(*, actor: Actor, notice: Notice, change_text: str = "") -> Outcome[Notice]:
    """Has a notice that has not left written anew, since the consultation changed; a correction also says the change."""
    notice.state = NOTICE.after(notice.state, "rewrite")
    if change_text:
        notice.change_text = f"{notice.change_text}\n{clean(change_text)}"[:LONGEST_ANSWER]
    notice.sha256, notice.findings, notice.rules, notice.reason = "", [], "", ""
    notice.prepared_at = actor.now()
    save_notice(notice)
    _ask_to_judge(notice)
    wait_for_notice(notice)
    return Outcome(notice, prepared(notice))


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
    save_notice(found)
    exchange.post(
        actor=actor,
        channel=found.channel,
        organisation=found.organisation_id,
        key=found.name,
        document=found.content_id,
        subject=found.subject,
        matter=consultation.pk,
    )
    wait_for_notice(found)
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
        save_notice(found)
        return Outcome(found, facts.NoticeStopRequested(**about(found), reason=said))
    found.state, found.reason = after, said
    save_notice(found)
    wait_for_notice(found)
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
    return Outcome(found, publish_notice(found, said, published_on, by_hand=True))


def must_be_judged(notice: Notice) -> bool:
    """Whether it may not leave yet: the official rules must have judged a notice in the European form."""
    return not notice.rules and not SUBTYPES[notice.subtype].is_voluntary


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


def _ask_to_judge(notice: Notice) -> None:
    exchange.wake_for(JUDGE, f"{JUDGE}.{notice.pk}", notice=str(notice.pk))
