"""Secrets of second factors at rest: sealed by a key outside the database, which can be replaced."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.management import call_command

from territoires.foundations.identity.credentials import seal, unseal
from territoires.kernel.errors import Corrupt

pytestmark = pytest.mark.django_db


def kept(account, kind: str, name: str) -> str:
    return Authenticator.objects.get(user=account, type=kind).data[name]


def test_the_database_holds_no_secret_in_clear(person):
    account, secret = person("Clara").account, generate_totp_secret()
    TOTP.activate(account, secret)
    RecoveryCodes.activate(account)
    sealed = kept(account, "totp", "secret")
    assert secret not in sealed
    assert unseal(sealed) == secret
    assert unseal(kept(account, "recovery_codes", "seed"))


def test_the_same_secret_is_sealed_differently():
    assert seal("a") != seal("a")


def test_keys_are_replaced_and_the_old_one_thrown_away(person, settings):
    account, secret = person("Clara").account, generate_totp_secret()
    TOTP.activate(account, secret)
    codes = RecoveryCodes.activate(account).get_unused_codes()
    old = settings.CREDENTIAL_KEYS
    settings.CREDENTIAL_KEYS = f"another-key\n{old}"
    call_command("reseal_factors", verbosity=0)
    settings.CREDENTIAL_KEYS = "another-key"
    assert unseal(kept(account, "totp", "secret")) == secret
    sheet = Authenticator.objects.get(user=account, type="recovery_codes")
    assert RecoveryCodes(sheet).get_unused_codes() == codes


def test_a_lost_key_is_said_in_words(settings):
    sealed = seal("secret")
    settings.CREDENTIAL_KEYS = "another-key"
    with pytest.raises(Corrupt, match="unreadable-factor"):
        unseal(sealed)


def test_the_key_lives_outside_the_database():
    assert (settings.ENVIRONMENT.keys / "credentials").read_text().strip() == settings.CREDENTIAL_KEYS
