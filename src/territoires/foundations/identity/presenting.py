"""What the TLS front in front of the platform tells of a connection: the client certificate whose key it proved
(RFC 9440), and from where it comes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from territoires.foundations.trust import api as trust
from territoires.kernel.errors import Invalid

CERTIFICATE_FIELD = "Client-Cert"
SECRET_FIELD = "Front-Secret"  # noqa: S105 - the name of a field
_CERTIFICATE, _SECRET = "HTTP_CLIENT_CERT", "HTTP_FRONT_SECRET"

logger = logging.getLogger(__name__)


class FrontMiddleware:
    """Forgets what only the front may say, unless the request shows the secret that it shares with us.

    Stands first: no other middleware sees the secret, nor believes what a client made up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        shown = str(request.META.pop(_SECRET, ""))
        if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), settings.FRONT_SECRET.encode()):
            for name in (_CERTIFICATE, *settings.ONLY_FROM_THE_FRONT):
                request.META.pop(name, None)
        return self.get_response(request)


def presented_certificate(request: HttpRequest) -> trust.CertificateCard | None:
    """The certificate of this very connection, not yet judged; None without one."""
    told = request.META.get(_CERTIFICATE, "")
    if not told:
        return None
    try:
        if len(told) < 2 or not (told[0] == told[-1] == ":"):
            raise ValueError("not a byte sequence (RFC 8941, 3.3.5)")
        return trust.read_certificate(base64.b64decode(told[1:-1], validate=True))
    except (ValueError, binascii.Error, Invalid):
        logger.warning("The front tells a %s that cannot be read", CERTIFICATE_FIELD)
        return None


def address_with_certificate(path: str) -> str:
    """Where ``path`` of ours is opened with a client certificate; empty when this platform takes none."""
    return settings.CERTIFICATE_URL + path if settings.CERTIFICATE_URL else ""


def takes_certificates(request: HttpRequest) -> bool:
    """Whether this request came where certificates are asked for."""
    return (
        bool(settings.CERTIFICATE_URL)
        and f"{request.scheme}://{request.get_host()}" == settings.CERTIFICATE_URL
    )


def network_address(request: HttpRequest) -> str:
    """From where a request comes, behind the proxies that we trust."""
    found: str = get_adapter(request).get_client_ip(request)
    return found
