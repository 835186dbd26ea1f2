"""The door of ``journal``."""

from .copies import rebuild_copies
from .entries import Recorded, append, append_all
from .erasure import PersonalValueErased, erase_personal
from .evidence import build_bundle, verifier_path
from .failures import Failure
from .heads import Head, Included, head, included
from .health import Follower, Health, followers, health
from .keys import KeySpan, key_spans, log_origin, published_log_keys
from .lines import Group, GroupProof, group_path, grouped, groups_root
from .loops import run_followers, run_sequencer, sequence_once
from .proofs import STATES, TimelineEntry, latest, personal_values, proof_state, timeline
from .roles import grants_sql
from .subscriptions import (
    DeadLetter,
    Subscription,
    dead_letters,
    follow_once,
    rebuild,
    replay,
    subscribe,
    subscribers,
)
from .verification import Finding, VerificationReport, verify
from .witnesses import WitnessState, witness_states

__all__ = [
    "STATES",
    "DeadLetter",
    "Failure",
    "Finding",
    "Follower",
    "Group",
    "GroupProof",
    "Head",
    "Health",
    "Included",
    "KeySpan",
    "PersonalValueErased",
    "Recorded",
    "Subscription",
    "TimelineEntry",
    "VerificationReport",
    "WitnessState",
    "append",
    "append_all",
    "build_bundle",
    "dead_letters",
    "erase_personal",
    "follow_once",
    "followers",
    "grants_sql",
    "group_path",
    "grouped",
    "groups_root",
    "head",
    "health",
    "included",
    "key_spans",
    "latest",
    "log_origin",
    "personal_values",
    "proof_state",
    "published_log_keys",
    "rebuild",
    "rebuild_copies",
    "replay",
    "run_followers",
    "run_sequencer",
    "sequence_once",
    "subscribe",
    "subscribers",
    "timeline",
    "verifier_path",
    "verify",
    "witness_states",
]
