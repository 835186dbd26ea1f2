"""The door of ``registry``."""

from .context import navigation
from .errors import answer, bad_request, csrf_failure, forbidden, page_not_found, sentence, sentences
from .failed_jobs import FailedJob, count_failed_jobs, failed_jobs, keep_reason, replay_job
from .gestures import GestureForm
from .health import UP, alarms, health, keep_beating, parts, raised
from .instants import Day, Instant
from .keeping import keeps_form, kept_fields, never_kept
from .manifest import BodyDoor, Entry, HealthCheck, Lack, Link, Manifest, Publication, Recognition, Tile
from .pages import page
from .rest import etag, if_match, rest_api
from .services import manifest_of, manifests, provider
from .urls import addresses

__all__ = [
    "UP",
    "BodyDoor",
    "Day",
    "Entry",
    "FailedJob",
    "GestureForm",
    "HealthCheck",
    "Instant",
    "Lack",
    "Link",
    "Manifest",
    "Publication",
    "Recognition",
    "Tile",
    "addresses",
    "alarms",
    "answer",
    "bad_request",
    "count_failed_jobs",
    "csrf_failure",
    "etag",
    "failed_jobs",
    "forbidden",
    "health",
    "if_match",
    "keep_beating",
    "keep_reason",
    "keeps_form",
    "kept_fields",
    "manifest_of",
    "manifests",
    "navigation",
    "never_kept",
    "page",
    "page_not_found",
    "parts",
    "provider",
    "raised",
    "replay_job",
    "rest_api",
    "sentence",
    "sentences",
]
