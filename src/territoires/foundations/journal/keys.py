"""The keys of the log over time: a signature is judged with the keys that were in use at the checkpoint's size.

The book itself says which: a key signs from the first checkpoint that holds its announcement to the last that does not
hold its retirement. The very first key needed no announcement.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction

from territoires.contracts.journal import LogKeyAnnounced, LogKeyRetired
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import system_actor
from territoires.kernel.errors import Conflict, Unavailable
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from .canonical import canonical
from .entries import append
from .note_keys import verifier_key

_LOCK = 0x6C6F676B6579  # "logkey": one change of keys at a time
# ``LIKE`` as in the index journal_copy_keys.
_SAID = """
SELECT seq, body, mac FROM journal_copy AS c JOIN journal_leaf AS l ON l.entry = c.entry
JOIN journal_entry AS e ON e.id = c.entry WHERE kind LIKE 'journal.key.%' ORDER BY seq"""
_WAITING = """
SELECT EXISTS (SELECT FROM journal_copy AS c WHERE kind LIKE 'journal.key.%'
AND NOT EXISTS (SELECT FROM journal_leaf WHERE entry = c.entry))"""


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key of the log signs the checkpoints of ``first`` facts up to ``last`` facts (None: it still signs)."""

    certificate: trust.LogCertificate
    first: int
    last: int | None = None

    def signs(self, size: int) -> bool:
        return self.first <= size and (self.last is None or size <= self.last)


def key_spans() -> list[KeySpan]:
    """Every key of the log as the numbered facts tell, oldest first."""
    spans: dict[bytes, KeySpan] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SAID)
        rows = cursor.fetchall()
    for seq, body, mac in rows:
        if not trust.fact_mac_holds(bytes(body), bytes(mac)):
            continue  # ``verify`` finds it
        said = json.loads(body)
        certificate = trust.LogCertificate.from_text(said["facts"]["certificate"])
        key = certificate.public_key
        if said["kind"] == LogKeyAnnounced.KIND:
            spans.setdefault(key, KeySpan(certificate, seq + 1))
        else:
            spans[key] = replace(spans.get(key) or KeySpan(certificate, 0), last=seq)
    if not any(span.first == 0 for span in spans.values()):
        first = next((one for one in trust.log_certificates() if one.public_key not in spans), None)
        if first is not None:
            spans[first.public_key] = KeySpan(first, 0)
    return sorted(spans.values(), key=lambda span: span.first)


def published_log_keys() -> bytes:
    """The list of keys as readers get it and ``tools/verify_evidence.py`` takes it (JCS): fingerprint of the
    certificate, sizes, and the verifier key that a witness wants."""
    listed = [
        {
            "certificate": span.certificate.fingerprint,
            "first": span.first,
            "last": span.last,
            "verifier": verifier_key(span.certificate.origin, span.certificate.public_key),
        }
        for span in key_spans()
    ]
    return canonical({"origin": log_origin(), "keys": listed})


def log_origin() -> str:
    """The name of the log, which all its keys share."""
    return trust.log_certificates()[0].origin


def signers(size: int) -> list[trust.LogKey]:
    """The keys that must sign a checkpoint of so many facts, oldest first. Raises Unavailable when one is not here."""
    present = {key.public_key: key for key in trust.log_keys()}
    wanted = [span.certificate.public_key for span in key_spans() if span.signs(size)]
    if not wanted or not present.keys() >= set(wanted):
        raise Unavailable(
            "log-key-missing",
            "A key that signs the journal is not in the folder of keys; nothing is signed.",
            "Put it back from the backup of the keys. If it is lost: territoires journal retire-key --at-once.",
        )
    return [present[key] for key in wanted]


@transaction.atomic
def announce_key() -> trust.LogCertificate:
    """Announces the key that waits in the folder of keys; a demonstration makes one. Both sign from then on.

    Raises Conflict when there is none, when it cannot serve, or while another change of keys goes on.
    """
    spans = _settled()
    if len([span for span in spans if span.last is None]) > 1:
        raise Conflict(
            "log-keys-overlap",
            "Two keys sign the journal already.",
            "Retire the older one first: territoires journal retire-key.",
        )
    found = _unannounced(spans)
    if found is None:
        trust.make_demonstration_log_key(log_origin())
        found = _unannounced(spans)
    assert found is not None
    fault = trust.certificate_fault(found) or ("" if trust.is_in_time(found) else "it is not in its time")
    if fault:
        raise Conflict(
            "log-certificate-unfit",
            "The certificate of the new key cannot serve the journal: %(fault)s.",
            "Have it issued as docs/operations/trust.md says.",
            params={"fault": fault},
        )
    append(
        LogKeyAnnounced(subject=Subject("journal.key", new_id()), certificate=found.text),
        actor=system_actor("journal"),
    )
    return found


@transaction.atomic
def retire_key(*, at_once: bool = False) -> trust.LogCertificate:
    """Retires the oldest key that signs. ``at_once``: though no checkpoint bears both signatures yet (a key was lost).

    Raises Conflict when it is the only one, or while another change of keys goes on.
    """
    signing = [span for span in _settled() if span.last is None]
    if len(signing) < 2:
        raise Conflict(
            "log-key-alone",
            "Only one key signs the journal; it stays.",
            "Announce the next one first: territoires journal announce-key.",
        )
    old, new = signing[0], signing[-1]
    if not at_once and not _was_signed_from(new.first):
        raise Conflict(
            "log-keys-never-together",
            "No checkpoint bears the signatures of both keys yet.",
            "Wait until a fact is sealed. If the old key is lost, add --at-once.",
        )
    append(
        LogKeyRetired(subject=Subject("journal.key", new_id()), certificate=old.certificate.text),
        actor=system_actor("journal"),
    )
    return old.certificate


def _settled() -> list[KeySpan]:
    """The spans, once every change that was written has its number; changes wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_WAITING)
        (waits,) = cursor.fetchone()
    if waits:
        raise Conflict(
            "log-keys-changing",
            "A change of keys waits for its number.",
            "Start the sequencer, or wait a second; then try again.",
        )
    return key_spans()


def _unannounced(spans: Sequence[KeySpan]) -> trust.LogCertificate | None:
    known = {span.certificate.public_key for span in spans}
    return next((key.certificate for key in trust.log_keys() if key.public_key not in known), None)


def _was_signed_from(size: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM journal_checkpoint WHERE size >= %s)", [size])
        return bool(cursor.fetchone()[0])
