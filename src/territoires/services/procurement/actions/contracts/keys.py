"""Electronic signatures of contracts: put with the person's own key, outside any transaction, verified, then recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _

from territoires.foundations.documents import api as documents
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Denied, Invalid

from ...domain.signing import BUYER, ELECTRONIC
from ...models import Contract
from ...queries.signing import person_of, same_person
from .signatures import Signature, record_holder_signature, record_signature

PIECE = 1024 * 1024


LARGEST = 200 * 1024 * 1024


PDF = "application/pdf"


def sign_contract(
    *, actor: Actor, contract: Contract, side: str, key: trust.SigningKey, quality: str
) -> Contract:
    """Puts the signature of the actor's person on the contract (PAdES B-T), for the body or for the enterprise.

    Raises Denied for the key of another person, Invalid for a file that cannot be signed, Conflict as ``_record``.
    """
    person = person_of(actor)
    if not same_person(key.card.given_names, key.card.surname, person):
        raise Denied(
            "key-of-another-person",
            _(
                "The key file is that of %(holder)s, and you are signed in under another name; nothing was signed."
            ),
            _("Use your own key file: nobody signs for somebody else."),
            params={"holder": key.card.holder},
        )
    if contract.document is None or contract.document.media_type != PDF:
        raise Conflict(
            "contract-not-pdf", "Only a PDF is signed electronically here.", "Give the contract as one PDF."
        )
    signature = _signed(actor, contract, contract.document, side, key, quality, person.display_name)
    verb = record_signature if side == BUYER else record_holder_signature
    return verb(actor=actor, contract=contract, signature=signature)


def _signed(
    actor: Actor,
    contract: Contract,
    unsigned: Any,
    side: str,
    key: trust.SigningKey,
    quality: str,
    name: str,
) -> Signature:
    """Signs a copy of the file and verifies all that is in it, then keeps it as a document of the body."""
    source = contract.sha256
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.pdf"), Path(folder, "after.pdf")
        with before.open("wb") as file:
            file.writelines(documents.open_stream(unsigned))
        made = trust.sign_pdf(
            before,
            after,
            key=key,
            reason=f"{quality} : {contract.number}",
            place=contract.organisation.name,
            at=actor.now(),
        )
        _require_holding(after, made.field, key)
        document = documents.receive(
            _pieces(after),
            name=f"marche-{contract.number}.pdf",
            organisation=contract.organisation_id,
            actor=replace(actor, idempotency_key=None),
            limit=LARGEST,
        )
    return Signature(
        side=side,
        means=ELECTRONIC,
        signed_on=legal_day(actor.now()),
        name=name,
        quality=quality,
        document=document.pk,
        certificate=key.card.fingerprint,
        issuer=key.card.issuer,
        source=source,
    )


def _require_holding(file: Path, field: str, key: trust.SigningKey) -> None:
    found = trust.validate_pdf(file)
    own = next((one for one in found if one.field == field), None)
    is_own = own is not None and own.signer is not None and own.signer.fingerprint == key.card.fingerprint
    if own is None or not is_own or not all(one.holds for one in found):
        reasons = " ".join(str(one) for each in found for one in each.findings if not each.holds)
        raise Invalid(
            "signature-refused",
            _("A signature of this file does not hold on this platform; nothing was recorded. %(reasons)s"),
            _("Use a certificate for signing of an authority that the platform accepts."),
            params={"reasons": reasons},
        )


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece
