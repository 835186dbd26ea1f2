"""A published consultation with its opening officers' policy, two enterprises, and what their browsers would send."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from territoires.foundations.actions.api import permissions_of
from territoires.kernel.actor import Actor, Grant
from territoires.kernel.clock import fixed_clock
from territoires.services.procurement.actions import bidding, uploading
from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import documents as doc
from territoires.services.procurement.domain.sealing import files
from territoires.services.procurement.domain.sealing.files import FileEntry, Header
from territoires.services.procurement.domain.sealing.manifest import Manifest, Named
from territoires.services.procurement.domain.sealing.policy import Limits, Policy
from territoires.services.procurement.models import BidDraft, Consultation, Deposit, SealIntent
from territoires.services.procurement.queries.sealed_files import present_policy
from tests.services.procurement.conftest import make_consultation, make_person, rows
from tests.services.procurement.sealing.cast import MIB, Cast

DEADLINE = datetime(2027, 1, 11, 11, tzinfo=UTC)
BEFORE = DEADLINE - timedelta(days=2)
LIMITS = Limits(file=64 * MIB, bid=96 * MIB, files=40)
MILLISECOND = timedelta(milliseconds=1)
SIRETS = ("99999006200013", "99999007000016")


def publish(consultation: Consultation, **cast: Any) -> Cast:
    """Puts the consultation in the state that publishing leads to, with a policy of three holders."""
    rows("t_procurement.Consultation").filter(pk=consultation.pk).update(
        state="published",
        published_at=DEADLINE - timedelta(days=30),
        publication_version=1,
        tenders_until=cast.get("deadline", DEADLINE),
    )
    consultation.refresh_from_db()
    return policy_for(consultation, **cast)


def policy_for(consultation: Consultation, **cast: Any) -> Cast:
    """One more version of the policy, with the keys of its holders."""
    options = {
        "consultation": consultation.pk,
        "deadline": DEADLINE,
        "envelopes": ("candidature", "tender"),
        "limits": LIMITS,
    }
    made = Cast(**options | cast)
    written = made.policy.written()
    rows("t_procurement.PolicyVersion").create(
        consultation=consultation,
        round=1,
        version=made.version,
        document=written,
        sha256=doc.sha256(written).hex(),
        deadline_at=made.deadline,
        made_at=BEFORE,
    )
    return made


def make_enterprise(siret: str = SIRETS[0], name: str = "Travaux Modèle") -> Any:
    return rows("identity.Organisation").create(
        reference=siret, siren=siret[:9], siret=siret, name=name, kind="enterprise"
    )


def make_bidder(enterprise: Any, *, name: str = "Manon", at: datetime = BEFORE) -> Actor:
    person = make_person(enterprise, name)
    return Actor(
        person=person.pk,
        organisation=enterprise.pk,
        grants={p: Grant(p, "role", "representative") for p in permissions_of("representative")},
        services=frozenset({"procurement"}),
        clock=fixed_clock(at),
    )


@dataclass
class Bidding:
    """A browser of one person of an enterprise, as the server sees it: blocks, chunks, manifests."""

    actor: Actor
    draft: BidDraft
    masters: dict[UUID, bytes] = field(default_factory=dict)
    blocks: dict[UUID, bytes] = field(default_factory=dict)
    contexts: dict[UUID, tuple[UUID, str]] = field(default_factory=dict)
    entries: list[FileEntry] = field(default_factory=list)
    plain: dict[UUID, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return present_policy(self.draft)[0]

    def at(self, instant: datetime) -> Bidding:
        """The same browser, later."""
        return replace(self, actor=self.actor.at(instant))

    def block(self, lot: UUID, envelope: str = "tender", /, **context: Any) -> UUID:
        """Makes a block and sends it."""
        made, master = blocks.make_block(
            self.policy,
            **{"lot": lot, "envelope": envelope, "bidder": self.draft.bidder_id, "block": uuid4()} | context,
        )
        written, key = made.written(), made.context.block
        uploading.take_block(actor=self.actor, draft=self.draft, document=written)
        self.masters[key], self.blocks[key], self.contexts[key] = master, written, (lot, envelope)
        return key

    def sealed(self, block: UUID, name: str, content: bytes) -> tuple[FileEntry, list[bytes]]:
        """The entry and the stored chunks of a file, nothing sent."""
        master, key = self.masters[block], uuid4()
        header = files.sealed_header(master, block, key, Header(name, "application/pdf", len(content)))
        chunks = list(files.sealed_chunks(master, block, key, io.BytesIO(content), len(content)))
        root = files.merkle_root(files.leaf(chunk) for chunk in chunks)
        return FileEntry(key, block, len(chunks), sum(map(len, chunks)), root, header), chunks

    def put(self, entry: FileEntry, index: int, chunk: bytes, /, **changed: Any) -> str:
        """Sends one chunk."""
        nonce, body = chunk[: files.NONCE_BYTES], chunk[files.NONCE_BYTES :]
        sent = uploading.Sent(entry.file, entry.block, index, nonce, files.leaf(chunk), "Essai/1.0")
        return uploading.store_chunk(
            actor=self.actor,
            draft=self.draft,
            limits=self.policy.limits,
            sent=replace(sent, **{k: v for k, v in changed.items() if k != "body"}),
            body=[changed.get("body", body)],
        )

    def send(self, block: UUID, name: str = "offre.pdf", content: bytes = b"%PDF-1.4 offre") -> FileEntry:
        """Seals a file and sends it whole."""
        entry, chunks = self.sealed(block, name, content)
        for index, chunk in enumerate(chunks):
            self.put(entry, index, chunk)
        self.entries.append(entry)
        self.plain[entry.file] = (name, content)
        return entry

    def manifest(self, entries: Sequence[FileEntry] | None = None, **changed: Any) -> bytes:
        chosen = self.entries if entries is None else entries
        named = dict.fromkeys(one.block for one in chosen)
        made = Manifest(
            deposit=uuid4(),
            policy=self.policy.hash,
            consultation=self.policy.consultation,
            round=1,
            bidder=self.draft.bidder_id or uuid4(),
            lots=sorted({self.contexts[key][0] for key in named}),
            blocks=[Named(key, doc.sha256(self.blocks[key])) for key in named],
            files=list(chosen),
            supersedes=None,
            rehearsal=False,
        )
        return replace(made, **changed).written()

    def deposit(self, document: bytes | None = None) -> Deposit:
        found = bidding.deposit(actor=self.actor, draft=self.draft, document=document or self.manifest())
        assert isinstance(found, Deposit)
        return found

    def receive(self) -> SealIntent:
        """The first half of a deposit: the server dies before the second."""
        document = self.manifest()
        deposit = UUID(json.loads(document)["deposit"])
        return bidding.receive_manifest(
            actor=self.actor, draft=self.draft, deposit=deposit, document=document
        )


def begin(actor: Actor, consultation: Consultation) -> Bidding:
    return Bidding(actor, bidding.start_bid(actor=actor, consultation=consultation, round=1))


def lots_by_number(consultation: Consultation) -> Mapping[int, UUID]:
    return dict(rows("t_procurement.Lot").filter(consultation=consultation).values_list("number", "pk"))


@pytest.fixture
def consultation(secretary: Actor) -> Consultation:
    return make_consultation(secretary, "validated")


@pytest.fixture
def cast(consultation: Consultation) -> Cast:
    return publish(consultation)


@pytest.fixture
def enterprise(db: None) -> Any:
    return make_enterprise()


@pytest.fixture
def bidder(enterprise: Any) -> Actor:
    return make_bidder(enterprise)


@pytest.fixture
def bidding_(cast: Cast, consultation: Consultation, bidder: Actor) -> Iterator[Bidding]:
    yield begin(bidder, consultation)
