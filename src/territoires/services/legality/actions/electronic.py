"""Electronic signatures: asked of those whom the law names, put by each with his own key, recorded once verified.

``sign_act`` uses the key, outside any transaction and on a fresh file; the action that it then calls uses none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from territoires.contracts import legality as facts
from territoires.foundations.actions.api import Outcome, StepUp, action
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.trust import api as trust
from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor
from territoires.kernel.clock import PARIS, legal_day
from territoires.kernel.errors import Conflict, Denied, Fault, Invalid

from ..domain.preflight import TOTAL_SIZE
from ..domain.signature import ELECTRONIC, Expected, name_key
from ..models import Act, Signatory, known
from ..permissions import Legality
from ..queries.files import received
from ..queries.readiness import faults_of
from ..queries.signatories import (
    expected_of,
    faults_of_electronic_signature,
    key_of,
    members_named,
    namesakes_of,
    places_of,
    signatories_of,
    sitting_for,
)
from .moving import move
from .signing import save_numbered
from .telling import with_author, with_files, with_nature
from .waiting import wait_for_next_step

PRESENCE_FOR_SIGNING = StepUp(level=2, within=timedelta(minutes=15))
TO_SIGN = "sign"
ATTEMPTS = 3
"""How often a signature is made again because another person's came first."""
ROOM = 2 * 1024 * 1024
"""Bytes that signatures may add to a file, generously."""


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file with one more signature, found good; ``sign_act`` alone makes one. ``source`` is the digest before it."""

    document: UUID
    source: str
    signed_at: datetime
    certificate: str
    issuer: str


@action(Legality.SIGN, on="act")
def ask_signatures(
    *,
    actor: Actor,
    act: Act,
    meant: Mapping[str, UUID] | None = None,
    version: int | None = None,
) -> Outcome[Act]:
    """Closes the file of the act and asks those whom the law names to sign it.

    ``meant`` says which person, for a name that several members of the body bear, by ``name_key``. Raises Invalid with
    everything that is missing, Conflict when its number was taken meanwhile.
    """
    move(act, "ask_signatures", actor, version)
    faults = [*faults_of(act, now=actor.now()), *faults_of_electronic_signature(act)]
    meant = meant or {}
    faults += _faults_of_namesakes(act, actor, meant)
    if faults:
        raise Invalid(
            "act-not-ready",
            "The act cannot be signed yet: something is missing or wrong. Nothing you entered is lost.",
            "Correct each point below.",
            faults=faults,
        )
    act.sitting = sitting_for(act)
    act.unsigned = act.main
    save_numbered(act)
    wait_for_next_step(act, actor)
    expected = expected_of(act, act.sitting)
    for place, one in enumerate(expected, start=1):
        asked = _person_meant(act, one, actor, meant)
        Signatory.objects.create(
            act=act,
            position=place,
            capacity=one.capacity,
            given_names=one.given_names,
            usual_name=one.usual_name,
            quality=one.quality,
            name_key=one.name_key,
            asked=asked,
        )
        if asked is not None:
            _await_signature(act, asked.pk, actor)
    names = ", ".join(f"{one.given_names} {one.usual_name}" for one in expected)
    return Outcome(
        act,
        facts.ActSignaturesAsked(
            **with_nature(act), count=len(expected), content=act.main_sha256, names=names
        ),
    )


def sign_act(*, actor: Actor, act: Act, key: trust.SigningKey) -> Act:
    """Puts the signature of the actor's person on the act with her own key (PAdES B-T), and records it.

    Raises Denied when her name, or that of the certificate, is none of those awaited; StepUpRequired without a fresh
    proof of presence; Invalid when the file cannot be signed without harm; Conflict when she signed it already.
    """
    own_name = key_of(actor)
    if name_key(key.card.given_names, key.card.surname) != own_name:
        raise Denied(
            "key-of-another-person",
            _(
                "The key file is that of %(holder)s, and you are signed in under another name; nothing was signed."
            ),
            _("Use your own key file: nobody signs for somebody else."),
            params={"holder": key.card.holder},
        )
    _require_own_body(act, key)
    for attempt in range(1, ATTEMPTS + 1):
        signatory = _awaited(act, actor)
        signed = _signed(actor, act, signatory, key)
        try:
            return record_signature(actor=actor, act=act, signed=signed)
        except Conflict as conflict:
            if conflict.code != "file-changed-meanwhile" or attempt == ATTEMPTS:
                raise
            act = Act.objects.select_related("main", "organisation").get(pk=act.pk)
    raise AssertionError("unreachable")


@action(Legality.SIGN_ELECTRONICALLY, on="act", along=("organisation",), step_up=PRESENCE_FOR_SIGNING)
def record_signature(*, actor: Actor, act: Act, signed: SignedFile) -> Outcome[Act]:
    """Makes the signed file the act; with the last signature awaited the act is signed.

    Raises Conflict when the file is no longer the one that was signed, Denied for somebody who is not asked.
    """
    everybody = signatories_of(act)
    signatory = _own_place(everybody, actor)
    if signed.source != act.main_sha256:
        raise Conflict(
            "file-changed-meanwhile",
            "Somebody else signed this act at the same moment; your signature was not recorded.",
            "Sign it again: both signatures then stand in the file.",
        )
    awaited = [one for one in everybody if one.signed_at is None]
    is_last = len(awaited) == 1
    move(act, "sign_last" if is_last else "sign", actor, None)
    document = documents.attach(received(actor, signed.document), holder=act.subject)
    act.main, act.main_sha256 = document, document.sha256
    signatory.person_id, signatory.signed_at, signatory.document = actor.person, signed.signed_at, document
    signatory.certificate, signatory.issuer = signed.certificate, signed.issuer[:300]
    signatory.save()
    given = facts.ActSignatureGiven(
        **with_nature(act),
        rank=len(everybody) - len(awaited) + 1,
        capacity=signatory.capacity,
        certificate=signed.certificate,
        issuer=signatory.issuer,
        signed_at=signed.signed_at,
        source=signed.source,
        content=document.sha256,
        name=str(signatory),
        quality=signatory.quality,
    )
    if not is_last:
        act.save()
        worklist.close_items(act.subject, TO_SIGN, person=actor.person)
        return Outcome(act, given)
    act.signed_on = legal_day(signed.signed_at)
    act.save()
    wait_for_next_step(act, actor)
    return Outcome(
        act,
        given,
        facts.ActSigned(
            **with_nature(act),
            **with_author(act),
            **with_files(act),
            decided_on=known(act.decided_on),
            signed_on=act.signed_on,
            means=ELECTRONIC,
        ),
    )


def _faults_of_namesakes(act: Act, actor: Actor, meant: Mapping[str, UUID]) -> list[Fault]:
    """A name that several members bear, of whom none is said to be meant."""
    return [
        Fault(
            f"meant-{key}",
            "signatory-namesakes",
            "%(count)d persons of your body are called %(name)s.",
            "Say which one signs.",
            {"count": len(members), "name": members[0].display_name},
        )
        for key, members in namesakes_of(act, actor).items()
        if meant.get(key) not in {person.pk for person in members}
    ]


def _person_meant(act: Act, expected: Expected, actor: Actor, meant: Mapping[str, UUID]) -> Any:
    """The member who is asked to sign: who bears the name alone, or who is meant; None when nobody bears it."""
    members = members_named(act, expected, actor)
    if len(members) < 2:
        return members[0] if members else None
    return next(person for person in members if person.pk == meant.get(expected.name_key))


def _require_own_body(act: Act, key: trust.SigningKey) -> None:
    """A certificate that names no body is a person's own; one that names a body must serve the act's."""
    if not key.card.siren:
        return
    try:
        identity.require_serving(key.card.siren, act.organisation)
    except Denied as refusal:
        raise Denied(
            "key-of-another-body",
            _(
                "Your certificate names the body %(siren)s, and this act is one of %(organisation)s; nothing was signed."
            ),
            _("Use a certificate of this body, or one of your own that names none."),
            params=refusal.params,
        ) from refusal


def _awaited(act: Act, actor: Actor) -> Signatory:
    """The place of a person among those who sign the act. Raises Denied when she has none, Conflict when she signed."""
    return _own_place(signatories_of(act), actor)


def _own_place(everybody: Sequence[Signatory], actor: Actor) -> Signatory:
    found = places_of(everybody, actor)
    if not found:
        raise Denied(
            "not-a-signatory",
            _("The law names others to sign this act; nothing was signed."),
            _(
                "A deliberation is signed by the mayor and the secretary of the sitting, another act by its author."
            ),
        )
    if found[0].signed_at is not None:
        raise Conflict(
            "already-signed", "You have signed this act already; nothing was done twice.", "Nothing to do."
        )
    return found[0]


def _signed(actor: Actor, act: Act, signatory: Signatory, key: trust.SigningKey) -> SignedFile:
    """Signs a copy of the act's file and verifies all that is in it, then keeps it as a document of its own."""
    source = known(act.main)
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.pdf"), Path(folder, "after.pdf")
        with before.open("wb") as file:
            file.writelines(documents.open_stream(source))
        made = trust.sign_pdf(
            before,
            after,
            key=key,
            reason=f"{signatory.quality} : {act.number}",
            place=act.organisation.name,
            at=actor.now(),
            stamp=_stamp(actor, act, signatory),
        )
        verified = _verified(after, made.field, key)
        document = documents.receive(
            _chunks(after),
            name=source.name,
            organisation=act.organisation_id,
            actor=actor,
            limit=TOTAL_SIZE + ROOM,
        )
    return SignedFile(
        document.pk, act.main_sha256, known(verified.stamped_at), key.card.fingerprint, key.card.issuer
    )


def _verified(file: Path, field: str, key: trust.SigningKey) -> trust.Signature:
    """The new signature, when it and all those before it hold. Raises Invalid."""
    found = trust.validate_pdf(file)
    own = next((one for one in found if one.field == field), None)
    others = [one for one in found if one is not own and not one.holds]
    if others:
        raise Invalid(
            "earlier-signature-broken",
            _("This file carries a signature that does not hold: signing it would vouch for it."),
            _("Send the act back to draft and give its file without that signature."),
        )
    is_own = own is not None and own.signer is not None and own.signer.fingerprint == key.card.fingerprint
    if own is None or not is_own or not own.holds or own.stamped_at is None:
        reasons = [str(finding) for finding in own.findings] if own else []
        raise Invalid(
            "signature-refused",
            _(
                "The signature made with this key does not hold on this platform; nothing was recorded. %(reasons)s"
            ),
            _("Use a certificate for signing of an authority that the platform accepts."),
            params={"reasons": " ".join(reasons)},
        )
    return own


def _stamp(actor: Actor, act: Act, signatory: Signatory) -> trust.VisibleStamp:
    """What is seen of it: an image, which proves nothing by itself."""
    moment = actor.now().astimezone(PARIS)
    return trust.VisibleStamp(
        [
            str(signatory),
            signatory.quality,
            act.organisation.name,
            f"Signé électroniquement le {moment:%d/%m/%Y à %H:%M}",
        ],
        width=196,
    )


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(1024 * 1024):
            yield chunk


def _await_signature(act: Act, person: UUID, actor: Actor) -> None:
    worklist.open_item(
        organisation=act.organisation_id,
        subject=act.subject,
        matter=act.matter,
        kind=TO_SIGN,
        title=f"{act.number} {act.object}",
        verb=_("Sign"),
        address=reverse("legality_desk:signatures", kwargs={"organisation": act.organisation.reference}),
        permission=Legality.SIGN_ELECTRONICALLY,
        person=person,
        state_label=_("Signature awaited"),
        tone="wait",
        at=actor.now(),
    )
