"""The door of ``registry``."""

from .context import navigation
from .errors import answer, bad_request, csrf_failure, forbidden, page_not_found
from .manifest import Entry, HealthCheck, Manifest, Tile
from .pages import page
from .rest import Problem, etag, if_match, rest_api
from .services import manifest_of, manifests
from .urls import addresses

__all__ = [
    "Entry",
    "HealthCheck",
    "Manifest",
    "Problem",
    "Tile",
    "addresses",
    "answer",
    "bad_request",
    "csrf_failure",
    "etag",
    "forbidden",
    "if_match",
    "manifest_of",
    "manifests",
    "navigation",
    "page",
    "page_not_found",
    "rest_api",
]
