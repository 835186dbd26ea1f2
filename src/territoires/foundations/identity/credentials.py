"""Secrets of second factors, sealed at rest: a copy of the database alone gives no code.

The keys are the lines of ``keys/credentials``, outside PostgreSQL: the first seals, all of them open.
"""

from __future__ import annotations

import base64
import hashlib

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from territoires.kernel.errors import Corrupt


def seal(text: str) -> str:
    """The text sealed by the present key (AES-128-CBC and HMAC-SHA-256, the Fernet format)."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text that was sealed. Raises Corrupt when no key of the file opens it."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Corrupt(
            "unreadable-factor",
            gettext_noop("The secret of this second factor cannot be read."),
            gettext_noop("Use another factor, and write to the support."),
        ) from None


@transaction.atomic
def reseal() -> int:
    """Seals every kept secret again by the first key, so that the others may be thrown away; returns how many."""
    resealed = 0
    for factor in Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN):
        for name in {"secret", "seed"} & factor.data.keys():
            factor.data[name] = _keys().rotate(factor.data[name].encode()).decode()
            resealed += 1
        factor.save(update_fields=["data"])
    return resealed


def _keys() -> MultiFernet:
    lines = settings.CREDENTIAL_KEYS.split()
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(line.encode()).digest())) for line in lines]
    )
