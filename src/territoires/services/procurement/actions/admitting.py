"""A dynamic purchasing system: set up after its first candidatures, open to requests until it ends.

CCP R2162-37 to R2162-51. A request is no sealed bid: it has no common deadline and competes with none. Its files are read by
who examines, from their arrival on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from territoires.contracts import procurement_award as facts
from territoires.foundations.actions.api import Outcome, action, unchanged
from territoires.foundations.documents import api as documents
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Fault, Invalid, TooLate

from ..domain import admission as states
from ..domain.admission import ADMISSION
from ..domain.examination import ADMITTED, RECEIVED
from ..domain.law import DYNAMIC
from ..domain.life import LIFE
from ..domain.wording import stated
from ..models import LONGEST_REASON, LONGEST_TEXT, Admission, AdmissionFile, Consultation
from ..permissions import Procurement
from ..queries.bids import counting_lots
from ..queries.evaluation import candidacies_of
from ..queries.files import examined
from ..queries.law import law_on
from ..queries.sheets import lots_of
from ..queries.systems import admission_of, own_admission, takes_requests
from .examining import MOST_FILES, require_analysis
from .listing import write_listing
from .moving import about, move
from .next_step import wait_for_next_step
from .telling import tell_enterprise

EXAMINATION, LONGER = "dynamic-examination-days", "dynamic-examination-longer-days"


@action(Procurement.AWARD, on="consultation")
def set_up_system(
    *, actor: Actor, consultation: Consultation, in_force_until: date, version: int | None = None
) -> Outcome[Consultation]:
    """Puts the system in force until the end of that day, with all who were found fit; each candidate is told.

    Raises Conflict for another procedure or while a candidature waits, Invalid for a day that has passed.
    """
    if consultation.procedure != DYNAMIC:
        raise Conflict(
            "no-system", "This is no dynamic purchasing system.", "Go on with the candidates that you have."
        )
    require_analysis(consultation)
    candidacies = candidacies_of(consultation)
    if any(one.state == RECEIVED for one in candidacies):
        raise Conflict(
            "candidates-to-examine",
            "A candidature is not examined yet: the system was not set up.",
            "Admit or refuse every candidate first.",
        )
    consultation.in_force_until = _sound_end(in_force_until, legal_day(actor.now()))
    move(consultation, "set_up", actor, version)
    consultation.save()
    for one in candidacies:
        is_in = one.state == ADMITTED
        made = Admission.objects.create(
            consultation=consultation,
            bidder=one.bidder,
            person_id=one.deposit.person_id,
            lots=sorted(lot.number for lot in counting_lots(one.deposit) if lot),
            state=states.ADMITTED if is_in else states.REFUSED,
            received_at=one.deposit.completed_at,
            reason=one.reason,
            decided_at=one.decided_at,
            decided_by_id=one.decided_by_id,
        )
        _tell(actor, made)
    write_listing(actor, consultation)
    wait_for_next_step(consultation, actor)
    admitted = tuple(one.bidder_id for one in candidacies if one.state == ADMITTED)
    fact = facts.SystemSetUp(**about(consultation), in_force_until=in_force_until, admitted=admitted)
    return Outcome(consultation, fact)


@action(Procurement.AWARD, on="consultation")
def change_term(
    *, actor: Actor, consultation: Consultation, in_force_until: date, reason: str, version: int | None = None
) -> Outcome[Consultation]:
    """The system is in force for a longer or a shorter time. Raises Conflict, Invalid.

    A change of its duration is told to the Official Journal by a notice.
    """
    unchanged(consultation, version)
    LIFE.after(consultation.state, "end")
    _require_system(consultation)
    consultation.in_force_until = _sound_end(in_force_until, legal_day(actor.now()))
    fact = facts.SystemTermChanged(
        **about(consultation),
        in_force_until=in_force_until,
        reason=stated(reason, limit=LONGEST_REASON),
    )
    consultation.version += 1
    consultation.save()
    write_listing(actor, consultation)
    wait_for_next_step(consultation, actor)
    return Outcome(consultation, fact)


@action(Procurement.AWARD, on="consultation")
def end_system(
    *, actor: Actor, consultation: Consultation, reason: str, version: int | None = None
) -> Outcome[Consultation]:
    """It takes no more requests, and nothing is called under it any more; what was called goes on.

    Raises Conflict while a request waits for its answer.
    """
    _require_system(consultation)
    if Admission.objects.filter(consultation=consultation, state=states.RECEIVED).exists():
        raise Conflict(
            "requests-to-examine",
            "A request waits for its answer: the system was not ended.",
            "Admit or refuse it first.",
        )
    move(consultation, "end", actor, version)
    consultation.end_reason = stated(reason, limit=LONGEST_REASON)
    consultation.ended_at = actor.now()
    consultation.save()
    write_listing(actor, consultation)
    wait_for_next_step(consultation, actor)
    return Outcome(consultation, facts.SystemEnded(**about(consultation), reason=consultation.end_reason))


@action(Procurement.ASK_ADMISSION)
def ask_admission(
    *,
    actor: Actor,
    consultation: Consultation,
    lots: Sequence[int] = (),
    text: str = "",
    files: Sequence[UUID] = (),
) -> Outcome[Admission]:
    """Asks to be admitted, at any time of the system; the buyer answers within the working days of the law.

    Raises TooLate once it takes none, Conflict for who is in or has asked, Invalid without a category or a file.
    """
    if not takes_requests(consultation, actor.now()):
        raise TooLate(
            "system-closed",
            "This system takes no request now.",
            "Look at its page: it says until when it does.",
        )
    if own_admission(actor, consultation) is not None:
        raise Conflict(
            "admission-held",
            "Your enterprise is in this system, or has asked to be.",
            "See where it stands; to change its categories, leave and ask again.",
        )
    numbers = _sound_lots(consultation, lots)
    found = [examined(actor, key) for key in dict.fromkeys(files)]
    if not 0 < len(found) <= MOST_FILES:
        fault = Fault(
            "document",
            "candidature-missing",
            "A candidature is due, in %(most)d files at most.",
            "Add it: DC1 and DC2, a DUME, or your own form.",
            {"most": MOST_FILES},
        )
        raise Invalid("admission-refused", "Nothing was sent.", "Correct it.", faults=[fault])
    today = legal_day(actor.now())
    law = law_on(today)
    until = law.calendar.last_working_day(today, int(law.rules[EXAMINATION].value))
    made = Admission(
        consultation=consultation,
        bidder_id=actor.acting_organisation(),
        person_id=actor.person,
        lots=numbers,
        text=text.strip()[:LONGEST_TEXT],
        received_at=actor.now(),
        examine_until=until,
    )
    made.save(force_insert=True)
    for document in found:
        documents.attach(document, holder=made.subject)
        AdmissionFile.objects.get_or_create(
            admission=made, sha256=document.sha256, defaults={"document": document}
        )
    wait_for_next_step(consultation, actor)
    fact = facts.AdmissionAsked(
        subject=made.subject,
        matter=consultation.pk,
        bidder=made.bidder_id,
        lots=tuple(numbers),
        examine_until=until,
        files=tuple(document.sha256 for document in found),
    )
    return Outcome(made, fact)


@action(Procurement.ANALYSE, on="consultation")
def decide_admission(
    *, actor: Actor, consultation: Consultation, admission: UUID, verb: str, reason: str = ""
) -> Outcome[Admission]:
    """Admits an enterprise, or refuses it for a reason that it reads; who no longer meets the conditions is refused, too.

    Raises Conflict, Invalid.
    """
    _require_system(consultation)
    found = admission_of(consultation, admission)
    if verb not in ("admit", "refuse"):
        raise Invalid("verb-unknown", "This answer is unknown.", "Choose one in the list.")
    found.state = ADMISSION.after(found.state, verb)
    found.reason = stated(reason, limit=LONGEST_REASON) if verb == "refuse" else ""
    found.decided_at, found.decided_by_id = actor.now(), actor.person
    found.save()
    _tell(actor, found)
    wait_for_next_step(consultation, actor)
    return Outcome(found, _changed(found, verb))


@action(Procurement.ANALYSE, on="consultation")
def prolong_examination(
    *, actor: Actor, consultation: Consultation, admission: UUID, reason: str
) -> Outcome[Admission]:
    """Takes the longer time of the law for one request, for a reason that the enterprise reads. Raises Conflict when taken."""
    found = admission_of(consultation, admission)
    found.state = ADMISSION.after(found.state, "prolong")
    received_on = legal_day(found.received_at)
    law = law_on(received_on)
    longer = law.calendar.last_working_day(received_on, int(law.rules[LONGER].value))
    if found.examine_until is None or found.examine_until >= longer:
        raise Conflict(
            "already-prolonged", "The time to examine it was prolonged already.", "Answer the enterprise."
        )
    found.examine_until, found.reason = longer, stated(reason, limit=LONGEST_REASON)
    found.save()
    _tell(actor, found)
    wait_for_next_step(consultation, actor)
    return Outcome(found, _changed(found, "prolong"))


@action(Procurement.HOLD_ADMISSION, on="admission")
def leave_system(*, actor: Actor, admission: Admission) -> Outcome[Admission]:
    """The enterprise leaves the system, or takes its request back; what it was invited to goes on."""
    admission.state = ADMISSION.after(admission.state, "leave")
    admission.decided_at, admission.decided_by_id = actor.now(), actor.person
    admission.save()
    wait_for_next_step(admission.consultation, actor)
    return Outcome(admission, _changed(admission, "leave"))


def _require_system(consultation: Consultation) -> None:
    if consultation.procedure != DYNAMIC:
        raise Conflict("no-system", "This is no dynamic purchasing system.", "Look at its page.")


def _sound_end(last: date, today: date) -> date:
    if last >= today:
        return last
    fault = Fault("in_force_until", "term-past", "This day has passed.", "Give the last day of the system.")
    raise Invalid("term-refused", "Nothing was changed.", "Correct the day.", faults=[fault])


def _sound_lots(consultation: Consultation, wanted: Sequence[int]) -> list[int]:
    known = {lot.number for lot in lots_of(consultation)}
    if (known and not wanted) or not set(wanted) <= known:
        fault = Fault(
            "lots",
            "category-missing",
            "No category is chosen, or one that is not there.",
            "Choose in the list.",
        )
        raise Invalid("admission-refused", "Nothing was sent.", "Correct it.", faults=[fault])
    return sorted(set(wanted))


def _tell(actor: Actor, admission: Admission) -> None:
    tell_enterprise(
        actor,
        admission.consultation,
        admission.bidder,
        about=admission.pk,
        template="admission",
        page="admission",
        first=admission.person_id,
        state=admission.state,
    )


def _changed(admission: Admission, verb: str) -> facts.AdmissionChanged:
    return facts.AdmissionChanged(
        subject=admission.subject,
        matter=admission.consultation_id,
        bidder=admission.bidder_id,
        verb=verb,
        state=admission.state,
        reason=admission.reason,
    )
