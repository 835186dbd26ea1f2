"""What the protocol refuses, in the families of the house. ``detail`` is technical and stays in English."""

from __future__ import annotations

from territoires.kernel.errors import Conflict, Invalid

TOO_EARLY = "sealing-too-early"


def malformed(detail: str) -> Invalid:
    return Invalid(
        "sealing-malformed",
        "A sealed document does not have the form that the protocol asks (%(detail)s); nothing was changed.",
        "Load the page again and start this step once more; if it happens again, call the support.",
        params={"detail": detail},
    )


def unknown_form(detail: str) -> Invalid:
    return Invalid(
        "sealing-unknown-form",
        "A sealed document has a version, a type or a cipher suite that this programme does not know (%(detail)s).",
        "Use the version of the programme that belongs to this document.",
        params={"detail": detail},
    )


def mismatch(detail: str) -> Invalid:
    return Invalid(
        "sealing-mismatch",
        "Two sealed documents that should belong together do not (%(detail)s); nothing was changed.",
        "Load the page again; if it happens again, call the support and name this sentence.",
        params={"detail": detail},
    )


def policy_changed(present: str = "") -> Conflict:
    """``present``: the policy to seal for now, in base64url, where the refusal brings it."""
    return Conflict(
        "sealing-policy-changed",
        "The opening officers or the deadline changed since this page was loaded; your files are kept.",
        "Load the page again: it seals for the present officers.",
        members={"policy": present} if present else None,
    )


def policy_refused(detail: str) -> Invalid:
    return Invalid(
        "sealing-policy-refused",
        "These opening rules cannot protect bids (%(detail)s).",
        "Correct the officers, the threshold or the deadline.",
        params={"detail": detail},
    )


def over_limit(detail: str) -> Invalid:
    return Invalid(
        "sealing-over-limit",
        "This bid is larger than the limits written in the rules of the consultation (%(detail)s).",
        "Remove or reduce files, then seal again.",
        params={"detail": detail},
    )


def cannot_unwrap(detail: str) -> Invalid:
    return Invalid(
        "sealing-cannot-unwrap",
        "A key does not open what was sealed to it (%(detail)s).",
        "Check that this is the key of this consultation; another officer's key serves as well.",
        params={"detail": detail},
    )


def wrong_piece(detail: str) -> Invalid:
    return Invalid(
        "sealing-wrong-piece",
        "A piece of a key is not the one that the bidder dealt (%(detail)s).",
        "Ask another officer to release: each piece has more than one holder.",
        params={"detail": detail},
    )


def quorum_missing(present: int, needed: int) -> Conflict:
    return Conflict(
        "sealing-quorum-missing",
        "%(present)s of the %(needed)s releases that are needed are there; nothing is opened.",
        "Wait for another officer, or call the custodian.",
        params={"present": present, "needed": needed},
    )


def uncommitted() -> Invalid:
    return Invalid(
        "sealing-uncommitted",
        "The released keys do not open this bid: it was sealed in a way that nobody can open.",
        "Note it in the minutes and look for a safety copy.",
    )


def unreadable(detail: str) -> Invalid:
    return Invalid(
        "sealing-unreadable",
        "A sealed file is damaged or is not the one of this bid (%(detail)s).",
        "Try the replica; else note it in the minutes and look for a safety copy.",
        params={"detail": detail},
    )


def too_early() -> Conflict:
    return Conflict(
        TOO_EARLY,
        "The deadline has not passed: nothing is released, and this attempt is recorded.",
        "Come back after the deadline.",
    )
