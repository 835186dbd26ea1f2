"""What the platform tells the public by itself when a procedure moves: releases, essential data, notices proposed."""

from __future__ import annotations

import contextlib
from uuid import UUID

from territoires.foundations.actions.api import Outcome, action
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict

from ..domain.changes import HALF
from ..domain.life import ENDED
from ..domain.notices import ocds
from ..domain.notices.sheets import TERM_CHANGED
from ..domain.notices.subtypes import CALL, MODIFICATION, RESULT, SUBTYPES
from ..models import Consultation, Contract, Notice, NoticeChannel
from ..permissions import Procurement
from ..queries.award import is_above_threshold
from ..queries.law import law_on
from ..queries.notice_data import RESULTS, contracts_to_group, has_told_its_end, subtype_of
from ..queries.notices import (
    has_notice,
    latest_change,
    published_of,
    summary_of_amendment,
    unsent_call_of,
)
from .notices import begin_notice, prepared, renew_notice
from .open_data import publish_release, write_contract_record

MAPA_NOTICE, ESSENTIAL_DATA = "public-notice", "essential-data"
CHANGED_BY_BUYER = "update-add"


def follow_call(*, actor: Actor, consultation: Consultation, tag: str, cause: UUID, version: int = 1) -> None:
    """The call was published, changed, closed or ended: its release, and the notice or the correction that it asks.

    Where enterprises are invited by name, nothing is told before the award.
    """
    if consultation.is_private:
        return
    _release(actor, consultation, tag, cause)
    if tag == ocds.TENDER:
        propose_call(actor=actor, consultation=consultation)
    elif tag == ocds.AMENDMENT:
        propose_correction(actor=actor, consultation=consultation, version=version)


def follow_award(*, actor: Actor, consultation: Consultation, cause: UUID) -> None:
    """Every lot is decided, and the candidates know it: nobody reads in open data what its own letter has not said."""
    _release(actor, consultation, ocds.AWARD, cause)


def follow_contract(*, actor: Actor, contract: Contract, tag: str, cause: UUID, change: int = 0) -> None:
    """A contract was notified, changed or ended: its release, its record written anew, the notice that it asks."""
    _release(actor, contract.consultation, tag, cause)
    if contract.notified_on is None:
        return
    if contract.amount >= law_on(legal_day(actor.now())).rules[ESSENTIAL_DATA].value:
        write_contract_record(actor=actor, contract=contract)
    if change:
        propose_modification(actor=actor, consultation=contract.consultation, contract=contract)
    else:
        propose_result(actor=actor, consultation=contract.consultation)


def propose_call(*, actor: Actor, consultation: Consultation) -> None:
    """The notice of the call, unless the buyer has prepared it: European from the threshold on, else for the BOAMP.

    None for a call to which enterprises are invited by name.
    """
    if consultation.is_private or has_notice(consultation, _of(CALL)):
        return
    if not _must_be_announced(consultation, actor):
        return
    subtype = subtype_of(consultation, CALL, legal_day(actor.now()))
    channel = NoticeChannel.BOAMP if SUBTYPES[subtype].is_voluntary else NoticeChannel.TED
    propose_notice(actor=actor, consultation=consultation, subtype=subtype, channel=channel)


def propose_correction(*, actor: Actor, consultation: Consultation, version: int) -> None:
    _correct_call(actor, consultation, summary_of_amendment(consultation, version))


def follow_term(*, actor: Actor, consultation: Consultation) -> None:
    """The duration of a dynamic purchasing system changed: told in the form of its call (directive 2014/24, art. 34)."""
    last = consultation.in_force_until
    if last is not None:
        _correct_call(actor, consultation, TERM_CHANGED.format(day=last))


def _correct_call(actor: Actor, consultation: Consultation, text: str) -> None:
    """A published notice of the call gets its correction; one that has not left is written anew, and says this too."""
    waiting = unsent_call_of(consultation)
    for notice in published_of(consultation):
        if SUBTYPES[notice.subtype].does == CALL and not notice.changed_by.exists():
            propose_notice(
                actor=actor,
                consultation=consultation,
                subtype=notice.subtype,
                channel=notice.channel,
                changes=notice.pk,
                change_reason=CHANGED_BY_BUYER,
                change_text=text,
            )
    for notice in waiting:
        renew_notice(actor=actor, notice=notice, change_text=text if notice.changes_id else "")


def propose_result(*, actor: Actor, consultation: Consultation) -> None:
    """The award notice, where the procedure asks for one and none is prepared."""
    if not has_notice(consultation, RESULTS):
        _propose_result(actor, consultation)


def propose_results_of_system(*, actor: Actor, system: Consultation) -> None:
    """The notice of a dynamic purchasing system: that it ended, or of the contracts of the quarters before, grouped."""
    if system.state == ENDED:
        is_due = not has_told_its_end(system)
    else:
        is_due = bool(contracts_to_group(system, legal_day(actor.now())))
    if is_due:
        _propose_result(actor, system)


def _propose_result(actor: Actor, consultation: Consultation) -> None:
    day = legal_day(actor.now())
    if not is_above_threshold(consultation, law_on(day)):
        return
    subtype = subtype_of(consultation, RESULT, day)
    propose_notice(actor=actor, consultation=consultation, subtype=subtype, channel=NoticeChannel.TED)


def propose_modification(*, actor: Actor, consultation: Consultation, contract: Contract) -> None:
    """The notice of a change on the grounds for which the directive asks one: additional or unforeseen."""
    day = legal_day(actor.now())
    change = latest_change(contract)
    if change is None or change.ground not in HALF or not is_above_threshold(consultation, law_on(day)):
        return
    propose_notice(
        actor=actor,
        consultation=consultation,
        subtype=subtype_of(consultation, MODIFICATION, day),
        channel=NoticeChannel.TED,
        contract=contract.pk,
    )


@action(Procurement.RELEASE_WRITE)
def propose_notice(
    *,
    actor: Actor,
    consultation: Consultation,
    subtype: str,
    channel: str,
    changes: UUID | None = None,
    change_reason: str = "",
    change_text: str = "",
    contract: UUID | None = None,
) -> Outcome[Notice]:
    """Prepares a notice in the buyer's place; nothing is sent before a person says so."""
    notice = begin_notice(
        actor,
        consultation,
        subtype=subtype,
        channel=channel,
        changes=changes,
        change_reason=change_reason,
        change_text=change_text,
        contract=contract,
    )
    return Outcome(notice, prepared(notice))


def _release(actor: Actor, consultation: Consultation, tag: str, cause: UUID) -> None:
    with contextlib.suppress(Conflict):  # the fact was followed before
        publish_release(actor=actor, consultation=consultation, tag=tag, cause=cause)


def _of(does: str) -> list[str]:
    return [code for code, kind in SUBTYPES.items() if kind.does == does]


def _must_be_announced(consultation: Consultation, actor: Actor) -> bool:
    """Whether the text asks a notice beyond the buyer's own profile: from the amount of adapted publicity on."""
    law = law_on(legal_day(actor.now()))
    if is_above_threshold(consultation, law):
        return True
    rule = law.rules.get(MAPA_NOTICE)
    return (
        rule is not None
        and consultation.estimated_value is not None
        and consultation.estimated_value >= rule.value
    )
