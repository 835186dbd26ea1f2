"""What the bus tells of our envelopes moves their transmissions."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from uuid import UUID

from territoires.contracts.exchange import ParcelRefused, ParcelSent
from territoires.contracts.procurement_contracts import ContractNotified, ContractSigned
from territoires.foundations.exchange import api as exchange
from territoires.foundations.identity import api as identity
from territoires.foundations.journal import api as journal
from territoires.foundations.journal.api import Recorded, Subscription
from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Conflict

from .actions import answering, letters, notifying, proposing
from .domain import letters as reply_rules
from .domain import transmission as rules
from .models import Envelope, LetterReply
from .queries.acts import proposed_act
from .queries.envelopes import envelope_at

FOLLOWER = "legality.transmissions"


def follow(fact: Recorded) -> None:
    """An envelope left or was refused at the door; an answer of the State that was faster has said it already."""
    if fact.facts["about_type"] != "legality.envelope":
        return
    envelope = envelope_at(UUID(fact.facts["about"]))
    transmission = envelope.transmission
    if transmission is None:
        return
    actor = system_actor("follower", organisation=envelope.organisation_id, causation=fact.id)
    if envelope.reply is not None:
        _follow_reply(fact, actor, envelope.reply)
        return
    is_under_way = transmission.state in (rules.CONFIRMED, rules.SENT)
    if fact.kind == ParcelSent.KIND:
        if envelope.kind == Envelope.Kind.ACT and transmission.state == rules.CONFIRMED:
            answering.record_sent(actor=actor, transmission=transmission, sent_at=fact.at)
    elif envelope.kind == Envelope.Kind.ACT and is_under_way:
        answering.refuse(actor=actor, transmission=transmission, nature="", detail=_words(fact))
    elif envelope.kind == Envelope.Kind.CANCELLATION and transmission.state == rules.CANCELLING:
        answering.refuse_cancellation(actor=actor, transmission=transmission, detail=_words(fact))


def _follow_reply(fact: Recorded, actor: Actor, reply: LetterReply) -> None:
    if fact.kind == ParcelSent.KIND:
        if reply.state == reply_rules.CONFIRMED:
            letters.record_reply_sent(actor=actor, reply=reply, sent_at=fact.at)
    elif reply.state in reply_rules.UNDER_WAY:
        letters.refuse_reply(actor=actor, reply=reply, detail=_words(fact))


def _words(fact: Recorded) -> str:
    """What the other side said at the door; its reason's code when it said nothing."""
    parcel = exchange.parcel_of(channel=fact.facts["channel"], key=fact.facts["key"])
    return parcel.detail if parcel and parcel.detail else str(fact.facts["reason"])


TRANSMISSIONS = Subscription(FOLLOWER, (ParcelSent.KIND, ParcelRefused.KIND), follow)


def draft_contract(fact: Recorded) -> None:
    """A contract above the threshold was signed: its draft waits here, with its pieces typed."""
    said = fact.facts
    if not said["must_be_received"] or said["document"] is None or fact.matter is None:
        return
    private = journal.personal_values(fact.id)
    proposing.propose_contract(
        actor=system_actor("follower", organisation=fact.organisation, causation=fact.id),
        proposed=proposing.Proposed(
            act=UUID(said["act"]),
            matter=fact.matter,
            number=said["number"],
            object=private.get("title", said["number"]),
            decided_on=date.fromisoformat(said["signed_on"]),
            document=UUID(said["document"]),
            main_type=said["main_type"],
            pieces=[(UUID(key), kind) for key, kind in said["pieces"]],
            given_names=private.get("given_names", ""),
            usual_name=private.get("usual_name", ""),
            quality=private.get("quality", ""),
        ),
    )


def note_contract(fact: Recorded) -> None:
    """The holder received on its page a contract that went to the State: nobody records it a second time here.

    One that was handed over otherwise is for its agent to record, who knows how and holds the proof.
    """
    said = fact.facts
    if said.get("act") is None or said["means"] != "platform":
        return
    act = proposed_act(UUID(said["act"]))
    if act is None:
        return
    holder = UUID(said["holder"])
    notice = notifying.Notice(
        recipient=identity.names_of([holder])[holder],
        notified_on=date.fromisoformat(said["notified_on"]),
        means="electronic",
    )
    # the holder said it: the gesture is its buyer's, whose act it is
    actor = system_actor("follower", organisation=act.organisation_id, causation=fact.id)
    # somebody recorded it, or the act is not signed: its page says what is left to do
    with suppress(Conflict):
        notifying.note_contract_notified(actor=actor, act=act, notice=notice)


_OF_CONTRACTS = {ContractSigned.KIND: draft_contract, ContractNotified.KIND: note_contract}


def follow_contract(fact: Recorded) -> None:
    _OF_CONTRACTS[fact.kind](fact)


CONTRACTS = Subscription("legality.contracts", tuple(_OF_CONTRACTS), follow_contract)
