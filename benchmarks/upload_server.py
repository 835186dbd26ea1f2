"""The platform's own server and middleware with addresses of its own: a form and a raw body that keep a file,
and one that gives it back."""

from __future__ import annotations

import os
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")

from django.apps import apps
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from territoires.kernel.actor import Actor
from territoires.kernel.ids import new_id

LIMIT = 5 << 30
CLERK = Actor(person=new_id(), organisation=new_id())

settings.ROOT_URLCONF = __name__
application = get_wsgi_application()

from territoires.foundations.documents import api as documents  # noqa: E402 (needs the applications)


@documents.receives_uploads(LIMIT)
def _received(request: HttpRequest) -> JsonResponse:
    document = documents.receive_upload(request.FILES["file"], organisation=CLERK.organisation, actor=CLERK)
    return JsonResponse({"id": document.pk, "sha256": document.sha256})


@csrf_exempt
def form(request: HttpRequest) -> HttpResponse:
    """What a form of an agent meets, without the session in front of it."""
    request.actor = CLERK  # type: ignore[attr-defined]
    return _received(request)


@csrf_exempt
def body(request: HttpRequest) -> JsonResponse:
    document = documents.receive_body(
        request, name="file", organisation=CLERK.organisation, actor=CLERK, limit=LIMIT
    )
    return JsonResponse({"id": document.pk, "sha256": document.sha256})


def file(request: HttpRequest, key: UUID) -> HttpResponseBase:
    return documents.download_response(apps.get_model("documents.Document").objects.get(pk=key), request)


urlpatterns = [path("api/form", form), path("api/body", body), path("api/file/<uuid:key>", file)]
